//! `Bitmask`: paints hard-edged masks in image pixels.

use crate::spec::attr::about;
use crate::spec::{ResultSpec, TagSpec, Targets};

/// The description of `Bitmask`.
pub static SPEC: TagSpec = TagSpec {
    name: "Bitmask",
    doc: about("Paints hard-edged masks in image pixels."),
    attributes: crate::brush::ATTRIBUTES,
    targets: Targets::Usual(&["Image"]),
    result: Some(ResultSpec { type_name: "bitmask", value_key: None, region: true }),
    ..TagSpec::CONTROL
};
