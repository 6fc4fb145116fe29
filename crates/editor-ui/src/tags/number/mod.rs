//! `Number`: a number field or a slider (spec/tags.md 5.11). Limits are told at submit; an emptied field stores 0.

use crate::components::Kbd;
use crate::components::field::{read_number, short_number};
use crate::context::use_editor;
use leptos::prelude::*;
use tagloom_editor::{Action, TreeNodes};
use tagloom_tags::NodeId;

pub(super) fn view(node: NodeId) -> AnyView {
    let context = use_editor();
    let visible = context.visible(node);
    let value = context.value(node);
    let (min, max, step, default, slider, name, key) = context.with(|e| {
        let n = e.tree().node(node);
        (
            n.number("min"),
            n.number("max"),
            n.number("step"),
            n.number("defaultValue"),
            n.bool("slider"),
            n.name.clone().unwrap_or_default(),
            e.hotkey(node).map(str::to_owned),
        )
    });
    let disabled = crate::tags::answer_disabled(node);
    let shown =
        move || value.get().and_then(|v| v.as_f64()).or(default).map(short_number).unwrap_or_default();
    let set = move |event: web_sys::Event| {
        let text = event_target_value(&event);
        let number = if text.trim().is_empty() { Some(0.0) } else { read_number(&text) };
        if let Some(number) = number {
            let value = tagloom_editor::store::number(number);
            context.dispatch(Action::SetValue { control: node, value: Some(value) });
        }
    };
    let text = |n: Option<f64>| n.map(short_number);
    let range = slider.then(|| {
        view! {
            <input type="range" aria-label=format!("{name}, slider") min=text(min.or(Some(0.0))) max=text(max.or(Some(100.0))) step=text(step.or(Some(1.0)))
                prop:value=shown disabled=move || disabled.get() on:change=set/>
        }
    });
    view! {
        <div class="tl-number-line" class:tl-hidden=move || !visible.get() data-control=name.clone()>
            {range}
            <input class="tl-input tl-num" type="number" aria-label=name.clone() min=text(min) max=text(max) step=text(step).unwrap_or_else(|| "any".into())
                prop:value=shown disabled=move || disabled.get() on:change=set/>
            {key.map(|key| view! { <Kbd key/> })}
        </div>
    }
    .into_any()
}
