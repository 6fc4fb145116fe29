//! One storage of the list: its state, its sync as it goes, what could not be read, its test.

use super::doctor::Steps;
use super::place::{self, Purpose};
use crate::api::{self, ApiError};
use crate::icons;
use crate::pages::Failure;
use crate::when;
use crate::work::{JobCard, JobProblems};
use leptos::prelude::*;
use leptos_router::components::A;
use tagloom_api::{Diagnosis, Storage};
use tagloom_editor_ui::components::Confirm;
use tagloom_editor_ui::icons::Icon;

/// Milliseconds that a sync has to be queued before it is looked for.
const QUEUED_WITHIN: u32 = 300;

#[component]
pub fn Card(purpose: Purpose, storage: Memo<Storage>, changed: Callback<()>) -> impl IntoView {
    let error = RwSignal::new(None::<ApiError>);
    let asked = RwSignal::new(false);
    let testing = RwSignal::new(false);
    let diagnosis = RwSignal::new(None::<Diagnosis>);
    let deleting = RwSignal::new(false);
    let url = move || storage.with_untracked(|s| place::url(purpose, s));

    let sync = move |_| {
        asked.set(true);
        error.set(None);
        let url = format!("{}/sync", url());
        leptos::task::spawn_local(async move {
            let answer = api::post_empty(&url).await;
            let _ = asked.try_set(false);
            let _ = error.try_set(answer.err());
            changed.run(());
        });
        // The answer may take as long as the sync: what is under way is shown before.
        leptos::task::spawn_local(async move {
            gloo_timers::future::TimeoutFuture::new(QUEUED_WITHIN).await;
            changed.run(());
        });
    };
    let test = move |_| {
        testing.set(true);
        error.set(None);
        diagnosis.set(None);
        let url = format!("{}/diagnose", url());
        leptos::task::spawn_local(async move {
            let answer = api::get::<Diagnosis>(&url).await;
            let _ = testing.try_set(false);
            match answer {
                Ok(found) => {
                    let _ = diagnosis.try_set(Some(found));
                }
                Err(e) => {
                    let _ = error.try_set(Some(e));
                }
            }
        });
    };
    let delete = move || {
        let url = url();
        leptos::task::spawn_local(async move {
            match api::delete(&url).await {
                Ok(()) => changed.run(()),
                Err(e) => {
                    let _ = error.try_set(Some(e));
                }
            }
        });
    };
    let name = Memo::new(move |_| storage.with(place::name));
    let glyph =
        if storage.with_untracked(|s| s.kind == "localfiles") { icons::FOLDER } else { icons::BUCKET };
    // A storage without a title is called by its place.
    let place = move || {
        let place = storage.with(place::place);
        (place != name.get()).then(|| view! { <code class="ta-muted">{place}</code> })
    };
    let state = Memo::new(move |_| storage.with(place::status));
    let line = move || {
        storage.with(|s| {
            let mut parts: Vec<String> =
                s.last_sync.iter().map(|at| format!("Last sync {}", when::ago(at))).collect();
            parts.extend(place::outcome(purpose, s));
            parts.join(" · ")
        })
    };
    let syncing = Memo::new(move |_| storage.with(|s| s.is_syncing().then(|| s.job()).flatten()));
    // The job of a sync that did not go well, by the time it ended.
    let troubled = Memo::new(move |_| {
        storage.with(|s| {
            let bad = matches!(s.status.as_str(), "failed" | "completed_with_errors");
            s.job().filter(|_| bad).map(|job| (job, s.last_sync.clone()))
        })
    });
    let trouble = move || {
        let text = storage.with(|s| (s.status == "failed").then(|| s.traceback.clone()).flatten());
        text.map(|text| view! { <p class="ta-field-error" role="alert">{text}</p> })
    };
    let unwritten = move || {
        let text =
            storage.with(|s| s.meta.get("last_write_error").and_then(|e| e.as_str()).map(str::to_owned));
        text.map(|text| view! { <p class="ta-field-error" role="alert">{format!("The last write failed and is tried again: {text}")}</p> })
    };
    let may_sync = move || storage.with(|s| s.synchronizable && !s.is_syncing()) && !asked.get();
    let ask = move || {
        format!("“{}” is not connected to this project any more. {}", name.get(), purpose.after_deleting())
    };
    let kind = storage.with_untracked(|s| s.kind.clone());
    view! {
        <article class="ta-storage" aria-label=name>
            <header>
                <Icon glyph/>
                <div class="ta-storage-name">
                    <h3><A href=move || storage.with(|s| place::page(purpose, s))>{name}</A></h3>
                    {place}
                </div>
                <span class=move || state.get().0.class()>{move || state.get().1}</span>
            </header>
            <p class="ta-muted ta-num">{line}</p>
            {move || syncing.get().map(|id| view! { <JobCard id ended=changed/> })}
            {trouble}
            {unwritten}
            {move || troubled.get().map(|(id, _)| view! { <JobProblems id/> })}
            {move || error.get().map(|error| view! { <Failure error/> })}
            {
                let kind = kind.clone();
                move || diagnosis.get().map(|diagnosis| view! { <Steps diagnosis kind=kind.clone()/> })
            }
            <footer class="ta-row">
                <button type="button" class="ta-button" disabled=move || !may_sync() on:click=sync>"Sync now"</button>
                <button type="button" class="ta-button" disabled=move || testing.get() on:click=test>
                    {move || if testing.get() { "Testing…" } else { "Test connection" }}
                </button>
                <A href=move || storage.with(|s| place::page(purpose, s)) attr:class="ta-button">"Edit"</A>
                <span class="ta-spacer"></span>
                <button type="button" class="ta-button ta-quiet-danger" on:click=move |_| deleting.set(true)>"Delete"</button>
            </footer>
            <Confirm open=deleting heading="Delete this storage?" text=Signal::derive(ask) action="Delete storage" on_confirm=delete/>
        </article>
    }
}
