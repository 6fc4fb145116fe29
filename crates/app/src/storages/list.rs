//! The storages of a project.

use super::card::Card;
use super::place::Purpose;
use crate::api::{self, ApiError};
use crate::pages::{Failure, project_id};
use leptos::prelude::*;
use leptos_router::components::A;
use tagloom_api::{Project, Storage};

#[component]
pub fn Storages() -> impl IntoView {
    let id = project_id();
    let version = RwSignal::new(0u32);
    let project = LocalResource::new(move || {
        let url = format!("/api/projects/{}/", id.get());
        async move { api::get::<Project>(&url).await }
    });
    let title = move || project.get().and_then(Result::ok).map(|p| p.title).unwrap_or_default();
    view! {
        <main class="ta-page">
            <header class="ta-head">
                <A href=move || format!("/projects/{}", id.get())>{move || format!("‹ {}", title())}</A>
                <h1>"Storages"</h1>
            </header>
            <Part purpose=Purpose::Import id version/>
            <Part purpose=Purpose::Export id version/>
        </main>
    }
}

#[component]
fn Part(purpose: Purpose, id: Signal<i64>, version: RwSignal<u32>) -> impl IntoView {
    let storages = RwSignal::new(None::<Result<Vec<Storage>, ApiError>>);
    Effect::new(move |_| {
        version.track();
        let base = if purpose == Purpose::Import { "/api/storages/" } else { "/api/storages/export" };
        let url = format!("{base}?project={}", id.get());
        // What is shown stays until there is something newer: no flicker.
        leptos::task::spawn_local(async move {
            let found = api::get::<Vec<Storage>>(&url).await;
            let _ = storages.try_set(Some(found));
        });
    });
    let changed = Callback::new(move |()| {
        let _ = version.try_update(|v| *v += 1);
    });
    let add = move || format!("/projects/{}/storages/new?for={}", id.get(), purpose.word());
    let known =
        move || storages.with(|s| s.as_ref().and_then(|s| s.as_ref().ok().cloned())).unwrap_or_default();
    let state = move || {
        storages.with(|found| match found {
            None => view! { <p class="ta-note" role="status">"Loading…"</p> }.into_any(),
            Some(Err(error)) => view! { <Failure error=error.clone() retry=changed/> }.into_any(),
            Some(Ok(list)) if list.is_empty() => view! {
                <p class="ta-note">{match purpose {
                    Purpose::Import => "None yet. Connect a bucket or a folder of the server, and its files become tasks.",
                    Purpose::Export => "None yet. Connect a bucket or a folder of the server, and annotations are written there.",
                }}</p>
            }
            .into_any(),
            Some(Ok(_)) => ().into_any(),
        })
    };
    let heading = purpose.heading();
    view! {
        <section class="ta-part" aria-label=heading>
            <header class="ta-part-head">
                <div><h2>{heading}</h2><p class="ta-muted">{purpose.about()}</p></div>
                <span class="ta-spacer"></span>
                <A href=add attr:class="ta-button">{purpose.add()}</A>
            </header>
            {state}
            <div class="ta-cards">
                <For each=known key=|storage| (storage.kind.clone(), storage.id) let:storage>
                    {
                        let (kind, id) = (storage.kind.clone(), storage.id);
                        let first = storage.clone();
                        let now = Memo::new(move |_| {
                            known().into_iter().find(|s| s.id == id && s.kind == kind).unwrap_or_else(|| first.clone())
                        });
                        view! { <Card purpose storage=now changed/> }
                    }
                </For>
            </div>
        </section>
    }
}
