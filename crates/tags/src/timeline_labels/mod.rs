//! `TimelineLabels`: marks frame ranges of a video and labels them.

use crate::spec::attr::{about, one_of};
use crate::spec::{AttributeSpec, ResultSpec, TagSpec, Targets, nesting};

/// Attributes of the tag itself.
const ATTRIBUTES: &[AttributeSpec] = &[one_of(
    "overlap",
    &["allow", "forbid", "split"],
    "Whether ranges may lie over each other, keep to the room that is left, or cut those before.",
)
.or("allow")];

/// The description of `TimelineLabels`.
pub static SPEC: TagSpec = TagSpec {
    name: "TimelineLabels",
    doc: about("Marks frame ranges of a video and labels them."),
    targets: Targets::Usual(&["Video"]),
    result: Some(ResultSpec { type_name: "timelinelabels", value_key: Some("timelinelabels"), region: true }),
    attributes: ATTRIBUTES,
    drawn: true,
    children: nesting::LABELS,
    ..TagSpec::LABELS
};
