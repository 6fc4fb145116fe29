//! The database: connection, the one writer of SQLite, and small helpers over SeaORM statements.

mod kept;
mod log;
mod migrations;
mod reader;
mod trouble;
#[cfg(debug_assertions)]
pub mod watch;

pub use kept::Kept;
pub use reader::Reader;
pub use trouble::{Trouble, behind, in_doubt};

use crate::events::Listeners;
use crate::settings::Settings;
use anyhow::Context;
use log::LogKeeper;
use sea_orm::sqlx::Executor;
use sea_orm::{
    AccessMode, ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DatabaseTransaction,
    DbBackend, DbErr, ExecResult, IsolationLevel, QueryResult, SqliteTransactionMode, Statement, StreamTrait,
    TransactionOptions, TransactionTrait, Value,
};
use sea_orm_migration::MigratorTrait;
use std::collections::BTreeSet;
use std::fmt::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use tokio::sync::{Mutex, OwnedMutexGuard};

/// How long a request waits for a connection; a database that restarts is back by then.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a write waits for its place. A file that another process holds is given up after ten seconds, and who waits
/// behind such a one must not wait for ever.
const PLACE_TIMEOUT: Duration = Duration::from_secs(25);

/// Connections of a process for reading; SQLite has its one writer beside them.
const CONNECTIONS: u32 = 8;
/// Those of PostgreSQL for transactions besides.
const TRANSACTIONS: u32 = 6;
/// Those of PostgreSQL for the label stream besides.
const STREAM_CONNECTIONS: u32 = 4;
/// A connection of PostgreSQL that nobody has used for so long is asked whether it is still there before it is given out.
const ASK_AFTER: Duration = Duration::from_secs(1);
/// Prepared statements of a connection that writes: those of batches differ in their number of rows.
const STATEMENTS: usize = 400;
/// So many new rows at once make plans wrong that were right before.
const MANY: i64 = 5000;
/// Said to every connection of PostgreSQL. Plans are kept, maybe from when tables were small: what reads a few rows of a
/// large table must never have been planned as a look at all of them. Such looks cost the planner a fortune where there is
/// no other way, and would then be compiled first.
const POSTGRES_SESSION: &str = "SET enable_seqscan = off; SET jit = off";
/// Said besides to the connections of the saver and of the label stream, whose statements find every row by a key or in the
/// order of an index. Their plans are nested loops whatever the values are, and are kept: left to itself PostgreSQL made
/// them anew for every batch and claim once it had fresh statistics, which took three times as long as to run them.
const KEPT_PLANS: &str =
    "SET plan_cache_mode = force_generic_plan; SET enable_hashjoin = off; SET enable_mergejoin = off";

/// A pool, and the lock that makes writes to SQLite queue up instead of failing.
#[derive(Clone, Debug)]
pub struct Db {
    read: Reader,
    /// For transactions that read only. On SQLite those of [`Db::read`].
    conn: DatabaseConnection,
    /// On SQLite a connection of its own: what it has read stays true until it writes itself.
    write_conn: DatabaseConnection,
    /// Of PostgreSQL, for the saver alone: the process there has all that a batch needs at hand, which those that take turns
    /// in a pool never have.
    saver: Option<Arc<Mutex<Kept>>>,
    /// Of PostgreSQL: its plans are kept.
    stream: Reader,
    /// The pool of the saver's connection and of the flusher's.
    kept_conn: DatabaseConnection,
    /// Of SQLite.
    log: Option<LogKeeper>,
    writer: Arc<Mutex<()>>,
    listeners: Arc<Listeners>,
}

/// A transaction that holds the writer's place until it ends. Dropped without commit it is rolled back.
#[derive(Debug)]
pub struct WriteTx {
    tx: DatabaseTransaction,
    _place: Option<OwnedMutexGuard<()>>,
    log: Option<LogKeeper>,
    listeners: Arc<Listeners>,
    told: AtomicBool,
}

impl WriteTx {
    pub async fn commit(self) -> Result<(), DbErr> {
        self.tx.commit().await.map_err(in_doubt)?;
        if let Some(log) = &self.log {
            log.grown();
        }
        if self.told.load(Ordering::Relaxed) {
            self.listeners.wake();
        }
        Ok(())
    }

    /// Who wants to know of changes.
    pub(crate) fn listeners(&self) -> &Listeners {
        &self.listeners
    }

    /// Notes that this transaction leaves something to deliver; the commit wakes those who do.
    pub(crate) fn has_told(&self) {
        self.told.store(true, Ordering::Relaxed);
    }
}

impl std::ops::Deref for WriteTx {
    type Target = DatabaseTransaction;
    fn deref(&self) -> &DatabaseTransaction {
        &self.tx
    }
}

impl Db {
    /// Connects and brings the schema up to date.
    pub async fn open(settings: &Settings) -> anyhow::Result<Self> {
        let url = match &settings.database_url {
            Some(url) => url.clone(),
            None => {
                if let Some(dir) = settings.database.parent() {
                    std::fs::create_dir_all(dir).with_context(|| {
                        format!("cannot create the folder of the database: {}", dir.display())
                    })?;
                }
                format!("sqlite://{}?mode=rwc", settings.database.display())
            }
        };
        let connect = async |connections, statements, session: Option<&'static str>| {
            let mut options = ConnectOptions::new(url.clone());
            options.max_connections(connections).acquire_timeout(ACQUIRE_TIMEOUT).sqlx_logging(false);
            options.set_application_name("tagloom");
            if settings.database_url.is_some() {
                options.test_before_acquire_if_idle_for(ASK_AFTER);
            } else {
                // A file does not go away behind a connection.
                options.test_before_acquire(false);
            }
            options.map_sqlx_postgres_opts(move |o| o.statement_cache_capacity(statements));
            options.map_sqlx_postgres_pool_opts(move |pool| {
                pool.after_connect(move |conn, _| {
                    Box::pin(async move {
                        conn.execute(POSTGRES_SESSION).await?;
                        if let Some(session) = session {
                            conn.execute(session).await?;
                        }
                        Ok(())
                    })
                })
            });
            options.map_sqlx_sqlite_opts(move |o| {
                o.pragma("journal_mode", "WAL")
                    .pragma("synchronous", "NORMAL")
                    .pragma("busy_timeout", "10000")
                    .pragma("foreign_keys", "ON")
                    .pragma("cache_size", "-16000")
                    .pragma("temp_store", "MEMORY")
                    .pragma("wal_autocheckpoint", log::MOST_PAGES)
                    .pragma("journal_size_limit", log::MOST_BYTES)
                    .statement_cache_capacity(statements)
            });
            Database::connect(options).await.context("cannot open the database")
        };
        let statements = if settings.database_url.is_some() { STATEMENTS } else { 100 };
        let read_conn = connect(CONNECTIONS, statements, None).await?;
        migrate(&read_conn).await.context("cannot bring the database up to date")?;
        let (conn, write_conn, kept_conn, log) = if is_postgres(&read_conn) {
            let conn = connect(TRANSACTIONS, statements, None).await?;
            (conn.clone(), conn, connect(2, STATEMENTS, Some(KEPT_PLANS)).await?, None)
        } else {
            let own = connect(1, STATEMENTS, None).await?;
            let log = LogKeeper::start(read_conn.clone());
            (read_conn.clone(), own.clone(), own, Some(log))
        };
        let read = Reader::new(read_conn, CONNECTIONS);
        let stream = if is_postgres(&conn) {
            Reader::new(connect(STREAM_CONNECTIONS, STATEMENTS, Some(KEPT_PLANS)).await?, STREAM_CONNECTIONS)
        } else {
            read.clone()
        };
        let saver = is_postgres(&conn).then(|| Arc::new(Mutex::new(Kept::new(&kept_conn))));
        let listeners = Arc::new(Listeners::new(settings.webhook_batch_size));
        Ok(Self { read, conn, write_conn, saver, stream, kept_conn, log, writer: Arc::default(), listeners })
    }

    pub(crate) fn listeners(&self) -> &Listeners {
        &self.listeners
    }

    /// For reading: each statement sees its own moment.
    pub fn read(&self) -> &Reader {
        &self.read
    }

    /// For what the saver stores in single statements, which need no transaction around them; of PostgreSQL only.
    pub fn saver(&self) -> Option<&Mutex<Kept>> {
        self.saver.as_deref()
    }

    /// For single statements of the label stream.
    pub fn stream(&self) -> &Reader {
        &self.stream
    }

    /// A connection that waits until PostgreSQL has on disk what was committed, while the saver goes on; nothing on SQLite.
    pub(crate) fn flusher(&self) -> Option<Kept> {
        self.saver.is_some().then(|| Kept::new(&self.kept_conn))
    }

    /// For writing; on SQLite there is one writer at a time.
    pub async fn write(&self) -> Result<WriteTx, DbErr> {
        let place = self.place().await?;
        Ok(self.tx(self.begin().await?, Some(place)))
    }

    /// For writing what is guarded by locks of rows: on PostgreSQL it waits for nobody else of this process.
    pub async fn write_rows(&self) -> Result<WriteTx, DbErr> {
        if is_postgres(&self.conn) {
            return Ok(self.tx(self.begin().await?, None));
        }
        self.write().await
    }

    /// For writing a part of something that is acknowledged only by a later commit of [`Db::write`] or [`Db::write_rows`]:
    /// on PostgreSQL this commit does not wait for the disk. A crash of the database loses the last of such parts, in their
    /// order, never one before it.
    pub async fn write_part(&self) -> Result<WriteTx, DbErr> {
        let tx = self.write_rows().await?;
        if is_postgres(&*tx) {
            run(&*tx, "SET LOCAL synchronous_commit = off", vec![]).await?;
        }
        Ok(tx)
    }

    /// For reading what belongs together: all reads see the same moment, whatever others write. It keeps a connection, and
    /// SQLite from shortening its log, so end it as soon as the rows are read.
    pub async fn snapshot(&self) -> Result<DatabaseTransaction, DbErr> {
        let postgres = is_postgres(&self.conn);
        let options = TransactionOptions {
            isolation_level: postgres.then_some(IsolationLevel::RepeatableRead),
            access_mode: postgres.then_some(AccessMode::ReadOnly),
            sqlite_transaction_mode: (!postgres).then_some(SqliteTransactionMode::Deferred),
        };
        self.conn.begin_with_options(options).await
    }

    /// After rows came into tables: where they are many, PostgreSQL is told to look at them. By itself it does so up to a
    /// minute later, and until then reads and sorts all of a project for one page. Nobody waits for it.
    pub(crate) fn has_grown(&self, tables: &[(&str, i64)]) {
        let grown: Vec<&str> =
            tables.iter().filter(|(_, rows)| *rows >= MANY).map(|(table, _)| *table).collect();
        if grown.is_empty() || !is_postgres(&self.conn) {
            return;
        }
        let (read, sql) = (self.read.clone(), format!("ANALYZE {}", grown.join(", ")));
        tokio::spawn(async move {
            if let Err(error) = run(&read, &sql, vec![]).await {
                tracing::debug!("the new rows are looked at later: {error}");
            }
        });
    }

    fn tx(&self, tx: DatabaseTransaction, place: Option<OwnedMutexGuard<()>>) -> WriteTx {
        WriteTx {
            tx,
            _place: place,
            log: self.log.clone(),
            listeners: Arc::clone(&self.listeners),
            told: AtomicBool::new(false),
        }
    }

    async fn place(&self) -> Result<OwnedMutexGuard<()>, DbErr> {
        let asked = Instant::now();
        let place = tokio::time::timeout(PLACE_TIMEOUT, self.writer.clone().lock_owned()).await;
        metrics::histogram!(crate::metrics::WRITER_WAIT).record(asked.elapsed().as_secs_f64());
        place.map_err(|_| DbErr::Custom(trouble::BUSY.into()))
    }

    /// Connections that there are, and those of them that nobody uses.
    pub fn connections(&self) -> (u32, usize) {
        let (read, read_idle) = self.read.connections();
        if is_postgres(&self.conn) {
            let pools = [&self.conn, &self.kept_conn].map(|c| c.get_postgres_connection_pool());
            let (stream, stream_idle) = self.stream.connections();
            (
                read + stream + pools.iter().map(|p| p.size()).sum::<u32>(),
                read_idle + stream_idle + pools.iter().map(|p| p.num_idle()).sum::<usize>(),
            )
        } else {
            let write = self.write_conn.get_sqlite_connection_pool();
            (read + write.size(), read_idle + write.num_idle())
        }
    }

    /// On SQLite the writer's place in the file is taken at once: a transaction that reads first and then finds that
    /// another process has written could only fail.
    async fn begin(&self) -> Result<DatabaseTransaction, DbErr> {
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        self.write_conn.begin_with_options(options).await
    }
}

/// One process at a time: servers that start together would make the same tables.
async fn migrate(conn: &DatabaseConnection) -> Result<(), DbErr> {
    let turn = if is_postgres(conn) {
        let tx = conn.begin().await?;
        run(&tx, "SELECT pg_advisory_xact_lock(8105726)", vec![]).await?;
        Some(tx)
    } else {
        None
    };
    migrations::Migrator::up(conn, None).await?;
    match turn {
        Some(tx) => tx.commit().await,
        None => Ok(()),
    }
}

fn statement(backend: DbBackend, sql: &str, mut values: Vec<Value>) -> Statement {
    values.iter_mut().for_each(without_nul);
    let statement = Statement::from_sql_and_values(backend, sql, values);
    #[cfg(debug_assertions)]
    watch::note(&statement);
    statement
}

/// PostgreSQL has no place for this character; JSON, where it may stand, writes it as an escape.
fn without_nul(value: &mut Value) {
    match value {
        Value::String(Some(text)) if text.contains('\0') => text.retain(|c| c != '\0'),
        Value::Array(_, Some(list)) => list.iter_mut().for_each(without_nul),
        _ => {}
    }
}

/// All rows of a query. Placeholders are `$1`, `$2` … on both databases.
pub async fn all(
    conn: &impl ConnectionTrait,
    sql: &str,
    values: Vec<Value>,
) -> Result<Vec<QueryResult>, DbErr> {
    conn.query_all_raw(statement(conn.get_database_backend(), sql, values)).await
}

pub async fn one(
    conn: &impl ConnectionTrait,
    sql: &str,
    values: Vec<Value>,
) -> Result<Option<QueryResult>, DbErr> {
    conn.query_one_raw(statement(conn.get_database_backend(), sql, values)).await
}

pub async fn run(conn: &impl ConnectionTrait, sql: &str, values: Vec<Value>) -> Result<ExecResult, DbErr> {
    conn.execute_raw(statement(conn.get_database_backend(), sql, values)).await
}

/// A statement with its values.
pub type Said = (String, Vec<Value>);

/// Runs statements of which none looks at what another one changes: on PostgreSQL in one round trip. In them `$` stands
/// before numbers of values only.
pub async fn together(conn: &impl ConnectionTrait, list: Vec<Said>) -> Result<(), DbErr> {
    if !is_postgres(conn) || list.len() < 2 {
        for (sql, values) in list {
            run(conn, &sql, values).await?;
        }
        return Ok(());
    }
    let (sql, values) = joined(list);
    run(conn, &sql, values).await?;
    Ok(())
}

/// All but the last become parts of a `WITH`, their values one list.
fn joined(list: Vec<Said>) -> Said {
    let (mut parts, mut all) = (Vec::with_capacity(list.len()), Vec::new());
    for (sql, values) in list {
        parts.push(numbered_from(&sql, all.len()));
        all.extend(values);
    }
    let last = parts.pop().unwrap_or_default();
    let named: Vec<String> = parts.iter().enumerate().map(|(n, sql)| format!("part{n} AS ({sql})")).collect();
    (format!("WITH {} {last}", named.join(", ")), all)
}

/// The same with all numbers of values raised.
fn numbered_from(sql: &str, first: usize) -> String {
    let mut out = String::with_capacity(sql.len() + 32);
    let mut pieces = sql.split('$');
    out.push_str(pieces.next().unwrap_or_default());
    for piece in pieces {
        let end = piece.find(|c: char| !c.is_ascii_digit()).unwrap_or(piece.len());
        let number: usize = piece[..end].parse().unwrap_or_default();
        let _ = write!(out, "${}{}", number + first, &piece[end..]);
    }
    out
}

/// The rows of a query one by one, for results that may be large.
pub async fn stream<'c, C>(conn: &'c C, sql: &str, values: Vec<Value>) -> Result<C::Stream<'c>, DbErr>
where
    C: ConnectionTrait + StreamTrait,
{
    conn.stream_raw(statement(ConnectionTrait::get_database_backend(conn), sql, values)).await
}

/// Inserts a row and gives its id.
pub async fn insert(conn: &impl ConnectionTrait, sql: &str, values: Vec<Value>) -> Result<i64, DbErr> {
    let row = one(conn, &format!("{sql} RETURNING id"), values).await?;
    row.ok_or_else(|| DbErr::Custom("an insert returned no id".into()))?.try_get("", "id")
}

/// The first column of the first row as a number; 0 where there is none.
pub async fn count(conn: &impl ConnectionTrait, sql: &str, values: Vec<Value>) -> Result<i64, DbErr> {
    match one(conn, sql, values).await? {
        Some(row) => Ok(row.try_get_by_index::<Option<i64>>(0)?.unwrap_or(0)),
        None => Ok(0),
    }
}

/// A pattern of `LIKE … ESCAPE '\'` for texts that contain this one.
pub fn containing(text: &str) -> String {
    let mut pattern = String::with_capacity(text.len() + 2);
    pattern.push('%');
    for c in text.chars() {
        if matches!(c, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern.push('%');
    pattern
}

/// A limit or an offset as the databases take it.
pub fn bounded(n: u64) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

/// The table of the migrations that a database has.
pub const VERSIONS: &str = "seaql_migrations";

/// The migrations of a database that somebody names. Refuses what is none of ours, or of a newer version.
pub async fn versions(conn: &impl ConnectionTrait) -> anyhow::Result<BTreeSet<String>> {
    let rows = all(conn, &format!("SELECT version FROM {VERSIONS}"), vec![]).await;
    let rows = rows.context("this is no database of this program")?;
    let theirs: BTreeSet<String> =
        rows.iter().map(|row| row.try_get("", "version")).collect::<Result<_, _>>()?;
    if let Some(newer) = theirs.iter().find(|version| !migrations::names().any(|known| known == *version)) {
        anyhow::bail!("it was made by a newer version, which has {newer}");
    }
    Ok(theirs)
}

/// The first migration of this version that is not among them.
pub fn lacking(versions: &BTreeSet<String>) -> Option<&'static str> {
    migrations::names().find(|known| !versions.contains(*known))
}

/// Whether the database is PostgreSQL, for the few places where the dialects part.
pub fn is_postgres(conn: &impl ConnectionTrait) -> bool {
    conn.get_database_backend() == DbBackend::Postgres
}

/// What ends a SELECT whose rows nobody else may change until the transaction ends; SQLite has one writer anyway.
pub fn for_update(conn: &impl ConnectionTrait) -> &'static str {
    if is_postgres(conn) { " FOR UPDATE" } else { "" }
}

/// `($1, $2), ($3, $4) …` for the values of many rows.
pub fn rows(conn: &impl ConnectionTrait, count: usize, columns: usize) -> String {
    let row = |n: usize| {
        if is_postgres(conn) {
            format!("({})", placeholders(n * columns + 1, columns))
        } else {
            // SQLite walks a list of all names for every named value: thousands of them take longer than the rows.
            format!("({})", vec!["?"; columns].join(", "))
        }
    };
    (0..count).map(row).collect::<Vec<_>>().join(", ")
}

/// `$n, $n+1, …`, or `?, ?, …` where they are many values for SQLite; see [`rows`]. They must come last.
pub fn many(conn: &impl ConnectionTrait, first: usize, count: usize) -> String {
    if is_postgres(conn) { placeholders(first, count) } else { vec!["?"; count].join(", ") }
}

/// `$n, $n+1, …` for a list of values.
pub fn placeholders(first: usize, count: usize) -> String {
    (first..first + count).map(|i| format!("${i}")).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::{containing, joined};

    #[test]
    fn statements_are_joined_with_their_values() {
        let said = |sql: &str, n: i64| (sql.to_owned(), vec![n.into(), (n + 1).into()]);
        let (sql, values) = joined(vec![
            said("INSERT INTO a VALUES ($1, $2)", 1),
            said("WITH v AS (SELECT $1) UPDATE b SET x = $2 FROM v", 3),
            said("DELETE FROM c WHERE x = $2 OR y = $1", 5),
        ]);
        assert_eq!(
            sql,
            "WITH part0 AS (INSERT INTO a VALUES ($1, $2)), part1 AS (WITH v AS (SELECT $3) UPDATE b SET x = $4 FROM v) \
             DELETE FROM c WHERE x = $6 OR y = $5"
        );
        assert_eq!(values, (1..=6i64).map(Into::into).collect::<Vec<_>>());
    }

    #[test]
    fn patterns_are_literal() {
        assert_eq!(containing(r"50%_\"), r"%50\%\_\\%");
    }
}
