//! The labeling screen.

use crate::context::use_editor;
use crate::tags::render_node;
use leptos::prelude::*;

/// The whole editor; needs an [`crate::EditorContext`] in context.
#[component]
pub fn LabelingScreen() -> impl IntoView {
    let context = use_editor();
    move || {
        let tree = context.tree().get();
        tree.root().map(|root| render_node(root.id))
    }
}
