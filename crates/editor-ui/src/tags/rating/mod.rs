//! `Rating`: stars; clicking the current one clears (spec/tags.md 5.12).

use crate::context::use_editor;
use crate::icons::{self, Icon};
use leptos::prelude::*;
use serde_json::Value;
use tagloom_editor::{Action, TreeNodes};
use tagloom_tags::NodeId;

pub(super) fn view(node: NodeId) -> AnyView {
    let context = use_editor();
    let visible = context.visible(node);
    let value = context.value(node);
    let (max, default, size, name) = context.with(|e| {
        let n = e.tree().node(node);
        let size = match n.str("size") {
            "small" => "15px",
            "large" => "40px",
            _ => "25px",
        };
        let max = n.number("maxRating").unwrap_or(5.0).clamp(1.0, 100.0) as u64;
        (max, n.number("defaultValue").unwrap_or(0.0), size, n.name.clone().unwrap_or_default())
    });
    let disabled = crate::tags::answer_disabled(node);
    let current = Memo::new(move |_| value.get().and_then(|v| v.as_f64()));
    let stars = (1..=max)
        .map(|star| {
            let lit = move || current.get().unwrap_or(default) >= star as f64;
            let press = move |_| {
                let value = (current.get_untracked() != Some(star as f64)).then(|| Value::from(star));
                context.dispatch(Action::SetValue { control: node, value });
            };
            view! {
                <button type="button" aria-label=format!("{star} of {max}") title=format!("{star} of {max}") data-on=move || lit().to_string()
                    aria-pressed=move || (current.get() == Some(star as f64)).to_string()
                    disabled=move || disabled.get() on:click=press><Icon glyph=icons::STAR/></button>
            }
        })
        .collect_view();
    view! {
        <div class:tl-hidden=move || !visible.get() data-control=name.clone()>
            <div class="tl-rating" role="group" aria-label=name.clone() style=("--tl-star", size)>{stars}</div>
        </div>
    }
    .into_any()
}
