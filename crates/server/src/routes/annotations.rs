//! Annotations: submit, update, skip, delete.

use crate::auth::Caller;
use crate::db;
use crate::error::{ApiError, ApiResult};
use crate::routes::extract::{JsonObject, Path, Query};
use crate::routes::tasks;
use crate::state::AppState;
use crate::store::annotations::{self, Annotation};
use crate::store::{drafts, recount, tasks as task_store, users};
use crate::time;
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
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

/// The result list of a body; a string holding one is accepted.
fn result_of(body: &Value) -> ApiResult<Option<Value>> {
    let value = match body.get("result") {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::String(text)) => serde_json::from_str(text).map_err(|e| {
            ApiError::field("result", format!("The result is a string that is not JSON: {e}."))
        })?,
        Some(value) => value.clone(),
    };
    if value.is_array() {
        Ok(Some(value))
    } else {
        Err(ApiError::field("result", "Annotation result must be a list of regions."))
    }
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
) -> ApiResult<(StatusCode, Json<Value>)> {
    let key = headers
        .get("idempotency-key")
        .and_then(|v| v.to_str().ok())
        .map(|k| k.chars().take(200).collect::<String>());
    let tx = state.db.write().await?;
    // The task's row first, so that everything below is one after the other for one task, in all processes.
    recount::lock(&*tx, id).await?;
    let task =
        task_store::get(&*tx, caller.organization(), id).await?.ok_or_else(|| ApiError::not_found("Task"))?;
    if let Some(key) = &key {
        // The first answer stands: a resend after a lost answer must not make a second annotation.
        let row = db::one(
            &*tx,
            "SELECT status, body FROM idempotency_keys WHERE user_id = $1 AND idempotency_key = $2",
            vec![caller.id().into(), key.clone().into()],
        )
        .await?;
        if let Some(row) = row {
            let status =
                StatusCode::from_u16(row.try_get::<i64>("", "status")? as u16).unwrap_or(StatusCode::CREATED);
            let first = crate::store::json(&row, "body")?;
            if first["task"] != id {
                return Err(ApiError::Status(
                    StatusCode::UNPROCESSABLE_ENTITY,
                    "This Idempotency-Key was used for an annotation of another task.".into(),
                ));
            }
            return Ok((status, Json(first)));
        }
    }
    let unique_id = match body.get("unique_id").and_then(Value::as_str) {
        Some(text) => {
            let id = uuid::Uuid::parse_str(text)
                .map_err(|_| ApiError::field("unique_id", "Must be a valid UUID."))?;
            let taken = db::count(
                &*tx,
                "SELECT COUNT(*) FROM annotations WHERE unique_id = $1",
                vec![id.to_string().into()],
            )
            .await?;
            if taken > 0 {
                return Err(ApiError::Conflict("An annotation with this unique_id exists already.".into()));
            }
            Some(id.to_string())
        }
        None => None,
    };
    let mut draft_created_at = None;
    if let Some(draft_id) = body["draft_id"].as_i64().filter(|d| *d > 0) {
        let draft = drafts::get(&*tx, caller.organization(), draft_id).await?;
        match draft {
            Some(d) if d.task != id || d.user != caller.id() => {
                return Err(ApiError::Forbidden("This draft belongs to another task or user.".into()));
            }
            Some(d) => {
                draft_created_at = Some(d.created_at.clone());
                drafts::delete(&*tx, draft_id).await?;
            }
            None => {}
        }
    }
    let completed_by = match body["completed_by"].as_i64().filter(|id| *id != caller.id()) {
        Some(other) if users::is_member(&*tx, caller.organization(), other).await? => other,
        Some(other) => {
            let message = format!("Invalid pk \"{other}\" - object does not exist.");
            return Err(ApiError::field("completed_by", message));
        }
        None => caller.id(),
    };
    let annotation = Annotation {
        id: 0,
        task: id,
        project: task.project,
        completed_by: Some(completed_by),
        updated_by: Some(caller.id()),
        result: result_of(&body)?.unwrap_or_else(|| Value::Array(Vec::new())),
        result_count: 0,
        was_cancelled: truthy(query.was_cancelled.as_deref())
            .or(body["was_cancelled"].as_bool())
            .unwrap_or(false),
        ground_truth: body["ground_truth"].as_bool().unwrap_or(false),
        lead_time: body["lead_time"].as_f64(),
        unique_id,
        import_id: None,
        parent_prediction: body["parent_prediction"].as_i64(),
        parent_annotation: body["parent_annotation"].as_i64(),
        last_action: None,
        draft_created_at,
        created_at: String::new(),
        updated_at: String::new(),
        created_username: String::new(),
    };
    let new = annotations::insert(&*tx, &annotation).await?;
    if annotation.ground_truth {
        annotations::clear_ground_truth(&*tx, id, new).await?;
    }
    db::run(&*tx, "DELETE FROM locks WHERE task = $1 AND user_id = $2", vec![id.into(), caller.id().into()])
        .await?;
    db::run(
        &*tx,
        "UPDATE stream_history SET annotation = $1 WHERE project = $2 AND user_id = $3 AND task = $4",
        vec![new.into(), task.project.into(), caller.id().into(), id.into()],
    )
    .await?;
    task_store::refresh(&*tx, id, Some(caller.id())).await?;
    let stored = annotations::get(&*tx, caller.organization(), new)
        .await?
        .ok_or_else(|| ApiError::not_found("Annotation"))?;
    let answer = stored.to_json();
    if let Some(key) = key {
        db::run(
            &*tx,
            "INSERT INTO idempotency_keys (user_id, idempotency_key, status, body, created_at) VALUES ($1, $2, $3, $4, $5)",
            vec![caller.id().into(), key.into(), 201i64.into(), answer.to_string().into(), time::now().into()],
        )
        .await?;
    }
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(answer)))
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
    let tx = state.db.write().await?;
    let mut annotation = annotations::get(&*tx, caller.organization(), id)
        .await?
        .ok_or_else(|| ApiError::not_found("Annotation"))?;
    if let Some(result) = result_of(&body)? {
        annotation.result = result;
    }
    if let Some(v) = body["was_cancelled"].as_bool() {
        annotation.was_cancelled = v;
    }
    if let Some(v) = body["ground_truth"].as_bool() {
        annotation.ground_truth = v;
    }
    if let Some(v) = body["lead_time"].as_f64() {
        annotation.lead_time = Some(v);
    }
    annotation.updated_by = Some(caller.id());
    annotations::update(&*tx, &annotation).await?;
    if annotation.ground_truth {
        annotations::clear_ground_truth(&*tx, annotation.task, id).await?;
    }
    // What is saved supersedes the drafts attached to it.
    db::run(&*tx, "DELETE FROM drafts WHERE annotation = $1", vec![id.into()]).await?;
    task_store::refresh(&*tx, annotation.task, Some(caller.id())).await?;
    tx.commit().await?;
    Ok(Json(find(&state, &caller, id).await?.to_json()))
}

pub async fn delete(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<i64>,
) -> ApiResult<StatusCode> {
    let annotation = find(&state, &caller, id).await?;
    let tx = state.db.write().await?;
    annotations::delete(&*tx, id).await?;
    task_store::refresh(&*tx, annotation.task, Some(caller.id())).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

pub async fn convert_to_draft(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<i64>,
) -> ApiResult<(StatusCode, Json<Value>)> {
    let tx = state.db.write().await?;
    let a = annotations::get(&*tx, caller.organization(), id)
        .await?
        .ok_or_else(|| ApiError::not_found("Annotation"))?;
    annotations::delete(&*tx, id).await?;
    let new = drafts::insert(&*tx, a.task, None, caller.id(), &a.result, a.lead_time, false).await?;
    task_store::refresh(&*tx, a.task, Some(caller.id())).await?;
    tx.commit().await?;
    let draft = drafts::get(state.db.read(), caller.organization(), new).await?;
    Ok((StatusCode::CREATED, Json(draft.map_or(Value::Null, |d| d.to_json()))))
}
