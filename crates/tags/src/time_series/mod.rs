//! `TimeSeries`: shows numeric columns over a common axis; TimeSeriesLabels mark ranges and instants.

use crate::spec::attr::{about, bound, color, css, flag, list, number, one_of, text};
use crate::spec::{AttributeGroup, AttributeSpec, TagSpec};

/// Attributes of the tag itself.
const ATTRIBUTES: &[AttributeSpec] = &[
    bound("value", "URL of a CSV file, or the task field with an object of arrays.").required(),
    one_of("valueType", &["url", "json"], "Whether `value` is fetched or is the data itself.").or("url"),
    text("timeColumn", "Column of the time; without it samples are numbered from 0.").or(""),
    text("timeFormat", "How time is written in the data, strftime style, in UTC.").or(""),
    text("timeDisplayFormat", "How time is shown: `date`, strftime style, or a d3 number format.").or(""),
    text("durationDisplayFormat", "How durations are shown, a d3 number format.").or(".0f"),
    text("sep", "Separator of the CSV file: one character, `tab`, `space`, `comma`, `dot` or `auto`.")
        .or(","),
    list("overviewChannels", "Columns drawn in the overview; all when empty.").or(""),
    css("overviewWidth", "How much of the series the first view shows, in percent.").or("25%"),
    flag("fixedScale", "Scale the value axes over the whole series instead of the visible window.")
        .or("false"),
    flag("multiAxis", "Accepted, no effect.").or("false"),
    text("sync", "Sync group, or the name of the tag to run in step with."),
    color("cursorColor", "Color of the playback cursor."),
    text("hotkey", "Accepted, no effect."),
    one_of(
        "timeUnit",
        &["s", "ms", "us", "ns", "auto"],
        "What one unit of a numeric time column is; `auto` guesses and says what it decided.",
    ),
    text("timeZone", "Zone of times that name none: an IANA name, an offset such as +02:00, or `local`.")
        .or("UTC"),
    number("sampleRate", "Samples per second of a series without a time column."),
    one_of(
        "snap",
        &["sample", "frame", "region", "off"],
        "What edges of regions snap to; holding Alt switches it off.",
    )
    .or("sample"),
    one_of("follow", &["page", "center", "off"], "How the view follows the cursor while playing.").or("page"),
];

/// The description of `TimeSeries`.
pub static SPEC: TagSpec = TagSpec {
    name: "TimeSeries",
    doc: about("Shows numeric columns over a common axis; TimeSeriesLabels mark ranges and instants."),
    attributes: ATTRIBUTES,
    children: &["Channel", "MultiChannel", "TimeSeriesOverview", "View", "HyperText"],
    drawn: true,
    hotkey: true,
    groups: &[AttributeGroup::Name, AttributeGroup::Sync],
    ..TagSpec::OBJECT
};
