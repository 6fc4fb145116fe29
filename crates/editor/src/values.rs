//! Values of classification controls: of the object, of a region, of an item.

use crate::editor::Editor;
use crate::nodes::TreeNodes;
use crate::update::Update;
use serde_json::Value;
use tagloom_annotation_store::{Command, Geometry, Item, Region, RegionId};
use tagloom_tags::{Node, NodeId};

/// Where a control's value belongs now.
#[derive(Clone, Debug, PartialEq)]
enum Place {
    /// The whole object, or one item of it.
    Object {
        to_name: String,
        item_index: Option<u64>,
    },
    Region(RegionId),
    /// A per-region control without exactly one selected region of its object.
    Nowhere,
}

/// Nothing, an empty list or text: no result.
fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(a) => a.is_empty(),
        Value::String(s) => s.is_empty(),
        Value::Object(o) => o.is_empty(),
        _ => false,
    }
}

impl Editor {
    fn place(&self, control: &Node) -> Place {
        if control.bool("perRegion") {
            return match self.document().single_selection() {
                Some(r) if !r.is_classification() && control.to_names.iter().any(|n| **n == *r.to_name) => {
                    Place::Region(r.id.clone())
                }
                _ => Place::Nowhere,
            };
        }
        // Pairwise stands for both its sides (spec/results.md 4.7).
        let to_name =
            if control.kind == "pairwise" { control.name.clone() } else { control.to_names.first().cloned() };
        let to_name = to_name.unwrap_or_default();
        let item_index = control.bool("perItem").then(|| self.item_index(&to_name));
        Place::Object { to_name, item_index }
    }

    /// What a control says now, where it stands now.
    pub fn value(&self, control: NodeId) -> Option<Value> {
        let node = self.tree().node(control);
        let name = node.name.as_deref()?;
        let document = self.document();
        match self.place(node) {
            Place::Nowhere => None,
            Place::Region(id) => document.region(&id)?.item(name)?.value().cloned(),
            Place::Object { item_index, .. } => document.classification(name, item_index)?.1.value().cloned(),
        }
    }

    pub(crate) fn set_value(&mut self, control: NodeId, value: Option<Value>) -> Update {
        let tree = self.tree().clone();
        let node = tree.node(control);
        let Some(name) = node.name.clone() else { return Update::default() };
        let value = value.filter(|v| !is_empty(v));
        if self.value(control) == value {
            return Update::default();
        }
        match self.place(node) {
            Place::Nowhere => Update::default(),
            Place::Region(id) => match value {
                Some(value) => {
                    self.command(Command::SetItem(id, Item::new(name, node.kind.as_str(), Some(value))))
                }
                None => self.command(Command::RemoveItem(id, name)),
            },
            Place::Object { to_name, item_index } => {
                let old = self.document().classification(&name, item_index).map(|(r, _)| r.id.clone());
                match (old, value) {
                    (Some(id), Some(value)) => {
                        self.command(Command::SetItem(id, Item::new(name, node.kind.as_str(), Some(value))))
                    }
                    (Some(id), None) => self.command(Command::RemoveItem(id, name)),
                    (None, Some(value)) => {
                        let item = Item::new(name, node.kind.as_str(), Some(value));
                        let mut region = Region::new(to_name, Geometry::None, item);
                        region.item_index = item_index;
                        self.command(Command::Put(region))
                    }
                    (None, None) => Update::default(),
                }
            }
        }
    }
}
