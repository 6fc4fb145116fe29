//! `ReactCode`: a component of the user (Label Studio Enterprise).

use crate::spec::attr::{about, bound, css, text};
use crate::spec::{AttributeSpec, Content, ResultSpec, TagSpec};

/// Attributes of the tag itself.
pub(crate) const ATTRIBUTES: &[AttributeSpec] = &[
    bound("data", "Task field given to the component."),
    text("toName", "Its own name."),
    text("inputs", "Names and types of what goes in."),
    text("outputs", "Names and types of what comes out: a field list or a JSON schema."),
    text("src", "Where the component is loaded from."),
    css("style", "CSS of the box."),
    text("className", "CSS class of the box."),
    text("allow", "Permissions of the frame."),
];

/// The description of `ReactCode`.
pub static SPEC: TagSpec = TagSpec {
    name: "ReactCode",
    doc: about("A component of the user (Label Studio Enterprise)."),
    attributes: ATTRIBUTES,
    enterprise: true,
    content: Content::Markup,
    result: Some(ResultSpec { type_name: "reactcode", value_key: Some("reactcode"), region: false }),
    ..TagSpec::OBJECT
};
