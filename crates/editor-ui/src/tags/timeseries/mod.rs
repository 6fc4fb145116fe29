//! `TimeSeries`: loading its data, and the states around the plot.

mod draw;
mod keys;
mod loading;
mod model;
mod plot;
mod pointer;
mod regions;
mod screen;
mod spec;
mod stored;
mod sync;
mod zone;

use crate::context::use_editor;
use crate::fetch::Cancel;
use leptos::prelude::*;
use loading::{Failure, Pace, load};
use model::SeriesModel;
use plot::Plot;
use spec::SeriesSpec;
use std::cell::RefCell;
use std::rc::Rc;
use tagloom_editor::TreeNodes;
use tagloom_tags::NodeId;

/// Shared between the views of one series.
type Model = Rc<RefCell<SeriesModel>>;

#[derive(Clone)]
enum State {
    Loading(Pace),
    Failed(Failure),
    Ready,
}

/// The view of a TimeSeries tag.
pub(super) fn view(node: NodeId) -> AnyView {
    view! { <TimeSeries node/> }.into_any()
}

#[component]
fn TimeSeries(node: NodeId) -> impl IntoView {
    let context = use_editor();
    let (spec, value) = context.with(|e| {
        let tree = e.tree();
        let node = tree.node(node);
        (SeriesSpec::read(tree, node), node.value.clone())
    });
    let state = RwSignal::new(State::Loading(Pace::default()));
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
            state.set(State::Loading(Pace::default()));
            leptos::task::spawn_local(async move {
                let report = move |pace: Pace| {
                    let _ = state.try_set(State::Loading(pace));
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
                    Err(failure) => {
                        let _ = state.try_set(State::Failed(failure));
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

    let pace = Memo::new(move |_| match state.get() {
        State::Loading(pace) => pace,
        _ => Pace::default(),
    });
    let loading = move || {
        view! {
            <div class="tl-series-state" role="status" style:min-height=format!("{height}px")>
                <p>"Loading the series… " <span class="tl-num">{move || how_far(&pace.get())}</span></p>
                <progress max="1" prop:value=move || share(&pace.get())></progress>
                // Room is kept, so that nothing jumps when it appears.
                <button type="button" class="tl-button" style:visibility=move || hidden_before(1000.0, &pace.get())
                    on:click=move |_| cancel.with_value(Cancel::cancel)>"Cancel"</button>
            </div>
        }
        .into_any()
    };
    let failed = move |Failure { text, can_sort }: Failure| {
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
    // Progress alone must not build the view anew: a button that is pressed would be gone.
    let is_loading = Memo::new(move |_| matches!(state.get(), State::Loading(_)));
    view! {
        <section class="tl-series htx-timeseries" aria-label=format!("Time series {}", spec.name)>
            {move || if is_loading.get() { loading() } else {
                match state.get_untracked() {
                    State::Loading(_) => ().into_any(),
                    State::Failed(failure) => failed(failure),
                    State::Ready => match model.get_value() {
                        Some(model) => view! { <Plot model=SendModel(send_wrapper::SendWrapper::new(model))/> }.into_any(),
                        None => ().into_any(),
                    },
                }
            }}
            <Notices notices/>
        </section>
    }
}

fn hidden_before(ms: f64, pace: &Pace) -> &'static str {
    if pace.elapsed_ms < ms { "hidden" } else { "visible" }
}

fn share(pace: &Pace) -> Option<f64> {
    let total = pace.progress.total.filter(|t| *t > 0)?;
    Some(pace.progress.loaded as f64 / total as f64)
}

/// Bytes, of how many, and the rate.
fn how_far(pace: &Pace) -> String {
    let mb = |bytes: f64| format!("{:.1} MB", bytes / 1e6);
    let loaded = pace.progress.loaded as f64;
    let mut text = mb(loaded);
    if let Some(total) = pace.progress.total {
        text.push_str(&format!(" of {}", mb(total as f64)));
    }
    if pace.elapsed_ms > 500.0 {
        text.push_str(&format!(" · {}/s", mb(loaded / pace.elapsed_ms * 1000.0)));
    }
    text
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
