//! The side panel: regions, relations, details and history in tabs; resizable, foldable.

mod details;
mod geometry_fields;
mod history;
pub mod regions;
mod relations;
mod sync;

use crate::components::{IconButton, storage};
use crate::context::use_editor;
use crate::frame::use_screen;
use crate::icons::{self, Glyph};
use leptos::prelude::*;

/// Narrowest and widest, CSS pixels.
const WIDTH: (f64, f64) = (200.0, 640.0);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tab {
    Regions,
    Relations,
    Details,
    Sync,
    History,
}

const TABS: [(Tab, &str, Glyph); 5] = [
    (Tab::Regions, "Regions", icons::REGIONS),
    (Tab::Relations, "Relations", icons::RELATIONS),
    (Tab::Details, "Details", icons::DETAILS),
    (Tab::Sync, "Sync", icons::TIMELINE),
    (Tab::History, "History", icons::HISTORY),
];

#[component]
pub(crate) fn SidePanel() -> impl IntoView {
    let context = use_editor();
    let screen = use_screen();
    let shown = RwSignal::new(Tab::Regions);
    let narrow = web_sys::window().and_then(|w| w.inner_width().ok()?.as_f64()).is_some_and(|w| w < 768.0);
    let folded = storage::remembered("tagloom:panel-folded", if narrow { "yes" } else { "" });
    let width = storage::remembered("tagloom:panel-width", "300");
    let width_px = move || width.get().parse::<f64>().unwrap_or(300.0).clamp(WIDTH.0, WIDTH.1);
    let is_folded = move || folded.get() == "yes";
    Effect::new(move |_| {
        if screen.edit_note.get() {
            folded.set(String::new());
            shown.set(Tab::Details);
        }
    });
    let count = move |tab: Tab| match tab {
        Tab::Regions => context.order().with(|o| o.len()),
        Tab::Relations => {
            context.relations().track();
            context.with(|e| e.document().relations().len())
        }
        _ => 0,
    };
    let body = move || match shown.get() {
        Tab::Regions => view! { <regions::RegionsPanel/> }.into_any(),
        Tab::Relations => view! { <relations::RelationsPanel/> }.into_any(),
        Tab::Details => view! { <details::DetailsPanel/> }.into_any(),
        Tab::Sync => view! { <sync::SyncPanel/> }.into_any(),
        Tab::History => view! { <history::HistoryPanel/> }.into_any(),
    };
    // There is nothing to align where nothing shares a timeline.
    let hub = StoredValue::new_local(context.hub());
    let changed = hub.with_value(crate::media::MediaHub::changed);
    let aligns = Memo::new(move |_| {
        changed.track();
        hub.with_value(|h| !h.timelines().is_empty())
    });
    let offered = move || TABS.iter().filter(move |(tab, ..)| *tab != Tab::Sync || aligns.get());
    let folded_buttons = move || {
        offered()
            .map(|(tab, name, glyph)| {
                let tab = *tab;
                view! { <IconButton glyph=*glyph label=*name on_click=move || { shown.set(tab); folded.set(String::new()); }/> }
            })
            .collect_view()
    };
    let tab_list = move || {
        offered()
            .map(|(tab, name, _)| {
                let tab = *tab;
                let number = move || Some(count(tab)).filter(|n| *n > 0).map(|n| view! { <span class="tl-num">{n}</span> });
                view! {
                    <button type="button" role="tab" class="tl-panel-tab" aria-selected=move || (shown.get() == tab).to_string()
                        on:click=move |_| shown.set(tab)>{*name}{number}</button>
                }
            })
            .collect_view()
    };
    view! {
        <aside class="tl-panel" class:tl-folded=is_folded aria-label="Panel" style=("--tl-panel-now", move || format!("{}px", width_px()))>
            <Show when=move || !is_folded() fallback=move || view! {
                <IconButton glyph=icons::PANEL_OPEN label="Open the panel" on_click=move || folded.set(String::new())/>
                {folded_buttons()}
            }>
                <Splitter width/>
                <div class="tl-panel-tabs">
                    <div role="tablist" aria-label="Panel">{tab_list()}</div>
                    <IconButton glyph=icons::PANEL_CLOSE label="Fold the panel" class="tl-small" on_click=move || folded.set("yes".to_owned())/>
                </div>
                <div class="tl-panel-body" role="tabpanel">{body}</div>
            </Show>
        </aside>
    }
}

/// The edge that is dragged; arrow keys move it by 16 px.
#[component]
fn Splitter(width: RwSignal<String>) -> impl IntoView {
    let start = StoredValue::new(None::<(f64, f64)>);
    let now = move || width.get_untracked().parse::<f64>().unwrap_or(300.0);
    let set = move |px: f64| width.set(format!("{:.0}", px.clamp(WIDTH.0, WIDTH.1)));
    let down = move |event: web_sys::PointerEvent| {
        event.prevent_default();
        // Capture fails only for a pointer that is gone already; then there is nothing to drag.
        let _ = event_target::<web_sys::Element>(&event).set_pointer_capture(event.pointer_id());
        start.set_value(Some((f64::from(event.client_x()), now())));
    };
    let moved = move |event: web_sys::PointerEvent| {
        if let Some((x, before)) = start.get_value() {
            set(before + x - f64::from(event.client_x()));
        }
    };
    let keys = move |event: web_sys::KeyboardEvent| {
        let by = match event.key().as_str() {
            "ArrowLeft" => 16.0,
            "ArrowRight" => -16.0,
            _ => return,
        };
        event.prevent_default();
        event.stop_propagation();
        set(now() + by);
    };
    view! {
        <div class="tl-splitter" role="separator" aria-orientation="vertical" aria-label="Width of the panel" tabindex="0"
            aria-valuenow=move || width.get() aria-valuemin=WIDTH.0.to_string() aria-valuemax=WIDTH.1.to_string()
            on:pointerdown=down on:pointermove=moved
            on:pointerup=move |_| start.set_value(None) on:pointercancel=move |_| start.set_value(None)
            on:dblclick=move |_| width.set("300".to_owned()) on:keydown=keys></div>
    }
}
