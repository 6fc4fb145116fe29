//! `Taxonomy`: asks for nodes of a tree, for the task, an item or a region.

use crate::spec::attr::{about, bound, css, flag, number, text};
use crate::spec::{AttributeGroup, AttributeSpec, ResultSpec, TagSpec};

/// Attributes of the tag itself.
const ATTRIBUTES: &[AttributeSpec] = &[
    bound("value", "Task field with the tree, added to the choices inside.").or(""),
    bound("apiUrl", "Where the tree is loaded from, branch by branch."),
    flag("leafsOnly", "Only nodes without children can be chosen.").or("false"),
    flag("showFullPath", "Show chosen nodes with all their parents.").or("false"),
    text("pathSeparator", "What stands between the parts of a shown path.").or(" / "),
    number("maxUsages", "How many nodes can be chosen."),
    css("minWidth", "Smallest width of the field.").or("200"),
    css("maxWidth", "Largest width of the field."),
    css("dropdownWidth", "Width of the open tree."),
    text("placeholder", "What the empty field says.").or(""),
    flag("labeling", "Nodes label spans of text instead of the task.").or("false"),
    flag("legacy", "The older field, where items can be added.").or("false"),
];

/// The description of `Taxonomy`.
pub static SPEC: TagSpec = TagSpec {
    name: "Taxonomy",
    doc: about("Asks for nodes of a tree, for the task, an item or a region."),
    attributes: ATTRIBUTES,
    groups: &[
        AttributeGroup::Base,
        AttributeGroup::PerRegion,
        AttributeGroup::PerItem,
        AttributeGroup::Required,
        AttributeGroup::Visibility,
    ],
    result: Some(ResultSpec { type_name: "taxonomy", value_key: Some("taxonomy"), region: false }),
    children: &["Choice"],
    dynamic_child: Some("Choice"),
    ..TagSpec::CONTROL
};
