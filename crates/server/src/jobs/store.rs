//! The rows of jobs.

use crate::db;
use crate::time;
use sea_orm::{ConnectionTrait, DbErr, QueryResult, Value as Sql};
use serde_json::{Value, json};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    Queued,
    Running,
    Completed,
    Failed,
    Cancelled,
}

impl State {
    pub fn name(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Completed => "completed",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }

    fn of(name: &str) -> Self {
        match name {
            "queued" => Self::Queued,
            "running" => Self::Running,
            "completed" => Self::Completed,
            "cancelled" => Self::Cancelled,
            _ => Self::Failed,
        }
    }

    pub fn is_final(self) -> bool {
        !matches!(self, Self::Queued | Self::Running)
    }
}

/// A job to be.
#[derive(Clone, Debug, Default)]
pub struct New {
    pub kind: &'static str,
    pub organization: i64,
    pub project: Option<i64>,
    pub user: Option<i64>,
    /// While a job of this key is queued or running, asking again gives that one.
    pub unique_key: Option<String>,
    /// What to do; the kind reads it with [`super::Handle::payload`].
    pub payload: Value,
    pub total: Option<i64>,
}

#[derive(Clone, Debug)]
pub struct Job {
    pub id: i64,
    pub kind: String,
    pub organization: i64,
    pub project: Option<i64>,
    pub user: Option<i64>,
    pub payload: Value,
    pub state: State,
    pub resume_point: Option<Value>,
    pub done: i64,
    pub total: Option<i64>,
    pub message: String,
    pub result: Value,
    pub error: Option<String>,
    pub error_count: i64,
    pub attempts: i64,
    pub cancel_requested: bool,
    /// The request that asked for it, as the log knows it.
    pub request_id: Option<String>,
    pub created_at: String,
    pub started_at: Option<String>,
    pub finished_at: Option<String>,
    pub updated_at: String,
}

pub(super) const COLUMNS: &str = "id, kind, organization, project, user_id, payload, state, resume_point, done, total, \
     message, result, error, error_count, attempts, cancel_requested, request_id, created_at, started_at, finished_at, updated_at";

impl Job {
    pub(super) fn of(row: &QueryResult) -> Result<Self, DbErr> {
        let json = |column: &str| -> Result<Option<Value>, DbErr> {
            let text: Option<String> = row.try_get("", column)?;
            Ok(text.and_then(|text| serde_json::from_str(&text).ok()))
        };
        Ok(Self {
            id: row.try_get("", "id")?,
            kind: row.try_get("", "kind")?,
            organization: row.try_get("", "organization")?,
            project: row.try_get("", "project")?,
            user: row.try_get("", "user_id")?,
            payload: json("payload")?.unwrap_or_default(),
            state: State::of(&row.try_get::<String>("", "state")?),
            resume_point: json("resume_point")?,
            done: row.try_get("", "done")?,
            total: row.try_get("", "total")?,
            message: row.try_get("", "message")?,
            result: json("result")?.unwrap_or_default(),
            error: row.try_get("", "error")?,
            error_count: row.try_get("", "error_count")?,
            attempts: row.try_get("", "attempts")?,
            cancel_requested: row.try_get("", "cancel_requested")?,
            request_id: row.try_get("", "request_id")?,
            created_at: row.try_get("", "created_at")?,
            started_at: row.try_get("", "started_at")?,
            finished_at: row.try_get("", "finished_at")?,
            updated_at: row.try_get("", "updated_at")?,
        })
    }

    /// Whether it can be taken up again.
    pub fn is_resumable(&self) -> bool {
        let kind = super::KINDS.iter().find(|kind| kind.name() == self.kind);
        matches!(self.state, State::Failed | State::Cancelled) && kind.is_none_or(|kind| kind.goes_on())
    }

    /// What clients see; never the payload, which may hold what only the work needs.
    pub fn to_json(&self) -> Value {
        json!({
            "id": self.id,
            "kind": self.kind,
            "project": self.project,
            "created_by": self.user,
            "state": self.state.name(),
            "done": self.done,
            "total": self.total,
            "message": self.message,
            "result": self.result,
            "error": self.error,
            "error_count": self.error_count,
            "cancel_requested": self.cancel_requested,
            "request_id": self.request_id,
            "resumable": self.is_resumable(),
            "created_at": self.created_at,
            "started_at": self.started_at,
            "finished_at": self.finished_at,
            "updated_at": self.updated_at,
        })
    }
}

/// Queues a job inside the caller's transaction; after its commit call [`super::Jobs::wake`]. Gives the id, of the job
/// that is already there where the key is taken.
pub async fn enqueue(conn: &impl ConnectionTrait, new: New) -> Result<i64, DbErr> {
    let now = time::now();
    let row = db::one(
        conn,
        "INSERT INTO jobs (kind, organization, project, user_id, unique_key, payload, state, done, total, message, \
         error_count, attempts, cancel_requested, run_after, created_at, updated_at, request_id) \
         VALUES ($1, $2, $3, $4, $5, $6, 'queued', 0, $7, '', 0, 0, $8, $9, $10, $11, $12) ON CONFLICT DO NOTHING RETURNING id",
        vec![
            new.kind.into(),
            new.organization.into(),
            new.project.into(),
            new.user.into(),
            new.unique_key.clone().into(),
            new.payload.to_string().into(),
            new.total.into(),
            false.into(),
            now.clone().into(),
            now.clone().into(),
            now.into(),
            crate::request::id().into(),
        ],
    )
    .await?;
    if let Some(row) = row {
        return row.try_get("", "id");
    }
    let active = "SELECT id FROM jobs WHERE unique_key = $1 AND state IN ('queued', 'running')";
    match db::one(conn, active, vec![new.unique_key.into()]).await? {
        Some(row) => row.try_get("", "id"),
        None => Err(DbErr::Custom("a job of this key has just ended; ask again".into())),
    }
}

pub async fn by_id(conn: &impl ConnectionTrait, id: i64) -> Result<Option<Job>, DbErr> {
    let row = db::one(conn, &format!("SELECT {COLUMNS} FROM jobs WHERE id = $1"), vec![id.into()]).await?;
    row.as_ref().map(Job::of).transpose()
}

/// Jobs of an organization, of one project if given, newest first.
pub async fn list(
    conn: &impl ConnectionTrait,
    organization: i64,
    project: Option<i64>,
    limit: u64,
    offset: u64,
) -> Result<Vec<Job>, DbErr> {
    let mut values: Vec<Sql> =
        vec![organization.into(), db::bounded(limit).into(), db::bounded(offset).into()];
    let mut of_project = "";
    if let Some(project) = project {
        of_project = "AND project = $4";
        values.push(project.into());
    }
    let sql = format!(
        "SELECT {COLUMNS} FROM jobs WHERE organization = $1 {of_project} ORDER BY id DESC LIMIT $2 OFFSET $3"
    );
    db::all(conn, &sql, values).await?.iter().map(Job::of).collect()
}

/// What went wrong with one object of a job.
#[derive(Clone, Debug)]
pub struct JobError {
    pub id: i64,
    /// A key, a file, a row.
    pub subject: String,
    pub message: String,
    pub created_at: String,
}

pub async fn errors(
    conn: &impl ConnectionTrait,
    job: i64,
    limit: u64,
    offset: u64,
) -> Result<Vec<JobError>, DbErr> {
    let sql = "SELECT id, subject, message, created_at FROM job_errors WHERE job = $1 ORDER BY id LIMIT $2 OFFSET $3";
    let values = vec![job.into(), db::bounded(limit).into(), db::bounded(offset).into()];
    let of = |row: &QueryResult| -> Result<JobError, DbErr> {
        Ok(JobError {
            id: row.try_get("", "id")?,
            subject: row.try_get("", "subject")?,
            message: row.try_get("", "message")?,
            created_at: row.try_get("", "created_at")?,
        })
    };
    db::all(conn, sql, values).await?.iter().map(of).collect()
}

/// Cancels a job. A worker ends it: the one that runs it at its next checkpoint, else whoever takes it, because something
/// of it may have to be taken away.
pub async fn cancel(conn: &impl ConnectionTrait, id: i64) -> Result<(), DbErr> {
    let now = time::now();
    let waiting = "UPDATE jobs SET cancel_requested = $2, run_after = $3, updated_at = $4 WHERE id = $1 AND state = 'queued'";
    db::run(conn, waiting, vec![id.into(), true.into(), now.clone().into(), now.into()]).await?;
    request_cancel(conn, id).await
}

/// Tells the worker of a running job to stop.
pub async fn request_cancel(conn: &impl ConnectionTrait, id: i64) -> Result<(), DbErr> {
    let running =
        "UPDATE jobs SET cancel_requested = $2, updated_at = $3 WHERE id = $1 AND state = 'running'";
    db::run(conn, running, vec![id.into(), true.into(), time::now().into()]).await?;
    Ok(())
}

/// Queues a failed or cancelled job again, from its resume point. False where it is in another state, or where another
/// job of its key is at work.
pub async fn resume(conn: &impl ConnectionTrait, id: i64) -> Result<bool, DbErr> {
    let now = time::now();
    let sql = "UPDATE jobs SET state = 'queued', cancel_requested = $2, attempts = 0, error = NULL, finished_at = NULL, \
               worker = NULL, lease_until = NULL, run_after = $3, updated_at = $4 \
               WHERE id = $1 AND state IN ('failed', 'cancelled') AND NOT EXISTS (SELECT 1 FROM jobs o \
               WHERE o.unique_key = jobs.unique_key AND o.state IN ('queued', 'running'))";
    let done = db::run(conn, sql, vec![id.into(), false.into(), now.clone().into(), now.into()]).await?;
    Ok(done.rows_affected() == 1)
}

/// Forgets jobs that ended before a time.
pub async fn remove_old(conn: &impl ConnectionTrait, before: &str) -> Result<(), DbErr> {
    let old = "SELECT id FROM jobs WHERE finished_at < $1";
    db::run(conn, &format!("DELETE FROM job_errors WHERE job IN ({old})"), vec![before.into()]).await?;
    db::run(conn, "DELETE FROM jobs WHERE finished_at < $1", vec![before.into()]).await?;
    Ok(())
}
