//! `RectangleLabels`: draws boxes on an image and labels them.

use crate::spec::attr::about;
use crate::spec::{ResultSpec, TagSpec, Targets};

/// The description of `RectangleLabels`.
pub static SPEC: TagSpec = TagSpec {
    name: "RectangleLabels",
    doc: about("Draws boxes on an image and labels them."),
    attributes: crate::rectangle::ATTRIBUTES,
    targets: Targets::Only(&["Image"]),
    result: Some(ResultSpec {
        type_name: "rectanglelabels",
        value_key: Some("rectanglelabels"),
        region: true,
    }),
    drawn: true,
    ..TagSpec::LABELS
};
