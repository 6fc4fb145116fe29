//! `Vector`: draws open or closed paths, straight or with curves.

use crate::spec::attr::{about, color, flag, number, one_of, unit};
use crate::spec::{AttributeSpec, ResultSpec, TagSpec, Targets};

/// Attributes of the tag itself.
pub(crate) const ATTRIBUTES: &[AttributeSpec] = &[
    unit("opacity", "Opacity of the fill.").or("0.2"),
    color("fillColor", "Fill of regions without a label color.").or("#f48a42"),
    color("strokeColor", "Outline of regions without a label color.").or("#f48a42"),
    number("strokeWidth", "Width of the outline in pixels.").or("2"),
    one_of("snap", &["none", "pixel"], "What corners snap to.").or("none"),
    one_of("pointSize", &["small", "medium", "large"], "Size of the handles.").or("small"),
    one_of("pointStyle", &["circle", "rectangle"], "Shape of the handles.").or("circle"),
    flag("closable", "The path can be closed.").or("false"),
    flag("curves", "Vertices can have curve handles.").or("false"),
    flag("skeleton", "New points branch off the active vertex.").or("false"),
    number("minPoints", "Fewest vertices of a finished path."),
    number("maxPoints", "The path ends by itself at this many vertices."),
    number("pointSizeEnabled", "Size of the vertices of the selected path in pixels.").or("5"),
    number("pointSizeDisabled", "Size of the vertices of other paths in pixels.").or("3"),
];

/// The description of `Vector`.
pub static SPEC: TagSpec = TagSpec {
    name: "Vector",
    doc: about("Draws open or closed paths, straight or with curves."),
    attributes: ATTRIBUTES,
    targets: Targets::Only(&["Image"]),
    result: Some(ResultSpec { type_name: "vector", value_key: None, region: true }),
    ..TagSpec::CONTROL
};
