//! `Bucket`: one column of a Ranker.

use crate::spec::attr::{about, flag, text};
use crate::spec::{AttributeSpec, Named, TagSpec};

/// Attributes of the tag itself.
const ATTRIBUTES: &[AttributeSpec] = &[
    text("name", "Key of the column in results."),
    text("title", "Heading."),
    flag("default", "New items start here.").or("false"),
];

/// The description of `Bucket`.
pub static SPEC: TagSpec = TagSpec {
    name: "Bucket",
    doc: about("One column of a Ranker."),
    attributes: ATTRIBUTES,
    named: Named::Required,
    ..TagSpec::PART
};
