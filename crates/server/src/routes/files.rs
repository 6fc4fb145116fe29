//! Uploaded files and local files.

use crate::auth::Caller;
use crate::db;
use crate::error::{ApiError, ApiResult};
use crate::files;
use crate::routes::extract::{Path, Query};
use crate::state::AppState;
use crate::storages::local;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::Response;
use serde::Deserialize;

/// `/data/upload/{project}/{name}`: the upload must be known, and its project the caller's.
pub async fn upload(
    State(state): State<AppState>,
    caller: Caller,
    Path(path): Path<String>,
    headers: HeaderMap,
) -> ApiResult<Response> {
    let stored = format!("upload/{path}");
    match owner(&state, &stored).await? {
        None => Err(ApiError::not_found("File")),
        Some(organization) if organization != caller.organization() => {
            Err(ApiError::Forbidden("This file belongs to another organization.".into()))
        }
        Some(_) => state.media.serve(&stored, &headers).await,
    }
}

/// The organization of an upload; nothing where there is no record of it.
async fn owner(state: &AppState, stored: &str) -> ApiResult<Option<i64>> {
    if stored.contains('\0') {
        // PostgreSQL would refuse the question.
        return Ok(None);
    }
    let row = db::one(
        state.db.read(),
        "SELECT p.organization AS organization FROM file_uploads f JOIN projects p ON p.id = f.project WHERE f.file = $1",
        vec![stored.into()],
    )
    .await?;
    Ok(row.map(|row| row.try_get("", "organization")).transpose()?)
}

#[derive(Debug, Deserialize)]
pub struct StoredQuery {
    #[serde(default)]
    filepath: String,
}

/// `/storage-data/uploaded/?filepath=upload/…`: the same file by the address that downloaders try first. One that is not
/// the caller's, or that nobody has uploaded, is refused alike.
pub async fn uploaded(
    State(state): State<AppState>,
    caller: Caller,
    Query(q): Query<StoredQuery>,
    headers: HeaderMap,
) -> ApiResult<Response> {
    let path = q.filepath.trim_start_matches('/');
    if path.is_empty() {
        return Err(ApiError::NotFound("Name the file with the parameter filepath.".into()));
    }
    let refused = || ApiError::Forbidden("There is no such file, or it is not yours.".into());
    let mine = match path.split_once('/') {
        Some(("upload", _)) => owner(&state, path).await? == Some(caller.organization()),
        // Pictures of people are for everybody.
        Some(("avatars", name)) => !name.contains('/'),
        _ => false,
    };
    if !mine {
        return Err(refused());
    }
    let served = state.media.serve(path, &headers).await;
    let mut response = served.map_err(|e| if e.status().is_server_error() { e } else { refused() })?;
    let headers = response.headers_mut();
    // Letters that a header cannot hold are percent-encoded.
    let plain: String = path
        .bytes()
        .map(|b| match b {
            b'"' | b'\\' | b'%' => format!("%{b:02X}"),
            0x20..=0x7e => char::from(b).to_string(),
            _ => format!("%{b:02X}"),
        })
        .collect();
    let kind = if headers.contains_key(header::CONTENT_DISPOSITION) { "attachment" } else { "inline" };
    for (name, value) in [
        (header::CONTENT_DISPOSITION, format!("{kind}; filename=\"{plain}\"")),
        (header::HeaderName::from_static("filename"), plain),
    ] {
        if let Ok(value) = HeaderValue::from_str(&value) {
            headers.insert(name, value);
        }
    }
    Ok(response)
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
