//! The long work of a project: what the server is doing, as it goes.
//!
//! A page shows [`Work`] at its top and counts `version` up when it has asked for something that may take long. Work goes
//! on when the page is left, and is shown again by the next page that looks.

mod card;
mod pace;
mod problems;
mod words;

pub use card::JobCard;
pub use problems::JobProblems;
pub use words::number;

use crate::api;
use card::Card;
use leptos::prelude::*;
use std::collections::BTreeSet;
use tagloom_api::Job;

/// As many as a page looks back.
const LOOK_BACK: u32 = 20;
const CLOSED: &str = "tagloom:work:closed";

/// Cards of all work that goes on, and of what failed or was cancelled until somebody closes it. `ended` is called when
/// work comes to its end, for what it changed.
#[component]
pub fn Work(
    #[prop(into)] project: Signal<i64>,
    version: RwSignal<u32>,
    #[prop(into)] ended: Callback<()>,
) -> impl IntoView {
    let closed = RwSignal::new(load_closed());
    // Only work that this page has seen going tells of its good end; what ended before is old news.
    let seen = RwSignal::new(BTreeSet::<i64>::new());
    let jobs = RwSignal::new(Vec::<Job>::new());
    Effect::new(move |_| {
        version.track();
        let project = project.get();
        leptos::task::spawn_local(async move {
            let url = format!("/api/jobs?project={project}&page_size={LOOK_BACK}");
            // A page without this list is whole all the same.
            let Ok(found) = api::get::<Vec<Job>>(&url).await else { return };
            let running = found.iter().filter(|job| !job.is_over()).map(|job| job.id);
            let _ = seen.try_update(|seen| seen.extend(running));
            let _ = jobs.try_set(found);
        });
    });
    let shown = move || {
        let (seen, closed) = (seen.get(), closed.get());
        let wanted = |job: &Job| {
            !closed.contains(&job.id)
                && (seen.contains(&job.id) || matches!(job.state.as_str(), "failed" | "cancelled"))
        };
        jobs.get().into_iter().filter(wanted).collect::<Vec<_>>()
    };
    let close = Callback::new(move |id: i64| {
        closed.update(|closed| {
            closed.insert(id);
        });
        store_closed(&closed.get_untracked());
    });
    let resumed = Callback::new(move |()| version.update(|v| *v += 1));
    // A card lives as long as one run of its work: what goes on after its end is followed by a new one.
    let ended = Callback::new(move |()| {
        let _ = version.try_update(|v| *v += 1);
        ended.run(());
    });
    view! {
        <div class="ta-work">
            <For each=shown key=|job| (job.id, job.is_over()) let:job>
                <Card job close ended resumed/>
            </For>
        </div>
    }
}

fn storage() -> Option<web_sys::Storage> {
    web_sys::window()?.local_storage().ok().flatten()
}

fn load_closed() -> BTreeSet<i64> {
    let text = storage().and_then(|s| s.get_item(CLOSED).ok().flatten()).unwrap_or_default();
    text.split(',').filter_map(|id| id.parse().ok()).collect()
}

/// Ids grow, and pages look back a little way only: the last ones are enough.
fn store_closed(closed: &BTreeSet<i64>) {
    let last: Vec<String> = closed.iter().rev().take(200).map(ToString::to_string).collect();
    if let Some(storage) = storage() {
        // What cannot be stored comes up again in the next page, and can be closed again.
        let _ = storage.set_item(CLOSED, &last.join(","));
    }
}
