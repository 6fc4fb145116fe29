//! `Ranker`: asks to put the items of a List in order, in one column or in buckets.

use crate::spec::attr::{about, flag};
use crate::spec::{AttributeSpec, ResultSpec, TagSpec, Targets};

/// Attributes of the tag itself.
const ATTRIBUTES: &[AttributeSpec] = &[flag("collapsible", "Items can be folded.").or("true")];

/// The description of `Ranker`.
pub static SPEC: TagSpec = TagSpec {
    name: "Ranker",
    doc: about("Asks to put the items of a List in order, in one column or in buckets."),
    attributes: ATTRIBUTES,
    children: &["Bucket"],
    targets: Targets::Usual(&["List"]),
    result: Some(ResultSpec { type_name: "ranker", value_key: Some("ranker"), region: false }),
    ..TagSpec::CONTROL
};
