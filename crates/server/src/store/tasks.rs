//! Tasks: reading, bulk insert, deleting.

use crate::db;
use crate::store::json;
use crate::store::tally::{self, Tally};
use crate::time;
use sea_orm::{ConnectionTrait, DbErr, QueryResult, Value as Sql};
use serde_json::{Map, Value, json};
use std::collections::HashMap;

pub use super::inserter::{BATCH, Inserter, NewTask};
pub use super::recount::one as refresh;

/// Tasks of a project (`$1`) by a list of ids, which follows in brackets. `+ 0` keeps a database that plans this without
/// statistics, or keeps the plan from when the table was empty, from walking through the project and comparing every task
/// with the list.
pub(crate) const THESE: &str = "project + 0 = $1 AND id IN";

#[derive(Clone, Debug)]
pub struct Task {
    pub id: i64,
    pub project: i64,
    pub inner_id: i64,
    pub data: Value,
    pub meta: Value,
    pub is_labeled: bool,
    pub overlap: i64,
    pub allow_skip: bool,
    pub file_upload: Option<i64>,
    /// Base name of the uploaded file, where there is one.
    pub file_name: Option<String>,
    /// Key of the object it was imported from, where it came out of a storage.
    pub storage_filename: Option<String>,
    pub total_annotations: i64,
    pub cancelled_annotations: i64,
    pub total_predictions: i64,
    pub completed_at: Option<String>,
    pub avg_lead_time: Option<f64>,
    pub predictions_score: Option<f64>,
    pub updated_by: Option<i64>,
    pub created_at: String,
    pub updated_at: String,
}

impl Task {
    fn from_row(row: &QueryResult) -> Result<Self, DbErr> {
        let file: Option<String> = row.try_get("", "file")?;
        Ok(Self {
            id: row.try_get("", "id")?,
            project: row.try_get("", "project")?,
            inner_id: row.try_get("", "inner_id")?,
            data: json(row, "data")?,
            meta: json(row, "meta")?,
            is_labeled: row.try_get("", "is_labeled")?,
            overlap: row.try_get("", "overlap")?,
            allow_skip: row.try_get("", "allow_skip")?,
            file_upload: row.try_get("", "file_upload")?,
            file_name: file.and_then(|f| f.rsplit('/').next().map(str::to_owned)),
            storage_filename: row.try_get("", "storage_filename")?,
            total_annotations: row.try_get("", "total_annotations")?,
            cancelled_annotations: row.try_get("", "cancelled_annotations")?,
            total_predictions: row.try_get("", "total_predictions")?,
            completed_at: row.try_get("", "completed_at")?,
            avg_lead_time: row.try_get("", "avg_lead_time")?,
            predictions_score: row.try_get("", "predictions_score")?,
            updated_by: row.try_get("", "updated_by")?,
            created_at: row.try_get("", "created_at")?,
            updated_at: row.try_get("", "updated_at")?,
        })
    }

    /// Fields every form of a task has.
    pub fn common(&self) -> Map<String, Value> {
        let updated_by = self.updated_by.map_or_else(|| json!([]), |u| json!([{ "user_id": u }]));
        let v = json!({
            "id": self.id, "data": self.data, "meta": self.meta, "created_at": self.created_at,
            "updated_at": self.updated_at, "is_labeled": self.is_labeled, "overlap": self.overlap,
            "inner_id": self.inner_id, "total_annotations": self.total_annotations,
            "cancelled_annotations": self.cancelled_annotations, "total_predictions": self.total_predictions,
            "comment_count": 0, "unresolved_comment_count": 0, "last_comment_updated_at": null,
            "project": self.project, "updated_by": updated_by, "comment_authors": [],
        });
        v.as_object().cloned().unwrap_or_default()
    }

    /// The form that POST and PATCH answer with.
    pub fn simple(&self) -> Value {
        let mut o = self.common();
        o.insert("file_upload".into(), self.file_upload.into());
        o.insert("updated_by".into(), self.updated_by.into());
        o.insert("allow_skip".into(), self.allow_skip.into());
        Value::Object(o)
    }
}

const FIELDS: &str = "t.id, t.project, t.inner_id, t.data, t.meta, t.is_labeled, t.overlap, t.allow_skip, t.file_upload, f.file AS file, (SELECT l.key FROM storage_links l WHERE l.task = t.id ORDER BY l.id LIMIT 1) \
     AS storage_filename, t.total_annotations, t.cancelled_annotations, t.total_predictions, \
     t.completed_at, t.avg_lead_time, t.predictions_score, t.updated_by, \
     t.created_at, t.updated_at";
const TABLES: &str = "tasks t LEFT JOIN file_uploads f ON f.id = t.file_upload";

/// A task of a project of that organization.
pub async fn get(conn: &impl ConnectionTrait, organization: i64, id: i64) -> Result<Option<Task>, DbErr> {
    let sql = format!(
        "SELECT {FIELDS} FROM {TABLES} JOIN projects p ON p.id = t.project WHERE t.id = $1 AND p.organization = $2"
    );
    let row = db::one(conn, &sql, vec![id.into(), organization.into()]).await?;
    row.as_ref().map(Task::from_row).transpose()
}

/// A task for a person.
#[derive(Clone, Debug)]
pub struct Shown {
    pub task: Task,
    /// Whether the person has drafts of it.
    pub is_drafted: bool,
}

impl Shown {
    /// Columns for [`Shown::from_row`] over [`Shown::TABLES`]; `person` is SQL.
    pub fn fields(person: &str) -> String {
        format!(
            "EXISTS (SELECT 1 FROM drafts d WHERE d.task = t.id AND d.user_id = {person}) AS drafted, {FIELDS}"
        )
    }

    pub const TABLES: &str = TABLES;

    pub fn from_row(row: &QueryResult) -> Result<Self, DbErr> {
        Ok(Self { task: Task::from_row(row)?, is_drafted: row.try_get("", "drafted")? })
    }
}

/// The same for a person: in one way there and back.
pub async fn get_for(
    conn: &impl ConnectionTrait,
    organization: i64,
    id: i64,
    user: i64,
) -> Result<Option<Shown>, DbErr> {
    let sql = format!(
        "SELECT {} FROM {TABLES} JOIN projects p ON p.id = t.project WHERE t.id = $1 AND p.organization = $2",
        Shown::fields("$3")
    );
    let row = db::one(conn, &sql, vec![id.into(), organization.into(), user.into()]).await?;
    row.as_ref().map(Shown::from_row).transpose()
}

/// Tasks by their ids, whosesoever they are; for callers that have been allowed already.
pub async fn with_ids(conn: &impl ConnectionTrait, ids: &[i64]) -> Result<Vec<Task>, DbErr> {
    let mut out = Vec::with_capacity(ids.len());
    for chunk in ids.chunks(500) {
        let sql = format!(
            "SELECT {FIELDS} FROM {TABLES} WHERE t.id IN ({}) ORDER BY t.id",
            db::placeholders(1, chunk.len())
        );
        let rows = db::all(conn, &sql, chunk.iter().map(|id| Sql::from(*id)).collect()).await?;
        for row in &rows {
            out.push(Task::from_row(row)?);
        }
    }
    Ok(out)
}

/// One page in an order: `id`, `-id`, `updated_at` descending ….
pub async fn page(
    conn: &impl ConnectionTrait,
    project: i64,
    order: &str,
    limit: u64,
    offset: u64,
) -> Result<Vec<Task>, DbErr> {
    let order = match order {
        "-id" => "t.id DESC",
        "updated" => "t.updated_at DESC, t.id DESC",
        _ => "t.id",
    };
    let sql =
        format!("SELECT {FIELDS} FROM {TABLES} WHERE t.project = $1 ORDER BY {order} LIMIT $2 OFFSET $3");
    let rows =
        db::all(conn, &sql, vec![project.into(), db::bounded(limit).into(), db::bounded(offset).into()])
            .await?;
    rows.iter().map(Task::from_row).collect()
}

/// These tasks, in this order; those that are gone are left out.
pub async fn by_ids(conn: &impl ConnectionTrait, ids: &[i64]) -> Result<Vec<Task>, DbErr> {
    let mut found: HashMap<i64, Task> = HashMap::with_capacity(ids.len());
    for chunk in ids.chunks(BATCH) {
        let sql =
            format!("SELECT {FIELDS} FROM {TABLES} WHERE t.id IN ({})", db::placeholders(1, chunk.len()));
        for row in db::all(conn, &sql, chunk.iter().map(|id| Sql::from(*id)).collect()).await? {
            let task = Task::from_row(&row)?;
            found.insert(task.id, task);
        }
    }
    Ok(ids.iter().filter_map(|id| found.remove(id)).collect())
}

/// A task as it shall be.
#[derive(Clone, Copy, Debug)]
pub struct Change<'a> {
    pub data: &'a Value,
    pub meta: &'a Value,
    pub overlap: i64,
    pub allow_skip: bool,
}

/// Stores a changed task; the caller holds its row.
pub async fn update(
    conn: &impl ConnectionTrait,
    task: &Task,
    to: Change<'_>,
    user: i64,
) -> Result<(), DbErr> {
    let new = to.data.to_string();
    let mut change = Tally::default();
    change.add_data(&task.data.to_string(), -1);
    change.add_data(&new, 1);
    tally::add(conn, task.project, &change).await?;
    let sql = "UPDATE tasks SET data = $1, meta = $2, overlap = $3, allow_skip = $4, updated_by = $5, updated_at = $6 WHERE id = $7";
    let values = vec![
        new.into(),
        to.meta.to_string().into(),
        to.overlap.into(),
        to.allow_skip.into(),
        user.into(),
        time::now().into(),
        task.id.into(),
    ];
    db::run(conn, sql, values).await?;
    Ok(())
}

pub async fn count(conn: &impl ConnectionTrait, project: i64) -> Result<i64, DbErr> {
    Ok(tally::of(conn, project).await?.tasks)
}

/// Waits until nobody else works on these tasks (ascending), and keeps others away until the transaction ends.
pub async fn lock(conn: &impl ConnectionTrait, ids: &[i64]) -> Result<(), DbErr> {
    if db::is_postgres(conn) && !ids.is_empty() {
        let list = db::placeholders(1, ids.len());
        let sql = format!("SELECT id FROM tasks WHERE id IN ({list}) ORDER BY id FOR UPDATE");
        db::run(conn, &sql, ids.iter().map(|id| Sql::from(*id)).collect()).await?;
    }
    Ok(())
}

/// Export storages must be told first: they read the annotations.
const CHILDREN: [&str; 5] = ["annotations", "drafts", "predictions", "locks", "storage_links"];

pub async fn delete(conn: &impl ConnectionTrait, project: i64, task: i64) -> Result<(), DbErr> {
    delete_many(conn, project, &[task]).await?;
    Ok(())
}

pub async fn delete_all(conn: &impl ConnectionTrait, project: i64) -> Result<(), DbErr> {
    super::export_queue::project_changed(conn, project).await?;
    for table in CHILDREN {
        let sql = format!("DELETE FROM {table} WHERE task IN (SELECT id FROM tasks WHERE project = $1)");
        db::run(conn, &sql, vec![project.into()]).await?;
    }
    db::run(conn, "DELETE FROM tasks WHERE project = $1", vec![project.into()]).await?;
    tally::delete(conn, project).await
}

/// Ids of a project's tasks above one and up to another, in order.
pub async fn ids_after(
    conn: &impl ConnectionTrait,
    project: i64,
    after: i64,
    last: i64,
    limit: u64,
) -> Result<Vec<i64>, DbErr> {
    let sql = "SELECT id FROM tasks WHERE project = $1 AND id > $2 AND id <= $3 ORDER BY id LIMIT $4";
    let values = vec![project.into(), after.into(), last.into(), db::bounded(limit).into()];
    db::all(conn, sql, values).await?.iter().map(|row| row.try_get("", "id")).collect()
}

/// Those of some tasks that are a project's.
pub async fn those_of(conn: &impl ConnectionTrait, project: i64, ids: &[i64]) -> Result<Vec<i64>, DbErr> {
    let mut out = Vec::with_capacity(ids.len());
    for chunk in ids.chunks(500) {
        let list = db::placeholders(2, chunk.len());
        let sql = format!("SELECT id FROM tasks WHERE {THESE} ({list}) ORDER BY id");
        let values = std::iter::once(project.into()).chain(chunk.iter().map(|&id| id.into())).collect();
        for row in db::all(conn, &sql, values).await? {
            out.push(row.try_get("", "id")?);
        }
    }
    Ok(out)
}

/// Deletes those of some tasks that are a project's, with all that hangs on them; gives how many there were.
pub async fn delete_many(conn: &impl ConnectionTrait, project: i64, ids: &[i64]) -> Result<i64, DbErr> {
    if ids.is_empty() {
        return Ok(0);
    }
    super::export_queue::tasks_changed(conn, project, ids).await?;
    let list = db::placeholders(2, ids.len());
    let values = || std::iter::once(project.into()).chain(ids.iter().map(|&id| id.into())).collect();
    tally::forget_tasks(conn, project, &format!("{THESE} ({list})"), values()).await?;
    for table in CHILDREN {
        let sql = format!("DELETE FROM {table} WHERE task IN (SELECT id FROM tasks WHERE {THESE} ({list}))");
        db::run(conn, &sql, values()).await?;
    }
    let sql = format!("DELETE FROM tasks WHERE {THESE} ({list})");
    Ok(db::run(conn, &sql, values()).await?.rows_affected() as i64)
}
