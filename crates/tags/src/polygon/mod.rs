//! `Polygon`: draws polygons on an image.

use crate::spec::attr::{about, color, number, one_of, unit};
use crate::spec::{AttributeSpec, ResultSpec, TagSpec, Targets};

/// Attributes of the tag itself.
pub(crate) const ATTRIBUTES: &[AttributeSpec] = &[
    unit("opacity", "Opacity of the fill.").or("0.2"),
    color("fillColor", "Fill of regions without a label color.").or("#f48a42"),
    color("strokeColor", "Outline of regions without a label color.").or("#f48a42"),
    number("strokeWidth", "Width of the outline in pixels.").or("2"),
    one_of("pointSize", &["small", "medium", "large"], "Size of the handles.").or("small"),
    one_of("pointStyle", &["circle", "rectangle"], "Shape of the handles.").or("circle"),
    one_of("snap", &["none", "pixel"], "What corners snap to.").or("none"),
];

/// The description of `Polygon`.
pub static SPEC: TagSpec = TagSpec {
    name: "Polygon",
    doc: about("Draws polygons on an image."),
    attributes: ATTRIBUTES,
    targets: Targets::Only(&["Image"]),
    result: Some(ResultSpec { type_name: "polygon", value_key: None, region: true }),
    ..TagSpec::CONTROL
};
