//! `Rating`: asks for a number of stars, for the task, an item or a region.

use crate::spec::attr::{about, number, one_of, text};
use crate::spec::{AttributeGroup, AttributeSpec, ResultSpec, TagSpec};

/// Attributes of the tag itself.
const ATTRIBUTES: &[AttributeSpec] = &[
    number("maxRating", "How many stars.").or("5"),
    number("defaultValue", "Stars shown before anything is chosen.").or("0"),
    one_of("size", &["small", "medium", "large"], "Size of the stars.").or("medium"),
    text("icon", "Accepted, no effect: always a star.").or("star"),
    text("hotkey", "Key that goes through the values."),
];

/// The description of `Rating`.
pub static SPEC: TagSpec = TagSpec {
    name: "Rating",
    doc: about("Asks for a number of stars, for the task, an item or a region."),
    attributes: ATTRIBUTES,
    groups: &[
        AttributeGroup::Base,
        AttributeGroup::PerRegion,
        AttributeGroup::PerItem,
        AttributeGroup::Required,
        AttributeGroup::Visibility,
    ],
    result: Some(ResultSpec { type_name: "rating", value_key: Some("rating"), region: false }),
    hotkey: true,
    drawn: true,
    ..TagSpec::CONTROL
};
