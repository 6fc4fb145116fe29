//! `EllipseLabels`: draws ellipses on an image and labels them.

use crate::spec::attr::about;
use crate::spec::{ResultSpec, TagSpec, Targets};

/// The description of `EllipseLabels`.
pub static SPEC: TagSpec = TagSpec {
    name: "EllipseLabels",
    doc: about("Draws ellipses on an image and labels them."),
    attributes: crate::ellipse::ATTRIBUTES,
    targets: Targets::Usual(&["Image"]),
    result: Some(ResultSpec { type_name: "ellipselabels", value_key: Some("ellipselabels"), region: true }),
    ..TagSpec::LABELS
};
