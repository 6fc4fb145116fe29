//! `PolygonLabels`: draws polygons on an image and labels them.

use crate::spec::attr::about;
use crate::spec::{ResultSpec, TagSpec, Targets};

/// The description of `PolygonLabels`.
pub static SPEC: TagSpec = TagSpec {
    name: "PolygonLabels",
    doc: about("Draws polygons on an image and labels them."),
    attributes: crate::polygon::ATTRIBUTES,
    targets: Targets::Only(&["Image"]),
    result: Some(ResultSpec { type_name: "polygonlabels", value_key: Some("polygonlabels"), region: true }),
    ..TagSpec::LABELS
};
