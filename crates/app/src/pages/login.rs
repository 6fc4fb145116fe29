//! Signing in, and the first set-up by the one-time link.

use crate::api::{self, ApiError};
use crate::shell::Session;
use leptos::prelude::*;
use leptos_router::hooks::{use_navigate, use_query_map};
use serde_json::json;
use tagloom_api::User;

/// The form itself; also shown over the editor when a session ends. `done` runs after signing in.
#[component]
pub fn SignIn(done: Callback<()>, #[prop(optional, into)] token: Option<String>) -> impl IntoView {
    let session = expect_context::<Session>();
    let (email, password) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let error = RwSignal::new(None::<ApiError>);
    let busy = RwSignal::new(false);
    let first = token.is_some();
    let submit = move |e: leptos::ev::SubmitEvent| {
        e.prevent_default();
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        let token = token.clone();
        leptos::task::spawn_local(async move {
            let (email, password) = (email.get_untracked(), password.get_untracked());
            let answer = match token {
                Some(token) => {
                    let body = json!({"token": token, "email": email, "password": password});
                    api::post::<User>("/api/auth/setup", &body).await
                }
                None => {
                    api::post::<User>("/api/auth/login", &json!({"email": email, "password": password})).await
                }
            };
            busy.set(false);
            match answer {
                Ok(user) => {
                    session.user.set(Some(user));
                    session.checked.set(true);
                    done.run(());
                }
                Err(mut e) => {
                    if e.is_signed_out() {
                        e.lines = vec!["The e-mail or the password is wrong.".into()];
                    }
                    error.set(Some(e));
                }
            }
        });
    };
    view! {
        <form class="ta-form" on:submit=submit>
            <label>"E-mail"
                <input type="email" name="email" autocomplete="username" required prop:value=email on:input=move |e| email.set(event_target_value(&e))/>
            </label>
            <label>"Password"
                <input type="password" name="password" required minlength=if first { "8" } else { "1" }
                    autocomplete=if first { "new-password" } else { "current-password" }
                    prop:value=password on:input=move |e| password.set(event_target_value(&e))/>
                {first.then(|| view! { <small>"8 to 128 characters"</small> })}
            </label>
            {move || error.get().map(|e| view! { <p class="ta-field-error" role="alert">{e.text()}</p> })}
            <div class="ta-form-end">
                <button type="submit" class="ta-button ta-primary" disabled=move || busy.get()>
                    {if first { "Create the first user" } else { "Sign in" }}
                </button>
            </div>
        </form>
    }
}

#[component]
pub fn Login() -> impl IntoView {
    let query = use_query_map();
    let token = query.with_untracked(|q| q.get("token")).filter(|t| !t.is_empty());
    let next = query.with_untracked(|q| q.get("next")).filter(|n| n.starts_with('/') && !n.starts_with("//"));
    let navigate = use_navigate();
    let done = Callback::new(move |()| {
        navigate(next.as_deref().unwrap_or("/projects"), leptos_router::NavigateOptions::default());
    });
    let first = token.is_some();
    view! {
        <main class="ta-center">
            <section class="ta-card">
                <h1>{if first { "Set up Tagloom" } else { "Sign in to Tagloom" }}</h1>
                {match token {
                    Some(token) => view! { <SignIn done token/> }.into_any(),
                    None => view! { <SignIn done/> }.into_any(),
                }}
            </section>
        </main>
    }
}
