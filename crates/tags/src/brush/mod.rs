//! `Brush`: paints masks on an image.

use crate::spec::attr::{about, color, number, unit};
use crate::spec::{AttributeSpec, ResultSpec, TagSpec, Targets};

/// Attributes of the tag itself.
pub(crate) const ATTRIBUTES: &[AttributeSpec] = &[
    unit("opacity", "Opacity of the fill.").or("0.2"),
    color("fillColor", "Fill of regions without a label color.").or("#f48a42"),
    color("strokeColor", "Outline of regions without a label color.").or("#f48a42"),
    number("strokeWidth", "Accepted; the brush starts at 15 and its size is set in the toolbar.").or("15"),
];

/// The description of `Brush`.
pub static SPEC: TagSpec = TagSpec {
    name: "Brush",
    doc: about("Paints masks on an image."),
    attributes: ATTRIBUTES,
    targets: Targets::Usual(&["Image"]),
    result: Some(ResultSpec { type_name: "brush", value_key: None, region: true }),
    ..TagSpec::CONTROL
};
