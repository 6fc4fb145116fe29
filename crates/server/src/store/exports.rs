//! Snapshots of exports, and the formats they were converted to.

use crate::db;
use crate::store::users;
use crate::time;
use sea_orm::{ConnectionTrait, DbErr, QueryResult};
use serde_json::{Value, json};

#[derive(Clone, Debug)]
pub struct Snapshot {
    pub id: i64,
    pub project: i64,
    pub created_by: Option<i64>,
    pub title: String,
    /// Below the folder of media; empty until it is completed.
    pub file: String,
    pub md5: String,
    pub task_number: i64,
    /// `created`, `in_progress`, `completed`, `failed`.
    pub status: String,
    /// The body it was asked with.
    pub options: Value,
    pub problem: Option<String>,
    pub job: Option<i64>,
    pub created_at: String,
    /// Empty until it has ended.
    pub finished_at: String,
}

const COLUMNS: &str = "SELECT id, project, created_by, title, file, md5, task_number, status, options, problem, job, \
     created_at, finished_at FROM exports";

impl Snapshot {
    fn of(row: &QueryResult) -> Result<Self, DbErr> {
        Ok(Self {
            id: row.try_get("", "id")?,
            project: row.try_get("", "project")?,
            created_by: row.try_get("", "created_by")?,
            title: row.try_get("", "title")?,
            file: row.try_get("", "file")?,
            md5: row.try_get("", "md5")?,
            task_number: row.try_get("", "task_number")?,
            status: row.try_get("", "status")?,
            options: super::json(row, "options")?,
            problem: row.try_get("", "problem")?,
            job: row.try_get("", "job")?,
            created_at: row.try_get("", "created_at")?,
            finished_at: row.try_get("", "finished_at")?,
        })
    }

    pub fn is_completed(&self) -> bool {
        self.status == "completed"
    }

    /// The object of spec/server.md 3.8.
    pub async fn to_json(&self, conn: &impl ConnectionTrait) -> Result<Value, DbErr> {
        let by = match self.created_by {
            Some(id) => users::by_id(conn, id).await?.map_or(Value::Null, |user| user.brief()),
            None => Value::Null,
        };
        let converted = conversions(conn, self.id).await?;
        let formats: Vec<Value> = converted.iter().map(Conversion::to_json).collect();
        let finished_at = Some(&self.finished_at).filter(|at| !at.is_empty());
        Ok(json!({
            "title": self.title, "id": self.id, "created_by": by, "created_at": self.created_at,
            "finished_at": finished_at, "status": self.status, "md5": self.md5,
            "counters": {"task_number": self.task_number}, "converted_formats": formats,
        }))
    }
}

pub async fn insert(
    conn: &impl ConnectionTrait,
    project: i64,
    user: i64,
    title: &str,
    options: &Value,
) -> Result<i64, DbErr> {
    db::insert(
        conn,
        "INSERT INTO exports (project, created_by, title, file, md5, task_number, status, options, created_at, finished_at) \
         VALUES ($1, $2, $3, '', '', 0, 'created', $4, $5, '')",
        vec![project.into(), user.into(), title.into(), options.to_string().into(), time::now().into()],
    )
    .await
}

pub async fn set_job(conn: &impl ConnectionTrait, id: i64, job: i64) -> Result<(), DbErr> {
    db::run(conn, "UPDATE exports SET job = $2 WHERE id = $1", vec![id.into(), job.into()]).await?;
    Ok(())
}

pub async fn by_id(conn: &impl ConnectionTrait, id: i64) -> Result<Option<Snapshot>, DbErr> {
    let row = db::one(conn, &format!("{COLUMNS} WHERE id = $1"), vec![id.into()]).await?;
    row.as_ref().map(Snapshot::of).transpose()
}

/// A snapshot of that project.
pub async fn get(conn: &impl ConnectionTrait, project: i64, id: i64) -> Result<Option<Snapshot>, DbErr> {
    Ok(by_id(conn, id).await?.filter(|snapshot| snapshot.project == project))
}

/// The newest snapshots of a project.
pub async fn list(conn: &impl ConnectionTrait, project: i64) -> Result<Vec<Snapshot>, DbErr> {
    let sql = format!("{COLUMNS} WHERE project = $1 ORDER BY id DESC LIMIT 100");
    db::all(conn, &sql, vec![project.into()]).await?.iter().map(Snapshot::of).collect()
}

pub async fn set_status(
    conn: &impl ConnectionTrait,
    id: i64,
    status: &str,
    problem: Option<&str>,
) -> Result<(), DbErr> {
    let finished = if status == "failed" { time::now() } else { String::new() };
    let sql = "UPDATE exports SET status = $2, problem = $3, finished_at = $4 WHERE id = $1 AND status <> 'completed'";
    let values = vec![id.into(), status.into(), problem.map(str::to_owned).into(), finished.into()];
    db::run(conn, sql, values).await?;
    Ok(())
}

/// False where the snapshot was deleted meanwhile.
pub async fn complete(
    conn: &impl ConnectionTrait,
    id: i64,
    file: &str,
    md5: &str,
    tasks: i64,
) -> Result<bool, DbErr> {
    let sql = "UPDATE exports SET status = 'completed', problem = NULL, file = $2, md5 = $3, task_number = $4, \
               finished_at = $5 WHERE id = $1";
    let values = vec![id.into(), file.into(), md5.into(), tasks.into(), time::now().into()];
    Ok(db::run(conn, sql, values).await?.rows_affected() == 1)
}

/// Snapshots and conversions whose job has ended without them have failed.
pub async fn fail_abandoned(conn: &impl ConnectionTrait) -> Result<(), DbErr> {
    for table in ["exports", "export_conversions"] {
        let sql = format!(
            "UPDATE {table} SET status = 'failed', problem = 'interrupted', finished_at = $1 WHERE status IN \
             ('created', 'in_progress') AND NOT EXISTS (SELECT 1 FROM jobs j WHERE j.id = {table}.job AND \
             j.state IN ('queued', 'running'))"
        );
        db::run(conn, &sql, vec![time::now().into()]).await?;
    }
    Ok(())
}

/// Deletes a snapshot with its conversions; the files come back, to be removed after the commit.
pub async fn delete(conn: &impl ConnectionTrait, id: i64) -> Result<Vec<String>, DbErr> {
    let mut files = Vec::new();
    for sql in [
        "DELETE FROM export_conversions WHERE export_id = $1 RETURNING file",
        "DELETE FROM exports WHERE id = $1 RETURNING file",
    ] {
        for row in db::all(conn, sql, vec![id.into()]).await? {
            files.push(row.try_get::<String>("", "file")?);
        }
    }
    files.retain(|file| !file.is_empty());
    Ok(files)
}

/// The same for all snapshots of a project.
pub async fn forget(conn: &impl ConnectionTrait, project: i64) -> Result<Vec<String>, DbErr> {
    let rows = db::all(conn, "SELECT id FROM exports WHERE project = $1", vec![project.into()]).await?;
    let mut files = Vec::new();
    for row in rows {
        files.extend(delete(conn, row.try_get("", "id")?).await?);
    }
    Ok(files)
}

#[derive(Clone, Debug)]
pub struct Conversion {
    pub id: i64,
    pub export: i64,
    pub export_type: String,
    pub status: String,
    pub file: String,
    pub problem: Option<String>,
}

impl Conversion {
    fn of(row: &QueryResult) -> Result<Self, DbErr> {
        Ok(Self {
            id: row.try_get("", "id")?,
            export: row.try_get("", "export_id")?,
            export_type: row.try_get("", "export_type")?,
            status: row.try_get("", "status")?,
            file: row.try_get("", "file")?,
            problem: row.try_get("", "problem")?,
        })
    }

    fn to_json(&self) -> Value {
        json!({"id": self.id, "status": self.status, "export_type": self.export_type, "traceback": self.problem})
    }
}

const CONVERSIONS: &str = "SELECT id, export_id, export_type, status, file, problem FROM export_conversions";

pub async fn conversions(conn: &impl ConnectionTrait, export: i64) -> Result<Vec<Conversion>, DbErr> {
    let sql = format!("{CONVERSIONS} WHERE export_id = $1 ORDER BY id");
    db::all(conn, &sql, vec![export.into()]).await?.iter().map(Conversion::of).collect()
}

pub async fn conversion(conn: &impl ConnectionTrait, id: i64) -> Result<Option<Conversion>, DbErr> {
    let row = db::one(conn, &format!("{CONVERSIONS} WHERE id = $1"), vec![id.into()]).await?;
    row.as_ref().map(Conversion::of).transpose()
}

/// Begins a conversion, also one that has failed before; nothing where there is one already.
pub async fn begin_conversion(
    conn: &impl ConnectionTrait,
    export: i64,
    export_type: &str,
) -> Result<Option<i64>, DbErr> {
    let sql = "INSERT INTO export_conversions (export_id, export_type, status, file, created_at) \
               VALUES ($1, $2, 'created', '', $3) ON CONFLICT (export_id, export_type) DO UPDATE SET \
               status = 'created', problem = NULL WHERE export_conversions.status = 'failed' RETURNING id";
    let row = db::one(conn, sql, vec![export.into(), export_type.into(), time::now().into()]).await?;
    row.map(|row| row.try_get("", "id")).transpose()
}

pub async fn set_conversion_job(conn: &impl ConnectionTrait, id: i64, job: i64) -> Result<(), DbErr> {
    let sql = "UPDATE export_conversions SET job = $2 WHERE id = $1";
    db::run(conn, sql, vec![id.into(), job.into()]).await?;
    Ok(())
}

/// False where it was deleted meanwhile.
pub async fn set_conversion(
    conn: &impl ConnectionTrait,
    id: i64,
    status: &str,
    file: &str,
    problem: Option<&str>,
) -> Result<bool, DbErr> {
    let sql =
        "UPDATE export_conversions SET status = $2, file = $3, problem = $4, finished_at = $5 WHERE id = $1";
    let problem = problem.map(str::to_owned);
    let values = vec![id.into(), status.into(), file.into(), problem.into(), time::now().into()];
    Ok(db::run(conn, sql, values).await?.rows_affected() == 1)
}
