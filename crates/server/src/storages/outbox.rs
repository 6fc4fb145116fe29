//! Writes what waits in the export queue: annotations that people saved, and whole projects for a sync.
//!
//! A save notes its task in the queue and is done; it never waits for a bucket. Workers of all processes take the rows
//! by lease. A row is a task: its annotations are read when they are written, so what lands in the bucket is never older
//! than what landed before. A write that fails is tried again, later each time, for as long as the storage exists.

use super::object;
use crate::db;
use crate::error::ApiError;
use crate::state::AppState;
use crate::store::annotations::{self, Annotation};
use crate::store::export_queue::{self, Claim, Whose, Written};
use crate::store::storages::{self, Storage};
use crate::store::tasks::{self, Task};
use futures::StreamExt;
use serde_json::Value;
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use tagloom_storages::{Bucket, Cause, Problem};

/// How soon a save of another process is seen.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// Tasks taken at once, and of them written side by side.
const TASKS: i64 = 32;
const SIDE_BY_SIDE: usize = 8;
/// What is taken is kept by renewing; what a process that died had taken is soon taken by others.
const RENEW_EVERY: Duration = Duration::from_secs(5);
/// For one object.
const PATIENCE: Duration = Duration::from_secs(20);
/// A storage that does not answer is asked again after so many seconds.
const PAUSE: i64 = 5;

/// Works until the server stops.
pub(crate) async fn work(state: AppState) {
    let worker = format!("{} writes", crate::process::name());
    loop {
        let pause = match saves(&state, &worker).await {
            Ok(true) => continue,
            Ok(false) => LOOK_EVERY,
            Err(error) => {
                tracing::warn!("annotations could not be written to a storage: {error}");
                LOOK_EVERY * 4
            }
        };
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = state.jobs.stopping() => return,
        }
    }
}

/// One round of what people saved; false where nothing is due.
async fn saves(state: &AppState, worker: &str) -> Result<bool, ApiError> {
    if !export_queue::is_due(state.db.read()).await? {
        return Ok(false);
    }
    let round = round(state, Whose::Saves, worker).await?;
    if let Some(problem) = &round.problem {
        tracing::warn!("a storage does not take annotations: {}", problem.message);
    }
    Ok(round.tasks > 0)
}

/// What a round came to.
#[derive(Debug, Default)]
pub(crate) struct Round {
    pub tasks: usize,
    /// Objects.
    pub written: i64,
    /// Objects that could not be written, each with the reason.
    pub errors: Vec<(String, String)>,
    /// The storage as a whole does not work.
    pub problem: Option<Problem>,
}

enum Change {
    Wrote(i64, Written),
    Gone(i64),
}

enum End {
    Done,
    Failed(Problem),
    /// Not tried, because the storage does not work.
    Left,
}

/// Takes some tasks of one storage and writes them.
pub(crate) async fn round(state: &AppState, whose: Whose, worker: &str) -> Result<Round, ApiError> {
    let tx = state.db.write().await?;
    let claims = export_queue::claim(&*tx, whose, worker, TASKS).await?;
    tx.commit().await?;
    let Some(first) = claims.first() else { return Ok(Round::default()) };
    let mut round = Round { tasks: claims.len(), ..Round::default() };
    let storage = storages::by_id(state.db.read(), first.storage).await?;
    let Some(storage) = storage else {
        let tx = state.db.write().await?;
        storages::delete(&*tx, first.storage).await?;
        tx.commit().await?;
        return Ok(round);
    };
    let connected = state.buckets.of(&storage);
    let broken = AtomicBool::new(connected.is_err());
    let mut ends: Vec<(Claim, Vec<Change>, End)> = match &connected {
        Err(problem) => {
            round.problem = Some(problem.clone());
            claims.iter().map(|claim| (*claim, Vec::new(), End::Left)).collect()
        }
        Ok(bucket) => {
            let write = |claim: Claim| {
                let (broken, storage) = (&broken, &storage);
                async move {
                    if broken.load(Ordering::Relaxed) {
                        return Ok((claim, Vec::new(), End::Left));
                    }
                    let mut changes = Vec::new();
                    let end = match write(state, storage, bucket, &claim, &mut changes).await? {
                        Ok(()) => End::Done,
                        Err(problem) => {
                            if problem.concerns_storage() {
                                broken.store(true, Ordering::Relaxed);
                            }
                            End::Failed(problem)
                        }
                    };
                    Ok::<_, ApiError>((claim, changes, end))
                }
            };
            let ids: Vec<i64> = claims.iter().map(|claim| claim.id).collect();
            let all = futures::stream::iter(claims).map(write).buffer_unordered(SIDE_BY_SIDE);
            let Some(ends) = held(state, &ids, worker, all.collect::<Vec<_>>()).await else {
                return Ok(round);
            };
            ends.into_iter().collect::<Result<_, _>>()?
        }
    };
    // The order in which everybody takes the rows.
    ends.sort_by_key(|(claim, ..)| claim.task);
    let by_sync = matches!(whose, Whose::Sync { .. });
    let tx = state.db.write().await?;
    for (claim, changes, end) in ends {
        for change in changes {
            match change {
                Change::Wrote(annotation, written) => {
                    export_queue::set_written(&*tx, storage.id, claim.task, annotation, &written).await?;
                    round.written += 1;
                }
                Change::Gone(annotation) => {
                    export_queue::unset_written(&*tx, storage.id, claim.task, annotation).await?;
                }
            }
        }
        match end {
            End::Done => export_queue::done(&*tx, &claim, worker).await?,
            End::Left => export_queue::free(&*tx, &claim, worker).await?,
            End::Failed(problem) if problem.concerns_storage() => {
                if by_sync {
                    export_queue::free(&*tx, &claim, worker).await?;
                } else {
                    export_queue::failed(&*tx, &claim, worker, &problem.line()).await?;
                }
                round.problem.get_or_insert(problem);
            }
            End::Failed(problem) => {
                export_queue::failed(&*tx, &claim, worker, &problem.line()).await?;
                let key = problem.key.clone().unwrap_or_else(|| format!("task {}", claim.task));
                round.errors.push((key, format!("{} {}", problem.message, problem.mend)));
            }
        }
    }
    if round.problem.is_some() && !by_sync {
        export_queue::postpone(&*tx, storage.id, PAUSE).await?;
    }
    tx.commit().await?;
    Ok(round)
}

/// Keeps the rows while they are worked on; nothing where they are lost, and what was begun is begun again by others.
async fn held<T>(state: &AppState, ids: &[i64], worker: &str, work: impl Future<Output = T>) -> Option<T> {
    let mut work = std::pin::pin!(work);
    let mut sure = Instant::now();
    loop {
        tokio::select! {
            done = &mut work => return Some(done),
            () = tokio::time::sleep(RENEW_EVERY) => {
                let asked = Instant::now();
                match renew(state, ids, worker).await {
                    Ok(true) => sure = asked,
                    Ok(false) => return None,
                    Err(error) => {
                        tracing::warn!("the places of what is written to a storage could not be renewed: {error}");
                        // Others may think us dead before long; they must not find us writing.
                        if sure.elapsed().as_secs() as i64 >= export_queue::LEASE_SECONDS / 2 {
                            return None;
                        }
                    }
                }
            }
        }
    }
}

async fn renew(state: &AppState, ids: &[i64], worker: &str) -> Result<bool, ApiError> {
    let tx = state.db.write().await?;
    let all = export_queue::renew(&*tx, ids, worker).await?;
    tx.commit().await?;
    Ok(all)
}

/// Writes what of a task is newer than its objects; for a sync everything.
async fn write(
    state: &AppState,
    storage: &Storage,
    bucket: &Bucket,
    claim: &Claim,
    changes: &mut Vec<Change>,
) -> Result<Result<(), Problem>, ApiError> {
    let conn = state.db.read();
    let task = tasks::by_ids(conn, &[claim.task]).await?.pop().filter(|t| t.project == storage.project);
    let found = annotations::of_tasks(conn, &[claim.task]).await?;
    let written = export_queue::written(conn, storage.id, claim.task).await?;
    let can_delete = storage.fields.get("can_delete_objects").and_then(Value::as_bool).unwrap_or(false);
    let work = Work { state, storage, bucket, by_sync: claim.by_sync, written, can_delete };
    if state.settings.storages.save_tasks {
        work.whole_task(task.as_ref(), claim.task, &found, changes).await
    } else {
        work.annotations(task.as_ref(), &found, changes).await
    }
}

struct Work<'a> {
    state: &'a AppState,
    storage: &'a Storage,
    bucket: &'a Bucket,
    by_sync: bool,
    written: HashMap<i64, Written>,
    can_delete: bool,
}

impl Work<'_> {
    async fn annotations(
        &self,
        task: Option<&Task>,
        found: &[Annotation],
        changes: &mut Vec<Change>,
    ) -> Result<Result<(), Problem>, ApiError> {
        for annotation in found {
            let Some(task) = task else { break };
            let known = self.written.get(&annotation.id);
            if !self.by_sync && known.is_some_and(|known| known.version == annotation.updated_at) {
                continue;
            }
            let body = object::annotation(self.state.db.read(), self.storage.kind, task, annotation).await?;
            let key = self.bucket.key_for(&annotation.id.to_string());
            if let Err(problem) = self.put(&key, body).await {
                return Ok(Err(problem));
            }
            let version = annotation.updated_at.clone();
            changes.push(Change::Wrote(annotation.id, Written { key, version }));
        }
        for (id, known) in self.written.iter().filter(|(id, _)| **id != 0) {
            if found.iter().any(|annotation| annotation.id == *id) {
                continue;
            }
            if let Err(problem) = self.delete(&known.key).await {
                return Ok(Err(problem));
            }
            changes.push(Change::Gone(*id));
        }
        Ok(Ok(()))
    }

    async fn whole_task(
        &self,
        task: Option<&Task>,
        id: i64,
        found: &[Annotation],
        changes: &mut Vec<Change>,
    ) -> Result<Result<(), Problem>, ApiError> {
        let Some(task) = task.filter(|_| !found.is_empty()) else {
            let Some(known) = self.written.get(&0) else { return Ok(Ok(())) };
            let deleted = self.delete(&known.key).await;
            if deleted.is_ok() {
                changes.push(Change::Gone(0));
            }
            return Ok(deleted);
        };
        let body = object::task(self.state.db.read(), self.storage.kind, task, found).await?;
        let name = object::task_name(id, self.state.settings.storages.json_extension);
        let key = self.bucket.key_for(&name);
        if let Err(problem) = self.put(&key, body).await {
            return Ok(Err(problem));
        }
        changes.push(Change::Wrote(0, Written { key, version: task.updated_at.clone() }));
        Ok(Ok(()))
    }

    async fn put(&self, key: &str, body: bytes::Bytes) -> Result<(), Problem> {
        in_time(key, self.bucket.put(key, body, None)).await
    }

    /// Only where the storage says that objects may be deleted; else the object stays and is forgotten.
    async fn delete(&self, key: &str) -> Result<(), Problem> {
        if self.can_delete { in_time(key, self.bucket.delete(key)).await } else { Ok(()) }
    }
}

async fn in_time(key: &str, work: impl Future<Output = Result<(), Problem>>) -> Result<(), Problem> {
    tokio::time::timeout(PATIENCE, work).await.unwrap_or_else(|_| {
        Err(Problem::new(Cause::TimedOut, "The storage did not take the object in time.").at(key))
    })
}

/// What still waits for a sync and has not been tried.
pub(crate) async fn left(state: &AppState, job: i64) -> Result<i64, ApiError> {
    let sql = "SELECT COUNT(*) FROM export_queue WHERE job = $1 AND attempts = 0";
    Ok(db::count(state.db.read(), sql, vec![job.into()]).await?)
}
