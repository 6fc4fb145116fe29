//! Creating a project.

use super::config_editor::ConfigEditor;
use crate::api::{self, ApiError};
use leptos::prelude::*;
use leptos_router::hooks::use_navigate;
use serde_json::json;
use tagloom_api::Project;
use tagloom_tags::TEMPLATES;

#[component]
pub fn NewProject() -> impl IntoView {
    let (title, description) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let config = RwSignal::new(TEMPLATES.first().map(|t| t.config).unwrap_or("<View></View>").to_owned());
    let chosen = RwSignal::new(TEMPLATES.first().map(|t| t.id).unwrap_or_default());
    let error = RwSignal::new(None::<ApiError>);
    let busy = RwSignal::new(false);
    let navigate = use_navigate();
    let submit = move |e: leptos::ev::SubmitEvent| {
        e.prevent_default();
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        let navigate = navigate.clone();
        leptos::task::spawn_local(async move {
            let body = json!({
                "title": title.get_untracked(), "description": description.get_untracked(),
                "label_config": config.get_untracked(),
            });
            let answer = api::post::<Project>("/api/projects/", &body).await;
            busy.set(false);
            match answer {
                Ok(project) => {
                    navigate(&format!("/projects/{}", project.id), leptos_router::NavigateOptions::default())
                }
                Err(e) => error.set(Some(e)),
            }
        });
    };
    let mut groups: Vec<&str> = Vec::new();
    for template in TEMPLATES {
        if !groups.contains(&template.group) {
            groups.push(template.group);
        }
    }
    let gallery = groups
        .into_iter()
        .map(|group| {
            let cards = TEMPLATES
                .iter()
                .filter(|t| t.group == group)
                .map(|t| {
                    view! {
                        <button type="button" class="ta-template" aria-pressed=move || (chosen.get() == t.id).to_string() title=t.details
                            on:click=move |_| { chosen.set(t.id); config.set(t.config.to_owned()); }>
                            <strong>{t.title}</strong><small>{t.details}</small>
                        </button>
                    }
                })
                .collect_view();
            view! { <h3>{group}</h3><div class="ta-gallery">{cards}</div> }
        })
        .collect_view();
    view! {
        <main class="ta-page">
            <header class="ta-head"><h1>"New project"</h1></header>
            <form class="ta-form ta-wide" on:submit=submit>
                <label>"Name"<input name="title" required minlength="3" maxlength="50" prop:value=title on:input=move |e| title.set(event_target_value(&e))/></label>
                <label>"Description"<input name="description" prop:value=description on:input=move |e| description.set(event_target_value(&e))/></label>
                <section aria-label="Templates">{gallery}</section>
                <ConfigEditor config/>
                {move || error.get().map(|e| view! { <p class="ta-field-error" role="alert">{e.text()}</p> })}
                <div class="ta-form-end"><button type="submit" class="ta-button ta-primary" disabled=move || busy.get()>"Create project"</button></div>
            </form>
        </main>
    }
}
