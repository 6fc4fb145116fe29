//! Arming labels and relabelling regions (spec/tags.md 3.5).

use crate::editor::Editor;
use crate::message::Message;
use crate::nodes::TreeNodes;
use crate::update::Update;
use serde_json::Value;
use std::sync::Arc;
use tagloom_annotation_store::{Command, Geometry, Item, Region, RegionId};
use tagloom_tags::{Node, NodeId, Tree};

/// Whether a control's tag says labels of regions.
pub(crate) fn is_labels(node: &Node) -> bool {
    node.kind.ends_with("labels")
}

/// What is stored for a label: alias, else the literal text of `value` (spec/results.md 1.4).
pub(crate) fn stored_label(node: &Node) -> String {
    node.raw("alias").filter(|a| !a.is_empty()).or(node.raw_value.as_deref()).unwrap_or_default().to_owned()
}

pub(crate) fn stored_labels(tree: &Tree, control: &Node) -> Vec<String> {
    tree.labels_of(control.id).into_iter().map(|label| label.stored).collect()
}

impl Editor {
    /// Whether a chip is lit: the label is on a selected region of its object, or, with nothing selected, armed.
    pub fn label_active(&self, control: NodeId, label: NodeId) -> bool {
        let node = self.tree().node(control);
        let stored = stored_label(self.tree().node(label));
        let selected = self.selected_on(node);
        if selected.is_empty() {
            return self.armed().has(control, label);
        }
        let name = node.name.as_deref().unwrap_or_default();
        selected.iter().any(|region| has_label(region, name, &stored))
    }

    /// Selected regions that a control's target holds.
    fn selected_on(&self, control: &Node) -> Vec<Arc<Region>> {
        let document = self.document();
        document
            .selection()
            .iter()
            .filter_map(|id| document.region(id))
            .filter(|r| !r.is_classification() && control.to_names.iter().any(|n| **n == *r.to_name))
            .cloned()
            .collect()
    }

    pub(crate) fn toggle_label(&mut self, control: NodeId, label: NodeId) -> Update {
        let tree = self.tree().clone();
        let (control_node, label_node) = (tree.node(control), tree.node(label));
        let selected = self.selected_on(control_node);
        if selected.is_empty() {
            return self.arm(&tree, control_node, label_node);
        }
        let writable: Vec<_> = selected
            .into_iter()
            .filter(|r| !r.readonly && !self.document().flags(&r.id).locked)
            .filter(|r| can_carry(r, control_node))
            .collect();
        let mut update = Update::default();
        if writable.is_empty() || self.is_read_only() {
            return update;
        }
        let stored = stored_label(label_node);
        let name = control_node.name.clone().unwrap_or_default();
        // With several regions the first one decides whether the label comes or goes.
        let add = !has_label(&writable[0], &name, &stored);
        let multiple = control_node.str("choice") == "multiple";
        let more = writable.iter().filter(|r| !has_label(r, &name, &stored)).count();
        if add && let Some(message) = self.usage_exceeded(control_node, label_node, more) {
            update.absorb(self.show(message));
            return update;
        }
        update.absorb(self.command(Command::Begin));
        for region in writable {
            let now: Vec<String> =
                region.item(&name).map(|i| i.labels().map(str::to_owned).collect()).unwrap_or_default();
            let mut next = now.clone();
            if add {
                if !multiple {
                    next.clear();
                }
                if !next.contains(&stored) {
                    next.push(stored.clone());
                }
            } else {
                next.retain(|l| *l != stored);
            }
            if next == now {
                continue;
            }
            update.absorb(self.write_labels(&region, control_node, &name, next));
        }
        update.absorb(self.command(Command::Commit));
        update
    }

    fn write_labels(&mut self, region: &Region, control: &Node, name: &str, labels: Vec<String>) -> Update {
        let id: RegionId = region.id.clone();
        if labels.is_empty() && !control.bool("allowEmpty") {
            // The only label of the only group may not go: the region would be of nothing.
            let others = region.items.iter().filter(|i| *i.from_name != *name).count();
            if others == 0 {
                return Update::default();
            }
            return self.command(Command::RemoveItem(id, name.to_owned()));
        }
        let item = Item::new(name, control.kind.as_str(), Some(Value::from(labels)));
        // A region of one shape control that is given another label of a sibling control moves to it.
        let mut update = Update::default();
        if region.item(name).is_none() && control.kind != "labels" {
            let sibling = region.items.iter().find(|i| i.is_labels() && *i.kind == *control.kind);
            if let Some(sibling) = sibling {
                let old = sibling.from_name.to_string();
                update.absorb(self.command(Command::SetItem(id.clone(), item)));
                update.absorb(self.command(Command::RemoveItem(id, old)));
                return update;
            }
        }
        update.absorb(self.command(Command::SetItem(id, item)));
        update
    }

    fn arm(&mut self, tree: &Tree, control: &Node, label: &Node) -> Update {
        let mut update = Update::default();
        if self.is_read_only() {
            return update;
        }
        let multiple = control.str("choice") == "multiple";
        let mut labels = self.armed().labels(control.id).to_vec();
        if let Some(at) = labels.iter().position(|l| *l == label.id) {
            labels.remove(at);
        } else {
            if !multiple {
                labels.clear();
            }
            labels.push(label.id);
        }
        let armed_now = !labels.is_empty();
        let objects = control.to_names.clone();
        let tag = control.kind.clone();
        let armed = self.armed_mut();
        if armed_now {
            // Two shape tools of one object cannot both draw the next region; plain labels go with any tool.
            armed.retain(|other| {
                let node = tree.node(other);
                other == control.id
                    || node.kind == "labels"
                    || tag == "labels"
                    || !node.to_names.iter().any(|n| objects.contains(n))
            });
        }
        armed.set(control.id, labels);
        update.stale.armed = true;
        update.absorb(self.tool_after_arming(control.id, armed_now));
        update
    }

    pub(crate) fn disarm(&mut self) -> Update {
        let mut update = Update::default();
        if !self.armed().is_empty() {
            let controls: Vec<_> = self.armed().controls().collect();
            self.armed_mut().clear();
            update.stale.armed = true;
            for control in controls {
                update.absorb(self.tool_after_arming(control, false));
            }
        }
        update
    }

    /// `maxUsages`: a message when the label may not be given to `more` further regions.
    pub(crate) fn usage_exceeded(&self, control: &Node, label: &Node, more: usize) -> Option<Message> {
        let limit = label.number("maxUsages").or_else(|| control.number("maxUsages"))?;
        let stored = stored_label(label);
        let name = control.name.as_deref().unwrap_or_default();
        let used = self.document().regions().filter(|r| has_label(r, name, &stored)).count();
        (((used + more) as f64) > limit).then(|| {
            Message::warning(format!(
                "The label {stored:?} may be used {limit} times at most, and it is already used {used} times."
            ))
        })
    }
}

pub(crate) fn has_label(region: &Region, from_name: &str, stored: &str) -> bool {
    let merged = matches!(region.geometry, Geometry::VideoTrack(_));
    region
        .items
        .iter()
        .filter(|i| *i.from_name == *from_name || merged && &*i.kind == "videorectangle")
        .any(|i| i.labels().any(|l| l == stored))
}

/// Whether a control may label a region: plain labels always, `*Labels` where the shape is theirs.
fn can_carry(region: &Region, control: &Node) -> bool {
    let Some(shape) = control.kind.strip_suffix("labels") else { return false };
    shape.is_empty()
        || region.geometry.kind() == shape
        || region.items.iter().any(|i| *i.kind == *control.kind)
        || shape == "timeseries" && region.geometry.kind() == "timeseries"
        || shape == "paragraph" && region.geometry.kind() == "paragraphs"
}
