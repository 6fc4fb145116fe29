//! `Pdf`: shows a PDF document to classify.

use crate::spec::attr::{about, bound};
use crate::spec::{AttributeSpec, TagSpec};

/// Attributes of the tag itself.
const ATTRIBUTES: &[AttributeSpec] = &[bound("value", "URL of the document.").required()];

/// The description of `Pdf`.
pub static SPEC: TagSpec = TagSpec {
    name: "Pdf",
    doc: about("Shows a PDF document to classify."),
    attributes: ATTRIBUTES,
    ..TagSpec::OBJECT
};
