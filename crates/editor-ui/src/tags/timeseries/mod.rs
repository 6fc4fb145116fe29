//! `TimeSeries`: loading its data, and the states around the plot.

mod draw;
mod model;
mod plot;
mod spec;

use crate::context::use_editor;
use crate::fetch::{Cancel, FetchError, Progress, stream};
use leptos::prelude::*;
use model::SeriesModel;
use plot::Plot;
use serde_json::Value;
use spec::SeriesSpec;
use std::cell::RefCell;
use std::rc::Rc;
use tagloom_editor::TreeNodes;
use tagloom_tags::NodeId;
use tagloom_timeseries::load::{load_body, load_json};
use tagloom_timeseries::{CsvLoader, LoadError, Loaded};

/// Shared between the views of one series.
type Model = Rc<RefCell<SeriesModel>>;

#[derive(Clone)]
enum State {
    Loading(Progress),
    /// What went wrong, and whether sorting the rows would mend it.
    Failed {
        text: String,
        can_sort: bool,
    },
    Ready,
}

/// The view of a TimeSeries tag.
pub(super) fn view(node: NodeId) -> AnyView {
    view! { <TimeSeries node/> }.into_any()
}

async fn load(
    spec: &SeriesSpec,
    value: &Value,
    cancel: &Cancel,
    progress: impl Fn(Progress),
) -> Result<Loaded, (String, bool)> {
    let failed = |e: LoadError| {
        let can_sort = matches!(e, LoadError::Unsorted { .. });
        (format!("{}: {e}", spec.name), can_sort)
    };
    if let Value::Object(_) = value {
        return load_json(value, &spec.load).map_err(failed);
    }
    let Some(text) = value.as_str().filter(|t| !t.trim().is_empty()) else {
        return Err((format!("{}: the field named by its value is missing in this task.", spec.name), false));
    };
    if spec.is_json || text.trim_start().starts_with('{') {
        return load_body(text.as_bytes(), &spec.load).map_err(failed);
    }
    if text.contains('\n') {
        return load_body(text.as_bytes(), &spec.load).map_err(failed);
    }
    // A body that begins with a brace may be an object of arrays, which cannot be read in pieces.
    let mut csv: Option<CsvLoader> = None;
    let mut whole: Vec<u8> = Vec::new();
    let mut sort_error = false;
    let result = stream(text, cancel, |piece, p| {
        progress(p);
        if let Some(loader) = &mut csv {
            return loader.push(piece).map(|_| ()).map_err(|e| {
                sort_error = matches!(e, LoadError::Unsorted { .. });
                e.to_string()
            });
        }
        whole.extend_from_slice(piece);
        let start = whole.trim_ascii_start();
        if start.first().is_some_and(|b| *b != b'{') {
            let mut loader =
                CsvLoader::new(tagloom_timeseries::LoadOptions { total_bytes: p.total, ..spec.load.clone() });
            let pushed = loader.push(&whole);
            csv = Some(loader);
            whole = Vec::new();
            return pushed.map(|_| ()).map_err(|e| {
                sort_error = matches!(e, LoadError::Unsorted { .. });
                e.to_string()
            });
        }
        Ok(())
    })
    .await;
    match result {
        Ok(()) => {}
        Err(FetchError::Content(text)) => return Err((format!("{}: {text}", spec.name), sort_error)),
        Err(e) => return Err((format!("{}: {e}", spec.name), false)),
    }
    match csv {
        Some(loader) => loader.finish().map_err(failed),
        None => load_body(&whole, &spec.load).map_err(failed),
    }
}

#[component]
fn TimeSeries(node: NodeId) -> impl IntoView {
    let context = use_editor();
    let (spec, value) = context.with(|e| {
        let tree = e.tree();
        let node = tree.node(node);
        (SeriesSpec::read(tree, node), node.value.clone())
    });
    let state = RwSignal::new(State::Loading(Progress::default()));
    let notices = RwSignal::new(Vec::<(String, bool)>::new());
    let model: StoredValue<Option<Model>, LocalStorage> = StoredValue::new_local(None);
    let cancel: StoredValue<Cancel, LocalStorage> = StoredValue::new_local(Cancel::default());
    let height: f64 =
        spec.tracks.iter().map(|t| t.height + draw::GAP).sum::<f64>() + draw::AXIS + draw::OVERVIEW;

    let start = {
        let spec = spec.clone();
        move |sort: bool| {
            let mut spec = spec.clone();
            spec.load.sort = sort;
            let value = value.clone();
            let fresh = Cancel::default();
            cancel.set_value(fresh.clone());
            state.set(State::Loading(Progress::default()));
            leptos::task::spawn_local(async move {
                let report = move |p: Progress| {
                    let _ = state.try_set(State::Loading(p));
                };
                let loaded = load(&spec, &value, &fresh, report).await;
                match loaded {
                    Ok(loaded) => {
                        let told = loaded.notices.iter().map(|n| (n.to_string(), n.is_error())).collect();
                        let _ = notices.try_set(told);
                        let fresh = Rc::new(RefCell::new(SeriesModel::new(spec, loaded)));
                        if model.try_update_value(|m| *m = Some(fresh)).is_some() {
                            let _ = state.try_set(State::Ready);
                        }
                    }
                    Err((text, can_sort)) => {
                        let _ = state.try_set(State::Failed { text, can_sort });
                    }
                }
            });
        }
    };
    let start = StoredValue::new_local(start);
    start.with_value(|start| start(false));
    on_cleanup(move || {
        if let Some(cancel) = cancel.try_get_value() {
            cancel.cancel();
        }
    });

    let loading = move |p: Progress| {
        let share = p.total.filter(|t| *t > 0).map(|t| p.loaded as f64 / t as f64);
        view! {
            <div class="tl-series-state" role="status" style:min-height=format!("{height}px")>
                <p>"Loading the series… " <span class="tl-num">{format!("{} kB", p.loaded / 1024)}</span></p>
                <progress max="1" prop:value=share.unwrap_or_default()></progress>
                <button type="button" class="tl-button" on:click=move |_| cancel.with_value(Cancel::cancel)>"Cancel"</button>
            </div>
        }
        .into_any()
    };
    let failed = move |text: String, can_sort: bool| {
        let copy = text.clone();
        view! {
            <div class="tl-series-state tl-series-error" role="alert" style:min-height="120px">
                <p>{text}</p>
                <div class="tl-row">
                    <button type="button" class="tl-button" on:click=move |_| start.with_value(|s| s(false))>"Try again"</button>
                    {can_sort.then(|| view! {
                        <button type="button" class="tl-button" on:click=move |_| start.with_value(|s| s(true))>"Sort the rows by time"</button>
                    })}
                    <button type="button" class="tl-button" on:click=move |_| {
                        if let Some(window) = web_sys::window() {
                            // Without permission nothing is copied; the text is on the screen anyway.
                            let _ = window.navigator().clipboard().write_text(&copy);
                        }
                    }>"Copy details"</button>
                </div>
            </div>
        }
        .into_any()
    };
    view! {
        <section class="tl-series htx-timeseries" aria-label=format!("Time series {}", spec.name)>
            {move || match state.get() {
                State::Loading(p) => loading(p),
                State::Failed { text, can_sort } => failed(text, can_sort),
                State::Ready => match model.get_value() {
                    Some(model) => view! { <Plot node model=SendModel(send_wrapper::SendWrapper::new(model))/> }.into_any(),
                    None => ().into_any(),
                },
            }}
            <Notices notices/>
        </section>
    }
}

/// A model as a component property.
#[derive(Clone)]
struct SendModel(send_wrapper::SendWrapper<Model>);

#[component]
fn Notices(notices: RwSignal<Vec<(String, bool)>>) -> impl IntoView {
    move || {
        let list = notices.get();
        (!list.is_empty()).then(|| {
            let items: Vec<_> = list
                .into_iter()
                .map(|(text, bad)| view! { <li class:tl-series-bad=bad>{text}</li> })
                .collect();
            view! { <ul class="tl-series-notices">{items}</ul> }
        })
    }
}
