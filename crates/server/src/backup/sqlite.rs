//! SQLite: `VACUUM INTO` makes a copy while others write; every copy is checked before it counts.

use super::{Guard, beside, media};
use crate::db;
use anyhow::Context;
use sea_orm::{ConnectOptions, Database, DatabaseConnection};
use std::path::Path;

async fn open(file: &Path, mode: &str) -> anyhow::Result<DatabaseConnection> {
    let mut options = ConnectOptions::new(format!("sqlite://{}?mode={mode}", file.display()));
    options.max_connections(1).sqlx_logging(false);
    Database::connect(options).await.with_context(|| format!("cannot open the database {}", file.display()))
}

pub(super) async fn backup(database: &Path, target: &Path) -> anyhow::Result<()> {
    anyhow::ensure!(database.is_file(), "there is no database: {}", database.display());
    // Empty, so that it can be filled, and private before anything is in it.
    drop(media::private(target)?);
    let conn = open(database, "rw").await?;
    let name = target.to_str().context("the path of the backup is no Unicode")?;
    let made = db::run(&conn, "VACUUM INTO $1", vec![name.into()]).await;
    conn.close().await?;
    made.context("cannot copy the database")?;
    check(target).await.context("the copy is damaged")?;
    std::fs::File::open(target)?.sync_all()?;
    Ok(())
}

/// Whether a file is a whole database of ours, not newer than this version.
async fn check(file: &Path) -> anyhow::Result<()> {
    let conn = open(file, "ro").await?;
    let checked = async {
        let row = db::one(&conn, "PRAGMA integrity_check(1)", vec![]).await?;
        let word: String = row.context("no answer to the check")?.try_get_by_index(0)?;
        anyhow::ensure!(word == "ok", "the database is damaged: {word}");
        db::versions(&conn).await?;
        Ok(())
    };
    let checked = checked.await;
    conn.close().await?;
    checked
}

pub(super) async fn restore(database: &Path, source: &Path, force: bool, kept: &str) -> anyhow::Result<()> {
    anyhow::ensure!(source.is_file(), "there is no such file: {}", source.display());
    check(source).await.with_context(|| format!("this cannot be restored: {}", source.display()))?;
    if let Some(parent) = database.parent() {
        std::fs::create_dir_all(parent)?;
    }
    let _alone = Guard::alone(database)?;
    anyhow::ensure!(
        force || !database.exists(),
        "there is a database already; --force puts it aside: {}",
        database.display()
    );
    let new = beside(database, ".restoring");
    let _ = std::fs::remove_file(&new);
    media::copy_private(source, &new)?;
    check(&new).await.context("the copy is damaged")?;
    // The journal belongs to the database it is named after; left behind it would be read into the new one.
    for part in ["-wal", "-shm", ""] {
        let old = beside(database, part);
        if old.exists() {
            std::fs::rename(&old, beside(&beside(database, kept), part))?;
        }
    }
    std::fs::rename(&new, database)?;
    Ok(())
}
