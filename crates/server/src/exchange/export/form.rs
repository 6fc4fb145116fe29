//! The form of a task inside exports (spec/formats.md section 3), written as text: results and data go from the database
//! into the file without being taken apart.

use super::choice::{Annotations, flag, object};
use crate::error::{ApiError, ApiResult};
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::HashMap;

/// What is written in full, and what as ids.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Form {
    pub(crate) annotations: Annotations,
    pub(crate) full_drafts: bool,
    pub(crate) full_predictions: bool,
    /// Users as objects.
    pub(crate) full_users: bool,
    /// Frames between the key frames of video tracks are filled in.
    pub(crate) interpolate: bool,
}

impl Form {
    /// Of the export that is downloaded at once.
    pub(crate) fn sync(interpolate: bool) -> Self {
        Self { full_drafts: true, interpolate, ..Self::default() }
    }

    /// What `serialization_options` say: objects where `only_id` is not true.
    pub(crate) fn of_options(
        options: &Value,
        annotations: Annotations,
        interpolate: bool,
    ) -> ApiResult<Self> {
        let field = "serialization_options";
        object(field, options)?;
        let full = |key: &str| match &options[key] {
            Value::Null => Ok::<bool, ApiError>(false),
            Value::Bool(full) => Ok(*full),
            other => {
                object(field, other)?;
                Ok(!flag(field, other, "only_id", false)?)
            }
        };
        Ok(Self {
            annotations,
            full_drafts: full("drafts")?,
            full_predictions: full("predictions")?,
            full_users: full("annotations__completed_by")?,
            interpolate: flag(field, options, "interpolate_key_frames", interpolate)?,
        })
    }
}

#[derive(Debug)]
pub(super) struct TaskRow {
    pub(super) id: i64,
    pub(super) project: i64,
    pub(super) inner_id: i64,
    pub(super) data: String,
    pub(super) meta: String,
    pub(super) allow_skip: bool,
    pub(super) file: Option<String>,
    pub(super) total_annotations: i64,
    pub(super) cancelled_annotations: i64,
    pub(super) total_predictions: i64,
    pub(super) updated_by: Option<i64>,
    pub(super) created_at: String,
    pub(super) updated_at: String,
}

#[derive(Debug)]
pub(super) struct AnnotationRow {
    pub(super) id: i64,
    pub(super) completed_by: Option<i64>,
    pub(super) result: String,
    pub(super) was_cancelled: bool,
    pub(super) ground_truth: bool,
    pub(super) created_at: String,
    pub(super) updated_at: String,
    pub(super) draft_created_at: Option<String>,
    pub(super) lead_time: Option<f64>,
    pub(super) result_count: i64,
    pub(super) unique_id: Option<String>,
    pub(super) import_id: Option<i64>,
    pub(super) last_action: Option<String>,
    pub(super) updated_by: Option<i64>,
    pub(super) parent_prediction: Option<i64>,
    pub(super) parent_annotation: Option<i64>,
}

/// A task with all that hangs on it. Drafts and predictions are written already.
#[derive(Debug)]
pub(super) struct Whole {
    pub(super) task: TaskRow,
    pub(super) annotations: Vec<AnnotationRow>,
    pub(super) drafts: Vec<String>,
    pub(super) predictions: Vec<String>,
}

impl Whole {
    /// Compact JSON. `users` has those who completed annotations where they are written in full.
    pub(super) fn write(&self, out: &mut String, users: &HashMap<i64, String>) {
        let task = &self.task;
        let mut o = Object::open(out);
        o.number("id", task.id);
        o.list("annotations", &self.annotations, |out, annotation| annotation.write(out, task, users));
        if let Some(file) = &task.file {
            o.text("file_upload", file.rsplit('/').next().unwrap_or_default());
        }
        o.list("drafts", &self.drafts, |out, draft| out.push_str(draft));
        o.list("predictions", &self.predictions, |out, prediction| out.push_str(prediction));
        o.json("data", &task.data);
        o.json("meta", &task.meta);
        o.text("created_at", &task.created_at);
        o.text("updated_at", &task.updated_at);
        o.raw("allow_skip", if task.allow_skip { "true" } else { "false" });
        o.number("inner_id", task.inner_id);
        o.number("total_annotations", task.total_annotations);
        o.number("cancelled_annotations", task.cancelled_annotations);
        o.number("total_predictions", task.total_predictions);
        o.number("comment_count", 0);
        o.number("unresolved_comment_count", 0);
        o.raw("last_comment_updated_at", "null");
        o.number("project", task.project);
        o.maybe("updated_by", task.updated_by);
        o.raw("comment_authors", "[]");
        o.close();
    }
}

impl AnnotationRow {
    fn write(&self, out: &mut String, task: &TaskRow, users: &HashMap<i64, String>) {
        let flag = |flag: bool| if flag { "true" } else { "false" };
        let mut o = Object::open(out);
        o.number("id", self.id);
        match self.completed_by.and_then(|id| users.get(&id)) {
            Some(user) => o.raw("completed_by", user),
            None => o.maybe("completed_by", self.completed_by),
        }
        o.json("result", &self.result);
        o.raw("was_cancelled", flag(self.was_cancelled));
        o.raw("ground_truth", flag(self.ground_truth));
        o.text("created_at", &self.created_at);
        o.text("updated_at", &self.updated_at);
        o.maybe_text("draft_created_at", self.draft_created_at.as_deref());
        match self.lead_time {
            Some(time) => o.raw("lead_time", &Value::from(time).to_string()),
            None => o.raw("lead_time", "null"),
        }
        o.raw("prediction", "{}");
        o.number("result_count", self.result_count);
        o.maybe_text("unique_id", self.unique_id.as_deref());
        o.maybe("import_id", self.import_id);
        o.maybe_text("last_action", self.last_action.as_deref());
        o.raw("bulk_created", "false");
        o.number("task", task.id);
        o.number("project", task.project);
        o.maybe("updated_by", self.updated_by);
        o.maybe("parent_prediction", self.parent_prediction);
        o.maybe("parent_annotation", self.parent_annotation);
        o.raw("last_created_by", "null");
        o.close();
    }
}

/// An object on its way into a text. Keys are ours and need no escapes.
struct Object<'o> {
    out: &'o mut String,
    empty: bool,
}

impl<'o> Object<'o> {
    fn open(out: &'o mut String) -> Self {
        out.push('{');
        Self { out, empty: true }
    }

    fn key(&mut self, key: &str) {
        self.out.push_str(if self.empty { "\"" } else { ",\"" });
        self.empty = false;
        self.out.push_str(key);
        self.out.push_str("\":");
    }

    fn raw(&mut self, key: &str, json: &str) {
        self.key(key);
        self.out.push_str(json);
    }

    /// A column of JSON; what cannot be read, which only a hand-edited database has, is null.
    fn json(&mut self, key: &str, json: &str) {
        let is_json = serde_json::from_str::<IgnoredAny>(json).is_ok();
        self.raw(key, if is_json { json } else { "null" });
    }

    fn number(&mut self, key: &str, number: i64) {
        use std::fmt::Write;
        self.key(key);
        let _ = write!(self.out, "{number}");
    }

    fn maybe(&mut self, key: &str, number: Option<i64>) {
        match number {
            Some(number) => self.number(key, number),
            None => self.raw(key, "null"),
        }
    }

    fn text(&mut self, key: &str, text: &str) {
        self.key(key);
        let plain = text.bytes().all(|b| b >= 0x20 && b != b'"' && b != b'\\');
        if plain {
            self.out.push('"');
            self.out.push_str(text);
            self.out.push('"');
        } else {
            self.out.push_str(&Value::from(text).to_string());
        }
    }

    fn maybe_text(&mut self, key: &str, text: Option<&str>) {
        match text {
            Some(text) => self.text(key, text),
            None => self.raw(key, "null"),
        }
    }

    fn list<T>(&mut self, key: &str, items: &[T], mut write: impl FnMut(&mut String, &T)) {
        self.key(key);
        self.out.push('[');
        for (n, item) in items.iter().enumerate() {
            if n > 0 {
                self.out.push(',');
            }
            write(self.out, item);
        }
        self.out.push(']');
    }

    fn close(self) {
        self.out.push('}');
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn objects_are_json_whatever_is_in_them() {
        let mut out = String::new();
        let mut o = Object::open(&mut out);
        o.number("n", -5);
        o.text("t", "a\"\\\n\u{1}é");
        o.json("j", "{\"a\": [1]}");
        o.json("broken", "{\"a\": ");
        o.maybe_text("none", None);
        o.list("l", &[1, 2], |out, n| out.push_str(&n.to_string()));
        o.close();
        assert_eq!(
            serde_json::from_str::<Value>(&out).unwrap(),
            json!({"n": -5, "t": "a\"\\\n\u{1}é", "j": {"a": [1]}, "broken": null, "none": null, "l": [1, 2]})
        );
    }

    #[test]
    fn options_say_what_is_written_in_full() {
        let form = |options: Value| Form::of_options(&options, Annotations::default(), false);
        assert_eq!(form(Value::Null).unwrap(), Form::default());
        let asked = json!({"drafts": {"only_id": false}, "predictions": {}, "annotations__completed_by": {"only_id": true}});
        let found = form(asked).unwrap();
        assert_eq!((found.full_drafts, found.full_predictions, found.full_users), (true, true, false));
        assert!(form(json!({"interpolate_key_frames": true})).unwrap().interpolate);
        assert!(form(json!({"drafts": 5})).is_err());
        assert!(form(json!([])).is_err());
    }
}
