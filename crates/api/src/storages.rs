//! Storages of projects (spec/server.md 5) and what the doctor says of them.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// A storage that objects come from, or that annotations go to.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Storage {
    pub id: i64,
    #[serde(rename = "type")]
    pub kind: String,
    pub project: i64,
    pub title: Option<String>,
    pub description: Option<String>,
    pub synchronizable: bool,
    /// `initialized`, `queued`, `in_progress`, `failed`, `completed` or `completed_with_errors`.
    pub status: String,
    pub last_sync: Option<String>,
    /// Tasks made, or annotations written, by the last sync.
    pub last_sync_count: Option<i64>,
    /// The id of its job, as text.
    pub last_sync_job: Option<String>,
    pub traceback: Option<String>,
    pub meta: Map<String, Value>,
    /// The fields of its type. Secrets are not among them.
    #[serde(flatten)]
    pub fields: Map<String, Value>,
}

impl Storage {
    /// The job of the last sync.
    pub fn job(&self) -> Option<i64> {
        self.last_sync_job.as_deref().and_then(|id| id.parse().ok())
    }

    pub fn is_syncing(&self) -> bool {
        matches!(self.status.as_str(), "queued" | "in_progress")
    }

    /// A count of `meta`.
    pub fn count(&self, name: &str) -> i64 {
        self.meta.get(name).and_then(Value::as_i64).unwrap_or(0)
    }
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct StorageType {
    pub name: String,
    pub title: String,
}

/// One row of a form's layout.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct FormRow {
    pub fields: Vec<FormField>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct FormField {
    /// `text`, `password`, `toggle` or `counter`.
    #[serde(rename = "type")]
    pub kind: String,
    pub name: String,
    pub label: String,
    pub description: String,
    pub required: bool,
    /// What a new storage starts with.
    pub value: Value,
}

/// An object of a storage; one without a key stands for all that follow.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct StorageFile {
    pub key: Option<String>,
    pub last_modified: Option<String>,
    pub size: Option<u64>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct StorageFiles {
    pub files: Vec<StorageFile>,
}

/// Why something with a storage failed. Tagloom's own, like the rest of the doctor.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Problem {
    pub message: String,
    /// What to do about it.
    pub mend: String,
    pub key: Option<String>,
}

/// One thing that was tried.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Step {
    pub name: String,
    pub title: String,
    /// `ok`, `failed` or `skipped`.
    pub status: String,
    /// What was seen.
    pub note: String,
    pub problem: Option<Problem>,
    /// Why it was not tried.
    pub why: String,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Diagnosis {
    pub ok: bool,
    pub steps: Vec<Step>,
    /// Rules for browsers, to be pasted where the bucket is kept.
    pub cors_json: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_storage_keeps_the_fields_of_its_type() {
        let text = r#"{"id":1,"type":"s3","status":"queued","last_sync_job":"12","bucket":"b","presign":true,
            "meta":{"tasks_existed":4},"project":5}"#;
        let storage: Storage = serde_json::from_str(text).unwrap();
        assert_eq!((storage.kind.as_str(), storage.job(), storage.is_syncing()), ("s3", Some(12), true));
        assert_eq!((storage.count("tasks_existed"), storage.count("other")), (4, 0));
        assert_eq!(storage.fields["bucket"], "b");
        assert!(!storage.fields.contains_key("status"));
    }

    #[test]
    fn steps_of_the_doctor_are_read() {
        let text = r#"{"kind":"s3","ok":false,"steps":[{"name":"dns","title":"T","status":"ok","note":"n"},
            {"name":"list","title":"L","status":"failed","problem":{"cause":{"name":"denied"},"message":"m","mend":"d","key":null,"transient":false}},
            {"name":"read","title":"R","status":"skipped","why":"w"}],"cors_json":"[]"}"#;
        let diagnosis: Diagnosis = serde_json::from_str(text).unwrap();
        assert_eq!(diagnosis.steps[1].problem.as_ref().map(|p| p.mend.as_str()), Some("d"));
        assert_eq!((diagnosis.steps[0].note.as_str(), diagnosis.steps[2].why.as_str()), ("n", "w"));
    }
}
