//! `VideoRectangle`: tracks boxes through a video; with Labels on the same video they get labels.

use crate::spec::attr::about;
use crate::spec::{ResultSpec, TagSpec, Targets};

/// The description of `VideoRectangle`.
pub static SPEC: TagSpec = TagSpec {
    name: "VideoRectangle",
    doc: about("Tracks boxes through a video; with Labels on the same video they get labels."),
    targets: Targets::Usual(&["Video"]),
    drawn: true,
    result: Some(ResultSpec { type_name: "videorectangle", value_key: None, region: true }),
    ..TagSpec::CONTROL
};
