//! `Header`: a heading.

use crate::spec::attr::{about, bound, css, flag, number};
use crate::spec::{AttributeSpec, Named, TagSpec};

/// Attributes of the tag itself.
const ATTRIBUTES: &[AttributeSpec] = &[
    bound("value", "The text.").or(""),
    number("size", "1 is the largest, 5 the smallest.").or("4"),
    css("style", "CSS of the heading."),
    flag("underline", "Underline the text.").or("false"),
];

/// The description of `Header`.
pub static SPEC: TagSpec = TagSpec {
    name: "Header",
    doc: about("A heading."),
    attributes: ATTRIBUTES,
    named: Named::Optional,
    drawn: true,
    ..TagSpec::VISUAL
};
