//! Where a region lies in its object: one closed enum over all kinds of object.

use serde_json::{Map, Value};
use tagloom_region_geometry::Shape;

/// The place of a region (spec/results.md section 3).
#[derive(Clone, Debug, PartialEq)]
pub enum Geometry {
    /// A classification of the whole object: no place at all.
    None,
    Image(Shape),
    Text(TextSpan),
    Html(HtmlSpan),
    Paragraphs(ParagraphSpan),
    Audio(AudioSpan),
    Series(SeriesRange),
    VideoTrack(VideoTrack),
    Timeline(Timeline),
    /// Value keys that belong to nothing this version draws; written back as they came.
    Unknown(Map<String, Value>),
}

impl Geometry {
    pub fn is_none(&self) -> bool {
        matches!(self, Self::None)
    }

    /// A short word for lists: `rectangle`, `text`, `series` …
    pub fn kind(&self) -> &'static str {
        match self {
            Self::None => "classification",
            Self::Image(shape) => match shape {
                Shape::Rectangle(_) => "rectangle",
                Shape::Ellipse(_) => "ellipse",
                Shape::KeyPoint(_) => "keypoint",
                Shape::Polygon(_) => "polygon",
                Shape::Vector(_) => "vector",
                Shape::Brush(_) => "brush",
                Shape::Bitmask(_) => "bitmask",
            },
            Self::Text(_) => "text",
            Self::Html(_) => "hypertext",
            Self::Paragraphs(_) => "paragraphs",
            Self::Audio(_) => "audio",
            Self::Series(_) => "timeseries",
            Self::VideoTrack(_) => "videorectangle",
            Self::Timeline(_) => "timeline",
            Self::Unknown(_) => "unknown",
        }
    }
}

/// Code-point offsets into the decoded text, end exclusive.
#[derive(Clone, Debug, PartialEq)]
pub struct TextSpan {
    pub start: usize,
    pub end: usize,
    /// Present only where the tag saves it (`saveTextResult`).
    pub text: Option<String>,
}

/// Addresses of two text nodes with UTF-16 offsets, and the same span as code points over all text.
#[derive(Clone, Debug, PartialEq)]
pub struct HtmlSpan {
    pub start: String,
    pub end: String,
    pub start_offset: usize,
    pub end_offset: usize,
    pub global: Option<(usize, usize)>,
    pub text: Option<String>,
}

/// Paragraph numbers as strings, UTF-16 offsets inside them.
#[derive(Clone, Debug, PartialEq)]
pub struct ParagraphSpan {
    pub start: String,
    pub end: String,
    pub start_offset: usize,
    pub end_offset: usize,
    pub text: Option<String>,
}

/// Seconds.
#[derive(Clone, Debug, PartialEq)]
pub struct AudioSpan {
    pub start: f64,
    pub end: f64,
    pub channel: Option<f64>,
}

/// Bounds in the series' own units: a string in `timeFormat` or a number. Equal bounds are an instant.
#[derive(Clone, Debug, PartialEq)]
pub struct SeriesRange {
    pub start: Value,
    pub end: Value,
    pub instant: Option<bool>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct VideoTrack {
    pub frames_count: Option<f64>,
    pub duration: Option<f64>,
    pub sequence: Vec<Keyframe>,
}

/// A box at a frame (1-based), in percent of the picture; `enabled: false` ends the life span after this frame.
#[derive(Clone, Debug, PartialEq)]
pub struct Keyframe {
    pub frame: i64,
    pub enabled: bool,
    pub x: f64,
    pub y: f64,
    pub width: f64,
    pub height: f64,
    pub rotation: f64,
    /// Seconds.
    pub time: Option<f64>,
    pub rest: Map<String, Value>,
}

/// Frame ranges, 1-based and inclusive.
#[derive(Clone, Debug, PartialEq)]
pub struct Timeline {
    pub ranges: Vec<(i64, i64)>,
}
