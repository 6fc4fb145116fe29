//! `TimeSeriesOverview`: accepted from old configs, no effect: every TimeSeries has an overview.

use crate::spec::attr::about;
use crate::spec::{TagKind, TagSpec};

/// The description of `TimeSeriesOverview`.
pub static SPEC: TagSpec = TagSpec {
    name: "TimeSeriesOverview",
    doc: about("Accepted from old configs, no effect: every TimeSeries has an overview."),
    kind: TagKind::ObjectPart,
    parents: &["TimeSeries"],
    ..TagSpec::PART
};
