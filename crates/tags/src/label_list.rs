//! The labels and choices of a control.

use crate::colors::label_color_at;
use crate::node::{Node, NodeId};
use crate::tree::Tree;
use std::collections::HashMap;

/// One label, choice or relation label.
#[derive(Clone, Debug, PartialEq)]
pub struct LabelSpec {
    /// The Label, Choice, Shortcut, Bucket or Relation tag.
    pub node: NodeId,
    /// What is shown: the bound value, `blank` when it is empty.
    pub value: String,
    /// What a result holds: the alias, else the literal attribute for labels and the bound value for choices
    /// (results.md 1.4).
    pub stored: String,
    /// Stored values from the outermost choice down to this one; one element for labels and flat choices.
    pub path: Vec<String>,
    /// The alias, if set.
    pub alias: Option<String>,
    /// The color as configured.
    pub background: Option<String>,
    /// The color to draw with.
    pub color: String,
    /// The hotkey as configured; [`crate::assign_hotkeys`] gives the automatic ones.
    pub hotkey: Option<String>,
    /// Tooltip.
    pub hint: Option<String>,
    /// Caption with markup, to be sanitised before it is shown.
    pub html: Option<String>,
    /// Active or chosen from the start.
    pub selected: bool,
    /// How often it may be used; the control's own limit when the label has none.
    pub max_usages: Option<f64>,
}

impl Tree {
    /// The labels of a control in document order; nested choices follow their parent.
    ///
    /// For Labels and `*Labels` these are the Label tags below, for Choices and Taxonomy the Choice tags, for Relations
    /// the Relation tags. Empty for anything else.
    pub fn labels_of(&self, control: NodeId) -> Vec<LabelSpec> {
        let Some(owner) = self.get(control) else { return Vec::new() };
        let part = match owner.kind_name() {
            "Choices" | "Taxonomy" => "Choice",
            "Relations" => "Relation",
            "Ranker" => "Bucket",
            _ if owner.spec.is_some_and(|spec| spec.is_labels()) => "Label",
            _ => return Vec::new(),
        };
        let mut labels: Vec<LabelSpec> = Vec::new();
        let mut places: HashMap<NodeId, usize> = HashMap::new();
        for node in self.descendants(control).filter(|node| node.is(part)) {
            let mut label = label_spec(node, labels.len());
            label.max_usages = label.max_usages.or_else(|| owner.number("maxUsages"));
            let parent = node.parent.and_then(|id| places.get(&id)).and_then(|place| labels.get(*place));
            if let Some(parent) = parent {
                label.path.splice(0..0, parent.path.iter().cloned());
            }
            places.insert(node.id, labels.len());
            labels.push(label);
        }
        labels
    }

    /// The label of a control that stores `stored`.
    pub fn label_of(&self, control: NodeId, stored: &str) -> Option<LabelSpec> {
        self.labels_of(control).into_iter().find(|label| label.stored == stored)
    }
}

fn label_spec(node: &Node, index: usize) -> LabelSpec {
    let text = |name: &str| node.raw(name).filter(|value| !value.is_empty()).map(str::to_owned);
    let bound = node.value_text();
    let alias = text("alias");
    let literal = match node.kind_name() {
        "Choice" => bound.clone(),
        "Bucket" => node.name.clone().unwrap_or_default(),
        _ => node.raw_value.clone().unwrap_or_default(),
    };
    let stored = alias.clone().unwrap_or(literal);
    let background = text("background").or_else(|| text("color"));
    let shown = if node.is("Bucket") { text("title").unwrap_or_else(|| stored.clone()) } else { bound };
    LabelSpec {
        node: node.id,
        value: if shown.is_empty() { "blank".to_owned() } else { shown },
        path: vec![stored.clone()],
        stored,
        alias,
        color: label_color_at(index, background.as_deref()),
        background,
        hotkey: text("hotkey"),
        hint: text("hint"),
        html: text("html"),
        selected: node.bool("selected"),
        max_usages: node.number("maxUsages"),
    }
}
