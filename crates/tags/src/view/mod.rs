//! `View`: groups tags and lays them out; can be shown under a condition.

use crate::spec::attr::{about, css, text};
use crate::spec::{AttributeGroup, AttributeSpec, Named, TagSpec, nesting};

/// Attributes of the tag itself.
const ATTRIBUTES: &[AttributeSpec] = &[
    text("display", "`inline` puts the group in the line; ignored with `style`.").or("block"),
    css("style", "CSS of the box."),
    text("className", "CSS class of the box.").or(""),
    text("idAttr", "HTML id of the box.").or(""),
];

/// The description of `View`.
pub static SPEC: TagSpec = TagSpec {
    name: "View",
    doc: about("Groups tags and lays them out; can be shown under a condition."),
    attributes: ATTRIBUTES,
    groups: &[AttributeGroup::Visibility],
    children: nesting::VIEW,
    named: Named::Optional,
    drawn: true,
    ..TagSpec::VISUAL
};
