//! Tasks: reading, bulk insert, deleting.

use crate::db;
use crate::store::json;
use crate::time;
use sea_orm::{ConnectionTrait, DbErr, QueryResult, Value as Sql};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use std::ops::Bound;
use tagloom_formats::{AnnotationDraft, PredictionDraft};

pub use super::recount::one as refresh;

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

const COLUMNS: &str = "SELECT t.id, t.project, t.inner_id, t.data, t.meta, t.is_labeled, t.overlap, t.allow_skip, \
     t.file_upload, f.file AS file, (SELECT l.key FROM storage_links l WHERE l.task = t.id ORDER BY l.id LIMIT 1) \
     AS storage_filename, t.total_annotations, t.cancelled_annotations, t.total_predictions, \
     t.completed_at, t.avg_lead_time, t.predictions_score, t.updated_by, \
     t.created_at, t.updated_at FROM tasks t LEFT JOIN file_uploads f ON f.id = t.file_upload";

/// A task of a project of that organization.
pub async fn get(conn: &impl ConnectionTrait, organization: i64, id: i64) -> Result<Option<Task>, DbErr> {
    let sql =
        format!("{COLUMNS} JOIN projects p ON p.id = t.project WHERE t.id = $1 AND p.organization = $2");
    let row = db::one(conn, &sql, vec![id.into(), organization.into()]).await?;
    row.as_ref().map(Task::from_row).transpose()
}

/// Tasks by their ids, whosesoever they are; for callers that have been allowed already.
pub async fn with_ids(conn: &impl ConnectionTrait, ids: &[i64]) -> Result<Vec<Task>, DbErr> {
    let mut out = Vec::with_capacity(ids.len());
    for chunk in ids.chunks(500) {
        let sql = format!("{COLUMNS} WHERE t.id IN ({}) ORDER BY t.id", db::placeholders(1, chunk.len()));
        let rows = db::all(conn, &sql, chunk.iter().map(|id| Sql::from(*id)).collect()).await?;
        for row in &rows {
            out.push(Task::from_row(row)?);
        }
    }
    Ok(out)
}

/// Which tasks of a project are meant.
#[derive(Clone, Debug, Default)]
pub struct Choice {
    pub annotated_only: bool,
    /// Only these, where given.
    pub ids: Option<BTreeSet<i64>>,
}

/// Tasks of a project by id, from behind `after`.
pub async fn page_after(
    conn: &impl ConnectionTrait,
    project: i64,
    after: i64,
    limit: u64,
    choice: &Choice,
) -> Result<Vec<Task>, DbErr> {
    let annotated = "AND EXISTS (SELECT 1 FROM annotations a WHERE a.task = t.id)";
    let annotated = if choice.annotated_only { annotated } else { "" };
    let sql = |only: &str| {
        format!("{COLUMNS} WHERE t.project = $1 AND t.id > $2 {annotated} {only} ORDER BY t.id LIMIT $3")
    };
    let values = || -> Vec<Sql> { vec![project.into(), after.into(), (limit as i64).into()] };
    let Some(ids) = &choice.ids else {
        let rows = db::all(conn, &sql(""), values()).await?;
        return rows.iter().map(Task::from_row).collect();
    };
    // A statement holds only so many values, and a whole chunk may belong to other projects.
    let rest: Vec<i64> = ids.range((Bound::Excluded(after), Bound::Unbounded)).copied().collect();
    for chunk in rest.chunks(limit as usize) {
        let mut values = values();
        values.extend(chunk.iter().map(|id| Sql::from(*id)));
        let only = format!("AND t.id IN ({})", db::placeholders(4, chunk.len()));
        let rows = db::all(conn, &sql(&only), values).await?;
        if !rows.is_empty() {
            return rows.iter().map(Task::from_row).collect();
        }
    }
    Ok(Vec::new())
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
    let sql = format!("{COLUMNS} WHERE t.project = $1 ORDER BY {order} LIMIT $2 OFFSET $3");
    let rows =
        db::all(conn, &sql, vec![project.into(), db::bounded(limit).into(), db::bounded(offset).into()])
            .await?;
    rows.iter().map(Task::from_row).collect()
}

pub async fn count(conn: &impl ConnectionTrait, project: i64) -> Result<i64, DbErr> {
    db::count(conn, "SELECT COUNT(*) FROM tasks WHERE project = $1", vec![project.into()]).await
}

/// A task on its way into a project.
#[derive(Clone, Debug)]
pub struct NewTask {
    pub data: String,
    pub meta: String,
    pub allow_skip: bool,
    pub file_upload: Option<i64>,
    /// With the user who completed each of them.
    pub annotations: Vec<(AnnotationDraft, Option<i64>)>,
    pub predictions: Vec<PredictionDraft>,
}

/// Bulk insert inside a transaction; ids and inner ids go on from the largest ones, so a caller must hold the writer.
#[derive(Debug)]
pub struct Inserter {
    project: i64,
    overlap: i64,
    next_inner: i64,
    now: String,
    pub ids: Vec<i64>,
    pub keep_ids: bool,
    pub tasks: i64,
    pub annotations: i64,
    pub predictions: i64,
}

/// Rows per statement; bound values per statement stay far below SQLite's limit.
pub const BATCH: usize = 500;

impl Inserter {
    pub async fn new(conn: &impl ConnectionTrait, project: i64, overlap: i64) -> Result<Self, DbErr> {
        let next_inner = db::count(
            conn,
            "SELECT COALESCE(MAX(inner_id), 0) FROM tasks WHERE project = $1",
            vec![project.into()],
        )
        .await?
            + 1;
        Ok(Self {
            project,
            overlap,
            next_inner,
            now: time::now(),
            ids: Vec::new(),
            keep_ids: false,
            tasks: 0,
            annotations: 0,
            predictions: 0,
        })
    }

    /// Inserts any number of tasks.
    pub async fn insert(&mut self, conn: &impl ConnectionTrait, tasks: Vec<NewTask>) -> Result<(), DbErr> {
        for chunk in tasks.chunks(BATCH) {
            self.chunk(conn, chunk).await?;
        }
        Ok(())
    }

    async fn chunk(&mut self, conn: &impl ConnectionTrait, tasks: &[NewTask]) -> Result<(), DbErr> {
        let mut values: Vec<Sql> = Vec::with_capacity(tasks.len() * 13);
        for task in tasks {
            let counted = task.annotations.iter().filter(|(a, _)| !a.was_cancelled).count() as i64;
            let people: std::collections::BTreeSet<_> = task.annotations.iter().map(|(_, by)| *by).collect();
            let labeled = !task.annotations.is_empty() && people.len() as i64 >= self.overlap;
            values.extend([
                self.project.into(),
                self.next_inner.into(),
                task.data.clone().into(),
                task.meta.clone().into(),
                labeled.into(),
                self.overlap.into(),
                task.allow_skip.into(),
                task.file_upload.into(),
                counted.into(),
                (task.annotations.len() as i64 - counted).into(),
                (task.predictions.len() as i64).into(),
                self.now.clone().into(),
                self.now.clone().into(),
            ]);
            self.next_inner += 1;
        }
        let sql = format!(
            "INSERT INTO tasks (project, inner_id, data, meta, is_labeled, overlap, allow_skip, file_upload, \
             total_annotations, cancelled_annotations, total_predictions, created_at, updated_at) VALUES {} RETURNING id",
            db::rows(conn, tasks.len(), 13)
        );
        let mut ids: Vec<i64> = Vec::with_capacity(tasks.len());
        for row in db::all(conn, &sql, values).await? {
            ids.push(row.try_get("", "id")?);
        }
        // The order of RETURNING is not promised; ids are handed out in the order of the rows.
        ids.sort_unstable();
        self.tasks += ids.len() as i64;
        for (id, task) in ids.iter().zip(tasks) {
            for (annotation, by) in &task.annotations {
                super::annotations::insert_imported(conn, *id, self.project, annotation, *by).await?;
                self.annotations += 1;
            }
            for prediction in &task.predictions {
                super::predictions::insert(conn, *id, self.project, prediction).await?;
                self.predictions += 1;
            }
        }
        let rich =
            ids.iter().zip(tasks).filter(|(_, t)| !t.annotations.is_empty() || !t.predictions.is_empty());
        super::recount::imported(conn, self.project, &rich.map(|(id, _)| *id).collect::<Vec<_>>()).await?;
        let annotated = ids.iter().zip(tasks).filter(|(_, t)| !t.annotations.is_empty());
        let annotated: Vec<i64> = annotated.map(|(id, _)| *id).collect();
        if !annotated.is_empty() {
            super::export_queue::tasks_changed(conn, self.project, &annotated).await?;
        }
        if self.keep_ids {
            self.ids.extend(ids);
        }
        Ok(())
    }
}

/// Export storages must be told first: they read the annotations.
const CHILDREN: [&str; 5] = ["annotations", "drafts", "predictions", "locks", "storage_links"];

pub async fn delete(conn: &impl ConnectionTrait, task: i64) -> Result<(), DbErr> {
    super::export_queue::task_changed(conn, task).await?;
    for table in CHILDREN {
        db::run(conn, &format!("DELETE FROM {table} WHERE task = $1"), vec![task.into()]).await?;
    }
    db::run(conn, "DELETE FROM tasks WHERE id = $1", vec![task.into()]).await?;
    Ok(())
}

pub async fn delete_all(conn: &impl ConnectionTrait, project: i64) -> Result<(), DbErr> {
    super::export_queue::project_changed(conn, project).await?;
    for table in CHILDREN {
        let sql = format!("DELETE FROM {table} WHERE task IN (SELECT id FROM tasks WHERE project = $1)");
        db::run(conn, &sql, vec![project.into()]).await?;
    }
    db::run(conn, "DELETE FROM tasks WHERE project = $1", vec![project.into()]).await?;
    Ok(())
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
        let sql = format!("SELECT id FROM tasks WHERE project = $1 AND id IN ({list}) ORDER BY id");
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
    for table in CHILDREN {
        let sql = format!(
            "DELETE FROM {table} WHERE task IN (SELECT id FROM tasks WHERE project = $1 AND id IN ({list}))"
        );
        db::run(conn, &sql, values()).await?;
    }
    let sql = format!("DELETE FROM tasks WHERE project = $1 AND id IN ({list})");
    Ok(db::run(conn, &sql, values()).await?.rows_affected() as i64)
}
