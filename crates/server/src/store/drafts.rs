//! Drafts: unsubmitted work of one user on a task or an annotation.

use crate::db;
use crate::store::json;
use crate::time;
use sea_orm::{ConnectionTrait, DbErr, QueryResult, Value as Sql};
use serde_json::{Value, json};

#[derive(Clone, Debug)]
pub struct Draft {
    pub id: i64,
    pub task: i64,
    pub annotation: Option<i64>,
    pub user: i64,
    pub email: String,
    pub result: Value,
    pub lead_time: Option<f64>,
    pub was_postponed: bool,
    pub created_at: String,
    pub updated_at: String,
}

impl Draft {
    fn from_row(row: &QueryResult) -> Result<Self, DbErr> {
        Ok(Self {
            id: row.try_get("", "id")?,
            task: row.try_get("", "task")?,
            annotation: row.try_get("", "annotation")?,
            user: row.try_get("", "user_id")?,
            email: row.try_get("", "email")?,
            result: json(row, "result")?,
            lead_time: row.try_get("", "lead_time")?,
            was_postponed: row.try_get("", "was_postponed")?,
            created_at: row.try_get("", "created_at")?,
            updated_at: row.try_get("", "updated_at")?,
        })
    }

    pub fn to_json(&self) -> Value {
        json!({
            "id": self.id, "user": self.email, "created_username": format!("{}, {}", self.email, self.user),
            "created_ago": time::ago(&self.created_at), "result": self.result, "lead_time": self.lead_time,
            "was_postponed": self.was_postponed, "import_id": null, "created_at": self.created_at,
            "updated_at": self.updated_at, "task": self.task, "annotation": self.annotation,
        })
    }
}

const COLUMNS: &str = "SELECT d.id, d.task, d.annotation, d.user_id, u.email AS email, d.result, d.lead_time, \
     d.was_postponed, d.created_at, d.updated_at FROM drafts d JOIN users u ON u.id = d.user_id";

/// A draft of the organization's tasks.
pub async fn get(conn: &impl ConnectionTrait, organization: i64, id: i64) -> Result<Option<Draft>, DbErr> {
    let sql = format!(
        "{COLUMNS} JOIN tasks t ON t.id = d.task JOIN projects p ON p.id = t.project \
         WHERE d.id = $1 AND p.organization = $2"
    );
    let row = db::one(conn, &sql, vec![id.into(), organization.into()]).await?;
    row.as_ref().map(Draft::from_row).transpose()
}

/// Drafts of some tasks, by id.
pub async fn of_tasks(conn: &impl ConnectionTrait, tasks: &[i64]) -> Result<Vec<Draft>, DbErr> {
    let mut out = Vec::new();
    for chunk in tasks.chunks(500) {
        let sql = format!("{COLUMNS} WHERE d.task IN ({}) ORDER BY d.id", db::placeholders(1, chunk.len()));
        let rows = db::all(conn, &sql, chunk.iter().map(|id| Sql::from(*id)).collect()).await?;
        for row in &rows {
            out.push(Draft::from_row(row)?);
        }
    }
    Ok(out)
}

/// Stores a new draft and gives its id.
pub async fn insert(
    conn: &impl ConnectionTrait,
    task: i64,
    annotation: Option<i64>,
    user: i64,
    result: &Value,
    lead_time: Option<f64>,
    was_postponed: bool,
) -> Result<i64, DbErr> {
    db::insert(
        conn,
        "INSERT INTO drafts (task, annotation, user_id, result, lead_time, was_postponed, created_at, updated_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $7)",
        vec![
            task.into(),
            annotation.into(),
            user.into(),
            result.to_string().into(),
            lead_time.into(),
            was_postponed.into(),
            time::now().into(),
        ],
    )
    .await
}

/// Stores a changed draft; `updated_at`, by which changes are told apart, always grows.
pub async fn update(conn: &impl ConnectionTrait, d: &mut Draft) -> Result<(), DbErr> {
    d.updated_at = time::after(&d.updated_at);
    db::run(
        conn,
        "UPDATE drafts SET result = $1, lead_time = $2, was_postponed = $3, updated_at = $4 WHERE id = $5",
        vec![
            d.result.to_string().into(),
            d.lead_time.into(),
            d.was_postponed.into(),
            d.updated_at.clone().into(),
            d.id.into(),
        ],
    )
    .await?;
    Ok(())
}

pub async fn delete(conn: &impl ConnectionTrait, id: i64) -> Result<(), DbErr> {
    db::run(conn, "DELETE FROM drafts WHERE id = $1", vec![id.into()]).await?;
    Ok(())
}
