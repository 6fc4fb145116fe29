//! Import over HTTP (spec/server.md 3.3): what is sent is received, its job queued and waited for.

mod receive;
mod reimport;
mod status;
mod uploads;

pub(crate) use crate::exchange::config::requirements;
pub use reimport::reimport;
pub use status::{imported, reimported};
pub use uploads::{delete_upload, delete_uploads, replace_upload, upload, uploads};

use crate::auth::Caller;
use crate::error::{ApiError, ApiResult};
use crate::exchange::import as work;
use crate::jobs::{self, import_tasks};
use crate::routes::extract::{Path, Query};
use crate::routes::projects;
use crate::state::AppState;
use crate::store::imports::{self, Brings, Import, Options, Source};
use crate::store::uploads as upload_store;
use axum::Json;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use receive::Incoming;
use serde::Deserialize;
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use tagloom_formats::parse_field_list;

/// How long a request waits for its import. The official client gives up after 60 seconds, many proxies too.
const PATIENCE: Duration = Duration::from_secs(50);

#[derive(Clone, Debug, Default, Deserialize)]
pub struct ImportQuery {
    return_task_ids: Option<String>,
    commit_to_project: Option<String>,
    preannotated_from_fields: Option<String>,
}

fn yes(text: Option<&str>, default: bool) -> bool {
    text.and_then(crate::settings::parse_bool).unwrap_or(default)
}

/// Whether the client would rather have the job than wait (`Prefer: respond-async`).
fn at_once(headers: &HeaderMap) -> bool {
    let values = headers.get_all("prefer").iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split([',', ';'])).any(|p| p.trim().eq_ignore_ascii_case("respond-async"))
}

pub async fn import(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<i64>,
    Query(query): Query<ImportQuery>,
    request: Request,
) -> ApiResult<Response> {
    let started = Instant::now();
    projects::find(&state, &caller, id).await?;
    let at_once = at_once(request.headers());
    let incoming = receive::receive(&state, id, request).await?;
    let options = Options {
        commit: yes(query.commit_to_project.as_deref(), true),
        return_task_ids: yes(query.return_task_ids.as_deref(), false),
        fields: query.preannotated_from_fields.as_deref().map(parse_field_list).unwrap_or_default(),
        files_as_tasks_list: true,
    };
    let import = begin(&state, &caller, id, Brings::Tasks, &options, incoming).await?;
    Ok(match ended(&state, import, at_once).await? {
        Ended::Well(import) => created(tasks_json(&state, &import, started).await?),
        Ended::NotYet(answer) => answer,
    })
}

/// Predictions for tasks that are there already.
pub async fn predictions(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<i64>,
    request: Request,
) -> ApiResult<Response> {
    projects::find(&state, &caller, id).await?;
    let at_once = at_once(request.headers());
    let incoming = receive::receive_json(&state, request).await?;
    let options = Options::default();
    let import = begin(&state, &caller, id, Brings::Predictions, &options, vec![incoming]).await?;
    Ok(match ended(&state, import, at_once).await? {
        Ended::Well(import) => created(json!({"created": import.prediction_count})),
        Ended::NotYet(answer) => answer,
    })
}

/// Notes what was received and queues its job; gives the ids of both. From the commit on, everything is there to stay or
/// to be taken away by the job.
async fn begin(
    state: &AppState,
    caller: &Caller,
    project: i64,
    brings: Brings,
    options: &Options,
    mut incoming: Vec<Incoming>,
) -> ApiResult<(i64, i64)> {
    let tx = state.db.write_rows().await?;
    let mut sources = Vec::with_capacity(incoming.len());
    for one in &mut incoming {
        let source = match &one.file {
            Some(file) => {
                let size = one.spool.size;
                let id = upload_store::insert(&*tx, project, caller.id(), &file.stored, size).await;
                let id = id?;
                Source { path: file.stored.clone(), upload: Some(id), name: file.name.clone() }
            }
            None => {
                let path = format!("import/{}.json", crate::auth::random_hex());
                Source { path, upload: None, name: String::new() }
            }
        };
        one.spool.move_to(&state.media, &source.path).await?;
        sources.push(source);
    }
    let import = imports::insert(&*tx, project, caller.id(), brings, options, &sources).await;
    let import = import?;
    let job = import_tasks::enqueue(&*tx, caller, project, import, brings).await?;
    let job = job.ok_or_else(|| ApiError::Conflict("Another import of this kind is at work.".into()))?;
    tx.commit().await?;
    incoming.iter_mut().for_each(|one| one.spool.keep());
    Ok((import, job))
}

fn created(body: Value) -> Response {
    (StatusCode::CREATED, Json(body)).into_response()
}

/// Whether the job of an import has ended in time.
enum Ended {
    Well(Box<Import>),
    /// The answer is the job.
    NotYet(Response),
}

/// Waits for the job of an import, unless it was asked not to; an error where it failed.
async fn ended(state: &AppState, (import, job): (i64, i64), at_once: bool) -> ApiResult<Ended> {
    let job = if at_once {
        state.jobs.wake();
        jobs::wait(state, job, Duration::ZERO).await?
    } else {
        jobs::finish(state, job, PATIENCE).await?
    };
    let found = imports::get(state.db.read(), import).await?;
    match (job.state, found) {
        (jobs::State::Completed, Some(found)) if !at_once => Ok(Ended::Well(Box::new(found))),
        (jobs::State::Failed | jobs::State::Cancelled, found) => Err(work::error(found.as_ref(), &job)),
        _ => {
            let body = Json(json!({"import": import, "job": job.to_json()}));
            let mut response = (StatusCode::ACCEPTED, body).into_response();
            let headers = response.headers_mut();
            if let Ok(place) = HeaderValue::from_str(&format!("/api/jobs/{}", job.id)) {
                headers.insert(header::LOCATION, place);
            }
            if at_once {
                headers.insert("preference-applied", HeaderValue::from_static("respond-async"));
            }
            Ok(Ended::NotYet(response))
        }
    }
}

/// The answer to an import of tasks.
async fn tasks_json(state: &AppState, import: &Import, started: Instant) -> ApiResult<Value> {
    let counted = |n: i64| if import.options.commit { json!(n) } else { Value::Null };
    let formats = import.formats();
    let mut answer = json!({
        "task_count": import.task_count,
        "annotation_count": counted(import.annotation_count),
        "prediction_count": counted(import.prediction_count),
        "duration": started.elapsed().as_secs_f64(),
        "file_upload_ids": import.upload_ids(),
        "could_be_tasks_list": import.found.could_be_list,
        // The reference has a list where there are none.
        "found_formats": if formats.is_empty() { json!([]) } else { formats.into() },
        "data_columns": import.found.columns,
    });
    if import.options.return_task_ids {
        answer["task_ids"] = imports::made(state.db.read(), import.id).await?.into();
    }
    Ok(answer)
}
