//! The columns that a task list can show: the project's fields of data, then the ones every task has.

use super::views::ProjectQuery;
use crate::auth::Caller;
use crate::error::{ApiError, ApiResult};
use crate::routes::extract::Query;
use crate::routes::projects;
use crate::state::AppState;
use crate::store::projects::Project;
use crate::store::tally::{self, Tally};
use crate::store::{predictions, users};
use axum::Json;
use axum::extract::State;
use serde_json::{Map, Value, json};

pub async fn list(
    State(state): State<AppState>,
    caller: Caller,
    Query(q): Query<ProjectQuery>,
) -> ApiResult<Json<Value>> {
    let project = q.project.ok_or_else(|| ApiError::field("project", "This field is required."))?;
    let project = projects::find(&state, &caller, project).await?;
    let conn = state.db.read();
    let tally = tally::of(conn, project.id).await?;
    let members: Vec<i64> =
        users::members(conn, caller.organization()).await?.iter().map(|user| user.id).collect();
    let versions = predictions::versions(conn, project.id).await?;
    let mut columns = of_data(&project, &tally);
    let keys: Vec<Value> = columns.iter().map(|column| column["id"].clone()).collect();
    columns.extend(FIXED.iter().map(|column| column.to_json(&members, &versions)));
    columns.push(json!({
        "id": "data", "title": "data", "type": "List", "target": "tasks", "children": keys, "project_defined": false,
    }));
    Ok(Json(json!({"columns": columns})))
}

/// Fields of the config in its order, then others that tasks have.
fn of_data(project: &Project, tally: &Tally) -> Vec<Value> {
    let types = tagloom_tags::data_types(&project.config());
    let configured: Map<String, Value> = types.as_object().cloned().unwrap_or_default();
    let others = tally.data.keys().filter(|key| !configured.contains_key(*key)).map(String::as_str);
    let keys = configured.keys().map(String::as_str).chain(others);
    keys.map(|key| {
        let kind = match configured.get(key).and_then(Value::as_str) {
            None => "Unknown",
            Some(media @ ("Image" | "Audio" | "AudioPlus" | "Video")) => media,
            Some(_) => "String",
        };
        // A file uploaded without a key is a task with one nameless value.
        let nameless = key == "$undefined$";
        json!({
            "id": key, "title": if nameless { "data" } else { key }, "type": kind, "target": "tasks", "parent": "data",
            "visibility_defaults": {"explore": true, "labeling": nameless || configured.contains_key(key)},
            "project_defined": true,
        })
    })
    .collect()
}

struct Fixed {
    id: &'static str,
    title: &'static str,
    kind: &'static str,
    help: &'static str,
    explore: bool,
    labeling: bool,
}

const fn column(
    id: &'static str,
    title: &'static str,
    kind: &'static str,
    shown: (bool, bool),
    help: &'static str,
) -> Fixed {
    Fixed { id, title, kind, help, explore: shown.0, labeling: shown.1 }
}

const HIDDEN: (bool, bool) = (false, false);
const EXPLORE: (bool, bool) = (true, false);
const BOTH: (bool, bool) = (true, true);

const FIXED: &[Fixed] = &[
    column("id", "ID", "Number", EXPLORE, "Number of the task"),
    column("inner_id", "Inner ID", "Number", HIDDEN, "Number of the task within its project"),
    column(
        "completed_at",
        "Completed",
        "Datetime",
        EXPLORE,
        "When the annotation came that completed the task",
    ),
    column(
        "total_annotations",
        "Annotations",
        "Number",
        BOTH,
        "Annotations of the task, skipped ones not counted",
    ),
    column("cancelled_annotations", "Cancelled", "Number", EXPLORE, "Skipped annotations of the task"),
    column("total_predictions", "Predictions", "Number", EXPLORE, "Predictions of the task"),
    column("annotators", "Annotated by", "List", EXPLORE, "Who has annotated the task"),
    column("annotations_results", "Annotation results", "String", HIDDEN, "Results of all annotations"),
    column("annotations_ids", "Annotation IDs", "String", HIDDEN, "Numbers of all annotations"),
    column("predictions_score", "Prediction score", "Number", HIDDEN, "Average score of the predictions"),
    column(
        "predictions_model_versions",
        "Prediction model versions",
        "List",
        HIDDEN,
        "Model versions of all predictions",
    ),
    column("predictions_results", "Prediction results", "String", HIDDEN, "Results of all predictions"),
    column("file_upload", "Upload filename", "String", HIDDEN, "Uploaded file that the task came from"),
    column(
        "storage_filename",
        "Storage filename",
        "String",
        HIDDEN,
        "Object of a storage that the task came from",
    ),
    column("created_at", "Created at", "Datetime", HIDDEN, "When the task was made"),
    column("updated_at", "Updated at", "Datetime", HIDDEN, "When the task was last changed"),
    column("updated_by", "Updated by", "List", HIDDEN, "Who last changed the task"),
    column("avg_lead_time", "Lead Time", "Time", HIDDEN, "Average seconds that an annotation took"),
    column("draft_exists", "Drafts", "Boolean", HIDDEN, "Whether somebody has begun and not submitted"),
];

impl Fixed {
    fn to_json(&self, members: &[i64], versions: &[String]) -> Value {
        let mut column = json!({
            "id": self.id, "title": self.title, "type": self.kind, "target": "tasks", "help": self.help,
        });
        match self.id {
            "annotators" | "updated_by" => column["schema"] = json!({"items": members}),
            "predictions_model_versions" => column["schema"] = json!({"items": versions, "multiple": true}),
            _ => {}
        }
        column["visibility_defaults"] = json!({"explore": self.explore, "labeling": self.labeling});
        column["project_defined"] = false.into();
        column
    }
}
