//! `Choices` and `Choice`: check boxes, radio buttons, a drop-down or a tree (spec/tags.md 5.6, 5.7).

use crate::components::{Kbd, is_mac, shown_key};
use crate::context::use_editor;
use crate::css::filter_style;
use crate::html::sanitize;
use crate::tags::render_node;
use leptos::prelude::*;
use tagloom_editor::{Action, TreeNodes};
use tagloom_tags::NodeId;

/// How the choices are laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Layout {
    Select,
    Inline,
    Vertical,
}

#[derive(Clone, Copy)]
struct Group {
    control: NodeId,
    radio: bool,
    disabled: Memo<bool>,
}

pub(super) fn view(node: NodeId) -> AnyView {
    let context = use_editor();
    let visible = context.visible(node);
    let (layout, radio, multiple, nested, name, required) = context.with(|e| {
        let n = e.tree().node(node);
        let layout = match n.opt_bool("showInline") {
            Some(true) => Layout::Inline,
            Some(false) => Layout::Vertical,
            None => match n.str("layout") {
                "select" => Layout::Select,
                "inline" => Layout::Inline,
                _ => Layout::Vertical,
            },
        };
        let radio = n.str("choice") == "single-radio";
        let multiple = n.str("choice") == "multiple";
        (
            layout,
            radio,
            multiple,
            n.bool("allowNested"),
            n.name.clone().unwrap_or_default(),
            n.bool("required"),
        )
    });
    let disabled = crate::tags::answer_disabled(node);
    let group = Group { control: node, radio, disabled };
    let body = if layout == Layout::Select && !nested {
        select(group, multiple).into_any()
    } else {
        children(group, node)
    };
    view! {
        <fieldset class="tl-choices" class:tl-inline=layout == Layout::Inline class:tl-hidden=move || !visible.get()
            role=if radio { "radiogroup" } else { "group" } aria-label=name aria-required=required.then_some("true")>
            {body}
        </fieldset>
    }
    .into_any()
}

/// Choices at any depth; headers, views and texts between them keep their places.
fn children(group: Group, parent: NodeId) -> AnyView {
    let context = use_editor();
    let list: Vec<(NodeId, String)> =
        context.with(|e| e.tree().children(parent).map(|n| (n.id, n.kind.clone())).collect());
    list.into_iter()
        .map(|(id, kind)| match kind.as_str() {
            "choice" => choice(group, id),
            "view" => view! { <div class="tl-view">{children(group, id)}</div> }.into_any(),
            _ => render_node(id),
        })
        .collect_view()
        .into_any()
}

fn choice(group: Group, node: NodeId) -> AnyView {
    let context = use_editor();
    let Group { control, radio, disabled } = group;
    let (caption, html, hint, style, color, key, has_children) = context.with(|e| {
        let tree = e.tree();
        let n = tree.node(node);
        let text = |name: &str| n.raw(name).filter(|v| !v.is_empty()).map(str::to_owned);
        let value = n.value_text();
        (
            if value.is_empty() { "blank".to_owned() } else { value },
            text("html"),
            text("hint"),
            text("style").map(|s| filter_style(&s)),
            text("color").or_else(|| text("background")),
            e.hotkey(node).map(str::to_owned),
            tree.children(node).any(|c| c.kind == "choice"),
        )
    });
    let on = Memo::new(move |_| {
        context.content().track();
        context.with(|e| e.choice_selected(control, node))
    });
    let some_below = Memo::new(move |_| {
        context.content().track();
        has_children
            && context.with(|e| {
                let tree = e.tree();
                tree.descendants(node).any(|c| c.kind == "choice" && e.choice_selected(control, c.id))
            })
    });
    let title = match (&hint, &key) {
        (Some(h), Some(k)) => format!("{h} ({})", shown_key(k, is_mac())),
        (Some(h), None) => h.clone(),
        (None, Some(k)) => format!("{caption} ({})", shown_key(k, is_mac())),
        (None, None) => caption.clone(),
    };
    let shown = match html {
        Some(html) => view! { <span inner_html=sanitize(&html)></span> }.into_any(),
        None => view! { <span>{caption}</span> }.into_any(),
    };
    let toggle = move |event: web_sys::Event| {
        let input = event_target::<web_sys::HtmlInputElement>(&event);
        context.dispatch(Action::ToggleChoice { control, choice: node });
        // A refused change (read-only, locked) leaves the box as it was.
        input.set_checked(on.get_untracked());
    };
    let row = view! {
        <label class="tl-choice" title=title style=style>
            <input type=if radio { "radio" } else { "checkbox" } name=radio.then(|| format!("tl-choices-{}", control.0))
                prop:checked=move || on.get() prop:indeterminate=move || some_below.get() && !on.get()
                disabled=move || disabled.get() on:change=toggle/>
            {color.map(|c| view! { <span class="tl-choice-dot" style:background=c></span> })}
            {shown}
            {move || context.settings().get().enable_label_tooltips.then(|| key.clone().map(|k| view! { <Kbd key=k/> }))}
        </label>
    };
    if has_children {
        view! { <div>{row}<div class="tl-choice-children">{children(group, node)}</div></div> }.into_any()
    } else {
        row.into_any()
    }
}

/// A drop-down. With several allowed it adds one choice after the other, each shown as a button that takes it away.
fn select(group: Group, multiple: bool) -> impl IntoView {
    let context = use_editor();
    let Group { control, disabled, .. } = group;
    let specs = context.with(|e| e.tree().labels_of(control));
    let nodes: Vec<NodeId> = specs.iter().map(|s| s.node).collect();
    let name = context.with(|e| e.tree().node(control).name.clone().unwrap_or_default());
    let chosen = {
        let nodes = nodes.clone();
        Memo::new(move |_| {
            context.content().track();
            context.with(|e| {
                nodes.iter().copied().filter(|n| e.choice_selected(control, *n)).collect::<Vec<_>>()
            })
        })
    };
    let change = move |event: web_sys::Event| {
        let picked = event_target_value(&event).parse::<u32>().ok().map(NodeId);
        let now = chosen.get_untracked();
        match picked {
            Some(node) if !now.contains(&node) => {
                context.dispatch(Action::ToggleChoice { control, choice: node })
            }
            None if !multiple => {
                context.dispatch(Action::SetValue { control, value: None });
            }
            _ => {}
        }
    };
    let options = specs
        .iter()
        .map(|s| {
            let node = s.node;
            view! {
                <option value=node.0.to_string() selected=move || !multiple && chosen.get().contains(&node)>{s.value.clone()}</option>
            }
        })
        .collect_view();
    let tags = move || {
        let now = chosen.get();
        specs
            .iter()
            .filter(|s| multiple && now.contains(&s.node))
            .map(|s| {
                let (node, text) = (s.node, s.value.clone());
                view! {
                    <button type="button" class="tl-button" title=format!("Take {text} away") disabled=disabled.get()
                        on:click=move |_| context.dispatch(Action::ToggleChoice { control, choice: node })>
                        {text.clone()} " ×"
                    </button>
                }
            })
            .collect_view()
    };
    view! {
        <div class="tl-row">
            {tags}
            <select class="tl-select" aria-label=name disabled=move || disabled.get() on:change=change
                prop:value=move || match chosen.get().first() { Some(n) if !multiple => n.0.to_string(), _ => String::new() }>
                <option value="">{if multiple { "Add a choice…" } else { "Not chosen" }}</option>
                {options}
            </select>
        </div>
    }
}
