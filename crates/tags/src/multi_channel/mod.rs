//! `MultiChannel`: draws its channels over each other on one axis.

use crate::spec::attr::{about, flag, number, one_of};
use crate::spec::{AttributeSpec, TagKind, TagSpec};

/// Attributes of the tag itself.
const ATTRIBUTES: &[AttributeSpec] = &[
    number("height", "Height in pixels.").or("200"),
    flag("showAxis", "Show the time axis.").or("true"),
    flag("showYAxis", "Show the value axis.").or("true"),
    flag("fixedScale", "Scale the value axis over the whole series; as in TimeSeries when not given."),
    one_of("scale", &["linear", "log"], "How the value axis is divided.").or("linear"),
];

/// The description of `MultiChannel`.
pub static SPEC: TagSpec = TagSpec {
    name: "MultiChannel",
    doc: about("Draws its channels over each other on one axis."),
    attributes: ATTRIBUTES,
    kind: TagKind::ObjectPart,
    parents: &["TimeSeries"],
    children: &["Channel"],
    ..TagSpec::PART
};
