//! `DateTime`: asks for a date, a time or both, for the task, an item or a region.

use crate::spec::attr::{about, date, list, text};
use crate::spec::{AttributeGroup, AttributeSpec, ResultSpec, TagSpec};

/// Attributes of the tag itself.
const ATTRIBUTES: &[AttributeSpec] = &[
    list("only", "Parts to ask for: date, time, month, year."),
    text("format", "How the result is written, strftime style."),
    date("min", "Earliest date or year."),
    date("max", "Latest date or year; `current` for this year."),
    text("step", "Accepted, no effect."),
    text("defaultValue", "Accepted, no effect."),
    text("hotkey", "Accepted, no effect."),
];

/// The description of `DateTime`.
pub static SPEC: TagSpec = TagSpec {
    name: "DateTime",
    doc: about("Asks for a date, a time or both, for the task, an item or a region."),
    attributes: ATTRIBUTES,
    groups: &[
        AttributeGroup::Base,
        AttributeGroup::PerRegion,
        AttributeGroup::PerItem,
        AttributeGroup::Required,
        AttributeGroup::Visibility,
    ],
    result: Some(ResultSpec { type_name: "datetime", value_key: Some("datetime"), region: false }),
    ..TagSpec::CONTROL
};
