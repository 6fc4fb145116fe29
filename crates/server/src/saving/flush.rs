//! What was stored is on disk before anybody hears of it.
//!
//! On PostgreSQL a batch's transaction does not wait for the disk, so that the next one can begin. Its answers wait here, and
//! those of all batches that came meanwhile: one small transaction that does wait takes along whatever was committed before
//! it, by whichever process. That a crash loses nothing in between holds for every answer given here, also for one that only
//! repeats what another process has stored.

use super::Answer;
use crate::db::{self, Db};
use crate::error::ApiError;
use crate::store::annotations::Annotation;
use sea_orm::DbErr;
use tokio::sync::mpsc;

/// An answer, and who waits for it.
type Ready = (Answer, Result<Annotation, ApiError>);

/// The way to give answers. Batches that wait here are those of the clients at work: each has one submit in it.
#[derive(Clone, Debug)]
pub(super) struct Flusher {
    /// Nothing on SQLite, where a commit is enough.
    queue: Option<mpsc::UnboundedSender<Vec<Ready>>>,
}

impl Flusher {
    pub(super) fn start(db: &Db) -> Self {
        if !db::is_postgres(db.read()) {
            return Self { queue: None };
        }
        let (queue, receive) = mpsc::unbounded_channel();
        tokio::spawn(work(db.clone(), receive));
        Self { queue: Some(queue) }
    }

    /// Gives these answers once all that has been committed until now is on disk. Errors promise nothing and go out at once:
    /// whoever hears that the database is away has waited for it already.
    pub(super) fn answer(&self, answers: Vec<Ready>) {
        let Some(queue) = &self.queue else { return give(answers) };
        let (stored, refused): (Vec<_>, Vec<_>) = answers.into_iter().partition(|(_, result)| result.is_ok());
        give(refused);
        if stored.is_empty() {
            return;
        }
        if let Err(mpsc::error::SendError(answers)) = queue.send(stored) {
            refuse(answers, &DbErr::Custom("nothing asks the database to write to its disk any more".into()));
        }
    }
}

async fn work(db: Db, mut queue: mpsc::UnboundedReceiver<Vec<Ready>>) {
    while let Some(mut answers) = queue.recv().await {
        while let Ok(more) = queue.try_recv() {
            answers.extend(more);
        }
        match flush(&db).await {
            Ok(()) => give(answers),
            Err(error) => refuse(answers, &error),
        }
    }
}

/// A message in the write-ahead log that nobody reads: the smallest transaction whose commit waits for the disk.
async fn flush(db: &Db) -> Result<(), DbErr> {
    db::one(db.flusher(), "SELECT pg_logical_emit_message(TRUE, 'tagloom', '')::text", vec![]).await.map(drop)
}

/// Whoever has gone away finds the annotation when they come back.
fn give(answers: Vec<Ready>) {
    for (answer, result) in answers {
        let _ = answer.send(result);
    }
}

/// What a batch stored may be lost or not; a resend with the same key finds out.
fn refuse(answers: Vec<Ready>, error: &DbErr) {
    for (answer, result) in answers {
        let _ = answer.send(result.and(Err(ApiError::Database(error.clone()))));
    }
}
