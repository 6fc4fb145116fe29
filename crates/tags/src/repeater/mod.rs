//! `Repeater`: repeats its content for every element of an array of the task.

use crate::spec::attr::{about, bound, one_of, text};
use crate::spec::{AttributeSpec, TagKind, TagSpec, nesting};

/// Attributes of the tag itself.
const ATTRIBUTES: &[AttributeSpec] = &[
    bound("on", "Task field with the array.").required(),
    text("indexFlag", "What is replaced by the number of the element in attributes of the content.")
        .or("{{idx}}"),
    one_of("mode", &["list", "pagination"], "All elements below each other, or one page each.").or("list"),
];

/// The description of `Repeater`.
pub static SPEC: TagSpec = TagSpec {
    name: "Repeater",
    doc: about("Repeats its content for every element of an array of the task."),
    attributes: ATTRIBUTES,
    kind: TagKind::Construct,
    children: nesting::VIEW,
    drawn: true,
    ..TagSpec::VISUAL
};
