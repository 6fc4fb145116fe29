//! Predictions.

use crate::db;
use crate::store::json;
use crate::time;
use sea_orm::{ConnectionTrait, DbErr, QueryResult, Value as Sql};
use serde_json::{Value, json};
use tagloom_formats::PredictionDraft;

#[derive(Clone, Debug)]
pub struct Prediction {
    pub id: i64,
    pub task: i64,
    pub project: i64,
    pub result: Value,
    pub score: Option<f64>,
    pub model_version: String,
    pub created_at: String,
    pub updated_at: String,
}

impl Prediction {
    fn from_row(row: &QueryResult) -> Result<Self, DbErr> {
        Ok(Self {
            id: row.try_get("", "id")?,
            task: row.try_get("", "task")?,
            project: row.try_get("", "project")?,
            result: json(row, "result")?,
            score: row.try_get("", "score")?,
            model_version: row.try_get("", "model_version")?,
            created_at: row.try_get("", "created_at")?,
            updated_at: row.try_get("", "updated_at")?,
        })
    }

    pub fn to_json(&self) -> Value {
        json!({
            "id": self.id, "result": self.result, "model_version": self.model_version,
            "created_ago": time::ago(&self.created_at), "score": self.score, "cluster": null, "neighbors": null,
            "mislabeling": 0.0, "created_at": self.created_at, "updated_at": self.updated_at, "model": null,
            "model_run": null, "task": self.task, "project": self.project,
        })
    }
}

const COLUMNS: &str = "SELECT p.id, p.task, p.project, p.result, p.score, p.model_version, p.created_at, p.updated_at \
     FROM predictions p";

pub async fn get(
    conn: &impl ConnectionTrait,
    organization: i64,
    id: i64,
) -> Result<Option<Prediction>, DbErr> {
    let sql =
        format!("{COLUMNS} JOIN projects o ON o.id = p.project WHERE p.id = $1 AND o.organization = $2");
    let row = db::one(conn, &sql, vec![id.into(), organization.into()]).await?;
    row.as_ref().map(Prediction::from_row).transpose()
}

/// Predictions of some tasks, by id.
pub async fn of_tasks(conn: &impl ConnectionTrait, tasks: &[i64]) -> Result<Vec<Prediction>, DbErr> {
    let mut out = Vec::new();
    for chunk in tasks.chunks(500) {
        let sql = format!("{COLUMNS} WHERE p.task IN ({}) ORDER BY p.id", db::placeholders(1, chunk.len()));
        let rows = db::all(conn, &sql, chunk.iter().map(|id| Sql::from(*id)).collect()).await?;
        for row in &rows {
            out.push(Prediction::from_row(row)?);
        }
    }
    Ok(out)
}

/// Predictions of a project.
pub async fn of_project(conn: &impl ConnectionTrait, project: i64) -> Result<Vec<Prediction>, DbErr> {
    let rows =
        db::all(conn, &format!("{COLUMNS} WHERE p.project = $1 ORDER BY p.id"), vec![project.into()]).await?;
    rows.iter().map(Prediction::from_row).collect()
}

/// Predictions of all projects of an organization.
pub async fn of_organization(
    conn: &impl ConnectionTrait,
    organization: i64,
) -> Result<Vec<Prediction>, DbErr> {
    let sql = format!(
        "{COLUMNS} WHERE p.project IN (SELECT id FROM projects WHERE organization = $1) ORDER BY p.id"
    );
    db::all(conn, &sql, vec![organization.into()]).await?.iter().map(Prediction::from_row).collect()
}

/// Model versions of a project, in order. Steps from one to the next, as there are few of them and many predictions.
pub async fn versions(conn: &impl ConnectionTrait, project: i64) -> Result<Vec<String>, DbErr> {
    let sql = "WITH RECURSIVE v(m) AS (SELECT MIN(model_version) FROM predictions WHERE project = $1 UNION ALL \
               SELECT (SELECT MIN(p.model_version) FROM predictions p WHERE p.project = $1 AND p.model_version > v.m) \
               FROM v WHERE v.m IS NOT NULL) SELECT m FROM v WHERE m IS NOT NULL";
    db::all(conn, sql, vec![project.into()]).await?.iter().map(|row| row.try_get("", "m")).collect()
}

/// Model versions of some tasks' predictions: task and version.
pub async fn versions_of_tasks(
    conn: &impl ConnectionTrait,
    tasks: &[i64],
) -> Result<Vec<(i64, String)>, DbErr> {
    let mut out = Vec::new();
    for chunk in tasks.chunks(500) {
        let list = db::placeholders(1, chunk.len());
        let sql = format!(
            "SELECT DISTINCT task, model_version FROM predictions WHERE task IN ({list}) ORDER BY task, model_version"
        );
        for row in &db::all(conn, &sql, chunk.iter().map(|id| Sql::from(*id)).collect()).await? {
            out.push((row.try_get("", "task")?, row.try_get("", "model_version")?));
        }
    }
    Ok(out)
}

/// Stores a new prediction and gives its id.
pub async fn insert(
    conn: &impl ConnectionTrait,
    task: i64,
    project: i64,
    draft: &PredictionDraft,
) -> Result<i64, DbErr> {
    db::insert(
        conn,
        "INSERT INTO predictions (task, project, result, score, model_version, mislabeling, created_at, updated_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $7)",
        vec![
            task.into(),
            project.into(),
            draft.result.to_string().into(),
            draft.score.into(),
            draft.model_version.clone().into(),
            0.0.into(),
            time::now().into(),
        ],
    )
    .await
}

/// Stores many new predictions, each with its task; gives their ids in order.
pub async fn insert_many(
    conn: &impl ConnectionTrait,
    project: i64,
    now: &str,
    drafts: &[(i64, &PredictionDraft)],
) -> Result<Vec<i64>, DbErr> {
    let mut ids = Vec::with_capacity(drafts.len());
    for chunk in drafts.chunks(500) {
        let mut values: Vec<Sql> = Vec::with_capacity(chunk.len() * 8);
        for (task, draft) in chunk {
            values.extend([
                (*task).into(),
                project.into(),
                draft.result.to_string().into(),
                draft.score.into(),
                draft.model_version.clone().into(),
                0.0.into(),
                now.into(),
                now.into(),
            ]);
        }
        let sql = format!(
            "INSERT INTO predictions (task, project, result, score, model_version, mislabeling, created_at, updated_at) \
             VALUES {} RETURNING id",
            db::rows(conn, chunk.len(), 8)
        );
        for row in db::all(conn, &sql, values).await? {
            ids.push(row.try_get_by_index(0)?);
        }
    }
    ids.sort_unstable();
    Ok(ids)
}

/// Deletes some predictions; the tasks they were for come back.
pub async fn delete_many(conn: &impl ConnectionTrait, project: i64, ids: &[i64]) -> Result<Vec<i64>, DbErr> {
    let mut tasks = Vec::new();
    for chunk in ids.chunks(500) {
        let list = db::placeholders(2, chunk.len());
        let values = std::iter::once(project.into()).chain(chunk.iter().map(|&id| Sql::from(id))).collect();
        let sql = format!("DELETE FROM predictions WHERE project = $1 AND id IN ({list}) RETURNING task");
        for row in db::all(conn, &sql, values).await? {
            tasks.push(row.try_get("", "task")?);
        }
    }
    tasks.sort_unstable();
    tasks.dedup();
    Ok(tasks)
}

pub async fn update(conn: &impl ConnectionTrait, p: &Prediction) -> Result<(), DbErr> {
    db::run(
        conn,
        "UPDATE predictions SET result = $1, score = $2, model_version = $3, updated_at = $4 WHERE id = $5",
        vec![
            p.result.to_string().into(),
            p.score.into(),
            p.model_version.clone().into(),
            time::now().into(),
            p.id.into(),
        ],
    )
    .await?;
    Ok(())
}

pub async fn delete(conn: &impl ConnectionTrait, id: i64) -> Result<(), DbErr> {
    db::run(conn, "DELETE FROM predictions WHERE id = $1", vec![id.into()]).await?;
    Ok(())
}
