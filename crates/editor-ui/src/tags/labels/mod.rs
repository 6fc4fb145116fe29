//! `Labels` and every `*Labels`: chips with colour, name and key (spec/tags.md 5.2, 5.3). The same chips stand in the label
//! bar or, where the config places its labels by conditions or layout of its own, in the data area.

mod chips;
mod place;

pub use chips::LabelChips;
pub use place::{in_label_bar, label_controls};

use crate::context::use_editor;
use crate::tags::render_node;
use leptos::prelude::*;
use tagloom_editor::TreeNodes;
use tagloom_tags::NodeId;

/// The control where the config has it: nothing if the label bar shows it.
pub(super) fn view(node: NodeId) -> AnyView {
    let context = use_editor();
    if context.with(|e| in_label_bar(e.tree(), node)) {
        return ().into_any();
    }
    let visible = context.visible(node);
    // Headers, views and texts between the labels keep their places around the chips.
    let others: Vec<NodeId> = context.with(|e| {
        let tree = e.tree();
        tree.node(node).children.iter().copied().filter(|c| tree.node(*c).kind != "label").collect()
    });
    view! {
        <div class:tl-hidden=move || !visible.get()>
            {others.into_iter().map(render_node).collect_view()}
            <LabelChips control=node block=true/>
        </div>
    }
    .into_any()
}

/// Labels are drawn by their control.
pub(super) fn nothing(_node: NodeId) -> AnyView {
    ().into_any()
}
