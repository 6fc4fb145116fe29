//! `ParagraphLabels`: marks parts of utterances and labels them.

use crate::spec::attr::about;
use crate::spec::{ResultSpec, TagSpec, Targets};

/// The description of `ParagraphLabels`.
pub static SPEC: TagSpec = TagSpec {
    name: "ParagraphLabels",
    doc: about("Marks parts of utterances and labels them."),
    targets: Targets::Usual(&["Paragraphs"]),
    result: Some(ResultSpec {
        type_name: "paragraphlabels",
        value_key: Some("paragraphlabels"),
        region: true,
    }),
    ..TagSpec::LABELS
};
