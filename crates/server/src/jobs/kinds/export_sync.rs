//! Writes all annotations of a project to an export storage (spec/server.md 5.6).
//!
//! All tasks with annotations are put into the export queue, which then is worked off: the same way that a save takes, so
//! that the sync can never overwrite what somebody saves meanwhile.

use super::sync_status::{self, Outcome};
use crate::db;
use crate::jobs::{Failure, Handle, Kind};
use crate::state::AppState;
use crate::storages::outbox;
use crate::store::export_queue::{self, Whose};
use crate::store::storages::{self, Storage};
use crate::time;
use sea_orm::{ConnectionTrait, DbErr};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::time::Duration;

#[derive(Debug, Serialize, Deserialize)]
struct Payload {
    storage: i64,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Point {
    /// Every task up to this one is in the queue; then the queue is worked off.
    after: i64,
    queued: bool,
    written: i64,
    failed: i64,
    began: String,
}

pub(crate) async fn enqueue(
    conn: &impl ConnectionTrait,
    storage: &Storage,
    user: Option<i64>,
) -> Result<i64, DbErr> {
    sync_status::enqueue(conn, storage, ExportSync.name(), user, json!(Payload { storage: storage.id })).await
}

#[derive(Debug)]
pub struct ExportSync;

#[async_trait::async_trait]
impl Kind for ExportSync {
    fn name(&self) -> &'static str {
        "export_sync"
    }

    async fn run(&self, state: &AppState, job: &mut Handle) -> Result<Value, Failure> {
        let payload: Payload = job.payload()?;
        let gone = || Failure::Failed("The storage has been deleted.".into());
        let storage = storages::by_id(state.db.read(), payload.storage).await?.ok_or_else(gone)?;
        let mut point: Point = job.resume_point().unwrap_or_default();
        if point.began.is_empty() {
            point.began = time::now();
        }
        let mut meta = sync_status::begin(state, job, &storage).await?;
        let ended = sync(state, job, &storage, &mut point).await;
        let sql = "SELECT COUNT(*) FROM annotations WHERE project = $1";
        meta["total_annotations"] =
            db::count(state.db.read(), sql, vec![storage.project.into()]).await?.into();
        let status = match point.failed {
            0 => "completed",
            _ if point.written == 0 => "failed",
            _ => "completed_with_errors",
        };
        let outcome = Outcome { status, created: point.written, errors: point.failed, began: &point.began };
        sync_status::end(state, job, &storage, meta, outcome, &ended).await?;
        ended?;
        Ok(json!({"storage": storage.id, "written": point.written, "failed": point.failed}))
    }
}

async fn sync(
    state: &AppState,
    job: &mut Handle,
    storage: &Storage,
    point: &mut Point,
) -> Result<(), Failure> {
    while !point.queued {
        let tx = state.db.write().await?;
        match export_queue::queue_for_sync(&*tx, storage.id, storage.project, job.id(), point.after).await? {
            Some(last) => point.after = last,
            None => point.queued = true,
        }
        job.checkpoint(&*tx, point, point.written, None).await?;
        tx.commit().await?;
    }
    let worker = format!("{} sync {}", crate::process::name(), job.id());
    loop {
        let whose = Whose::Sync { storage: storage.id, job: job.id() };
        let round = outbox::round(state, whose, &worker).await?;
        point.written += round.written;
        point.failed += round.errors.len() as i64;
        let left = outbox::left(state, job.id()).await?;
        let tx = state.db.write().await?;
        for (key, message) in &round.errors {
            job.note_error(&*tx, key, message).await?;
        }
        job.checkpoint(&*tx, point, point.written, Some(point.written + point.failed + left)).await?;
        tx.commit().await?;
        if let Some(problem) = round.problem {
            return Err(problem.into());
        }
        if left == 0 {
            return Ok(());
        }
        if round.tasks == 0 {
            // The rest is in the hands of a worker that has died, perhaps; its lease will run out.
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
    }
}
