//! Legacy tokens: clients of the reference read their own token from the API, so it must be readable again. It is kept as
//! a keyed digest, by which it is looked up, and sealed with the server's secret.

use crate::auth::keys::Keys;
use crate::db::{self, Db};
use sea_orm::{ConnectionTrait, DbErr};

/// A token is sealed for its owner: moved to another row it does not open.
fn context(user: i64) -> String {
    format!("legacy-token:{user}")
}

/// Gives a user a token; the one of before stops working.
pub async fn set(conn: &impl ConnectionTrait, keys: &Keys, user: i64, token: &str) -> anyhow::Result<()> {
    db::run(
        conn,
        "UPDATE users SET legacy_token = $1, legacy_token_sealed = $2 WHERE id = $3",
        vec![keys.digest(token).into(), keys.seal(&context(user), token)?.into(), user.into()],
    )
    .await?;
    Ok(())
}

/// The token in the clear. Nothing where it was sealed under another secret.
pub async fn of(conn: &impl ConnectionTrait, keys: &Keys, user: i64) -> Result<Option<String>, DbErr> {
    let sql = "SELECT legacy_token_sealed FROM users WHERE id = $1";
    let row = db::one(conn, sql, vec![user.into()]).await?;
    let sealed: Option<String> = row.map(|row| row.try_get("", "legacy_token_sealed")).transpose()?;
    Ok(sealed.and_then(|sealed| keys.open(&context(user), &sealed)))
}

/// Seals what an older release, or another program, has stored in the clear.
pub async fn seal_all(db: &Db, keys: &Keys) -> anyhow::Result<()> {
    let plain = "SELECT id, legacy_token FROM users WHERE legacy_token_sealed = ''";
    if db::all(db.read(), plain, vec![]).await?.is_empty() {
        return Ok(());
    }
    let tx = db.write().await?;
    let sqlite = !db::is_postgres(&*tx);
    if sqlite {
        // Else the clear text stays in the freed bytes of the file.
        db::run(&*tx, "PRAGMA secure_delete = ON", vec![]).await?;
    }
    let rows = db::all(&*tx, &format!("{plain}{}", db::for_update(&*tx)), vec![]).await?;
    for row in &rows {
        let (user, token): (i64, String) = (row.try_get("", "id")?, row.try_get("", "legacy_token")?);
        set(&*tx, keys, user, &token).await?;
    }
    tx.commit().await?;
    tracing::info!("{} legacy tokens are sealed now", rows.len());
    Ok(())
}
