//! Labels that people add to controls while they work, and their links to projects.

mod rename;

pub use rename::rename;

use crate::auth::Caller;
use crate::error::{ApiError, ApiResult};
use crate::events::{self, Event};
use crate::routes::extract::{AnyJson, JsonObject, Path, Query};
use crate::routes::paging::Page;
use crate::routes::projects;
use crate::state::AppState;
use crate::store::labels::{self, Label, Link, LinkFilter};
use crate::store::projects as project_store;
use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, Uri};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::HashMap;

const TITLE_CHARS: usize = 2048;
/// Names from the top of a taxonomy down to a label.
const DEPTH: usize = 50;
const VALUE_CHARS: usize = 5000;
const FROM_NAME_CHARS: usize = 500;

#[derive(Debug, Deserialize)]
pub struct ListQuery {
    page: Option<u64>,
    page_size: Option<i64>,
}

pub async fn list(
    State(state): State<AppState>,
    caller: Caller,
    uri: Uri,
    Query(q): Query<ListQuery>,
) -> ApiResult<Json<Value>> {
    let page = Page::of(q.page, q.page_size, 100, 1000)?;
    let (found, total) =
        labels::list(state.db.read(), caller.organization(), page.size, page.offset()).await?;
    page.check(total)?;
    Ok(Json(page.answer(&state, &uri, total, found.iter().map(Label::to_json).collect())))
}

fn title_of(value: &Value) -> Result<&str, String> {
    match value.as_str().map(str::trim) {
        Some("") => Err("This field may not be blank.".into()),
        Some(text) if text.chars().count() > TITLE_CHARS => {
            Err(format!("Ensure this field has no more than {TITLE_CHARS} characters."))
        }
        Some(text) => Ok(text),
        None if value.is_null() => Err("This field is required.".into()),
        None => Err("Not a valid string.".into()),
    }
}

/// The way down to a label: one name, or a list of names.
fn path_of(value: &Value) -> Result<Vec<String>, String> {
    let names: Option<Vec<String>> = match value {
        Value::Null => return Err("This field is required.".into()),
        Value::String(name) => Some(vec![name.clone()]),
        Value::Array(list) => list.iter().map(|n| n.as_str().map(str::to_owned)).collect(),
        _ => None,
    };
    let names = names.filter(|list| !list.is_empty() && list.iter().all(|name| !name.is_empty()));
    let names =
        names.ok_or("The value must be a list of names, from the top of the taxonomy down to the label.")?;
    if names.len() > DEPTH || names.iter().map(|n| n.chars().count()).sum::<usize>() > VALUE_CHARS {
        return Err(format!("The value has more than {DEPTH} names or {VALUE_CHARS} characters."));
    }
    Ok(names)
}

/// The control of a project that a body names.
fn control_of(project: &project_store::Project, body: &Value) -> Result<String, String> {
    let name = match &body["from_name"] {
        Value::Null => return Err("This field is required.".into()),
        Value::String(name) if name.chars().count() <= FROM_NAME_CHARS => name,
        _ => return Err("Must be the name of a control.".into()),
    };
    let config = project.config();
    if config.template().controls().any(|control| control.name.as_ref() == Some(name)) {
        return Ok(name.clone());
    }
    Err(format!("The labeling config of project {} has no control {name:?}.", project.id))
}

/// Adds labels to controls of one project: all of them, or none where one is wrong.
pub async fn create(
    State(state): State<AppState>,
    caller: Caller,
    AnyJson(body): AnyJson,
) -> ApiResult<(StatusCode, Json<Value>)> {
    let items = match &body {
        Value::Array(list) => list.as_slice(),
        single => std::slice::from_ref(single),
    };
    let first = items.first().ok_or_else(|| ApiError::items(vec!["The list of labels is empty.".into()]))?;
    let project =
        first["project"].as_i64().ok_or_else(|| ApiError::field("project", "This field is required."))?;
    let project = projects::find(&state, &caller, project).await?;
    let mut problems = Vec::new();
    let mut wanted = Vec::with_capacity(items.len());
    for (n, item) in items.iter().enumerate() {
        if item["project"] != project.id {
            problems
                .push(format!("label {n}: project: all labels of one request must be of the same project."));
            continue;
        }
        let mut complain = |field: &str, text: String| problems.push(format!("label {n}: {field}: {text}"));
        let title = title_of(&item["title"]).map_err(|e| complain("title", e)).ok();
        let value = path_of(&item["value"]).map_err(|e| complain("value", e)).ok();
        let control = control_of(&project, item).map_err(|e| complain("from_name", e)).ok();
        if let (Some(title), Some(value), Some(control)) = (title, value, control) {
            wanted.push((title, json!(value), control, item["description"].as_str()));
        }
    }
    if !problems.is_empty() {
        return Err(ApiError::items(problems));
    }
    let tx = state.db.write().await?;
    let mut made = Vec::with_capacity(wanted.len());
    for (title, value, control, description) in wanted {
        let id = labels::ensure(&*tx, caller.organization(), caller.id(), title, &value, description).await?;
        let (link, new) = labels::link(&*tx, id, project.id, &control).await?;
        if new {
            events::emit(&tx, project.id, Event::LabelLinkCreated(link)).await?;
        }
        made.push((id, control));
    }
    tx.commit().await?;
    let ids: Vec<i64> = made.iter().map(|(id, _)| *id).collect();
    let found: HashMap<i64, Label> =
        labels::with_ids(state.db.read(), &ids).await?.into_iter().map(|l| (l.id, l)).collect();
    let shown = made.iter().filter_map(|(id, control)| {
        let mut shown = found.get(id)?.to_json();
        shown["project"] = project.id.into();
        shown["from_name"] = control.clone().into();
        Some(shown)
    });
    let mut shown: Vec<Value> = shown.collect();
    let answer = if body.is_array() { shown.into() } else { shown.pop().unwrap_or_default() };
    Ok((StatusCode::CREATED, Json(answer)))
}

async fn find(state: &AppState, caller: &Caller, id: i64) -> ApiResult<Label> {
    labels::get(state.db.read(), caller.organization(), id).await?.ok_or_else(|| ApiError::not_found("Label"))
}

pub async fn get(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<i64>,
) -> ApiResult<Json<Value>> {
    Ok(Json(find(&state, &caller, id).await?.to_json()))
}

pub async fn update(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<i64>,
    JsonObject(body): JsonObject,
) -> ApiResult<Json<Value>> {
    let mut label = find(&state, &caller, id).await?;
    if let Some(title) = body.get("title") {
        title_of(title).map_err(|e| ApiError::field("title", e))?.clone_into(&mut label.title);
    }
    if let Some(value) = body.get("value") {
        label.value = json!(path_of(value).map_err(|e| ApiError::field("value", e))?);
    }
    match body.get("description") {
        None => {}
        Some(Value::Null) => label.description = None,
        Some(Value::String(text)) => label.description = Some(text.clone()),
        Some(_) => return Err(ApiError::field("description", "Not a valid string.")),
    }
    match body.get("approved") {
        None => {}
        Some(Value::Bool(approved)) => {
            label.approved_by = approved.then_some(caller.id());
            label.approved = *approved;
        }
        Some(_) => return Err(ApiError::field("approved", "Must be a valid boolean.")),
    }
    let tx = state.db.write().await?;
    if !labels::update(&*tx, &label).await? {
        return Err(ApiError::Conflict("There is another label of this title and value.".into()));
    }
    for link in labels::links_of(&*tx, id).await? {
        events::emit(&tx, link.project, Event::LabelLinkUpdated(link.id)).await?;
    }
    tx.commit().await?;
    Ok(Json(find(&state, &caller, id).await?.to_json()))
}

pub async fn delete(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<i64>,
) -> ApiResult<StatusCode> {
    find(&state, &caller, id).await?;
    let tx = state.db.write().await?;
    for link in labels::links_of(&*tx, id).await? {
        events::emit(&tx, link.project, Event::LabelLinkDeleted(link.id)).await?;
    }
    labels::delete(&*tx, id).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Debug, Deserialize)]
pub struct LinksQuery {
    page: Option<u64>,
    page_size: Option<i64>,
    project: Option<i64>,
    label: Option<i64>,
    from_name: Option<String>,
    expand: Option<String>,
}

/// Links, with their labels in them where `expand=label`.
pub async fn links(
    State(state): State<AppState>,
    caller: Caller,
    uri: Uri,
    Query(q): Query<LinksQuery>,
) -> ApiResult<Json<Value>> {
    if let Some(project) = q.project {
        projects::find(&state, &caller, project).await?;
    }
    let page = Page::of(q.page, q.page_size, 100, 1000)?;
    let filter = LinkFilter { project: q.project, label: q.label, from_name: q.from_name.as_deref() };
    let conn = state.db.read();
    let (found, total) = labels::links(conn, caller.organization(), filter, page.size, page.offset()).await?;
    page.check(total)?;
    let mut shown: Vec<Value> = found.iter().map(Link::to_json).collect();
    if q.expand.as_deref().is_some_and(|list| list.split(',').any(|name| name.trim() == "label")) {
        let mut ids: Vec<i64> = found.iter().map(|link| link.label).collect();
        ids.sort_unstable();
        ids.dedup();
        let known: HashMap<i64, Value> =
            labels::with_ids(conn, &ids).await?.iter().map(|l| (l.id, l.to_json())).collect();
        for (link, shown) in found.iter().zip(&mut shown) {
            shown["label"] = known.get(&link.label).cloned().unwrap_or_default();
        }
    }
    Ok(Json(page.answer(&state, &uri, total, shown)))
}

pub async fn create_link(
    State(state): State<AppState>,
    caller: Caller,
    JsonObject(body): JsonObject,
) -> ApiResult<(StatusCode, Json<Value>)> {
    let id = |field: &'static str| {
        body[field].as_i64().ok_or_else(|| ApiError::field(field, "This field is required."))
    };
    let project = projects::find(&state, &caller, id("project")?).await?;
    let label = find(&state, &caller, id("label")?).await?;
    let control = control_of(&project, &body).map_err(|e| ApiError::field("from_name", e))?;
    let tx = state.db.write().await?;
    let (link, new) = labels::link(&*tx, label.id, project.id, &control).await?;
    if !new {
        return Err(ApiError::Conflict("This control has the label already.".into()));
    }
    events::emit(&tx, project.id, Event::LabelLinkCreated(link)).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(find_link(&state, &caller, link).await?.to_json())))
}

async fn find_link(state: &AppState, caller: &Caller, id: i64) -> ApiResult<Link> {
    labels::get_link(state.db.read(), caller.organization(), id)
        .await?
        .ok_or_else(|| ApiError::not_found("Label link"))
}

pub async fn get_link(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<i64>,
) -> ApiResult<Json<Value>> {
    Ok(Json(find_link(&state, &caller, id).await?.to_json()))
}

/// Moves a link to another control; project and label stay.
pub async fn update_link(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<i64>,
    JsonObject(body): JsonObject,
) -> ApiResult<Json<Value>> {
    let link = find_link(&state, &caller, id).await?;
    if body.get("from_name").is_some() {
        let project = projects::find(&state, &caller, link.project).await?;
        let control = control_of(&project, &body).map_err(|e| ApiError::field("from_name", e))?;
        let tx = state.db.write().await?;
        if !labels::move_link(&*tx, id, &control).await? {
            return Err(ApiError::Conflict("This control has the label already.".into()));
        }
        events::emit(&tx, link.project, Event::LabelLinkUpdated(id)).await?;
        tx.commit().await?;
    }
    Ok(Json(find_link(&state, &caller, id).await?.to_json()))
}

pub async fn delete_link(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<i64>,
) -> ApiResult<StatusCode> {
    let link = find_link(&state, &caller, id).await?;
    let tx = state.db.write().await?;
    labels::delete_link(&*tx, id).await?;
    events::emit(&tx, link.project, Event::LabelLinkDeleted(id)).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
