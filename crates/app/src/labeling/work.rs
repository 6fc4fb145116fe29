//! What a labeling session does when the editor says that something happened: submits, updates, deletions.
//!
//! Changes of annotations go to the server one after the other, each with the version that this screen has seen, so that a
//! tab never stands in its own way and never overwrites what somebody else did.

use super::conflict::{Change, Conflict, Decision, Next};
use super::drafts::fresh;
use super::task::{editor_task, fetch};
use super::versions::{Keys, Versions};
use crate::api::{self, ApiError, Terms};
use futures::lock::Mutex;
use gloo_timers::callback::Timeout;
use leptos::prelude::*;
use serde_json::{Value, json};
use std::rc::Rc;
use tagloom_api::Task;
use tagloom_editor::{Action, AnnotationKey, EditorEvent, Message};
use tagloom_editor_ui::EditorContext;

/// What a labeling session knows beside the editor.
#[derive(Clone, Copy)]
pub(super) struct Work {
    pub(super) context: EditorContext,
    project: i64,
    stream: bool,
    /// Which tasks the stream is of.
    narrow: StoredValue<String>,
    pub(super) task: RwSignal<i64>,
    pub(super) done: RwSignal<bool>,
    /// The session ended; what to do after signing in again.
    pub(super) sign_in: RwSignal<bool>,
    pub(super) position: RwSignal<(u64, u64)>,
    /// A change that needs a decision.
    pub(super) conflict: RwSignal<Option<Conflict>>,
    pub(super) timer: StoredValue<Option<Timeout>, LocalStorage>,
    pub(super) versions: StoredValue<Versions>,
    /// Of submits and updates.
    keys: StoredValue<Keys>,
    pub(super) draft_keys: StoredValue<Keys>,
    /// Held while a change of an annotation is under way.
    turn: StoredValue<Rc<Mutex<()>>, LocalStorage>,
}

fn url(pk: &str) -> String {
    format!("/api/annotations/{pk}/")
}

impl Work {
    pub(super) fn new(
        context: EditorContext,
        project: i64,
        stream: Option<String>,
        task: &Task,
        queue: (u64, u64),
    ) -> Self {
        Self {
            context,
            project,
            stream: stream.is_some(),
            narrow: StoredValue::new(stream.unwrap_or_default()),
            task: RwSignal::new(task.id),
            done: RwSignal::new(false),
            sign_in: RwSignal::new(false),
            position: RwSignal::new(queue),
            conflict: RwSignal::new(None),
            timer: StoredValue::new_local(None),
            versions: StoredValue::new(Versions::of_task(task)),
            keys: StoredValue::new(Keys::default()),
            draft_keys: StoredValue::new(Keys::default()),
            turn: StoredValue::new_local(Rc::default()),
        }
    }

    pub(super) fn on_event(self, event: &EditorEvent) {
        match event {
            EditorEvent::SubmitAnnotation { key, payload } => self.create(*key, payload.clone(), false),
            EditorEvent::SkipTask { key, payload } => self.create(*key, payload.clone(), true),
            EditorEvent::UpdateAnnotation { key, pk, payload } => {
                self.update(*key, pk.clone(), payload.clone())
            }
            EditorEvent::DraftChanged { key, .. } => self.draft_soon(*key),
            EditorEvent::DeleteAnnotation { key, pk: Some(pk) } => {
                let (key, pk) = (*key, pk.clone());
                self.in_turn(async move {
                    let version = self.version(&pk);
                    self.send_delete(key, pk, version).await;
                });
            }
            EditorEvent::GroundTruth { pk: Some(pk), value, .. } => {
                let (pk, value) = (pk.clone(), *value);
                self.in_turn(async move { self.send_ground_truth(&pk, value).await });
            }
            _ => {}
        }
    }

    fn version(self, pk: &str) -> Option<String> {
        self.versions.try_with_value(|v| v.annotation(pk)).flatten()
    }

    /// Does it when the changes before it have been answered.
    fn in_turn(self, change: impl Future<Output = ()> + 'static) {
        let Some(turn) = self.turn.try_get_value() else { return };
        leptos::task::spawn_local(async move {
            let _mine = turn.lock().await;
            change.await;
        });
    }

    fn say(self, text: String) {
        self.context.dispatch(Action::Show(Message::error(text)));
    }

    /// The key of this submit, and whether the same content was tried before.
    fn submit_key(self, key: AnnotationKey) -> (String, bool) {
        let revision = self.context.try_with(|e| e.document().revision()).unwrap_or(0);
        self.keys.try_update_value(|keys| keys.take(key, revision, fresh)).unwrap_or_default()
    }

    fn create(self, key: AnnotationKey, payload: Value, skip: bool) {
        let task = self.task.get_untracked();
        let (once, _) = self.submit_key(key);
        let query = if skip { "?was_cancelled=1" } else { "" };
        self.timer.set_value(None);
        self.in_turn(async move {
            let url = format!("/api/tasks/{task}/annotations/{query}");
            let answer = api::post_once::<Value>(&url, &payload, &once).await;
            self.sent(key, answer).await;
        });
    }

    fn update(self, key: AnnotationKey, pk: String, payload: Value) {
        let (once, again) = self.submit_key(key);
        self.timer.set_value(None);
        self.in_turn(async move {
            let version = self.version(&pk);
            self.send_update(key, pk, payload, version, &once, again).await;
        });
    }

    async fn send_update(
        self,
        key: AnnotationKey,
        pk: String,
        payload: Value,
        version: Option<String>,
        once: &str,
        again: bool,
    ) {
        let terms = Terms { key: Some(once), version: version.as_deref() };
        let change = Change::Update(payload.clone());
        match api::patch_on::<Value>(&url(&pk), &payload, terms).await {
            // The first try had arrived, and somebody changed it after that: the answer is theirs.
            Ok(stored) if again && stored["result"] != payload["result"] => {
                self.ask(Conflict { key, pk, change, current: Some(stored) });
            }
            Ok(stored) => self.sent(key, Ok(stored)).await,
            Err(e) => match Conflict::of(key, &pk, change, &e) {
                Some(conflict) => self.ask(conflict),
                None => self.sent(key, Err(e)).await,
            },
        }
    }

    async fn send_delete(self, key: AnnotationKey, pk: String, version: Option<String>) {
        let terms = Terms { key: None, version: version.as_deref() };
        match api::delete_on(&url(&pk), terms).await {
            Ok(()) => {
                self.versions.try_update_value(|v| v.forget_annotation(&pk));
            }
            Err(e) if e.is_missing() => {}
            Err(e) => match Conflict::of(key, &pk, Change::Delete, &e) {
                Some(conflict) => self.ask(conflict),
                None => self.say(e.text()),
            },
        }
    }

    /// The flag says nothing about the content, so it is set on whatever version there is; but the version of the content
    /// on the screen stays what it was, so that a later update of stale content is still refused.
    async fn send_ground_truth(self, pk: &str, value: bool) {
        let body = json!({ "ground_truth": value });
        let (version, once) = (self.version(pk), fresh());
        let terms = Terms { key: Some(&once), version: version.as_deref() };
        let refused = match api::patch_on::<Value>(&url(pk), &body, terms).await {
            Ok(stored) => {
                self.versions.try_update_value(|v| v.note_annotation(&stored));
                return;
            }
            Err(e) => e,
        };
        let now = refused.current.as_ref().and_then(|c| c["updated_at"].as_str()).map(str::to_owned);
        if refused.status != 412 || now.is_none() {
            return self.say(refused.text());
        }
        let terms = Terms { key: Some(&once), version: now.as_deref() };
        if let Err(e) = api::patch_on::<Value>(&url(pk), &body, terms).await {
            self.say(e.text());
        }
    }

    fn ask(self, conflict: Conflict) {
        let _ = self.conflict.try_set(Some(conflict));
    }

    /// Does what somebody decided about a conflict.
    pub(super) fn decide(self, conflict: Conflict, decision: Decision) {
        let (key, pk) = (conflict.key, conflict.pk.clone());
        match conflict.next(decision) {
            Next::Send { payload, version } => {
                self.in_turn(
                    async move { self.send_update(key, pk, payload, version, &fresh(), false).await },
                );
            }
            Next::Create { payload } => {
                // Another request than the one that was refused.
                self.keys.try_update_value(Keys::arrived);
                self.create(key, payload, false);
            }
            Next::Delete { version } => self.in_turn(async move { self.send_delete(key, pk, version).await }),
            Next::Show(stored) => {
                self.versions.try_update_value(|v| v.note_annotation(&stored));
                self.keys.try_update_value(Keys::arrived);
                self.context.dispatch(Action::TakeStored { key, stored: Box::new(stored) });
            }
            Next::Stop => {
                self.context.dispatch(Action::SendStopped { key });
                let text = "Nothing was sent. Your version is kept on this machine; update again to decide.";
                self.context.dispatch(Action::Show(Message::warning(text)));
            }
            Next::Reload => {
                // What is let go is not to come back from this machine.
                self.context.dispatch(Action::Saved { key, pk: None });
                self.in_turn(async move { self.reload().await });
            }
        }
    }

    /// The task as the server has it now.
    async fn reload(self) {
        match fetch(self.project, Some(self.task.get_untracked()), "").await {
            Ok(Some(task)) => self.show(&task),
            Ok(None) => {}
            Err(e) => self.say(format!("The task could not be loaded again: {}", e.text())),
        }
    }

    fn show(self, task: &Task) {
        self.versions.try_update_value(|v| *v = Versions::of_task(task));
        self.context.dispatch(Action::AssignTask(Box::new(editor_task(task))));
    }

    async fn sent(self, key: AnnotationKey, answer: Result<Value, ApiError>) {
        match answer {
            Ok(stored) => {
                let pk = stored["id"].as_i64().map(|id| id.to_string());
                self.versions.try_update_value(|v| v.note_annotation(&stored));
                self.keys.try_update_value(Keys::arrived);
                self.context.dispatch(Action::Saved { key, pk });
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
        let Some(narrow) = self.narrow.try_get_value() else { return };
        match fetch(self.project, None, &narrow).await {
            Ok(Some(task)) => {
                let _ = self.task.try_set(task.id);
                let _ = self.position.try_update(|p| p.0 = (p.0 + 1).min(p.1));
                self.show(&task);
            }
            Ok(None) => {
                let _ = self.done.try_set(true);
            }
            Err(e) => self.say(format!(
                "Your annotation is stored, but the next task could not be loaded: {}",
                e.text()
            )),
        }
    }
}
