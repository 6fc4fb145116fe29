//! `Pairwise`: asks which of two objects is better.

use crate::spec::attr::{about, css, text};
use crate::spec::{AttributeSpec, ResultSpec, TagSpec, nesting};

/// Attributes of the tag itself.
const ATTRIBUTES: &[AttributeSpec] = &[
    css("selectionStyle", "CSS of the chosen side."),
    text("leftClass", "Accepted, no effect."),
    text("rightClass", "Accepted, no effect."),
];

/// The description of `Pairwise`.
pub static SPEC: TagSpec = TagSpec {
    name: "Pairwise",
    doc: about("Asks which of two objects is better."),
    attributes: ATTRIBUTES,
    result: Some(ResultSpec { type_name: "pairwise", value_key: Some("selected"), region: false }),
    children: nesting::VIEW,
    ..TagSpec::CONTROL
};
