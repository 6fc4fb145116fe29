//! `View`: a block or an inline block, with style, class and id, shown while its condition holds (spec/tags.md 3.1, 6).

use crate::context::use_editor;
use crate::css::filter_style;
use crate::tags::render_children;
use leptos::prelude::*;
use tagloom_editor::TreeNodes;
use tagloom_tags::NodeId;

/// The view of a View tag. Hidden Views keep their elements, so that media inside go on and nothing is loaded twice.
pub(super) fn view(node: NodeId) -> AnyView {
    let context = use_editor();
    let visible = context.visible(node);
    let (inline, style, class, id) = context.with(|e| {
        let n = e.tree().node(node);
        let style = n.raw("style").map(filter_style).filter(|s| !s.is_empty());
        // A style replaces the built-in display.
        let inline = style.is_none() && n.str("display") == "inline";
        let class = n.raw("className").or_else(|| n.raw("class")).unwrap_or_default().to_owned();
        (inline, style, class, n.raw("idAttr").filter(|i| !i.is_empty()).map(str::to_owned))
    });
    let class = if inline { format!("tl-view tl-view-inline {class}") } else { format!("tl-view {class}") };
    view! {
        <div class=class id=id style=style class:tl-hidden=move || !visible.get()>{render_children(node)}</div>
    }
    .into_any()
}
