//! `Relation`: one label for relations.

use crate::spec::attr::{about, color, text};
use crate::spec::{AttributeSpec, TagSpec};

/// Attributes of the tag itself.
const ATTRIBUTES: &[AttributeSpec] =
    &[text("value", "The label."), color("background", "Color of the label.").or("#fff")];

/// The description of `Relation`.
pub static SPEC: TagSpec = TagSpec {
    name: "Relation",
    doc: about("One label for relations."),
    attributes: ATTRIBUTES,
    drawn: true,
    ..TagSpec::PART
};
