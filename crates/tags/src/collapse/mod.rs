//! `Collapse`: panels that fold.

use crate::spec::attr::{about, flag};
use crate::spec::{AttributeSpec, Named, TagSpec};

/// Attributes of the tag itself.
const ATTRIBUTES: &[AttributeSpec] = &[
    flag("accordion", "Only one panel is open at a time.").or("true"),
    flag("bordered", "Show borders.").or("false"),
    flag("open", "Panels start open."),
];

/// The description of `Collapse`.
pub static SPEC: TagSpec = TagSpec {
    name: "Collapse",
    doc: about("Panels that fold."),
    attributes: ATTRIBUTES,
    children: &["Panel"],
    named: Named::Optional,
    drawn: true,
    ..TagSpec::VISUAL
};
