//! `Filter`: narrows the choices or labels of a control to those that contain what is typed (spec/tags.md 5.17).

use crate::context::use_editor;
use leptos::html;
use leptos::prelude::*;
use tagloom_editor::{Action, TreeNodes};
use tagloom_tags::NodeId;
use wasm_bindgen::JsCast;

pub(super) fn view(node: NodeId) -> AnyView {
    let context = use_editor();
    let found = context.with(|e| {
        let tree = e.tree();
        let n = tree.node(node);
        let target = tree.by_name(n.to_names.first()?)?;
        let choices = matches!(target.kind.as_str(), "choices");
        if !choices && !target.kind.ends_with("labels") {
            return None;
        }
        Some((
            target.id,
            target.name.clone().unwrap_or_default(),
            choices,
            n.opt_str("placeholder").unwrap_or("Quick Filter").to_owned(),
            n.number("minlength").unwrap_or(3.0).max(0.0) as usize,
            n.bool("caseSensetive"),
            n.opt_bool("cleanup").unwrap_or(true),
        ))
    });
    let Some((target, name, choices, placeholder, min, exact, cleanup)) = found else { return ().into_any() };
    let typed = RwSignal::new(String::new());
    let input = NodeRef::<html::Input>::new();
    context.on_command(&format!("tag:{}", node.0), move || {
        if let Some(input) = input.get_untracked() {
            let _ = input.focus();
        }
    });
    let hits = move |text: &str| -> Vec<(NodeId, String)> {
        let fold = |t: &str| if exact { t.to_owned() } else { t.to_lowercase() };
        let wanted = fold(text.trim());
        if wanted.is_empty() || wanted.chars().count() < min {
            return Vec::new();
        }
        let all = context.with(|e| e.tree().labels_of(target));
        all.into_iter().filter(|s| fold(&s.value).contains(&wanted)).map(|s| (s.node, s.value)).collect()
    };
    let pick = move |label: NodeId| {
        context.dispatch(if choices {
            Action::ToggleChoice { control: target, choice: label }
        } else {
            Action::ToggleLabel { control: target, label }
        });
        if cleanup {
            typed.set(String::new());
        }
    };
    let keys = move |event: web_sys::KeyboardEvent| match event.key().as_str() {
        "Enter" => {
            event.prevent_default();
            if let Some((first, _)) = hits(&typed.get_untracked()).first() {
                pick(*first);
            }
        }
        "Escape" => {
            event.stop_propagation();
            typed.set(String::new());
            if let Some(element) = event.target().and_then(|t| t.dyn_into::<web_sys::HtmlElement>().ok()) {
                let _ = element.blur();
            }
        }
        _ => {}
    };
    let list = move || {
        hits(&typed.get())
            .into_iter()
            .take(20)
            .map(|(id, text)| view! { <button type="button" class="tl-button" on:click=move |_| pick(id)>{text}</button> })
            .collect_view()
    };
    view! {
        <div class="tl-answer">
            <input node_ref=input class="tl-input tl-filter" type="search" placeholder=placeholder aria-label=format!("Filter {name}")
                prop:value=move || typed.get() on:input=move |e| typed.set(event_target_value(&e)) on:keydown=keys/>
            <div class="tl-shortcuts">{list}</div>
        </div>
    }
    .into_any()
}
