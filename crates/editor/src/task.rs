//! Task JSON as the editor accepts it (spec/results.md section 7).

use crate::action::AnnotationKey;
use crate::annotation::{Annotation, AnnotationKind};
use crate::options::User;
use serde_json::{Map, Value};
use tagloom_annotation_store::{Document, LoadOptions, Origin, Schema, load};

/// The task without its annotations.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Task {
    /// Server id as text; empty for a task that has none.
    pub id: String,
    pub data: Value,
    /// What was wrong with the task, in words for a person.
    pub problems: Vec<String>,
}

pub(crate) struct Reader<'a> {
    pub schema: &'a dyn Schema,
    pub user: &'a User,
    pub now: f64,
    pub next_key: &'a mut u32,
}

pub(crate) fn read_task(task: &Value) -> Task {
    let mut out = Task { data: Value::Object(Map::new()), ..Task::default() };
    let Some(object) = task.as_object() else {
        if !task.is_null() {
            out.problems.push("The task is not a JSON object.".into());
        }
        return out;
    };
    out.id = match object.get("id") {
        Some(Value::String(s)) => s.clone(),
        Some(Value::Number(n)) => n.to_string(),
        _ => String::new(),
    };
    match object.get("data") {
        Some(Value::String(text)) => match serde_json::from_str::<Value>(text) {
            Ok(data) if data.is_object() => out.data = data,
            Ok(_) => out.problems.push("The task's data is a string that holds no JSON object.".into()),
            Err(e) => out.problems.push(format!("The task's data is a string that is not valid JSON: {e}.")),
        },
        Some(data @ Value::Object(_)) => out.data = data.clone(),
        Some(_) => out.problems.push("The task's data must be an object of fields.".into()),
        None => out.problems.push("The task has no data.".into()),
    }
    out
}

fn text(o: &Map<String, Value>, key: &str) -> Option<String> {
    match o.get(key)? {
        Value::String(s) => Some(s.clone()),
        Value::Number(n) => Some(n.to_string()),
        _ => None,
    }
}

fn first<'o>(o: &'o Map<String, Value>, keys: &[&str]) -> Option<&'o Value> {
    keys.iter().find_map(|k| o.get(*k)).filter(|v| !v.is_null())
}

impl Reader<'_> {
    pub(crate) fn key(&mut self) -> AnnotationKey {
        *self.next_key += 1;
        AnnotationKey(*self.next_key)
    }

    /// Annotations and predictions, annotations first, each newest first.
    pub(crate) fn tabs(&mut self, task: &Value) -> Vec<Annotation> {
        let list = |keys: &[&str]| -> Vec<Map<String, Value>> {
            task.as_object()
                .and_then(|o| first(o, keys))
                .and_then(Value::as_array)
                .map(|l| l.iter().filter_map(|v| v.as_object().cloned()).collect())
                .unwrap_or_default()
        };
        let mut annotations: Vec<_> =
            list(&["annotations", "completions"]).iter().map(|o| self.annotation(o)).collect();
        let mut predictions: Vec<_> = list(&["predictions"]).iter().map(|o| self.prediction(o)).collect();
        for tabs in [&mut annotations, &mut predictions] {
            tabs.sort_by(|a, b| b.created_at.cmp(&a.created_at));
        }
        annotations.append(&mut predictions);
        annotations
    }

    pub(crate) fn blank(&mut self, kind: AnnotationKind, results: &Value, origin: Origin) -> Annotation {
        let loaded = load(results, self.schema, LoadOptions { origin });
        let notices = loaded.notices.clone();
        Annotation {
            key: self.key(),
            kind,
            pk: None,
            document: Document::from_loaded(loaded),
            loaded: results.clone(),
            notices,
            created_by: self.user.display_name(),
            created_at: None,
            model_version: None,
            score: None,
            ground_truth: false,
            skipped: false,
            editable: true,
            parent_prediction: None,
            parent_annotation: None,
            draft_id: 0,
            from_draft: false,
            lead_time: 0.0,
            draft_lead_time: 0.0,
            started_at: self.now,
            sent: false,
            saved_revision: 0,
            draft_revision: 0,
            submitting: false,
            sending_revision: None,
        }
    }

    fn annotation(&mut self, o: &Map<String, Value>) -> Annotation {
        let draft = first(o, &["draft"]).filter(|d| d.is_array());
        let result = o.get("result").cloned().unwrap_or(Value::Null);
        let mut a = self.blank(AnnotationKind::Annotation, draft.unwrap_or(&result), Origin::Manual);
        a.loaded = result.clone();
        a.from_draft = draft.is_some();
        a.pk = text(o, "pk").or_else(|| text(o, "id"));
        a.sent = a.pk.is_some() && (result.is_array() || result.is_string());
        a.created_by =
            match first(o, &["createdBy", "created_by", "created_username", "user", "completed_by"]) {
                Some(Value::String(name)) => name.trim().to_owned(),
                Some(user @ Value::Object(_)) => {
                    serde_json::from_value::<User>(user.clone()).unwrap_or_default().display_name()
                }
                _ => String::new(),
            };
        if a.created_by.is_empty() {
            a.created_by = "Admin".into();
        }
        a.created_at = ["draft_created_at", "created_at", "createdDate"].iter().find_map(|k| text(o, k));
        let flag = |keys: &[&str]| first(o, keys).and_then(Value::as_bool);
        a.ground_truth = flag(&["honeypot", "ground_truth"]).unwrap_or(false);
        a.skipped = flag(&["skipped", "was_cancelled"]).unwrap_or(false);
        a.editable = flag(&["editable"]).unwrap_or(true) && !flag(&["readonly"]).unwrap_or(false);
        a.lead_time = first(o, &["leadTime", "lead_time"]).and_then(Value::as_f64).unwrap_or(0.0);
        a.draft_id = first(o, &["draftId", "draft_id"]).and_then(Value::as_u64).unwrap_or(0);
        a.parent_prediction = first(o, &["parent_prediction"]).cloned();
        a.parent_annotation = first(o, &["parent_annotation"]).cloned();
        a.document.set_read_only(!a.editable);
        a
    }

    fn prediction(&mut self, o: &Map<String, Value>) -> Annotation {
        let result = o.get("result").cloned().unwrap_or(Value::Null);
        let mut a = self.blank(AnnotationKind::Prediction, &result, Origin::Prediction);
        a.pk = text(o, "pk").or_else(|| text(o, "id"));
        a.model_version = text(o, "model_version");
        a.created_by = a.model_version.clone().unwrap_or_else(|| "model".into());
        a.score = o.get("score").and_then(Value::as_f64);
        a.created_at = text(o, "created_at");
        a.editable = false;
        a.document.set_read_only(true);
        a
    }
}
