//! The painter's twin for tests: writes down what it was asked to draw.

use super::{Painter, ShapeKey, Style};
use crate::canvas::mask::Mask;
use kurbo::BezPath;
use std::fmt::Write;
use tagloom_region_geometry::{PixelPoint, Point, RectanglePx, ScreenPoint, Viewport};

/// One line per call, numbers rounded to two digits.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recording {
    pub lines: Vec<String>,
}

impl Recording {
    pub fn new() -> Self {
        Self::default()
    }
    /// All lines as one text.
    pub fn text(&self) -> String {
        self.lines.join("\n")
    }
    /// How many calls of this kind there were.
    pub fn count(&self, call: &str) -> usize {
        self.lines.iter().filter(|l| l.split(' ').next() == Some(call)).count()
    }
}

fn short(v: f64) -> f64 {
    // Adding zero turns -0 into 0.
    (v * 100.0).round() / 100.0 + 0.0
}

fn at<S>(p: Point<S>) -> String {
    format!("{},{}", short(p.x), short(p.y))
}

impl Painter for Recording {
    fn begin(&mut self, view: &Viewport) {
        let m = view.matrix().map(short);
        self.lines.push(format!("begin {m:?}"));
    }
    fn style(&mut self, style: Style<'_>) {
        let mut line = String::from("style");
        if let Some((color, alpha)) = style.fill {
            let _ = write!(line, " fill {color} {}", short(alpha));
        }
        if let Some(stroke) = style.stroke {
            let _ = write!(line, " stroke {} {}", stroke.color, short(stroke.width));
            if let Some(dash) = stroke.dash {
                let _ = write!(line, " dash {dash:?}");
            }
        }
        self.lines.push(line);
    }
    fn boxed(&mut self, r: RectanglePx) {
        let turned = if r.rotation == 0.0 { String::new() } else { format!(" turned {}", short(r.rotation)) };
        self.lines.push(format!("box {} {}x{}{turned}", at(r.corner), short(r.width), short(r.height)));
    }
    fn ellipse(&mut self, center: PixelPoint, radius_x: f64, radius_y: f64, rotation: f64) {
        let (rx, ry, turn) = (short(radius_x), short(radius_y), short(rotation));
        self.lines.push(format!("ellipse {} {rx}x{ry} turned {turn}", at(center)));
    }
    fn path(&mut self, _: ShapeKey, path: &BezPath, closed: bool) {
        let open = if closed { "" } else { " open" };
        let rounded: BezPath =
            path.elements().iter().map(|el| kurbo::Affine::IDENTITY * *el).collect::<BezPath>();
        self.lines.push(format!("path{open} {}", rounded.to_svg()));
    }
    fn mask(&mut self, _: ShapeKey, mask: &Mask, color: &str, alpha: f64) {
        let [x, y, w, h] = mask.place();
        self.lines.push(format!("mask {x},{y} {w}x{h} {color} {}", short(alpha)));
    }
    fn dot(&mut self, center: ScreenPoint, radius: f64) {
        self.lines.push(format!("dot {} {}", at(center), short(radius)));
    }
    fn square(&mut self, center: ScreenPoint, side: f64) {
        self.lines.push(format!("square {} {}", at(center), short(side)));
    }
    fn lines(&mut self, lines: &[(ScreenPoint, ScreenPoint)]) {
        let all: Vec<_> = lines.iter().map(|(a, b)| format!("{}..{}", at(*a), at(*b))).collect();
        self.lines.push(format!("lines {}", all.join(" ")));
    }
    fn frame(&mut self, a: ScreenPoint, b: ScreenPoint) {
        self.lines.push(format!("frame {}..{}", at(a), at(b)));
    }
    fn tag(&mut self, p: ScreenPoint, text: &str, color: &str) {
        self.lines.push(format!("tag {} {text:?} {color}", at(p)));
    }
}
