//! Connections of PostgreSQL that are kept.
//!
//! A pool asks every connection that comes back whether it is still there: one more way to the database and back for each
//! statement, and the next user waits for it. Who asks thousands of times a second has one of their own ([`Kept`]); the
//! others share some that come back as they are ([`super::reader`]).
//!
//! Whoever leaves one in the middle of an answer (a client that went away) gives it back to the pool, which reads the rest.

use super::{ASK_AFTER, statement};
use sea_orm::sqlx::pool::PoolConnection;
use sea_orm::sqlx::{self, AssertSqlSafe, Connection, PgPool, Postgres};
use sea_orm::{DatabaseConnection, DbBackend, DbErr, QueryResult, RuntimeErr, SqlxError, Statement, Value};
use sea_query_sqlx::SqlxValues;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// As long as pools keep theirs: a name may stand for another server by then.
const LONGEST: Duration = Duration::from_secs(30 * 60);

/// A connection, and since when nobody has used it.
#[derive(Debug)]
pub(super) struct Line {
    pub conn: PoolConnection<Postgres>,
    made: Instant,
    used: Instant,
}

impl Line {
    pub async fn new(pool: &PgPool) -> Result<Self, DbErr> {
        let conn = pool.acquire().await.map_err(of_pool)?;
        Ok(Self { conn, made: Instant::now(), used: Instant::now() })
    }

    /// Itself, if it can be used; else it is gone.
    pub async fn checked(mut self) -> Option<Self> {
        let used_up = self.made.elapsed() > LONGEST;
        if !used_up && (self.used.elapsed() < ASK_AFTER || self.conn.ping().await.is_ok()) {
            return Some(self);
        }
        self.close();
        None
    }

    /// After something was asked: itself, unless it broke.
    pub fn after<T>(mut self, said: &Result<T, SqlxError>) -> Option<Self> {
        if said.as_ref().is_err_and(breaks) {
            self.close();
            return None;
        }
        self.used = Instant::now();
        Some(self)
    }

    pub fn idle(&self) -> Duration {
        self.used.elapsed()
    }

    /// It is not to come back from the pool.
    pub fn close(self) {
        drop(self.conn.detach());
    }
}

/// One that nobody else uses. It is made when it is first needed, and again after it broke.
#[derive(Debug)]
pub struct Kept {
    pool: PgPool,
    line: Option<Line>,
    made: Arc<AtomicU64>,
}

impl Kept {
    /// Of a pool that has one connection for each of those who keep one.
    pub(super) fn new(pool: &DatabaseConnection) -> Self {
        Self { pool: pool.get_postgres_connection_pool().clone(), line: None, made: Arc::default() }
    }

    /// How often it was made, for others to look at, too.
    pub fn made(&self) -> Arc<AtomicU64> {
        Arc::clone(&self.made)
    }

    /// Makes sure that there is one.
    pub async fn open(&mut self) -> Result<(), DbErr> {
        self.line = Some(self.line().await?);
        Ok(())
    }

    async fn line(&mut self) -> Result<Line, DbErr> {
        if let Some(line) = self.line.take()
            && let Some(line) = line.checked().await
        {
            return Ok(line);
        }
        let line = Line::new(&self.pool).await?;
        self.made.fetch_add(1, Ordering::Release);
        Ok(line)
    }

    /// All rows of a query. Without a connection the error is [`DbErr::Conn`], and nothing was asked.
    pub async fn all(&mut self, sql: &'static str, values: Vec<Value>) -> Result<Vec<QueryResult>, DbErr> {
        let (_, values) = parts(statement(DbBackend::Postgres, sql, values));
        let mut line = self.line().await?;
        let rows = sqlx::query_with(sql, values).fetch_all(&mut *line.conn).await;
        self.line = line.after(&rows);
        found(rows)
    }
}

/// A statement as the driver takes it.
pub(super) fn parts(statement: Statement) -> (AssertSqlSafe<String>, SqlxValues) {
    // Values are never part of the text: `statement` has them beside it.
    (
        AssertSqlSafe(statement.sql),
        SqlxValues(statement.values.unwrap_or_else(|| sea_orm::Values(Vec::new()))),
    )
}

pub(super) fn found(rows: Result<Vec<sqlx::postgres::PgRow>, SqlxError>) -> Result<Vec<QueryResult>, DbErr> {
    let rows = rows.map_err(|error| DbErr::Query(RuntimeErr::SqlxError(error.into())))?;
    Ok(rows.into_iter().map(QueryResult::from).collect())
}

fn of_pool(error: SqlxError) -> DbErr {
    DbErr::Conn(RuntimeErr::SqlxError(error.into()))
}

/// Whether the connection is of no use any more: PostgreSQL's own errors leave it as it was, unless it goes away.
fn breaks(error: &SqlxError) -> bool {
    match error {
        SqlxError::Database(error) => error.code().is_none_or(|code| code.starts_with("57P")),
        _ => true,
    }
}
