//! Drafts.

use crate::auth::Caller;
use crate::error::{ApiError, ApiResult};
use crate::routes::conditional::{self, Resend};
use crate::routes::extract::{JsonObject, Path};
use crate::routes::tasks;
use crate::state::AppState;
use crate::store::drafts::{self, Draft};
use crate::store::{annotations, recount, tasks as task_store};
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde_json::Value;

/// A draft that the caller may touch: their own.
async fn find(state: &AppState, caller: &Caller, id: i64) -> ApiResult<Draft> {
    drafts::get(state.db.read(), caller.organization(), id)
        .await?
        .filter(|d| d.user == caller.id())
        .ok_or_else(|| ApiError::not_found("Draft"))
}

pub async fn of_task(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<i64>,
) -> ApiResult<Json<Value>> {
    tasks::find(&state, &caller, id).await?;
    Ok(Json(drafts::of_tasks(state.db.read(), &[id]).await?.iter().map(Draft::to_json).collect()))
}

pub async fn of_annotation(
    State(state): State<AppState>,
    caller: Caller,
    Path((id, annotation)): Path<(i64, i64)>,
) -> ApiResult<Json<Value>> {
    tasks::find(&state, &caller, id).await?;
    let found = drafts::of_tasks(state.db.read(), &[id]).await?;
    Ok(Json(found.iter().filter(|d| d.annotation == Some(annotation)).map(Draft::to_json).collect()))
}

fn result_of(body: &Value) -> ApiResult<Option<Value>> {
    match body.get("result") {
        None | Some(Value::Null) => Ok(None),
        Some(list @ Value::Array(_)) => Ok(Some(list.clone())),
        Some(_) => Err(ApiError::field("result", "The result of a draft must be a list of regions.")),
    }
}

async fn store(
    state: &AppState,
    caller: &Caller,
    task: i64,
    annotation: Option<i64>,
    request: Resend,
    body: &Value,
) -> ApiResult<Response> {
    let result = result_of(body)?.unwrap_or_else(|| Value::Array(Vec::new()));
    let postponed = body["was_postponed"].as_bool().unwrap_or(false);
    let tx = state.db.write_rows().await?;
    // The task's row first: a resend on another server at the same moment waits here and finds the key.
    recount::lock(&*tx, task).await?;
    task_store::get(&*tx, caller.organization(), task).await?.ok_or_else(|| ApiError::not_found("Task"))?;
    let id = match request.earlier(&tx).await? {
        Some(id) => id,
        None => {
            let lead_time = body["lead_time"].as_f64();
            let id =
                drafts::insert(&*tx, task, annotation, caller.id(), &result, lead_time, postponed).await?;
            request.remember(&tx, id).await?;
            id
        }
    };
    tx.commit().await?;
    let draft = find(state, caller, id).await?;
    Ok(conditional::versioned(StatusCode::CREATED, &draft.updated_at, &draft.to_json()))
}

pub async fn create(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<i64>,
    headers: HeaderMap,
    JsonObject(body): JsonObject,
) -> ApiResult<Response> {
    let request = Resend::of(&caller, &headers, format!("POST /api/tasks/{id}/drafts"));
    store(&state, &caller, id, None, request, &body).await
}

pub async fn create_for_annotation(
    State(state): State<AppState>,
    caller: Caller,
    Path((id, annotation)): Path<(i64, i64)>,
    headers: HeaderMap,
    JsonObject(body): JsonObject,
) -> ApiResult<Response> {
    let found = annotations::get(state.db.read(), caller.organization(), annotation).await?;
    if found.is_none_or(|a| a.task != id) {
        return Err(ApiError::not_found("Annotation"));
    }
    let request =
        Resend::of(&caller, &headers, format!("POST /api/tasks/{id}/annotations/{annotation}/drafts"));
    store(&state, &caller, id, Some(annotation), request, &body).await
}

pub async fn get(State(state): State<AppState>, caller: Caller, Path(id): Path<i64>) -> ApiResult<Response> {
    let draft = find(&state, &caller, id).await?;
    Ok(conditional::versioned(StatusCode::OK, &draft.updated_at, &draft.to_json()))
}

pub async fn update(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<i64>,
    headers: HeaderMap,
    JsonObject(body): JsonObject,
) -> ApiResult<Response> {
    let result = result_of(&body)?;
    let request = Resend::of(&caller, &headers, format!("PATCH /api/drafts/{id}"));
    let task = find(&state, &caller, id).await?.task;
    let tx = state.db.write_rows().await?;
    recount::lock(&*tx, task).await?;
    let mut draft = drafts::get(&*tx, caller.organization(), id)
        .await?
        .filter(|d| d.user == caller.id())
        .ok_or_else(|| ApiError::not_found("Draft"))?;
    if !request.is_again(&tx).await? {
        conditional::check(&headers, &draft.updated_at, || draft.to_json())?;
        if let Some(result) = result {
            draft.result = result;
        }
        if let Some(seconds) = body["lead_time"].as_f64() {
            draft.lead_time = Some(seconds);
        }
        if let Some(postponed) = body["was_postponed"].as_bool() {
            draft.was_postponed = postponed;
        }
        drafts::update(&*tx, &mut draft).await?;
        request.remember(&tx, id).await?;
    }
    tx.commit().await?;
    Ok(conditional::versioned(StatusCode::OK, &draft.updated_at, &draft.to_json()))
}

pub async fn delete(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<i64>,
) -> ApiResult<StatusCode> {
    find(&state, &caller, id).await?;
    let tx = state.db.write().await?;
    drafts::delete(&*tx, id).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
