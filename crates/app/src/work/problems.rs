//! The objects that a job could not deal with, a page at a time.

use super::words::number;
use crate::api;
use crate::pages::projects::Pager;
use leptos::prelude::*;
use tagloom_api::{Job, JobErrors};

/// As many as are shown at once.
const PAGE: i64 = 100;

/// The problems of a job that is known by its id only; nothing where it had none.
#[component]
pub fn JobProblems(id: i64) -> impl IntoView {
    let job = LocalResource::new(move || async move { api::get::<Job>(&format!("/api/jobs/{id}")).await });
    // A job that is not kept any more has no problems to show.
    let count = Signal::derive(move || job.get().and_then(Result::ok).map_or(0, |job| job.error_count));
    view! { <Show when=move || { count.get() > 0 }><Problems id count/></Show> }
}

/// Asked for when somebody wants to see them.
#[component]
pub fn Problems(id: i64, count: Signal<i64>) -> impl IntoView {
    let open = RwSignal::new(false);
    let page = RwSignal::new(1u64);
    let found = LocalResource::new(move || {
        let wanted = open.get().then(|| (count.get(), page.get()));
        async move {
            match wanted {
                Some((_, page)) => {
                    let url = format!("/api/jobs/{id}/errors?page={page}&page_size={PAGE}");
                    api::get::<JobErrors>(&url).await.map(|e| e.results)
                }
                None => Ok(Vec::new()),
            }
        }
    });
    let list = move || match found.get() {
        None => view! { <li>"Loading…"</li> }.into_any(),
        Some(Err(error)) => view! { <li>{error.text()}</li> }.into_any(),
        Some(Ok(errors)) => errors
            .into_iter()
            .map(|e| view! { <li><code>{e.subject}</code>" "{e.message}</li> })
            .collect_view()
            .into_any(),
    };
    let said = move || match count.get() {
        1 => "1 object could not be dealt with".to_owned(),
        n => format!("{} objects could not be dealt with", number(n)),
    };
    let pages = move || count.get().div_euclid(PAGE) + i64::from(count.get() % PAGE > 0);
    view! {
        <button type="button" class="ta-link ta-problems" aria-expanded=move || open.get().to_string() on:click=move |_| open.update(|o| *o = !*o)>{said}</button>
        <Show when=move || open.get()>
            <ul class="ta-work-errors" tabindex="0" aria-label="What could not be dealt with">{list}</ul>
            {move || view! { <Pager page pages=pages().unsigned_abs()/> }}
        </Show>
    }
}
