//! `Shortcut`: a button that puts text into the text area around it.

use crate::spec::attr::{about, color, text};
use crate::spec::{AttributeSpec, TagSpec};

/// Attributes of the tag itself.
const ATTRIBUTES: &[AttributeSpec] = &[
    text("value", "The text that is inserted."),
    text("alias", "Caption of the button; the text when not given."),
    text("hotkey", "Key that presses the button; chosen automatically when not given."),
    color("background", "Color of the button.").or("#333333"),
];

/// The description of `Shortcut`.
pub static SPEC: TagSpec = TagSpec {
    name: "Shortcut",
    doc: about("A button that puts text into the text area around it."),
    attributes: ATTRIBUTES,
    hotkey: true,
    ..TagSpec::PART
};
