//! Import: request bodies and uploaded files become tasks, all or nothing (spec/server.md 3.3, spec/formats.md 2).

use crate::auth::{Caller, random_hex};
use crate::db;
use crate::error::{ApiError, ApiResult};
use crate::files::sanitised_name;
use crate::routes::extract::{AnyJson, JsonObject, Path, Query};
use crate::routes::projects;
use crate::state::AppState;
use crate::store::projects::Project;
use crate::store::tasks::{Inserter, NewTask};
use crate::store::{predictions as prediction_store, tasks as task_store, users};
use crate::time;
use axum::Json;
use axum::body::Bytes;
use axum::extract::{FromRequest, Multipart, Request, State};
use axum::http::{StatusCode, header};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::collections::HashMap;
use std::io::{Cursor, Read, Seek};
use std::ops::ControlFlow;
use tagloom_formats::{
    AnnotationDraft, CompletedBy, ConfigInfo, DataColumns, DataRequirements, ErrorList, FileKind,
    ImportedTask, JsonSource, PredictionDraft, import_file, import_json, parse_field_list, preannotate,
    validate,
};

/// Extensions that may be uploaded.
const EXTENSIONS: &[&str] = &[
    "bmp", "csv", "flac", "gif", "htm", "html", "jpg", "jpeg", "json", "jsonl", "m4a", "mp3", "mp4", "ogg",
    "pdf", "png", "svg", "tsv", "txt", "wav", "webm", "webp", "xml",
];

/// Tasks handed over to the database at once.
const BATCH: usize = 500;

/// What the config asks of task data.
pub(crate) fn requirements(project: &Project) -> DataRequirements {
    let config = project.config();
    let mut needs = DataRequirements::default();
    for node in config.template().objects() {
        let value = node.raw_value.as_deref().or_else(|| node.raw("valueList")).unwrap_or_default();
        // Only a lone variable names a field that must be there.
        let name = value.strip_prefix('$').unwrap_or_default();
        let lone = !name.is_empty()
            && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '[' | ']' | '.'));
        if lone {
            needs.add(value, node.kind_name());
        }
    }
    needs
}

/// Controls and objects of a config for formats.
pub(crate) fn config_info(project: &Project) -> ConfigInfo {
    let config = project.config();
    let tree = config.template();
    let mut info = ConfigInfo::default();
    for node in tree.controls().filter(|n| n.kind != "filter") {
        let Some(name) = &node.name else { continue };
        info.add_control(name, node.kind_name(), &node.to_names.join(","));
        if let Some(control) = info.controls.get_mut(name.as_str()) {
            control.to_name.clone_from(&node.to_names);
            control.labels = tree.labels_of(node.id).into_iter().map(|l| l.stored).collect();
        }
    }
    for node in tree.objects() {
        if let (Some(name), Some(value)) =
            (&node.name, node.raw_value.as_deref().or_else(|| node.raw("valueList")))
        {
            info.add_object(name, node.kind_name(), value);
        }
    }
    info
}

#[derive(Clone, Debug, Default, Deserialize)]
pub struct ImportQuery {
    return_task_ids: Option<String>,
    commit_to_project: Option<String>,
    preannotated_from_fields: Option<String>,
}

fn yes(text: Option<&str>, default: bool) -> bool {
    text.and_then(crate::settings::parse_bool).unwrap_or(default)
}

/// A file or a body on its way in.
enum Source {
    Body(Bytes),
    File { name: String, stored: String, id: i64, bytes: Bytes },
}

/// What a reading thread hands over.
type Sent = Vec<(ImportedTask, Option<i64>)>;

/// What came out of reading all sources.
#[derive(Debug, Default)]
struct Outcome {
    columns: DataColumns,
    could_be_list: bool,
    errors: ErrorList,
}

/// Reads the sources in a thread of its own, so that a large file never sits in memory as tasks.
fn read_sources(
    sources: Vec<Source>,
    needs: DataRequirements,
    info: ConfigInfo,
    fields: Vec<String>,
    send: tokio::sync::mpsc::Sender<Sent>,
) -> Outcome {
    let mut outcome = Outcome::default();
    let mut batch: Sent = Vec::with_capacity(BATCH);
    let mut stopped = false;
    let several = sources.len() > 1;
    for source in sources {
        let (name, url, upload, bytes) = match &source {
            Source::Body(bytes) => (String::new(), None, None, bytes.clone()),
            Source::File { name, stored, id, bytes } => {
                (name.clone(), Some(format!("/data/{stored}")), Some(*id), bytes.clone())
            }
        };
        let kind = FileKind::from_name(&name);
        let keyless = matches!(kind, FileKind::Markup | FileKind::Other) && upload.is_some();
        if keyless && !needs.accepts_values_without_key() {
            outcome.errors.push(tagloom_formats::ItemError {
                at: tagloom_formats::Location::default(),
                field: None,
                message: format!(
                    "{name} holds one value without a key, but the label config needs several keys"
                ),
                fix: "Upload a JSON or CSV file that names the keys".into(),
            });
            continue;
        }
        let first_key = needs.first_key().map(str::to_owned);
        let mut errors = ErrorList::default();
        let mut sink = |mut task: ImportedTask| {
            if let Some(key) = &first_key {
                task.draft.rename_undefined(key);
            }
            if fields.is_empty() {
                // Checked before anything is stored.
            } else if let Err(problems) = preannotate(task.at, &mut task.draft, &fields, &info) {
                problems.into_iter().for_each(|p| errors.push(p));
                return ControlFlow::Continue(());
            }
            for problem in validate(task.at, &task.draft, &needs) {
                errors.push(problem);
            }
            if errors.is_full() {
                return ControlFlow::Break(());
            }
            if errors.is_empty() {
                batch.push((task, upload));
                if batch.len() >= BATCH && send.blocking_send(std::mem::take(&mut batch)).is_err() {
                    stopped = true;
                    return ControlFlow::Break(());
                }
            }
            ControlFlow::Continue(())
        };
        let mut reader = Cursor::new(bytes);
        let result = match &source {
            Source::Body(_) => import_json(&mut reader, JsonSource::Body, &mut sink),
            Source::File { .. } => read_file(&name, url.as_deref(), reader, &mut sink),
        };
        match result {
            Ok(summary) => {
                outcome.could_be_list |= summary.could_be_tasks_list;
                if upload.is_some()
                    && let Err(problem) = outcome.columns.merge(&summary.data_columns)
                {
                    outcome.errors.push(problem);
                }
            }
            Err(list) => list.errors.into_iter().for_each(|e| errors.push(e)),
        }
        for mut error in errors.errors {
            if several {
                // A line number alone would not say of which file.
                error.message = format!("{name}: {}", error.message);
            }
            outcome.errors.push(error);
        }
        if stopped {
            break;
        }
    }
    if outcome.errors.is_empty() && !batch.is_empty() {
        // The receiver only goes away when it failed, and then it reports that itself.
        let _ = send.blocking_send(batch);
    }
    outcome
}

fn read_file<R: Read + Seek>(
    name: &str,
    url: Option<&str>,
    reader: R,
    sink: &mut tagloom_formats::Sink<'_>,
) -> Result<tagloom_formats::ImportSummary, ErrorList> {
    import_file(name, url, reader, sink)
}

pub async fn import(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<i64>,
    Query(query): Query<ImportQuery>,
    request: Request,
) -> ApiResult<(StatusCode, Json<Value>)> {
    let started = std::time::Instant::now();
    let project = projects::find(&state, &caller, id).await?;
    let limit = state.settings.upload_limit;
    let length =
        request.headers().get(header::CONTENT_LENGTH).and_then(|v| v.to_str().ok()?.parse::<usize>().ok());
    if length.is_some_and(|l| l > limit) {
        return Err(too_large(length.unwrap_or(0), limit));
    }
    let kind = request
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|v| v.to_str().ok())
        .unwrap_or_default()
        .to_owned();
    let mut sources = Vec::new();
    if kind.starts_with("multipart/form-data") {
        let multipart = Multipart::from_request(request, &state)
            .await
            .map_err(|e| ApiError::BadRequest(format!("The upload cannot be read: {e}")))?;
        sources = store_files(&state, &caller, id, multipart).await?;
        if sources.is_empty() {
            return Err(ApiError::BadRequest("load_tasks: No data found in DATA or in FILES".into()));
        }
    } else {
        let bytes = Bytes::from_request(request, &state)
            .await
            .map_err(|_| too_large(length.unwrap_or(limit), limit))?;
        if bytes.is_empty() {
            return Err(ApiError::BadRequest("load_tasks: No data found in DATA or in FILES".into()));
        }
        if kind.starts_with("application/x-www-form-urlencoded") {
            return Err(ApiError::BadRequest(
                "Import by address is not available on this server yet; upload the file or send JSON.".into(),
            ));
        }
        sources.push(Source::Body(bytes));
    }
    let uploads: Vec<i64> = sources
        .iter()
        .filter_map(|s| if let Source::File { id, .. } = s { Some(*id) } else { None })
        .collect();
    let mut formats = Map::new();
    for source in &sources {
        if let Source::File { name, .. } = source {
            let extension = name
                .rsplit_once('.')
                .map(|(_, e)| format!(".{}", e.to_ascii_lowercase()))
                .unwrap_or_default();
            let count = formats.get(&extension).and_then(Value::as_i64).unwrap_or(0);
            formats.insert(extension, (count + 1).into());
        }
    }
    let commit = yes(query.commit_to_project.as_deref(), true);
    let fields = query.preannotated_from_fields.as_deref().map(parse_field_list).unwrap_or_default();
    let outcome =
        run(&state, &caller, &project, sources, fields, commit, yes(query.return_task_ids.as_deref(), false))
            .await;
    let (inserter, outcome) = match outcome {
        Ok(done) => done,
        Err(e) => {
            // Nothing of a failed import stays behind.
            forget_uploads(&state, id, &uploads).await?;
            return Err(e);
        }
    };
    let columns: Vec<&str> = outcome.columns.keys().collect();
    let mut answer = json!({
        "task_count": inserter.tasks,
        "annotation_count": if commit { json!(inserter.annotations) } else { Value::Null },
        "prediction_count": if commit { json!(inserter.predictions) } else { Value::Null },
        "duration": started.elapsed().as_secs_f64(),
        "file_upload_ids": uploads,
        "could_be_tasks_list": outcome.could_be_list,
        "found_formats": if uploads.is_empty() { json!([]) } else { formats.into() },
        "data_columns": columns,
    });
    if yes(query.return_task_ids.as_deref(), false) {
        answer["task_ids"] = inserter.ids.clone().into();
    }
    Ok((StatusCode::CREATED, Json(answer)))
}

fn too_large(got: usize, limit: usize) -> ApiError {
    ApiError::TooLarge(format!(
        "The upload has {:.1} MB, the limit is {:.1} MB. Split it, or raise DATA_UPLOAD_MAX_MEMORY_SIZE.",
        got as f64 / 1e6,
        limit as f64 / 1e6
    ))
}

/// Reads, checks and stores in one transaction. Without `commit` the tasks are only counted.
async fn run(
    state: &AppState,
    caller: &Caller,
    project: &Project,
    sources: Vec<Source>,
    fields: Vec<String>,
    commit: bool,
    keep_ids: bool,
) -> ApiResult<(Inserter, Outcome)> {
    let members: HashMap<String, i64> = users::members(state.db.read(), caller.organization())
        .await?
        .into_iter()
        .map(|u| (u.email, u.id))
        .collect();
    let (needs, info) = (requirements(project), config_info(project));
    let (send, mut receive) = tokio::sync::mpsc::channel::<Sent>(4);
    let reader = tokio::task::spawn_blocking(move || read_sources(sources, needs, info, fields, send));
    let tx = state.db.write().await?;
    let mut inserter = Inserter::new(&*tx, project.id, project.maximum_annotations).await?;
    inserter.keep_ids = keep_ids;
    let mut problems: Vec<String> = Vec::new();
    let mut last_version = None;
    while let Some(batch) = receive.recv().await {
        let mut tasks = Vec::with_capacity(batch.len());
        for (task, upload) in batch {
            let index = task.at.index.unwrap_or(0);
            let draft = task.draft;
            let mut annotated = Vec::with_capacity(draft.annotations.len());
            for annotation in &draft.annotations {
                let annotation = AnnotationDraft::from_value(annotation);
                let by = match &annotation.completed_by {
                    CompletedBy::Importer => Some(caller.id()),
                    CompletedBy::Id(id) if members.values().any(|m| m == id) => Some(*id),
                    CompletedBy::Id(id) => {
                        problems.push(format!(
                            "task {index}: completed_by {id} is no member of this organization."
                        ));
                        None
                    }
                    CompletedBy::Email(email) => match members.get(&email.to_lowercase()) {
                        Some(id) => Some(*id),
                        None if state.settings.allow_unknown_emails => Some(caller.id()),
                        None => {
                            problems.push(format!(
                                "task {index}: completed_by {email:?} is no member of this organization."
                            ));
                            None
                        }
                    },
                };
                annotated.push((annotation, by));
            }
            let predicted: Vec<PredictionDraft> =
                draft.predictions.iter().map(PredictionDraft::from_value).collect();
            if let Some(p) = predicted.last() {
                last_version = Some(p.model_version.clone());
            }
            tasks.push(NewTask {
                data: Value::Object(draft.data).to_string(),
                meta: draft.meta.map_or_else(|| "{}".into(), |m| m.to_string()),
                allow_skip: draft.allow_skip.unwrap_or(true),
                file_upload: upload,
                annotations: annotated,
                predictions: predicted,
            });
        }
        if problems.len() >= 100 {
            break;
        }
        if problems.is_empty() {
            if commit {
                inserter.insert(&*tx, tasks).await?;
            } else {
                inserter.tasks += tasks.len() as i64;
            }
        }
    }
    drop(receive);
    let outcome = reader.await.map_err(anyhow::Error::from)?;
    problems.splice(0..0, outcome.errors.messages());
    problems.truncate(100);
    if !problems.is_empty() {
        return Err(ApiError::items(problems));
    }
    if commit {
        if let Some(version) = last_version.filter(|_| project.setting_str("model_version").is_empty()) {
            let mut project = project.clone();
            project.settings.insert("model_version".into(), version.into());
            crate::store::projects::update(&*tx, &project).await?;
        }
        tx.commit().await?;
    }
    Ok((inserter, outcome))
}

/// Keeps the files of a multipart request.
async fn store_files(
    state: &AppState,
    caller: &Caller,
    project: i64,
    mut multipart: Multipart,
) -> ApiResult<Vec<Source>> {
    let limit = state.settings.upload_limit;
    let mut sources = Vec::new();
    let mut total = 0usize;
    let unreadable = |e: axum::extract::multipart::MultipartError| {
        if e.status() == StatusCode::PAYLOAD_TOO_LARGE {
            too_large(limit + 1, limit)
        } else {
            ApiError::BadRequest(format!("The upload broke off: {e}"))
        }
    };
    let mut stored_ids = Vec::new();
    while let Some(field) = multipart.next_field().await.map_err(unreadable)? {
        let Some(name) = field.file_name().map(str::to_owned) else { continue };
        let result: ApiResult<()> = async {
            if sources.len() >= state.settings.upload_files_limit {
                return Err(ApiError::BadRequest(format!(
                    "At most {} files may be uploaded at once.",
                    state.settings.upload_files_limit
                )));
            }
            let extension = name.rsplit_once('.').map(|(_, e)| e.to_ascii_lowercase()).unwrap_or_default();
            if !EXTENSIONS.contains(&extension.as_str()) {
                return Err(ApiError::items(vec![format!(
                    "{name}: files of the kind .{extension} are not accepted; accepted are .{}.",
                    EXTENSIONS.join(" .")
                )]));
            }
            let bytes = field.bytes().await.map_err(unreadable)?;
            total += bytes.len();
            if total > limit {
                return Err(too_large(total, limit));
            }
            let stored = format!("upload/{project}/{}-{}", &random_hex()[..8], sanitised_name(&name));
            let (files, path, copy) = (state.files.clone(), stored.clone(), bytes.clone());
            tokio::task::spawn_blocking(move || files.write(&path, &copy))
                .await
                .map_err(anyhow::Error::from)?
                .map_err(|e| ApiError::Internal(e.into()))?;
            let tx = state.db.write().await?;
            let id = db::insert(
                &*tx,
                "INSERT INTO file_uploads (project, user_id, file, size, created_at) VALUES ($1, $2, $3, $4, $5)",
                vec![
                    project.into(),
                    caller.id().into(),
                    stored.clone().into(),
                    (bytes.len() as i64).into(),
                    time::now().into(),
                ],
            )
            .await?;
            tx.commit().await?;
            stored_ids.push(id);
            sources.push(Source::File { name: name.clone(), stored, id, bytes });
            Ok(())
        }
        .await;
        if let Err(e) = result {
            forget_uploads(state, project, &stored_ids).await?;
            return Err(e);
        }
    }
    Ok(sources)
}

/// Removes uploads and their files.
async fn forget_uploads(state: &AppState, project: i64, ids: &[i64]) -> ApiResult<u64> {
    if ids.is_empty() {
        return Ok(0);
    }
    let mut values: Vec<sea_orm::Value> = vec![project.into()];
    values.extend(ids.iter().map(|id| sea_orm::Value::from(*id)));
    let list = db::placeholders(2, ids.len());
    let tx = state.db.write().await?;
    let rows = db::all(
        &*tx,
        &format!("SELECT file FROM file_uploads WHERE project = $1 AND id IN ({list})"),
        values.clone(),
    )
    .await?;
    let done =
        db::run(&*tx, &format!("DELETE FROM file_uploads WHERE project = $1 AND id IN ({list})"), values)
            .await?;
    tx.commit().await?;
    for row in rows {
        let file: String = row.try_get("", "file")?;
        if let Err(e) = state.files.remove(&file) {
            tracing::warn!("an uploaded file could not be removed: {e}: {file}");
        }
    }
    Ok(done.rows_affected())
}

#[derive(Debug, Deserialize)]
pub struct UploadsQuery {
    all: Option<String>,
    ids: Option<String>,
}

pub async fn uploads(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<i64>,
    Query(q): Query<UploadsQuery>,
) -> ApiResult<Json<Value>> {
    projects::find(&state, &caller, id).await?;
    let wanted: Option<Vec<i64>> = q.ids.as_deref().and_then(|t| serde_json::from_str(t).ok());
    if wanted.is_none() && !yes(q.all.as_deref(), false) {
        return Ok(Json(json!([])));
    }
    let rows = db::all(
        state.db.read(),
        "SELECT id, file, size FROM file_uploads WHERE project = $1 ORDER BY id",
        vec![id.into()],
    )
    .await?;
    let mut out = Vec::new();
    for row in rows {
        let upload: i64 = row.try_get("", "id")?;
        if wanted.as_ref().is_none_or(|w| w.contains(&upload)) {
            out.push(json!({
                "id": upload, "file": row.try_get::<String>("", "file")?, "size": row.try_get::<i64>("", "size")?,
            }));
        }
    }
    Ok(Json(out.into()))
}

pub async fn delete_uploads(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<i64>,
    JsonObject(body): JsonObject,
) -> ApiResult<Json<Value>> {
    projects::find(&state, &caller, id).await?;
    let ids: Vec<i64> = match body["file_upload_ids"].as_array() {
        Some(list) => list.iter().filter_map(Value::as_i64).collect(),
        None => {
            let rows =
                db::all(state.db.read(), "SELECT id FROM file_uploads WHERE project = $1", vec![id.into()])
                    .await?;
            rows.iter().map(|r| r.try_get("", "id")).collect::<Result<_, _>>()?
        }
    };
    Ok(Json(json!({"deleted": forget_uploads(&state, id, &ids).await?})))
}

/// Predictions for tasks that are there already.
pub async fn predictions(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<i64>,
    AnyJson(body): AnyJson,
) -> ApiResult<(StatusCode, Json<Value>)> {
    projects::find(&state, &caller, id).await?;
    let list = body
        .as_array()
        .ok_or_else(|| ApiError::BadRequest("The body must be a list of predictions.".into()))?;
    let tx = state.db.write().await?;
    let mut created = 0;
    for (index, item) in list.iter().enumerate() {
        let task = item["task"].as_i64();
        let known = match task {
            Some(task) => {
                db::count(
                    &*tx,
                    "SELECT COUNT(*) FROM tasks WHERE id = $1 AND project = $2",
                    vec![task.into(), id.into()],
                )
                .await?
                    > 0
            }
            None => false,
        };
        let Some(task) = task.filter(|_| known) else {
            return Err(ApiError::items(vec![format!(
                "prediction {index}: there is no task {} in this project.",
                item["task"]
            )]));
        };
        if !item["result"].is_array() {
            return Err(ApiError::items(vec![format!(
                "prediction {index}: result must be a list of regions."
            )]));
        }
        prediction_store::insert(&*tx, task, id, &PredictionDraft::from_value(item)).await?;
        task_store::refresh(&*tx, task, None).await?;
        created += 1;
    }
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(json!({"created": created}))))
}
