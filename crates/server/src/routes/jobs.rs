//! Jobs as clients see them: list, one, errors of single objects, live progress, cancel, resume.

use crate::auth::Caller;
use crate::db::Trouble;
use crate::error::{ApiError, ApiResult};
use crate::jobs::{self, Job};
use crate::routes::extract::{Path, Query};
use crate::state::AppState;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Value, json};
use std::convert::Infallible;
use std::time::Duration;
use tokio_stream::Stream;

/// How often a stream looks for news; several processes share no other channel than the database.
const LOOK_EVERY: Duration = Duration::from_millis(200);
/// How long a request that could be short waits for its job before it answers with the job itself.
const PATIENCE: Duration = Duration::from_secs(20);
/// How long cancelling waits for a job that has not begun.
const QUICK: Duration = Duration::from_secs(2);

#[derive(Debug, Deserialize)]
pub struct ListQuery {
    project: Option<i64>,
    page: Option<u64>,
    page_size: Option<i64>,
}

pub async fn list(
    State(state): State<AppState>,
    caller: Caller,
    Query(query): Query<ListQuery>,
) -> ApiResult<Json<Value>> {
    let (page, size) = super::page(query.page, query.page_size, 30, 1000)?;
    let offset = (page - 1).saturating_mul(size);
    let found = jobs::list(state.db.read(), caller.organization(), query.project, size, offset).await?;
    Ok(Json(found.iter().map(Job::to_json).collect()))
}

async fn find(state: &AppState, caller: &Caller, id: i64) -> ApiResult<Job> {
    let job = jobs::by_id(state.db.read(), id).await?;
    job.filter(|job| job.organization == caller.organization()).ok_or_else(|| ApiError::not_found("Job"))
}

pub async fn get(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<i64>,
) -> ApiResult<Json<Value>> {
    Ok(Json(find(&state, &caller, id).await?.to_json()))
}

pub async fn errors(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<i64>,
    Query(query): Query<ListQuery>,
) -> ApiResult<Json<Value>> {
    let job = find(&state, &caller, id).await?;
    let (page, size) = super::page(query.page, query.page_size, 100, 1000)?;
    let found = jobs::errors(state.db.read(), id, size, (page - 1).saturating_mul(size)).await?;
    let results: Vec<Value> = found
        .into_iter()
        .map(|e| json!({"id": e.id, "subject": e.subject, "message": e.message, "created_at": e.created_at}))
        .collect();
    Ok(Json(json!({"count": job.error_count, "results": results})))
}

pub async fn cancel(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<i64>,
) -> ApiResult<Json<Value>> {
    let job = find(&state, &caller, id).await?;
    if job.state.is_final() {
        return Err(ApiError::Conflict(format!("The job has already ended: it is {}.", job.state.name())));
    }
    let tx = state.db.write().await?;
    jobs::cancel(&*tx, id).await?;
    tx.commit().await?;
    if job.state == jobs::State::Queued {
        jobs::finish(&state, id, QUICK).await?;
    }
    Ok(Json(find(&state, &caller, id).await?.to_json()))
}

pub async fn resume(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<i64>,
) -> ApiResult<Json<Value>> {
    let job = find(&state, &caller, id).await?;
    if job.state.is_final() && !job.is_resumable() {
        return Err(ApiError::Conflict(
            "What this job had begun was taken back when it ended; send the import again.".into(),
        ));
    }
    let tx = state.db.write().await?;
    let resumed = jobs::resume(&*tx, id).await?;
    tx.commit().await?;
    if !resumed {
        return Err(ApiError::Conflict(
            "Only a failed or cancelled job can go on, and only while no other one does the same work."
                .into(),
        ));
    }
    state.jobs.wake();
    Ok(Json(find(&state, &caller, id).await?.to_json()))
}

/// Server-sent events: the job whenever it has changed, and its end.
pub async fn events(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<i64>,
) -> ApiResult<Sse<impl Stream<Item = Result<Event, Infallible>>>> {
    let job = find(&state, &caller, id).await?;
    let stream =
        futures::stream::unfold((state, Some(job), String::new()), move |(state, job, seen)| async move {
            let mut job = job?;
            while job.updated_at == seen {
                tokio::select! {
                    () = tokio::time::sleep(LOOK_EVERY) => {}
                    () = state.jobs.stopping() => return None,
                }
                // A database that is away for a moment ends nothing: the next look may find it.
                match jobs::by_id(state.db.read(), id).await {
                    Ok(found) => job = found?,
                    Err(_) => continue,
                }
            }
            let (seen, last) = (job.updated_at.clone(), job.state.is_final());
            let event =
                Event::default().event(if last { "end" } else { "progress" }).data(job.to_json().to_string());
            Some((Ok(event), (state, (!last).then_some(job), seen)))
        });
    Ok(Sse::new(stream).keep_alive(KeepAlive::default()))
}

/// The answer to a request whose work is a job: `done` where it ends soon, 202 with the job where it takes longer, its
/// error where it fails.
pub(crate) async fn answer(
    state: &AppState,
    id: i64,
    done: impl FnOnce(&Job) -> Response,
) -> ApiResult<Response> {
    let job = tokio::select! {
        job = jobs::finish(state, id, PATIENCE) => job?,
        // The job goes on after the next start; the client hears where to look.
        () = state.jobs.stopping() => {
            jobs::by_id(state.db.read(), id).await?.ok_or_else(|| ApiError::not_found("Job"))?
        }
    };
    match job.state {
        jobs::State::Completed => Ok(done(&job)),
        jobs::State::Failed => {
            let why = job.error.unwrap_or_default();
            let full = why == Trouble::Full.message();
            Err(if full {
                ApiError::Status(StatusCode::INSUFFICIENT_STORAGE, why)
            } else {
                ApiError::BadRequest(why)
            })
        }
        jobs::State::Cancelled => Err(ApiError::Conflict("The work was cancelled.".into())),
        _ => Ok((StatusCode::ACCEPTED, Json(json!({"job": job.to_json()}))).into_response()),
    }
}
