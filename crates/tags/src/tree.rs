//! An instantiated config: the tags as they are on the screen for one task.

use crate::node::{Node, NodeId};
use std::collections::HashMap;

/// All tags of a config for one task.
#[derive(Clone, Debug, Default)]
pub struct Tree {
    /// The tags in document order; the index is the [`NodeId`]. Empty for a config without any tag.
    pub nodes: Vec<Node>,
    /// Whether the task data asked for more tags than are made.
    pub truncated: bool,
    pub(crate) by_name: HashMap<String, NodeId>,
}

impl Tree {
    /// The root, if there is one.
    pub fn root(&self) -> Option<&Node> {
        self.nodes.first()
    }

    /// The node of that id, `None` for an id of another tree.
    pub fn get(&self, id: NodeId) -> Option<&Node> {
        self.nodes.get(id.index())
    }

    /// The tag of that name; the first one when a name is used twice.
    pub fn by_name(&self, name: &str) -> Option<&Node> {
        self.by_name.get(name).and_then(|id| self.get(*id))
    }

    /// Object tags in document order.
    pub fn objects(&self) -> impl Iterator<Item = &Node> {
        self.nodes.iter().filter(|node| node.is_object())
    }

    /// Control tags in document order.
    pub fn controls(&self) -> impl Iterator<Item = &Node> {
        self.nodes.iter().filter(|node| node.is_control())
    }

    /// The controls that label the object of that name, in document order.
    pub fn controls_of<'a>(&'a self, object: &'a str) -> impl Iterator<Item = &'a Node> + 'a {
        self.controls().filter(move |control| control.to_names.iter().any(|name| name == object))
    }

    /// The objects a control labels, in the order of its `toName`.
    pub fn objects_of<'a>(&'a self, control: &'a Node) -> impl Iterator<Item = &'a Node> + 'a {
        control.to_names.iter().filter_map(|name| self.by_name(name))
    }

    /// The tags directly inside.
    pub fn children(&self, id: NodeId) -> impl Iterator<Item = &Node> {
        self.get(id).into_iter().flat_map(|node| &node.children).filter_map(|child| self.get(*child))
    }

    /// The tags around a node, the innermost first, the node itself not counted.
    pub fn ancestors(&self, id: NodeId) -> impl Iterator<Item = &Node> {
        let parent = |node: &&Node| node.parent.and_then(|id| self.get(id));
        std::iter::successors(self.get(id).and_then(|node| parent(&node)), move |node| parent(node))
    }

    /// The tags below a node in document order, the node itself not counted.
    pub fn descendants(&self, id: NodeId) -> Descendants<'_> {
        let mut stack: Vec<NodeId> = self.get(id).map(|node| node.children.clone()).unwrap_or_default();
        stack.reverse();
        Descendants { tree: self, stack }
    }

    /// The first tag around `id` (or itself) that is a control: the one a label or choice belongs to.
    pub fn control_around(&self, id: NodeId) -> Option<&Node> {
        self.get(id)
            .filter(|node| node.is_control())
            .or_else(|| self.ancestors(id).find(|node| node.is_control()))
    }
}

/// Depth-first iterator; see [`Tree::descendants`].
#[derive(Clone, Debug)]
pub struct Descendants<'a> {
    tree: &'a Tree,
    stack: Vec<NodeId>,
}

impl<'a> Iterator for Descendants<'a> {
    type Item = &'a Node;

    fn next(&mut self) -> Option<&'a Node> {
        let node = self.tree.get(self.stack.pop()?)?;
        self.stack.extend(node.children.iter().rev());
        Some(node)
    }
}
