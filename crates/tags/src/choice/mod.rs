//! `Choice`: one choice of Choices, or one node of a Taxonomy.

use crate::spec::attr::{about, bound, color, css, flag, text};
use crate::spec::{AttributeSpec, TagSpec};

/// Attributes of the tag itself.
const ATTRIBUTES: &[AttributeSpec] = &[
    bound("value", "The choice: shown and, without an alias, stored."),
    text("alias", "What is stored instead of the value."),
    flag("selected", "Chosen in every new annotation.").or("false"),
    text("hotkey", "Key that switches the choice; chosen automatically in Choices when not given."),
    text("html", "Caption with markup."),
    text("hint", "What the tooltip says."),
    css("style", "CSS of the choice."),
    color("color", "Color of the dot in front."),
    color("background", "Other name of `color`, from configs that style choices like labels."),
];

/// The description of `Choice`.
pub static SPEC: TagSpec = TagSpec {
    name: "Choice",
    doc: about("One choice of Choices, or one node of a Taxonomy."),
    attributes: ATTRIBUTES,
    children: &["Choice"],
    parents: &["Choices", "Taxonomy"],
    drawn: true,
    hotkey: true,
    ..TagSpec::PART
};
