//! `TimeSeriesLabels`: marks ranges and instants of a series and labels them.

use crate::spec::attr::{about, color, list, one_of, unit};
use crate::spec::{AttributeSpec, ResultSpec, TagSpec, Targets, nesting};

/// Attributes of the tag itself.
const ATTRIBUTES: &[AttributeSpec] = &[
    unit("opacity", "Opacity of the fill of regions.").or("0.9"),
    color("fillColor", "Fill of regions; the label color when not given."),
    one_of(
        "overlap",
        &["allow", "forbid", "split"],
        "What a new region does to those it lies over: nothing; shorten them; or cut them in two as well.",
    )
    .or("allow"),
    list("channels", "Columns that the regions belong to; they are drawn on these channels only."),
    one_of(
        "mirror",
        &["group"],
        "Regions are made on every series of the sync group whose labels say the same, and change together.",
    ),
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
