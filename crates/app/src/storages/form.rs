//! Adding and changing a storage: the form, the test, the first objects.

use super::doctor::Steps;
use super::field::Field;
use super::place::{self, Purpose};
use super::preview::{Files, MOST};
use super::values::{self, Values};
use crate::api::{self, ApiError};
use crate::leaving;
use crate::pages::{Failure, project_id};
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::components::A;
use leptos_router::hooks::{use_navigate, use_params_map, use_query_map};
use serde_json::json;
use tagloom_api::{Diagnosis, FormField, FormRow, Storage, StorageFiles, StorageType};
use tagloom_editor_ui::components::Confirm;

/// Milliseconds that a sync has to be queued before the list is shown.
const QUEUED_WITHIN: u32 = 400;

fn layout(rows: Vec<FormRow>) -> Vec<FormField> {
    rows.into_iter().flat_map(|row| row.fields).collect()
}

/// `/projects/:id/storages/new?for=import&type=s3`
#[component]
pub fn NewStorage() -> impl IntoView {
    let project = project_id();
    let query = use_query_map();
    let purpose =
        query.with_untracked(|q| q.get("for")).and_then(|w| Purpose::of(&w)).unwrap_or(Purpose::Import);
    let chosen = RwSignal::new(query.with_untracked(|q| q.get("type")).unwrap_or_default());
    let attempt = RwSignal::new(0);
    let retry = Callback::new(move |()| attempt.update(|n| *n += 1));
    let types = LocalResource::new(move || {
        attempt.track();
        async move { api::get::<Vec<StorageType>>(&format!("{}/types", purpose.base())).await }
    });
    let form = LocalResource::new(move || {
        attempt.track();
        let kind = chosen.get();
        async move {
            if kind.is_empty() {
                return Ok((kind, Vec::new()));
            }
            let rows = api::get::<Vec<FormRow>>(&format!("{}/{kind}/form", purpose.base())).await?;
            Ok::<_, ApiError>((kind, layout(rows)))
        }
    });
    let kinds = move || match types.get() {
        None => view! { <p class="ta-loading-line" role="status">"Loading…"</p> }.into_any(),
        Some(Err(error)) => view! { <Failure error retry/> }.into_any(),
        Some(Ok(types)) => {
            let buttons = types
                .into_iter()
                .map(|kind| {
                    let (name, mine) = (kind.name.clone(), kind.name.clone());
                    view! {
                        <label class="ta-pick">
                            <input type="radio" name="type" prop:checked=move || chosen.get() == mine
                                on:change=move |_| chosen.set(name.clone())/>
                            <span>{kind.title}</span>
                        </label>
                    }
                })
                .collect_view();
            view! { <fieldset class="ta-picks"><legend>"Where it lies"</legend>{buttons}</fieldset> }
                .into_any()
        }
    };
    let body = move || match form.get() {
        None => view! { <p class="ta-loading-line" role="status">"Loading…"</p> }.into_any(),
        Some(Err(error)) => view! { <Failure error retry/> }.into_any(),
        Some(Ok((kind, _))) if kind.is_empty() => ().into_any(),
        Some(Ok((kind, fields))) => {
            view! { <Form project=project.get_untracked() purpose kind fields/> }.into_any()
        }
    };
    view! {
        <main class="ta-page">
            <header class="ta-head">
                <A href=move || format!("/projects/{}/storages", project.get())>"‹ Storages"</A>
                <h1>{purpose.add()}</h1>
            </header>
            {kinds}
            {body}
        </main>
    }
}

/// `/projects/:id/storages/:purpose/:kind/:storage`
#[component]
pub fn EditStorage() -> impl IntoView {
    let project = project_id();
    let params = use_params_map();
    let of = move |name: &str| params.with(|p| p.get(name)).unwrap_or_default();
    let purpose = move || Purpose::of(&of("purpose")).unwrap_or(Purpose::Import);
    let attempt = RwSignal::new(0);
    let retry = Callback::new(move |()| attempt.update(|n| *n += 1));
    let found = LocalResource::new(move || {
        attempt.track();
        let (base, kind, id) = (purpose().base(), of("kind"), of("storage"));
        async move {
            let rows = api::get::<Vec<FormRow>>(&format!("{base}/{kind}/form")).await?;
            let storage = api::get::<Storage>(&format!("{base}/{kind}/{id}")).await?;
            Ok::<_, ApiError>((layout(rows), storage))
        }
    });
    let body = move || match found.get() {
        None => view! { <p class="ta-loading" role="status">"Loading the storage…"</p> }.into_any(),
        Some(Err(error)) => view! { <Failure error retry/> }.into_any(),
        Some(Ok((fields, storage))) => {
            let (kind, project) = (storage.kind.clone(), storage.project);
            view! { <Form project purpose=purpose() kind fields storage/> }.into_any()
        }
    };
    let title = move || {
        found.get().and_then(Result::ok).map_or_else(|| "Storage".to_owned(), |(_, s)| place::name(&s))
    };
    view! {
        <main class="ta-page">
            <header class="ta-head">
                <A href=move || format!("/projects/{}/storages", project.get())>"‹ Storages"</A>
                <h1>{title}</h1>
            </header>
            {body}
        </main>
    }
}

/// What the buttons below the form show.
#[derive(Clone, PartialEq)]
enum Shown {
    Nothing,
    Working(&'static str),
    Steps(Diagnosis),
    Files(StorageFiles),
    Refused(ApiError),
}

#[component]
fn Form(
    project: i64,
    purpose: Purpose,
    kind: String,
    fields: Vec<FormField>,
    #[prop(optional)] storage: Option<Storage>,
) -> impl IntoView {
    let stored = storage.as_ref().map(|s| s.id);
    let start = values::starting(&fields, storage.as_ref());
    let values: RwSignal<Values> = RwSignal::new(start.clone());
    let error = RwSignal::new(None::<ApiError>);
    let busy = RwSignal::new(false);
    let shown = RwSignal::new(Shown::Nothing);
    let saved = RwSignal::new(false);
    let start = StoredValue::new(start);
    let dirty =
        move || !saved.get_untracked() && values.with_untracked(|now| start.with_value(|start| now != start));
    leaving::guard(move || values.try_get_untracked().is_some() && dirty());
    let fields = StoredValue::new(fields);
    let base = format!("{}/{kind}", purpose.base());
    let (base, kind) = (StoredValue::new(base), StoredValue::new(kind));
    let body = move || fields.with_value(|f| values.with_untracked(|v| values::body(f, v, project, stored)));
    let names = fields.with_value(|f| f.iter().map(|f| f.name.clone()).collect::<Vec<_>>());
    let list = format!("/projects/{project}/storages");

    let navigate = use_navigate();
    let save = {
        let (navigate, list) = (navigate.clone(), list.clone());
        move |sync: bool| {
            if busy.get_untracked() {
                return;
            }
            busy.set(true);
            error.set(None);
            shown.set(Shown::Nothing);
            let (navigate, list, body, base) = (navigate.clone(), list.clone(), body(), base.get_value());
            leptos::task::spawn_local(async move {
                let answer = match stored {
                    Some(id) => api::patch::<Storage>(&format!("{base}/{id}"), &body).await,
                    None => api::post::<Storage>(&base, &body).await,
                };
                match answer {
                    Ok(storage) => {
                        saved.set(true);
                        if sync {
                            leptos::task::spawn_local(async move {
                                // How it ends is told by the list.
                                let _ =
                                    api::post_empty(&format!("{}/sync", place::url(purpose, &storage))).await;
                            });
                            gloo_timers::future::TimeoutFuture::new(QUEUED_WITHIN).await;
                        }
                        navigate(&list, NavigateOptions::default());
                    }
                    Err(e) => {
                        let _ = busy.try_set(false);
                        let _ = error.try_set(Some(e));
                    }
                }
            });
        }
    };
    let ask = move |what: &'static str| {
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        error.set(None);
        shown.set(Shown::Working(if what == "files" {
            "Listing the first objects…"
        } else {
            "Testing…"
        }));
        let (mut body, base) = (body(), base.get_value());
        leptos::task::spawn_local(async move {
            let found = match what {
                "files" => {
                    body["limit"] = json!(MOST);
                    api::post::<StorageFiles>(&format!("{base}/files"), &body).await.map(Shown::Files)
                }
                _ => api::post::<Diagnosis>(&format!("{base}/diagnose"), &body).await.map(Shown::Steps),
            };
            let _ = busy.try_set(false);
            let _ = shown.try_set(match found {
                Ok(found) => found,
                Err(e) => {
                    let _ = error.try_set(Some(e.clone()));
                    Shown::Refused(e)
                }
            });
        });
    };
    let leaving_now = RwSignal::new(false);
    let leave = {
        let (navigate, list) = (navigate.clone(), list.clone());
        move || navigate(&list, NavigateOptions::default())
    };
    let cancel = {
        let leave = leave.clone();
        move |_| if dirty() { leaving_now.set(true) } else { leave() }
    };
    let leave = send_wrapper::SendWrapper::new(leave);
    let inputs = move || {
        let fields = fields.get_value();
        fields
            .into_iter()
            .map(|field| {
                let name = field.clone();
                let applies = move || values.with(|v| values::applies(&name, v));
                view! { <div class:tl-hidden=move || !applies()><Field field values error stored=stored.is_some()/></div> }
            })
            .collect_view()
    };
    let names = StoredValue::new(names);
    let beside_of = move |e: &ApiError| {
        names.with_value(|names| e.beside(&names.iter().map(String::as_str).collect::<Vec<_>>()))
    };
    // What a test found is said where its result is.
    let beside = move || {
        let refused = shown.with(|s| matches!(s, Shown::Refused(_)));
        let text = error.get().filter(|_| !refused).and_then(|e| beside_of(&e));
        text.map(|text| view! { <p class="ta-field-error" role="alert">{text}</p> })
    };
    let submit = {
        let save = save.clone();
        let both = stored.is_none() && purpose == Purpose::Import;
        move |e: leptos::ev::SubmitEvent| {
            e.prevent_default();
            save(both);
        }
    };
    let result = move || match shown.get() {
        Shown::Nothing => ().into_any(),
        Shown::Working(text) => view! { <p class="ta-note" role="status">{text}</p> }.into_any(),
        Shown::Steps(diagnosis) => view! { <Steps diagnosis kind=kind.get_value()/> }.into_any(),
        Shown::Files(found) => view! { <Files files=found.files/> }.into_any(),
        Shown::Refused(e) => {
            let text = beside_of(&e)
                .unwrap_or_else(|| "It does not work yet: see the field that is marked.".to_owned());
            view! { <div class="ta-error" role="alert"><p>{text}</p></div> }.into_any()
        }
    };
    let only_save = {
        let save = save.clone();
        move |_| save(false)
    };
    view! {
        <form class="ta-form ta-wide" autocomplete="off" on:submit=submit>
            {inputs}
            {beside}
            <div class="ta-row">
                <button type="button" class="ta-button" disabled=move || busy.get() on:click=move |_| ask("test")>"Test connection"</button>
                {(purpose == Purpose::Import).then(|| view! {
                    <button type="button" class="ta-button" disabled=move || busy.get() on:click=move |_| ask("files")>"Show first objects"</button>
                })}
            </div>
            <div class="ta-form-result" aria-live="polite">{result}</div>
            <div class="ta-form-end ta-form-last">
                <button type="button" class="ta-button" on:click=cancel>"Cancel"</button>
                {if stored.is_none() && purpose == Purpose::Import {
                    view! {
                        <button type="button" class="ta-button" disabled=move || busy.get() on:click=only_save>"Save"</button>
                        <button type="submit" class="ta-button ta-primary" disabled=move || busy.get()>"Save and sync"</button>
                    }.into_any()
                } else {
                    view! { <button type="submit" class="ta-button ta-primary" disabled=move || busy.get()>"Save"</button> }.into_any()
                }}
            </div>
        </form>
        <Confirm open=leaving_now heading="Leave without saving?" text=Signal::stored("What you entered here is lost.".to_owned()) action="Leave" on_confirm=move || leave()/>
    }
}
