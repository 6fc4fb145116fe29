//! `TextArea`: asks for text, for the task, an item or a region.

use crate::spec::attr::{about, bound, flag, number, text};
use crate::spec::{AttributeGroup, AttributeSpec, ResultSpec, TagSpec};

/// Attributes of the tag itself.
const ATTRIBUTES: &[AttributeSpec] = &[
    bound("value", "What the field holds at the start."),
    text("label", "Label in front of the field.").or(""),
    text("placeholder", "What the empty field says."),
    number("rows", "Lines of the field; with 1 Enter submits, with more Shift+Enter does.").or("1"),
    flag("allowSubmit", "Whether texts are added one by one; `false` keeps one text.").or("true"),
    flag("showSubmitButton", "Show the Add button; shown by default when there is more than one row."),
    number("maxSubmissions", "How many texts can be added."),
    flag("editable", "Added texts can be changed.").or("false"),
    flag("skipDuplicates", "A text that is there already is not added, whatever its case.").or("false"),
    flag("transcription", "Accepted, no effect."),
];

/// The description of `TextArea`.
pub static SPEC: TagSpec = TagSpec {
    name: "TextArea",
    doc: about("Asks for text, for the task, an item or a region."),
    attributes: ATTRIBUTES,
    groups: &[
        AttributeGroup::Base,
        AttributeGroup::PerRegion,
        AttributeGroup::PerItem,
        AttributeGroup::Required,
        AttributeGroup::Visibility,
    ],
    result: Some(ResultSpec { type_name: "textarea", value_key: Some("text"), region: false }),
    children: &["Shortcut"],
    drawn: true,
    ..TagSpec::CONTROL
};
