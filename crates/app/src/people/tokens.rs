//! Tokens for scripts: the personal access token, and the older kind where an organization still takes it.

use super::token::{made_at, short};
use crate::api::{self, ApiError, ApiResult};
use crate::copy::Copied;
use crate::pages::Failure;
use crate::when;
use leptos::prelude::*;
use serde_json::json;
use tagloom_api::{Token, TokenSettings};
use tagloom_editor_ui::components::Confirm;

#[component]
pub fn Tokens() -> impl IntoView {
    let settings = RwSignal::new(None::<ApiResult<TokenSettings>>);
    let load = move || {
        leptos::task::spawn_local(async move {
            let answer = api::get::<TokenSettings>("/api/jwt/settings").await;
            let _ = settings.try_set(Some(answer));
        });
    };
    load();
    let retry = Callback::new(move |()| load());
    let legacy = Memo::new(move |_| {
        settings
            .with(|s| s.as_ref().and_then(|s| s.as_ref().ok()).is_some_and(|s| s.legacy_api_tokens_enabled))
    });
    let refused = move || settings.with(|s| s.as_ref().and_then(|s| s.as_ref().err().cloned()));
    view! {
        <Personal/>
        <section class="ta-part" aria-label="Legacy token">
            <h2>"Legacy token"</h2>
            <p class="ta-muted">
                "The kind that older scripts use. It never ends by itself and opens everything that you may do: prefer a personal access token."
            </p>
            {move || refused().map(|error| view! { <Failure error retry/> })}
            <Switch settings/>
            <Show when=move || legacy.get()><Legacy/></Show>
        </section>
    }
}

#[component]
fn Personal() -> impl IntoView {
    let tokens = RwSignal::new(None::<ApiResult<Vec<Token>>>);
    let fresh = RwSignal::new(None::<String>);
    let error = RwSignal::new(None::<ApiError>);
    let busy = RwSignal::new(false);
    let revoking = RwSignal::new(None::<String>);
    let asked = RwSignal::new(false);
    let load = move || {
        leptos::task::spawn_local(async move {
            let found = api::get::<Vec<Token>>("/api/token/").await;
            let _ = tokens.try_set(Some(found));
        });
    };
    load();
    let retry = Callback::new(move |()| load());
    let make = move |_| {
        busy.set(true);
        error.set(None);
        leptos::task::spawn_local(async move {
            let answer = api::post::<Token>("/api/token/", &json!({})).await;
            let _ = busy.try_set(false);
            match answer {
                Ok(token) => {
                    let _ = fresh.try_set(Some(token.token));
                    load();
                }
                Err(e) => {
                    let _ = error.try_set(Some(e));
                }
            }
        });
    };
    let revoke = move || {
        let Some(token) = revoking.get_untracked() else { return };
        error.set(None);
        leptos::task::spawn_local(async move {
            match api::post_for_nothing("/api/token/blacklist/", &json!({ "refresh": token })).await {
                Ok(()) => {
                    let _ = fresh.try_set(None);
                    load();
                }
                Err(e) => {
                    let _ = error.try_set(Some(e));
                }
            }
        });
    };
    let list = move || {
        match tokens.get() {
        None => view! { <p class="ta-note" role="status">"Loading…"</p> }.into_any(),
        Some(Err(error)) => view! { <Failure error retry/> }.into_any(),
        Some(Ok(found)) if found.is_empty() => view! {
            <p class="ta-note">"You have no token."</p>
            <button type="button" class="ta-button" disabled=move || busy.get() on:click=make>"Make a token"</button>
        }
        .into_any(),
        Some(Ok(found)) => {
            let rows = found
                .into_iter()
                .map(|Token { token }| {
                    let made = made_at(&token).map(when::of_seconds).unwrap_or_default();
                    let name = short(&token);
                    view! {
                        <tr>
                            <td><code>{name.clone()}</code></td>
                            <td class="ta-muted" title=when::full(&made)>{if made.is_empty() { String::new() } else { when::ago(&made) }}</td>
                            <td class="ta-end"><button type="button" class="ta-button ta-quiet-danger" aria-label=format!("Revoke {name}")
                                on:click=move |_| { revoking.set(Some(token.clone())); asked.set(true); }>"Revoke"</button></td>
                        </tr>
                    }
                })
                .collect_view();
            view! {
                <table class="ta-table ta-narrow">
                    <thead><tr><th>"Token"</th><th>"Made"</th><th><span class="ta-sr">"Actions"</span></th></tr></thead>
                    <tbody>{rows}</tbody>
                </table>
                <p class="ta-muted">"There is one at a time. To have another, revoke this one."</p>
            }
            .into_any()
        }
    }
    };
    let shown = move || {
        fresh.get().map(|token| {
            view! {
                <div class="ta-once" role="status">
                    <p><strong>"Copy it now. It is shown this once and stored nowhere."</strong></p>
                    <Copied text=Signal::stored(token) label="Your new token"/>
                </div>
            }
        })
    };
    view! {
        <section class="ta-part" aria-label="Personal access token">
            <h2>"Personal access token"</h2>
            <p class="ta-muted">"For scripts and the Python client: give it as the API key. It can be revoked at any time."</p>
            {move || error.get().map(|error| view! { <Failure error/> })}
            {shown}
            {list}
            <Confirm open=asked heading="Revoke this token?" text=Signal::stored("Scripts that use it stop working at once.".to_owned()) action="Revoke" on_confirm=revoke/>
        </section>
    }
}

/// Whether the organization takes legacy tokens at all.
#[component]
fn Switch(settings: RwSignal<Option<ApiResult<TokenSettings>>>) -> impl IntoView {
    let error = RwSignal::new(None::<ApiError>);
    let now = move || settings.get().and_then(Result::ok);
    let set = move |on: bool| {
        error.set(None);
        let Some(known) = settings.get_untracked().and_then(Result::ok) else { return };
        let wanted = TokenSettings { legacy_api_tokens_enabled: on, ..known };
        leptos::task::spawn_local(async move {
            let body = json!({
                "api_tokens_enabled": wanted.api_tokens_enabled,
                "legacy_api_tokens_enabled": wanted.legacy_api_tokens_enabled,
            });
            let answer = api::post::<TokenSettings>("/api/jwt/settings", &body).await;
            // Refused or not: the switch shows what is.
            let _ = settings.try_set(Some(Ok(*answer.as_ref().unwrap_or(&known))));
            let _ = error.try_set(answer.err());
        });
    };
    move || {
        now().map(|now| view! {
            <label class="ta-check">
                <input type="checkbox" prop:checked=now.legacy_api_tokens_enabled on:change=move |e| set(event_target_checked(&e))/>
                <span>"This organization takes legacy tokens"</span>
            </label>
            {move || error.get().map(|error| view! { <p class="ta-field-error" role="alert">{error.text()}</p> })}
        })
    }
}

#[component]
fn Legacy() -> impl IntoView {
    let token = RwSignal::new(None::<ApiResult<Token>>);
    let asked = RwSignal::new(false);
    let show = move |_| {
        leptos::task::spawn_local(async move {
            let answer = api::get::<Token>("/api/current-user/token").await;
            let _ = token.try_set(Some(answer));
        });
    };
    let reset = move || {
        leptos::task::spawn_local(async move {
            let answer = api::post::<Token>("/api/current-user/reset-token/", &json!({})).await;
            let _ = token.try_set(Some(answer));
        });
    };
    let body = move || match token.get() {
        None => view! { <button type="button" class="ta-button" on:click=show>"Show my token"</button> }
            .into_any(),
        Some(Err(error)) => view! { <Failure error/> }.into_any(),
        Some(Ok(found)) => {
            view! { <Copied text=Signal::stored(found.token) label="Your legacy token"/> }.into_any()
        }
    };
    view! {
        <div class="ta-invite">
            {body}
            <button type="button" class="ta-button" on:click=move |_| asked.set(true)>"New token"</button>
        </div>
        <Confirm open=asked heading="Make a new legacy token?" text=Signal::stored("Scripts that use the old one stop working at once.".to_owned()) action="Make a new one" on_confirm=reset/>
    }
}
