//! The closed set of image shapes and their Label Studio JSON (spec/results.md 3.1 to 3.7).

use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// A shape on an image, in percent of the unrotated image.
#[derive(Clone, Debug, PartialEq)]
pub enum Shape {
    Rectangle(Rectangle),
    Ellipse(Ellipse),
    KeyPoint(KeyPoint),
    Polygon(Polygon),
    Vector(Vector),
    Brush(Brush),
    Bitmask(Bitmask),
}

/// `x`, `y` is the top-left corner of the box before it is turned; `rotation` turns it clockwise about that corner.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rectangle {
    pub x: f64,
    pub y: f64,
    pub width: f64,
    pub height: f64,
    /// Degrees, 0..360.
    pub rotation: f64,
}

/// `x`, `y` is the centre; radii in percent of width and of height; turned about the centre.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ellipse {
    pub x: f64,
    pub y: f64,
    pub radius_x: f64,
    pub radius_y: f64,
    pub rotation: f64,
}

/// `width` is the dot's size in percent of the image width as it was shown when the point was set.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct KeyPoint {
    pub x: f64,
    pub y: f64,
    pub width: f64,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Polygon {
    pub points: Vec<[f64; 2]>,
    /// Absent in older data, which means closed.
    pub closed: Option<bool>,
}

impl Polygon {
    pub fn is_closed(&self) -> bool {
        self.closed != Some(false)
    }
}

/// A path of vertices linked by `prev_point_id`; see spec/results.md 3.5 for the rule of each segment.
#[derive(Clone, Debug, PartialEq)]
pub struct Vector {
    pub vertices: Vec<Vertex>,
    pub closed: Option<bool>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Vertex {
    pub id: String,
    #[serde(default)]
    pub prev_point_id: Option<String>,
    pub x: f64,
    pub y: f64,
    /// Keys that this version does not interpret yet are kept as they came.
    #[serde(flatten)]
    pub rest: serde_json::Map<String, serde_json::Value>,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct ControlPoint {
    pub x: f64,
    pub y: f64,
}

/// A mask as the run-length bytes of spec/results.md section 5, undecoded.
#[derive(Clone, Debug, PartialEq)]
pub struct Brush {
    pub rle: Arc<[u8]>,
}

/// A mask as a PNG data URL.
#[derive(Clone, Debug, PartialEq)]
pub struct Bitmask {
    pub image_data_url: Arc<str>,
}
