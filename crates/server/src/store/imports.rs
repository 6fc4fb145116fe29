//! Imports: what was asked, what was found, and what each transaction has made.

use crate::db;
use crate::exchange::ranges;
use crate::time;
use sea_orm::{ConnectionTrait, DbErr, QueryResult};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// What an import brings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Brings {
    /// Tasks out of a body or new uploads.
    Tasks,
    /// Tasks out of uploads that are there, in place of those that came from them before.
    TasksAgain,
    /// Predictions for tasks that are there.
    Predictions,
}

impl Brings {
    pub fn name(self) -> &'static str {
        match self {
            Self::Tasks => "import",
            Self::TasksAgain => "reimport",
            Self::Predictions => "predictions",
        }
    }

    fn of(name: &str) -> Self {
        match name {
            "reimport" => Self::TasksAgain,
            "predictions" => Self::Predictions,
            _ => Self::Tasks,
        }
    }
}

/// What was asked for.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Options {
    /// False: the files are only stored and looked at.
    pub commit: bool,
    pub return_task_ids: bool,
    /// Fields that become predictions.
    pub fields: Vec<String>,
    /// False: a table or text is one task with the address of its file.
    pub files_as_tasks_list: bool,
}

/// A file to be read.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Source {
    /// Below the folder of media.
    pub path: String,
    /// As its owner calls it; nothing for a body, which is JSON.
    #[serde(default)]
    pub upload: Option<i64>,
    #[serde(default)]
    pub name: String,
}

/// What reading has found.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Found {
    pub tasks: i64,
    pub annotations: i64,
    pub predictions: i64,
    pub columns: Vec<String>,
    pub could_be_list: bool,
    /// Of the last prediction.
    pub model_version: Option<String>,
    /// Seconds of work.
    pub duration: f64,
}

/// Why it failed: a status of HTTP and what was wrong, where.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Problem {
    pub status: u16,
    pub detail: String,
    #[serde(default)]
    pub items: Vec<String>,
}

#[derive(Clone, Debug)]
pub struct Import {
    pub id: i64,
    pub project: i64,
    pub user: i64,
    pub brings: Brings,
    pub job: Option<i64>,
    /// `created`, `in_progress`, `completed`, `failed`.
    pub status: String,
    pub options: Options,
    pub sources: Vec<Source>,
    pub found: Found,
    pub task_count: i64,
    pub annotation_count: i64,
    pub prediction_count: i64,
    pub problem: Option<Problem>,
    pub created_at: String,
    pub updated_at: String,
    pub finished_at: Option<String>,
}

impl Import {
    fn of(row: &QueryResult) -> Result<Self, DbErr> {
        fn part<T: Default + serde::de::DeserializeOwned>(
            row: &QueryResult,
            column: &str,
        ) -> Result<T, DbErr> {
            let text: Option<String> = row.try_get("", column)?;
            Ok(text.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default())
        }
        Ok(Self {
            id: row.try_get("", "id")?,
            project: row.try_get("", "project")?,
            user: row.try_get("", "user_id")?,
            brings: Brings::of(&row.try_get::<String>("", "kind")?),
            job: row.try_get("", "job")?,
            status: row.try_get("", "status")?,
            options: part(row, "options")?,
            sources: part(row, "sources")?,
            found: part(row, "found")?,
            task_count: row.try_get("", "task_count")?,
            annotation_count: row.try_get("", "annotation_count")?,
            prediction_count: row.try_get("", "prediction_count")?,
            problem: part(row, "problem")?,
            created_at: row.try_get("", "created_at")?,
            updated_at: row.try_get("", "updated_at")?,
            finished_at: row.try_get("", "finished_at")?,
        })
    }

    pub fn is_open(&self) -> bool {
        matches!(self.status.as_str(), "created" | "in_progress")
    }

    pub fn upload_ids(&self) -> Vec<i64> {
        self.sources.iter().filter_map(|source| source.upload).collect()
    }

    /// Files per extension.
    pub fn formats(&self) -> Map<String, Value> {
        let mut formats = Map::new();
        for source in self.sources.iter().filter(|source| source.upload.is_some()) {
            let extension = source.name.rsplit_once('.').map_or("", |(_, e)| e).to_ascii_lowercase();
            let count = formats.entry(format!(".{extension}")).or_insert_with(|| 0.into());
            *count = (count.as_i64().unwrap_or(0) + 1).into();
        }
        formats
    }

    /// As the status route shows it (spec/server.md 3.2).
    pub fn to_json(&self, task_ids: Vec<i64>) -> Value {
        let error = self.problem.as_ref().map(|problem| {
            if problem.items.is_empty() { problem.detail.clone() } else { problem.items.join("\n") }
        });
        let mut out = json!({
            "id": self.id, "project": self.project, "status": self.status, "job": self.job, "error": error,
            "traceback": null, "created_at": self.created_at, "updated_at": self.updated_at,
            "finished_at": self.finished_at, "task_count": self.task_count,
            "annotation_count": self.annotation_count, "prediction_count": self.prediction_count,
            "duration": self.found.duration, "file_upload_ids": self.upload_ids(),
            "found_formats": self.formats(), "data_columns": self.found.columns,
        });
        if self.brings == Brings::TasksAgain {
            out["files_as_tasks_list"] = self.options.files_as_tasks_list.into();
        } else {
            out["preannotated_from_fields"] = self.options.fields.clone().into();
            out["commit_to_project"] = self.options.commit.into();
            out["return_task_ids"] = self.options.return_task_ids.into();
            out["could_be_tasks_list"] = self.found.could_be_list.into();
            out["task_ids"] = task_ids.into();
        }
        out
    }
}

pub async fn insert(
    conn: &impl ConnectionTrait,
    project: i64,
    user: i64,
    brings: Brings,
    options: &Options,
    sources: &[Source],
) -> Result<i64, DbErr> {
    let now = time::now();
    db::insert(
        conn,
        "INSERT INTO imports (project, user_id, kind, status, options, sources, found, task_count, annotation_count, \
         prediction_count, created_at, updated_at) VALUES ($1, $2, $3, 'created', $4, $5, '{}', 0, 0, 0, $6, $7)",
        vec![
            project.into(),
            user.into(),
            brings.name().into(),
            json!(options).to_string().into(),
            json!(sources).to_string().into(),
            now.clone().into(),
            now.into(),
        ],
    )
    .await
}

pub async fn set_job(conn: &impl ConnectionTrait, id: i64, job: i64) -> Result<(), DbErr> {
    db::run(conn, "UPDATE imports SET job = $2 WHERE id = $1", vec![id.into(), job.into()]).await?;
    Ok(())
}

const COLUMNS: &str = "SELECT id, project, user_id, kind, job, status, options, sources, found, task_count, \
     annotation_count, prediction_count, problem, created_at, updated_at, finished_at FROM imports";

pub async fn get(conn: &impl ConnectionTrait, id: i64) -> Result<Option<Import>, DbErr> {
    let row = db::one(conn, &format!("{COLUMNS} WHERE id = $1"), vec![id.into()]).await?;
    row.as_ref().map(Import::of).transpose()
}

/// Imports that nobody works on any more, although they have not ended.
pub async fn abandoned(conn: &impl ConnectionTrait) -> Result<Vec<i64>, DbErr> {
    let sql = "SELECT i.id FROM imports i LEFT JOIN jobs j ON j.id = i.job WHERE i.status IN ('created', 'in_progress') \
               AND (j.id IS NULL OR j.state NOT IN ('queued', 'running')) ORDER BY i.id";
    db::all(conn, sql, vec![]).await?.iter().map(|row| row.try_get("", "id")).collect()
}

/// Reading is over and all is well: what was found.
pub async fn set_found(conn: &impl ConnectionTrait, id: i64, found: &Found) -> Result<(), DbErr> {
    let sql = "UPDATE imports SET status = 'in_progress', found = $2, updated_at = $3 WHERE id = $1";
    db::run(conn, sql, vec![id.into(), json!(found).to_string().into(), time::now().into()]).await?;
    Ok(())
}

/// The end, good or bad.
pub async fn end(conn: &impl ConnectionTrait, import: &Import) -> Result<(), DbErr> {
    let now = time::now();
    db::run(
        conn,
        "UPDATE imports SET status = $2, found = $3, task_count = $4, annotation_count = $5, prediction_count = $6, \
         problem = $7, updated_at = $8, finished_at = $9 WHERE id = $1",
        vec![
            import.id.into(),
            import.status.clone().into(),
            json!(import.found).to_string().into(),
            import.task_count.into(),
            import.annotation_count.into(),
            import.prediction_count.into(),
            import.problem.as_ref().map(|problem| json!(problem).to_string()).into(),
            now.clone().into(),
            now.into(),
        ],
    )
    .await?;
    Ok(())
}

/// Notes what a transaction has made.
pub async fn add_batch(conn: &impl ConnectionTrait, id: i64, made: &[i64]) -> Result<(), DbErr> {
    let sql = "INSERT INTO import_batches (import_id, ids) VALUES ($1, $2)";
    db::run(conn, sql, vec![id.into(), ranges::written(made).into()]).await?;
    Ok(())
}

/// The newest batch, and what it has made.
pub async fn last_batch(conn: &impl ConnectionTrait, id: i64) -> Result<Option<(i64, Vec<i64>)>, DbErr> {
    let sql = "SELECT id, ids FROM import_batches WHERE import_id = $1 ORDER BY id DESC LIMIT 1";
    let Some(row) = db::one(conn, sql, vec![id.into()]).await? else { return Ok(None) };
    Ok(Some((row.try_get("", "id")?, ranges::read(&row.try_get::<String>("", "ids")?))))
}

pub async fn remove_batch(conn: &impl ConnectionTrait, batch: i64) -> Result<(), DbErr> {
    db::run(conn, "DELETE FROM import_batches WHERE id = $1", vec![batch.into()]).await?;
    Ok(())
}

/// Everything an import has made, in order.
pub async fn made(conn: &impl ConnectionTrait, id: i64) -> Result<Vec<i64>, DbErr> {
    let sql = "SELECT ids FROM import_batches WHERE import_id = $1 ORDER BY id";
    let mut made = Vec::new();
    for row in db::all(conn, sql, vec![id.into()]).await? {
        made.extend(ranges::read(&row.try_get::<String>("", "ids")?));
    }
    Ok(made)
}

/// Forgets all imports of a project; the bodies that still wait come back, to be removed after the commit.
pub async fn forget(conn: &impl ConnectionTrait, project: i64) -> Result<Vec<String>, DbErr> {
    let open = format!("{COLUMNS} WHERE project = $1 AND status IN ('created', 'in_progress')");
    let mut files = Vec::new();
    for row in db::all(conn, &open, vec![project.into()]).await? {
        let sources = Import::of(&row)?.sources;
        files.extend(sources.into_iter().filter(|source| source.upload.is_none()).map(|source| source.path));
    }
    let batches = "DELETE FROM import_batches WHERE import_id IN (SELECT id FROM imports WHERE project = $1)";
    db::run(conn, batches, vec![project.into()]).await?;
    db::run(conn, "DELETE FROM imports WHERE project = $1", vec![project.into()]).await?;
    Ok(files)
}
