//! Long work as rows: import, sync, export, deletes.
//!
//! A job is queued in the transaction that asks for it, run by a worker of any process, and written down with a *resume
//! point* in the very transactions that do its work. So a kill at any moment loses nothing and doubles nothing: what was
//! committed is counted, the rest is done by whoever takes the job over.
//!
//! Invariants:
//! - One worker at a time: a claim sets `worker` and a lease, the lease is renewed while the job runs, and every
//!   [`Handle::checkpoint`] fails for a worker that no longer owns the row, which rolls its transaction back.
//! - At most one job of a `unique_key` is queued or running.
//! - `cancelled` and `failed` jobs keep their resume point and can be queued again.
//!
//! A new kind of work implements [`Kind`] and gets a line in [`KINDS`].

mod failure;
mod handle;
mod kinds;
mod runner;
mod store;

pub use failure::Failure;
pub use handle::Handle;
pub use kinds::{
    KINDS, delete_tasks, export_convert, export_snapshot, export_sync, import_tasks, over_tasks, storage_sync,
};
pub use runner::{Jobs, run_now, start};
pub use store::{
    Job, JobError, New, State, by_id, cancel, enqueue, errors, list, remove_old, request_cancel, resume,
};

use crate::error::ApiError;
use crate::state::AppState;
use serde_json::Value;
use std::time::Duration;

/// A kind of long work.
#[async_trait::async_trait]
pub trait Kind: Send + Sync {
    /// What the `kind` column says; never changed once released.
    fn name(&self) -> &'static str;

    /// Does the work from the job's resume point on, and gives what is shown of its result.
    ///
    /// Must be safe to run again from the last resume point: whatever is written goes into a transaction together with
    /// [`Handle::checkpoint`].
    async fn run(&self, state: &AppState, job: &mut Handle) -> Result<Value, Failure>;

    /// Takes away what must not stay of a job that was cancelled or has failed for good; also of one that never ran. May
    /// be called again. Without it everything stays, and the job can be queued again.
    async fn given_up(&self, _state: &AppState, _job: &Job, _why: &Failure) -> Result<(), Failure> {
        Ok(())
    }

    /// Whether one that has failed or was cancelled can be taken up again. Not where [`Self::given_up`] leaves nothing of it.
    fn goes_on(&self) -> bool {
        true
    }

    /// Once at the start of a process: does what a kill has kept [`Self::given_up`] from.
    async fn tidy(&self, _state: &AppState) -> Result<(), Failure> {
        Ok(())
    }
}

impl std::fmt::Debug for dyn Kind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

/// Runs a job now, or waits for whoever runs it, at most so long; gives the job as it is then.
pub async fn finish(state: &AppState, id: i64, longest: Duration) -> Result<Job, ApiError> {
    let until = tokio::time::Instant::now() + longest;
    match run_now(state, id) {
        Some(running) => {
            let _ = tokio::time::timeout_at(until, running).await;
        }
        None => state.jobs.wake(),
    }
    wait(state, id, until.saturating_duration_since(tokio::time::Instant::now())).await
}

/// Waits until a job has ended, at most so long; gives the job as it is then.
pub async fn wait(state: &AppState, id: i64, longest: Duration) -> Result<Job, ApiError> {
    let until = tokio::time::Instant::now() + longest;
    let mut pause = Duration::from_millis(5);
    loop {
        let job = by_id(state.db.read(), id).await?.ok_or_else(|| ApiError::not_found("Job"))?;
        // Of a server that stops nobody takes the job any more; it goes on with the next one.
        let left_waiting = job.state == State::Queued && state.jobs.is_stopping();
        if job.state.is_final() || left_waiting || tokio::time::Instant::now() >= until {
            return Ok(job);
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(Duration::from_millis(250));
    }
}
