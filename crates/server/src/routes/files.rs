//! Uploaded files and local files.

use crate::auth::Caller;
use crate::db;
use crate::error::{ApiError, ApiResult};
use crate::files;
use crate::routes::extract::{Path, Query};
use crate::state::AppState;
use crate::storages::local;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use serde::Deserialize;

/// `/data/upload/{project}/{name}`: the upload must be known, and its project the caller's.
pub async fn upload(
    State(state): State<AppState>,
    caller: Caller,
    Path(path): Path<String>,
    headers: HeaderMap,
) -> ApiResult<Response> {
    if path.contains('\0') {
        // PostgreSQL would refuse the question.
        return Err(ApiError::not_found("File"));
    }
    let stored = format!("upload/{path}");
    let row = db::one(
        state.db.read(),
        "SELECT p.organization AS organization FROM file_uploads f JOIN projects p ON p.id = f.project WHERE f.file = $1",
        vec![stored.clone().into()],
    )
    .await?
    .ok_or_else(|| ApiError::not_found("File"))?;
    if row.try_get::<i64>("", "organization")? != caller.organization() {
        return Err(ApiError::Forbidden("This file belongs to another organization.".into()));
    }
    state.media.serve(&stored, &headers).await
}

#[derive(Debug, Deserialize)]
pub struct LocalQuery {
    #[serde(default)]
    d: String,
}

/// `/data/local-files/?d=path`: what the rules of local files allow; a refusal names its rule.
pub async fn local(
    State(state): State<AppState>,
    caller: Caller,
    Query(q): Query<LocalQuery>,
    headers: HeaderMap,
) -> ApiResult<Response> {
    let allowed = local::judge(&state, Some(caller.organization()), &q.d).await??;
    let store = state.local_files.as_ref().ok_or(local::Refusal::Off)?;
    files::serve(store, &allowed.path, &headers).await
}
