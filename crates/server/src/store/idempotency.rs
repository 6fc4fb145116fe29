//! Idempotency keys: what a resend of a request gets (spec of the header: draft-ietf-httpapi-idempotency-key-header).
//!
//! A key belongs to a person. It remembers which request it came with and which object that made or changed, not the
//! answer's text: a resend is answered with the object as it is now, which is the first answer unless it was changed since.

use crate::db::{self, Said};
use crate::time;
use sea_orm::{ConnectionTrait, DbErr, Value as Sql};

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

impl Use {
    /// As it stands in its row.
    pub fn of(target: Option<String>, object: Option<i64>) -> Self {
        Self { target: target.unwrap_or_default(), object: object.unwrap_or_default() }
    }
}

/// The earlier use of a person's key.
pub async fn find(conn: &impl ConnectionTrait, user: i64, key: &str) -> Result<Option<Use>, DbErr> {
    let sql = "SELECT target, object FROM idempotency_keys WHERE user_id = $1 AND idempotency_key = $2";
    let row = db::one(conn, sql, vec![user.into(), key.into()]).await?;
    row.map(|row| Ok(Use::of(row.try_get("", "target")?, row.try_get("", "object")?))).transpose()
}

/// Remembers a use, in the transaction of what it did.
pub async fn remember(conn: &impl ConnectionTrait, user: i64, key: &str, used: Use) -> Result<(), DbErr> {
    if let Some((sql, values)) = remembering(conn, &[(user, key, used)]) {
        db::run(conn, &sql, values).await?;
    }
    Ok(())
}

/// The statement that remembers uses, to be run together with others; none for none.
pub fn remembering(conn: &impl ConnectionTrait, uses: &[(i64, &str, Use)]) -> Option<Said> {
    if uses.is_empty() {
        return None;
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
    Some((sql, values.collect()))
}

/// Forgets keys that nobody will use again.
pub async fn forget_old(conn: &impl ConnectionTrait) -> Result<(), DbErr> {
    let before = time::in_seconds(-KEPT_DAYS * 86_400);
    db::run(conn, "DELETE FROM idempotency_keys WHERE created_at < $1", vec![before.into()]).await?;
    Ok(())
}
