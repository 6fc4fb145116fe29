//! Labeling: the stream and single tasks, drafts, sending and sending again.

use crate::api::{self, ApiError};
use crate::pages::login::SignIn;
use crate::pages::{Failure, project_id};
use crate::shell::Session;
use gloo_timers::callback::Timeout;
use leptos::prelude::*;
use leptos_router::components::A;
use leptos_router::hooks::use_params_map;
use serde_json::{Map, Value, json};
use std::rc::Rc;
use tagloom_api::{Project, Task};
use tagloom_editor::{Action, AnnotationKey, EditorEvent, EditorOptions, SaveState};
use tagloom_editor_ui::{EditorContext, LabelingScreen};
use wasm_bindgen::prelude::*;

/// Milliseconds from a change to its draft on the server.
const DRAFT_AFTER: u32 = 5000;

/// A task as the editor takes it: own drafts become unsaved work on their annotation, or a new one.
pub fn editor_task(task: &Task) -> Value {
    let mut annotations = task.annotations.clone();
    for draft in &task.drafts {
        let entry = json!({
            "draft": draft.result, "draftId": draft.id, "draft_created_at": draft.created_at,
        });
        let target = draft.annotation.and_then(|id| annotations.iter_mut().find(|a| a["id"] == json!(id)));
        match (target, entry) {
            (Some(Value::Object(annotation)), Value::Object(fields)) => annotation.extend(fields),
            (_, entry) => annotations.push(entry),
        }
    }
    json!({
        "id": task.id, "data": Value::Object(task.data.clone()), "annotations": annotations,
        "predictions": task.predictions,
    })
}

#[component]
pub fn Labeling() -> impl IntoView {
    let id = project_id();
    let params = use_params_map();
    let single = Signal::derive(move || params.with(|p| p.get("task").and_then(|t| t.parse::<i64>().ok())));
    let attempt = RwSignal::new(0u32);
    let loaded = LocalResource::new(move || {
        attempt.track();
        let (project, single) = (id.get(), single.get());
        async move {
            let project = api::get::<Project>(&format!("/api/projects/{project}/")).await?;
            let task = fetch(project.id, single).await?;
            Ok::<_, ApiError>((project, task))
        }
    });
    let retry = Callback::new(move |()| attempt.update(|n| *n += 1));
    move || {
        match loaded.get() {
        None => view! { <p class="ta-loading" role="status">"Loading the task…"</p> }.into_any(),
        Some(Err(error)) => view! {
            <main class="ta-page"><p><A href=format!("/projects/{}", id.get_untracked())>"‹ Data"</A></p><Failure error retry/></main>
        }
        .into_any(),
        Some(Ok((project, None))) => view! { <AllDone project=project.id/> }.into_any(),
        Some(Ok((project, Some(task)))) => {
            view! { <Stage project task stream=single.get_untracked().is_none()/> }.into_any()
        }
    }
    }
}

/// The task asked for, or the next of the stream; `None` when all are done.
async fn fetch(project: i64, single: Option<i64>) -> Result<Option<Task>, ApiError> {
    match single {
        Some(task) => api::get::<Task>(&format!("/api/tasks/{task}/")).await.map(Some),
        None => match api::get::<Task>(&format!("/api/projects/{project}/next/")).await {
            Ok(task) => Ok(Some(task)),
            Err(e) if e.status == 404 => Ok(None),
            Err(e) => Err(e),
        },
    }
}

#[component]
fn AllDone(project: i64) -> impl IntoView {
    view! {
        <main class="ta-page ta-empty">
            <h1>"All done"</h1>
            <p>"There is no task left for you in this project."</p>
            <A href=format!("/projects/{project}") attr:class="ta-button ta-primary">"Back to the data"</A>
        </main>
    }
}

/// What a labeling session knows beside the editor.
#[derive(Clone, Copy)]
struct Work {
    context: EditorContext,
    project: i64,
    stream: bool,
    task: RwSignal<i64>,
    done: RwSignal<bool>,
    /// The session ended; what to do after signing in again.
    sign_in: RwSignal<bool>,
    position: RwSignal<(u64, u64)>,
    timer: StoredValue<Option<Timeout>, LocalStorage>,
    /// One key per submit, kept until it succeeds.
    key: StoredValue<Option<(AnnotationKey, u64, String)>>,
}

#[component]
fn Stage(project: Project, task: Task, stream: bool) -> impl IntoView {
    let session = expect_context::<Session>();
    let user = session.user.get_untracked().unwrap_or_default();
    let options = EditorOptions {
        config: project.label_config.clone(),
        task: editor_task(&task),
        user: tagloom_editor::User {
            id: Some(user.id.into()),
            first_name: user.first_name,
            last_name: user.last_name,
            email: user.email,
        },
        settings: tagloom_editor_ui::journal::load_settings(),
        description: Some(project.expert_instruction.clone()).filter(|d| !d.is_empty()),
        queue_total: project.queue_total,
        queue_position: project.queue_done + 1,
        project: project.id.to_string(),
        ..EditorOptions::default()
    };
    let context = EditorContext::new(options);
    provide_context(context);
    let work = Work {
        context,
        project: project.id,
        stream,
        task: RwSignal::new(task.id),
        done: RwSignal::new(false),
        sign_in: RwSignal::new(false),
        position: RwSignal::new((project.queue_done, project.queue_total)),
        timer: StoredValue::new_local(None),
        key: StoredValue::new(None),
    };
    context.set_event_handler(Rc::new(move |_, event| work.on_event(event)));
    guard_unload(context);
    let title = project.title.clone();
    let place = move || {
        let (done, total) = work.position.get();
        (stream && total > 0).then(|| {
            view! {
                <progress class="ta-progress" max=total.to_string() prop:value=done as f64 aria-label="Tasks done"></progress>
                <span class="ta-muted ta-num">{format!("{done} of {total} done")}</span>
            }
        })
    };
    let signed_in = Callback::new(move |()| {
        work.sign_in.set(false);
        context.dispatch(Action::Submit);
    });
    view! {
        <Show when=move || !work.done.get() fallback=move || view! { <AllDone project=project.id/> }>
            <div class="ta-labeling">
                <header class="ta-labeling-head">
                    <A href=format!("/projects/{}", project.id)>{format!("‹ {title}")}</A>
                    <span class="ta-spacer"></span>
                    {place}
                </header>
                <LabelingScreen/>
            </div>
        </Show>
        <Show when=move || work.sign_in.get()>
            <div class="ta-over-all" role="dialog" aria-modal="true" aria-label="Sign in again">
                <section class="ta-card">
                    <h2>"Your session has ended"</h2>
                    <p>"Your work is kept on this machine. Sign in, and it is sent."</p>
                    <SignIn done=signed_in/>
                </section>
            </div>
        </Show>
    }
}

/// Asks before the page is left while work is on this machine only.
fn guard_unload(context: EditorContext) {
    let Some(window) = web_sys::window() else { return };
    let ask = Closure::<dyn FnMut(web_sys::Event)>::new(move |e: web_sys::Event| {
        let unsent =
            context.try_with(|e| e.annotation().save_state() == SaveState::OnThisMachine).unwrap_or(false);
        if unsent {
            e.prevent_default();
        }
    });
    let added = window.add_event_listener_with_callback("beforeunload", ask.as_ref().unchecked_ref());
    if added.is_ok() {
        let kept = send_wrapper::SendWrapper::new((window, ask));
        on_cleanup(move || {
            let (window, ask) = &*kept;
            let _ = window.remove_event_listener_with_callback("beforeunload", ask.as_ref().unchecked_ref());
        });
    }
}

impl Work {
    fn on_event(self, event: &EditorEvent) {
        match event {
            EditorEvent::SubmitAnnotation { key, payload } => self.create(*key, payload.clone(), false),
            EditorEvent::SkipTask { key, payload } => self.create(*key, payload.clone(), true),
            EditorEvent::UpdateAnnotation { key, pk, payload } => {
                self.update(*key, pk.clone(), payload.clone())
            }
            EditorEvent::DraftChanged { key, .. } => self.draft_soon(*key),
            EditorEvent::DeleteAnnotation { pk: Some(pk), .. } => {
                let url = format!("/api/annotations/{pk}/");
                self.background(async move { api::delete(&url).await });
            }
            EditorEvent::GroundTruth { pk: Some(pk), value, .. } => {
                let (url, body) = (format!("/api/annotations/{pk}/"), json!({ "ground_truth": value }));
                self.background(async move { api::patch::<Value>(&url, &body).await.map(|_| ()) });
            }
            _ => {}
        }
    }

    /// A call whose failure is a message and nothing more.
    fn background(self, call: impl Future<Output = Result<(), ApiError>> + 'static) {
        leptos::task::spawn_local(async move {
            if let Err(e) = call.await {
                self.context.dispatch(Action::Show(tagloom_editor::Message::error(e.text())));
            }
        });
    }

    /// The key of this submit: the same one for every try at the same content.
    fn submit_key(self, key: AnnotationKey) -> String {
        let revision = self.context.try_with(|e| e.document().revision()).unwrap_or(0);
        let known = self.key.get_value().filter(|(k, r, _)| *k == key && *r == revision);
        let text = known.map_or_else(|| uuid::Uuid::new_v4().to_string(), |(_, _, text)| text);
        self.key.set_value(Some((key, revision, text.clone())));
        text
    }

    fn create(self, key: AnnotationKey, payload: Value, skip: bool) {
        let task = self.task.get_untracked();
        let once = self.submit_key(key);
        let query = if skip { "?was_cancelled=1" } else { "" };
        self.timer.set_value(None);
        leptos::task::spawn_local(async move {
            let url = format!("/api/tasks/{task}/annotations/{query}");
            let answer = api::post_once::<Value>(&url, &payload, &once).await;
            self.sent(key, answer).await;
        });
    }

    fn update(self, key: AnnotationKey, pk: String, payload: Value) {
        self.timer.set_value(None);
        leptos::task::spawn_local(async move {
            let answer = api::patch::<Value>(&format!("/api/annotations/{pk}/"), &payload).await;
            self.sent(key, answer).await;
        });
    }

    async fn sent(self, key: AnnotationKey, answer: Result<Value, ApiError>) {
        match answer {
            Ok(stored) => {
                let pk = stored["id"].as_i64().map(|id| id.to_string());
                self.context.dispatch(Action::Saved { key, pk });
                self.key.set_value(None);
                if self.stream {
                    self.next().await;
                }
            }
            Err(e) => {
                self.context.dispatch(Action::SaveFailed { key, message: e.text() });
                if e.is_signed_out() {
                    let _ = self.sign_in.try_set(true);
                }
            }
        }
    }

    /// Brings the next task of the stream into the same editor.
    async fn next(self) {
        match fetch(self.project, None).await {
            Ok(Some(task)) => {
                let _ = self.task.try_set(task.id);
                let _ = self.position.try_update(|p| p.0 = (p.0 + 1).min(p.1));
                self.context.dispatch(Action::AssignTask(Box::new(editor_task(&task))));
            }
            Ok(None) => {
                let _ = self.done.try_set(true);
            }
            Err(e) => {
                let text =
                    format!("Your annotation is stored, but the next task could not be loaded: {}", e.text());
                self.context.dispatch(Action::Show(tagloom_editor::Message::error(text)));
            }
        }
    }

    fn draft_soon(self, key: AnnotationKey) {
        if self.timer.with_value(Option::is_some) {
            return;
        }
        let timer = Timeout::new(DRAFT_AFTER, move || {
            if self.timer.try_update_value(|t| *t = None).is_some() {
                self.save_draft(key);
            }
        });
        self.timer.set_value(Some(timer));
    }

    fn save_draft(self, key: AnnotationKey) {
        let now = self.context.try_with(|e| {
            let a = e.annotation();
            (a.key == key && !a.submitting && !a.is_prediction())
                .then(|| (e.payload(true), a.document.revision(), a.draft_id, a.pk.clone()))
        });
        let Some(Some((payload, revision, draft, pk))) = now else { return };
        let (task, body) = (self.task.get_untracked(), Value::Object(draft_body(&payload)));
        leptos::task::spawn_local(async move {
            let answer = match (draft, pk) {
                (0, None) => api::post::<Value>(&format!("/api/tasks/{task}/drafts"), &body).await,
                (0, Some(pk)) => {
                    api::post::<Value>(&format!("/api/tasks/{task}/annotations/{pk}/drafts"), &body).await
                }
                (id, _) => api::patch::<Value>(&format!("/api/drafts/{id}/"), &body).await,
            };
            // A draft that cannot be stored is no loss: the journal has it, and the save state says so.
            if let Ok(stored) = answer {
                self.context.dispatch(Action::DraftSaved { key, revision, draft_id: stored["id"].as_u64() });
            }
        });
    }
}

/// What a draft request carries of a payload.
fn draft_body(payload: &Map<String, Value>) -> Map<String, Value> {
    payload
        .iter()
        .filter(|(k, _)| matches!(k.as_str(), "result" | "lead_time"))
        .map(|(k, v)| (k.clone(), v.clone()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use tagloom_api::Draft;

    #[test]
    fn drafts_go_to_their_annotation_or_become_one() {
        let draft = |id, annotation| Draft { id, annotation, result: json!([]), ..Draft::default() };
        let task = Task {
            id: 5,
            annotations: vec![json!({"id": 7, "result": []})],
            drafts: vec![draft(1, Some(7)), draft(2, None)],
            ..Task::default()
        };
        let out = editor_task(&task);
        assert_eq!(out["annotations"][0]["draftId"], 1);
        assert_eq!(out["annotations"][0]["id"], 7);
        assert_eq!(out["annotations"][1]["draftId"], 2);
        assert_eq!(out["annotations"].as_array().unwrap().len(), 2);
    }
}
