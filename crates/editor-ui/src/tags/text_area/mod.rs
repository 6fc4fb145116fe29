//! `TextArea` with its `Shortcut`s: texts that are entered one by one (spec/tags.md 5.9, 5.10).

use crate::components::IconButton;
use crate::context::use_editor;
use crate::icons;
use leptos::html;
use leptos::prelude::*;
use serde_json::Value;
use tagloom_editor::{Action, TreeNodes};
use tagloom_tags::NodeId;

#[derive(Clone)]
struct Spec {
    name: String,
    label: String,
    placeholder: String,
    rows: u32,
    allow_submit: bool,
    button: bool,
    max: Option<usize>,
    editable: bool,
    skip_duplicates: bool,
    prefill: String,
    shortcuts: Vec<(String, String)>,
}

/// The texts of a value: a list, or a single text of older results.
fn texts(value: Option<&Value>) -> Vec<String> {
    match value {
        Some(Value::Array(list)) => list.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        Some(Value::String(text)) => vec![text.clone()],
        _ => Vec::new(),
    }
}

/// The list after entering `text`; `None` where nothing is added.
fn entered(
    mut list: Vec<String>,
    text: &str,
    max: Option<usize>,
    skip_duplicates: bool,
) -> Option<Vec<String>> {
    let full = max.is_some_and(|max| list.len() >= max);
    let double = skip_duplicates && list.iter().any(|t| t.to_lowercase() == text.to_lowercase());
    if text.trim().is_empty() || full || double {
        return None;
    }
    list.push(text.to_owned());
    Some(list)
}

pub(super) fn view(node: NodeId) -> AnyView {
    let context = use_editor();
    let spec = context.with(|e| {
        let tree = e.tree();
        let n = tree.node(node);
        let rows = n.number("rows").unwrap_or(1.0).clamp(1.0, 60.0) as u32;
        Spec {
            name: n.name.clone().unwrap_or_default(),
            label: n.str("label").to_owned(),
            placeholder: n.str("placeholder").to_owned(),
            rows,
            allow_submit: n.opt_bool("allowSubmit").unwrap_or(true),
            button: n.raw("showSubmitButton").map_or(rows != 1, |v| v == "true"),
            max: n.number("maxSubmissions").map(|m| m.max(0.0) as usize),
            editable: n.bool("editable"),
            skip_duplicates: n.bool("skipDuplicates"),
            prefill: n.value_text(),
            shortcuts: tree
                .children(node)
                .filter(|c| c.kind == "shortcut")
                .map(|c| (c.raw("alias").map_or_else(|| c.value_text(), str::to_owned), c.value_text()))
                .collect(),
        }
    });
    view! { <TextArea node spec/> }.into_any()
}

#[component]
fn TextArea(node: NodeId, spec: Spec) -> impl IntoView {
    let context = use_editor();
    let visible = context.visible(node);
    let value = context.value(node);
    let draft = RwSignal::new(spec.prefill.clone());
    let input = NodeRef::<html::Textarea>::new();
    let disabled = crate::tags::answer_disabled(node);
    let list = Memo::new(move |_| texts(value.get().as_ref()));
    let (max, skip) = (spec.max, spec.skip_duplicates);
    let full = move || max.is_some_and(|max| list.with(Vec::len) >= max);
    let enter = move || {
        if disabled.get_untracked() {
            return;
        }
        if let Some(next) = entered(list.get_untracked(), &draft.get_untracked(), max, skip) {
            context.dispatch(Action::SetValue { control: node, value: Some(Value::from(next)) });
            draft.set(String::new());
        }
    };
    // What was typed belongs to the annotation that is sent, as long as the control can be seen.
    context.before_submit(move || {
        if visible.get_untracked() {
            enter();
        }
    });
    let allow = spec.allow_submit;
    let single = spec.rows == 1;
    let keys = move |event: web_sys::KeyboardEvent| {
        let submits = event.key() == "Enter"
            && !event.ctrl_key()
            && !event.meta_key()
            && event.shift_key() != single
            && !event.is_composing();
        if submits {
            event.prevent_default();
            if allow {
                enter();
            }
        } else if event.key() == "Escape" {
            event.stop_propagation();
            let _ = event_target::<web_sys::HtmlElement>(&event).blur();
        }
    };
    let insert = move |text: &str| {
        let Some(area) = input.get_untracked() else { return };
        let now = area.value();
        let units: Vec<u16> = now.encode_utf16().collect();
        let at = |p: Option<u32>| p.map_or(units.len(), |p| (p as usize).min(units.len()));
        let start = at(area.selection_start().ok().flatten());
        let end = at(area.selection_end().ok().flatten()).max(start);
        let mut next = String::from_utf16_lossy(&units[..start]);
        next.push_str(text);
        next.push_str(&String::from_utf16_lossy(&units[end..]));
        draft.set(next.clone());
        area.set_value(&next);
        let caret = (start + text.encode_utf16().count()) as u32;
        let _ = area.focus();
        let _ = area.set_selection_range(caret, caret);
    };
    let shortcuts = spec
        .shortcuts
        .into_iter()
        .map(|(caption, text)| {
            view! { <button type="button" class="tl-button" disabled=move || disabled.get() on:click=move |_| insert(&text)>{caption}</button> }
        })
        .collect_view();
    let editable = spec.editable;
    let write = move |at: usize, text: Option<String>| {
        let mut next = list.get_untracked();
        match text.filter(|t| !t.trim().is_empty()) {
            Some(text) if at < next.len() => next[at] = text,
            None if at < next.len() => {
                next.remove(at);
            }
            _ => return,
        }
        context.dispatch(Action::SetValue { control: node, value: Some(Value::from(next)) });
    };
    let entries = move || {
        list.get()
            .into_iter()
            .enumerate()
            .map(|(at, text)| {
                let shown = if editable && !disabled.get() {
                    view! { <input class="tl-input tl-grow" prop:value=text aria-label="Edit the text" on:change=move |e| write(at, Some(event_target_value(&e)))/> }.into_any()
                } else {
                    view! { <span>{text}</span> }.into_any()
                };
                view! {
                    <li>{shown}<IconButton glyph=icons::TRASH label="Delete this text" class="tl-small" disabled=disabled on_click=move || write(at, None)/></li>
                }
            })
            .collect_view()
    };
    let name = if spec.label.is_empty() { spec.name.clone() } else { spec.label.clone() };
    let max_text = spec.max.map_or(String::new(), |m| format!(" of {m}"));
    view! {
        <div class="tl-answer" class:tl-hidden=move || !visible.get() data-control=spec.name>
            {(!spec.label.is_empty()).then(|| view! { <span>{spec.label.clone()}</span> })}
            <div class:tl-hidden=full>
                <div class="tl-answer-line">
                    <textarea node_ref=input class="tl-textarea" rows=spec.rows.to_string() placeholder=spec.placeholder aria-label=name
                        prop:value=move || draft.get() disabled=move || disabled.get()
                        on:input=move |e| draft.set(event_target_value(&e)) on:keydown=keys></textarea>
                    {(spec.button && allow).then(|| view! {
                        <button type="button" class="tl-button" disabled=move || disabled.get() || draft.get().trim().is_empty() on:click=move |_| enter()>"Add"</button>
                    })}
                </div>
                {spec.button.then(|| view! {
                    <span class="tl-meta tl-num">{move || format!("{} characters · {}{max_text} texts", draft.get().chars().count(), list.with(Vec::len))}</span>
                })}
            </div>
            <div class="tl-shortcuts">{shortcuts}</div>
            <ul class="tl-texts">{entries}</ul>
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn texts_are_entered_within_their_limits() {
        let one = vec!["A".to_owned()];
        assert_eq!(entered(one.clone(), "b", None, false).unwrap().len(), 2);
        assert_eq!(entered(one.clone(), "a", None, true), None);
        assert_eq!(entered(one.clone(), "b", Some(1), false), None);
        assert_eq!(entered(one, "  ", None, false), None);
    }

    #[test]
    fn old_results_hold_one_text() {
        assert_eq!(texts(Some(&json!("x"))), ["x"]);
        assert_eq!(texts(Some(&json!(["x", 1, "y"]))), ["x", "y"]);
        assert!(texts(None).is_empty());
    }
}
