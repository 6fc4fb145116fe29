//! One row of the region list.

use super::value::short_value;
use crate::components::{IconButton, with_key};
use crate::context::use_editor;
use crate::icons::{self, Icon};
use leptos::html;
use leptos::prelude::*;
use tagloom_annotation_store::{Command, RegionId};
use tagloom_editor::{Action, SelectMode, TreeNodes};
use wasm_bindgen::JsCast;

/// Colour, kind and label of a region.
#[component]
pub(crate) fn RegionName(id: RegionId) -> impl IntoView {
    let context = use_editor();
    let region = context.region(&id);
    move || {
        let region = region.get()?;
        let style = context.with(|e| e.region_style(&region));
        let none = style.labels.is_empty();
        let text = if none { "no label".to_owned() } else { style.labels.join(", ") };
        Some(view! {
            <span class="tl-swatch" style=("--tl-region-color", style.color)></span>
            <span class="tl-region-label" class:tl-none=none>{text}</span>
        })
    }
}

/// Moves the focus to the row after or before the one a key was pressed in.
fn focus_neighbour(event: &web_sys::KeyboardEvent, down: bool) {
    let row = event.target().and_then(|t| t.dyn_into::<web_sys::Element>().ok());
    let slot = row.and_then(|row| row.closest(".tl-virtual-row").ok().flatten());
    let mut next = slot;
    while let Some(slot) = next {
        next = if down { slot.next_element_sibling() } else { slot.previous_element_sibling() };
        let found = next.as_ref().and_then(|n| n.query_selector(".tl-region").ok().flatten());
        if let Some(row) = found.and_then(|f| f.dyn_into::<web_sys::HtmlElement>().ok()) {
            let _ = row.focus();
            return;
        }
    }
}

/// Whether a region may be nested in another, as `groupCanContain` and `groupDepth` say.
fn may_nest(context: &crate::EditorContext, child: &RegionId, parent: &RegionId) -> bool {
    context.with(|e| {
        let (document, tree) = (e.document(), e.tree());
        let (Some(below), Some(above)) = (document.region(child), document.region(parent)) else {
            return false;
        };
        let mut depth = 1.0;
        let mut at = above.parent_id.clone();
        while let Some(up) = at.as_ref().and_then(|id| document.region(id)) {
            depth += 1.0;
            if depth > 1000.0 {
                return false;
            }
            at = up.parent_id.clone();
        }
        above.items.iter().filter(|i| i.is_labels()).all(|item| {
            let Some(control) = tree.by_name(&item.from_name) else { return true };
            if control.number("groupDepth").is_some_and(|max| depth > max) {
                return false;
            }
            item.labels().all(|stored| {
                let Some(label) = tree.label_of(control.id, stored) else { return true };
                let allowed = tree.node(label.node).list("groupCanContain");
                allowed.is_empty() || below.labels().iter().any(|l| allowed.contains(l))
            })
        })
    })
}

/// A row: colour bar, number, kind, label, short value, hide, lock, delete. Double click edits the note.
#[component]
pub(super) fn RegionRow(
    id: RegionId,
    depth: usize,
    number: usize,
    folded: Option<bool>,
    /// Whether rows may be dragged onto each other.
    nests: bool,
    on_fold: impl Fn() + Clone + 'static,
) -> impl IntoView {
    let context = use_editor();
    let region = context.region(&id);
    let id = StoredValue::new(id);
    let selected = Memo::new(move |_| context.selection().with(|s| id.with_value(|id| s.contains(id))));
    let hovered =
        Memo::new(move |_| context.hovered.with(|h| h.as_ref().is_some_and(|h| id.with_value(|id| h == id))));
    let flags = Memo::new(move |_| {
        context.flags().track();
        id.with_value(|id| context.with(|e| e.document().flags(id)))
    });
    let editing = RwSignal::new(false);
    let dropping = RwSignal::new(false);
    let input = NodeRef::<html::Input>::new();
    Effect::new(move |_| {
        if editing.get()
            && let Some(input) = input.get()
        {
            let _ = input.focus();
            input.select();
        }
    });
    let style = Memo::new(move |_| {
        context.settings().track();
        region.get().map(|r| {
            let style = context.with(|e| e.region_style(&r));
            (style.color, style.labels, short_value(&r), r.note(), r.geometry.kind(), r.readonly)
        })
    });
    let select = move |mode: SelectMode| context.dispatch(Action::Select { ids: vec![id.get_value()], mode });
    let click = move |event: web_sys::MouseEvent| {
        select(if event.shift_key() {
            SelectMode::Range
        } else if event.ctrl_key() || event.meta_key() {
            SelectMode::Toggle
        } else {
            SelectMode::Replace
        });
    };
    let keys = move |event: web_sys::KeyboardEvent| {
        let key = event.key();
        if key == "ArrowDown" || key == "ArrowUp" {
            event.prevent_default();
            event.stop_propagation();
            focus_neighbour(&event, key == "ArrowDown");
            return;
        }
        if editing.get_untracked() || (key != " " && key != "Enter" && key != "F2") {
            return;
        }
        event.prevent_default();
        event.stop_propagation();
        match key.as_str() {
            "F2" => editing.set(!context.read_only().get_untracked()),
            " " => select(SelectMode::Toggle),
            _ => select(SelectMode::Replace),
        }
    };
    let rename = move |text: String| {
        if editing.get_untracked() {
            editing.set(false);
            context.dispatch(Action::SetNote { id: id.get_value(), text });
        }
    };
    let note_keys = move |event: web_sys::KeyboardEvent| {
        event.stop_propagation();
        match event.key().as_str() {
            "Enter" => rename(event_target_value(&event)),
            "Escape" => editing.set(false),
            _ => {}
        }
    };
    let drag = move |event: web_sys::DragEvent| {
        if let Some(data) = event.data_transfer() {
            data.set_effect_allowed("move");
            // Refused only in a drag that the page did not start.
            let _ = data.set_data("application/x-tagloom-region", &id.with_value(ToString::to_string));
        }
    };
    let over = move |event: web_sys::DragEvent| {
        if nests && !context.read_only().get_untracked() {
            event.prevent_default();
            dropping.set(true);
        }
    };
    let drop = move |event: web_sys::DragEvent| {
        dropping.set(false);
        event.prevent_default();
        event.stop_propagation();
        let dragged = event.data_transfer().and_then(|d| d.get_data("application/x-tagloom-region").ok());
        let Some(child) = dragged.filter(|d| !d.is_empty()).map(|d| RegionId::from(d.as_str())) else {
            return;
        };
        let parent = id.get_value();
        if child == parent {
            return;
        }
        if may_nest(&context, &child, &parent) {
            context.dispatch(Action::Apply(Command::SetParent(child, Some(parent))));
        } else {
            let text = "The config does not let this region be nested there.";
            context.dispatch(Action::Show(tagloom_editor::Message::warning(text)));
        }
    };
    let one = move || vec![id.get_value()];
    let fold = folded.map(|is_folded| {
        let on_fold = on_fold.clone();
        let glyph = if is_folded { icons::CHEVRON_RIGHT } else { icons::CHEVRON_DOWN };
        let label = if is_folded { "Unfold" } else { "Fold" };
        view! { <IconButton glyph label class="tl-small" on_click=on_fold/> }
    });
    let tip = move |text: &str, command: &str| with_key(&context, text, command);
    view! {
        <div class="tl-region" role="option" tabindex="0" draggable=nests.then_some("true")
            class:tl-hovered=hovered class:tl-drop=dropping class:tl-is-hidden=move || flags.get().hidden
            aria-selected=move || selected.get().to_string()
            style=("--tl-region-color", move || style.get().map(|s| s.0))
            style:padding-inline-start=format!("{}px", 4 + depth.min(12) * 14)
            title=move || style.get().map(|s| { let mut t = s.1.join(", "); if !t.is_empty() && !s.2.is_empty() { t.push_str(" · "); } t + &s.2 })
            on:click=click on:dblclick=move |_| editing.set(!context.read_only().get_untracked()) on:keydown=keys
            on:pointerenter=move |_| context.hovered.set(Some(id.get_value()))
            on:pointerleave=move |_| context.hovered.set(None)
            on:dragstart=drag on:dragover=over on:dragleave=move |_| dropping.set(false) on:drop=drop>
            <span class="tl-region-number tl-num">{number}</span>
            {fold}
            {move || style.get().map(|s| view! { <Icon glyph=icons::of_kind(s.4)/> })}
            <Show when=move || !editing.get() fallback=move || view! {
                <input node_ref=input class="tl-input tl-region-note" aria-label="Note" placeholder="Note"
                    prop:value=move || style.get_untracked().and_then(|s| s.3).unwrap_or_default()
                    on:click=|e| e.stop_propagation() on:dblclick=|e| e.stop_propagation()
                    on:keydown=note_keys on:blur=move |e| rename(event_target_value(&e))/>
            }>
                <span class="tl-region-text">
                    {move || style.get().map(|(_, labels, value, note, ..)| {
                        let none = labels.is_empty();
                        let text = if none { "no label".to_owned() } else { labels.join(", ") };
                        let value = note.filter(|n| !n.is_empty()).unwrap_or(value);
                        view! { <span class="tl-region-label" class:tl-none=none>{text}</span><span class="tl-region-value">{value}</span> }
                    })}
                </span>
            </Show>
            <span class="tl-region-actions" on:click=|e| e.stop_propagation() on:dblclick=|e| e.stop_propagation()>
                {move || {
                    let now = flags.get();
                    let locked_for_good = style.get().is_some_and(|s| s.5);
                    view! {
                        <IconButton glyph=if now.hidden { icons::EYE_OFF } else { icons::EYE } class=if now.hidden { "tl-small tl-on" } else { "tl-small" }
                            label=if now.hidden { "Show" } else { "Hide" } title=Signal::stored(tip(if now.hidden { "Show" } else { "Hide" }, "region:visibility"))
                            on_click=move || context.dispatch(Action::ToggleHidden(one()))/>
                        <IconButton glyph=if now.locked || locked_for_good { icons::LOCK } else { icons::LOCK_OPEN } class=if now.locked { "tl-small tl-on" } else { "tl-small" }
                            label=if now.locked { "Unlock" } else { "Lock" } title=Signal::stored(tip(if now.locked { "Unlock" } else { "Lock" }, "region:lock"))
                            disabled=locked_for_good
                            on_click=move || context.dispatch(Action::ToggleLocked(one()))/>
                        <IconButton glyph=icons::TRASH class="tl-small" label="Delete" title=Signal::stored(tip("Delete", "region:delete"))
                            disabled=Signal::derive(move || context.read_only().get() || now.locked || locked_for_good)
                            on_click=move || context.dispatch(Action::Apply(Command::Remove(one())))/>
                    }
                }}
            </span>
        </div>
    }
}
