//! `VideoVector`: tracks paths through a video (Label Studio Enterprise).

use crate::spec::attr::about;
use crate::spec::{ResultSpec, TagSpec, Targets};

/// The description of `VideoVector`.
pub static SPEC: TagSpec = TagSpec {
    name: "VideoVector",
    doc: about("Tracks paths through a video (Label Studio Enterprise)."),
    targets: Targets::Usual(&["Video"]),
    result: Some(ResultSpec { type_name: "videovector", value_key: None, region: true }),
    enterprise: true,
    ..TagSpec::CONTROL
};
