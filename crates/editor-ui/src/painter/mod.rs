//! What the canvas needs of a drawing surface, so that draw lists can be recorded and compared without a browser.
//!
//! Shapes are given in image pixels, everything that keeps its size on the screen (handles, captions, guides) in
//! screen pixels. Stroke widths and dashes are screen pixels always. Colours are CSS.

mod canvas2d;
mod recording;

pub use canvas2d::Canvas2d;
pub use recording::Recording;

use crate::canvas::mask::Mask;
use kurbo::BezPath;
use tagloom_region_geometry::{PixelPoint, RectanglePx, ScreenPoint, Viewport};

/// Names an outline or a mask as long as it does not change, so that a surface may keep what it made of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ShapeKey(pub u64);

/// How the next shapes are filled and outlined.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Style<'a> {
    pub fill: Option<(&'a str, f64)>,
    pub stroke: Option<Stroke<'a>>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stroke<'a> {
    pub color: &'a str,
    pub width: f64,
    pub dash: Option<[f64; 2]>,
}

/// A drawing surface of one layer.
pub trait Painter {
    /// Empties the layer and takes on a view.
    fn begin(&mut self, view: &Viewport);
    /// For all shapes that follow.
    fn style(&mut self, style: Style<'_>);

    fn boxed(&mut self, rect: RectanglePx);
    fn ellipse(&mut self, center: PixelPoint, radius_x: f64, radius_y: f64, rotation: f64);
    /// Filled only where `closed`.
    fn path(&mut self, key: ShapeKey, path: &BezPath, closed: bool);
    /// The mask in one colour, instead of fill and stroke.
    fn mask(&mut self, key: ShapeKey, mask: &Mask, color: &str, alpha: f64);

    /// A dot of a size on the screen.
    fn dot(&mut self, center: ScreenPoint, radius: f64);
    /// A square of a size on the screen: a handle.
    fn square(&mut self, center: ScreenPoint, side: f64);
    /// Straight lines on the screen, stroked in one go.
    fn lines(&mut self, lines: &[(ScreenPoint, ScreenPoint)]);
    /// A rectangle on the screen by two corners.
    fn frame(&mut self, a: ScreenPoint, b: ScreenPoint);
    /// A caption on a plate of the colour, its bottom left at `at` (its top left where that would leave the canvas).
    fn tag(&mut self, at: ScreenPoint, text: &str, color: &str);
}
