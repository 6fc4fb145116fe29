//! `Label`: one label.

use crate::spec::attr::{about, bound, color, css, flag, list, number, one_of, text};
use crate::spec::{AttributeSpec, TagSpec, nesting};

/// Attributes of the tag itself.
const ATTRIBUTES: &[AttributeSpec] = &[
    bound("value", "The label: shown and, without an alias, stored."),
    text("alias", "What is stored instead of the value."),
    flag("selected", "Active from the start.").or("false"),
    color("background", "Color; chosen automatically when not given."),
    color("selectedColor", "Accepted, no effect.").or("#ffffff"),
    text("hotkey", "Key that switches the label; chosen automatically when not given."),
    text("hint", "What the tooltip says."),
    flag("showAlias", "Show the alias after the value.").or("false"),
    css("aliasStyle", "CSS of the alias.").or("opacity: 0.6"),
    text("size", "Accepted, no effect.").or("medium"),
    number("maxUsages", "How often the label may be used in one annotation."),
    one_of(
        "granularity",
        &["symbol", "word", "sentence", "paragraph"],
        "What a text selection snaps to, instead of the object's setting.",
    ),
    text("html", "Caption with markup."),
    text("category", "Category number in COCO exports."),
    list("groupCanContain", "Labels whose regions may lie inside regions of this one in the region list."),
    list("channels", "On a series: columns that regions of this label belong to and are drawn on."),
];

/// The description of `Label`.
pub static SPEC: TagSpec = TagSpec {
    name: "Label",
    doc: about("One label."),
    attributes: ATTRIBUTES,
    parents: nesting::LABEL_PARENTS,
    drawn: true,
    hotkey: true,
    ..TagSpec::PART
};
