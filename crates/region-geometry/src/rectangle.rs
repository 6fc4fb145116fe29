//! A rotated box in image pixels: corners, hits, handles, moving, resizing, turning.

use crate::shape::Rectangle;
use crate::space::{ImageSize, PixelPoint, Point};

/// What of a box is being dragged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Handle {
    TopLeft,
    Top,
    TopRight,
    Right,
    BottomRight,
    Bottom,
    BottomLeft,
    Left,
    Rotate,
}

impl Handle {
    /// In drawing order: the later ones lie on top, so hit tests go backwards.
    pub const ALL: [Self; 9] = [
        Self::Top,
        Self::Right,
        Self::Bottom,
        Self::Left,
        Self::TopLeft,
        Self::TopRight,
        Self::BottomRight,
        Self::BottomLeft,
        Self::Rotate,
    ];

    /// Which side of the box it holds: -1 near, 0 middle, 1 far, on each axis.
    fn sides(self) -> (i8, i8) {
        match self {
            Self::TopLeft => (-1, -1),
            Self::Top | Self::Rotate => (0, -1),
            Self::TopRight => (1, -1),
            Self::Right => (1, 0),
            Self::BottomRight => (1, 1),
            Self::Bottom => (0, 1),
            Self::BottomLeft => (-1, 1),
            Self::Left => (-1, 0),
        }
    }
}

/// A [`Rectangle`] in image pixels, where angles mean what they say.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RectanglePx {
    /// The corner that the box turns about.
    pub corner: PixelPoint,
    pub width: f64,
    pub height: f64,
    pub rotation: f64,
}

/// `degrees` brought into 0..360.
pub fn rotation_degrees(degrees: f64) -> f64 {
    let turned = degrees.rem_euclid(360.0);
    // rem_euclid of a tiny negative number rounds up to 360 itself.
    if turned >= 360.0 { 0.0 } else { turned }
}

impl RectanglePx {
    pub fn from_percent(r: Rectangle, image: ImageSize) -> Self {
        Self {
            corner: image.pixels_from_percent(Point::new(r.x, r.y)),
            width: r.width * image.width / 100.0,
            height: r.height * image.height / 100.0,
            rotation: r.rotation,
        }
    }

    pub fn to_percent(self, image: ImageSize) -> Rectangle {
        let corner = image.percent_from_pixels(self.corner);
        Rectangle {
            x: corner.x,
            y: corner.y,
            width: self.width * 100.0 / image.width,
            height: self.height * 100.0 / image.height,
            rotation: self.rotation,
        }
    }

    /// The unturned box spanned by two opposite corners, in any order.
    pub fn spanned(a: PixelPoint, b: PixelPoint) -> Self {
        Self {
            corner: Point::new(a.x.min(b.x), a.y.min(b.y)),
            width: (a.x - b.x).abs(),
            height: (a.y - b.y).abs(),
            rotation: 0.0,
        }
    }

    /// A box with the side `a`..`b` and its far side through `c` (the 3-point tool of spec/tags.md 5.4).
    pub fn from_three_points(a: PixelPoint, b: PixelPoint, c: PixelPoint) -> Self {
        let side = b - a;
        let width = side.x.hypot(side.y);
        if width == 0.0 {
            return Self { corner: a, width: 0.0, height: 0.0, rotation: 0.0 };
        }
        // Signed distance of c from the line a..b; negative means it lies on the other side, so the side is reversed.
        let height = (side.x * (c.y - a.y) - side.y * (c.x - a.x)) / width;
        let angle = side.y.atan2(side.x).to_degrees();
        if height >= 0.0 {
            Self { corner: a, width, height, rotation: rotation_degrees(angle) }
        } else {
            Self { corner: b, width, height: -height, rotation: rotation_degrees(angle + 180.0) }
        }
    }

    fn to_world(self, local: PixelPoint) -> PixelPoint {
        (self.corner + local).rotated_about(self.corner, self.rotation)
    }

    /// `p` in the box's own axes, the corner being the origin.
    fn to_local(self, p: PixelPoint) -> PixelPoint {
        p.rotated_about(self.corner, -self.rotation) - self.corner
    }

    /// Top left, top right, bottom right, bottom left, as turned.
    pub fn corners(self) -> [PixelPoint; 4] {
        [
            self.corner,
            self.to_world(Point::new(self.width, 0.0)),
            self.to_world(Point::new(self.width, self.height)),
            self.to_world(Point::new(0.0, self.height)),
        ]
    }

    pub fn center(self) -> PixelPoint {
        self.to_world(Point::new(self.width / 2.0, self.height / 2.0))
    }

    /// Axis-parallel bounds as `[min_x, min_y, max_x, max_y]`.
    pub fn bounds(self) -> [f64; 4] {
        self.corners().iter().fold(
            [f64::INFINITY, f64::INFINITY, f64::NEG_INFINITY, f64::NEG_INFINITY],
            |[x0, y0, x1, y1], p| [x0.min(p.x), y0.min(p.y), x1.max(p.x), y1.max(p.y)],
        )
    }

    /// Whether `p` lies in the box grown by `slack` pixels on every side.
    pub fn contains(self, p: PixelPoint, slack: f64) -> bool {
        let p = self.to_local(p);
        p.x >= -slack && p.y >= -slack && p.x <= self.width + slack && p.y <= self.height + slack
    }

    /// Where a handle sits; the one for turning stands `rotate_gap` pixels off the top edge.
    pub fn handle_at(self, handle: Handle, rotate_gap: f64) -> PixelPoint {
        let (sx, sy) = handle.sides();
        let lift = if handle == Handle::Rotate { rotate_gap } else { 0.0 };
        self.to_world(Point::new(
            self.width * f64::from(sx + 1) / 2.0,
            self.height * f64::from(sy + 1) / 2.0 - lift,
        ))
    }

    /// The handle within `reach` pixels of `p`, the topmost first.
    pub fn handle_under(
        self,
        p: PixelPoint,
        reach: f64,
        rotate_gap: f64,
        can_rotate: bool,
    ) -> Option<Handle> {
        Handle::ALL
            .into_iter()
            .rev()
            .filter(|h| can_rotate || *h != Handle::Rotate)
            .map(|h| (h, self.handle_at(h, rotate_gap).distance(p)))
            .filter(|(_, distance)| *distance <= reach)
            .min_by(|a, b| a.1.total_cmp(&b.1))
            .map(|(h, _)| h)
    }

    pub fn moved(self, by: PixelPoint) -> Self {
        Self { corner: self.corner + by, ..self }
    }

    /// Drags `handle` to `p`; the opposite side or corner stays where it is on screen, and a box dragged through
    /// itself is turned inside out rather than given a negative size. `keep_ratio` holds width : height.
    pub fn resized(self, handle: Handle, p: PixelPoint, keep_ratio: bool) -> Self {
        if handle == Handle::Rotate {
            return self.turned_towards(p, None);
        }
        let (sx, sy) = handle.sides();
        let p = self.to_local(p);
        let (mut x0, mut x1, mut y0, mut y1) = (0.0, self.width, 0.0, self.height);
        match sx {
            -1 => x0 = p.x,
            1 => x1 = p.x,
            _ => {}
        }
        match sy {
            -1 => y0 = p.y,
            1 => y1 = p.y,
            _ => {}
        }
        if keep_ratio && sx != 0 && sy != 0 && self.width > 0.0 && self.height > 0.0 {
            let scale = ((x1 - x0).abs() / self.width).max((y1 - y0).abs() / self.height);
            let (w, h) = (self.width * scale, self.height * scale);
            if sx < 0 {
                x0 = x1 - w * (x1 - x0).signum()
            } else {
                x1 = x0 + w * (x1 - x0).signum()
            }
            if sy < 0 { y0 = y1 - h * (y1 - y0).signum() } else { y1 = y0 + h * (y1 - y0).signum() }
        }
        let near = Point::new(f64::min(x0, x1), f64::min(y0, y1));
        Self {
            corner: self.to_world(near),
            width: (x1 - x0).abs(),
            height: (y1 - y0).abs(),
            rotation: self.rotation,
        }
    }

    /// Turns the box about its centre so that its top points at `p`; `step` degrees to snap to.
    pub fn turned_towards(self, p: PixelPoint, step: Option<f64>) -> Self {
        let center = self.center();
        let d = p - center;
        if d.x == 0.0 && d.y == 0.0 {
            return self;
        }
        let mut angle = d.y.atan2(d.x).to_degrees() + 90.0;
        if let Some(step) = step.filter(|s| *s > 0.0) {
            angle = (angle / step).round() * step;
        }
        self.turned_to(angle)
    }

    /// The same box with another angle, its centre unmoved.
    pub fn turned_to(self, degrees: f64) -> Self {
        let center = self.center();
        let unturned = center - Point::new(self.width / 2.0, self.height / 2.0);
        Self { corner: unturned.rotated_about(center, degrees), rotation: rotation_degrees(degrees), ..self }
    }

    /// An unturned box is cut at the image's borders; a turned one is moved inside as far as it fits.
    pub fn clamped(self, image: ImageSize) -> Self {
        if self.rotation == 0.0 {
            let x0 = self.corner.x.clamp(0.0, image.width);
            let y0 = self.corner.y.clamp(0.0, image.height);
            let x1 = (self.corner.x + self.width).clamp(0.0, image.width);
            let y1 = (self.corner.y + self.height).clamp(0.0, image.height);
            return Self { corner: Point::new(x0, y0), width: x1 - x0, height: y1 - y0, rotation: 0.0 };
        }
        self.moved_inside(image)
    }

    /// Moved, not cut, so that its bounds lie inside the image where they fit.
    pub fn moved_inside(self, image: ImageSize) -> Self {
        let [x0, y0, x1, y1] = self.bounds();
        let shift = |lo: f64, hi: f64, size: f64| {
            if hi - lo > size || lo < 0.0 {
                -lo
            } else if hi > size {
                size - hi
            } else {
                0.0
            }
        };
        self.moved(Point::new(shift(x0, x1, image.width), shift(y0, y1, image.height)))
    }

    /// Corner and size rounded to whole pixels (`snap="pixel"`).
    pub fn snapped_to_pixels(self) -> Self {
        let far = Point::<crate::ImagePixels>::new(
            (self.corner.x + self.width).round(),
            (self.corner.y + self.height).round(),
        );
        let corner = Point::new(self.corner.x.round(), self.corner.y.round());
        Self { corner, width: far.x - corner.x, height: far.y - corner.y, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn near(a: PixelPoint, b: PixelPoint) -> bool {
        a.distance(b) < 1e-6
    }

    #[test]
    fn a_quarter_turn_swings_the_box_to_the_left_of_its_corner() {
        let r = RectanglePx { corner: Point::new(50.0, 50.0), width: 20.0, height: 10.0, rotation: 90.0 };
        assert!(near(r.corners()[1], Point::new(50.0, 70.0)));
        assert!(near(r.corners()[3], Point::new(40.0, 50.0)));
        assert!(r.contains(Point::new(45.0, 60.0), 0.0));
        assert!(!r.contains(Point::new(55.0, 60.0), 0.0));
    }

    #[test]
    fn dragging_a_corner_through_the_opposite_one_turns_the_box_inside_out() {
        let r = RectanglePx { corner: Point::new(10.0, 10.0), width: 10.0, height: 10.0, rotation: 0.0 };
        let turned = r.resized(Handle::BottomRight, Point::new(4.0, 6.0), false);
        assert_eq!(
            turned,
            RectanglePx { corner: Point::new(4.0, 6.0), width: 6.0, height: 4.0, rotation: 0.0 }
        );
    }

    #[test]
    fn three_points_span_the_same_box_on_either_side() {
        let (a, b) = (Point::new(0.0, 0.0), Point::new(10.0, 10.0));
        for c in [Point::new(-5.0, 5.0), Point::new(5.0, -5.0)] {
            let r = RectanglePx::from_three_points(a, b, c);
            assert!((r.height - 50f64.sqrt()).abs() < 1e-9, "{r:?}");
            assert!(r.corners().iter().any(|p| near(*p, a)) && r.corners().iter().any(|p| near(*p, b)));
            assert!(r.contains(c, 1e-6));
        }
    }

    proptest! {
        #[test]
        fn resizing_leaves_the_opposite_corner_alone(
            x in -50f64..150.0, y in -50f64..150.0, w in 1f64..100.0, h in 1f64..100.0, turn in 0f64..360.0,
            px in -100f64..200.0, py in -100f64..200.0,
        ) {
            let r = RectanglePx { corner: Point::new(x, y), width: w, height: h, rotation: turn };
            let fixed = r.corners()[0];
            let s = r.resized(Handle::BottomRight, Point::new(px, py), false);
            prop_assert!(s.width >= 0.0 && s.height >= 0.0);
            prop_assert!(s.corners().iter().any(|p| near(*p, fixed)));
        }

        #[test]
        fn turning_keeps_centre_and_size(
            w in 1f64..100.0, h in 1f64..100.0, from in 0f64..360.0, to in -720f64..720.0,
        ) {
            let r = RectanglePx { corner: Point::new(7.0, 9.0), width: w, height: h, rotation: from };
            let s = r.turned_to(to);
            prop_assert!(near(r.center(), s.center()));
            prop_assert!((0.0..360.0).contains(&s.rotation));
        }

        #[test]
        fn percent_round_trip(x in 0f64..100.0, y in 0f64..100.0, w in 0f64..100.0, h in 0f64..100.0) {
            let image = ImageSize::new(801.0, 333.0);
            let r = Rectangle { x, y, width: w, height: h, rotation: 30.0 };
            let back = RectanglePx::from_percent(r, image).to_percent(image);
            for (a, b) in [(r.x, back.x), (r.y, back.y), (r.width, back.width), (r.height, back.height)] {
                prop_assert!((a - b).abs() < 1e-9);
            }
        }
    }
}
