//! Uploaded files and local files.

use crate::auth::Caller;
use crate::db;
use crate::error::{ApiError, ApiResult};
use crate::files;
use crate::routes::extract::{Path, Query};
use crate::state::AppState;
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

/// `/data/local-files/?d=path`: below the document root, which an operator must have set explicitly.
pub async fn local(
    State(state): State<AppState>,
    _caller: Caller,
    Query(q): Query<LocalQuery>,
    headers: HeaderMap,
) -> ApiResult<Response> {
    let store = state.local_files.as_ref().ok_or_else(|| {
        ApiError::Forbidden(
            "Serving local files is off; start the server with --root DIR, or set LOCAL_FILES_SERVING_ENABLED and \
             LOCAL_FILES_DOCUMENT_ROOT."
                .into(),
        )
    })?;
    if q.d.trim().is_empty() {
        return Err(ApiError::Forbidden("Name the file with the parameter d.".into()));
    }
    files::serve(store, &q.d, &headers).await
}
