//! One piece of work: what it is, how far it is, what stopped it.

use super::pace::Pace;
use super::problems::Problems;
use super::words::{number, title, wait};
use crate::api::{self, ApiError};
use futures::StreamExt;
use gloo_net::eventsource::futures::EventSource;
use leptos::prelude::*;
use std::rc::Rc;
use tagloom_api::Job;

#[component]
pub fn Card(job: Job, close: Callback<i64>, ended: Callback<()>, resumed: Callback<()>) -> impl IntoView {
    let id = job.id;
    let heading = title(&job.kind);
    let going = !job.is_over();
    let pace = StoredValue::new(Pace::default());
    let refused = RwSignal::new(None::<ApiError>);
    let job = RwSignal::new(job);
    let news = move |fresh: Job| {
        let now = js_sys::Date::now() / 1000.0;
        pace.try_update_value(|pace| pace.note(now, fresh.done));
        let over = fresh.is_over();
        if job.try_set(fresh).is_none() && over {
            ended.run(());
        }
        over
    };
    if going {
        follow(id, news);
    }
    let ask = move |what: &'static str| {
        refused.set(None);
        leptos::task::spawn_local(async move {
            match api::post::<Job>(&format!("/api/jobs/{id}/{what}"), &serde_json::json!({})).await {
                Ok(_) if what == "resume" => resumed.run(()),
                Ok(fresh) => {
                    news(fresh);
                }
                Err(error) => {
                    let _ = refused.try_set(Some(error));
                }
            }
        });
    };
    let state = move || job.with(|job| job.state.clone());
    let over = move || job.with(Job::is_over);
    let part = move || {
        job.with(|job| {
            job.total
                .filter(|total| *total > 0)
                .map(|total| (job.done as f64 / total as f64).clamp(0.0, 1.0).to_string())
        })
    };
    view! {
        <section class="ta-work-card" class:ta-work-bad=move || state() == "failed" aria-label=heading.clone()>
            <div class="ta-row">
                <strong>{heading.clone()}</strong>
                <span class="ta-num ta-muted" role="status">{move || job.with(|job| line(job, &pace.get_value()))}</span>
                <span class="ta-spacer"></span>
                <Show when=move || !over()>
                    <button type="button" class="ta-button" disabled=move || job.with(|job| job.cancel_requested) on:click=move |_| ask("cancel")>
                        {move || if job.with(|job| job.cancel_requested) { "Stopping…" } else { "Cancel" }}
                    </button>
                </Show>
                <Show when=move || job.with(|job| job.resumable)>
                    <button type="button" class="ta-button" on:click=move |_| ask("resume")>"Go on"</button>
                </Show>
                <Show when=over>
                    <button type="button" class="ta-button" on:click=move |_| close.run(id)>"Close"</button>
                </Show>
            </div>
            <Show when=move || !over()>
                <progress class="ta-work-bar" max="1" aria-label="Progress" value=part></progress>
            </Show>
            {move || job.with(|job| job.error.clone()).map(|text| view! { <p class="ta-field-error" role="alert">{text}</p> })}
            {move || refused.get().map(|error| view! { <p class="ta-field-error" role="alert">{error.text()}</p> })}
            <Show when=move || job.with(|job| job.error_count > 0)><Problems id count=Signal::derive(move || job.with(|job| job.error_count))/></Show>
        </section>
    }
}

/// One job of which only the id is known, for the place where it belongs. Shown while it goes on.
#[component]
pub fn JobCard(id: i64, #[prop(into)] ended: Callback<()>) -> impl IntoView {
    let version = RwSignal::new(0u32);
    let job = LocalResource::new(move || {
        version.track();
        async move { api::get::<Job>(&format!("/api/jobs/{id}")).await }
    });
    let (close, resumed) = (Callback::new(|_| {}), Callback::new(move |()| version.update(|v| *v += 1)));
    move || {
        job.get().and_then(Result::ok).map(|job| {
            if job.is_over() {
                // It ended before it was looked at.
                leptos::task::spawn_local(async move { ended.run(()) });
                return ().into_any();
            }
            view! { <Card job close ended resumed/> }.into_any()
        })
    }
}

/// How far it is, in words.
fn line(job: &Job, pace: &Pace) -> String {
    let count = match job.total {
        Some(total) => format!("{} of {}", number(job.done), number(total)),
        None => number(job.done),
    };
    match job.state.as_str() {
        "queued" => "waiting for its turn".to_owned(),
        "completed" => format!("done, {}", number(job.done)),
        "cancelled" => format!("cancelled at {count}"),
        "failed" => format!("stopped at {count}"),
        _ => {
            let mut parts = vec![count];
            parts
                .extend(pace.rate().map(|rate| format!("{} a second", number(rate.round().max(1.0) as i64))));
            parts.extend(job.total.and_then(|total| pace.left(total)).map(wait));
            parts.extend(Some(job.message.clone()).filter(|m| !m.is_empty()));
            parts.join(" · ")
        }
    }
}

/// Calls `news` with every change of a job until it says that this was the last, or the page is left.
fn follow(id: i64, news: impl Fn(Job) -> bool + 'static) {
    let Ok(mut source) = EventSource::new(&format!("/api/jobs/{id}/events")) else { return };
    let news = Rc::new(news);
    let (Ok(progress), Ok(end)) = (source.subscribe("progress"), source.subscribe("end")) else { return };
    let (stop, stopped) = futures::channel::oneshot::channel::<()>();
    // Dropped with the owner, which ends the wait below.
    let held = StoredValue::new_local(Some(stop));
    on_cleanup(move || {
        held.try_update_value(Option::take);
    });
    leptos::task::spawn_local(async move {
        let mut events = futures::stream::select(progress, end).take_until(stopped);
        while let Some(event) = events.next().await {
            // A line that broke mends itself: the browser asks again.
            let Ok((_, message)) = event else { continue };
            let text = message.data().as_string().unwrap_or_default();
            if let Ok(job) = serde_json::from_str::<Job>(&text)
                && news(job)
            {
                break;
            }
        }
        source.close();
    });
}
