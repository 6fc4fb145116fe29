//! `Ellipse`: draws ellipses on an image.

use crate::spec::attr::{about, color, flag, number, unit};
use crate::spec::{AttributeSpec, ResultSpec, TagSpec, Targets};

/// Attributes of the tag itself.
pub(crate) const ATTRIBUTES: &[AttributeSpec] = &[
    unit("opacity", "Opacity of the fill.").or("0.2"),
    color("fillColor", "Fill of regions without a label color.").or("#f48a42"),
    color("strokeColor", "Outline of regions without a label color.").or("#f48a42"),
    number("strokeWidth", "Width of the outline in pixels.").or("1"),
    unit("fillOpacity", "Opacity of the fill, when it should differ from `opacity`."),
    flag("canRotate", "Whether regions can be rotated.").or("true"),
];

/// The description of `Ellipse`.
pub static SPEC: TagSpec = TagSpec {
    name: "Ellipse",
    doc: about("Draws ellipses on an image."),
    attributes: ATTRIBUTES,
    targets: Targets::Usual(&["Image"]),
    result: Some(ResultSpec { type_name: "ellipse", value_key: None, region: true }),
    ..TagSpec::CONTROL
};
