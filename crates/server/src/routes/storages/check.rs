//! Trying a storage out: validate, a preview of its objects, the doctor, and the form to fill in.

use super::target::Target;
use super::{check, find, read};
use crate::auth::Caller;
use crate::error::{ApiError, ApiResult};
use crate::routes::extract::JsonObject;
use crate::routes::projects;
use crate::state::AppState;
use crate::storages::{api_error, error_of_settings, form as layout};
use crate::store::storages::Storage;
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use futures::TryStreamExt;
use serde_json::{Value, json};
use tagloom_storages::{Diagnosis, Listing};

/// The stored storage that a body names by `id`, for its secrets. It must be the caller's, and of this type.
async fn stored(
    state: &AppState,
    caller: &Caller,
    target: &Target,
    body: &Value,
) -> ApiResult<Option<Storage>> {
    if let Some(project) = body["project"].as_i64() {
        projects::find(state, caller, project).await?;
    }
    match &body["id"] {
        Value::Null => Ok(None),
        id => {
            let target = Target { id: id.as_i64(), ..*target };
            find(state, caller, &target).await.map(Some)
        }
    }
}

/// Whether the storage would work. With `id` the secrets of that storage stand for those that are not given; nothing is
/// changed.
pub async fn validate(
    State(state): State<AppState>,
    caller: Caller,
    target: Target,
    JsonObject(body): JsonObject,
) -> ApiResult<StatusCode> {
    let stored = stored(&state, &caller, &target, &body).await?;
    let asked = read(&state, &target, &body, stored.as_ref())?;
    check(&state, &target, &asked.fields).await?;
    Ok(StatusCode::OK)
}

/// The first objects that a sync would see.
pub async fn files(
    State(state): State<AppState>,
    caller: Caller,
    target: Target,
    JsonObject(body): JsonObject,
) -> ApiResult<Json<Value>> {
    let stored = stored(&state, &caller, &target, &body).await?;
    let limit = match &body["limit"] {
        Value::Null => state.settings.storages.list_limit,
        limit => limit
            .as_u64()
            .filter(|n| *n > 0)
            .ok_or_else(|| ApiError::field("limit", "The number of objects to list, at least 1."))?,
    };
    let limit = usize::try_from(limit.min(10_000)).unwrap_or(10_000);
    let asked = read(&state, &target, &body, stored.as_ref())?;
    let problem = |problem| api_error(target.kind, &problem);
    let bucket = state.buckets.try_out(target.kind, &asked.fields).map_err(problem)?;
    let mut objects = bucket.list(Listing::of(&asked.fields).map_err(problem)?);
    let mut files = Vec::new();
    while let Some(object) = objects.try_next().await.map_err(problem)? {
        if files.len() == limit {
            // There are more than are shown.
            files.push(json!({"key": null, "last_modified": null, "size": null}));
            break;
        }
        let modified = object.last_modified.map(|at| format!("{at:.6}"));
        files.push(json!({"key": object.key, "last_modified": modified, "size": object.size}));
    }
    Ok(Json(json!({"files": files})))
}

/// What a form for this type asks for.
pub async fn form(_caller: Caller, target: Target) -> Json<Value> {
    Json(layout(target.kind, target.purpose))
}

/// The doctor: every step a storage needs, tried, with the cause of a failure and the CORS rules to paste.
pub async fn diagnose(
    State(state): State<AppState>,
    caller: Caller,
    target: Target,
    headers: HeaderMap,
) -> ApiResult<Json<Diagnosis>> {
    let storage = find(&state, &caller, &target).await?;
    let bucket = state.buckets.of(&storage).map_err(|p| api_error(target.kind, &p))?;
    Ok(Json(bucket.diagnose(target.purpose, &origin(&state, &headers)).await))
}

/// The same for what is not stored yet. What a field is to blame for is said at that field, as [`validate`] does.
pub async fn diagnose_settings(
    State(state): State<AppState>,
    caller: Caller,
    target: Target,
    headers: HeaderMap,
    JsonObject(body): JsonObject,
) -> ApiResult<Json<Diagnosis>> {
    let stored = stored(&state, &caller, &target, &body).await?;
    let asked = read(&state, &target, &body, stored.as_ref())?;
    let bucket = state.buckets.try_out(target.kind, &asked.fields).map_err(|p| api_error(target.kind, &p))?;
    let diagnosis = bucket.diagnose(target.purpose, &origin(&state, &headers)).await;
    match diagnosis.problem().and_then(|problem| error_of_settings(target.kind, problem)) {
        Some(error) => Err(error),
        None => Ok(Json(diagnosis)),
    }
}

/// Where browsers load this server from, as far as it knows.
fn origin(state: &AppState, headers: &HeaderMap) -> String {
    let text = |name| headers.get(name).and_then(|v| v.to_str().ok()).map(str::to_owned);
    let configured = url::Url::parse(&state.settings.host).ok().map(|url| url.origin().ascii_serialization());
    configured
        .or_else(|| text(header::ORIGIN).filter(|origin| origin != "null"))
        .or_else(crate::request::origin)
        .unwrap_or_else(|| format!("http://localhost:{}", state.settings.port))
}
