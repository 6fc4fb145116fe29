//! Idempotency keys: what a resend of a request gets (spec of the header: draft-ietf-httpapi-idempotency-key-header).
//!
//! A key belongs to a person. It remembers which request it came with and which object that made or changed, not the
//! answer's text: a resend is answered with the object as it is now, which is the first answer unless it was changed since.

use crate::db;
use crate::time;
use sea_orm::{ConnectionTrait, DbErr, Value as Sql};
use std::collections::HashMap;

/// Keys are remembered so long; whoever resends later makes a new object.
pub const KEPT_DAYS: i64 = 14;
/// Why a key is refused.
pub const OTHER_USE: &str = "This Idempotency-Key was used for another request.";
/// Characters of a key that count.
const LENGTH: usize = 200;

/// A key as it is kept.
pub fn shortened(key: &str) -> String {
    key.chars().take(LENGTH).collect()
}

/// What a key was used for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Use {
    /// Method and path of the request.
    pub target: String,
    /// The object that it made or changed.
    pub object: i64,
}

/// Earlier uses of some keys, each with its person.
pub async fn find(
    conn: &impl ConnectionTrait,
    keys: &[(i64, &str)],
) -> Result<HashMap<(i64, String), Use>, DbErr> {
    if keys.is_empty() {
        return Ok(HashMap::new());
    }
    // Spelled out, as a list of pairs would be compared with the whole table.
    let pair = |n| format!("(user_id = ${} AND idempotency_key = ${})", n * 2 + 1, n * 2 + 2);
    let pairs: Vec<String> = (0..keys.len()).map(pair).collect();
    let sql = format!(
        "SELECT user_id, idempotency_key, target, object FROM idempotency_keys WHERE {}",
        pairs.join(" OR ")
    );
    let values = keys.iter().flat_map(|(user, key)| [Sql::from(*user), Sql::from(*key)]).collect();
    let mut found = HashMap::new();
    for row in db::all(conn, &sql, values).await? {
        let target: Option<String> = row.try_get("", "target")?;
        let object: Option<i64> = row.try_get("", "object")?;
        found.insert(
            (row.try_get("", "user_id")?, row.try_get("", "idempotency_key")?),
            Use { target: target.unwrap_or_default(), object: object.unwrap_or_default() },
        );
    }
    Ok(found)
}

/// Remembers uses, in the transaction of what they did.
pub async fn remember(conn: &impl ConnectionTrait, uses: &[(i64, &str, Use)]) -> Result<(), DbErr> {
    if uses.is_empty() {
        return Ok(());
    }
    let now = time::now();
    let sql = format!(
        "INSERT INTO idempotency_keys (user_id, idempotency_key, status, body, target, object, created_at) VALUES {}",
        db::rows(conn, uses.len(), 7)
    );
    let values = uses.iter().flat_map(|(user, key, used)| -> [Sql; 7] {
        [
            (*user).into(),
            (*key).into(),
            0i64.into(),
            "".into(),
            used.target.clone().into(),
            used.object.into(),
            now.clone().into(),
        ]
    });
    db::run(conn, &sql, values.collect()).await?;
    Ok(())
}

/// Forgets keys that nobody will use again.
pub async fn forget_old(conn: &impl ConnectionTrait) -> Result<(), DbErr> {
    let before = time::in_seconds(-KEPT_DAYS * 86_400);
    db::run(conn, "DELETE FROM idempotency_keys WHERE created_at < $1", vec![before.into()]).await?;
    Ok(())
}
