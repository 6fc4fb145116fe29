//! `HyperTextLabels`: marks parts of HTML and labels them.

use crate::spec::attr::about;
use crate::spec::{ResultSpec, TagSpec, Targets};

/// The description of `HyperTextLabels`.
pub static SPEC: TagSpec = TagSpec {
    name: "HyperTextLabels",
    doc: about("Marks parts of HTML and labels them."),
    targets: Targets::Only(&["HyperText"]),
    result: Some(ResultSpec {
        type_name: "hypertextlabels",
        value_key: Some("hypertextlabels"),
        region: true,
    }),
    drawn: true,
    ..TagSpec::LABELS
};
