//! What a storage shows of its sync: status, counts, times (spec/server.md 5.1). Shared by import and export.

use crate::jobs::{self, Failure, Handle, New};
use crate::state::AppState;
use crate::store::storages::{self, Storage, purpose_name};
use crate::time;
use sea_orm::{ConnectionTrait, DbErr};
use serde_json::{Value, json};

/// Queues a sync, one at a time for each storage.
pub(super) async fn enqueue(
    conn: &impl ConnectionTrait,
    storage: &Storage,
    kind: &'static str,
    user: Option<i64>,
    payload: Value,
) -> Result<i64, DbErr> {
    let new = New {
        kind,
        organization: storage.organization,
        project: Some(storage.project),
        user,
        unique_key: Some(format!("sync-{}:{}", purpose_name(storage.purpose), storage.id)),
        payload,
        total: None,
    };
    let job = jobs::enqueue(conn, new).await?;
    // Asked for while one is at work: that one stands.
    if storage.last_sync_job != Some(job) || !storage.is_syncing() {
        let attempts = storage.meta["attempts"].as_i64().unwrap_or(0);
        let meta = json!({"attempts": attempts, "time_queued": time::now()});
        storages::set_queued(conn, storage.id, job, &meta).await?;
    }
    Ok(job)
}

/// The sync begins, or goes on.
pub(super) async fn begin(state: &AppState, job: &Handle, storage: &Storage) -> Result<Value, Failure> {
    let now = time::now();
    let meta = json!({
        "attempts": storage.meta["attempts"].as_i64().unwrap_or(0) + 1,
        "time_queued": storage.meta.get("time_queued").cloned().unwrap_or_else(|| now.clone().into()),
        "time_in_progress": now,
        "time_last_ping": now,
    });
    let tx = state.db.write().await?;
    storages::set_running(&*tx, storage.id, job.id(), &meta).await?;
    tx.commit().await?;
    Ok(meta)
}

/// What came of a sync that was not broken off.
pub(super) struct Outcome<'a> {
    pub status: &'static str,
    pub created: i64,
    pub errors: i64,
    pub began: &'a str,
}

/// Writes the end down. A sync that will go on by itself has not ended.
pub(super) async fn end(
    state: &AppState,
    job: &Handle,
    storage: &Storage,
    mut meta: Value,
    outcome: Outcome<'_>,
    ended: &Result<(), Failure>,
) -> Result<(), Failure> {
    let (status, traceback) = match ended {
        Ok(()) if outcome.errors == 0 => (outcome.status, None),
        Ok(()) => (outcome.status, Some(first_errors(state, job, outcome.errors).await?)),
        Err(Failure::Failed(why)) => ("failed", Some(why.clone())),
        Err(Failure::Cancelled) => ("failed", Some("The sync was cancelled.".to_owned())),
        Err(Failure::Interrupted | Failure::Lost | Failure::Transient(_)) => return Ok(()),
    };
    let now = time::now();
    meta["duration"] = seconds_between(outcome.began, &now).into();
    meta[if status == "failed" { "time_failure" } else { "time_completed" }] = now.into();
    let tx = state.db.write().await?;
    storages::set_ended(&*tx, storage.id, status, outcome.created, traceback, &meta).await?;
    tx.commit().await?;
    Ok(())
}

/// The first errors of single objects, in words.
async fn first_errors(state: &AppState, job: &Handle, count: i64) -> Result<String, Failure> {
    let found = jobs::errors(state.db.read(), job.id(), 10, 0).await?;
    let mut lines: Vec<String> = found.iter().map(|e| format!("{}: {}", e.subject, e.message)).collect();
    let more = count - lines.len() as i64;
    if more > 0 {
        lines.push(format!("… and {more} more; see /api/jobs/{}/errors/", job.id()));
    }
    Ok(lines.join("\n"))
}

fn seconds_between(from: &str, to: &str) -> f64 {
    let at = |text: &str| text.parse::<jiff::Timestamp>().ok().map(|t| t.as_microsecond());
    match (at(from), at(to)) {
        (Some(from), Some(to)) => (to - from).max(0) as f64 / 1e6,
        _ => 0.0,
    }
}
