//! Reading the other database. Every value is read as text, which both databases can give of every column; what a
//! version does not have is nothing.

use anyhow::Context;
use sea_orm::{
    AccessMode, ConnectOptions, ConnectionTrait, Database, DatabaseTransaction, IsolationLevel,
    TransactionTrait,
};
use std::collections::HashMap;

use super::convert;
use crate::db;
use crate::settings::is_postgres_url;

/// Numbers that SQLite would round when it writes them as text.
const FLOATS: &[&str] = &["lead_time", "score", "mislabeling"];
/// Without these it is no database of Label Studio.
const NEEDED: &[&str] = &["htx_user", "organization", "project", "task", "task_completion"];

#[derive(Debug)]
pub(super) struct Source {
    conn: DatabaseTransaction,
    postgres: bool,
    columns: HashMap<String, Vec<String>>,
}

/// Values by column; a column that is not there is nothing.
#[derive(Debug)]
pub(super) struct Row {
    table: String,
    values: HashMap<&'static str, Option<String>>,
}

impl Row {
    pub fn text(&self, column: &str) -> Option<&str> {
        self.values.get(column).and_then(|value| value.as_deref())
    }

    pub fn string(&self, column: &str) -> String {
        self.text(column).unwrap_or_default().to_owned()
    }

    pub fn int(&self, column: &str) -> Option<i64> {
        self.text(column)?.parse().ok()
    }

    /// The key.
    pub fn id(&self) -> anyhow::Result<i64> {
        self.int("id").with_context(|| format!("a row of {} has no id", self.table))
    }

    pub fn float(&self, column: &str) -> Option<f64> {
        self.text(column)?.parse().ok().filter(|n: &f64| n.is_finite())
    }

    /// `1` and `0` in SQLite, words in PostgreSQL.
    pub fn bool(&self, column: &str) -> Option<bool> {
        match self.text(column)? {
            "1" | "t" | "true" => Some(true),
            "0" | "f" | "false" => Some(false),
            _ => None,
        }
    }

    pub fn time(&self, column: &str) -> Option<String> {
        convert::time(self.text(column)?)
    }

    /// The text of a JSON column, checked; a default where there is none.
    pub fn json(&self, column: &str, default: &str) -> anyhow::Result<String> {
        match self.text(column) {
            None | Some("") => Ok(default.to_owned()),
            Some(text) => convert::json(text).with_context(|| {
                let id = self.text("id").unwrap_or("?");
                format!("{column} of row {id} of {} is not JSON", self.table)
            }),
        }
    }
}

/// A transaction that only reads a database, a file or an address of PostgreSQL, and all of it as it is at one moment.
pub(crate) async fn begin(place: &str, application: &str) -> anyhow::Result<DatabaseTransaction> {
    let url = if is_postgres_url(place) {
        place.to_owned()
    } else {
        anyhow::ensure!(std::path::Path::new(place).is_file(), "there is no such file: {place}");
        format!("sqlite://{place}?mode=ro")
    };
    let mut options = ConnectOptions::new(url);
    options.max_connections(1).sqlx_logging(false);
    options.set_application_name(application);
    let pool = Database::connect(options).await.context("cannot open the database")?;
    Ok(if db::is_postgres(&pool) {
        pool.begin_with_config(Some(IsolationLevel::RepeatableRead), Some(AccessMode::ReadOnly)).await?
    } else {
        pool.begin().await?
    })
}

impl Source {
    /// Opens it for reading only.
    pub async fn open(place: &str) -> anyhow::Result<Self> {
        let conn = begin(place, "tagloom import-label-studio").await?;
        let postgres = db::is_postgres(&conn);
        let sql = if postgres {
            "SELECT CAST(table_name AS TEXT) AS t, CAST(column_name AS TEXT) AS c FROM information_schema.columns \
             WHERE table_schema = ANY (current_schemas(false))"
        } else {
            "SELECT m.name AS t, c.name AS c FROM sqlite_master m, pragma_table_info(m.name) c WHERE m.type = 'table'"
        };
        let mut columns: HashMap<String, Vec<String>> = HashMap::new();
        let rows = db::all(&conn, sql, vec![])
            .await
            .context("this is no SQLite or PostgreSQL database that can be read")?;
        for row in rows {
            columns.entry(row.try_get("", "t")?).or_default().push(row.try_get("", "c")?);
        }
        for table in NEEDED {
            anyhow::ensure!(
                columns.contains_key(*table),
                "this is no database of Label Studio 1.x: it has no table {table}"
            );
        }
        Ok(Self { conn, postgres, columns })
    }

    pub async fn close(self) {
        let _ = self.conn.rollback().await;
    }

    pub fn has(&self, table: &str) -> bool {
        self.columns.contains_key(table)
    }

    fn has_column(&self, table: &str, column: &str) -> bool {
        self.columns.get(table).is_some_and(|all| all.iter().any(|c| c == column))
    }

    /// How many rows there are; none where there is no such table.
    pub async fn count(&self, table: &str, condition: &str) -> anyhow::Result<i64> {
        if !self.has(table) {
            return Ok(0);
        }
        Ok(db::count(&self.conn, &format!("SELECT COUNT(*) FROM \"{table}\" t WHERE {condition}"), vec![])
            .await?)
    }

    /// All rows of a table, which a condition speaks of as `t`.
    pub async fn all(
        &self,
        table: &str,
        columns: &[&'static str],
        condition: &str,
    ) -> anyhow::Result<Vec<Row>> {
        let key = if self.has_column(table, "id") { "id" } else { columns.first().copied().unwrap_or("id") };
        self.read(table, columns, &format!("{condition} ORDER BY t.\"{key}\"")).await
    }

    /// The next rows by id.
    pub async fn page(
        &self,
        table: &str,
        columns: &[&'static str],
        condition: &str,
        after: i64,
        limit: usize,
    ) -> anyhow::Result<Vec<Row>> {
        let rest = format!("{condition} AND t.id > {after} ORDER BY t.id LIMIT {limit}");
        self.read(table, columns, &rest).await
    }

    async fn read(&self, table: &str, columns: &[&'static str], rest: &str) -> anyhow::Result<Vec<Row>> {
        if !self.has(table) {
            return Ok(vec![]);
        }
        let there: Vec<&'static str> =
            columns.iter().copied().filter(|column| self.has_column(table, column)).collect();
        let list: Vec<String> = there.iter().map(|column| self.selected(column)).collect();
        let sql = format!("SELECT {} FROM \"{table}\" t WHERE {rest}", list.join(", "));
        let rows = db::all(&self.conn, &sql, vec![]).await.with_context(|| format!("cannot read {table}"))?;
        rows.iter()
            .map(|row| {
                let mut values = HashMap::new();
                for column in &there {
                    values.insert(*column, row.try_get::<Option<String>>("", column)?);
                }
                Ok(Row { table: table.to_owned(), values })
            })
            .collect()
    }

    fn selected(&self, column: &str) -> String {
        if !self.postgres && FLOATS.contains(&column) {
            return format!(
                "CASE WHEN t.\"{column}\" IS NOT NULL THEN printf('%!.17g', t.\"{column}\") END AS \"{column}\""
            );
        }
        format!("CAST(t.\"{column}\" AS TEXT) AS \"{column}\"")
    }

    /// Columns of any table, as they are called there.
    pub fn names(&self, table: &str) -> Vec<String> {
        self.columns.get(table).cloned().unwrap_or_default()
    }

    /// What a statement gives, for tables whose columns are not known beforehand.
    pub async fn raw(
        &self,
        table: &str,
        condition: &str,
    ) -> anyhow::Result<Vec<HashMap<String, Option<String>>>> {
        let names = self.names(table);
        if names.is_empty() {
            return Ok(vec![]);
        }
        let list: Vec<String> = names.iter().map(|name| self.selected(name)).collect();
        let sql = format!("SELECT {} FROM \"{table}\" t WHERE {condition}", list.join(", "));
        let rows = self
            .conn
            .query_all_raw(sea_orm::Statement::from_string(self.conn.get_database_backend(), sql))
            .await?;
        rows.iter()
            .map(|row| names.iter().map(|name| Ok((name.clone(), row.try_get("", name)?))).collect())
            .collect()
    }
}
