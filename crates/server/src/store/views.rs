//! Views of the data manager: saved filters, orders and looks of a project's task list.

use crate::db;
use crate::store::json;
use sea_orm::{ConnectionTrait, DbErr, QueryResult};
use serde_json::{Value, json};

#[derive(Clone, Debug)]
pub struct View {
    pub id: i64,
    pub project: i64,
    pub user: i64,
    /// Filters, ordering and all that clients keep there; stored as it came.
    pub data: Value,
    pub position: i64,
}

impl View {
    fn from_row(row: &QueryResult) -> Result<Self, DbErr> {
        Ok(Self {
            id: row.try_get("", "id")?,
            project: row.try_get("", "project")?,
            user: row.try_get("", "user_id")?,
            data: json(row, "data")?,
            position: row.try_get("", "position")?,
        })
    }

    pub fn to_json(&self) -> Value {
        json!({
            "id": self.id, "data": self.data, "order": self.position, "user": self.user, "project": self.project,
        })
    }
}

const COLUMNS: &str = "SELECT v.id, v.project, v.user_id, v.data, v.position FROM views v";

pub async fn get(conn: &impl ConnectionTrait, organization: i64, id: i64) -> Result<Option<View>, DbErr> {
    let sql =
        format!("{COLUMNS} JOIN projects p ON p.id = v.project WHERE v.id = $1 AND p.organization = $2");
    let row = db::one(conn, &sql, vec![id.into(), organization.into()]).await?;
    row.as_ref().map(View::from_row).transpose()
}

pub async fn of_project(conn: &impl ConnectionTrait, project: i64) -> Result<Vec<View>, DbErr> {
    let sql = format!("{COLUMNS} WHERE v.project = $1 ORDER BY v.position, v.id");
    db::all(conn, &sql, vec![project.into()]).await?.iter().map(View::from_row).collect()
}

/// Views of all projects of an organization.
pub async fn of_organization(conn: &impl ConnectionTrait, organization: i64) -> Result<Vec<View>, DbErr> {
    let sql = format!(
        "{COLUMNS} WHERE v.project IN (SELECT id FROM projects WHERE organization = $1) ORDER BY v.project, v.position, v.id"
    );
    db::all(conn, &sql, vec![organization.into()]).await?.iter().map(View::from_row).collect()
}

/// Stores a new view and gives its id.
pub async fn insert(conn: &impl ConnectionTrait, view: &View) -> Result<i64, DbErr> {
    db::insert(
        conn,
        "INSERT INTO views (project, user_id, data, position) VALUES ($1, $2, $3, $4)",
        vec![view.project.into(), view.user.into(), view.data.to_string().into(), view.position.into()],
    )
    .await
}

pub async fn update(conn: &impl ConnectionTrait, view: &View) -> Result<(), DbErr> {
    let values = vec![view.data.to_string().into(), view.position.into(), view.id.into()];
    db::run(conn, "UPDATE views SET data = $1, position = $2 WHERE id = $3", values).await?;
    Ok(())
}

pub async fn delete(conn: &impl ConnectionTrait, id: i64) -> Result<(), DbErr> {
    db::run(conn, "DELETE FROM views WHERE id = $1", vec![id.into()]).await?;
    Ok(())
}

pub async fn delete_all(conn: &impl ConnectionTrait, project: i64) -> Result<(), DbErr> {
    db::run(conn, "DELETE FROM views WHERE project = $1", vec![project.into()]).await?;
    Ok(())
}

/// Places views of a project in this order; false where one is not the project's, and then nothing may be committed.
pub async fn place(conn: &impl ConnectionTrait, project: i64, ids: &[i64]) -> Result<bool, DbErr> {
    for (position, id) in ids.iter().enumerate() {
        let sql = "UPDATE views SET position = $1 WHERE id = $2 AND project = $3";
        let values = vec![(position as i64).into(), (*id).into(), project.into()];
        if db::run(conn, sql, values).await?.rows_affected() == 0 {
            return Ok(false);
        }
    }
    Ok(true)
}
