//! What was stored is on disk before anybody hears of it.
//!
//! On PostgreSQL a batch's transaction does not wait for the disk, so that the next one can begin. Its answers wait here, and
//! those of all batches that came meanwhile: one small transaction that does wait takes along whatever was committed before
//! it, by whichever process. That a crash loses nothing in between holds for every answer given here, also for one that only
//! repeats what another process has stored.
//!
//! A database that crashes may be back within a second, without the batch: then that transaction would succeed and prove
//! nothing. A crash ends every connection, so this one is kept, and its *era* counts how often it had to be made anew. Of a
//! batch that began in the same era, nothing was lost; the annotations of any other are looked for before they are answered.
//! Where the database stays away, the answer says that nobody knows.

use super::Answer;
use crate::db::{self, Db};
use crate::error::ApiError;
use crate::store::annotations::Annotation;
use sea_orm::error::ConnAcquireErr;
use sea_orm::sqlx::pool::PoolConnection;
use sea_orm::sqlx::{self, PgPool, Postgres};
use sea_orm::{DbErr, RuntimeErr, SqlxError};
use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tokio::sync::mpsc;

/// How long answers wait for a database that has gone away; with the last try about twice that.
const PATIENCE: Duration = Duration::from_secs(10);
/// Between two tries.
const PAUSE: Duration = Duration::from_millis(100);

/// An answer, and who waits for it.
type Ready = (Answer, Result<Annotation, ApiError>);

/// Answers of a batch, and the era in which it began.
struct Batch {
    era: u64,
    answers: Vec<Ready>,
}

/// The way to give answers. Batches that wait here are those of the clients at work: each has one submit in it.
#[derive(Clone, Debug)]
pub(super) struct Flusher {
    /// Nothing on SQLite, where a commit is enough.
    queue: Option<mpsc::UnboundedSender<Batch>>,
    era: Arc<AtomicU64>,
}

impl Flusher {
    pub(super) fn start(db: &Db) -> Self {
        let era = Arc::new(AtomicU64::new(0));
        if !db::is_postgres(db.read()) {
            return Self { queue: None, era };
        }
        let (queue, receive) = mpsc::unbounded_channel();
        let line = Line { pool: db.flusher().get_postgres_connection_pool().clone(), conn: None, era };
        let era = Arc::clone(&line.era);
        tokio::spawn(work(line, receive));
        Self { queue: Some(queue), era }
    }

    /// To be asked before a batch is stored, and handed to [`Flusher::answer`].
    pub(super) fn era(&self) -> u64 {
        self.era.load(Ordering::Acquire)
    }

    /// Gives these answers once all that has been committed until now is on disk. Errors promise nothing and go out at once:
    /// whoever hears that the database is away has waited for it already.
    pub(super) fn answer(&self, era: u64, answers: Vec<Ready>) {
        let Some(queue) = &self.queue else { return give(answers) };
        let (answers, refused): (Vec<_>, Vec<_>) =
            answers.into_iter().partition(|(_, result)| result.is_ok());
        give(refused);
        if answers.is_empty() {
            return;
        }
        if let Err(mpsc::error::SendError(batch)) = queue.send(Batch { era, answers }) {
            let error = DbErr::Custom("nothing asks the database to write to its disk any more".into());
            refuse(batch.answers, &error);
        }
    }
}

async fn work(mut line: Line, mut queue: mpsc::UnboundedReceiver<Batch>) {
    // Before the first batch, which then begins in an era.
    let _ = line.open().await;
    while let Some(first) = queue.recv().await {
        let mut batches = vec![first];
        while let Ok(more) = queue.try_recv() {
            batches.push(more);
        }
        if let Err(error) = line.flush_patiently().await {
            refuse(batches.into_iter().flat_map(|batch| batch.answers).collect(), &unconfirmed(error));
            continue;
        }
        let era = line.era.load(Ordering::Acquire);
        let (safe, unsure): (Vec<_>, Vec<_>) = batches.into_iter().partition(|batch| batch.era == era);
        give(safe.into_iter().flat_map(|batch| batch.answers).collect());
        if !unsure.is_empty() {
            line.look_for(unsure.into_iter().flat_map(|batch| batch.answers).collect()).await;
        }
    }
}

/// The connection that is kept.
struct Line {
    pool: PgPool,
    conn: Option<PoolConnection<Postgres>>,
    era: Arc<AtomicU64>,
}

impl Line {
    async fn open(&mut self) -> Result<&mut PoolConnection<Postgres>, SqlxError> {
        if self.conn.is_none() {
            self.conn = Some(self.pool.acquire().await?);
            self.era.fetch_add(1, Ordering::Release);
        }
        self.conn.as_mut().ok_or(SqlxError::WorkerCrashed)
    }

    /// Waits for a database that restarts, rather than leave clients in doubt.
    async fn flush_patiently(&mut self) -> Result<(), SqlxError> {
        let until = Instant::now() + PATIENCE;
        loop {
            match self.flush().await {
                Err(error) if Instant::now() < until => {
                    tracing::debug!("the database is asked once more to write to its disk: {error}");
                    tokio::time::sleep(PAUSE).await;
                }
                done => return done,
            }
        }
    }

    /// A message in the write-ahead log that nobody reads: the smallest transaction whose commit waits for the disk.
    async fn flush(&mut self) -> Result<(), SqlxError> {
        let conn = self.open().await?;
        let asked = sqlx::query("SELECT pg_logical_emit_message(TRUE, 'tagloom', '')::text");
        match asked.fetch_one(&mut **conn).await {
            Ok(_) => Ok(()),
            Err(error) => {
                self.drop_conn();
                Err(error)
            }
        }
    }

    /// It is not to come back from the pool.
    fn drop_conn(&mut self) {
        drop(self.conn.take().map(PoolConnection::detach));
    }

    /// Answers whose annotations are there, as they are on disk; the others are lost. A number may be given again after a
    /// crash, a time is not.
    async fn look_for(&mut self, answers: Vec<Ready>) {
        let ids: Vec<i64> =
            answers.iter().filter_map(|(_, result)| result.as_ref().ok().map(|a| a.id)).collect();
        let found = async {
            let asked = sqlx::query_as("SELECT id, created_at FROM annotations WHERE id = ANY($1)").bind(ids);
            asked.fetch_all(&mut **self.open().await?).await
        };
        let found: HashSet<(i64, String)> = match found.await {
            Ok(rows) => rows.into_iter().collect(),
            Err(error) => {
                self.drop_conn();
                return refuse(answers, &unconfirmed(error));
            }
        };
        let is_there = |result: &Result<Annotation, ApiError>| {
            result.as_ref().is_ok_and(|a| found.contains(&(a.id, a.created_at.clone())))
        };
        let (there, lost): (Vec<_>, Vec<_>) = answers.into_iter().partition(|(_, result)| is_there(result));
        give(there);
        if !lost.is_empty() {
            tracing::warn!(
                "the database has crashed and lost {} annotations that nobody was told of",
                lost.len()
            );
            refuse(lost, &DbErr::ConnectionAcquire(ConnAcquireErr::ConnectionClosed));
        }
    }
}

/// Whoever has gone away finds the annotation when they come back.
fn give(answers: Vec<Ready>) {
    for (answer, result) in answers {
        let _ = answer.send(result);
    }
}

/// A resend with the same key finds out what became of what is in doubt.
fn refuse(answers: Vec<Ready>, error: &DbErr) {
    for (answer, result) in answers {
        let _ = answer.send(result.and(Err(ApiError::Database(error.clone()))));
    }
}

/// Its transaction was committed, but not confirmed to be on disk.
fn unconfirmed(error: SqlxError) -> DbErr {
    db::in_doubt(DbErr::Query(RuntimeErr::SqlxError(error.into())))
}
