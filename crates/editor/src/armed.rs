//! Labels that are armed for the next region.

use indexmap::IndexMap;
use tagloom_tags::NodeId;

/// Armed labels by control, in the order they were armed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Armed(IndexMap<NodeId, Vec<NodeId>>);

impl Armed {
    pub fn labels(&self, control: NodeId) -> &[NodeId] {
        self.0.get(&control).map_or(&[], Vec::as_slice)
    }
    pub fn has(&self, control: NodeId, label: NodeId) -> bool {
        self.labels(control).contains(&label)
    }
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
    pub fn controls(&self) -> impl Iterator<Item = NodeId> {
        self.0.keys().copied()
    }
    pub(crate) fn set(&mut self, control: NodeId, labels: Vec<NodeId>) {
        if labels.is_empty() {
            self.0.shift_remove(&control);
        } else {
            self.0.insert(control, labels);
        }
    }
    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }
    pub(crate) fn retain(&mut self, keep: impl Fn(NodeId) -> bool) {
        self.0.retain(|control, _| keep(*control));
    }
}
