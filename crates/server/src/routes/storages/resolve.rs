//! Objects behind the URIs of task data: a redirect to a signed URL, or the object itself (spec/server.md 5.4).

use crate::auth::Caller;
use crate::error::{ApiError, ApiResult};
use crate::routes::extract::{Path, Query};
use crate::routes::{projects, tasks};
use crate::state::AppState;
use crate::storages::{proxy, resolve, serving_error};
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use serde::Deserialize;
use tagloom_storages::{Fields, Problem};

#[derive(Debug, Deserialize)]
pub struct ResolveQuery {
    fileuri: Option<String>,
}

/// `/tasks/{task}/resolve` and `…/presign`
pub async fn of_task(
    State(state): State<AppState>,
    caller: Caller,
    Path(task): Path<i64>,
    Query(query): Query<ResolveQuery>,
    headers: HeaderMap,
) -> ApiResult<Response> {
    let task = tasks::find(&state, &caller, task).await?;
    answer(&state, &caller, task.project, query, &headers).await
}

/// `/projects/{project}/resolve` and `…/presign`
pub async fn of_project(
    State(state): State<AppState>,
    caller: Caller,
    Path(project): Path<i64>,
    Query(query): Query<ResolveQuery>,
    headers: HeaderMap,
) -> ApiResult<Response> {
    projects::find(&state, &caller, project).await?;
    answer(&state, &caller, project, query, &headers).await
}

async fn answer(
    state: &AppState,
    caller: &Caller,
    project: i64,
    query: ResolveQuery,
    headers: &HeaderMap,
) -> ApiResult<Response> {
    let given = query.fileuri.filter(|text| !text.trim().is_empty()).ok_or_else(|| {
        ApiError::BadRequest("Name the object with the parameter fileuri: its URI, or that in base64.".into())
    })?;
    let unreadable =
        || ApiError::BadRequest("fileuri is neither a URI such as s3://bucket/key nor one in base64.".into());
    let uri = resolve::uri_of(&given).ok_or_else(unreadable)?;
    let found = resolve::find(state, project, &uri).await?;
    let (storage, key) = found.ok_or_else(|| {
        ApiError::NotFound("No import storage of this project has the bucket of this URI.".into())
    })?;
    let failed = |problem: Problem| serving_error(&problem);
    let bucket = state.buckets.of(&storage).map_err(failed)?;
    let fields = Fields::from(storage.fields.clone());
    if fields.presign(storage.kind) {
        let ttl = fields.presign_ttl();
        let kind = proxy::content_type(&key);
        if let Some(url) = bucket.sign(&key, ttl, kind.as_deref()).await.map_err(failed)? {
            return proxy::redirect(url.as_str(), ttl);
        }
    }
    proxy::serve(state, &bucket, &key, caller.id(), headers).await
}
