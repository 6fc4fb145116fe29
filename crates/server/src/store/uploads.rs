//! Uploaded files of projects.

use crate::db;
use crate::time;
use sea_orm::{ConnectionTrait, DbErr, QueryResult, Value as Sql};
use serde_json::{Value, json};

#[derive(Clone, Debug)]
pub struct Upload {
    pub id: i64,
    pub project: i64,
    /// Below the folder of media: `upload/<project>/<8 hex>-<name>`.
    pub file: String,
    pub size: i64,
}

impl Upload {
    fn of(row: &QueryResult) -> Result<Self, DbErr> {
        Ok(Self {
            id: row.try_get("", "id")?,
            project: row.try_get("", "project")?,
            file: row.try_get("", "file")?,
            size: row.try_get("", "size")?,
        })
    }

    pub fn to_json(&self) -> Value {
        json!({"id": self.id, "file": self.file, "size": self.size})
    }

    /// As its owner called it, or nearly.
    pub fn name(&self) -> &str {
        let base = self.file.rsplit('/').next().unwrap_or_default();
        base.split_once('-').map_or(base, |(_, name)| name)
    }

    /// What tasks hold.
    pub fn url(&self) -> String {
        format!("/data/{}", self.file)
    }
}

const COLUMNS: &str = "SELECT f.id, f.project, f.file, f.size FROM file_uploads f";
/// Values of one statement.
const CHUNK: usize = 500;

pub async fn insert(
    conn: &impl ConnectionTrait,
    project: i64,
    user: i64,
    file: &str,
    size: u64,
) -> Result<i64, DbErr> {
    db::insert(
        conn,
        "INSERT INTO file_uploads (project, user_id, file, size, created_at) VALUES ($1, $2, $3, $4, $5)",
        vec![project.into(), user.into(), file.into(), db::bounded(size).into(), time::now().into()],
    )
    .await
}

/// An upload of a project of that organization.
pub async fn get(conn: &impl ConnectionTrait, organization: i64, id: i64) -> Result<Option<Upload>, DbErr> {
    let sql =
        format!("{COLUMNS} JOIN projects p ON p.id = f.project WHERE f.id = $1 AND p.organization = $2");
    db::one(conn, &sql, vec![id.into(), organization.into()]).await?.as_ref().map(Upload::of).transpose()
}

/// All uploads of a project, or those of these ids, by id.
pub async fn list(
    conn: &impl ConnectionTrait,
    project: i64,
    ids: Option<&[i64]>,
) -> Result<Vec<Upload>, DbErr> {
    let Some(ids) = ids else {
        let sql = format!("{COLUMNS} WHERE f.project = $1 ORDER BY f.id");
        return db::all(conn, &sql, vec![project.into()]).await?.iter().map(Upload::of).collect();
    };
    let mut ids = ids.to_vec();
    ids.sort_unstable();
    ids.dedup();
    let mut found = Vec::new();
    for chunk in ids.chunks(CHUNK) {
        let list = db::placeholders(2, chunk.len());
        let sql = format!("{COLUMNS} WHERE f.project = $1 AND f.id IN ({list}) ORDER BY f.id");
        for row in db::all(conn, &sql, values(project, chunk)).await? {
            found.push(Upload::of(&row)?);
        }
    }
    Ok(found)
}

fn values(project: i64, ids: &[i64]) -> Vec<Sql> {
    std::iter::once(project.into()).chain(ids.iter().map(|&id| id.into())).collect()
}

pub async fn resize(conn: &impl ConnectionTrait, id: i64, size: u64) -> Result<(), DbErr> {
    let sql = "UPDATE file_uploads SET size = $2 WHERE id = $1";
    db::run(conn, sql, vec![id.into(), db::bounded(size).into()]).await?;
    Ok(())
}

/// Forgets uploads of a project; their tasks stay. Gives the files, to be removed after the commit.
pub async fn delete(conn: &impl ConnectionTrait, project: i64, ids: &[i64]) -> Result<Vec<String>, DbErr> {
    let mut files = Vec::new();
    for chunk in ids.chunks(CHUNK) {
        let list = db::placeholders(2, chunk.len());
        let tasks =
            format!("UPDATE tasks SET file_upload = NULL WHERE project = $1 AND file_upload IN ({list})");
        db::run(conn, &tasks, values(project, chunk)).await?;
        let sql = format!("DELETE FROM file_uploads WHERE project = $1 AND id IN ({list}) RETURNING file");
        for row in db::all(conn, &sql, values(project, chunk)).await? {
            files.push(row.try_get("", "file")?);
        }
    }
    Ok(files)
}
