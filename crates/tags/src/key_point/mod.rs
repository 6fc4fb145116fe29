//! `KeyPoint`: sets points on an image.

use crate::spec::attr::{about, color, number, one_of, unit};
use crate::spec::{AttributeSpec, ResultSpec, TagSpec, Targets};

/// Attributes of the tag itself.
pub(crate) const ATTRIBUTES: &[AttributeSpec] = &[
    unit("opacity", "Opacity of the fill.").or("0.9"),
    color("fillColor", "Fill of regions without a label color.").or("#8bad00"),
    color("strokeColor", "Outline of regions without a label color.").or("#8bad00"),
    number("strokeWidth", "Radius of the point in pixels.").or("2"),
    one_of("snap", &["none", "pixel"], "What corners snap to.").or("none"),
];

/// The description of `KeyPoint`.
pub static SPEC: TagSpec = TagSpec {
    name: "KeyPoint",
    doc: about("Sets points on an image."),
    attributes: ATTRIBUTES,
    targets: Targets::Usual(&["Image"]),
    result: Some(ResultSpec { type_name: "keypoint", value_key: None, region: true }),
    ..TagSpec::CONTROL
};
