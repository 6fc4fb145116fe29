//! The label bar: the chips of every labels control that the config does not lay out by itself.

use crate::context::use_editor;
use crate::tags::labels::{LabelChips, in_label_bar, label_controls};
use leptos::prelude::*;

#[component]
pub(super) fn LabelBar() -> impl IntoView {
    let context = use_editor();
    move || {
        let tree = context.tree().get();
        let controls: Vec<_> =
            label_controls(&tree).into_iter().filter(|c| in_label_bar(&tree, *c)).collect();
        (!controls.is_empty()).then(|| {
            let groups = controls
                .into_iter()
                .map(|control| {
                    let visible = context.visible(control);
                    view! { <Show when=move || visible.get()><LabelChips control/></Show> }
                })
                .collect_view();
            view! { <div class="tl-label-bar">{groups}</div> }
        })
    }
}
