//! Reading the log: newest first, by organization, action and person.

use super::Action;
use crate::db;
use sea_orm::{ConnectionTrait, DbErr, QueryResult, Value as Sql};
use serde_json::{Value, json};

#[derive(Clone, Debug)]
pub struct Entry {
    pub id: i64,
    pub created_at: String,
    pub user: Option<i64>,
    pub email: String,
    pub action: String,
    pub details: Value,
    pub request_id: String,
    pub address: String,
}

impl Entry {
    fn from_row(row: &QueryResult) -> Result<Self, DbErr> {
        Ok(Self {
            id: row.try_get("", "id")?,
            created_at: row.try_get("", "created_at")?,
            user: row.try_get("", "user_id")?,
            email: row.try_get("", "email")?,
            action: row.try_get("", "action")?,
            details: crate::store::json(row, "details")?,
            request_id: row.try_get("", "request_id")?,
            address: row.try_get("", "address")?,
        })
    }

    pub fn to_json(&self) -> Value {
        json!({
            "id": self.id, "created_at": self.created_at, "action": self.action, "user": self.user,
            "email": self.email, "details": self.details, "request_id": self.request_id, "address": self.address,
        })
    }
}

/// Which entries.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Only what belongs to it; where it is the only one, also what belongs to nobody, such as guesses of unknown
    /// addresses. Without an organization everything.
    pub organization: Option<i64>,
    pub action: Option<Action>,
    pub user: Option<i64>,
    pub email: Option<String>,
}

impl Filter {
    async fn condition(&self, conn: &impl ConnectionTrait) -> Result<(String, Vec<Sql>), DbErr> {
        let mut parts = Vec::new();
        let mut values: Vec<Sql> = Vec::new();
        if let Some(organization) = self.organization {
            values.push(organization.into());
            let alone = db::count(conn, "SELECT COUNT(*) FROM organizations", vec![]).await? == 1;
            parts.push(if alone {
                "(organization = $1 OR organization IS NULL)".to_owned()
            } else {
                "organization = $1".to_owned()
            });
        }
        if let Some(action) = self.action {
            values.push(action.name().into());
            parts.push(format!("action = ${}", values.len()));
        }
        if let Some(user) = self.user {
            values.push(user.into());
            parts.push(format!("user_id = ${}", values.len()));
        }
        if let Some(email) = &self.email {
            values.push(email.trim().to_lowercase().into());
            parts.push(format!("email = ${}", values.len()));
        }
        let condition =
            if parts.is_empty() { String::new() } else { format!(" WHERE {}", parts.join(" AND ")) };
        Ok((condition, values))
    }
}

pub async fn count(conn: &impl ConnectionTrait, filter: &Filter) -> Result<i64, DbErr> {
    let (condition, values) = filter.condition(conn).await?;
    db::count(conn, &format!("SELECT COUNT(*) FROM audit_log{condition}"), values).await
}

/// A part of the log, newest first.
pub async fn list(
    conn: &impl ConnectionTrait,
    filter: &Filter,
    limit: u64,
    offset: u64,
) -> Result<Vec<Entry>, DbErr> {
    let (condition, mut values) = filter.condition(conn).await?;
    values.push(db::bounded(limit).into());
    values.push(db::bounded(offset).into());
    let sql = format!(
        "SELECT id, created_at, user_id, email, action, details, request_id, address FROM audit_log{condition} \
         ORDER BY id DESC LIMIT ${} OFFSET ${}",
        values.len() - 1,
        values.len()
    );
    db::all(conn, &sql, values).await?.iter().map(Entry::from_row).collect()
}
