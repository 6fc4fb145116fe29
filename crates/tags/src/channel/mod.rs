//! `Channel`: one column of a TimeSeries.

use crate::spec::attr::{about, color, flag, list, number, one_of, text};
use crate::spec::{AttributeSpec, TagKind, TagSpec};

/// Curve names of d3-shape. The first is written with a lower-case `b` by Label Studio; both spellings count.
const INTERPOLATIONS: &[&str] = &[
    "curvebasis",
    "curveBasis",
    "curveBasisOpen",
    "curveBundle",
    "curveCardinal",
    "curveCardinalOpen",
    "curveCatmullRom",
    "curveCatmullRomOpen",
    "curveLinear",
    "curveMonotoneX",
    "curveMonotoneY",
    "curveNatural",
    "curveRadial",
    "curveStep",
    "curveStepAfter",
    "curveStepBefore",
];

/// Attributes of the tag itself.
const ATTRIBUTES: &[AttributeSpec] = &[
    text("column", "Name or number of the column.").required(),
    text("legend", "Caption.").or(""),
    text("units", "Unit shown after values.").or(""),
    text("displayFormat", "How values are shown, a d3 number format.").or(".1f"),
    one_of("interpolation", INTERPOLATIONS, "How the line runs between samples.").or("curveStep"),
    number("height", "Height in pixels.").or("200"),
    number("strokeWidth", "Width of the line in pixels.").or("1"),
    color("strokeColor", "Color of the line; from the palette when empty.").or(""),
    number("markerSize", "Size of the sample markers; 0 for none.").or("0"),
    color("markerColor", "Color of the markers; from the palette when empty.").or(""),
    one_of(
        "markerSymbol",
        &["circle", "square", "triangle", "triangleUp", "triangleDown"],
        "Shape of the markers.",
    )
    .or("circle"),
    list("dataRange", "Limits `min,max` of the value axis; either side may be empty."),
    list("timeRange", "Limits `min,max` of the time axis of this channel alone."),
    flag("showAxis", "Show the time axis.").or("true"),
    flag("showYAxis", "Show the value axis.").or("true"),
    flag("fixedScale", "Scale the value axis over the whole series; as in TimeSeries when not given."),
    one_of("scale", &["linear", "log"], "How the value axis is divided.").or("linear"),
];

/// The description of `Channel`.
pub static SPEC: TagSpec = TagSpec {
    name: "Channel",
    doc: about("One column of a TimeSeries."),
    attributes: ATTRIBUTES,
    kind: TagKind::ObjectPart,
    parents: &["TimeSeries"],
    children: &["Channel", "View"],
    drawn: true,
    ..TagSpec::PART
};
