//! `KeyPointLabels`: sets points on an image and labels them.

use crate::spec::attr::about;
use crate::spec::{ResultSpec, TagSpec, Targets};

/// The description of `KeyPointLabels`.
pub static SPEC: TagSpec = TagSpec {
    name: "KeyPointLabels",
    doc: about("Sets points on an image and labels them."),
    attributes: crate::key_point::ATTRIBUTES,
    targets: Targets::Only(&["Image"]),
    result: Some(ResultSpec { type_name: "keypointlabels", value_key: Some("keypointlabels"), region: true }),
    ..TagSpec::LABELS
};
