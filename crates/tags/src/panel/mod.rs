//! `Panel`: one panel of a Collapse.

use crate::spec::attr::{about, bound, flag};
use crate::spec::{AttributeSpec, Named, TagSpec, nesting};

/// Attributes of the tag itself.
const ATTRIBUTES: &[AttributeSpec] = &[bound("value", "Heading.").or(""), flag("open", "Starts open.")];

/// The description of `Panel`.
pub static SPEC: TagSpec = TagSpec {
    name: "Panel",
    doc: about("One panel of a Collapse."),
    attributes: ATTRIBUTES,
    children: nesting::PANEL,
    named: Named::Optional,
    drawn: true,
    ..TagSpec::VISUAL
};
