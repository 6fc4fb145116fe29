//! `Dialog`: shows a chat as bubbles.

use crate::spec::attr::{about, bound, text};
use crate::spec::{AttributeSpec, Named, TagSpec};

/// Attributes of the tag itself.
const ATTRIBUTES: &[AttributeSpec] = &[
    text("name", "Unique name."),
    bound("value", "Task field with an array of `{name, text, selected, date, hint}`.").required(),
];

/// The description of `Dialog`.
pub static SPEC: TagSpec = TagSpec {
    name: "Dialog",
    doc: about("Shows a chat as bubbles."),
    attributes: ATTRIBUTES,
    named: Named::Optional,
    ..TagSpec::VISUAL
};
