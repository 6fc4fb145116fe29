//! `VectorLabels`: draws open or closed paths with curves and labels them.

use crate::spec::attr::about;
use crate::spec::{ResultSpec, TagSpec, Targets};

/// The description of `VectorLabels`.
pub static SPEC: TagSpec = TagSpec {
    name: "VectorLabels",
    doc: about("Draws open or closed paths with curves and labels them."),
    attributes: crate::vector::ATTRIBUTES,
    targets: Targets::Only(&["Image"]),
    result: Some(ResultSpec { type_name: "vectorlabels", value_key: Some("vectorlabels"), region: true }),
    ..TagSpec::LABELS
};
