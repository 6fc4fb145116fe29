//! `List`: shows items that a Ranker puts in order.

use crate::spec::attr::{about, bound, text};
use crate::spec::{AttributeSpec, TagSpec};

/// Attributes of the tag itself.
const ATTRIBUTES: &[AttributeSpec] = &[
    bound("value", "Task field with an array of `{id, title, body, html}`.").required(),
    text("title", "Heading of the column.").or(""),
];

/// The description of `List`.
pub static SPEC: TagSpec = TagSpec {
    name: "List",
    doc: about("Shows items that a Ranker puts in order."),
    attributes: ATTRIBUTES,
    ..TagSpec::OBJECT
};
