//! What is written to export storages (spec/server.md 5.6).

use crate::db;
use crate::store::annotations::Annotation;
use crate::store::drafts::{self, Draft};
use crate::store::tasks::Task;
use crate::store::users;
use bytes::Bytes;
use sea_orm::{ConnectionTrait, DbErr};
use serde_json::{Map, Value, json};
use tagloom_storages::Kind;

/// Where a task's object goes when tasks are written.
pub(super) fn task_name(task: i64, json_extension: bool) -> String {
    if json_extension { format!("{task}.json") } else { task.to_string() }
}

/// Folders are read by people.
fn text(kind: Kind, value: &Value) -> Bytes {
    if kind == Kind::LocalFiles { format!("{value:#}").into() } else { value.to_string().into() }
}

/// One annotation, with its task.
pub(super) async fn annotation(
    conn: &impl ConnectionTrait,
    kind: Kind,
    task: &Task,
    annotation: &Annotation,
) -> Result<Bytes, DbErr> {
    let mut body = annotation.to_json();
    if let Some(id) = annotation.completed_by {
        body["completed_by"] = users::by_id(conn, id).await?.map_or(Value::Null, |user| {
            json!({"id": user.id, "first_name": user.first_name, "last_name": user.last_name, "email": user.email})
        });
    }
    let mut whole = task.simple();
    whole["precomputed_agreement"] = Value::Null;
    body["task"] = whole;
    Ok(text(kind, &body))
}

/// A task with its annotations, in the form of exports.
pub(super) async fn task(
    conn: &impl ConnectionTrait,
    kind: Kind,
    task: &Task,
    annotations: &[Annotation],
) -> Result<Bytes, DbErr> {
    let drafted = drafts::of_tasks(conn, &[task.id]).await?;
    let sql = "SELECT id FROM predictions WHERE task = $1 ORDER BY id";
    let rows = db::all(conn, sql, vec![task.id.into()]).await?;
    let predicted: Vec<i64> = rows.iter().map(|row| row.try_get("", "id")).collect::<Result<_, _>>()?;
    Ok(text(kind, &export_form(task, annotations, &drafted, &predicted)))
}

/// The form of a task inside exports (spec/formats.md section 3).
fn export_form(task: &Task, found: &[Annotation], drafted: &[Draft], predicted: &[i64]) -> Value {
    let mut o = Map::new();
    let mut put = |key: &str, value: Value| {
        o.insert(key.to_owned(), value);
    };
    put("id", task.id.into());
    put("annotations", found.iter().map(export_annotation).collect());
    if let Some(name) = &task.file_name {
        put("file_upload", name.clone().into());
    }
    put("drafts", drafted.iter().map(Draft::to_json).collect());
    put("predictions", predicted.into());
    put("data", task.data.clone());
    put("meta", task.meta.clone());
    put("created_at", task.created_at.clone().into());
    put("updated_at", task.updated_at.clone().into());
    put("allow_skip", task.allow_skip.into());
    put("inner_id", task.inner_id.into());
    put("total_annotations", task.total_annotations.into());
    put("cancelled_annotations", task.cancelled_annotations.into());
    put("total_predictions", task.total_predictions.into());
    put("comment_count", 0.into());
    put("unresolved_comment_count", 0.into());
    put("last_comment_updated_at", Value::Null);
    put("project", task.project.into());
    put("updated_by", task.updated_by.into());
    put("comment_authors", json!([]));
    Value::Object(o)
}

/// The form inside exports (spec/formats.md section 3).
fn export_annotation(a: &Annotation) -> Value {
    json!({
        "id": a.id, "completed_by": a.completed_by, "result": a.result,
        "was_cancelled": a.was_cancelled, "ground_truth": a.ground_truth, "created_at": a.created_at,
        "updated_at": a.updated_at, "draft_created_at": a.draft_created_at, "lead_time": a.lead_time,
        "prediction": {}, "result_count": a.result_count, "unique_id": a.unique_id,
        "import_id": a.import_id, "last_action": a.last_action, "bulk_created": false, "task": a.task,
        "project": a.project, "updated_by": a.updated_by, "parent_prediction": a.parent_prediction,
        "parent_annotation": a.parent_annotation, "last_created_by": null,
    })
}
