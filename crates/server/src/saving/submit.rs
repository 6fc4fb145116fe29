//! What a request to store an annotation asks for, checked as far as that needs no database.

use crate::auth::Caller;
use crate::error::{ApiError, ApiResult};
use crate::lenient;
use serde_json::Value;

/// Whoever sends it.
#[derive(Clone, Debug)]
pub struct Author {
    pub id: i64,
    pub organization: i64,
    /// `First Last email, id`
    pub shown: String,
}

impl From<&Caller> for Author {
    fn from(caller: &Caller) -> Self {
        Self { id: caller.id(), organization: caller.organization(), shown: caller.user.created_username() }
    }
}

/// A new annotation (spec/server.md 3.5).
#[derive(Clone, Debug)]
pub struct Submit {
    pub author: Author,
    pub task: i64,
    pub key: Option<String>,
    pub result: Value,
    pub was_cancelled: bool,
    pub ground_truth: bool,
    pub lead_time: Option<f64>,
    /// Where it is not the author's.
    pub completed_by: Option<i64>,
    /// The author's draft that this becomes.
    pub draft: Option<i64>,
    pub unique_id: Option<String>,
    pub parent_prediction: Option<i64>,
    pub parent_annotation: Option<i64>,
}

impl Submit {
    /// Out of a request's body; keys that are not known are ignored.
    pub fn read(caller: &Caller, task: i64, key: Option<String>, body: &Value) -> ApiResult<Self> {
        let author = Author::from(caller);
        let unique_id = match body.get("unique_id").and_then(Value::as_str) {
            Some(text) => {
                let id = uuid::Uuid::parse_str(text)
                    .map_err(|_| ApiError::field("unique_id", "Must be a valid UUID."))?;
                Some(id.to_string())
            }
            None => None,
        };
        Ok(Self {
            task,
            key,
            result: result_of(body)?.unwrap_or_else(|| Value::Array(Vec::new())),
            was_cancelled: lenient::boolean_in(body, "was_cancelled")?.unwrap_or(false),
            ground_truth: lenient::boolean_in(body, "ground_truth")?.unwrap_or(false),
            lead_time: lenient::number_in(body, "lead_time")?,
            completed_by: lenient::id_in(body, "completed_by")?.filter(|id| *id != author.id),
            draft: lenient::id_in(body, "draft_id")?.filter(|id| *id > 0),
            unique_id,
            parent_prediction: lenient::id_in(body, "parent_prediction")?,
            parent_annotation: lenient::id_in(body, "parent_annotation")?,
            author,
        })
    }

    /// The request that a key belongs to.
    pub fn target(&self) -> String {
        format!("POST /api/tasks/{}/annotations", self.task)
    }
}

/// The result list of a body; a string holding one is accepted.
pub fn result_of(body: &Value) -> ApiResult<Option<Value>> {
    let value = match body.get("result") {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::String(text)) => serde_json::from_str(text).map_err(|e| {
            ApiError::field("result", format!("The result is a string that is not JSON: {e}."))
        })?,
        Some(value) => value.clone(),
    };
    let Some(list) = value.as_array() else {
        return Err(ApiError::field("result", "Annotation result must be a list of regions."));
    };
    match list.iter().position(|region| !region.is_object()) {
        Some(n) => Err(ApiError::field("result", format!("Region {} of the result is no object.", n + 1))),
        None => Ok(Some(value)),
    }
}
