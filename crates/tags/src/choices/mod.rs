//! `Choices`: asks for one or several of its choices, for the task, an item or a region.

use crate::spec::attr::{about, bound, flag, one_of};
use crate::spec::{AttributeGroup, AttributeSpec, ResultSpec, TagSpec};

/// Attributes of the tag itself.
const ATTRIBUTES: &[AttributeSpec] = &[
    one_of(
        "choice",
        &["single", "single-radio", "multiple"],
        "How many can be chosen; `single-radio` shows radio buttons.",
    )
    .or("single"),
    flag("showInline", "`true` sets layout inline, `false` vertical."),
    one_of("layout", &["select", "inline", "vertical"], "Drop-down, side by side, or one below the other.")
        .or("vertical"),
    bound("value", "Task field with an array of further choices.").or(""),
    flag("allowNested", "Choices may stand inside choices; results are paths.").or("false"),
];

/// The description of `Choices`.
pub static SPEC: TagSpec = TagSpec {
    name: "Choices",
    doc: about("Asks for one or several of its choices, for the task, an item or a region."),
    attributes: ATTRIBUTES,
    groups: &[
        AttributeGroup::Base,
        AttributeGroup::PerRegion,
        AttributeGroup::PerItem,
        AttributeGroup::Required,
        AttributeGroup::Visibility,
    ],
    result: Some(ResultSpec { type_name: "choices", value_key: Some("choices"), region: false }),
    children: &["Choice", "View", "Header", "HyperText"],
    dynamic_child: Some("Choice"),
    drawn: true,
    ..TagSpec::CONTROL
};
