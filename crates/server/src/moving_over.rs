//! Carrying a database of ours over into another one: `tagloom db copy FILE|URL`, from SQLite to PostgreSQL when one server
//! is no longer enough, or back.
//!
//! Both have the same tables in the same version, so rows go over as they are, ids included. What is read is of one moment,
//! and all of it is written in one transaction: an error or a kill leaves nothing. Numbers of both sides are compared before
//! the commit.

use crate::backup::Guard;
use crate::db::{self, Db, WriteTx};
use crate::moving_in::{source, target};
use crate::settings::{Settings, is_postgres_url};
use anyhow::Context;
use futures::StreamExt;
use sea_orm::{DatabaseTransaction, QueryResult, Value as Sql};
use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

/// Rows in one statement at most, and bytes of their texts, of which the last row may make it more.
const ROWS: usize = 500;
const BYTES: usize = 4 << 20;
/// Between two words to whoever waits.
const WORD_EVERY: Duration = Duration::from_secs(2);
/// Whoever has none of these has nothing to lose. A server that was started once has made a link for its first user.
const KEPT: &[&str] = &["organizations", "users", "projects"];

/// What a column holds, on both databases.
#[derive(Clone, Copy, Debug)]
enum Kind {
    Int,
    Float,
    Bool,
    Text,
    Bytes,
}

impl Kind {
    /// By the word that either database has for it.
    fn of(declared: &str) -> Option<Self> {
        Some(match declared.to_ascii_lowercase().as_str() {
            "bigint" | "integer" => Self::Int,
            "double precision" => Self::Float,
            "boolean" => Self::Bool,
            "text" => Self::Text,
            "bytea" | "blob" => Self::Bytes,
            _ => return None,
        })
    }

    /// The value in a column of a row, and how many bytes it takes.
    fn value(self, row: &QueryResult, column: &str) -> Result<(Sql, usize), sea_orm::DbErr> {
        Ok(match self {
            Self::Int => (row.try_get::<Option<i64>>("", column)?.into(), 8),
            Self::Float => (row.try_get::<Option<f64>>("", column)?.into(), 8),
            Self::Bool => (row.try_get::<Option<bool>>("", column)?.into(), 1),
            Self::Text => {
                let text = row.try_get::<Option<String>>("", column)?;
                let bytes = text.as_ref().map_or(0, String::len);
                (text.into(), bytes)
            }
            Self::Bytes => {
                let found = row.try_get::<Option<Vec<u8>>>("", column)?;
                let bytes = found.as_ref().map_or(0, Vec::len);
                (found.into(), bytes)
            }
        })
    }
}

/// Columns by table, as the target has them.
type Tables = BTreeMap<String, Vec<(String, Kind)>>;

/// A table, and how many rows of it were copied.
pub type Copied = (String, i64);

/// Copies all of it into the database of the settings, which must be empty.
pub async fn run(
    settings: &Settings,
    from: &str,
    say: &(dyn Fn(&str) + Sync),
) -> anyhow::Result<Vec<Copied>> {
    let _alone = alone(settings, from)?;
    let source = source::begin(from, "tagloom db copy").await?;
    same_version(&source).await?;
    let db = Db::open(settings).await?;
    let tx = db.write().await?;
    let tables = tables(&tx).await?;
    let names: Vec<&str> = tables.keys().map(String::as_str).collect();
    target::hold(&tx, &names).await?;
    for table in KEPT {
        let rows = db::count(&*tx, &format!("SELECT COUNT(*) FROM {table}"), vec![]).await?;
        anyhow::ensure!(
            rows == 0,
            "there is something already, {rows} rows of {table}: copy into a new database"
        );
    }
    let mut copied = Vec::new();
    for (table, columns) in &tables {
        db::run(&*tx, &format!("DELETE FROM {table}"), vec![]).await?;
        let rows = copy(&source, &tx, table, columns, say)
            .await
            .with_context(|| format!("cannot copy {table}; nothing was kept"))?;
        let there = db::count(&*tx, &format!("SELECT COUNT(*) FROM {table}"), vec![]).await?;
        anyhow::ensure!(there == rows, "{there} of {rows} rows of {table} have arrived; nothing was kept");
        copied.push((table.clone(), rows));
    }
    let _ = source.rollback().await;
    let numbered = tables.iter().filter(|(_, columns)| columns.iter().any(|(name, _)| name == "id"));
    let numbered: Vec<&str> = numbered.map(|(table, _)| table.as_str()).collect();
    target::release(&tx, &numbered).await?;
    tx.commit().await?;
    // For a server that starts right afterwards: the planner of PostgreSQL knows nothing of the new rows yet.
    if db::is_postgres(db.read()) {
        db::run(db.read(), "ANALYZE", vec![]).await?;
    }
    Ok(copied)
}

/// Keeps servers away from a file that is copied: what they would still write to it would be lost.
fn alone(settings: &Settings, from: &str) -> anyhow::Result<Option<Guard>> {
    if is_postgres_url(from) {
        anyhow::ensure!(settings.database_url.as_deref() != Some(from), "this is the database itself");
        return Ok(None);
    }
    let file = Path::new(from);
    anyhow::ensure!(file.is_file(), "there is no such file: {from}");
    let whole = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
    anyhow::ensure!(
        settings.database_url.is_some() || whole(file) != whole(&settings.database),
        "this is the database itself; name the new one with --database or DATABASE_URL"
    );
    Guard::alone(file).map(Some)
}

/// Refuses what is no database of ours, or of another version than this program.
async fn same_version(source: &DatabaseTransaction) -> anyhow::Result<()> {
    let theirs =
        db::versions(source).await.context("it cannot be copied (Label Studio's: db import-label-studio)")?;
    if let Some(missing) = db::lacking(&theirs) {
        anyhow::bail!(
            "it is of an older version and lacks {missing}: run `tagloom user` on it once, which brings it up to date"
        );
    }
    Ok(())
}

async fn tables(tx: &WriteTx) -> anyhow::Result<Tables> {
    let sql = if db::is_postgres(&**tx) {
        "SELECT CAST(table_name AS TEXT) AS t, CAST(column_name AS TEXT) AS c, CAST(data_type AS TEXT) AS d \
         FROM information_schema.columns WHERE table_schema = current_schema() ORDER BY ordinal_position"
    } else {
        "SELECT m.name AS t, c.name AS c, c.type AS d FROM sqlite_master m, pragma_table_info(m.name) c \
         WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY c.cid"
    };
    let mut tables = Tables::new();
    for row in db::all(&**tx, sql, vec![]).await? {
        let (table, column): (String, String) = (row.try_get("", "t")?, row.try_get("", "c")?);
        if table == db::VERSIONS {
            continue;
        }
        let declared: String = row.try_get("", "d")?;
        let kind =
            Kind::of(&declared).with_context(|| format!("{table}.{column} is of a new type, {declared}"))?;
        tables.entry(table).or_default().push((column, kind));
    }
    Ok(tables)
}

/// Gives how many rows there are.
async fn copy(
    source: &DatabaseTransaction,
    tx: &WriteTx,
    table: &str,
    columns: &[(String, Kind)],
    say: &(dyn Fn(&str) + Sync),
) -> anyhow::Result<i64> {
    let all = db::count(source, &format!("SELECT COUNT(*) FROM {table}"), vec![]).await?;
    let names: Vec<&str> = columns.iter().map(|(name, _)| name.as_str()).collect();
    let list = names.join(", ");
    let mut rows = db::stream(source, &format!("SELECT {list} FROM {table}"), vec![]).await?;
    let (mut batch, mut bytes, mut done) = (Vec::new(), 0, 0);
    let mut said = Instant::now();
    loop {
        let row = rows.next().await.transpose()?;
        if row.is_none() || batch.len() == ROWS || bytes > BYTES {
            done += i64::try_from(batch.len())?;
            target::put(tx, table, &names, std::mem::take(&mut batch)).await?;
            bytes = 0;
            if said.elapsed() > WORD_EVERY {
                said = Instant::now();
                say(&format!("{table}: {done} of {all}"));
            }
        }
        let Some(row) = row else { break };
        let mut values = Vec::with_capacity(columns.len());
        for (name, kind) in columns {
            let (value, size) = kind.value(&row, name)?;
            values.push(value);
            bytes += size;
        }
        batch.push(values);
    }
    drop(rows);
    anyhow::ensure!(done == all, "{done} of {all} rows were read");
    Ok(done)
}
