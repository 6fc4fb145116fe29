//! `TimeSeriesOverview`: accepted from old configs, no effect: every TimeSeries has an overview.

use crate::spec::{TagKind, TagSpec};

/// The description of `TimeSeriesOverview`.
pub static SPEC: TagSpec = TagSpec {
    name: "TimeSeriesOverview",
    doc: "Accepted from old configs, no effect: every TimeSeries has an overview.",
    kind: TagKind::ObjectPart,
    parents: &["TimeSeries"],
    ..TagSpec::PART
};
