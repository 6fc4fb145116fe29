//! `Number`: asks for a number, for the task, an item or a region.

use crate::spec::attr::{about, flag, number, text};
use crate::spec::{AttributeGroup, AttributeSpec, ResultSpec, TagSpec};

/// Attributes of the tag itself.
const ATTRIBUTES: &[AttributeSpec] = &[
    number("min", "Smallest number."),
    number("max", "Largest number."),
    number("step", "Distance between allowed numbers, counted from `min` or 0."),
    number("defaultValue", "Written on submit when nothing was entered."),
    flag("slider", "Show a slider.").or("false"),
    text("hotkey", "Key that adds one step."),
];

/// The description of `Number`.
pub static SPEC: TagSpec = TagSpec {
    name: "Number",
    doc: about("Asks for a number, for the task, an item or a region."),
    attributes: ATTRIBUTES,
    groups: &[
        AttributeGroup::Base,
        AttributeGroup::PerRegion,
        AttributeGroup::PerItem,
        AttributeGroup::Required,
        AttributeGroup::Visibility,
    ],
    result: Some(ResultSpec { type_name: "number", value_key: Some("number"), region: false }),
    hotkey: true,
    drawn: true,
    ..TagSpec::CONTROL
};
