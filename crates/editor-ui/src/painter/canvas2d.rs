//! The painter on a `<canvas>`: Canvas 2D, sharp on any device pixel ratio, outlines kept as `Path2D` in image space.

use super::{Painter, ShapeKey, Style};
use crate::canvas::mask::Mask;
use kurbo::{BezPath, PathEl};
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use tagloom_region_geometry::{PixelPoint, Point, RectanglePx, ScreenPoint, Viewport};
use wasm_bindgen::{Clamped, JsCast, JsValue};
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement, ImageData, Path2d};

/// Outlines and masks kept before the unused ones are thrown out.
const KEPT: usize = 4096;
const TAG_FONT: &str = "500 12px system-ui, sans-serif";
const TAG_HEIGHT: f64 = 18.0;
const TAG_PAD: f64 = 5.0;

/// One layer. Calls that the browser refuses (a canvas that is too large, no memory) draw nothing.
#[derive(Debug)]
pub struct Canvas2d {
    canvas: HtmlCanvasElement,
    context: CanvasRenderingContext2d,
    ratio: f64,
    matrix: [f64; 6],
    scale: f64,
    size: (f64, f64),
    fills: bool,
    fill_alpha: f64,
    strokes: bool,
    width: f64,
    dash: Option<[f64; 2]>,
    paths: HashMap<ShapeKey, Path2d>,
    masks: HashMap<(ShapeKey, String), HtmlCanvasElement>,
    inks: HashMap<String, &'static str>,
    widths: HashMap<String, f64>,
}

impl Canvas2d {
    /// `None` where the browser gives no 2D context.
    pub fn new(canvas: HtmlCanvasElement) -> Option<Self> {
        let context = context_of(&canvas)?;
        Some(Self {
            canvas,
            context,
            ratio: 1.0,
            matrix: [1.0, 0.0, 0.0, 1.0, 0.0, 0.0],
            scale: 1.0,
            size: (1.0, 1.0),
            fills: false,
            fill_alpha: 1.0,
            strokes: false,
            width: 1.0,
            dash: None,
            paths: HashMap::new(),
            masks: HashMap::new(),
            inks: HashMap::new(),
            widths: HashMap::new(),
        })
    }

    /// Size of the backing store for a size in CSS pixels. Setting it empties the canvas, so only where it differs.
    fn fit(&mut self, width: f64, height: f64) {
        self.ratio = web_sys::window().map_or(1.0, |w| w.device_pixel_ratio()).clamp(0.5, 4.0);
        let (w, h) = ((width * self.ratio).round() as u32, (height * self.ratio).round() as u32);
        if self.canvas.width() != w {
            self.canvas.set_width(w);
        }
        if self.canvas.height() != h {
            self.canvas.set_height(h);
        }
        self.size = (width, height);
    }

    fn to_screen(&self, p: PixelPoint) -> (f64, f64) {
        let [a, b, c, d, e, f] = self.matrix;
        (a * p.x + c * p.y + e, b * p.x + d * p.y + f)
    }

    fn screen_space(&self) {
        let r = self.ratio;
        let _ = self.context.set_transform(r, 0.0, 0.0, r, 0.0, 0.0);
    }

    fn set_dash(&self, dash: Option<[f64; 2]>) {
        let list: js_sys::Array = dash.into_iter().flatten().map(JsValue::from_f64).collect();
        let _ = self.context.set_line_dash(&list);
    }

    /// Fills and strokes what was traced as the current path.
    fn finish(&self, closed: bool) {
        if self.fills && closed {
            self.context.set_global_alpha(self.fill_alpha);
            self.context.fill();
            self.context.set_global_alpha(1.0);
        }
        if self.strokes {
            self.context.stroke();
        }
    }

    /// Black or white, whichever reads better on the colour.
    fn ink(&mut self, color: &str) -> &'static str {
        if let Some(ink) = self.inks.get(color) {
            return ink;
        }
        // The context turns any CSS colour into `#rrggbb` (or `rgba(…)` where it is translucent).
        self.context.set_fill_style_str("#000000");
        self.context.set_fill_style_str(color);
        let plain = self.context.fill_style().as_string().unwrap_or_default();
        let part = |range| plain.get(range).and_then(|h| u8::from_str_radix(h, 16).ok());
        let ink = match (part(1..3), part(3..5), part(5..7)) {
            (Some(r), Some(g), Some(b)) => {
                let linear = |v: u8| (f64::from(v) / 255.0).powf(2.2);
                let light = 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
                if light > 0.36 { "#000000" } else { "#ffffff" }
            }
            _ => "#ffffff",
        };
        self.inks.insert(color.to_owned(), ink);
        ink
    }

    fn text_width(&mut self, text: &str) -> f64 {
        if let Some(width) = self.widths.get(text) {
            return *width;
        }
        if self.widths.len() > KEPT {
            self.widths.clear();
        }
        let width = self.context.measure_text(text).map_or(0.0, |m| m.width());
        self.widths.insert(text.to_owned(), width);
        width
    }
}

fn context_of(canvas: &HtmlCanvasElement) -> Option<CanvasRenderingContext2d> {
    canvas.get_context("2d").ok()??.dyn_into().ok()
}

/// The mask's pixels in one colour, on a canvas of their own.
fn tinted(mask: &Mask, color: &str) -> Option<HtmlCanvasElement> {
    let [_, _, width, height] = mask.place();
    if width == 0 || height == 0 {
        return None;
    }
    let canvas: HtmlCanvasElement =
        web_sys::window()?.document()?.create_element("canvas").ok()?.dyn_into().ok()?;
    canvas.set_width(width);
    canvas.set_height(height);
    let context = context_of(&canvas)?;
    let mut rgba = vec![0u8; mask.alpha().len() * 4];
    for (pixel, alpha) in rgba.chunks_exact_mut(4).zip(mask.alpha()) {
        pixel[3] = *alpha;
    }
    let data = ImageData::new_with_u8_clamped_array_and_sh(Clamped(&rgba), width, height).ok()?;
    context.put_image_data(&data, 0.0, 0.0).ok()?;
    context.set_global_composite_operation("source-in").ok()?;
    context.set_fill_style_str(color);
    context.fill_rect(0.0, 0.0, f64::from(width), f64::from(height));
    Some(canvas)
}

/// The path as the browser keeps it, in image pixels.
fn traced(path: &BezPath) -> Option<Path2d> {
    let out = Path2d::new().ok()?;
    for element in path.elements() {
        match *element {
            PathEl::MoveTo(p) => out.move_to(p.x, p.y),
            PathEl::LineTo(p) => out.line_to(p.x, p.y),
            PathEl::QuadTo(a, p) => out.quadratic_curve_to(a.x, a.y, p.x, p.y),
            PathEl::CurveTo(a, b, p) => out.bezier_curve_to(a.x, a.y, b.x, b.y, p.x, p.y),
            PathEl::ClosePath => out.close_path(),
        }
    }
    Some(out)
}

impl Painter for Canvas2d {
    fn begin(&mut self, view: &Viewport) {
        self.fit(view.canvas_width, view.canvas_height);
        self.matrix = view.matrix();
        self.scale = view.scale();
        self.screen_space();
        self.context.clear_rect(0.0, 0.0, self.size.0, self.size.1);
        self.context.set_line_join("round");
        self.context.set_font(TAG_FONT);
        self.context.set_text_baseline("middle");
        if self.paths.len() > KEPT {
            self.paths.clear();
        }
        if self.masks.len() > KEPT / 16 {
            self.masks.clear();
        }
    }

    fn style(&mut self, style: Style<'_>) {
        self.fills = style.fill.is_some();
        if let Some((color, alpha)) = style.fill {
            self.context.set_fill_style_str(color);
            self.fill_alpha = alpha.clamp(0.0, 1.0);
        }
        self.strokes = style.stroke.is_some();
        if let Some(stroke) = style.stroke {
            self.context.set_stroke_style_str(stroke.color);
            self.width = stroke.width;
            self.context.set_line_width(stroke.width);
            if stroke.dash != self.dash {
                self.dash = stroke.dash;
                self.set_dash(stroke.dash);
            }
        }
    }

    fn boxed(&mut self, rect: RectanglePx) {
        if rect.rotation == 0.0 {
            // Upright boxes need no path: by far the most, and by far the fastest.
            let far = Point::new(rect.corner.x + rect.width, rect.corner.y + rect.height);
            let ((x0, y0), (x1, y1)) = (self.to_screen(rect.corner), self.to_screen(far));
            let (x, y, w, h) = (x0.min(x1), y0.min(y1), (x1 - x0).abs(), (y1 - y0).abs());
            if self.fills {
                self.context.set_global_alpha(self.fill_alpha);
                self.context.fill_rect(x, y, w, h);
                self.context.set_global_alpha(1.0);
            }
            if self.strokes {
                self.context.stroke_rect(x, y, w, h);
            }
            return;
        }
        self.context.begin_path();
        for (i, corner) in rect.corners().into_iter().enumerate() {
            let (x, y) = self.to_screen(corner);
            if i == 0 { self.context.move_to(x, y) } else { self.context.line_to(x, y) }
        }
        self.context.close_path();
        self.finish(true);
    }

    fn ellipse(&mut self, center: PixelPoint, radius_x: f64, radius_y: f64, rotation: f64) {
        let (x, y) = self.to_screen(center);
        let turn = self.matrix[1].atan2(self.matrix[0]) + rotation.to_radians();
        let (rx, ry) = (radius_x.abs() * self.scale, radius_y.abs() * self.scale);
        self.context.begin_path();
        let _ = self.context.ellipse(x, y, rx, ry, turn, 0.0, std::f64::consts::TAU);
        self.finish(true);
    }

    fn path(&mut self, key: ShapeKey, path: &BezPath, closed: bool) {
        let kept = match self.paths.entry(key) {
            Entry::Occupied(kept) => kept.into_mut(),
            Entry::Vacant(free) => match traced(path) {
                Some(made) => free.insert(made),
                None => return,
            },
        };
        let kept = kept.clone();
        let [a, b, c, d, e, f] = self.matrix.map(|v| v * self.ratio);
        let _ = self.context.set_transform(a, b, c, d, e, f);
        if self.fills && closed {
            self.context.set_global_alpha(self.fill_alpha);
            self.context.fill_with_path_2d(&kept);
            self.context.set_global_alpha(1.0);
        }
        if self.strokes {
            // The transform scales the pen as well, so it is made thinner by as much.
            self.context.set_line_width(self.width / self.scale);
            let scaled = self.dash.map(|dash| dash.map(|part| part / self.scale));
            if scaled.is_some() {
                self.set_dash(scaled);
            }
            self.context.stroke_with_path(&kept);
            self.context.set_line_width(self.width);
            if scaled.is_some() {
                self.set_dash(self.dash);
            }
        }
        self.screen_space();
    }

    fn mask(&mut self, key: ShapeKey, mask: &Mask, color: &str, alpha: f64) {
        let name = (key, color.to_owned());
        let kept = match self.masks.entry(name) {
            Entry::Occupied(kept) => kept.into_mut(),
            Entry::Vacant(free) => match tinted(mask, color) {
                Some(made) => free.insert(made),
                None => return,
            },
        };
        let kept = kept.clone();
        let [x, y, ..] = mask.place();
        let [a, b, c, d, e, f] = self.matrix.map(|v| v * self.ratio);
        let (sx, sy) = mask.stretch();
        let _ = self.context.set_transform(a, b, c, d, e, f);
        let _ = self.context.scale(sx, sy);
        self.context.set_image_smoothing_enabled(self.scale < 1.0);
        self.context.set_global_alpha(alpha.clamp(0.0, 1.0));
        let _ = self.context.draw_image_with_html_canvas_element(&kept, f64::from(x), f64::from(y));
        self.context.set_global_alpha(1.0);
        self.screen_space();
    }

    fn dot(&mut self, center: ScreenPoint, radius: f64) {
        self.context.begin_path();
        let _ = self.context.arc(center.x, center.y, radius.max(0.0), 0.0, std::f64::consts::TAU);
        self.finish(true);
    }

    fn square(&mut self, center: ScreenPoint, side: f64) {
        let (x, y) = (center.x - side / 2.0, center.y - side / 2.0);
        if self.fills {
            self.context.fill_rect(x, y, side, side);
        }
        if self.strokes {
            self.context.stroke_rect(x, y, side, side);
        }
    }

    fn lines(&mut self, lines: &[(ScreenPoint, ScreenPoint)]) {
        self.context.begin_path();
        for (a, b) in lines {
            self.context.move_to(a.x, a.y);
            self.context.line_to(b.x, b.y);
        }
        self.context.stroke();
    }

    fn frame(&mut self, a: ScreenPoint, b: ScreenPoint) {
        let (x, y, w, h) = (a.x.min(b.x), a.y.min(b.y), (a.x - b.x).abs(), (a.y - b.y).abs());
        if self.fills {
            self.context.set_global_alpha(self.fill_alpha);
            self.context.fill_rect(x, y, w, h);
            self.context.set_global_alpha(1.0);
        }
        if self.strokes {
            self.context.stroke_rect(x, y, w, h);
        }
    }

    fn tag(&mut self, at: ScreenPoint, text: &str, color: &str) {
        let ink = self.ink(color);
        let width = self.text_width(text) + 2.0 * TAG_PAD;
        let x = at.x.min(self.size.0 - width).max(0.0);
        let y = if at.y - TAG_HEIGHT < 0.0 { at.y.max(0.0) } else { at.y - TAG_HEIGHT };
        self.context.set_fill_style_str(color);
        self.context.fill_rect(x, y, width, TAG_HEIGHT);
        self.context.set_fill_style_str(ink);
        let _ = self.context.fill_text(text, x + TAG_PAD, y + TAG_HEIGHT / 2.0 + 0.5);
    }
}
