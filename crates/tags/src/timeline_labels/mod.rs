//! `TimelineLabels`: marks frame ranges of a video and labels them.

use crate::spec::attr::about;
use crate::spec::{ResultSpec, TagSpec, Targets, nesting};

/// The description of `TimelineLabels`.
pub static SPEC: TagSpec = TagSpec {
    name: "TimelineLabels",
    doc: about("Marks frame ranges of a video and labels them."),
    targets: Targets::Usual(&["Video"]),
    result: Some(ResultSpec { type_name: "timelinelabels", value_key: Some("timelinelabels"), region: true }),
    children: nesting::LABELS,
    ..TagSpec::LABELS
};
