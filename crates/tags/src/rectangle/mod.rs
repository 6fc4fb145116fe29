//! `Rectangle`: draws boxes on an image; with Labels on the same image they get labels.

pub mod edit;
pub mod tool;

use crate::spec::attr::{about, color, flag, number, one_of, unit};
use crate::spec::{AttributeSpec, ResultSpec, TagSpec, Targets};

/// Attributes of the tag itself.
pub(crate) const ATTRIBUTES: &[AttributeSpec] = &[
    unit("opacity", "Opacity of the fill.").or("0.2"),
    color("fillColor", "Fill of regions without a label color.").or("#f48a42"),
    color("strokeColor", "Outline of regions without a label color.").or("#f48a42"),
    number("strokeWidth", "Width of the outline in pixels.").or("1"),
    unit("fillOpacity", "Opacity of the fill, when it should differ from `opacity`."),
    flag("canRotate", "Whether regions can be rotated.").or("true"),
    one_of("snap", &["none", "pixel"], "What corners snap to.").or("none"),
];

/// The description of `Rectangle`.
pub static SPEC: TagSpec = TagSpec {
    name: "Rectangle",
    doc: about("Draws boxes on an image; with Labels on the same image they get labels."),
    attributes: ATTRIBUTES,
    targets: Targets::Usual(&["Image"]),
    result: Some(ResultSpec { type_name: "rectangle", value_key: None, region: true }),
    drawn: true,
    ..TagSpec::CONTROL
};
