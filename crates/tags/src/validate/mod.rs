//! Checks of meaning (tags.md 8.1).

use crate::tree::Tree;
use tagloom_label_config::{Diagnostic, Document};

pub(crate) fn all(_document: &Document, _template: &Tree) -> Vec<Diagnostic> {
    Vec::new()
}
