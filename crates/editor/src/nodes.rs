//! Nodes by id without a way to fail.

use std::sync::LazyLock;
use tagloom_tags::{Config, Node, NodeId, Tree};

/// [`Tree::get`] for ids that views hold on to.
pub trait TreeNodes {
    /// The node; for an id of a tree that is gone an empty `View` without name, so that a late event does nothing.
    fn node(&self, id: NodeId) -> &Node;
}

static NOTHING: LazyLock<Tree> =
    LazyLock::new(|| Config::new("<View></View>").instantiate(&serde_json::Value::Null));

impl TreeNodes for Tree {
    fn node(&self, id: NodeId) -> &Node {
        self.get(id).unwrap_or_else(|| &NOTHING.nodes[0])
    }
}
