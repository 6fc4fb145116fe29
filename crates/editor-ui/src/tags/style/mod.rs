//! `Style`: CSS of the config, filtered and kept inside the data area (spec/tags.md 6).

use crate::context::use_editor;
use crate::css::scope_sheet;
use leptos::prelude::*;
use tagloom_editor::TreeNodes;
use tagloom_tags::NodeId;

/// Where the tag tree is drawn.
const SCOPE: &str = ".tl-data";

pub(super) fn view(node: NodeId) -> AnyView {
    let sheet = use_editor().with(|e| {
        let n = e.tree().node(node);
        scope_sheet(&n.value_text(), SCOPE)
    });
    view! { <style>{sheet}</style> }.into_any()
}
