//! `MagicWand`: selects areas of similar color on an image.

use crate::spec::attr::{about, number, unit};
use crate::spec::{AttributeSpec, ResultSpec, TagSpec, Targets};

/// Attributes of the tag itself.
const ATTRIBUTES: &[AttributeSpec] = &[
    unit("opacity", "Opacity of the mask.").or("0.6"),
    number("blurRadius", "How much the edge of the mask is smoothed, in pixels.").or("5"),
    number("defaultThreshold", "How similar colors must be at the start, 1 to 255.").or("15"),
];

/// The description of `MagicWand`.
pub static SPEC: TagSpec = TagSpec {
    name: "MagicWand",
    doc: about("Selects areas of similar color on an image."),
    attributes: ATTRIBUTES,
    targets: Targets::Usual(&["Image"]),
    result: Some(ResultSpec { type_name: "magicwand", value_key: None, region: true }),
    ..TagSpec::CONTROL
};
