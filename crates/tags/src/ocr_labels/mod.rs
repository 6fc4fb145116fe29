//! `OcrLabels`: marks text in documents and labels it (Label Studio Enterprise).

use crate::spec::attr::about;
use crate::spec::{ResultSpec, TagSpec, Targets};

/// The description of `OcrLabels`.
pub static SPEC: TagSpec = TagSpec {
    name: "OcrLabels",
    doc: about("Marks text in documents and labels it (Label Studio Enterprise)."),
    targets: Targets::Usual(&["Pdf", "Image"]),
    result: Some(ResultSpec { type_name: "ocrlabels", value_key: Some("ocrlabels"), region: true }),
    enterprise: true,
    ..TagSpec::LABELS
};
