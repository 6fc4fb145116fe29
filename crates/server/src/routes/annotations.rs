//! Annotations: submit, update, skip, delete.

use crate::auth::Caller;
use crate::db::{self, WriteTx};
use crate::error::{ApiError, ApiResult};
use crate::events::{self, Event};
use crate::lenient;
use crate::routes::conditional::{self, Resend};
use crate::routes::extract::{JsonObject, Path, Query};
use crate::routes::tasks;
use crate::saving::{Submit, result_of};
use crate::state::AppState;
use crate::store::annotations::{self, Annotation};
use crate::store::{drafts, recount, tasks as task_store};
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde::Deserialize;
use serde_json::Value;

async fn find(state: &AppState, caller: &Caller, id: i64) -> ApiResult<Annotation> {
    annotations::get(state.db.read(), caller.organization(), id)
        .await?
        .ok_or_else(|| ApiError::not_found("Annotation"))
}

pub async fn of_task(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<i64>,
) -> ApiResult<Json<Value>> {
    tasks::find(&state, &caller, id).await?;
    let found = annotations::of_tasks(state.db.read(), &[id]).await?;
    Ok(Json(found.iter().filter(|a| !a.was_cancelled).map(Annotation::to_json).collect()))
}

#[derive(Debug, Default, Deserialize)]
pub struct CreateQuery {
    was_cancelled: Option<String>,
}

fn truthy(text: Option<&str>) -> Option<bool> {
    text.and_then(crate::settings::parse_bool)
}

pub async fn create(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<i64>,
    Query(query): Query<CreateQuery>,
    headers: HeaderMap,
    JsonObject(body): JsonObject,
) -> ApiResult<Response> {
    let mut submit = Submit::read(&caller, id, conditional::idempotency_key(&headers), &body)?;
    if let Some(skipped) = truthy(query.was_cancelled.as_deref()) {
        submit.was_cancelled = skipped;
    }
    let stored = state.saver.submit(submit).await?;
    Ok(conditional::versioned(StatusCode::CREATED, &stored.updated_at, &stored))
}

pub async fn get(State(state): State<AppState>, caller: Caller, Path(id): Path<i64>) -> ApiResult<Response> {
    let annotation = find(&state, &caller, id).await?;
    Ok(conditional::versioned(StatusCode::OK, &annotation.updated_at, &annotation))
}

/// The annotation inside a transaction, its task's row locked first.
async fn find_to_change(tx: &WriteTx, state: &AppState, caller: &Caller, id: i64) -> ApiResult<Annotation> {
    let seen = find(state, caller, id).await?;
    recount::lock(&**tx, seen.task).await?;
    annotations::get(&**tx, caller.organization(), id).await?.ok_or_else(|| ApiError::not_found("Annotation"))
}

pub async fn update(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<i64>,
    headers: HeaderMap,
    JsonObject(body): JsonObject,
) -> ApiResult<Response> {
    let result = result_of(&body)?;
    let (was_cancelled, ground_truth) =
        (lenient::boolean_in(&body, "was_cancelled")?, lenient::boolean_in(&body, "ground_truth")?);
    let lead_time = lenient::number_in(&body, "lead_time")?;
    let request = Resend::of(&caller, &headers, format!("PATCH /api/annotations/{id}"));
    let tx = state.db.write_rows().await?;
    let mut annotation = find_to_change(&tx, &state, &caller, id).await?;
    if request.is_again(&tx).await? {
        return Ok(conditional::versioned(StatusCode::OK, &annotation.updated_at, &annotation));
    }
    conditional::check(&headers, &annotation.updated_at, || annotation.to_json())?;
    if let Some(result) = result {
        annotation.result = result;
    }
    annotation.was_cancelled = was_cancelled.unwrap_or(annotation.was_cancelled);
    annotation.ground_truth = ground_truth.unwrap_or(annotation.ground_truth);
    if body.get("lead_time").is_some() {
        annotation.lead_time = lead_time;
    }
    annotation.updated_by = Some(caller.id());
    annotations::update(&*tx, &mut annotation).await?;
    if annotation.ground_truth {
        annotations::clear_ground_truth(&*tx, annotation.task, id).await?;
    }
    // What is saved supersedes the drafts attached to it.
    db::run(&*tx, "DELETE FROM drafts WHERE annotation = $1", vec![id.into()]).await?;
    task_store::refresh(&*tx, annotation.task, Some(caller.id())).await?;
    events::emit(&tx, annotation.project, Event::AnnotationUpdated(id)).await?;
    request.remember(&tx, id).await?;
    tx.commit().await?;
    Ok(conditional::versioned(StatusCode::OK, &annotation.updated_at, &annotation))
}

pub async fn delete(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<i64>,
    headers: HeaderMap,
) -> ApiResult<StatusCode> {
    let tx = state.db.write_rows().await?;
    let annotation = find_to_change(&tx, &state, &caller, id).await?;
    conditional::check(&headers, &annotation.updated_at, || annotation.to_json())?;
    annotations::delete(&*tx, id).await?;
    task_store::refresh(&*tx, annotation.task, Some(caller.id())).await?;
    events::emit(&tx, annotation.project, Event::AnnotationsDeleted(&[id])).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

pub async fn convert_to_draft(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<i64>,
) -> ApiResult<(StatusCode, Json<Value>)> {
    let tx = state.db.write_rows().await?;
    let a = find_to_change(&tx, &state, &caller, id).await?;
    annotations::delete(&*tx, id).await?;
    let new = drafts::insert(&*tx, a.task, None, caller.id(), &a.result, a.lead_time, false).await?;
    task_store::refresh(&*tx, a.task, Some(caller.id())).await?;
    events::emit(&tx, a.project, Event::AnnotationsDeleted(&[id])).await?;
    tx.commit().await?;
    let draft = drafts::get(state.db.read(), caller.organization(), new).await?;
    Ok((StatusCode::CREATED, Json(draft.map_or(Value::Null, |d| d.to_json()))))
}
