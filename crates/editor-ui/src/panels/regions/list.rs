//! The region list with its controls.

use super::row::RegionRow;
use super::rows::{Entry, Group, Row, Sort, arrange};
use super::value::media_start;
use crate::components::{IconButton, VirtualList, storage, with_key};
use crate::context::{EditorContext, use_editor};
use crate::icons::{self, Icon};
use leptos::prelude::*;
use std::collections::HashSet;
use std::sync::Arc;
use tagloom_annotation_store::{Command, RegionId};
use tagloom_editor::Action;

/// Height of a row, CSS pixels; the same as `--tl-row`.
const ROW: f64 = 28.0;

/// Labels and colours are looked up only where they group the list: that is the dear part with thousands of regions.
fn entries(context: &EditorContext, group: Group) -> Vec<Entry> {
    context.with(|e| {
        e.document()
            .regions()
            .filter(|r| !r.is_classification())
            .map(|r| {
                let style = (group == Group::Label).then(|| e.region_style(r));
                let (labels, color) = style.map(|s| (s.labels, s.color)).unwrap_or_default();
                Entry {
                    id: r.id.clone(),
                    parent: r.parent_id.clone(),
                    labels,
                    color,
                    kind: r.geometry.kind(),
                    score: r.score,
                    media_start: media_start(r),
                }
            })
            .collect()
    })
}

/// The order that rows were made from, and the rows.
#[derive(Clone, PartialEq)]
struct Arranged {
    order: Arc<[RegionId]>,
    how: (Group, Sort, bool, usize),
    rows: Arc<[Row]>,
}

fn key_of(row: &Row) -> String {
    match row {
        Row::Heading { key, count, folded, .. } => format!("{key}/{count}/{folded}"),
        Row::Region { id, depth, number, folded } => format!("{id}/{depth}/{number}/{folded:?}"),
    }
}

#[component]
pub(crate) fn RegionsPanel() -> impl IntoView {
    let context = use_editor();
    let group = storage::remembered("outliner:group", "manual");
    let sort = storage::remembered("outliner:sort", "date");
    let direction = storage::remembered("outliner:sort-direction", "asc");
    let folded = RwSignal::new(HashSet::<String>::new());
    let arranged = Memo::new(move |before: Option<&Arranged>| {
        let order = context.order().get();
        let (group, sort) = (Group::parse(&group.get()), Sort::parse(&sort.get()));
        let folded = folded.get();
        let how = (group, sort, direction.get() != "desc", folded.len());
        context.content().track();
        // A drag changes content with every frame, but neither labels nor nesting.
        let dragging = group == Group::Label && context.with(|e| e.document().step_is_open());
        match before {
            Some(before) if dragging && before.how == how && Arc::ptr_eq(&before.order, &order) => {
                before.clone()
            }
            _ => {
                let rows = arrange(&entries(&context, group), group, sort, how.2, &folded).into();
                Arranged { order, how, rows }
            }
        }
    });
    let list = Signal::derive(move || arranged.with(|a| a.rows.clone()));
    // Selecting on the canvas brings the row into sight.
    let reveal = Signal::derive(move || {
        let selection = context.selection().get();
        let id = selection.last()?;
        arranged.with_untracked(|a| {
            a.rows.iter().position(|r| matches!(r, Row::Region { id: row, .. } if row == id))
        })
    });
    let toggle = move |key: String| {
        folded.update(|f| {
            if !f.remove(&key) {
                f.insert(key);
            }
        });
    };
    let nests = Signal::derive(move || Group::parse(&group.get()) == Group::Manual);
    let row = move |row: Row| {
        match row {
        Row::Heading { key, text, color, count, folded } => view! {
            <button type="button" class="tl-region-group" aria-expanded=(!folded).to_string() on:click=move |_| toggle(key.clone())
                style=("--tl-region-color", color.clone())>
                <Icon glyph=if folded { icons::CHEVRON_RIGHT } else { icons::CHEVRON_DOWN }/>
                {color.is_some().then(|| view! { <span class="tl-swatch"></span> })}
                <span class="tl-clip">{text}</span>
                <span class="tl-meta tl-num">{count}</span>
            </button>
        }
        .into_any(),
        Row::Region { id, depth, number, folded } => {
            let key = id.to_string();
            view! { <RegionRow id depth number folded nests=nests.get_untracked() on_fold=move || toggle(key.clone())/> }.into_any()
        }
    }
    };
    // Dropped beside the rows: out of its parent.
    let unnest = move |event: web_sys::DragEvent| {
        event.prevent_default();
        let dragged = event.data_transfer().and_then(|d| d.get_data("application/x-tagloom-region").ok());
        if let Some(id) = dragged.filter(|d| !d.is_empty()) {
            context.dispatch(Action::Apply(Command::SetParent(RegionId::from(id.as_str()), None)));
        }
    };
    let all_hidden = Memo::new(move |_| {
        context.flags().track();
        context.order().track();
        context.with(|e| {
            let mut regions = e.document().regions().filter(|r| !r.is_classification()).peekable();
            regions.peek().is_some() && regions.all(|r| e.document().flags(&r.id).hidden)
        })
    });
    let empty = move || context.order().with(|o| o.is_empty());
    view! {
        <div class="tl-panel-tools" role="toolbar" aria-label="Region list">
            <select class="tl-select" aria-label="Group regions" title="Group regions" on:change=move |e| group.set(event_target_value(&e)) prop:value=move || group.get()>
                <option value="manual" selected=move || group.get() == "manual">"By hand"</option>
                <option value="label" selected=move || group.get() == "label">"By label"</option>
                <option value="type" selected=move || group.get() == "type">"By tool"</option>
            </select>
            <select class="tl-select" aria-label="Sort regions" title="Sort regions" on:change=move |e| sort.set(event_target_value(&e)) prop:value=move || sort.get()>
                <option value="date" selected=move || sort.get() == "date">"Created"</option>
                <option value="score" selected=move || sort.get() == "score">"Score"</option>
                <option value="mediaStartTime" selected=move || sort.get() == "mediaStartTime">"Start"</option>
            </select>
            {move || {
                let up = direction.get() != "desc";
                view! {
                    <IconButton class="tl-small" glyph=if up { icons::SORT_UP } else { icons::SORT_DOWN }
                        label=if up { "Ascending; press for descending" } else { "Descending; press for ascending" }
                        on_click=move || direction.set(if up { "desc".to_owned() } else { "asc".to_owned() })/>
                }
            }}
            <div class="tl-grow"></div>
            {move || {
                let hidden = all_hidden.get();
                let text = if hidden { "Show all regions" } else { "Hide all regions" };
                view! {
                    <IconButton class="tl-small" glyph=if hidden { icons::EYE_OFF } else { icons::EYE } label=text
                        title=Signal::stored(with_key(&context, text, "region:visibility-all"))
                        disabled=Signal::derive(empty) on_click=move || context.dispatch(Action::ToggleAllHidden)/>
                }
            }}
        </div>
        <Show when=move || !empty() fallback=|| view! {
            <div class="tl-empty"><Icon glyph=icons::TAG/><p>"No regions yet. Choose a label, then mark the data."</p></div>
        }>
            <div class="tl-panel-body" on:dragover=|e| e.prevent_default() on:drop=unnest>
                <VirtualList rows=list key=key_of row_px=ROW label="Regions" reveal row/>
            </div>
        </Show>
    }
}
