//! What a person has seen of the tours through the app.

use crate::db;
use crate::time;
use sea_orm::{ConnectionTrait, DbErr};
use serde_json::Value;

#[derive(Clone, Debug)]
pub struct Tour {
    pub state: String,
    pub interaction_data: Value,
    pub created_at: String,
    pub updated_at: String,
}

pub async fn get(conn: &impl ConnectionTrait, user: i64, name: &str) -> Result<Option<Tour>, DbErr> {
    let sql = "SELECT state, interaction_data, created_at, updated_at FROM product_tours WHERE user_id = $1 AND name = $2";
    let row = db::one(conn, sql, vec![user.into(), name.into()]).await?;
    row.map(|row| {
        Ok(Tour {
            state: row.try_get("", "state")?,
            interaction_data: super::json(&row, "interaction_data")?,
            created_at: row.try_get("", "created_at")?,
            updated_at: row.try_get("", "updated_at")?,
        })
    })
    .transpose()
}

pub async fn count(conn: &impl ConnectionTrait, user: i64) -> Result<i64, DbErr> {
    db::count(conn, "SELECT COUNT(*) FROM product_tours WHERE user_id = $1", vec![user.into()]).await
}

pub async fn put(
    conn: &impl ConnectionTrait,
    user: i64,
    name: &str,
    state: &str,
    interaction_data: &Value,
) -> Result<(), DbErr> {
    db::run(
        conn,
        "INSERT INTO product_tours (user_id, name, state, interaction_data, created_at, updated_at) \
         VALUES ($1, $2, $3, $4, $5, $5) ON CONFLICT (user_id, name) DO UPDATE SET state = excluded.state, \
         interaction_data = excluded.interaction_data, updated_at = excluded.updated_at",
        vec![user.into(), name.into(), state.into(), interaction_data.to_string().into(), time::now().into()],
    )
    .await?;
    Ok(())
}
