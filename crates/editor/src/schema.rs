//! The tag tree as the schema that results are loaded with.

use crate::labels::stored_labels;
use tagloom_annotation_store::{ControlInfo, Schema};
use tagloom_tags::{Node, Tree};

/// A borrowed tree that answers for [`tagloom_annotation_store::load`].
#[derive(Debug)]
pub(crate) struct TreeSchema<'a>(pub(crate) &'a Tree);

impl TreeSchema<'_> {
    fn info(&self, node: &Node) -> ControlInfo {
        ControlInfo {
            name: node.name.clone().unwrap_or_default(),
            kind: node.kind.clone(),
            to_names: node.to_names.clone(),
            labels: stored_labels(self.0, node),
            allow_empty: node.bool("allowEmpty"),
        }
    }
}

impl Schema for TreeSchema<'_> {
    fn control(&self, name: &str) -> Option<ControlInfo> {
        let node = self.0.by_name(name)?;
        (!node.to_names.is_empty()).then(|| self.info(node))
    }

    fn object(&self, name: &str) -> Option<String> {
        self.0.by_name(name).filter(|n| n.to_names.is_empty()).map(|n| n.kind.clone())
    }

    fn controls_of(&self, object: &str) -> Vec<ControlInfo> {
        self.0.controls_of(object).map(|n| self.info(n)).collect()
    }
}
