//! `TimeSeriesLabels`: marks ranges and instants of a series and labels them.

use crate::spec::attr::{about, color, unit};
use crate::spec::{AttributeSpec, ResultSpec, TagSpec, Targets, nesting};

/// Attributes of the tag itself.
const ATTRIBUTES: &[AttributeSpec] = &[
    unit("opacity", "Opacity of the fill of regions.").or("0.9"),
    color("fillColor", "Fill of regions; the label color when not given."),
];

/// The description of `TimeSeriesLabels`.
pub static SPEC: TagSpec = TagSpec {
    name: "TimeSeriesLabels",
    doc: about("Marks ranges and instants of a series and labels them."),
    attributes: ATTRIBUTES,
    targets: Targets::Usual(&["TimeSeries"]),
    result: Some(ResultSpec {
        type_name: "timeserieslabels",
        value_key: Some("timeserieslabels"),
        region: true,
    }),
    drawn: true,
    children: nesting::SERIES_LABELS,
    ..TagSpec::LABELS
};
