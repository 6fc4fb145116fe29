//! `Relations`: labels for relations between regions.

use crate::spec::attr::{about, one_of};
use crate::spec::{AttributeSpec, Named, ResultSpec, TagSpec, Targets};

/// Attributes of the tag itself.
const ATTRIBUTES: &[AttributeSpec] =
    &[one_of("choice", &["single", "multiple"], "Whether one or several labels can be given to a relation.")
        .or("multiple")];

/// The description of `Relations`.
pub static SPEC: TagSpec = TagSpec {
    name: "Relations",
    doc: about("Labels for relations between regions."),
    attributes: ATTRIBUTES,
    named: Named::Optional,
    groups: &[],
    children: &["Relation"],
    targets: Targets::None,
    result: Some(ResultSpec { type_name: "relation", value_key: None, region: false }),
    drawn: true,
    ..TagSpec::CONTROL
};
