//! `VideoVectorLabels`: tracks paths in a video and labels them (Label Studio Enterprise).

use crate::spec::attr::about;
use crate::spec::{ResultSpec, TagSpec, Targets};

/// The description of `VideoVectorLabels`.
pub static SPEC: TagSpec = TagSpec {
    name: "VideoVectorLabels",
    doc: about("Tracks paths in a video and labels them (Label Studio Enterprise)."),
    targets: Targets::Usual(&["Video"]),
    result: Some(ResultSpec {
        type_name: "videovectorlabels",
        value_key: Some("videovectorlabels"),
        region: true,
    }),
    enterprise: true,
    ..TagSpec::LABELS
};
