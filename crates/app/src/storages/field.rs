//! One field of a storage's form, as the server lays it out.

use super::values::{Values, is_secret, shown, typed_number};
use crate::api::ApiError;
use leptos::prelude::*;
use serde_json::Value;
use tagloom_api::FormField;

#[component]
pub fn Field(
    field: FormField,
    values: RwSignal<Values>,
    error: RwSignal<Option<ApiError>>,
    /// Whether the storage is stored, and with it perhaps a secret that is not shown.
    stored: bool,
) -> impl IntoView {
    let name = field.name.clone();
    let (help_id, error_id) = (format!("help-{name}"), format!("error-{name}"));
    let wrong = {
        let name = name.clone();
        Memo::new(move |_| error.with(|e| e.as_ref().and_then(|e| e.at(&name))))
    };
    let value = {
        let name = name.clone();
        Memo::new(move |_| values.with(|v| v.get(&name).cloned()))
    };
    let set = {
        let name = name.clone();
        move |value: Value| {
            values.update(|v| {
                v.insert(name.clone(), value);
            });
        }
    };
    let described = {
        let (help_id, error_id) = (help_id.clone(), error_id.clone());
        move || if wrong.get().is_some() { format!("{error_id} {help_id}") } else { help_id.clone() }
    };
    let secret = is_secret(&field);
    let help = match (secret && stored, field.description.is_empty()) {
        (true, _) => "Stored if it was entered before; leave empty to keep it.".to_owned(),
        (false, _) => field.description.clone(),
    };
    let problem = move || {
        let id = error_id.clone();
        wrong.get().map(|text| view! { <span class="ta-field-error" id=id role="alert">{text}</span> })
    };
    let invalid = move || wrong.get().is_some().then_some("true");
    let label = if field.required { format!("{} (required)", field.label) } else { field.label.clone() };
    match field.kind.as_str() {
        "toggle" => {
            let checked = move || value.get().and_then(|v| v.as_bool()).unwrap_or(false);
            view! {
                <div class="ta-field">
                    <label class="ta-check">
                        <input type="checkbox" name=name prop:checked=checked aria-describedby=described
                            on:change=move |e| set(event_target_checked(&e).into())/>
                        <span>{field.label}</span>
                    </label>
                    {problem}
                    <small id=help_id>{help}</small>
                </div>
            }
            .into_any()
        }
        kind => {
            let counts = kind == "counter";
            let id = format!("field-{name}");
            // A browser must not fill in the password of somebody's account.
            let complete = if secret { "new-password" } else { "off" };
            view! {
                <div class="ta-field">
                    <label for=id.clone()>{if counts { field.label } else { label }}</label>
                    <input id=id name=name type=if secret { "password" } else { "text" } autocomplete=complete spellcheck="false"
                        inputmode=counts.then_some("numeric") class:ta-short=counts required=field.required
                        placeholder=(secret && stored).then_some("unchanged")
                        prop:value=move || shown(value.get().as_ref()) aria-invalid=invalid aria-describedby=described
                        on:input=move |e| {
                            let text = event_target_value(&e);
                            set(if counts { typed_number(&text) } else { text.into() });
                        }/>
                    {problem}
                    <small id=help_id>{help}</small>
                </div>
            }
            .into_any()
        }
    }
}
