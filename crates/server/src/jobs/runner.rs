//! Workers: claim, run, renew the lease, write down the end.

use super::failure::Failure;
use super::handle::Handle;
use super::store::{COLUMNS, Job};
use super::{Kind, store};
use crate::db;
use crate::metrics::{JOB_SECONDS, JOBS_ENDED};
use crate::process;
use crate::state::AppState;
use crate::time;
use sea_orm::{DbErr, Value as Sql};
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use tokio::sync::{Notify, Semaphore};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::Instrument;

/// A worker that has not renewed for so long is taken for dead.
pub(super) const LEASE_SECONDS: i64 = 30;
const RENEW_EVERY: Duration = Duration::from_secs(5);
/// How soon a job queued by another process is seen.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// Jobs a process runs side by side.
const WORKERS: usize = 3;
/// Jobs beside them that somebody waits for.
const AT_ONCE: usize = 4;
/// Tries without any progress before a job is given up.
const ATTEMPTS: i64 = 10;
/// Ended jobs are kept so long.
const KEPT_DAYS: i64 = 30;

/// The process's part in running jobs.
#[derive(Clone, Debug, Default)]
pub struct Jobs(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    wake: Notify,
    stopping: CancellationToken,
    tasks: TaskTracker,
    /// What the workers can do, once they have started.
    kinds: OnceLock<&'static [&'static dyn Kind]>,
    at_once: AtOnce,
}

/// Places of jobs that somebody waits for.
#[derive(Debug)]
struct AtOnce(Semaphore);

impl Default for AtOnce {
    fn default() -> Self {
        Self(Semaphore::new(AT_ONCE))
    }
}

impl Jobs {
    /// Says that a job has been queued; without it workers find out within a second.
    pub fn wake(&self) {
        self.0.wake.notify_one();
    }

    /// Ends when the server stops; streams that would go on for ever end with it.
    pub async fn stopping(&self) {
        self.0.stopping.cancelled().await;
    }

    pub fn is_stopping(&self) -> bool {
        self.0.stopping.is_cancelled()
    }

    /// Tells workers and streams to come to an end, without waiting for it.
    pub fn begin_to_stop(&self) {
        self.0.stopping.cancel();
    }

    /// Stops taking jobs, lets those that run reach their next checkpoint, and waits for that.
    pub async fn stop(&self) {
        self.0.stopping.cancel();
        self.0.tasks.close();
        self.0.tasks.wait().await;
    }
}

/// Starts the workers of this process. Without them jobs stay queued.
pub fn start(state: &AppState, kinds: &'static [&'static dyn Kind]) {
    let jobs = &state.jobs.0;
    let _ = jobs.kinds.set(kinds);
    for number in 0..WORKERS {
        let worker = Worker { name: format!("{} {number}", process::name()), state: state.clone(), kinds };
        jobs.tasks.spawn(worker.work(number == 0));
    }
    jobs.tasks.spawn(crate::storages::outbox::work(state.clone()));
}

/// Runs a queued job in this process without waiting for a worker, because somebody waits for it. Ends when the job has
/// ended, at once where another worker has it; nothing in a process without workers.
pub fn run_now(state: &AppState, id: i64) -> Option<JoinHandle<()>> {
    let jobs = &state.jobs.0;
    let kinds = *jobs.kinds.get()?;
    if jobs.stopping.is_cancelled() {
        return None;
    }
    let worker = Worker { name: format!("{} now-{id}", process::name()), state: state.clone(), kinds };
    Some(jobs.tasks.spawn(async move {
        let jobs = worker.state.jobs.clone();
        let _place = tokio::select! {
            place = jobs.0.at_once.0.acquire() => place,
            () = jobs.stopping() => return,
        };
        match worker.claim(Some(id)).await {
            Ok(Some(job)) => worker.run(job).await,
            Ok(None) => {}
            Err(error) => tracing::warn!(job = id, "a job could not be claimed: {error}"),
        }
    }))
}

struct Worker {
    name: String,
    state: AppState,
    kinds: &'static [&'static dyn Kind],
}

impl Worker {
    async fn work(self, first: bool) {
        let jobs = self.state.jobs.clone();
        if first {
            if let Err(error) = self.tidy().await {
                tracing::error!("jobs of a former process could not be freed: {error}");
            }
            for kind in self.kinds {
                if let Err(error) = kind.tidy(&self.state).await {
                    tracing::error!(kind = kind.name(), "what jobs have left could not be removed: {error}");
                }
            }
        }
        while !jobs.0.stopping.is_cancelled() {
            match self.claim(None).await {
                Ok(Some(job)) => {
                    // There may be more: another worker looks at once.
                    jobs.wake();
                    self.run(job).await;
                }
                Ok(None) => self.idle(LOOK_EVERY).await,
                Err(error) => {
                    tracing::warn!("no job could be claimed: {error}");
                    self.idle(LOOK_EVERY * 2).await;
                }
            }
        }
    }

    async fn idle(&self, longest: Duration) {
        let jobs = &self.state.jobs.0;
        tokio::select! {
            () = jobs.wake.notified() => {}
            () = jobs.stopping.cancelled() => {}
            () = tokio::time::sleep(longest) => {}
        }
    }

    /// Frees jobs whose process on this machine is gone, and forgets what ended long ago.
    async fn tidy(&self) -> Result<(), DbErr> {
        let running = "SELECT id, worker FROM jobs WHERE state = 'running'";
        let rows = db::all(self.state.db.read(), running, vec![]).await?;
        let tx = self.state.db.write().await?;
        for row in rows {
            let worker: Option<String> = row.try_get("", "worker")?;
            let worker = worker.unwrap_or_default();
            if process::is_dead(&worker) {
                let free =
                    "UPDATE jobs SET lease_until = '' WHERE id = $1 AND worker = $2 AND state = 'running'";
                db::run(&*tx, free, vec![row.try_get::<i64>("", "id")?.into(), worker.into()]).await?;
            }
        }
        store::remove_old(&*tx, &time::in_seconds(-KEPT_DAYS * 86_400)).await?;
        crate::store::idempotency::forget_old(&*tx).await?;
        tx.commit().await
    }

    /// Takes the oldest job that waits or whose worker has died, or that one.
    async fn claim(&self, only: Option<i64>) -> Result<Option<Job>, DbErr> {
        let now = time::now();
        let open = "(state = 'queued' AND run_after <= $1) OR (state = 'running' AND lease_until < $2)";
        let only = only.map(|id| format!(" AND id = {id}")).unwrap_or_default();
        // By state, of which few are open: the order of ids would lead through all that have ended.
        let look = format!(
            "SELECT id FROM jobs WHERE state IN ('queued', 'running') AND ({open}){only} ORDER BY id + 0 LIMIT 1"
        );
        // Reading first: an idle process never takes the writer's place.
        if db::one(self.state.db.read(), &look, vec![now.clone().into(), now.clone().into()]).await?.is_none()
        {
            return Ok(None);
        }
        let tx = self.state.db.write().await?;
        let skip = if db::is_postgres(&*tx) { "FOR UPDATE SKIP LOCKED" } else { "" };
        let sql = format!(
            "UPDATE jobs SET state = 'running', worker = $3, lease_until = $4, attempts = attempts + 1, \
             started_at = COALESCE(started_at, $5), updated_at = $6 WHERE id = ({look} {skip}) RETURNING {COLUMNS}"
        );
        let values: Vec<Sql> = vec![
            now.clone().into(),
            now.clone().into(),
            self.name.clone().into(),
            time::in_seconds(LEASE_SECONDS).into(),
            now.clone().into(),
            now.into(),
        ];
        let job = db::one(&*tx, &sql, values).await?.as_ref().map(Job::of).transpose()?;
        tx.commit().await?;
        Ok(job)
    }

    async fn run(&self, job: Job) {
        let (id, attempts) = (job.id, job.attempts);
        let started = std::time::Instant::now();
        // A name of the program's own list; the row may say anything.
        let known = self.kinds.iter().map(|kind| kind.name()).find(|name| *name == job.kind);
        let request_id = job.request_id.clone().unwrap_or_default();
        tracing::info!(job = id, kind = job.kind, attempts, request_id, "a job begins");
        let kind = self.kinds.iter().copied().find(|kind| kind.name() == job.kind);
        let ended = if job.cancel_requested {
            Err(Failure::Cancelled)
        } else if attempts > ATTEMPTS {
            Err(Failure::Failed(format!("given up after {ATTEMPTS} tries without progress")))
        } else if let Some(kind) = kind {
            let state = self.state.clone();
            let stopping = self.state.jobs.0.stopping.child_token();
            let mut handle = Handle::new(job.clone(), self.name.clone(), state.clone(), stopping);
            let span = tracing::error_span!("job", job = id, request_id);
            self.guarded(id, async move { kind.run(&state, &mut handle).await }.instrument(span)).await
        } else {
            Err(Failure::Failed(format!("this version knows no work of the kind {}", job.kind)))
        };
        let gave_up = match &ended {
            Err(Failure::Transient(why)) if attempts >= ATTEMPTS => Some(Failure::Transient(why.clone())),
            Err(Failure::Failed(why)) => Some(Failure::Failed(why.clone())),
            Err(Failure::Cancelled) => Some(Failure::Cancelled),
            _ => None,
        };
        if let (Some(kind), Some(why)) = (kind, gave_up) {
            let state = self.state.clone();
            let left =
                async move { kind.given_up(&state, &job, &why).await.map(|()| serde_json::Value::Null) };
            match self.guarded(id, left).await {
                Err(Failure::Lost) => return,
                Err(error) => tracing::error!(job = id, "what a job has left could not be removed: {error}"),
                Ok(_) => {}
            }
        }
        let word = match &ended {
            Ok(_) => "completed",
            Err(failure) => failure.name(),
        };
        let kind = known.unwrap_or("unknown");
        metrics::counter!(JOBS_ENDED, "kind" => kind, "state" => word).increment(1);
        metrics::histogram!(JOB_SECONDS, "kind" => kind).record(started.elapsed().as_secs_f64());
        let ms = started.elapsed().as_millis() as u64;
        tracing::info!(job = id, kind, state = word, ms, "a job's run has ended");
        // The database may be away for a moment; without this the job would wait for its lease to run out.
        for pause in [0, 1, 3, 10] {
            tokio::time::sleep(Duration::from_secs(pause)).await;
            match self.end(id, attempts, &ended).await {
                Ok(()) => return,
                Err(error) => tracing::error!(job = id, "the end of a job could not be written: {error}"),
            }
        }
    }

    /// Runs work while keeping the lease.
    async fn guarded(
        &self,
        id: i64,
        work: impl Future<Output = Result<serde_json::Value, Failure>> + Send + 'static,
    ) -> Result<serde_json::Value, Failure> {
        // A task of its own: a bug in one kind ends that job, not the worker.
        let mut task = tokio::spawn(work);
        loop {
            tokio::select! {
                ended = &mut task => return ended.unwrap_or_else(|bug| {
                    tracing::error!(job = id, "a job met a bug: {bug}");
                    Err(Failure::Failed("the server has met a problem; its log says more".into()))
                }),
                () = tokio::time::sleep(RENEW_EVERY) => {
                    if let Ok(false) = self.renew(id).await {
                        task.abort();
                        return Err(Failure::Lost);
                    }
                }
            }
        }
    }

    /// Keeps the lease; false where the job is not this worker's any more.
    async fn renew(&self, id: i64) -> Result<bool, DbErr> {
        let tx = self.state.db.write().await?;
        let sql = "UPDATE jobs SET lease_until = $3 WHERE id = $1 AND worker = $2 AND state = 'running'";
        let until = time::in_seconds(LEASE_SECONDS);
        let done = db::run(&*tx, sql, vec![id.into(), self.name.clone().into(), until.into()]).await?;
        tx.commit().await?;
        Ok(done.rows_affected() == 1)
    }

    async fn end(
        &self,
        id: i64,
        attempts: i64,
        ended: &Result<serde_json::Value, Failure>,
    ) -> Result<(), DbErr> {
        let now = time::now();
        let finished: Option<String> = Some(now.clone());
        let (state, result, error, finished, run_after) = match ended {
            Ok(result) => ("completed", Some(result.to_string()), None, finished, now.clone()),
            Err(Failure::Lost) => return Ok(()),
            Err(Failure::Cancelled) => ("cancelled", None, None, finished, now.clone()),
            Err(Failure::Interrupted) => ("queued", None, None, None, now.clone()),
            Err(Failure::Transient(why)) if attempts < ATTEMPTS => {
                tracing::warn!(job = id, "a job is tried again: {why}");
                let pause = 1i64 << (attempts - 1).clamp(0, 6);
                ("queued", None, Some(format!("will be tried again: {why}")), None, time::in_seconds(pause))
            }
            Err(failure) => ("failed", None, Some(failure.to_string()), finished, now.clone()),
        };
        // A stop of the server is no failed try.
        let attempts = if matches!(ended, Err(Failure::Interrupted)) { attempts - 1 } else { attempts };
        let tx = self.state.db.write().await?;
        let sql = "UPDATE jobs SET state = $3, result = $4, error = $5, finished_at = $6, run_after = $7, updated_at = $8, attempts = $9, \
                   worker = NULL, lease_until = NULL WHERE id = $1 AND worker = $2 AND state = 'running'";
        let values: Vec<Sql> = vec![
            id.into(),
            self.name.clone().into(),
            state.into(),
            result.into(),
            error.into(),
            finished.into(),
            run_after.into(),
            now.into(),
            attempts.into(),
        ];
        db::run(&*tx, sql, values).await?;
        tx.commit().await
    }
}
