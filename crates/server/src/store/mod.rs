//! What is kept: one file per aggregate. Functions take any connection or transaction.

pub mod annotations;
pub mod drafts;
pub mod predictions;
pub mod projects;
pub mod tasks;
pub mod users;

use sea_orm::QueryResult;
use serde_json::Value;

/// A JSON column; unreadable text, which only a hand-edited database has, is null.
pub(crate) fn json(row: &QueryResult, column: &str) -> Result<Value, sea_orm::DbErr> {
    let text: String = row.try_get("", column)?;
    Ok(serde_json::from_str(&text).unwrap_or(Value::Null))
}
