//! `Labels`: labels for text, audio and video, or for a bare shape tool on an image.

use crate::spec::attr::about;
use crate::spec::{ResultSpec, TagSpec, Targets, nesting};

/// The description of `Labels`.
pub static SPEC: TagSpec = TagSpec {
    name: "Labels",
    doc: about("Labels for text, audio and video, or for a bare shape tool on an image."),
    children: nesting::LABELS,
    targets: Targets::Usual(&["Text", "HyperText", "Audio", "Image", "Video"]),
    result: Some(ResultSpec { type_name: "labels", value_key: Some("labels"), region: true }),
    drawn: true,
    ..TagSpec::LABELS
};
