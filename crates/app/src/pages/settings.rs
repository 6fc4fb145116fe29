//! Settings of a project.

use super::config_editor::ConfigEditor;
use super::{Failure, project_id};
use crate::api::{self, ApiError};
use leptos::prelude::*;
use leptos_router::components::A;
use leptos_router::hooks::use_navigate;
use serde_json::json;
use tagloom_api::Project;

#[component]
pub fn Settings() -> impl IntoView {
    let id = project_id();
    let attempt = RwSignal::new(0);
    let found = LocalResource::new(move || {
        attempt.track();
        let url = format!("/api/projects/{}/", id.get());
        async move { api::get::<Project>(&url).await }
    });
    let retry = Callback::new(move |()| attempt.update(|n| *n += 1));
    move || match found.get() {
        None => view! { <p class="ta-loading" role="status">"Loading…"</p> }.into_any(),
        Some(Err(error)) => view! { <main class="ta-page"><Failure error retry/></main> }.into_any(),
        Some(Ok(project)) => view! { <Form project/> }.into_any(),
    }
}

#[component]
fn Form(project: Project) -> impl IntoView {
    let id = project.id;
    let title = RwSignal::new(project.title);
    let description = RwSignal::new(project.description);
    let instruction = RwSignal::new(project.expert_instruction);
    let config = RwSignal::new(project.label_config);
    let error = RwSignal::new(None::<ApiError>);
    let saved = RwSignal::new(false);
    let deleting = RwSignal::new(false);
    let save = move |e: leptos::ev::SubmitEvent| {
        e.prevent_default();
        saved.set(false);
        leptos::task::spawn_local(async move {
            let body = json!({
                "title": title.get_untracked(), "description": description.get_untracked(),
                "expert_instruction": instruction.get_untracked(), "label_config": config.get_untracked(),
            });
            match api::patch::<Project>(&format!("/api/projects/{id}/"), &body).await {
                Ok(_) => {
                    error.set(None);
                    saved.set(true);
                }
                Err(e) => error.set(Some(e)),
            }
        });
    };
    let navigate = use_navigate();
    let delete = move |_| {
        let navigate = navigate.clone();
        leptos::task::spawn_local(async move {
            match api::delete(&format!("/api/projects/{id}/")).await {
                Ok(()) => navigate("/projects", leptos_router::NavigateOptions::default()),
                Err(e) => error.set(Some(e)),
            }
        });
    };
    view! {
        <main class="ta-page">
            <header class="ta-head"><A href=format!("/projects/{id}")>"‹ Data"</A><h1>"Settings"</h1><span class="ta-spacer"></span><A href=format!("/projects/{id}/storages") attr:class="ta-button">"Storages"</A></header>
            <form class="ta-form ta-wide" on:submit=save>
                <label>"Name"<input name="title" required minlength="3" maxlength="50" prop:value=title on:input=move |e| title.set(event_target_value(&e))/></label>
                <label>"Description"<input name="description" prop:value=description on:input=move |e| description.set(event_target_value(&e))/></label>
                <label>"Instructions for annotators (HTML)"<textarea rows="4" prop:value=instruction on:input=move |e| instruction.set(event_target_value(&e))></textarea></label>
                <ConfigEditor config/>
                {move || error.get().map(|e| view! { <p class="ta-field-error" role="alert">{e.text()}</p> })}
                {move || saved.get().then(|| view! { <p class="ta-done" role="status">"Saved."</p> })}
                <div class="ta-form-end"><button type="submit" class="ta-button ta-primary">"Save"</button></div>
            </form>
            <section class="ta-danger">
                <h2>"Delete this project"</h2>
                <p>"All its tasks, annotations and files go with it. This cannot be undone."</p>
                <label><input type="checkbox" prop:checked=deleting on:change=move |e| deleting.set(event_target_checked(&e))/>" I want to delete it"</label>
                <button type="button" class="ta-button ta-dangerous" disabled=move || !deleting.get() on:click=delete>"Delete project"</button>
            </section>
        </main>
    }
}
