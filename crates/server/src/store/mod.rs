//! What is kept: one file per aggregate. Functions take any connection or transaction.

pub mod annotations;
pub mod avatars;
pub mod counters;
pub mod drafts;
pub mod export_queue;
pub mod exports;
pub mod idempotency;
pub mod imports;
pub mod inserter;
pub mod labels;
pub mod legacy_tokens;
pub mod organizations;
pub mod overlap;
pub mod predictions;
pub mod product_tours;
pub mod projects;
pub mod recount;
pub mod selected;
pub mod storages;
pub mod stream;
pub mod tally;
pub mod tasks;
pub mod tokens;
pub mod uploads;
pub mod users;
pub mod views;
pub mod webhooks;

use sea_orm::QueryResult;
use serde_json::{Map, Value};

/// The object with its keys in this order; keys without a place come last.
pub(crate) fn in_order(mut object: Map<String, Value>, keys: &[&str]) -> Value {
    let mut out = Map::new();
    for key in keys {
        if let Some((key, value)) = object.shift_remove_entry(*key) {
            out.insert(key, value);
        }
    }
    out.append(&mut object);
    Value::Object(out)
}

/// A JSON column; unreadable text, which only a hand-edited database has, is null.
pub(crate) fn json(row: &QueryResult, column: &str) -> Result<Value, sea_orm::DbErr> {
    let text: String = row.try_get("", column)?;
    Ok(serde_json::from_str(&text).unwrap_or(Value::Null))
}
