//! What a running job holds: its row, and the way to say how far it is.

use super::failure::Failure;
use super::runner::LEASE_SECONDS;
use super::store::Job;
use crate::db;
use crate::state::AppState;
use crate::time;
use sea_orm::{ConnectionTrait, Value as Sql};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;

/// Progress without a resume point is written this often.
const PROGRESS_EVERY: Duration = Duration::from_millis(250);
/// Errors of single objects kept for a job; all are counted.
const ERRORS_KEPT: i64 = 1000;

#[derive(Debug)]
pub struct Handle {
    job: Job,
    worker: String,
    state: AppState,
    pub(super) stopping: CancellationToken,
    written: Option<Instant>,
}

impl Handle {
    pub(super) fn new(job: Job, worker: String, state: AppState, stopping: CancellationToken) -> Self {
        Self { job, worker, state, stopping, written: None }
    }

    pub fn id(&self) -> i64 {
        self.job.id
    }

    /// The row as it was when the work began, with progress since.
    pub fn job(&self) -> &Job {
        &self.job
    }

    /// What was asked for.
    pub fn payload<T: DeserializeOwned>(&self) -> Result<T, Failure> {
        serde_json::from_value(self.job.payload.clone())
            .map_err(|e| Failure::Failed(format!("the job was written by another version: {e}")))
    }

    /// Where to go on; nothing for a job that has done nothing yet.
    pub fn resume_point<T: DeserializeOwned>(&self) -> Option<T> {
        serde_json::from_value(self.job.resume_point.clone()?).ok()
    }

    /// Writes down, in the transaction that does the work, how far it goes with it. An error means: roll back and end.
    pub async fn checkpoint(
        &mut self,
        tx: &impl ConnectionTrait,
        resume_point: &impl Serialize,
        done: i64,
        total: Option<i64>,
    ) -> Result<(), Failure> {
        let point = serde_json::to_value(resume_point)?;
        let set = "resume_point = $3, done = $4, total = $5, attempts = 0";
        let values: Vec<Sql> = vec![point.to_string().into(), done.into(), total.into()];
        self.update(tx, set, values).await?;
        (self.job.resume_point, self.job.done, self.job.total) = (Some(point), done, total);
        Ok(())
    }

    /// Refuses to go on where the last checkpoint is not in the database: parts that were committed without waiting for its
    /// disk (`Db::write_part`) are lost when it crashes, and this process may not have noticed. The next try resumes.
    pub async fn still_there(&self, tx: &impl ConnectionTrait) -> Result<(), Failure> {
        let sql = "SELECT resume_point FROM jobs WHERE id = $1";
        let row = db::one(tx, sql, vec![self.job.id.into()]).await?;
        let stored: Option<String> = match row {
            Some(row) => row.try_get("", "resume_point")?,
            None => None,
        };
        if stored == self.job.resume_point.as_ref().map(serde_json::Value::to_string) {
            return Ok(());
        }
        Err(Failure::Transient("the database has lost the last steps of this work".into()))
    }

    /// Shows how far the work is and what it does now, without a resume point; cheap to call often.
    /// Takes a transaction of its own: never call it while holding one.
    pub async fn progress(&mut self, done: i64, total: Option<i64>, message: &str) -> Result<(), Failure> {
        (self.job.done, self.job.total) = (done, total);
        if self.written.is_some_and(|at| at.elapsed() < PROGRESS_EVERY) && self.job.message == message {
            return self.alive();
        }
        message.clone_into(&mut self.job.message);
        let tx = self.state.db.write().await?;
        let values: Vec<Sql> = vec![done.into(), total.into(), message.into()];
        self.update(&*tx, "done = $3, total = $4, message = $5", values).await?;
        tx.commit().await?;
        self.written = Some(Instant::now());
        Ok(())
    }

    /// Notes that one object failed; the work goes on. Belongs into the transaction of the object's batch, so that it is
    /// noted once.
    pub async fn note_error(
        &mut self,
        tx: &impl ConnectionTrait,
        subject: &str,
        message: &str,
    ) -> Result<(), Failure> {
        if self.job.error_count < ERRORS_KEPT {
            let sql = "INSERT INTO job_errors (job, subject, message, created_at) VALUES ($1, $2, $3, $4)";
            let values = vec![self.job.id.into(), subject.into(), message.into(), time::now().into()];
            db::run(tx, sql, values).await?;
        }
        self.update(tx, "error_count = error_count + 1", vec![]).await?;
        self.job.error_count += 1;
        Ok(())
    }

    /// An error where the server stops; for loops that write nothing.
    pub fn alive(&self) -> Result<(), Failure> {
        if self.stopping.is_cancelled() { Err(Failure::Interrupted) } else { Ok(()) }
    }

    /// Changes the row, if it is still this worker's and nobody wants an end. `$1` and `$2` are taken.
    async fn update(&self, tx: &impl ConnectionTrait, set: &str, values: Vec<Sql>) -> Result<(), Failure> {
        self.alive()?;
        let next = values.len() + 3;
        let sql = format!(
            "UPDATE jobs SET {set}, lease_until = ${next}, updated_at = ${} WHERE id = $1 AND worker = $2 AND state = 'running' \
             RETURNING cancel_requested",
            next + 1
        );
        let mut all: Vec<Sql> = vec![self.job.id.into(), self.worker.clone().into()];
        all.extend(values);
        all.extend([time::in_seconds(LEASE_SECONDS).into(), time::now().into()]);
        match db::one(tx, &sql, all).await? {
            None => Err(Failure::Lost),
            Some(row) if row.try_get("", "cancel_requested")? => Err(Failure::Cancelled),
            Some(_) => Ok(()),
        }
    }
}
