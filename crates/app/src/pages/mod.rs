//! One file per page.

pub mod config_editor;
pub mod data;
pub mod login;
pub mod new_project;
pub mod projects;
pub mod settings;

use crate::api::ApiError;
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

/// The project in the address.
pub fn project_id() -> Signal<i64> {
    let params = use_params_map();
    Signal::derive(move || params.with(|p| p.get("id").and_then(|t| t.parse().ok()).unwrap_or(0)))
}

/// Where something should be: what went wrong, with a retry.
#[component]
pub fn Failure(error: ApiError, #[prop(optional)] retry: Option<Callback<()>>) -> impl IntoView {
    view! {
        <div class="ta-error" role="alert">
            {error.lines.into_iter().map(|l| view! { <p>{l}</p> }).collect_view()}
            {retry.map(|r| view! { <button type="button" class="ta-button" on:click=move |_| r.run(())>"Try again"</button> })}
        </div>
    }
}
