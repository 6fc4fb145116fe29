//! Import: request bodies and uploaded files become tasks, all or nothing (spec/server.md 3.3, spec/formats.md 2).
//!
//! A body is first written to disk, then read task by task in a thread of its own, and stored batch by batch in one
//! transaction: memory stays the same whatever the size. Files and their records belong to that transaction.

mod config;
mod read;
mod receive;
mod uploads;

pub(crate) use config::{config_info, requirements};
pub use uploads::{delete_uploads, uploads};

use crate::auth::Caller;
use crate::db::{self, WriteTx};
use crate::error::{ApiError, ApiResult};
use crate::events::{self, Action, Event};
use crate::routes::extract::{AnyJson, Path, Query};
use crate::routes::projects;
use crate::state::AppState;
use crate::store::projects::{self as project_store, Project};
use crate::store::tasks::{Inserter, NewTask};
use crate::store::{predictions as prediction_store, tasks as task_store, users};
use crate::time;
use axum::Json;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use read::{Outcome, People, Rules, Source, Upload};
use receive::Incoming;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use tagloom_formats::{PredictionDraft, parse_field_list};

#[derive(Clone, Debug, Default, Deserialize)]
pub struct ImportQuery {
    return_task_ids: Option<String>,
    commit_to_project: Option<String>,
    preannotated_from_fields: Option<String>,
}

fn yes(text: Option<&str>, default: bool) -> bool {
    text.and_then(crate::settings::parse_bool).unwrap_or(default)
}

pub async fn import(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<i64>,
    Query(query): Query<ImportQuery>,
    request: Request,
) -> ApiResult<(StatusCode, Json<Value>)> {
    let started = std::time::Instant::now();
    projects::find(&state, &caller, id).await?;
    let mut incoming = receive::receive(&state, id, request).await?;
    let commit = yes(query.commit_to_project.as_deref(), true);
    let with_ids = yes(query.return_task_ids.as_deref(), false);
    let fields = query.preannotated_from_fields.as_deref().map(parse_field_list).unwrap_or_default();

    let tx = state.db.write().await?;
    // Read anew: receiving may have taken minutes.
    let project = project_store::get(&*tx, caller.organization(), id)
        .await?
        .ok_or_else(|| ApiError::not_found("Project"))?;
    let uploads = record(&tx, &caller, id, &incoming).await?;
    let mut inserter = Inserter::new(&*tx, project.id, project.maximum_annotations).await?;
    inserter.keep_ids = with_ids || events::wanted(&tx, id, Action::TasksCreated).await?;
    let mut sources = Vec::with_capacity(incoming.len());
    let mut upload_ids = uploads.iter();
    for one in &incoming {
        let upload = one.file.as_ref().map(|file| Upload {
            id: upload_ids.next().copied().unwrap_or(0),
            name: file.name.clone(),
            url: format!("/data/{}", file.stored),
        });
        sources.push(Source { file: one.spool.open()?, upload });
    }
    let rules = rules(&state, &caller, &project, fields).await?;
    let outcome = store(&tx, &mut inserter, sources, rules, commit).await?;
    if let Some(version) = outcome.model_version.filter(|_| commit) {
        show_predictions_of(&tx, project, version).await?;
    }
    events::emit(&tx, id, Event::TasksCreated(&inserter.ids)).await?;
    for one in &mut incoming {
        if let Some(file) = &one.file {
            one.spool.move_to(&file.stored).await?;
        }
    }
    tx.commit().await?;
    for one in incoming.iter_mut().filter(|one| one.file.is_some()) {
        one.spool.keep();
    }

    let columns: Vec<&str> = outcome.columns.keys().collect();
    let counted = |n: i64| if commit { json!(n) } else { Value::Null };
    let mut answer = json!({
        "task_count": inserter.tasks,
        "annotation_count": counted(inserter.annotations),
        "prediction_count": counted(inserter.predictions),
        "duration": started.elapsed().as_secs_f64(),
        "file_upload_ids": uploads,
        "could_be_tasks_list": outcome.could_be_list,
        "found_formats": formats(&incoming),
        "data_columns": columns,
    });
    if with_ids {
        answer["task_ids"] = inserter.ids.into();
    }
    Ok((StatusCode::CREATED, Json(answer)))
}

/// Notes the files; the ids are in their order.
async fn record(tx: &WriteTx, caller: &Caller, project: i64, incoming: &[Incoming]) -> ApiResult<Vec<i64>> {
    let mut ids = Vec::new();
    for one in incoming {
        let Some(file) = &one.file else { continue };
        let id = db::insert(
            &**tx,
            "INSERT INTO file_uploads (project, user_id, file, size, created_at) VALUES ($1, $2, $3, $4, $5)",
            vec![
                project.into(),
                caller.id().into(),
                file.stored.clone().into(),
                db::bounded(one.spool.size).into(),
                time::now().into(),
            ],
        )
        .await?;
        ids.push(id);
    }
    Ok(ids)
}

/// Files per extension; the reference has a list where there are none.
fn formats(incoming: &[Incoming]) -> Value {
    let mut formats = Map::new();
    for file in incoming.iter().filter_map(|one| one.file.as_ref()) {
        let extension = file.name.rsplit_once('.').map_or("", |(_, e)| e).to_ascii_lowercase();
        let count = formats.entry(format!(".{extension}")).or_insert_with(|| 0.into());
        *count = (count.as_i64().unwrap_or(0) + 1).into();
    }
    if formats.is_empty() { json!([]) } else { formats.into() }
}

async fn rules(
    state: &AppState,
    caller: &Caller,
    project: &Project,
    fields: Vec<String>,
) -> ApiResult<Rules> {
    let members = users::members(state.db.read(), caller.organization()).await?;
    let people = People {
        importer: caller.id(),
        by_email: members.into_iter().map(|u| (u.email, u.id)).collect(),
        take_unknown: state.settings.allow_unknown_emails,
    };
    Ok(Rules { needs: requirements(project), info: config_info(project), fields, people })
}

/// A project that shows no version's predictions yet shows these.
async fn show_predictions_of(tx: &WriteTx, mut project: Project, version: String) -> ApiResult<()> {
    if project.setting_str("model_version").is_empty() {
        project.settings.insert("model_version".into(), version.into());
        project_store::update(&**tx, &project).await?;
    }
    Ok(())
}

/// Reads, checks and inserts. Without `commit` the tasks are only counted.
async fn store(
    tx: &WriteTx,
    inserter: &mut Inserter,
    sources: Vec<Source>,
    rules: Rules,
    commit: bool,
) -> ApiResult<Outcome> {
    let (send, mut receive) = tokio::sync::mpsc::channel::<Vec<NewTask>>(2);
    let reader = tokio::task::spawn_blocking(move || read::read(sources, &rules, send));
    while let Some(batch) = receive.recv().await {
        if commit {
            inserter.insert(&**tx, batch).await?;
        } else {
            inserter.tasks += batch.len() as i64;
        }
    }
    let outcome = reader.await.map_err(anyhow::Error::from)?;
    if outcome.errors.is_empty() { Ok(outcome) } else { Err(ApiError::items(outcome.errors.messages())) }
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
