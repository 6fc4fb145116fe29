//! How an image lies on the canvas: fit, zoom, pan, quarter turns.

use crate::space::{ImageSize, PixelPoint, Point, ScreenPoint};

/// Zoom limits of spec/tags.md 4.3, relative to the fitted size.
pub const ZOOM_MIN: f64 = 0.1;
pub const ZOOM_MAX: f64 = 100.0;

/// `defaultZoom` of `Image`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum DefaultZoom {
    /// The smaller of fit and original.
    Auto,
    Original,
    #[default]
    Fit,
}

/// View rotation in quarter turns clockwise; coordinates always stay those of the unrotated image.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct QuarterTurn(u8);

impl QuarterTurn {
    pub fn from_degrees(degrees: i64) -> Self {
        Self((degrees.div_euclid(90).rem_euclid(4)) as u8)
    }
    pub fn degrees(self) -> i64 {
        i64::from(self.0) * 90
    }
    #[must_use]
    pub fn turned(self, quarters: i8) -> Self {
        Self((i16::from(self.0) + i16::from(quarters)).rem_euclid(4) as u8)
    }
}

/// Maps image pixels to screen pixels. `screen = offset + scale * turned(pixel)`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Viewport {
    pub image: ImageSize,
    /// Canvas size in CSS pixels.
    pub canvas_width: f64,
    pub canvas_height: f64,
    /// 1 means fitted.
    pub zoom: f64,
    /// Where the turned image's top left lies on the canvas.
    pub offset: ScreenPoint,
    pub turn: QuarterTurn,
    /// Where the image sits while it is smaller than the canvas: 0 left or top, 0.5 middle, 1 right or bottom.
    pub align: [f64; 2],
}

impl Viewport {
    /// The whole image, centred, as large as fits.
    pub fn fitted(image: ImageSize, canvas_width: f64, canvas_height: f64) -> Self {
        let mut v = Self {
            image,
            canvas_width: canvas_width.max(1.0),
            canvas_height: canvas_height.max(1.0),
            zoom: 1.0,
            offset: Point::new(0.0, 0.0),
            turn: QuarterTurn::default(),
            align: [0.5, 0.5],
        };
        v.center();
        v
    }

    fn turned_size(&self) -> (f64, f64) {
        if self.turn.0.is_multiple_of(2) {
            (self.image.width, self.image.height)
        } else {
            (self.image.height, self.image.width)
        }
    }

    fn fit_scale(&self) -> f64 {
        let (w, h) = self.turned_size();
        (self.canvas_width / w).min(self.canvas_height / h)
    }

    /// Screen pixels per image pixel.
    pub fn scale(&self) -> f64 {
        self.fit_scale() * self.zoom
    }

    fn center(&mut self) {
        let (w, h) = self.turned_size();
        let s = self.scale();
        // What does not fit is shown around its middle, whatever the alignment.
        let place = |free: f64, align: f64| free * if free > 0.0 { align } else { 0.5 };
        self.offset = Point::new(
            place(self.canvas_width - w * s, self.align[0]),
            place(self.canvas_height - h * s, self.align[1]),
        );
    }

    /// The same view with another alignment (`horizontalAlignment`, `verticalAlignment`).
    #[must_use]
    pub fn aligned(mut self, horizontal: f64, vertical: f64) -> Self {
        self.align = [horizontal.clamp(0.0, 1.0), vertical.clamp(0.0, 1.0)];
        self.center();
        self
    }

    pub fn fit(&mut self) {
        self.zoom = 1.0;
        self.center();
    }

    /// One image pixel on one CSS pixel.
    pub fn original(&mut self) {
        self.zoom = (1.0 / self.fit_scale()).clamp(ZOOM_MIN, ZOOM_MAX);
        self.center();
    }

    pub fn apply_default(&mut self, zoom: DefaultZoom) {
        match zoom {
            DefaultZoom::Fit => self.fit(),
            DefaultZoom::Original => self.original(),
            DefaultZoom::Auto => {
                self.original();
                if self.zoom > 1.0 {
                    return;
                }
                self.zoom = self.zoom.min(1.0);
                self.center();
            }
        }
    }

    /// A new canvas size keeps the zoom and the image point in the middle.
    pub fn resize(&mut self, canvas_width: f64, canvas_height: f64) {
        let middle = self.pixels_from_screen(Point::new(self.canvas_width / 2.0, self.canvas_height / 2.0));
        self.canvas_width = canvas_width.max(1.0);
        self.canvas_height = canvas_height.max(1.0);
        if self.zoom == 1.0 {
            self.center();
        } else {
            let now = self.screen_from_pixels(middle);
            self.offset = self.offset + Point::new(self.canvas_width / 2.0, self.canvas_height / 2.0) - now;
            self.hold();
        }
    }

    pub fn rotate(&mut self, quarters: i8) {
        self.turn = self.turn.turned(quarters);
        self.center();
    }

    /// Zooms by `factor` so that the image point under `at` stays there. Below 1 it snaps to fit unless `negative`.
    pub fn zoom_at(&mut self, at: ScreenPoint, factor: f64, negative: bool) {
        let fixed = self.pixels_from_screen(at);
        let zoom = (self.zoom * factor).clamp(ZOOM_MIN, ZOOM_MAX);
        if zoom <= 1.0 && !negative {
            self.fit();
            return;
        }
        self.zoom = zoom;
        self.offset = self.offset + at - self.screen_from_pixels(fixed);
        self.hold();
    }

    pub fn pan(&mut self, by: ScreenPoint) {
        self.offset = self.offset + by;
        self.hold();
    }

    /// Keeps a strip of the image in sight, so that nobody loses it by panning.
    fn hold(&mut self) {
        let (w, h) = self.turned_size();
        let s = self.scale();
        let keep = |offset: f64, length: f64, canvas: f64| {
            if length <= canvas {
                offset.clamp(0.0, canvas - length)
            } else {
                offset.clamp(canvas - length, 0.0)
            }
        };
        self.offset = Point::new(
            keep(self.offset.x, w * s, self.canvas_width),
            keep(self.offset.y, h * s, self.canvas_height),
        );
    }

    /// Linear part and translation as the six numbers of a canvas transform (a, b, c, d, e, f).
    pub fn matrix(&self) -> [f64; 6] {
        let s = self.scale();
        let (w, h) = (self.image.width * s, self.image.height * s);
        let (ox, oy) = (self.offset.x, self.offset.y);
        match self.turn.0 {
            0 => [s, 0.0, 0.0, s, ox, oy],
            1 => [0.0, s, -s, 0.0, ox + h, oy],
            2 => [-s, 0.0, 0.0, -s, ox + w, oy + h],
            _ => [0.0, -s, s, 0.0, ox, oy + w],
        }
    }

    pub fn screen_from_pixels(&self, p: PixelPoint) -> ScreenPoint {
        let [a, b, c, d, e, f] = self.matrix();
        Point::new(a * p.x + c * p.y + e, b * p.x + d * p.y + f)
    }

    pub fn pixels_from_screen(&self, p: ScreenPoint) -> PixelPoint {
        let [a, b, c, d, e, f] = self.matrix();
        let (x, y) = (p.x - e, p.y - f);
        let det = a * d - b * c;
        Point::new((d * x - c * y) / det, (a * y - b * x) / det)
    }

    /// The part of the image in sight as `[min_x, min_y, max_x, max_y]` in image pixels.
    pub fn visible_bounds(&self) -> [f64; 4] {
        let a = self.pixels_from_screen(Point::new(0.0, 0.0));
        let b = self.pixels_from_screen(Point::new(self.canvas_width, self.canvas_height));
        [a.x.min(b.x), a.y.min(b.y), a.x.max(b.x), a.y.max(b.y)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn screen_and_image_are_inverse_under_any_view(
            zoom in 1f64..20.0, turn in 0i8..4, x in 0f64..800.0, y in 0f64..600.0, px in -500f64..500.0,
        ) {
            let mut v = Viewport::fitted(ImageSize::new(800.0, 600.0), 500.0, 400.0);
            v.rotate(turn);
            v.zoom_at(Point::new(120.0, 90.0), zoom, false);
            v.pan(Point::new(px, -px));
            let back = v.pixels_from_screen(v.screen_from_pixels(Point::new(x, y)));
            prop_assert!((back.x - x).abs() < 1e-6 && (back.y - y).abs() < 1e-6);
        }

        #[test]
        fn zooming_in_keeps_the_point_under_the_pointer(x in 150f64..350.0, y in 150f64..250.0, f in 1.5f64..8.0) {
            let mut v = Viewport::fitted(ImageSize::new(500.0, 400.0), 500.0, 400.0);
            let before = v.pixels_from_screen(Point::new(x, y));
            v.zoom_at(Point::new(x, y), f, false);
            let after = v.pixels_from_screen(Point::new(x, y));
            prop_assert!(before.distance(after) < 1e-6);
        }
    }

    #[test]
    fn a_narrow_image_sits_where_it_is_aligned() {
        let v = Viewport::fitted(ImageSize::new(100.0, 100.0), 300.0, 100.0);
        assert_eq!(v.offset.x, 100.0);
        assert_eq!(v.aligned(0.0, 0.0).offset.x, 0.0);
        assert_eq!(v.aligned(1.0, 0.0).offset.x, 200.0);
    }

    #[test]
    fn zooming_out_past_the_fit_snaps_to_it_unless_asked_otherwise() {
        let mut v = Viewport::fitted(ImageSize::new(500.0, 400.0), 500.0, 400.0);
        v.zoom_at(Point::new(10.0, 10.0), 0.5, false);
        assert_eq!(v.zoom, 1.0);
        v.zoom_at(Point::new(10.0, 10.0), 0.5, true);
        assert_eq!(v.zoom, 0.5);
    }
}
