//! The files that a project's tasks came from.

use super::receive::receive_one;
use super::reimport::upload_ids;
use super::yes;
use crate::auth::Caller;
use crate::error::{ApiError, ApiResult};
use crate::exchange::import;
use crate::routes::extract::{AnyJson, JsonObject, Path, Query};
use crate::routes::projects;
use crate::state::AppState;
use crate::store::uploads::{self as store, Upload};
use axum::Json;
use axum::extract::{FromRequest, Request, State};
use axum::http::{StatusCode, header};
use serde_json::{Value, json};

/// Removes uploads and their files; the tasks stay.
async fn forget(state: &AppState, project: i64, ids: &[i64]) -> ApiResult<usize> {
    let tx = state.db.write_rows().await?;
    let files = store::delete(&*tx, project, ids).await?;
    tx.commit().await?;
    let count = files.len();
    state.media.forget(files).await;
    Ok(count)
}

/// Ids as clients write them: `[1,2]`, `1,2`, or one of several `ids=`.
fn ids_of(text: &str) -> ApiResult<Vec<i64>> {
    let bare = text.trim().trim_start_matches('[').trim_end_matches(']');
    let ids = bare.split(',').map(str::trim).filter(|id| !id.is_empty()).map(str::parse);
    ids.collect::<Result<_, _>>().map_err(|_| {
        ApiError::BadRequest(format!("ids must be a list of upload ids like [1,2], it is {text:?}."))
    })
}

pub async fn uploads(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<i64>,
    Query(pairs): Query<Vec<(String, String)>>,
) -> ApiResult<Json<Value>> {
    let project = projects::find(&state, &caller, id).await?;
    let (mut wanted, mut all): (Option<Vec<i64>>, bool) = (None, false);
    for (key, value) in &pairs {
        match key.as_str() {
            "ids" | "ids[]" => wanted.get_or_insert_default().extend(ids_of(value)?),
            "all" => all = yes(Some(value), false),
            _ => {}
        }
    }
    let draft = project.setting("is_draft") == true;
    if wanted.is_none() && !draft && !all {
        return Ok(Json(json!([])));
    }
    let found = store::list(state.db.read(), id, wanted.as_deref()).await?;
    Ok(Json(found.iter().map(Upload::to_json).collect()))
}

pub async fn delete_uploads(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<i64>,
    JsonObject(body): JsonObject,
) -> ApiResult<Json<Value>> {
    projects::find(&state, &caller, id).await?;
    let ids = if body["file_upload_ids"].is_null() {
        store::list(state.db.read(), id, None).await?.iter().map(|upload| upload.id).collect()
    } else {
        upload_ids(&body)?
    };
    Ok(Json(json!({"deleted": forget(&state, id, &ids).await?})))
}

async fn find(state: &AppState, caller: &Caller, id: i64) -> ApiResult<Upload> {
    let found = store::get(state.db.read(), caller.organization(), id).await?;
    found.ok_or_else(|| ApiError::not_found("File upload"))
}

pub async fn upload(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<i64>,
) -> ApiResult<Json<Value>> {
    Ok(Json(find(&state, &caller, id).await?.to_json()))
}

/// Another content for an upload, as a form with one file of the same kind; its address stays. A JSON body can only say
/// what is so already.
pub async fn replace_upload(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<i64>,
    request: Request,
) -> ApiResult<Json<Value>> {
    let found = find(&state, &caller, id).await?;
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
    if !kind.starts_with("multipart/form-data") {
        let AnyJson(body) = AnyJson::from_request(request, &state).await?;
        return match body.get("file") {
            None | Some(Value::Null) => Ok(Json(found.to_json())),
            Some(file) if *file == found.file.as_str() => Ok(Json(found.to_json())),
            Some(_) => Err(ApiError::field(
                "file",
                "The submitted data was not a file. Send the file as multipart/form-data; its address cannot be changed.",
            )),
        };
    }
    let mut incoming = receive_one(&state, found.project, request).await?;
    let name = incoming.file.as_ref().map(|file| file.name.clone()).unwrap_or_default();
    if import::extension(&name)? != import::extension(&found.file).unwrap_or_default() {
        return Err(ApiError::field(
            "file",
            format!("{name} is of another kind than the file it would replace."),
        ));
    }
    let tx = state.db.write_rows().await?;
    store::resize(&*tx, id, incoming.spool.size).await?;
    incoming.spool.move_to(&state.media, &found.file).await?;
    // Whatever happens now, the address must lead somewhere.
    incoming.spool.keep();
    tx.commit().await?;
    Ok(Json(find(&state, &caller, id).await?.to_json()))
}

pub async fn delete_upload(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<i64>,
) -> ApiResult<StatusCode> {
    let found = find(&state, &caller, id).await?;
    forget(&state, found.project, &[id]).await?;
    Ok(StatusCode::NO_CONTENT)
}
