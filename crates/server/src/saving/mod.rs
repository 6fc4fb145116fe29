//! Submitting annotations: those that arrive together are stored together.
//!
//! A submit needs about ten statements. One after the other, each in a transaction of its own, they would make eight
//! people wait for one another; so a process has one *saver*, which takes all submits that wait, stores them with the same
//! ten statements in one transaction, and answers each. A batch is what came in while the one before was stored. Those who
//! were answered together come back at nearly the same moment, so on SQLite, after a batch of several, the first of them is
//! given a moment's company; whoever saves alone never waits. On PostgreSQL, where every statement is a way there and back,
//! most batches are one statement ([`at_once`]), and its commit is waited for while the next batch is stored ([`flush`]): to
//! hold one back there would only leave the database idle.
//!
//! Invariants:
//! - A submit is answered when its transaction has been committed and is on disk, or with the error that kept it out.
//! - In a batch there is one submit of a task, of an idempotency key and of a unique id at most; others wait for the next.
//! - What is wrong with one submit is known before anything is written and never touches its neighbours. Where the database
//!   refuses a batch, each of its submits is tried alone.
//! - Rows of tasks are locked by id, upwards, as everywhere else.

mod at_once;
mod batch;
mod flush;
mod submit;

pub use submit::{Author, Submit, result_of};

use crate::db::{self, Db, Trouble};
use crate::error::ApiError;
use crate::store::annotations::Annotation;
use flush::Flusher;
use std::collections::{HashSet, VecDeque};
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};

/// Submits in one transaction at most.
const BATCH: usize = 64;
/// How long a batch is held back for those who were there before.
const COMPANY: Duration = Duration::from_millis(2);
/// Submits that may wait; further ones wait in their connections.
const QUEUE: usize = 1024;
/// Another process may have taken a key or an id at the same moment: the next try finds it.
const TRIES: usize = 3;

/// The way to store annotations.
#[derive(Clone, Debug)]
pub struct Saver {
    queue: mpsc::Sender<Waiting>,
}

#[derive(Debug)]
struct Waiting {
    submit: Submit,
    answer: oneshot::Sender<Result<Annotation, ApiError>>,
}

impl Saver {
    /// Starts the process's saver; it ends with its last handle.
    pub fn start(db: Db) -> Self {
        let (queue, receive) = mpsc::channel(QUEUE);
        tokio::spawn(work(db, receive));
        Self { queue }
    }

    /// Stores an annotation; where its key was used before, gives the one that was made then.
    pub async fn submit(&self, submit: Submit) -> Result<Annotation, ApiError> {
        let (answer, receive) = oneshot::channel();
        let gone = || ApiError::Internal(anyhow::anyhow!("the saver has ended"));
        self.queue.send(Waiting { submit, answer }).await.map_err(|_| gone())?;
        receive.await.map_err(|_| gone())?
    }
}

async fn work(db: Db, mut queue: mpsc::Receiver<Waiting>) {
    let flusher = Flusher::start(&db);
    // On PostgreSQL the next batch gathers while this one is stored and the one before is written to the disk.
    let holds_back = !db::is_postgres(db.read());
    let mut waiting: VecDeque<Waiting> = VecDeque::new();
    // Who was there when the last batch was stored.
    let mut before = 1;
    loop {
        if waiting.is_empty() {
            match queue.recv().await {
                Some(first) => waiting.push_back(first),
                None => return,
            }
        }
        while waiting.len() < BATCH {
            match queue.try_recv() {
                Ok(more) => waiting.push_back(more),
                Err(_) => break,
            }
        }
        if holds_back && waiting.len() < before {
            let company = async {
                while waiting.len() < before {
                    match queue.recv().await {
                        Some(more) => waiting.push_back(more),
                        None => return,
                    }
                }
            };
            // Late ones are in the next batch.
            let _ = tokio::time::timeout(COMPANY, company).await;
        }
        let (submits, answers): (Vec<_>, Vec<_>) =
            take(&mut waiting).into_iter().map(|w| (w.submit, w.answer)).unzip();
        let answered = submits.len();
        // A task of its own: a bug ends this batch, not the saver.
        let (db, flusher) = (db.clone(), flusher.clone());
        if let Err(bug) = tokio::spawn(async move { store(db, flusher, submits, answers).await }).await {
            tracing::error!("a batch of annotations met a bug: {bug}");
        }
        before = (answered + waiting.len() + queue.len()).min(BATCH);
    }
}

/// The next batch: from the front, leaving those that would meet another of the same task, key or id.
fn take(waiting: &mut VecDeque<Waiting>) -> Vec<Waiting> {
    let (mut tasks, mut keys, mut ids) = (HashSet::new(), HashSet::new(), HashSet::new());
    let (mut batch, mut rest) = (Vec::new(), VecDeque::new());
    for one in waiting.drain(..) {
        let submit = &one.submit;
        let key = submit.key.as_ref().map(|key| (submit.author.id, key.clone()));
        let id = submit.unique_id.clone();
        let meets = tasks.contains(&submit.task)
            || key.as_ref().is_some_and(|key| keys.contains(key))
            || id.as_ref().is_some_and(|id| ids.contains(id));
        if meets || batch.len() == BATCH {
            rest.push_back(one);
            continue;
        }
        tasks.insert(submit.task);
        keys.extend(key);
        ids.extend(id);
        batch.push(one);
    }
    *waiting = rest;
    batch
}

type Answer = oneshot::Sender<Result<Annotation, ApiError>>;

async fn store(db: Db, flusher: Flusher, submits: Vec<Submit>, answers: Vec<Answer>) {
    let era = flusher.era();
    let quick = match at_once::store(&db, &submits).await {
        Ok(quick) => quick,
        // Each of them would fail in the same way, one after the other.
        Err(error) if Trouble::of(&error) != Trouble::Other => {
            // The statement is a transaction of its own.
            let error = db::in_doubt(error);
            let refused = answers.into_iter().map(|answer| (answer, Err(error.clone().into())));
            return flusher.answer(era, refused.collect());
        }
        Err(error) => {
            tracing::debug!("a batch of {} annotations is stored in steps: {error}", submits.len());
            vec![None; submits.len()]
        }
    };
    let (mut done, mut left, mut waiting) = (Vec::new(), Vec::new(), Vec::new());
    for ((submit, answer), stored) in submits.into_iter().zip(answers).zip(quick) {
        match stored {
            Some(annotation) => done.push((answer, Ok(annotation))),
            None => {
                left.push(submit);
                waiting.push(answer);
            }
        }
    }
    flusher.answer(era, done);
    if !left.is_empty() {
        let results = in_steps(&db, left).await;
        flusher.answer(era, waiting.into_iter().zip(results).collect());
    }
}

async fn in_steps(db: &Db, submits: Vec<Submit>) -> Vec<Result<Annotation, ApiError>> {
    match batch::store(db, &submits).await {
        Ok(stored) => stored,
        Err(error) if Trouble::of(&error) != Trouble::Other => {
            submits.iter().map(|_| Err(error.clone().into())).collect()
        }
        Err(error) => {
            tracing::debug!("a batch of {} annotations is stored one by one: {error}", submits.len());
            let mut results = Vec::with_capacity(submits.len());
            for submit in submits {
                results.push(alone(db, submit).await);
            }
            results
        }
    }
}

async fn alone(db: &Db, submit: Submit) -> Result<Annotation, ApiError> {
    let one = [submit];
    let mut last = None;
    for _ in 0..TRIES {
        match batch::store(db, &one).await {
            Ok(mut stored) => return stored.pop().unwrap_or_else(|| Err(ApiError::not_found("Task"))),
            Err(error) if Trouble::of(&error) != Trouble::Other => return Err(error.into()),
            Err(error) => last = Some(error),
        }
    }
    Err(last.map_or_else(|| ApiError::not_found("Task"), ApiError::Database))
}
