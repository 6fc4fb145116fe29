//! `Filter`: a field that narrows down the labels or choices of a control.

use crate::spec::attr::{about, flag, number, text};
use crate::spec::{AttributeSpec, Named, TagSpec};

/// Attributes of the tag itself.
const ATTRIBUTES: &[AttributeSpec] = &[
    text("name", "Unique name."),
    text("toName", "Name of the control whose labels are filtered."),
    text("placeholder", "What the empty field says.").or("Quick Filter"),
    number("minlength", "Letters needed before it filters.").or("3"),
    flag("caseSensetive", "Whether case counts (spelled as Label Studio spells it).").or("false"),
    flag("cleanup", "Clear the field after a label was chosen.").or("true"),
    text("hotkey", "Key that goes to the field; chosen automatically when not given."),
];

/// The description of `Filter`.
pub static SPEC: TagSpec = TagSpec {
    name: "Filter",
    doc: about("A field that narrows down the labels or choices of a control."),
    attributes: ATTRIBUTES,
    named: Named::Required,
    hotkey: true,
    drawn: true,
    ..TagSpec::VISUAL
};
