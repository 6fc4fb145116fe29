//! One folder per tag view, and the one list of them.

mod image;
mod timeseries;
mod video;

use leptos::prelude::*;
use tagloom_editor::TreeNodes;
use tagloom_tags::NodeId;

use crate::context::use_editor;

/// Makes the view of a tag.
pub type View = fn(NodeId) -> AnyView;

/// Every tag that is drawn, by [`tagloom_tags::Node::kind`].
pub const VIEWS: &[(&str, View)] =
    &[("image", image::view), ("timeseries", timeseries::view), ("video", video::view)];

/// The view of a node; a tag without one gets a card that says so, and its results stay untouched.
pub fn render_node(node: NodeId) -> AnyView {
    let context = use_editor();
    let tag = context.with(|e| e.tree().node(node).kind.clone());
    match VIEWS.iter().find(|(name, _)| *name == tag) {
        Some((_, view)) => view(node),
        None => view! { <div class="tl-not-drawn">{tag}</div> }.into_any(),
    }
}

/// The views of a node's children, in order.
pub fn render_children(node: NodeId) -> Vec<AnyView> {
    let context = use_editor();
    let children = context.with(|e| e.tree().node(node).children.clone());
    children.into_iter().map(render_node).collect()
}
