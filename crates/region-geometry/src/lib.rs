//! Typed spaces, shapes, transforms, hit tests and mask run-length encoding.
//!
//! Contract, odd cases first:
//! - Every stored coordinate is **percent of the unrotated image** (0..100 of its natural size), as Label Studio
//!   stores it (spec/results.md section 3). Rotation angles are degrees, clockwise on screen (y grows downwards).
//! - Percent space is not square: rotation and distances are computed in image pixels, never in percent.
//! - NaN and infinite coordinates never come out of a function that got finite input; a box of no width or height
//!   is legal, is hit by nothing, and survives a round trip.
//! - Nothing here knows a document, a tag or the DOM.

mod rectangle;
pub mod rle;
mod shape;
mod space;
mod viewport;

pub use rectangle::{Handle, RectanglePx, rotation_degrees};
pub use shape::{Bitmask, Brush, ControlPoint, Ellipse, KeyPoint, Polygon, Rectangle, Shape, Vector, Vertex};
pub use space::{ImagePixels, ImageSize, Percent, PercentPoint, PixelPoint, Point, Screen, ScreenPoint};
pub use viewport::{DefaultZoom, QuarterTurn, Viewport, ZOOM_MAX, ZOOM_MIN};
