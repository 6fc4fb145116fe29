//! One's own account: name, phone, tokens.

use super::members::Face;
use super::tokens::Tokens;
use crate::api::{self, ApiError};
use crate::leaving;
use crate::shell::Session;
use leptos::prelude::*;
use serde_json::json;
use tagloom_api::User;

#[component]
pub fn Account() -> impl IntoView {
    let session = expect_context::<Session>();
    let user = session.user.get_untracked().unwrap_or_default();
    let id = user.id;
    let first = RwSignal::new(user.first_name.clone());
    let last = RwSignal::new(user.last_name.clone());
    let phone = RwSignal::new(user.phone.clone());
    let error = RwSignal::new(None::<ApiError>);
    let (saved, busy) = (RwSignal::new(false), RwSignal::new(false));
    let dirty = move || {
        let stored = session.user.get_untracked().unwrap_or_default();
        first.get_untracked() != stored.first_name
            || last.get_untracked() != stored.last_name
            || phone.get_untracked() != stored.phone
    };
    leaving::guard(move || first.try_get_untracked().is_some() && dirty());
    let save = move |e: leptos::ev::SubmitEvent| {
        e.prevent_default();
        saved.set(false);
        error.set(None);
        busy.set(true);
        leptos::task::spawn_local(async move {
            let body = json!({
                "first_name": first.get_untracked(), "last_name": last.get_untracked(), "phone": phone.get_untracked(),
            });
            let answer = api::patch::<User>(&format!("/api/users/{id}/"), &body).await;
            let _ = busy.try_set(false);
            match answer {
                Ok(user) => {
                    // Kept in place: a page that watches who is signed in must not begin anew for a changed name.
                    session.user.update_untracked(|known| {
                        if let Some(known) = known {
                            (known.first_name, known.last_name, known.phone) =
                                (user.first_name, user.last_name, user.phone);
                            known.initials = user.initials;
                        }
                    });
                    let _ = saved.try_set(true);
                }
                Err(e) => {
                    let _ = error.try_set(Some(e));
                }
            }
        });
    };
    let field = move |name: &'static str,
                      label: &'static str,
                      complete: &'static str,
                      value: RwSignal<String>| {
        let wrong = move || error.with(|e| e.as_ref().and_then(|e| e.at(name)));
        view! {
            <label>{label}
                <input name=name autocomplete=complete prop:value=value aria-invalid=move || wrong().is_some().then_some("true")
                    on:input=move |e| { saved.set(false); value.set(event_target_value(&e)); }/>
                {move || wrong().map(|text| view! { <span class="ta-field-error" role="alert">{text}</span> })}
            </label>
        }
    };
    let beside = move || error.get().and_then(|e| e.beside(&["first_name", "last_name", "phone"]));
    view! {
        <main class="ta-page">
            <header class="ta-head"><h1>"Your account"</h1></header>
            <section class="ta-part" aria-label="Profile">
                <p class="ta-person"><Face initials=user.initials avatar=user.avatar/><strong>{user.email}</strong></p>
                <form class="ta-form" on:submit=save>
                    {field("first_name", "First name", "given-name", first)}
                    {field("last_name", "Last name", "family-name", last)}
                    {field("phone", "Phone", "tel", phone)}
                    {move || beside().map(|text| view! { <p class="ta-field-error" role="alert">{text}</p> })}
                    <div class="ta-form-end">
                        <span class="ta-done ta-inline" role="status">{move || saved.get().then_some("Saved.")}</span>
                        <button type="submit" class="ta-button ta-primary" disabled=move || busy.get()>"Save"</button>
                    </div>
                </form>
            </section>
            <Tokens/>
        </main>
    }
}
