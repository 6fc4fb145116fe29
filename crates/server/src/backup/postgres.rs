//! PostgreSQL: its own `pg_dump` and `pg_restore`, told by environment where to go, so that no password is seen in a list
//! of processes.

use super::media;
use crate::db;
use anyhow::Context;
use sea_orm::{ConnectOptions, Database};
use std::path::Path;
use std::process::{Output, Stdio};
use tokio::process::Command;
use url::Url;

/// Runs one of the programs; what it says on failure is told.
async fn run(program: &str, url: &str, args: &[&str]) -> anyhow::Result<Output> {
    let url = Url::parse(url).context("the address of the database")?;
    let decoded = |text: &str| percent_decoded(text);
    let mut command = Command::new(program);
    command.args(args).stdin(Stdio::null());
    let set = [
        ("PGHOST", url.host_str().map(str::to_owned)),
        ("PGPORT", url.port().map(|p| p.to_string())),
        ("PGUSER", Some(decoded(url.username())).filter(|u| !u.is_empty())),
        ("PGPASSWORD", url.password().map(decoded)),
        ("PGDATABASE", Some(decoded(url.path().trim_start_matches('/'))).filter(|d| !d.is_empty())),
        ("PGSSLMODE", url.query_pairs().find(|(k, _)| k == "sslmode").map(|(_, v)| v.into_owned())),
    ];
    for (name, value) in set {
        if let Some(value) = value {
            command.env(name, value);
        }
    }
    let output = command.output().await.map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => anyhow::anyhow!(
            "the program {program} is not installed here; it comes with PostgreSQL's client programs (Debian: \
             postgresql-client)"
        ),
        _ => anyhow::anyhow!("cannot run {program}: {error}"),
    })?;
    if output.status.success() {
        return Ok(output);
    }
    let said = String::from_utf8_lossy(&output.stderr);
    anyhow::bail!("{program} failed: {}", said.trim())
}

fn percent_decoded(text: &str) -> String {
    let mut pairs = url::form_urlencoded::parse(text.as_bytes());
    // A plus is a plus here, and there is neither `&` nor `=` in an encoded part.
    match pairs.next() {
        Some((key, _)) if !text.contains(['+', '&', '=']) => key.into_owned(),
        _ => text.to_owned(),
    }
}

pub(super) async fn backup(url: &str, target: &Path) -> anyhow::Result<()> {
    drop(media::private(target)?);
    let file = target.to_str().context("the path of the backup is no Unicode")?;
    run("pg_dump", url, &["--format=custom", "--no-owner", "--no-privileges", "--file", file]).await?;
    run("pg_restore", url, &["--list", file]).await.context("the copy is damaged")?;
    std::fs::File::open(target)?.sync_all()?;
    Ok(())
}

pub(super) async fn restore(url: &str, source: &Path, force: bool) -> anyhow::Result<()> {
    let file = source.to_str().context("the path of the backup is no Unicode")?;
    run("pg_restore", url, &["--list", file])
        .await
        .with_context(|| format!("this cannot be restored: {}", source.display()))?;
    let mut options = ConnectOptions::new(url);
    options.max_connections(1).sqlx_logging(false);
    let conn = Database::connect(options).await.context("cannot open the database")?;
    let others = "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'tagloom' \
                  AND pid <> pg_backend_pid()";
    anyhow::ensure!(
        db::count(&conn, others, vec![]).await? == 0,
        "a server runs on this database; stop it first"
    );
    let tables =
        "SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = ANY (current_schemas(false))";
    anyhow::ensure!(
        force || db::count(&conn, tables, vec![]).await? == 0,
        "there is something in the database already; --force replaces it"
    );
    conn.close().await?;
    let name = percent_decoded(Url::parse(url)?.path().trim_start_matches('/'));
    let args = [
        "--clean",
        "--if-exists",
        "--no-owner",
        "--no-privileges",
        "--single-transaction",
        "--exit-on-error",
        "--dbname",
        &name,
        file,
    ];
    run("pg_restore", url, &args).await?;
    Ok(())
}
