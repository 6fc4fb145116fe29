//! `Markdown`: formatted text.

use crate::spec::attr::{about, bound, css, text};
use crate::spec::{AttributeGroup, AttributeSpec, Content, Named, TagSpec};

/// Attributes of the tag itself.
const ATTRIBUTES: &[AttributeSpec] = &[
    bound("value", "The text, when it is not the content.").or(""),
    css("style", "CSS of the box."),
    text("className", "CSS class of the box."),
    text("idAttr", "HTML id of the box."),
];

/// The description of `Markdown`.
pub static SPEC: TagSpec = TagSpec {
    name: "Markdown",
    doc: about("Formatted text."),
    attributes: ATTRIBUTES,
    groups: &[AttributeGroup::Visibility],
    content: Content::Markup,
    named: Named::Optional,
    ..TagSpec::VISUAL
};
