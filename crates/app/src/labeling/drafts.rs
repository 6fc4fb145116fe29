//! Unsent work on its way to the server.

use super::work::Work;
use crate::api::{self, ApiError, Terms};
use gloo_timers::callback::Timeout;
use leptos::prelude::*;
use serde_json::{Map, Value};
use tagloom_editor::{Action, AnnotationKey};

/// Milliseconds from a change to its draft on the server.
const DRAFT_AFTER: u32 = 5000;

impl Work {
    pub(super) fn draft_soon(self, key: AnnotationKey) {
        if self.timer.try_with_value(Option::is_some).unwrap_or(true) {
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
        let Some((once, _)) = self.draft_keys.try_update_value(|keys| keys.take(key, revision, fresh)) else {
            return;
        };
        leptos::task::spawn_local(async move {
            match self.send_draft(task, draft, pk.as_deref(), &body, &once).await {
                Ok(stored) => {
                    self.draft_keys.try_update_value(super::versions::Keys::arrived);
                    self.versions.try_update_value(|v| v.note_draft(&stored));
                    let draft_id = stored["id"].as_u64();
                    self.context.dispatch(Action::DraftSaved { key, revision, draft_id });
                }
                // A draft that cannot be stored is no loss: the journal has it, and the save state says so. Where the
                // server is away for a while it is tried again, under the same key.
                Err(e) if e.status == 0 || e.status >= 500 => self.draft_soon(key),
                Err(_) => {}
            }
        });
    }

    /// Changes the draft, or makes one: also where the draft is gone, or another tab of the same person changed it, whose
    /// work must not be overwritten either.
    async fn send_draft(
        self,
        task: i64,
        draft: u64,
        pk: Option<&str>,
        body: &Value,
        once: &str,
    ) -> Result<Value, ApiError> {
        if draft != 0 {
            let version = self.versions.try_with_value(|v| v.draft(draft)).flatten();
            let terms = Terms { key: Some(once), version: version.as_deref() };
            match api::patch_on::<Value>(&format!("/api/drafts/{draft}/"), body, terms).await {
                Err(e) if matches!(e.status, 404 | 412) => {}
                other => return other,
            }
        }
        let url = match pk {
            None => format!("/api/tasks/{task}/drafts"),
            Some(pk) => format!("/api/tasks/{task}/annotations/{pk}/drafts"),
        };
        api::post_once::<Value>(&url, body, once).await
    }
}

pub(super) fn fresh() -> String {
    uuid::Uuid::new_v4().to_string()
}

/// What a draft request carries of a payload.
fn draft_body(payload: &Map<String, Value>) -> Map<String, Value> {
    payload
        .iter()
        .filter(|(k, _)| matches!(k.as_str(), "result" | "lead_time"))
        .map(|(k, v)| (k.clone(), v.clone()))
        .collect()
}
