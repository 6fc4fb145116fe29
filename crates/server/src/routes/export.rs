//! Exports: streamed files, and snapshots (spec/server.md 3.8).

use crate::audit;
use crate::auth::Caller;
use crate::db;
use crate::error::{ApiError, ApiResult};
use crate::routes::extract::{JsonObject, Path, Query};
use crate::routes::{import, projects, tasks};
use crate::state::AppState;
use crate::store::projects::Project;
use crate::store::tasks::Choice;
use crate::store::{annotations, drafts, tasks as task_store, users};
use crate::time;
use axum::Json;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::io::Write;
use tagloom_formats::{FORMATS, FormatInfo, find_format};

#[derive(Clone, Debug, Default, Deserialize)]
pub struct ExportQuery {
    #[serde(rename = "exportType")]
    export_type: Option<String>,
    #[serde(rename = "export_type")]
    export_type_snake: Option<String>,
    download_all_tasks: Option<String>,
}

fn format_of(query: &ExportQuery) -> ApiResult<&'static FormatInfo> {
    let name = query.export_type.as_deref().or(query.export_type_snake.as_deref()).unwrap_or("JSON");
    find_format(name).ok_or_else(|| {
        let known: Vec<&str> = FORMATS.iter().map(|f| f.name).collect();
        ApiError::BadRequest(format!("There is no export format {name:?}; there are {}.", known.join(", ")))
    })
}

/// Tasks read at once.
const PAGE: u64 = 500;

/// A page of tasks in export form.
async fn page(state: &AppState, project: i64, after: i64, choice: &Choice) -> ApiResult<Vec<Value>> {
    let conn = state.db.read();
    let list = task_store::page_after(conn, project, after, PAGE, choice).await?;
    let ids: Vec<i64> = list.iter().map(|t| t.id).collect();
    let mut found: HashMap<i64, Vec<annotations::Annotation>> = HashMap::new();
    for a in annotations::of_tasks(conn, &ids).await? {
        found.entry(a.task).or_default().push(a);
    }
    let mut drafted: HashMap<i64, Vec<drafts::Draft>> = HashMap::new();
    for d in drafts::of_tasks(conn, &ids).await? {
        drafted.entry(d.task).or_default().push(d);
    }
    let mut predicted: HashMap<i64, Vec<i64>> = HashMap::new();
    for chunk in ids.chunks(500) {
        let sql = format!(
            "SELECT id, task FROM predictions WHERE task IN ({}) ORDER BY id",
            db::placeholders(1, chunk.len())
        );
        for row in db::all(conn, &sql, chunk.iter().map(|id| sea_orm::Value::from(*id)).collect()).await? {
            predicted.entry(row.try_get("", "task")?).or_default().push(row.try_get("", "id")?);
        }
    }
    Ok(list
        .iter()
        .map(|t| {
            tasks::export_form(
                t,
                &found.remove(&t.id).unwrap_or_default(),
                &drafted.remove(&t.id).unwrap_or_default(),
                &predicted.remove(&t.id).unwrap_or_default(),
            )
        })
        .collect())
}

/// Writes a whole export piece by piece; `emit` takes each piece.
pub(crate) async fn write_export<F, Fut>(
    state: &AppState,
    project: &Project,
    format: &'static FormatInfo,
    choice: &Choice,
    mut emit: F,
) -> ApiResult<i64>
where
    F: FnMut(Vec<u8>) -> Fut,
    Fut: Future<Output = ApiResult<()>>,
{
    let info = import::config_info(project);
    let mut exporter = format.exporter(&info);
    let io = |e: std::io::Error| ApiError::Internal(e.into());
    let mut buffer: Vec<u8> = Vec::with_capacity(1 << 16);
    if exporter.needs_survey() {
        let mut after = 0;
        loop {
            let list = page(state, project.id, after, choice).await?;
            let Some(last) = list.last() else { break };
            after = last["id"].as_i64().unwrap_or(i64::MAX);
            list.iter().for_each(|t| exporter.survey(t));
        }
    }
    exporter.begin(&mut buffer).map_err(io)?;
    let (mut after, mut count) = (0, 0);
    loop {
        let list = page(state, project.id, after, choice).await?;
        let Some(last) = list.last() else { break };
        after = last["id"].as_i64().unwrap_or(i64::MAX);
        for task in &list {
            exporter.task(&mut buffer, task).map_err(io)?;
            count += 1;
        }
        emit(std::mem::take(&mut buffer)).await?;
    }
    exporter.end(&mut buffer).map_err(io)?;
    emit(buffer).await?;
    Ok(count)
}

fn file_name(project: i64, extension: &str) -> String {
    let stamp: String =
        time::now().chars().take(16).map(|c| if c == 'T' || c == ':' { '-' } else { c }).collect();
    format!("project-{project}-at-{stamp}-{}.{extension}", &uuid::Uuid::new_v4().simple().to_string()[..8])
}

fn attachment(body: Body, name: &str, extension: &str) -> Response {
    let mut response = Response::new(body);
    let headers = response.headers_mut();
    for (key, value) in [
        (header::CONTENT_TYPE, format!("application/{extension}")),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")),
        (header::HeaderName::from_static("filename"), name.to_owned()),
    ] {
        if let Ok(value) = HeaderValue::from_str(&value) {
            headers.insert(key, value);
        }
    }
    response
}

/// Writes down who took the data out.
async fn downloaded(
    state: &AppState,
    caller: &Caller,
    project: i64,
    format: &FormatInfo,
    snapshot: Option<i64>,
) -> ApiResult<()> {
    let details = json!({"project": project, "format": format.name, "snapshot": snapshot});
    let tx = state.db.write_rows().await?;
    audit::record(&*tx, caller, audit::Action::ExportDownloaded, details).await?;
    Ok(tx.commit().await?)
}

pub async fn export(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<i64>,
    Query(query): Query<ExportQuery>,
    Query(pairs): Query<Vec<(String, String)>>,
) -> ApiResult<Response> {
    let project = projects::find(&state, &caller, id).await?;
    let format = format_of(&query)?;
    let all = query.download_all_tasks.as_deref().and_then(crate::settings::parse_bool).unwrap_or(false);
    let mut choice = Choice { annotated_only: !all, ids: None };
    for (key, value) in pairs.iter().filter(|(key, _)| key == "ids" || key == "ids[]") {
        let ids = choice.ids.get_or_insert_default();
        for text in value.split(',') {
            ids.insert(text.trim().parse().map_err(|_| {
                ApiError::BadRequest(format!("{key} must hold task ids, it holds {text:?}."))
            })?);
        }
    }
    downloaded(&state, &caller, id, format, None).await?;
    let (send, receive) = tokio::sync::mpsc::channel::<Result<Bytes, std::io::Error>>(4);
    tokio::spawn(async move {
        let pieces = send.clone();
        let done = write_export(&state, &project, format, &choice, |piece| {
            let pieces = pieces.clone();
            async move {
                pieces
                    .send(Ok(piece.into()))
                    .await
                    .map_err(|_| ApiError::BadRequest("the client went away".into()))
            }
        })
        .await;
        if let Err(e) = done {
            tracing::error!("an export broke off: {e}");
            // The client sees a broken transfer rather than a file that looks complete.
            let _ = send.send(Err(std::io::Error::other("export failed"))).await;
        }
    });
    let body = Body::from_stream(tokio_stream::wrappers::ReceiverStream::new(receive));
    Ok(attachment(body, &file_name(id, format.extension), format.extension))
}

pub async fn formats(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<i64>,
) -> ApiResult<Json<Value>> {
    let project = projects::find(&state, &caller, id).await?;
    let info = import::config_info(&project);
    let mut list: Vec<(bool, Value)> = FORMATS
        .iter()
        .map(|f| {
            let supported = f.is_supported(&info);
            let mut o =
                json!({"title": f.title, "description": f.description, "link": f.link, "name": f.name});
            if !f.tags.is_empty() {
                o["tags"] = json!(f.tags);
            }
            if !supported {
                o["disabled"] = true.into();
            }
            (supported, o)
        })
        .collect();
    list.sort_by_key(|(supported, _)| !supported);
    Ok(Json(list.into_iter().map(|(_, o)| o).collect()))
}

async fn snapshot_json(state: &AppState, row: &sea_orm::QueryResult) -> ApiResult<Value> {
    let by: Option<i64> = row.try_get("", "created_by")?;
    let by = match by {
        Some(id) => users::by_id(state.db.read(), id).await?.map_or(Value::Null, |u| u.brief()),
        None => Value::Null,
    };
    Ok(json!({
        "title": row.try_get::<String>("", "title")?, "id": row.try_get::<i64>("", "id")?, "created_by": by,
        "created_at": row.try_get::<String>("", "created_at")?, "finished_at": row.try_get::<String>("", "finished_at")?,
        "status": "completed", "md5": row.try_get::<String>("", "md5")?,
        "counters": {"task_number": row.try_get::<i64>("", "task_number")?}, "converted_formats": [],
    }))
}

const SNAPSHOT: &str =
    "SELECT id, project, created_by, title, file, md5, task_number, created_at, finished_at FROM exports";

pub async fn snapshots(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<i64>,
) -> ApiResult<Json<Value>> {
    projects::find(&state, &caller, id).await?;
    let rows = db::all(
        state.db.read(),
        &format!("{SNAPSHOT} WHERE project = $1 ORDER BY id DESC LIMIT 100"),
        vec![id.into()],
    )
    .await?;
    let mut out = Vec::new();
    for row in &rows {
        out.push(snapshot_json(&state, row).await?);
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
    let annotated_only = body["task_filter_options"]["only_with_annotations"].as_bool().unwrap_or(false);
    let created_at = time::now();
    let title = body["title"].as_str().filter(|t| !t.is_empty()).map(str::to_owned).unwrap_or_else(|| {
        let stamp: String =
            created_at.chars().take(16).map(|c| if c == 'T' || c == ':' { '-' } else { c }).collect();
        format!("{}-at-{stamp}", project.title.replace(' ', "-"))
    });
    let name = file_name(id, "json");
    let path = format!("export/{name}");
    let format = find_format("JSON").ok_or_else(|| ApiError::not_found("Format"))?;
    let folder = state.files.root().join("export");
    std::fs::create_dir_all(&folder).map_err(anyhow::Error::from)?;
    let file = std::fs::File::create(folder.join(&name)).map_err(anyhow::Error::from)?;
    let out = std::sync::Arc::new(std::sync::Mutex::new((
        std::io::BufWriter::new(file),
        crate::auth::digest(""),
        0u64,
    )));
    let sink = out.clone();
    let choice = Choice { annotated_only, ids: None };
    let count = write_export(&state, &project, format, &choice, move |piece| {
        let sink = sink.clone();
        async move {
            let mut guard =
                sink.lock().map_err(|_| ApiError::BadRequest("the export was interrupted".into()))?;
            // A chained digest of the pieces names the content without reading the file again.
            let chained = format!("{}{}", guard.1, crate::auth::digest(&String::from_utf8_lossy(&piece)));
            guard.1 = crate::auth::digest(&chained);
            guard.0.write_all(&piece).map_err(anyhow::Error::from)?;
            Ok(())
        }
    })
    .await?;
    let digest = {
        let mut guard = out.lock().map_err(|_| ApiError::BadRequest("the export was interrupted".into()))?;
        guard.0.flush().map_err(anyhow::Error::from)?;
        guard.1[..32].to_owned()
    };
    let tx = state.db.write().await?;
    let export = db::insert(
        &*tx,
        "INSERT INTO exports (project, created_by, title, file, md5, task_number, created_at, finished_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        vec![
            id.into(),
            caller.id().into(),
            title.into(),
            path.into(),
            digest.into(),
            count.into(),
            created_at.into(),
            time::now().into(),
        ],
    )
    .await?;
    tx.commit().await?;
    let row = find_snapshot(&state, id, export).await?;
    Ok((StatusCode::CREATED, Json(snapshot_json(&state, &row).await?)))
}

async fn find_snapshot(state: &AppState, project: i64, export: i64) -> ApiResult<sea_orm::QueryResult> {
    db::one(
        state.db.read(),
        &format!("{SNAPSHOT} WHERE id = $1 AND project = $2"),
        vec![export.into(), project.into()],
    )
    .await?
    .ok_or_else(|| ApiError::not_found("Export"))
}

pub async fn snapshot(
    State(state): State<AppState>,
    caller: Caller,
    Path((id, export)): Path<(i64, i64)>,
) -> ApiResult<Json<Value>> {
    projects::find(&state, &caller, id).await?;
    let row = find_snapshot(&state, id, export).await?;
    Ok(Json(snapshot_json(&state, &row).await?))
}

pub async fn delete_snapshot(
    State(state): State<AppState>,
    caller: Caller,
    Path((id, export)): Path<(i64, i64)>,
) -> ApiResult<StatusCode> {
    projects::find(&state, &caller, id).await?;
    let row = find_snapshot(&state, id, export).await?;
    let tx = state.db.write().await?;
    db::run(&*tx, "DELETE FROM exports WHERE id = $1", vec![export.into()]).await?;
    tx.commit().await?;
    let file: String = row.try_get("", "file")?;
    if let Err(e) = state.files.remove(&file) {
        tracing::warn!("an export could not be removed: {e}: {file}");
    }
    Ok(StatusCode::NO_CONTENT)
}

pub async fn download_snapshot(
    State(state): State<AppState>,
    caller: Caller,
    Path((id, export)): Path<(i64, i64)>,
    Query(query): Query<ExportQuery>,
) -> ApiResult<Response> {
    let project = projects::find(&state, &caller, id).await?;
    let row = find_snapshot(&state, id, export).await?;
    let format = format_of(&query)?;
    let file: String = row.try_get("", "file")?;
    let (mut opened, _) = state.files.open_file(&file).map_err(|_| ApiError::not_found("Export"))?;
    downloaded(&state, &caller, id, format, Some(export)).await?;
    let name = file_name(id, format.extension);
    if format.name == "JSON" {
        let body = Body::from_stream(tokio_util::io::ReaderStream::new(tokio::fs::File::from_std(opened)));
        return Ok(attachment(body, &name, format.extension));
    }
    let info = import::config_info(&project);
    let bytes = tokio::task::spawn_blocking(move || -> anyhow::Result<Vec<u8>> {
        let list: Vec<Value> = serde_json::from_reader(std::io::BufReader::new(&mut opened))?;
        let mut out = Vec::new();
        tagloom_formats::export_tasks(format, &info, || list.iter(), &mut out)?;
        Ok(out)
    })
    .await
    .map_err(anyhow::Error::from)??;
    Ok(attachment(Body::from(bytes), &name, format.extension))
}
