//! `Style`: CSS for the labeling screen.

use crate::spec::attr::{about, text};
use crate::spec::{AttributeSpec, Content, TagSpec};

/// Attributes of the tag itself.
const ATTRIBUTES: &[AttributeSpec] = &[text("value", "The CSS, when it is not the content.")];

/// The description of `Style`.
pub static SPEC: TagSpec = TagSpec {
    name: "Style",
    doc: about("CSS for the labeling screen."),
    attributes: ATTRIBUTES,
    content: Content::Markup,
    drawn: true,
    ..TagSpec::VISUAL
};
