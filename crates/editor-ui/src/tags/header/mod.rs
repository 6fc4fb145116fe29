//! `Header`: a heading of five sizes (spec/tags.md 6).

use crate::context::use_editor;
use crate::css::filter_style;
use leptos::prelude::*;
use tagloom_editor::TreeNodes;
use tagloom_tags::NodeId;

pub(super) fn view(node: NodeId) -> AnyView {
    let context = use_editor();
    let (text, size, style, underline) = context.with(|e| {
        let n = e.tree().node(node);
        let size = n.number("size").unwrap_or(4.0).clamp(1.0, 5.0).round() as u8;
        (n.value_text(), size, n.raw("style").map(filter_style), n.bool("underline"))
    });
    // The screen has a heading level of its own, so that readers hear a sensible outline.
    view! {
        <div role="heading" attr:aria-level=(size + 1).to_string() class=format!("tl-header tl-header-{size}") class:tl-underlined=underline style=style>{text}</div>
    }
    .into_any()
}
