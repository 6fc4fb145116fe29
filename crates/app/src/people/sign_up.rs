//! Making an account with an invitation.

use crate::api::{self, ApiError};
use crate::shell::Session;
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::components::A;
use leptos_router::hooks::{use_navigate, use_query_map};
use serde_json::json;
use tagloom_api::User;

/// `/user/signup/?token=…`
#[component]
pub fn SignUp() -> impl IntoView {
    let session = expect_context::<Session>();
    let token = use_query_map().with_untracked(|q| q.get("token")).unwrap_or_default();
    let invited = !token.is_empty();
    let (email, password) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let error = RwSignal::new(None::<ApiError>);
    let busy = RwSignal::new(false);
    let navigate = use_navigate();
    let submit = move |e: leptos::ev::SubmitEvent| {
        e.prevent_default();
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        error.set(None);
        let body =
            json!({"token": token, "email": email.get_untracked(), "password": password.get_untracked()});
        let navigate = navigate.clone();
        leptos::task::spawn_local(async move {
            let answer = api::post::<User>("/api/auth/signup", &body).await;
            let _ = busy.try_set(false);
            match answer {
                Ok(user) => {
                    session.user.set(Some(user));
                    session.checked.set(true);
                    navigate("/projects", NavigateOptions::default());
                }
                Err(e) => {
                    let _ = error.try_set(Some(e));
                }
            }
        });
    };
    let at = move |name: &'static str| error.with(|e| e.as_ref().and_then(|e| e.at(name)));
    let beside = move || error.get().and_then(|e| e.beside(&["email", "password"]));
    let body = if invited {
        view! {
            <form class="ta-form" on:submit=submit>
                <label>"E-mail"
                    <input type="email" name="email" autocomplete="username" required prop:value=email on:input=move |e| email.set(event_target_value(&e))/>
                    {move || at("email").map(|text| view! { <span class="ta-field-error" role="alert">{text}</span> })}
                </label>
                <label>"Password"
                    <input type="password" name="password" autocomplete="new-password" required minlength="8" maxlength="128" prop:value=password on:input=move |e| password.set(event_target_value(&e))/>
                    {move || at("password").map(|text| view! { <span class="ta-field-error" role="alert">{text}</span> })}
                    <small>"8 to 128 characters"</small>
                </label>
                {move || beside().map(|text| view! { <p class="ta-field-error" role="alert">{text}</p> })}
                <div class="ta-form-end ta-form-buttons">
                    <A href="/user/login">"I have an account"</A>
                    <span class="ta-spacer"></span>
                    <button type="submit" class="ta-button ta-primary" disabled=move || busy.get()>"Make an account"</button>
                </div>
            </form>
        }
        .into_any()
    } else {
        view! {
            <p class="ta-muted">"An account takes an invitation: open the link that you were given, or ask for one."</p>
            <p><A href="/user/login">"Sign in"</A></p>
        }
        .into_any()
    };
    view! {
        <main class="ta-center">
            <section class="ta-card">
                <h1>"Join Tagloom"</h1>
                {body}
            </section>
        </main>
    }
}
