//! Pictures of people. They are small and kept in the database, so that every process has them.

use crate::db;
use crate::time;
use sea_orm::{ConnectionTrait, DbErr};

/// A picture as it is served.
#[derive(Clone, Debug)]
pub struct Avatar {
    pub content_type: String,
    pub content: Vec<u8>,
}

/// The address of a picture.
fn address(name: &str) -> String {
    format!("/data/avatars/{name}")
}

/// Sets a user's picture in the place of the one before.
pub async fn set(
    conn: &impl ConnectionTrait,
    user: i64,
    name: &str,
    content_type: &str,
    content: Vec<u8>,
) -> Result<(), DbErr> {
    db::run(conn, "DELETE FROM avatars WHERE user_id = $1", vec![user.into()]).await?;
    db::run(
        conn,
        "INSERT INTO avatars (user_id, name, content_type, content, created_at) VALUES ($1, $2, $3, $4, $5)",
        vec![user.into(), name.into(), content_type.into(), content.into(), time::now().into()],
    )
    .await?;
    let sql = "UPDATE users SET avatar = $1 WHERE id = $2";
    db::run(conn, sql, vec![address(name).into(), user.into()]).await?;
    Ok(())
}

pub async fn remove(conn: &impl ConnectionTrait, user: i64) -> Result<(), DbErr> {
    db::run(conn, "DELETE FROM avatars WHERE user_id = $1", vec![user.into()]).await?;
    db::run(conn, "UPDATE users SET avatar = NULL WHERE id = $1", vec![user.into()]).await?;
    Ok(())
}

pub async fn by_name(conn: &impl ConnectionTrait, name: &str) -> Result<Option<Avatar>, DbErr> {
    let sql = "SELECT content_type, content FROM avatars WHERE name = $1";
    let row = db::one(conn, sql, vec![name.into()]).await?;
    row.map(|row| {
        Ok(Avatar { content_type: row.try_get("", "content_type")?, content: row.try_get("", "content")? })
    })
    .transpose()
}
