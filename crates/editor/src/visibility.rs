//! The editor's answers to the visibility rules (spec/tags.md 3.1, 3.2).

use crate::choices::stored_choice;
use crate::editor::Editor;
use crate::nodes::TreeNodes;
use serde_json::Value;
use tagloom_annotation_store::{Item, Region};
use tagloom_tags::{Node, NodeId, Tree};

fn list(text: &str) -> Vec<&str> {
    text.split(',').map(str::trim).filter(|s| !s.is_empty()).collect()
}

/// The last element of each path of a taxonomy or nested choices, or the plain values.
fn chosen(value: Option<&Value>) -> Vec<String> {
    let Some(Value::Array(values)) = value else { return Vec::new() };
    values
        .iter()
        .filter_map(|v| match v {
            Value::Array(path) => path.last().and_then(Value::as_str).map(str::to_owned),
            other => other.as_str().map(str::to_owned),
        })
        .collect()
}

impl Editor {
    /// Whether a tag is shown now: its own condition, its ancestors', and for per-region controls the region's.
    pub fn visible(&self, node: NodeId) -> bool {
        let tree = self.tree();
        self.visible_alone(tree, tree.node(node))
            && tree.ancestors(node).all(|above| self.visible_alone(tree, above))
    }

    fn visible_alone(&self, tree: &Tree, node: &Node) -> bool {
        if node.bool("perRegion") && !self.region_fits(node) {
            return false;
        }
        let when = node.raw("visibleWhen").unwrap_or_default();
        match when {
            "" => match node.raw("whenChoiceValue") {
                Some(wanted) if !node.bool("perRegion") => tree
                    .nodes
                    .iter()
                    .filter(|n| n.kind == "choices")
                    .any(|n| chosen(self.value(n.id).as_ref()).iter().any(|c| c == wanted)),
                _ => true,
            },
            "region-selected" => self.region_selected(tree, node),
            "no-region-selected" => !self
                .document()
                .selection()
                .iter()
                .any(|id| self.document().region(id).is_some_and(|r| !r.is_classification())),
            "choice-selected" => self.choice_condition(tree, node),
            "choice-unselected" => !self.choice_condition(tree, node),
            _ => true,
        }
    }

    fn region_fits(&self, control: &Node) -> bool {
        let Some(region) = self.document().single_selection() else { return false };
        if region.is_classification() || !control.to_names.iter().any(|n| **n == *region.to_name) {
            return false;
        }
        match control.raw("whenLabelValue") {
            None | Some("") => true,
            Some(wanted) => {
                let labels = region.labels();
                labels.contains(&wanted) || list(wanted).iter().any(|w| labels.contains(w))
            }
        }
    }

    fn region_selected(&self, tree: &Tree, node: &Node) -> bool {
        let Some(region) = self.document().single_selection().filter(|r| !r.is_classification()) else {
            return false;
        };
        if let Some(name) = node.raw("whenTagName").filter(|n| !n.is_empty()) {
            // The labels control, as the reference does, or the object, as its documentation says.
            let of_labels = region.items.iter().any(|i| i.is_labels() && *i.from_name == *name);
            let of_object = *region.to_name == *name && tree.by_name(name).is_some();
            if !of_labels && !of_object {
                return false;
            }
        }
        match node.raw("whenLabelValue").filter(|v| !v.is_empty()) {
            None => true,
            Some(wanted) => {
                let labels = region.labels();
                list(wanted).iter().any(|w| labels.contains(w))
            }
        }
    }

    fn choice_condition(&self, tree: &Tree, node: &Node) -> bool {
        let Some(name) = node.raw("whenTagName").filter(|n| !n.is_empty()) else {
            return tree
                .nodes
                .iter()
                .filter(|n| n.kind == "choices")
                .any(|n| !chosen(self.value(n.id).as_ref()).is_empty());
        };
        let Some(control) = tree.by_name(name) else { return false };
        if !self.visible(control.id) {
            return false;
        }
        let selected = chosen(self.value(control.id).as_ref());
        match node.raw("whenChoiceValue").filter(|v| !v.is_empty()) {
            None => !selected.is_empty(),
            Some(wanted) => {
                let wanted = list(wanted);
                selected.iter().any(|stored| {
                    wanted.contains(&stored.as_str())
                        || crate::choices::choice_nodes(tree, control).into_iter().any(|c| {
                            stored_choice(c) == *stored
                                && c.value.as_str().is_some_and(|v| wanted.contains(&v))
                        })
                })
            }
        }
    }

    /// Whether a result is written (spec/tags.md 3.2).
    pub(crate) fn keeps(&self, region: &Region, item: &Item) -> bool {
        let tree = self.tree();
        let Some(node) = tree.by_name(&item.from_name) else { return true };
        let when = node.raw("visibleWhen").unwrap_or_default();
        if node.bool("perRegion") {
            if let Some(wanted) = node.raw("whenLabelValue").filter(|v| !v.is_empty()) {
                let labels = region.labels();
                if !labels.contains(&wanted) && !list(wanted).iter().any(|w| labels.contains(w)) {
                    return false;
                }
            }
            if when == "choice-selected" && !self.choice_of(tree, node, region) {
                return false;
            }
        }
        if when == "choice-unselected" && self.choice_of(tree, node, region) {
            return false;
        }
        if !node.bool("perRegion") {
            let conditional = when == "choice-selected"
                || tree.ancestors(node.id).any(|above| above.raw("visibleWhen") == Some("choice-selected"));
            if conditional && !self.visible(node.id) {
                return false;
            }
        }
        true
    }

    /// The choice condition of a control; a per-region choice is looked up on the same region.
    fn choice_of(&self, tree: &Tree, node: &Node, region: &Region) -> bool {
        let referenced = node.raw("whenTagName").and_then(|name| tree.by_name(name));
        let Some(control) = referenced.filter(|c| c.bool("perRegion")) else {
            return self.choice_condition(tree, node);
        };
        let value = control.name.as_deref().and_then(|name| region.item(name)).and_then(Item::value);
        let selected = chosen(value);
        match node.raw("whenChoiceValue").filter(|v| !v.is_empty()) {
            None => !selected.is_empty(),
            Some(wanted) => list(wanted).iter().any(|w| selected.iter().any(|s| s == w)),
        }
    }
}
