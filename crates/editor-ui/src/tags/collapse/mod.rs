//! `Collapse` and its `Panel`s (spec/tags.md 6): `accordion` keeps at most one open; content that was open once keeps
//! its elements.

use crate::context::use_editor;
use crate::icons::{self, Icon};
use crate::tags::render_children;
use leptos::prelude::*;
use tagloom_editor::TreeNodes;
use tagloom_tags::NodeId;

pub(super) fn view(node: NodeId) -> AnyView {
    let context = use_editor();
    let (accordion, bordered, panels) = context.with(|e| {
        let tree = e.tree();
        let n = tree.node(node);
        let all_open = n.opt_bool("open").unwrap_or(false);
        let panels: Vec<(NodeId, String, bool)> = tree
            .children(node)
            .filter(|c| c.kind == "panel")
            .map(|c| (c.id, c.value_text(), c.opt_bool("open").unwrap_or(all_open)))
            .collect();
        (n.bool("accordion"), n.bool("bordered"), panels)
    });
    let mut first_open = true;
    let open: Vec<RwSignal<bool>> = panels
        .iter()
        .map(|(.., wanted)| {
            let is_open = *wanted && (!accordion || first_open);
            first_open &= !is_open;
            RwSignal::new(is_open)
        })
        .collect();
    let rows: Vec<_> = panels
        .into_iter()
        .enumerate()
        .map(|(at, (id, title, _))| {
            let (all, mine) = (open.clone(), open[at]);
            let toggle = move |_| {
                let now = !mine.get_untracked();
                if accordion && now {
                    for (i, other) in all.iter().enumerate() {
                        if i != at && other.get_untracked() {
                            other.set(false);
                        }
                    }
                }
                mine.set(now);
            };
            let body = format!("tl-panel-{}", id.0);
            view! {
                <section class="tl-collapse-panel">
                    <button type="button" class="tl-collapse-head" aria-expanded=move || mine.get().to_string() aria-controls=body.clone() on:click=toggle>
                        {move || if mine.get() {
                            view! { <Icon glyph=icons::CHEVRON_DOWN/> }
                        } else {
                            view! { <Icon glyph=icons::CHEVRON_RIGHT/> }
                        }}
                        {title}
                    </button>
                    <div class="tl-collapse-body" id=body class:tl-hidden=move || !mine.get()>{render_children(id)}</div>
                </section>
            }
        })
        .collect();
    view! { <div class="tl-collapse" class:tl-bordered=bordered>{rows}</div> }.into_any()
}

/// A Panel outside of a Collapse is only its content.
pub(super) fn lone_panel(node: NodeId) -> AnyView {
    view! { <div class="tl-view">{render_children(node)}</div> }.into_any()
}
