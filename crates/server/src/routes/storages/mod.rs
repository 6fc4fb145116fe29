//! Storages of projects (spec/server.md 5). The same handlers serve import and export storages; the path says which.

mod check;
mod resolve;
mod target;

pub use check::{diagnose, diagnose_settings, files, form, validate};
pub use resolve::{of_project, of_task};

use crate::audit::{self, Action, host_of};
use crate::auth::Caller;
use crate::db;
use crate::error::{ApiError, ApiResult};
use crate::jobs::{self, export_sync, storage_sync};
use crate::lenient;
use crate::routes::extract::{JsonObject, Query};
use crate::routes::projects;
use crate::state::AppState;
use crate::storages::{api_error, fields_of, local, sealed, to_json};
use crate::store::export_queue;
use crate::store::storages::{self, Storage};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::time::Duration;
use tagloom_storages::{Fields, Kind, Purpose};
use target::{Face, Target};

/// How long a request waits for its sync before it answers with the sync under way.
const PATIENCE: Duration = Duration::from_secs(20);
/// The same for the first sync of a new export storage, which nobody has asked for in so many words.
const FIRST_PATIENCE: Duration = Duration::from_secs(3);

#[derive(Debug, Deserialize)]
pub struct OfProject {
    project: Option<i64>,
}

async fn project_of(state: &AppState, caller: &Caller, query: &OfProject) -> ApiResult<i64> {
    let project = query
        .project
        .ok_or_else(|| ApiError::field("project", "Name the project: add ?project=<id> to the address."))?;
    projects::find(state, caller, project).await?;
    Ok(project)
}

/// `/api/storages/types`
pub async fn types(State(state): State<AppState>, _caller: Caller) -> Json<Value> {
    let offered =
        Kind::OFFERED.iter().filter(|kind| **kind != Kind::LocalFiles || state.settings.storages.local_files);
    Json(offered.map(|kind| json!({"name": kind.name(), "title": kind.title()})).collect())
}

/// Storages of every type.
pub async fn list_all(
    State(state): State<AppState>,
    caller: Caller,
    Face(purpose): Face,
    Query(query): Query<OfProject>,
) -> ApiResult<Json<Value>> {
    list_of(&state, &caller, purpose, None, &query).await
}

pub async fn list(
    State(state): State<AppState>,
    caller: Caller,
    target: Target,
    Query(query): Query<OfProject>,
) -> ApiResult<Json<Value>> {
    list_of(&state, &caller, target.purpose, Some(target.kind), &query).await
}

async fn list_of(
    state: &AppState,
    caller: &Caller,
    purpose: Purpose,
    kind: Option<Kind>,
    query: &OfProject,
) -> ApiResult<Json<Value>> {
    let project = project_of(state, caller, query).await?;
    let found = storages::of_project(state.db.read(), project, purpose, kind).await?;
    let mut shown = Vec::with_capacity(found.len());
    for storage in &found {
        shown.push(shown_storage(state, storage).await?);
    }
    Ok(Json(shown.into()))
}

/// The storage object; of an export storage also what waits to be written to it.
async fn shown_storage(state: &AppState, storage: &Storage) -> ApiResult<Value> {
    let mut shown = to_json(storage);
    if storage.purpose == Purpose::Export {
        let (count, error) = export_queue::waiting(state.db.read(), storage.id).await?;
        if count > 0 {
            shown["meta"]["pending_writes"] = count.into();
            shown["meta"]["last_write_error"] = error.into();
        }
    }
    Ok(shown)
}

async fn find(state: &AppState, caller: &Caller, target: &Target) -> ApiResult<Storage> {
    let missing = || ApiError::not_found("Storage");
    let id = target.id.ok_or_else(missing)?;
    storages::get(state.db.read(), caller.organization(), target.purpose, target.kind, id)
        .await?
        .ok_or_else(missing)
}

pub async fn get(State(state): State<AppState>, caller: Caller, target: Target) -> ApiResult<Json<Value>> {
    Ok(Json(shown_storage(&state, &find(&state, &caller, &target).await?).await?))
}

/// What a body says about a storage.
struct Asked {
    title: Option<Option<String>>,
    description: Option<Option<String>>,
    synchronizable: Option<bool>,
    /// All fields, those of the stored storage below those of the body.
    fields: Fields,
}

/// Reads a body. Fields it does not name keep their stored value; a secret goes only with an explicit null.
fn read(state: &AppState, target: &Target, body: &Value, stored: Option<&Storage>) -> ApiResult<Asked> {
    let mut fields = match stored {
        Some(storage) => fields_of(&state.secret, storage).map_err(|p| api_error(storage.kind, &p))?,
        None => Fields::default(),
    };
    let secrets: Vec<&str> = target.kind.secrets().collect();
    for field in target.kind.all_fields() {
        let given = body.get(field.name);
        // The official client's name for it.
        let given = given.or_else(|| (field.name == "s3_endpoint").then(|| body.get("s3endpoint")).flatten());
        let Some(value) = given else { continue };
        if secrets.contains(&field.name) && value == "" && stored.is_some() {
            // A form that is sent back without the secret that it never had.
            continue;
        }
        fields.set(field.name, value.clone());
    }
    if target.kind == Kind::LocalFiles
        && let Some(path) = fields.text("path").map(|path| local::normalised(state, path))
    {
        fields.set("path", path.into());
    }
    let mut wrong: Vec<(&str, Vec<String>)> = Vec::new();
    let mut text = |name: &'static str, most: usize| match body.get(name) {
        None => None,
        Some(Value::Null) => Some(None),
        Some(Value::String(text)) if text.chars().count() <= most => Some(Some(text.clone())),
        Some(Value::String(_)) => {
            wrong.push((name, vec![format!("Ensure this field has no more than {most} characters.")]));
            None
        }
        Some(_) => {
            wrong.push((name, vec!["Not a valid string.".into()]));
            None
        }
    };
    let (title, description) = (text("title", 256), text("description", 10_000));
    let synchronizable = match body.get("synchronizable") {
        None | Some(Value::Null) => None,
        Some(Value::Bool(on)) => Some(*on),
        Some(_) => {
            wrong.push(("synchronizable", vec!["Must be true or false.".into()]));
            None
        }
    };
    for error in fields.validate(target.kind, target.purpose) {
        wrong.push((error.field, vec![error.message]));
    }
    if !wrong.is_empty() {
        return Err(ApiError::fields(wrong));
    }
    Ok(Asked { title, description, synchronizable, fields })
}

/// The storage answers as its purpose needs it.
async fn check(state: &AppState, target: &Target, fields: &Fields) -> ApiResult<()> {
    let problem = |problem| api_error(target.kind, &problem);
    let bucket = state.buckets.try_out(target.kind, fields).map_err(problem)?;
    bucket.check(target.purpose).await.map_err(problem)
}

/// Fields that are no secrets, as they are stored.
fn shown(kind: Kind, fields: &Fields) -> Map<String, Value> {
    fields.shown(kind)
}

pub async fn create(
    State(state): State<AppState>,
    caller: Caller,
    target: Target,
    JsonObject(body): JsonObject,
) -> ApiResult<(StatusCode, Json<Value>)> {
    let project = lenient::needed_id(&body, "project")?;
    projects::find(&state, &caller, project).await?;
    let asked = read(&state, &target, &body, None)?;
    check(&state, &target, &asked.fields).await?;
    let new = Storage {
        id: 0,
        project,
        organization: caller.organization(),
        kind: target.kind,
        purpose: target.purpose,
        title: asked.title.flatten(),
        description: asked.description.flatten(),
        fields: shown(target.kind, &asked.fields),
        secrets: sealed(&state.secret, target.kind, &asked.fields)?,
        synchronizable: asked.synchronizable.unwrap_or(true),
        status: "initialized".into(),
        last_sync: None,
        last_sync_count: None,
        last_sync_job: None,
        traceback: None,
        meta: json!({}),
        partial: Value::Null,
        created_by: Some(caller.id()),
        created_at: String::new(),
    };
    let tx = state.db.write().await?;
    let id = storages::insert(&*tx, &new).await?;
    audit::record(&*tx, &caller, Action::StorageAdded, deed(&Storage { id, ..new })).await?;
    let job = if target.purpose == Purpose::Export && state.settings.storages.sync_new_export {
        let stored = storages::by_id(&*tx, id).await?.ok_or_else(|| ApiError::not_found("Storage"))?;
        Some(export_sync::enqueue(&*tx, &stored, Some(caller.id())).await?)
    } else {
        None
    };
    tx.commit().await?;
    if let Some(job) = job {
        state.jobs.wake();
        jobs::wait(&state, job, FIRST_PATIENCE).await?;
    }
    let target = Target { id: Some(id), ..target };
    let stored = find(&state, &caller, &target).await?;
    Ok((StatusCode::CREATED, Json(shown_storage(&state, &stored).await?)))
}

pub async fn update(
    State(state): State<AppState>,
    caller: Caller,
    target: Target,
    JsonObject(body): JsonObject,
) -> ApiResult<Json<Value>> {
    let stored = find(&state, &caller, &target).await?;
    if lenient::id_in(&body, "project")?.is_some_and(|project| project != stored.project) {
        return Err(ApiError::field(
            "project",
            "A storage stays in its project; make a new one in the other.",
        ));
    }
    let asked = read(&state, &target, &body, Some(&stored))?;
    let fields = shown(target.kind, &asked.fields);
    let secrets_before =
        fields_of(&state.secret, &stored).map(|f| f.secrets(target.kind)).unwrap_or_default();
    let touched = fields != stored.fields || asked.fields.secrets(target.kind) != secrets_before;
    if touched {
        check(&state, &target, &asked.fields).await?;
    }
    let mut new = stored;
    new.title = asked.title.unwrap_or(new.title);
    new.description = asked.description.unwrap_or(new.description);
    new.synchronizable = asked.synchronizable.unwrap_or(new.synchronizable);
    if touched {
        new.fields = fields;
        new.secrets = sealed(&state.secret, target.kind, &asked.fields)?;
    }
    let tx = state.db.write().await?;
    storages::update(&*tx, &new).await?;
    audit::record(&*tx, &caller, Action::StorageChanged, deed(&new)).await?;
    tx.commit().await?;
    get(State(state), caller, target).await
}

pub async fn delete(State(state): State<AppState>, caller: Caller, target: Target) -> ApiResult<StatusCode> {
    let storage = find(&state, &caller, &target).await?;
    let tx = state.db.write().await?;
    if let Some(job) = storage.last_sync_job.filter(|_| storage.is_syncing()) {
        jobs::cancel(&*tx, job).await?;
    }
    storages::delete(&*tx, storage.id).await?;
    audit::record(&*tx, &caller, Action::StorageDeleted, deed(&storage)).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What the audit log says of a storage: where it leads, and no secret.
fn deed(storage: &Storage) -> Value {
    let field = |name: &str| storage.fields.get(name).cloned();
    let endpoint = field("s3_endpoint").and_then(|v| host_of(v.as_str()?));
    json!({
        "storage": storage.id, "project": storage.project, "type": storage.kind.name(),
        "purpose": storages::purpose_name(storage.purpose), "title": storage.title,
        "place": field("bucket").or(field("container")).or(field("path")), "prefix": field("prefix"),
        "endpoint": endpoint,
    })
}

/// Starts a sync and answers with the storage: synced where that is soon, else in progress, with the job's id in
/// `last_sync_job`.
pub async fn sync(State(state): State<AppState>, caller: Caller, target: Target) -> ApiResult<Json<Value>> {
    let storage = find(&state, &caller, &target).await?;
    if !storage.synchronizable {
        return Err(ApiError::BadRequest(
            "This storage is not synchronizable; switch that on in its settings first.".into(),
        ));
    }
    let job = jobs::wait(&state, begin_sync(&state, &caller, &target, storage.id).await?, PATIENCE).await?;
    if target.purpose == Purpose::Import && storage_sync::missed_a_call(&job) {
        jobs::wait(&state, begin_sync(&state, &caller, &target, storage.id).await?, PATIENCE).await?;
    }
    get(State(state), caller, target).await
}

async fn begin_sync(state: &AppState, caller: &Caller, target: &Target, storage: i64) -> ApiResult<i64> {
    let tx = state.db.write().await?;
    // Of two that ask at once the second sees the first one's job.
    let sql = format!("SELECT id FROM storages WHERE id = $1{}", db::for_update(&*tx));
    db::one(&*tx, &sql, vec![storage.into()]).await?;
    let storage = storages::by_id(&*tx, storage).await?.ok_or_else(|| ApiError::not_found("Storage"))?;
    let job = match target.purpose {
        Purpose::Import => storage_sync::enqueue(&*tx, &storage, Some(caller.id())).await?,
        Purpose::Export => export_sync::enqueue(&*tx, &storage, Some(caller.id())).await?,
    };
    tx.commit().await?;
    state.jobs.wake();
    Ok(job)
}
