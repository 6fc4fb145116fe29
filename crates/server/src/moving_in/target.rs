//! Writing rows with given ids.

use crate::db::{self, WriteTx};
use sea_orm::{DbErr, Value as Sql};

/// Values in one statement at most; SQLite takes 32,766.
const VALUES: usize = 20_000;

/// Where ids of a table go: behind those that are there.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Shift(i64);

impl Shift {
    pub async fn behind(tx: &WriteTx, table: &str) -> Result<Self, DbErr> {
        Ok(Self(db::count(&**tx, &format!("SELECT MAX(id) FROM {table}"), vec![]).await?))
    }

    pub fn of(self, id: i64) -> i64 {
        id + self.0
    }

    /// The first id that is new.
    pub fn after(self) -> i64 {
        self.0
    }
}

/// Keeps others from making rows in between, whose ids would be ours.
pub(crate) async fn hold(tx: &WriteTx, tables: &[&str]) -> Result<(), DbErr> {
    if db::is_postgres(&**tx) {
        let sql = format!("LOCK TABLE {} IN SHARE ROW EXCLUSIVE MODE", tables.join(", "));
        db::run(&**tx, &sql, vec![]).await?;
    }
    Ok(())
}

/// Lets the database hand out ids behind ours. SQLite does so by itself.
pub(crate) async fn release(tx: &WriteTx, tables: &[&str]) -> Result<(), DbErr> {
    if db::is_postgres(&**tx) {
        for table in tables {
            let sql = format!(
                "SELECT setval(pg_get_serial_sequence('{table}', 'id'), GREATEST((SELECT MAX(id) FROM {table}), 1))"
            );
            db::one(&**tx, &sql, vec![]).await?;
        }
    }
    Ok(())
}

/// Inserts rows; every one has a value for each column.
pub(crate) async fn put(
    tx: &WriteTx,
    table: &str,
    columns: &[&str],
    rows: Vec<Vec<Sql>>,
) -> Result<(), DbErr> {
    for chunk in rows.chunks((VALUES / columns.len()).max(1)) {
        let places = db::rows(&**tx, chunk.len(), columns.len());
        let sql = format!("INSERT INTO {table} ({}) VALUES {places}", columns.join(", "));
        db::run(&**tx, &sql, chunk.iter().flatten().cloned().collect()).await?;
    }
    Ok(())
}
