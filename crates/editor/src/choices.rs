//! Choosing: single, multiple and nested choices (spec/tags.md 5.6, spec/results.md 4.1).

use crate::editor::Editor;
use crate::nodes::TreeNodes;
use crate::update::Update;
use serde_json::Value;
use std::collections::BTreeSet;
use tagloom_tags::{Node, NodeId, Tree};

/// What is stored for a choice: alias, else the bound value.
pub(crate) fn stored_choice(node: &Node) -> String {
    if let Some(alias) = node.raw("alias").filter(|a| !a.is_empty()) {
        return alias.to_owned();
    }
    match &node.value {
        Value::String(s) => s.clone(),
        Value::Null => node.raw_value.clone().unwrap_or_default(),
        other => other.to_string(),
    }
}

/// Choices of a control in document order, nested ones included.
pub(crate) fn choice_nodes<'t>(tree: &'t Tree, root: &Node) -> Vec<&'t Node> {
    let mut out = Vec::new();
    for id in &root.children {
        let node = tree.node(*id);
        if node.kind == "choice" {
            out.push(node);
        }
        out.extend(choice_nodes(tree, node));
    }
    out
}

/// Stored values from the outermost choice to this one.
fn path(tree: &Tree, choice: &Node) -> Vec<String> {
    let mut out: Vec<String> =
        tree.ancestors(choice.id).take_while(|n| n.kind == "choice").map(stored_choice).collect();
    out.reverse();
    out.push(stored_choice(choice));
    out
}

fn selected_paths(value: Option<&Value>) -> BTreeSet<Vec<String>> {
    let text = |v: &Value| v.as_str().map(str::to_owned);
    value
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(|v| match v {
            Value::Array(path) => Some(path.iter().filter_map(text).collect()),
            other => text(other).map(|t| vec![t]),
        })
        .collect()
}

impl Editor {
    /// Whether a choice is chosen, where its control stands now.
    pub fn choice_selected(&self, control: NodeId, choice: NodeId) -> bool {
        let tree = self.tree();
        let node = tree.node(choice);
        let nested = tree.node(control).bool("allowNested");
        let wanted = if nested { path(tree, node) } else { vec![stored_choice(node)] };
        selected_paths(self.value(control).as_ref()).contains(&wanted)
    }

    pub(crate) fn toggle_choice(&mut self, control: NodeId, choice: NodeId) -> Update {
        let tree = self.tree().clone();
        let (control_node, choice_node) = (tree.node(control), tree.node(choice));
        let mut selected = selected_paths(self.value(control).as_ref());
        let on = !self.choice_selected(control, choice);
        if control_node.bool("allowNested") {
            self.toggle_nested(&tree, control_node, choice_node, on, &mut selected);
            let paths = choice_nodes(&tree, control_node).into_iter().map(|n| path(&tree, n));
            let value: Vec<Value> = paths.filter(|p| selected.contains(p)).map(Value::from).collect();
            return self.set_value(control, Some(value.into()));
        }
        let stored = vec![stored_choice(choice_node)];
        match control_node.str("choice") {
            "multiple" => {
                if on {
                    selected.insert(stored);
                } else {
                    selected.remove(&stored);
                }
            }
            // A radio button stays on when it is pressed again.
            "single-radio" => selected = BTreeSet::from([stored]),
            _ => {
                selected.clear();
                if on {
                    selected.insert(stored);
                }
            }
        }
        // In the order of the config, and what the config does not know (loaded values) after it.
        let known: Vec<Vec<String>> =
            choice_nodes(&tree, control_node).into_iter().map(|n| vec![stored_choice(n)]).collect();
        let mut value: Vec<Value> = Vec::new();
        for p in known
            .iter()
            .filter(|p| selected.contains(*p))
            .chain(selected.iter().filter(|p| !known.contains(p)))
        {
            let text = Value::from(p.join("/"));
            if !value.contains(&text) {
                value.push(text);
            }
        }
        self.set_value(control, Some(value.into()))
    }

    /// A parent stands for all its descendants, and is on exactly when all its children are.
    fn toggle_nested(
        &self,
        tree: &Tree,
        control: &Node,
        choice: &Node,
        on: bool,
        selected: &mut BTreeSet<Vec<String>>,
    ) {
        if control.str("choice") != "multiple" && on {
            selected.clear();
        }
        for node in std::iter::once(choice).chain(choice_nodes(tree, choice)) {
            let path = path(tree, node);
            if on {
                selected.insert(path);
            } else {
                selected.remove(&path);
            }
        }
        for parent in tree.ancestors(choice.id).take_while(|n| n.kind == "choice") {
            let all = parent
                .children
                .iter()
                .map(|id| tree.node(*id))
                .filter(|n| n.kind == "choice")
                .all(|n| selected.contains(&path(tree, n)));
            let path = path(tree, parent);
            if all {
                selected.insert(path);
            } else {
                selected.remove(&path);
            }
        }
    }

    /// Values of choices that the config preselects, for a new annotation.
    pub(crate) fn preselected(&self) -> Vec<(NodeId, Value)> {
        let tree = self.tree();
        let controls = tree.nodes.iter().filter(|n| matches!(n.kind.as_str(), "choices" | "taxonomy"));
        controls
            .filter(|c| c.name.is_some() && !c.bool("perRegion") && !c.bool("perItem"))
            .filter_map(|control| {
                let nested = control.bool("allowNested") || control.kind == "taxonomy";
                let values: Vec<Value> = choice_nodes(tree, control)
                    .into_iter()
                    .filter(|n| n.bool("selected"))
                    .map(|n| if nested { path(tree, n).into() } else { stored_choice(n).into() })
                    .collect();
                (!values.is_empty()).then(|| (control.id, Value::Array(values)))
            })
            .collect()
    }
}
