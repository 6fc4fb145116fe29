//! A connection of PostgreSQL that its user keeps.
//!
//! A pool asks every connection that comes back whether it is still there: one more way to the database and back for each
//! statement, and the next user waits for it. Who asks thousands of times a second has one of their own.

use super::{ASK_AFTER, statement};
use sea_orm::sea_query::ArrayType;
use sea_orm::sqlx::pool::PoolConnection;
use sea_orm::sqlx::postgres::PgArguments;
use sea_orm::sqlx::query::Query;
use sea_orm::sqlx::{self, Connection, PgPool, Postgres};
use sea_orm::{DatabaseConnection, DbBackend, DbErr, QueryResult, RuntimeErr, SqlxError, Value};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

/// It is made when it is first needed, and again after it broke.
#[derive(Debug)]
pub struct Kept {
    pool: PgPool,
    conn: Option<PoolConnection<Postgres>>,
    used: Instant,
    made: Arc<AtomicU64>,
}

impl Kept {
    /// Of a pool that has one connection for each of those who keep one.
    pub(super) fn new(pool: &DatabaseConnection) -> Self {
        let pool = pool.get_postgres_connection_pool().clone();
        Self { pool, conn: None, used: Instant::now(), made: Arc::default() }
    }

    /// How often it was made, for others to look at, too.
    pub fn made(&self) -> Arc<AtomicU64> {
        Arc::clone(&self.made)
    }

    /// Makes sure that there is one.
    pub async fn open(&mut self) -> Result<(), DbErr> {
        if let Some(mut conn) = self.conn.take() {
            if self.used.elapsed() < ASK_AFTER || conn.ping().await.is_ok() {
                self.conn = Some(conn);
                return Ok(());
            }
            forget(conn);
        }
        self.conn = Some(self.pool.acquire().await.map_err(of_pool)?);
        self.used = Instant::now();
        self.made.fetch_add(1, Ordering::Release);
        Ok(())
    }

    /// All rows of a query. Without a connection the error is [`DbErr::Conn`], and nothing was asked.
    pub async fn all(&mut self, sql: &'static str, values: Vec<Value>) -> Result<Vec<QueryResult>, DbErr> {
        let said = statement(DbBackend::Postgres, sql, values);
        let mut query = sqlx::query(sql);
        for value in said.values.into_iter().flat_map(|values| values.0) {
            query = bind(query, value)?;
        }
        self.open().await?;
        // Nobody can leave it behind in the middle of an answer: it is not there until all of it was read.
        let Some(mut conn) = self.conn.take() else { return Err(of_pool(SqlxError::WorkerCrashed)) };
        let rows = query.fetch_all(&mut *conn).await;
        self.used = Instant::now();
        match &rows {
            Err(error) if breaks(error) => forget(conn),
            _ => self.conn = Some(conn),
        }
        let rows = rows.map_err(|error| DbErr::Query(RuntimeErr::SqlxError(error.into())))?;
        Ok(rows.into_iter().map(QueryResult::from).collect())
    }
}

/// It is not to come back from the pool.
fn forget(conn: PoolConnection<Postgres>) {
    drop(conn.detach());
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

type Asked<'q> = Query<'q, Postgres, PgArguments>;

fn bind(query: Asked<'_>, value: Value) -> Result<Asked<'_>, DbErr> {
    Ok(match value {
        Value::BigInt(value) => query.bind(value),
        Value::String(value) => query.bind(value),
        Value::Array(kind, Some(list)) => match kind {
            ArrayType::BigInt => query.bind(column(*list, |v| match v {
                Value::BigInt(value) => value,
                _ => None,
            })),
            ArrayType::Bool => query.bind(column(*list, |v| match v {
                Value::Bool(value) => value,
                _ => None,
            })),
            ArrayType::Double => query.bind(column(*list, |v| match v {
                Value::Double(value) => value,
                _ => None,
            })),
            ArrayType::String => query.bind(column(*list, |v| match v {
                Value::String(value) => value,
                _ => None,
            })),
            other => return Err(DbErr::Type(format!("a list of {other:?} is not expected here"))),
        },
        other => return Err(DbErr::Type(format!("{other:?} is not expected here"))),
    })
}

fn column<T>(list: Vec<Value>, of: impl Fn(Value) -> Option<T>) -> Vec<Option<T>> {
    list.into_iter().map(of).collect()
}
