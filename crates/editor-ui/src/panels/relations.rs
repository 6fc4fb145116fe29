//! The relation list: direction, labels, delete (spec/editor-api.md 6.1).

use super::regions::RegionName;
use crate::components::{IconButton, storage};
use crate::context::use_editor;
use crate::icons::{self, Icon};
use leptos::prelude::*;
use tagloom_annotation_store::{Command, Direction, RegionId};
use tagloom_editor::{Action, SelectMode};
use tagloom_tags::Tree;

/// Labels that relations may carry, and whether several at once.
fn relation_labels(tree: &Tree) -> (Vec<String>, bool) {
    let Some(control) = tree.nodes.iter().find(|n| n.kind == "relations") else { return (Vec::new(), true) };
    let labels = tree.labels_of(control.id).into_iter().map(|l| l.stored).collect();
    (labels, control.str("choice") != "single")
}

#[component]
pub(super) fn RelationsPanel() -> impl IntoView {
    let context = use_editor();
    let order = storage::remembered("relations:order", "asc");
    let relations = move || {
        context.relations().track();
        context.tree().track();
        let mut list: Vec<_> =
            context.with(|e| e.document().relations().iter().cloned().enumerate().collect());
        if order.get() == "desc" {
            list.reverse();
        }
        list
    };
    let rows = move || {
        relations()
            .into_iter()
            .map(|(index, r)| {
                view! { <RelationRow index from=r.from.clone() to=r.to.clone() direction=r.direction labels=r.labels.clone()/> }
            })
            .collect_view()
    };
    let none = move || {
        context.relations().track();
        context.with(|e| e.document().relations().is_empty())
    };
    view! {
        <Show when=move || !none() fallback=|| view! {
            <div class="tl-empty"><Icon glyph=icons::RELATIONS/><p>"No relations. Select a region, press Alt+R, then click another."</p></div>
        }>
            <div class="tl-panel-tools">
                <div class="tl-grow"></div>
                {move || {
                    let up = order.get() != "desc";
                    view! {
                        <IconButton class="tl-small" glyph=if up { icons::SORT_UP } else { icons::SORT_DOWN }
                            label=if up { "Oldest first; press for newest" } else { "Newest first; press for oldest" }
                            on_click=move || order.set(if up { "desc".to_owned() } else { "asc".to_owned() })/>
                    }
                }}
            </div>
            <div class="tl-panel-scroll">{rows}</div>
        </Show>
    }
}

#[component]
fn RelationRow(
    index: usize,
    from: RegionId,
    to: RegionId,
    direction: Direction,
    labels: Option<Vec<String>>,
) -> impl IntoView {
    let context = use_editor();
    let (choices, multiple) = context.with(|e| relation_labels(e.tree()));
    let read_only = context.read_only();
    let (glyph, says) = match direction {
        Direction::Right => (icons::ARROW_RIGHT, "From left to right"),
        Direction::Left => (icons::ARROW_LEFT, "From right to left"),
        Direction::Bi => (icons::ARROW_BOTH, "Both ways"),
    };
    let now = labels.clone().unwrap_or_default();
    let kept = labels.clone();
    let turn = move || {
        context.dispatch(Action::SetRelation { index, direction: direction.next(), labels: kept.clone() });
    };
    let chips = choices
        .into_iter()
        .map(|label| {
            let on = now.contains(&label);
            let (now, text) = (now.clone(), label.clone());
            let press = move |_| {
                let mut next = if multiple { now.clone() } else { Vec::new() };
                if on {
                    next.retain(|l| *l != label);
                } else {
                    next.push(label.clone());
                }
                let labels = (!next.is_empty()).then_some(next);
                context.dispatch(Action::SetRelation { index, direction, labels });
            };
            view! {
                <button type="button" class="tl-button" aria-pressed=on.to_string() class:tl-primary=on disabled=move || read_only.get() on:click=press>{text}</button>
            }
        })
        .collect_view();
    let end = move |id: RegionId| {
        let (select, hover) = (id.clone(), id.clone());
        view! {
            <button type="button" class="tl-relation-end"
                on:click=move |_| context.dispatch(Action::Select { ids: vec![select.clone()], mode: SelectMode::Replace })
                on:pointerenter=move |_| context.hovered.set(Some(hover.clone())) on:pointerleave=move |_| context.hovered.set(None)>
                <RegionName id/>
            </button>
        }
    };
    view! {
        <div class="tl-relation">
            <div class="tl-relation-ends">
                {end(from)}
                <IconButton glyph class="tl-small" label=says title=Signal::stored(format!("{says}; press to turn")) disabled=read_only on_click=turn/>
                {end(to)}
                <IconButton glyph=icons::TRASH class="tl-small" label="Delete this relation" disabled=read_only
                    on_click=move || context.dispatch(Action::Apply(Command::RemoveRelation(index)))/>
            </div>
            <div class="tl-relation-labels">{chips}</div>
        </div>
    }
}
