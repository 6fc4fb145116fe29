//! Views: list, create, change, delete, order.

use super::asked::find_view;
use crate::auth::Caller;
use crate::dm::{Filters, Order, Selection};
use crate::error::{ApiError, ApiResult};
use crate::lenient;
use crate::routes::extract::{JsonObject, Path, Query};
use crate::routes::projects;
use crate::state::AppState;
use crate::store::views::{self, View};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Debug, Deserialize)]
pub struct ProjectQuery {
    pub(super) project: Option<i64>,
}

pub async fn list(
    State(state): State<AppState>,
    caller: Caller,
    Query(q): Query<ProjectQuery>,
) -> ApiResult<Json<Value>> {
    let found = match q.project {
        Some(project) => {
            projects::find(&state, &caller, project).await?;
            views::of_project(state.db.read(), project).await?
        }
        None => views::of_organization(state.db.read(), caller.organization()).await?,
    };
    Ok(Json(found.iter().map(View::to_json).collect()))
}

/// What a view is to remember: checked now, so that nobody meets the error when the view is opened.
fn checked(data: Value) -> ApiResult<Value> {
    if !data.is_object() {
        return Err(ApiError::field("data", "Must be an object."));
    }
    Filters::parse(&data["filters"])?;
    Order::parse(&data["ordering"], &data["columnsDisplayType"])?;
    Selection::parse(&data["selectedItems"])?;
    Ok(data)
}

pub async fn create(
    State(state): State<AppState>,
    caller: Caller,
    JsonObject(mut body): JsonObject,
) -> ApiResult<(StatusCode, Json<Value>)> {
    let project = lenient::needed_id(&body, "project")?;
    projects::find(&state, &caller, project).await?;
    let data = match body["data"].take() {
        Value::Null => json!({}),
        data => checked(data)?,
    };
    let mut view =
        View { id: 0, project, user: caller.id(), data, position: body["order"].as_i64().unwrap_or(0) };
    let tx = state.db.write().await?;
    view.id = views::insert(&*tx, &view).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(view.to_json())))
}

pub async fn get(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<i64>,
) -> ApiResult<Json<Value>> {
    Ok(Json(find_view(&state, &caller, id).await?.to_json()))
}

/// `data` is replaced, but filters and ordering that are not sent stay.
pub async fn update(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<i64>,
    JsonObject(mut body): JsonObject,
) -> ApiResult<Json<Value>> {
    let tx = state.db.write().await?;
    let mut view =
        views::get(&*tx, caller.organization(), id).await?.ok_or_else(|| ApiError::not_found("View"))?;
    if lenient::id_in(&body, "project")?.is_some_and(|project| project != view.project) {
        return Err(ApiError::field("project", "A view cannot move to another project."));
    }
    if let Some(data) = body.get_mut("data").map(Value::take).filter(|data| !data.is_null()) {
        let mut data = checked(data)?;
        for name in ["filters", "ordering"] {
            if data.get(name).is_none()
                && let Some(old) = view.data.get(name)
            {
                data[name] = old.clone();
            }
        }
        view.data = data;
    }
    if let Some(position) = body["order"].as_i64() {
        view.position = position;
    }
    views::update(&*tx, &view).await?;
    tx.commit().await?;
    Ok(Json(view.to_json()))
}

pub async fn delete(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<i64>,
) -> ApiResult<StatusCode> {
    find_view(&state, &caller, id).await?;
    let tx = state.db.write().await?;
    views::delete(&*tx, id).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

pub async fn reset(
    State(state): State<AppState>,
    caller: Caller,
    Query(q): Query<ProjectQuery>,
    JsonObject(body): JsonObject,
) -> ApiResult<StatusCode> {
    let project = match q.project {
        Some(project) => Some(project),
        None => lenient::id_in(&body, "project")?,
    };
    let project = project.ok_or_else(|| ApiError::field("project", "This field is required."))?;
    projects::find(&state, &caller, project).await?;
    let tx = state.db.write().await?;
    views::delete_all(&*tx, project).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

pub async fn order(
    State(state): State<AppState>,
    caller: Caller,
    JsonObject(body): JsonObject,
) -> ApiResult<StatusCode> {
    let project = lenient::needed_id(&body, "project")?;
    let ids: Option<Vec<i64>> =
        body["ids"].as_array().and_then(|ids| ids.iter().map(Value::as_i64).collect());
    let ids = ids.ok_or_else(|| ApiError::field("ids", "Must be a list of view ids."))?;
    projects::find(&state, &caller, project).await?;
    let tx = state.db.write().await?;
    if !views::place(&*tx, project, &ids).await? {
        return Err(ApiError::field("ids", "One of these is no view of the project."));
    }
    tx.commit().await?;
    Ok(StatusCode::OK)
}
