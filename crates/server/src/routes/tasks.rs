//! Tasks: lists, one, create, change, delete.

use crate::audit;
use crate::auth::Caller;
use crate::error::{ApiError, ApiResult};
use crate::events::{self, Event};
use crate::jobs::delete_tasks;
use crate::lenient;
use crate::routes::extract::{JsonObject, Path, Query};
use crate::routes::{page, projects};
use crate::state::AppState;
use crate::storages::resolve::Resolver;
use crate::store::projects::{self as project_store, Project};
use crate::store::tasks::{self, Inserter, NewTask, Task};
use crate::store::{annotations, drafts, in_order, predictions, recount, users};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use sea_orm::{ConnectionTrait, DbErr};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::hash_map::Entry;
use std::collections::{BTreeSet, HashMap};

pub(crate) async fn find(state: &AppState, caller: &Caller, id: i64) -> ApiResult<Task> {
    let task = tasks::get(state.db.read(), caller.organization(), id).await?;
    let mut task = task.ok_or_else(|| ApiError::not_found("Task"))?;
    name_undefined(state.db.read(), std::slice::from_mut(&mut task)).await?;
    Ok(task)
}

/// Values that were uploaded before the config had a name for them get the first one that it has now (spec/server.md 4.1).
/// For tasks of one project.
pub(crate) async fn name_undefined(conn: &impl ConnectionTrait, list: &mut [Task]) -> Result<(), DbErr> {
    const UNDEFINED: &str = "$undefined$";
    let nameless = |task: &Task| task.data.get(UNDEFINED).is_some();
    let Some(project) = list.iter().find(|task| nameless(task)).map(|task| task.project) else {
        return Ok(());
    };
    let Some(project) = project_store::of_any_organization(conn, project).await? else { return Ok(()) };
    let Some(name) = tagloom_tags::required_data_keys(&project.config()).into_iter().next() else {
        return Ok(());
    };
    for data in list.iter_mut().filter_map(|task| task.data.as_object_mut()) {
        if data.contains_key(&name) {
            continue;
        }
        // In its place among the others.
        let renamed = |(key, value)| (if key == UNDEFINED { name.clone() } else { key }, value);
        *data = std::mem::take(data).into_iter().map(renamed).collect();
    }
    Ok(())
}

/// The order in which the reference sends a task's fields (spec/server.md 3.4).
const FIELDS: &[&str] = &[
    "id",
    "predictions",
    "annotations",
    "drafts",
    "annotators",
    "inner_id",
    "cancelled_annotations",
    "total_annotations",
    "total_predictions",
    "completed_at",
    "annotations_results",
    "predictions_results",
    "predictions_score",
    "file_upload",
    "storage_filename",
    "annotations_ids",
    "predictions_model_versions",
    "avg_lead_time",
    "draft_exists",
    "updated_by",
    "data",
    "meta",
    "created_at",
    "updated_at",
    "is_labeled",
    "overlap",
    "comment_count",
    "unresolved_comment_count",
    "last_comment_updated_at",
    "project",
    "comment_authors",
];

/// Quotes removed, cut at 500 characters: the text columns of the data manager.
fn results_text(results: &[&Value]) -> String {
    let text: String = Value::from(results.iter().map(|v| (*v).clone()).collect::<Vec<_>>()).to_string();
    text.replace('"', "").chars().take(500).collect()
}

/// Tasks with everything that belongs to them (`fields=all`).
pub(crate) async fn complete(state: &AppState, list: &[Task], full_user: bool) -> ApiResult<Vec<Value>> {
    let conn = state.db.read();
    let ids: Vec<i64> = list.iter().map(|t| t.id).collect();
    let mut by_task: HashMap<
        i64,
        (Vec<annotations::Annotation>, Vec<predictions::Prediction>, Vec<drafts::Draft>),
    > = HashMap::new();
    for a in annotations::of_tasks(conn, &ids).await? {
        by_task.entry(a.task).or_default().0.push(a);
    }
    for p in predictions::of_tasks(conn, &ids).await? {
        by_task.entry(p.task).or_default().1.push(p);
    }
    for d in drafts::of_tasks(conn, &ids).await? {
        by_task.entry(d.task).or_default().2.push(d);
    }
    let mut people: HashMap<i64, Value> = HashMap::new();
    let mut out = Vec::with_capacity(list.len());
    for task in list {
        let (found, predicted, drafted) = by_task.remove(&task.id).unwrap_or_default();
        let mut o = task.common();
        let mut shown: Vec<Value> = found.iter().map(annotations::Annotation::to_json).collect();
        if full_user {
            for annotation in &mut shown {
                let Some(id) = annotation["completed_by"].as_i64() else { continue };
                let person = match people.entry(id) {
                    Entry::Occupied(found) => found.into_mut(),
                    Entry::Vacant(place) => {
                        let user = users::by_id(conn, id).await?;
                        place.insert(user.map_or(Value::Null, |u| {
                            let (first_name, last_name) = u.names();
                            json!({
                                "id": u.id, "first_name": first_name, "last_name": last_name, "avatar": u.avatar,
                                "email": u.email, "initials": u.initials(),
                            })
                        }))
                    }
                };
                annotation["completed_by"] = person.clone();
            }
        }
        let mut versions: Vec<&str> = predicted.iter().map(|p| p.model_version.as_str()).collect();
        versions.sort_unstable();
        versions.dedup();
        let mut put = |key: &str, value: Value| {
            o.insert(key.to_owned(), value);
        };
        put("predictions", predicted.iter().map(predictions::Prediction::to_json).collect());
        put("annotations", shown.into());
        put("drafts", drafted.iter().map(drafts::Draft::to_json).collect());
        put("annotators", distinct(found.iter().filter_map(|a| a.completed_by)).into());
        put("completed_at", task.completed_at.clone().into());
        let text = |results: Vec<&Value>| if full_user { String::new() } else { results_text(&results) };
        put("annotations_results", text(found.iter().map(|a| &a.result).collect()).into());
        put("predictions_results", text(predicted.iter().map(|p| &p.result).collect()).into());
        put("predictions_score", task.predictions_score.into());
        put("file_upload", task.file_name.clone().into());
        put("storage_filename", task.storage_filename.clone().into());
        put("annotations_ids", joined(found.iter().map(|a| a.id)).into());
        put("predictions_model_versions", versions.join(",").into());
        put("avg_lead_time", task.avg_lead_time.into());
        put("draft_exists", (!drafted.is_empty()).into());
        out.push(in_order(o, FIELDS));
    }
    Ok(out)
}

/// Tasks as the list shows them unless asked for all: no results are read.
pub(crate) async fn brief(state: &AppState, list: &[Task]) -> ApiResult<Vec<Value>> {
    let conn = state.db.read();
    let annotated: Vec<i64> =
        list.iter().filter(|t| t.total_annotations + t.cancelled_annotations > 0).map(|t| t.id).collect();
    let predicted: Vec<i64> = list.iter().filter(|t| t.total_predictions > 0).map(|t| t.id).collect();
    let mut marks: HashMap<i64, Vec<annotations::Mark>> = HashMap::new();
    for mark in annotations::marks(conn, &annotated).await? {
        marks.entry(mark.task).or_default().push(mark);
    }
    let mut versions: HashMap<i64, Vec<String>> = HashMap::new();
    for (task, version) in predictions::versions_of_tasks(conn, &predicted).await? {
        versions.entry(task).or_default().push(version);
    }
    let shown = |task: &Task| {
        let marks = marks.get(&task.id).map_or(&[][..], Vec::as_slice);
        let mut o = task.common();
        let mut put = |key: &str, value: Value| o.insert(key.to_owned(), value);
        put("drafts", json!([]));
        put("annotators", distinct(marks.iter().filter_map(|m| m.completed_by)).into());
        put("file_upload", task.file_name.clone().into());
        put("storage_filename", task.storage_filename.clone().into());
        put("annotations_results", "".into());
        put("predictions_results", "".into());
        put("annotations_ids", joined(marks.iter().map(|m| m.id)).into());
        put(
            "predictions_model_versions",
            versions.get(&task.id).map(|v| v.join(",")).unwrap_or_default().into(),
        );
        in_order(o, FIELDS)
    };
    Ok(list.iter().map(shown).collect())
}

/// Ascending, each once.
fn distinct(ids: impl Iterator<Item = i64>) -> Vec<i64> {
    ids.collect::<BTreeSet<i64>>().into_iter().collect()
}

fn joined(ids: impl Iterator<Item = i64>) -> String {
    ids.map(|id| id.to_string()).collect::<Vec<_>>().join(",")
}

/// Whether URIs in the data are to be made addresses; they are unless the client says no.
pub(crate) fn resolves(asked: Option<&str>) -> bool {
    asked.and_then(crate::settings::parse_bool).unwrap_or(true)
}

/// Makes the URIs in the data of some tasks of a project addresses that a browser can load.
pub(crate) async fn resolve(state: &AppState, project: i64, tasks: &mut [Task]) -> ApiResult<()> {
    let resolver = Resolver::of_project(state, project).await?;
    for task in tasks {
        resolver.rewrite(task.id, &mut task.data);
    }
    Ok(())
}

#[derive(Debug, Deserialize)]
pub struct PlainQuery {
    page: Option<u64>,
    start: Option<u64>,
    page_size: Option<i64>,
    length: Option<i64>,
}

/// The plain list: newest change first.
pub async fn of_project(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<i64>,
    Query(q): Query<PlainQuery>,
) -> ApiResult<Json<Value>> {
    projects::find(&state, &caller, id).await?;
    let (number, size) = page(q.page.or(q.start.map(|start| start.max(1))), q.page_size.or(q.length), 50, 0)?;
    let offset = (number - 1).saturating_mul(size);
    if number > 1 && offset >= tasks::count(state.db.read(), id).await? as u64 {
        return Err(ApiError::NotFound("Invalid page.".into()));
    }
    let mut found = tasks::page(state.db.read(), id, "updated", size, offset).await?;
    name_undefined(state.db.read(), &mut found).await?;
    Ok(Json(found.iter().map(Task::simple).collect()))
}

/// Data that the config can show.
fn checked_data(project: &Project, data: &Value) -> ApiResult<()> {
    let Some(fields) = data.as_object() else {
        return Err(ApiError::field("data", "data must be an object of fields."));
    };
    let needs = crate::routes::import::requirements(project);
    let draft = tagloom_formats::TaskDraft::from_data(fields.clone());
    let problems = tagloom_formats::validate(tagloom_formats::Location::item(0), &draft, &needs);
    if problems.is_empty() {
        return Ok(());
    }
    Err(ApiError::items(problems.iter().map(ToString::to_string).collect()))
}

/// What of a task can be set beside its data.
#[derive(Debug, Default)]
struct Extras {
    meta: Option<Value>,
    overlap: Option<i64>,
    allow_skip: Option<bool>,
}

impl Extras {
    fn of(body: &Value) -> ApiResult<Self> {
        let meta = match body.get("meta") {
            None => None,
            Some(Value::Null) => Some(json!({})),
            Some(meta @ (Value::Object(_) | Value::Array(_))) => Some(meta.clone()),
            Some(_) => return Err(ApiError::field("meta", "meta must be an object.")),
        };
        let overlap = match body.get("overlap") {
            None | Some(Value::Null) => None,
            Some(n) => {
                Some(n.as_i64().filter(|n| (1..=i64::from(i32::MAX)).contains(n)).ok_or_else(|| {
                    ApiError::field(
                        "overlap",
                        "Ensure this value is a whole number greater than or equal to 1.",
                    )
                })?)
            }
        };
        let allow_skip = match body.get("allow_skip") {
            None | Some(Value::Null) => None,
            Some(Value::Bool(allow)) => Some(*allow),
            Some(_) => return Err(ApiError::field("allow_skip", "Must be a valid boolean.")),
        };
        Ok(Self { meta, overlap, allow_skip })
    }
}

async fn create_task(state: &AppState, caller: &Caller, project: i64, body: &Value) -> ApiResult<Value> {
    let found = projects::find(state, caller, project).await?;
    let data = match &body["data"] {
        Value::Null => return Err(ApiError::field("data", "This field is required.")),
        data => data.clone(),
    };
    checked_data(&found, &data)?;
    let extras = Extras::of(body)?;
    let task = NewTask {
        data: data.to_string(),
        meta: extras.meta.map_or("{}".into(), |meta| meta.to_string()),
        allow_skip: extras.allow_skip.unwrap_or(true),
        file_upload: None,
        annotations: Vec::new(),
        predictions: Vec::new(),
    };
    let tx = state.db.write().await?;
    let mut inserter =
        Inserter::new(&*tx, project, extras.overlap.unwrap_or(found.maximum_annotations)).await?;
    inserter.keep_ids = true;
    inserter.insert(&*tx, vec![task]).await?;
    events::emit(&tx, project, Event::TasksCreated(&inserter.ids)).await?;
    tx.commit().await?;
    let id = inserter.ids.first().copied().unwrap_or(0);
    Ok(find(state, caller, id).await?.simple())
}

pub async fn create(
    State(state): State<AppState>,
    caller: Caller,
    JsonObject(body): JsonObject,
) -> ApiResult<(StatusCode, Json<Value>)> {
    let project = lenient::needed_id(&body, "project")?;
    Ok((StatusCode::CREATED, Json(create_task(&state, &caller, project, &body).await?)))
}

pub async fn create_in(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<i64>,
    JsonObject(body): JsonObject,
) -> ApiResult<(StatusCode, Json<Value>)> {
    Ok((StatusCode::CREATED, Json(create_task(&state, &caller, id, &body).await?)))
}

#[derive(Debug, Deserialize)]
pub struct OneQuery {
    resolve_uri: Option<String>,
}

pub async fn get(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<i64>,
    Query(q): Query<OneQuery>,
) -> ApiResult<Json<Value>> {
    let mut task = [find(&state, &caller, id).await?];
    if resolves(q.resolve_uri.as_deref()) {
        let project = task[0].project;
        resolve(&state, project, &mut task).await?;
    }
    let mut full = complete(&state, &task, true).await?;
    Ok(Json(full.pop().unwrap_or(Value::Null)))
}

pub async fn update(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<i64>,
    JsonObject(body): JsonObject,
) -> ApiResult<Json<Value>> {
    let project = projects::find(&state, &caller, find(&state, &caller, id).await?.project).await?;
    if let Some(data) = body.get("data") {
        checked_data(&project, data)?;
    }
    let extras = Extras::of(&body)?;
    let tx = state.db.write().await?;
    // Read under its lock: what somebody else has changed meanwhile stays.
    recount::lock(&*tx, id).await?;
    let task =
        tasks::get(&*tx, caller.organization(), id).await?.ok_or_else(|| ApiError::not_found("Task"))?;
    let overlap = extras.overlap.unwrap_or(task.overlap);
    let change = tasks::Change {
        data: body.get("data").unwrap_or(&task.data),
        meta: extras.meta.as_ref().unwrap_or(&task.meta),
        overlap,
        allow_skip: extras.allow_skip.unwrap_or(task.allow_skip),
    };
    tasks::update(&*tx, &task, change, caller.id()).await?;
    if overlap != task.overlap {
        tasks::refresh(&*tx, id, Some(caller.id())).await?;
    }
    tx.commit().await?;
    let task = find(&state, &caller, id).await?;
    let mut answer = task.simple();
    let conn = state.db.read();
    let list: Vec<Value> =
        annotations::of_tasks(conn, &[id]).await?.iter().map(annotations::Annotation::to_json).collect();
    answer["annotations"] = list.into();
    let list: Vec<Value> =
        predictions::of_tasks(conn, &[id]).await?.iter().map(predictions::Prediction::to_json).collect();
    answer["predictions"] = list.into();
    Ok(Json(answer))
}

/// A change that names all of the data.
pub async fn replace(
    state: State<AppState>,
    caller: Caller,
    id: Path<i64>,
    body: JsonObject,
) -> ApiResult<Json<Value>> {
    find(&state, &caller, id.0).await?;
    if body.0.get("data").is_none() {
        return Err(ApiError::field("data", "This field is required."));
    }
    update(state, caller, id, body).await
}

/// Agreement among annotators is no part of the edition whose API this is.
pub async fn agreement(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<i64>,
) -> ApiResult<StatusCode> {
    find(&state, &caller, id).await?;
    Err(ApiError::Forbidden("Agreement of annotations is not computed by this server.".into()))
}

pub async fn delete(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<i64>,
) -> ApiResult<StatusCode> {
    let task = find(&state, &caller, id).await?;
    let tx = state.db.write().await?;
    tasks::delete(&*tx, task.project, id).await?;
    events::emit(&tx, task.project, Event::TasksDeleted(&[id])).await?;
    let details = json!({"project": task.project, "tasks": [id]});
    audit::record(&*tx, &caller, audit::Action::TasksDeleted, details).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

pub async fn delete_all(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<i64>,
) -> ApiResult<Response> {
    projects::find(&state, &caller, id).await?;
    let tx = state.db.write().await?;
    let job = delete_tasks::enqueue_all(&*tx, &caller, id, false, false).await?;
    let details = json!({"project": id, "tasks": "all", "job": job});
    audit::record(&*tx, &caller, audit::Action::TasksDeleted, details).await?;
    tx.commit().await?;
    super::jobs::answer(&state, job, |_| StatusCode::NO_CONTENT.into_response()).await
}
