//! Drafts.

use crate::auth::Caller;
use crate::error::{ApiError, ApiResult};
use crate::routes::extract::{JsonObject, Path};
use crate::routes::tasks;
use crate::state::AppState;
use crate::store::drafts::{self, Draft};
use crate::store::{annotations, tasks as task_store};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
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
    body: &Value,
) -> ApiResult<(StatusCode, Json<Value>)> {
    let result = result_of(body)?.unwrap_or_else(|| Value::Array(Vec::new()));
    let postponed = body["was_postponed"].as_bool().unwrap_or(false);
    let tx = state.db.write().await?;
    task_store::get(&*tx, caller.organization(), task).await?.ok_or_else(|| ApiError::not_found("Task"))?;
    let id =
        drafts::insert(&*tx, task, annotation, caller.id(), &result, body["lead_time"].as_f64(), postponed)
            .await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(find(state, caller, id).await?.to_json())))
}

pub async fn create(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<i64>,
    JsonObject(body): JsonObject,
) -> ApiResult<(StatusCode, Json<Value>)> {
    store(&state, &caller, id, None, &body).await
}

pub async fn create_for_annotation(
    State(state): State<AppState>,
    caller: Caller,
    Path((id, annotation)): Path<(i64, i64)>,
    JsonObject(body): JsonObject,
) -> ApiResult<(StatusCode, Json<Value>)> {
    let found = annotations::get(state.db.read(), caller.organization(), annotation).await?;
    if found.is_none_or(|a| a.task != id) {
        return Err(ApiError::not_found("Annotation"));
    }
    store(&state, &caller, id, Some(annotation), &body).await
}

pub async fn get(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<i64>,
) -> ApiResult<Json<Value>> {
    Ok(Json(find(&state, &caller, id).await?.to_json()))
}

pub async fn update(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<i64>,
    JsonObject(body): JsonObject,
) -> ApiResult<Json<Value>> {
    let mut draft = find(&state, &caller, id).await?;
    if let Some(result) = result_of(&body)? {
        draft.result = result;
    }
    if let Some(seconds) = body["lead_time"].as_f64() {
        draft.lead_time = Some(seconds);
    }
    if let Some(postponed) = body["was_postponed"].as_bool() {
        draft.was_postponed = postponed;
    }
    let tx = state.db.write().await?;
    drafts::update(&*tx, &draft).await?;
    tx.commit().await?;
    Ok(Json(find(&state, &caller, id).await?.to_json()))
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
