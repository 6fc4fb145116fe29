//! Single statements, which need no transaction around them.

use super::kept::{Line, found, parts};
use super::{ACQUIRE_TIMEOUT, is_postgres};
use async_trait::async_trait;
use sea_orm::error::ConnAcquireErr;
use sea_orm::sqlx::{self, AssertSqlSafe, Executor, PgPool};
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DbBackend, DbErr, ExecResult, QueryResult, RuntimeErr, SqlxError,
    Statement,
};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::{Semaphore, SemaphorePermit};

/// A connection that nobody has needed for so long is closed.
const IDLE: Duration = Duration::from_secs(10 * 60);

/// Where such statements go.
#[derive(Clone, Debug)]
pub enum Reader {
    /// Of SQLite.
    Pool(DatabaseConnection),
    /// Of PostgreSQL.
    Lent(Arc<Lender>),
}

/// Some connections, lent for one statement each. What comes back last is lent first: its process has everything at hand.
#[derive(Debug)]
pub struct Lender {
    /// It has as many connections as there are places.
    pool: PgPool,
    places: Semaphore,
    free: Mutex<VecDeque<Line>>,
}

impl Reader {
    /// Over a pool that nobody else uses.
    pub(super) fn new(pool: DatabaseConnection, connections: u32) -> Self {
        if !is_postgres(&pool) {
            return Self::Pool(pool);
        }
        let pool = pool.get_postgres_connection_pool().clone();
        Self::Lent(Arc::new(Lender {
            pool,
            places: Semaphore::new(connections as usize),
            free: Mutex::default(),
        }))
    }

    /// Connections that there are, and those of them that nobody uses.
    pub(super) fn connections(&self) -> (u32, usize) {
        match self {
            Self::Pool(pool) => {
                let pool = pool.get_sqlite_connection_pool();
                (pool.size(), pool.num_idle())
            }
            Self::Lent(lender) => (lender.pool.size(), lender.pool.num_idle() + lender.free().len()),
        }
    }
}

impl Lender {
    /// Nothing panics while it is locked.
    fn free(&self) -> std::sync::MutexGuard<'_, VecDeque<Line>> {
        self.free.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    async fn place(&self) -> Result<SemaphorePermit<'_>, DbErr> {
        if let Ok(place) = self.places.try_acquire() {
            return Ok(place);
        }
        match tokio::time::timeout(ACQUIRE_TIMEOUT, self.places.acquire()).await {
            Ok(Ok(place)) => Ok(place),
            _ => Err(DbErr::ConnectionAcquire(ConnAcquireErr::Timeout)),
        }
    }

    async fn line(&self) -> Result<Line, DbErr> {
        loop {
            let free = self.free().pop_back();
            match free {
                Some(line) => {
                    if let Some(line) = line.checked().await {
                        return Ok(line);
                    }
                }
                None => return Line::new(&self.pool).await,
            }
        }
    }

    /// Where one broke, the others most likely did, too.
    fn back(&self, line: Option<Line>) {
        let mut free = self.free();
        let unused = match line {
            None => std::mem::take(&mut *free),
            Some(line) => {
                free.push_back(line);
                let unused = free.iter().take_while(|line| line.idle() > IDLE).count();
                free.drain(..unused).collect()
            }
        };
        drop(free);
        unused.into_iter().for_each(Line::close);
    }

    async fn all(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        let (sql, values) = parts(statement);
        let _place = self.place().await?;
        let mut line = self.line().await?;
        let rows = sqlx::query_with(sql, values).fetch_all(&mut *line.conn).await;
        self.back(line.after(&rows));
        found(rows)
    }

    async fn run(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        let (sql, values) = parts(statement);
        let _place = self.place().await?;
        let mut line = self.line().await?;
        let done = sqlx::query_with(sql, values).execute(&mut *line.conn).await;
        self.back(line.after(&done));
        done.map(ExecResult::from).map_err(of_run)
    }

    async fn run_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        let _place = self.place().await?;
        let mut line = self.line().await?;
        let done = line.conn.execute(AssertSqlSafe(sql.to_owned())).await;
        self.back(line.after(&done));
        done.map(ExecResult::from).map_err(of_run)
    }
}

fn of_run(error: SqlxError) -> DbErr {
    DbErr::Exec(RuntimeErr::SqlxError(error.into()))
}

#[async_trait]
impl ConnectionTrait for Reader {
    fn get_database_backend(&self) -> DbBackend {
        match self {
            Self::Pool(pool) => pool.get_database_backend(),
            Self::Lent(_) => DbBackend::Postgres,
        }
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        match self {
            Self::Pool(pool) => pool.execute_raw(statement).await,
            Self::Lent(lender) => lender.run(statement).await,
        }
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        match self {
            Self::Pool(pool) => pool.execute_unprepared(sql).await,
            Self::Lent(lender) => lender.run_unprepared(sql).await,
        }
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        match self {
            Self::Pool(pool) => pool.query_one_raw(statement).await,
            Self::Lent(lender) => Ok(lender.all(statement).await?.into_iter().next()),
        }
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        match self {
            Self::Pool(pool) => pool.query_all_raw(statement).await,
            Self::Lent(lender) => lender.all(statement).await,
        }
    }
}
