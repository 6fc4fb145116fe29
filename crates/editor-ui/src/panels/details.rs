//! Details of the selected region: its place in numbers, note, answers, id.

use super::geometry_fields::{fields, with_field};
use super::regions::{RegionName, short_value};
use crate::components::{IconButton, NumberField};
use crate::context::use_editor;
use crate::frame::use_screen;
use crate::icons::{self, Icon};
use leptos::html;
use leptos::prelude::*;
use serde_json::Value;
use tagloom_annotation_store::{Command, Geometry, Region, RegionId};
use tagloom_editor::Action;

#[component]
pub(super) fn DetailsPanel() -> impl IntoView {
    let context = use_editor();
    let single = Memo::new(move |_| {
        let selection = context.selection().get();
        match selection.as_ref() {
            [] => Err(0),
            [id] => Ok(id.clone()),
            more => Err(more.len()),
        }
    });
    view! {
        <div class="tl-panel-scroll">
            {move || match single.get() {
                Ok(id) => view! { <RegionDetails id/> }.into_any(),
                Err(0) => view! { <div class="tl-empty"><Icon glyph=icons::DETAILS/><p>"Select a region to see its details."</p></div> }.into_any(),
                Err(n) => view! { <div class="tl-empty"><p>{format!("{n} regions are selected.")}</p></div> }.into_any(),
            }}
        </div>
    }
}

/// The text a region covers, where its object saves it.
fn covered(region: &Region) -> Option<String> {
    match &region.geometry {
        Geometry::Text(s) => s.text.clone(),
        Geometry::Html(s) => s.text.clone(),
        Geometry::Paragraphs(s) => s.text.clone(),
        _ => None,
    }
}

/// What per-region controls say, by name.
fn answers(region: &Region) -> Vec<(String, String)> {
    let text = |v: &Value| match v {
        Value::String(s) => s.clone(),
        Value::Array(list) => list
            .iter()
            .map(|v| v.as_str().map_or_else(|| v.to_string(), str::to_owned))
            .collect::<Vec<_>>()
            .join(", "),
        other => other.to_string(),
    };
    let items = region.items.iter().filter(|i| !i.is_labels());
    items.filter_map(|i| Some((i.from_name.to_string(), text(i.value()?)))).collect()
}

#[component]
fn RegionDetails(id: RegionId) -> impl IntoView {
    let context = use_editor();
    let screen = use_screen();
    let region = context.region(&id);
    let stored = StoredValue::new(id.clone());
    let disabled = Memo::new(move |_| {
        context.flags().track();
        let region = region.get();
        context.read_only().get()
            || region.is_none_or(|r| r.readonly)
            || stored.with_value(|id| context.with(|e| e.document().flags(id).locked))
    });
    // The fields stay while the numbers in them change.
    let names = Memo::new(move |_| {
        region
            .get()
            .map(|r| fields(&r.geometry).into_iter().map(|(name, _)| name).collect::<Vec<_>>())
            .unwrap_or_default()
    });
    let inputs = move || {
        let names = names.get();
        (!names.is_empty()).then(|| {
            let inputs = names
                .into_iter()
                .map(|name| {
                    let value = Signal::derive(move || {
                        let region = region.get();
                        let found =
                            region.and_then(|r| fields(&r.geometry).into_iter().find(|(n, _)| *n == name));
                        found.map_or(f64::NAN, |(_, v)| v)
                    });
                    let enter = move |v: f64| {
                        if let Some(next) =
                            region.get_untracked().and_then(|r| with_field(&r.geometry, name, v))
                        {
                            context.dispatch(Action::Apply(Command::SetGeometry(stored.get_value(), next)));
                        } else {
                            let text = format!("{name} cannot be {v} here.");
                            context.dispatch(Action::Show(tagloom_editor::Message::warning(text)));
                        }
                    };
                    view! { <NumberField label=name value disabled on_enter=enter/> }
                })
                .collect_view();
            view! { <h3>"Place"</h3><div class="tl-detail-grid">{inputs}</div> }
        })
    };
    let note = NodeRef::<html::Textarea>::new();
    Effect::new(move |_| {
        if screen.edit_note.get()
            && let Some(note) = note.get()
        {
            screen.edit_note.set(false);
            let _ = note.focus();
        }
    });
    let facts = move || {
        let r = region.get()?;
        let score = r.score.map(|s| view! { <dt>"Score"</dt><dd class="tl-num">{format!("{s:.3}")}</dd> });
        let parent =
            r.parent_id.as_ref().map(|p| view! { <dt>"Inside"</dt><dd class="tl-mono">{p.to_string()}</dd> });
        let item = r.item_index.map(|i| view! { <dt>"Item"</dt><dd class="tl-num">{i + 1}</dd> });
        let value = Some(short_value(&r))
            .filter(|v| !v.is_empty() && covered(&r).is_none() && fields(&r.geometry).is_empty());
        let answers = answers(&r)
            .into_iter()
            .map(|(name, text)| view! { <dt>{name}</dt><dd>{text}</dd> })
            .collect_view();
        Some(view! {
            <dl class="tl-facts">
                <dt>"Kind"</dt><dd>{r.geometry.kind()}</dd>
                {value.map(|v| view! { <dt>"Extent"</dt><dd class="tl-num">{v}</dd> })}
                <dt>"On"</dt><dd class="tl-mono">{r.to_name.to_string()}</dd>
                <dt>"Origin"</dt><dd>{r.origin.as_str()}</dd>
                {score}{parent}{item}{answers}
            </dl>
        })
    };
    let copy = move || {
        if let Some(window) = web_sys::window() {
            // Without permission nothing is copied; the id can be selected by hand.
            let _ = window.navigator().clipboard().write_text(stored.get_value().as_str());
        }
    };
    view! {
        <div class="tl-details">
            <div class="tl-row"><RegionName id=id.clone()/></div>
            {move || region.get().and_then(|r| covered(&r)).map(|t| view! { <blockquote class="tl-quote" style:margin="0">{t}</blockquote> })}
            {inputs}
            <label class="tl-field">
                <span>"Note"</span>
                <textarea node_ref=note class="tl-textarea" rows="2" placeholder="Anything worth telling about this region"
                    prop:value=move || region.get().and_then(|r| r.note()).unwrap_or_default() disabled=move || disabled.get()
                    on:change=move |e| context.dispatch(Action::SetNote { id: stored.get_value(), text: event_target_value(&e) })></textarea>
            </label>
            {facts}
            <div class="tl-row">
                <span class="tl-meta">"Id"</span>
                <code class="tl-mono tl-grow tl-clip">{id.to_string()}</code>
                <IconButton glyph=icons::COPY class="tl-small" label="Copy the id" on_click=copy/>
            </div>
        </div>
    }
}
