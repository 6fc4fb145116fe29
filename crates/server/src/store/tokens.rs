//! Personal access tokens. Kept are the id and the two parts that are no secret; the signature, which makes it a key, is
//! shown once and never stored.

use crate::auth::token::Claims;
use crate::db;
use crate::time;
use sea_orm::{ConnectionTrait, DbErr};

/// Header and payload without the signature: enough to recognise a token, not to use it.
pub fn truncated(token: &str) -> &str {
    token.rsplit_once('.').map_or(token, |(head, _)| head)
}

/// The valid tokens of a user, truncated.
pub async fn of_user(conn: &impl ConnectionTrait, user: i64) -> Result<Vec<String>, DbErr> {
    let sql = "SELECT payload FROM api_tokens WHERE user_id = $1 AND NOT blacklisted ORDER BY id";
    db::all(conn, sql, vec![user.into()]).await?.iter().map(|row| row.try_get("", "payload")).collect()
}

/// Stores a new token. Says no where the user has a valid one: an index sees to that, between processes too.
pub async fn insert(
    conn: &impl ConnectionTrait,
    user: i64,
    claims: &Claims,
    token: &str,
) -> Result<bool, DbErr> {
    let done = db::run(
        conn,
        "INSERT INTO api_tokens (jti, user_id, payload, blacklisted, created_at) VALUES ($1, $2, $3, $4, $5) \
         ON CONFLICT DO NOTHING",
        vec![
            claims.jti.clone().into(),
            user.into(),
            truncated(token).into(),
            false.into(),
            time::now().into(),
        ],
    )
    .await?;
    Ok(done.rows_affected() > 0)
}

pub async fn is_valid(conn: &impl ConnectionTrait, jti: &str) -> Result<bool, DbErr> {
    let sql = "SELECT id FROM api_tokens WHERE jti = $1 AND NOT blacklisted";
    Ok(db::one(conn, sql, vec![jti.into()]).await?.is_some())
}

/// Revokes a token for ever; says whether it was valid.
pub async fn revoke(conn: &impl ConnectionTrait, jti: &str) -> Result<bool, DbErr> {
    let sql = "UPDATE api_tokens SET blacklisted = $1 WHERE jti = $2 AND NOT blacklisted";
    Ok(db::run(conn, sql, vec![true.into(), jti.into()]).await?.rows_affected() > 0)
}

/// The id of a user's own token, by the parts without the signature.
pub async fn jti_of(conn: &impl ConnectionTrait, user: i64, head: &str) -> Result<Option<String>, DbErr> {
    let sql = "SELECT jti FROM api_tokens WHERE payload = $1 AND user_id = $2 AND NOT blacklisted";
    let row = db::one(conn, sql, vec![head.into(), user.into()]).await?;
    row.map(|row| row.try_get("", "jti")).transpose()
}
