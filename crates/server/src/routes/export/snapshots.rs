//! Snapshots: exports that stay as they were, made and converted by jobs.

use super::{Pairs, downloaded, format_named, format_of};
use crate::auth::Caller;
use crate::error::{ApiError, ApiResult};
use crate::exchange::config::config_info;
use crate::exchange::disk;
use crate::exchange::export::choice::{Annotations, Tasks, of_view};
use crate::exchange::export::convert::convert;
use crate::exchange::export::deliver::{deliver, whole};
use crate::exchange::export::form::Form;
use crate::exchange::export::name;
use crate::exchange::media;
use crate::jobs::{self, Kind, New, export_convert, export_snapshot};
use crate::routes::extract::{JsonObject, Path, Query};
use crate::routes::projects;
use crate::state::AppState;
use crate::store::exports::{self, Snapshot};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::{Value, json};
use std::time::Duration;

/// How long a request waits for a snapshot, or for its conversion, before it shows one that is being made.
const PATIENCE: Duration = Duration::from_secs(20);

async fn find(state: &AppState, caller: &Caller, project: i64, id: i64) -> ApiResult<Snapshot> {
    projects::find(state, caller, project).await?;
    exports::get(state.db.read(), project, id).await?.ok_or_else(|| ApiError::not_found("Export"))
}

async fn shown(state: &AppState, project: i64, id: i64) -> ApiResult<Value> {
    let conn = state.db.read();
    let found = exports::get(conn, project, id).await?.ok_or_else(|| ApiError::not_found("Export"))?;
    Ok(found.to_json(conn).await?)
}

pub async fn snapshots(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<i64>,
) -> ApiResult<Json<Value>> {
    projects::find(&state, &caller, id).await?;
    let mut out = Vec::new();
    for snapshot in exports::list(state.db.read(), id).await? {
        out.push(snapshot.to_json(state.db.read()).await?);
    }
    Ok(Json(out.into()))
}

pub async fn create_snapshot(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<i64>,
    JsonObject(body): JsonObject,
) -> ApiResult<(StatusCode, Json<Value>)> {
    let project = projects::find(&state, &caller, id).await?;
    let title = match &body["title"] {
        Value::Null => None,
        Value::String(title) => Some(title.trim()).filter(|title| !title.is_empty()),
        _ => return Err(ApiError::field("title", "Not a valid string.")),
    };
    let title = match title {
        Some(title) if title.chars().count() > 2048 => {
            return Err(ApiError::field("title", "Ensure this field has no more than 2048 characters."));
        }
        Some(title) => title.to_owned(),
        None => format!("{}-at-{}", project.title.replace(' ', "-"), name::stamp()),
    };
    // What is wrong is said now rather than by a job that fails.
    let choice = Tasks::of_options(&body["task_filter_options"])?;
    let annotations = Annotations::of_options(&body["annotation_filter_options"])?;
    Form::of_options(&body["serialization_options"], annotations, false)?;
    if let Some(view) = choice.view {
        of_view(state.db.read(), id, view).await?;
    }
    let options = json!({
        "task_filter_options": body["task_filter_options"],
        "annotation_filter_options": body["annotation_filter_options"],
        "serialization_options": body["serialization_options"],
    });
    let tx = state.db.write_rows().await?;
    let export = exports::insert(&*tx, id, caller.id(), &title, &options).await?;
    let new = New {
        kind: export_snapshot::ExportSnapshot.name(),
        organization: caller.organization(),
        project: Some(id),
        user: Some(caller.id()),
        payload: json!(export_snapshot::Payload { export }),
        ..New::default()
    };
    let job = jobs::enqueue(&*tx, new).await?;
    exports::set_job(&*tx, export, job).await?;
    tx.commit().await?;
    let job = jobs::finish(&state, job, PATIENCE).await?;
    if job.state == jobs::State::Failed && job.error.as_deref() == Some(disk::message()) {
        return Err(ApiError::Status(StatusCode::INSUFFICIENT_STORAGE, disk::message().into()));
    }
    Ok((StatusCode::CREATED, Json(shown(&state, id, export).await?)))
}

pub async fn snapshot(
    State(state): State<AppState>,
    caller: Caller,
    Path((id, export)): Path<(i64, i64)>,
) -> ApiResult<Json<Value>> {
    let found = find(&state, &caller, id, export).await?;
    Ok(Json(found.to_json(state.db.read()).await?))
}

pub async fn delete_snapshot(
    State(state): State<AppState>,
    caller: Caller,
    Path((id, export)): Path<(i64, i64)>,
) -> ApiResult<StatusCode> {
    let found = find(&state, &caller, id, export).await?;
    let tx = state.db.write_rows().await?;
    let files = exports::delete(&*tx, export).await?;
    if let Some(job) = found.job {
        jobs::cancel(&*tx, job).await?;
    }
    tx.commit().await?;
    for file in files {
        media::remove(&state, &file).await;
    }
    Ok(StatusCode::NO_CONTENT)
}

pub async fn convert_snapshot(
    State(state): State<AppState>,
    caller: Caller,
    Path((id, export)): Path<(i64, i64)>,
    JsonObject(body): JsonObject,
) -> ApiResult<Json<Value>> {
    let found = find(&state, &caller, id, export).await?;
    let asked = body["export_type"].as_str();
    let asked = asked.ok_or_else(|| ApiError::field("export_type", "This field is required."))?;
    let format = format_named(asked)?;
    if !found.is_completed() {
        return Err(ApiError::BadRequest(format!(
            "The snapshot is {}; only a completed one can be converted.",
            found.status
        )));
    }
    if format.name == "JSON" {
        return Err(ApiError::BadRequest("A snapshot is JSON already; download it as it is.".into()));
    }
    let tx = state.db.write_rows().await?;
    let conversion = exports::begin_conversion(&*tx, export, format.name).await?.ok_or_else(|| {
        ApiError::BadRequest(format!(
            "Export {export} is being converted to {} already, or is converted.",
            format.name
        ))
    })?;
    let new = New {
        kind: export_convert::ExportConvert.name(),
        organization: caller.organization(),
        project: Some(id),
        user: Some(caller.id()),
        payload: json!(export_convert::Payload { conversion }),
        ..New::default()
    };
    let job = jobs::enqueue(&*tx, new).await?;
    exports::set_conversion_job(&*tx, conversion, job).await?;
    tx.commit().await?;
    jobs::finish(&state, job, PATIENCE).await?;
    Ok(Json(json!({"export_type": format.name, "converted_format": conversion})))
}

pub async fn download_snapshot(
    State(state): State<AppState>,
    caller: Caller,
    Path((id, export)): Path<(i64, i64)>,
    Query(pairs): Pairs,
) -> ApiResult<Response> {
    let project = projects::find(&state, &caller, id).await?;
    let found = find(&state, &caller, id, export).await?;
    let format = format_of(&pairs)?;
    if !found.is_completed() {
        return Err(ApiError::NotFound(format!(
            "The snapshot is {}, it cannot be downloaded.",
            found.status
        )));
    }
    downloaded(&state, &caller, id, format, Some(export)).await?;
    let base = |path: &str| path.rsplit('/').next().unwrap_or_default().to_owned();
    if format.name == "JSON" {
        return whole(media::open(&state, &found.file).await?, &base(&found.file), format.extension);
    }
    let converted = exports::conversions(state.db.read(), export).await?;
    let ready = converted.iter().find(|c| c.export_type == format.name && c.status == "completed");
    if let Some(ready) = ready {
        return whole(media::open(&state, &ready.file).await?, &base(&ready.file), format.extension);
    }
    let source = media::open(&state, &found.file).await?;
    let config = config_info(&project);
    deliver(&state, id, format.extension, |sink| async move {
        let work = tokio::task::spawn_blocking(move || convert(source, format, &config, sink));
        work.await.map_err(anyhow::Error::from)?.map_err(disk::failed)
    })
    .await
}

/// The completed snapshots as files; what old scripts ask.
pub async fn export_files(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<i64>,
) -> ApiResult<Json<Value>> {
    projects::find(&state, &caller, id).await?;
    let found = exports::list(state.db.read(), id).await?;
    let files: Vec<Value> = found
        .iter()
        .filter(|snapshot| snapshot.is_completed())
        .map(|snapshot| {
            let name = snapshot.file.rsplit('/').next().unwrap_or_default();
            let url = format!("/api/projects/{id}/exports/{}/download?exportType=JSON", snapshot.id);
            json!({"name": name, "url": url})
        })
        .collect();
    Ok(Json(json!({"export_files": files})))
}
