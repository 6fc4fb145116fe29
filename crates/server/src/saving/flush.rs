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
use crate::db::{self, Db, Kept};
use crate::error::ApiError;
use crate::store::annotations::Annotation;
use sea_orm::error::ConnAcquireErr;
use sea_orm::sea_query::ArrayType;
use sea_orm::{DbErr, Value as Sql};
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
        let Some(conn) = db.flusher() else { return Self { queue: None, era: Arc::default() } };
        let era = conn.made();
        let (queue, receive) = mpsc::unbounded_channel();
        tokio::spawn(work(Line(conn), receive));
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
    let _ = line.0.open().await;
    let made = line.0.made();
    while let Some(first) = queue.recv().await {
        let mut batches = vec![first];
        while let Ok(more) = queue.try_recv() {
            batches.push(more);
        }
        if let Err(error) = line.flush_patiently().await {
            refuse(batches.into_iter().flat_map(|batch| batch.answers).collect(), &unconfirmed(error));
            continue;
        }
        let era = made.load(Ordering::Acquire);
        let (safe, unsure): (Vec<_>, Vec<_>) = batches.into_iter().partition(|batch| batch.era == era);
        give(safe.into_iter().flat_map(|batch| batch.answers).collect());
        if !unsure.is_empty() {
            line.look_for(unsure.into_iter().flat_map(|batch| batch.answers).collect()).await;
        }
    }
}

/// The connection whose eras these are.
struct Line(Kept);

impl Line {
    /// Waits for a database that restarts, rather than leave clients in doubt.
    async fn flush_patiently(&mut self) -> Result<(), DbErr> {
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
    async fn flush(&mut self) -> Result<(), DbErr> {
        self.0.all("SELECT pg_logical_emit_message(TRUE, 'tagloom', '')::text", vec![]).await.map(|_| ())
    }

    /// Answers whose annotations are there, as they are on disk; the others are lost. A number may be given again after a
    /// crash, a time is not.
    async fn look_for(&mut self, answers: Vec<Ready>) {
        let ids =
            answers.iter().filter_map(|(_, result)| result.as_ref().ok().map(|a| a.id.into())).collect();
        let ids = Sql::Array(ArrayType::BigInt, Some(Box::new(ids)));
        let rows = self.0.all("SELECT id, created_at FROM annotations WHERE id = ANY($1)", vec![ids]).await;
        let found: HashSet<(i64, String)> = match rows {
            Ok(rows) => rows
                .iter()
                .filter_map(|row| Some((row.try_get_by_index(0).ok()?, row.try_get_by_index(1).ok()?)))
                .collect(),
            Err(error) => return refuse(answers, &unconfirmed(error)),
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
fn unconfirmed(error: DbErr) -> DbErr {
    db::in_doubt(match error {
        DbErr::Conn(error) => DbErr::Query(error),
        error => error,
    })
}
