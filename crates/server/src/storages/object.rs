//! What is written to export storages (spec/server.md 5.6).

use crate::db;
use crate::routes::tasks::export_form;
use crate::store::annotations::Annotation;
use crate::store::tasks::Task;
use crate::store::{drafts, users};
use bytes::Bytes;
use sea_orm::{ConnectionTrait, DbErr};
use serde_json::{Value, json};
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
