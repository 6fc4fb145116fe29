//! Reimport: tasks of uploads are made anew, in place of those that came from them before.

use super::{Ended, at_once, created, ended};
use crate::auth::Caller;
use crate::error::{ApiError, ApiResult};
use crate::jobs::import_tasks;
use crate::routes::extract::{JsonObject, Path};
use crate::routes::projects;
use crate::state::AppState;
use crate::store::imports::{self, Brings, Import, Options, Source};
use crate::store::uploads;
use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use std::time::Instant;

pub async fn reimport(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<i64>,
    headers: HeaderMap,
    JsonObject(body): JsonObject,
) -> ApiResult<Response> {
    let started = Instant::now();
    projects::find(&state, &caller, id).await?;
    let ids = upload_ids(&body)?;
    if ids.is_empty() {
        return Ok(Json(shown(None, started)).into_response());
    }
    let files_as_tasks_list = match &body["files_as_tasks_list"] {
        Value::Null => true,
        Value::Bool(flag) => *flag,
        _ => return Err(ApiError::field("files_as_tasks_list", "Must be true or false.")),
    };
    let found = uploads::list(state.db.read(), id, Some(&ids)).await?;
    if let Some(missing) = ids.iter().find(|id| found.iter().all(|upload| upload.id != **id)) {
        return Err(ApiError::field(
            "file_upload_ids",
            format!("There is no upload {missing} in this project."),
        ));
    }
    let sources: Vec<Source> = found
        .into_iter()
        .map(|upload| Source { upload: Some(upload.id), name: upload.name().to_owned(), path: upload.file })
        .collect();
    let options = Options { commit: true, files_as_tasks_list, ..Options::default() };
    let tx = state.db.write_rows().await?;
    let import = imports::insert(&*tx, id, caller.id(), Brings::TasksAgain, &options, &sources).await?;
    let job = import_tasks::enqueue(&*tx, &caller, id, import, Brings::TasksAgain).await?;
    let job = job.ok_or_else(|| {
        ApiError::Conflict("A reimport of this project is at work already; wait for its end.".into())
    })?;
    tx.commit().await?;
    Ok(match ended(&state, (import, job), at_once(&headers)).await? {
        Ended::Well(import) => created(shown(Some(&import), started)),
        Ended::NotYet(answer) => answer,
    })
}

/// The ids of a body, each once.
pub(super) fn upload_ids(body: &Value) -> ApiResult<Vec<i64>> {
    let wrong = || ApiError::field("file_upload_ids", "Must be a list of upload ids.");
    let mut ids: Vec<i64> = match &body["file_upload_ids"] {
        Value::Null => Vec::new(),
        Value::Array(list) => {
            list.iter().map(|id| id.as_i64().ok_or_else(wrong)).collect::<Result<_, _>>()?
        }
        _ => return Err(wrong()),
    };
    ids.sort_unstable();
    ids.dedup();
    Ok(ids)
}

fn shown(import: Option<&Import>, started: Instant) -> Value {
    json!({
        "task_count": import.map_or(0, |i| i.task_count),
        "annotation_count": import.map_or(0, |i| i.annotation_count),
        "prediction_count": import.map_or(0, |i| i.prediction_count),
        "duration": started.elapsed().as_secs_f64(),
        "file_upload_ids": import.map(Import::upload_ids).unwrap_or_default(),
        "found_formats": import.map(Import::formats).unwrap_or_default(),
        "data_columns": import.map(|i| i.found.columns.clone()).unwrap_or_default(),
    })
}
