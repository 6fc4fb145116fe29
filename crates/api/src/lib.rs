//! Types of the REST API that app and server share (spec/server.md 2 and 3).
//!
//! Reading is tolerant: a missing field has its default and an unknown one is ignored, so that an app and a server of
//! different releases understand each other.

mod dm;
mod people;
mod storages;

pub use dm::{ActionDialog, Column, Columns, TaskAction, View};
pub use people::{Invitation, Member, MemberPage, Organization, Token, TokenSettings};
pub use storages::{
    Diagnosis, FormField, FormRow, Problem, Step, Storage, StorageFile, StorageFiles, StorageType,
};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The body of every error.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ErrorBody {
    pub status_code: u16,
    pub detail: String,
    /// Field (or `non_field_errors`) to messages.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub validation_errors: Map<String, Value>,
    /// The object as it is now, where a change was refused because it is another one than the client has seen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub current: Option<Value>,
}

impl ErrorBody {
    /// What is wrong with single fields: their names (or `non_field_errors`) and a text each.
    pub fn fields(&self) -> Vec<(String, String)> {
        let mut out = Vec::new();
        for (field, messages) in &self.validation_errors {
            let texts: Vec<&str> = match messages {
                Value::Array(list) => list.iter().filter_map(Value::as_str).collect(),
                Value::String(text) => vec![text],
                _ => Vec::new(),
            };
            out.extend(texts.into_iter().map(|text| (field.clone(), text.to_owned())));
        }
        out
    }

    /// Everything it says, a line each.
    pub fn lines(&self) -> Vec<String> {
        let line = |(field, text): (String, String)| {
            if field == "non_field_errors" { text } else { format!("{field}: {text}") }
        };
        let mut out: Vec<String> = self.fields().into_iter().map(line).collect();
        if out.is_empty() && !self.detail.is_empty() {
            out.push(self.detail.clone());
        }
        out
    }
}

/// Long work on the server. Tagloom's own; Label Studio has no such route.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Job {
    pub id: i64,
    pub kind: String,
    pub project: Option<i64>,
    /// `queued`, `running`, `completed`, `failed` or `cancelled`.
    pub state: String,
    pub done: i64,
    pub total: Option<i64>,
    pub message: String,
    pub error: Option<String>,
    /// Objects that could not be dealt with while the rest went on.
    pub error_count: i64,
    pub cancel_requested: bool,
    pub resumable: bool,
    /// RFC 3339, like every time of the API.
    pub started_at: Option<String>,
    pub finished_at: Option<String>,
    pub updated_at: String,
}

impl Job {
    pub fn is_over(&self) -> bool {
        !matches!(self.state.as_str(), "queued" | "running")
    }
}

/// One object a job could not deal with.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct JobError {
    pub subject: String,
    pub message: String,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct JobErrors {
    pub count: i64,
    pub results: Vec<JobError>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct User {
    pub id: i64,
    pub email: String,
    pub username: String,
    pub first_name: String,
    pub last_name: String,
    pub phone: String,
    pub initials: String,
    pub avatar: Option<String>,
    pub active_organization: Option<i64>,
    pub last_activity: String,
    pub date_joined: String,
}

impl User {
    /// The name, or the e-mail where there is none.
    pub fn name(&self) -> String {
        let name = format!("{} {}", self.first_name, self.last_name);
        match name.trim() {
            "" => self.email.clone(),
            name => name.to_owned(),
        }
    }
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Project {
    pub id: i64,
    pub title: String,
    pub description: String,
    pub label_config: String,
    pub expert_instruction: String,
    pub show_instruction: bool,
    pub show_skip_button: bool,
    pub created_at: String,
    pub task_number: Option<u64>,
    pub finished_task_number: Option<u64>,
    pub total_annotations_number: Option<u64>,
    pub total_predictions_number: Option<u64>,
    pub queue_total: u64,
    pub queue_done: u64,
}

/// A page of projects.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ProjectPage {
    pub count: u64,
    pub results: Vec<Project>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Task {
    pub id: i64,
    pub inner_id: i64,
    pub data: Map<String, Value>,
    pub is_labeled: bool,
    pub total_annotations: u64,
    pub cancelled_annotations: u64,
    pub total_predictions: u64,
    pub created_at: String,
    pub updated_at: String,
    pub annotations: Vec<Value>,
    pub predictions: Vec<Value>,
    pub drafts: Vec<Draft>,
}

/// A page of tasks.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct TaskPage {
    pub total: u64,
    pub total_annotations: u64,
    pub total_predictions: u64,
    pub tasks: Vec<Task>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Draft {
    pub id: u64,
    pub user: String,
    pub result: Value,
    pub lead_time: Option<f64>,
    pub annotation: Option<i64>,
    pub created_at: String,
    pub updated_at: String,
}

/// The answer to an import.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ImportAnswer {
    pub task_count: u64,
    pub annotation_count: Option<u64>,
    pub prediction_count: Option<u64>,
}

/// One export format.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ExportFormat {
    pub name: String,
    pub title: String,
    pub description: String,
    pub disabled: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_name_their_fields() {
        let body: ErrorBody = serde_json::from_str(
            r#"{"status_code":400,"detail":"Validation error","validation_errors":{"title":["too short"],"non_field_errors":["task 3: text is missing"]},"exc_info":null}"#,
        )
        .unwrap();
        assert_eq!(body.lines(), ["title: too short", "task 3: text is missing"]);
        assert_eq!(ErrorBody { detail: "gone".into(), ..ErrorBody::default() }.lines(), ["gone"]);
    }

    #[test]
    fn reading_is_tolerant() {
        let task: Task = serde_json::from_str(r#"{"id":3,"data":{"text":"a"},"news":[1]}"#).unwrap();
        assert_eq!(task.id, 3);
        assert!(task.drafts.is_empty());
    }
}
