//! `BrushLabels`: paints masks on an image and labels them.

use crate::spec::attr::about;
use crate::spec::{ResultSpec, TagSpec, Targets};

/// The description of `BrushLabels`.
pub static SPEC: TagSpec = TagSpec {
    name: "BrushLabels",
    doc: about("Paints masks on an image and labels them."),
    attributes: crate::brush::ATTRIBUTES,
    targets: Targets::Only(&["Image"]),
    result: Some(ResultSpec { type_name: "brushlabels", value_key: Some("brushlabels"), region: true }),
    ..TagSpec::LABELS
};
