//! `BitmaskLabels`: paints hard-edged masks in image pixels and labels them.

use crate::spec::attr::about;
use crate::spec::{ResultSpec, TagSpec, Targets};

/// The description of `BitmaskLabels`.
pub static SPEC: TagSpec = TagSpec {
    name: "BitmaskLabels",
    doc: about("Paints hard-edged masks in image pixels and labels them."),
    attributes: crate::brush::ATTRIBUTES,
    targets: Targets::Only(&["Image"]),
    result: Some(ResultSpec { type_name: "bitmasklabels", value_key: Some("bitmasklabels"), region: true }),
    ..TagSpec::LABELS
};
