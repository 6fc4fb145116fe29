//! Predictions.

use crate::auth::Caller;
use crate::error::{ApiError, ApiResult};
use crate::lenient;
use crate::routes::extract::{JsonObject, Path, Query};
use crate::routes::{projects, tasks};
use crate::state::AppState;
use crate::store::predictions::{self, Prediction};
use crate::store::{projects::Project, tasks as task_store};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};
use tagloom_formats::PredictionDraft;

#[derive(Debug, Deserialize)]
pub struct ListQuery {
    task: Option<i64>,
    project: Option<i64>,
    #[serde(rename = "task__project")]
    task_project: Option<i64>,
}

pub async fn list(
    State(state): State<AppState>,
    caller: Caller,
    Query(q): Query<ListQuery>,
) -> ApiResult<Json<Value>> {
    let conn = state.db.read();
    let project = q.project.or(q.task_project);
    if let Some(project) = project {
        projects::find(&state, &caller, project).await?;
    }
    let found = match (q.task, project) {
        (Some(task), _) => {
            tasks::find(&state, &caller, task).await?;
            let mut found = predictions::of_tasks(conn, &[task]).await?;
            found.retain(|p| project.is_none_or(|project| p.project == project));
            found
        }
        (None, Some(project)) => predictions::of_project(conn, project).await?,
        (None, None) => predictions::of_organization(conn, caller.organization()).await?,
    };
    Ok(Json(found.iter().map(Prediction::to_json).collect()))
}

/// A result as regions: a list as it is; an object of one control's values, or a bare value, is wrapped for the first
/// control that fits.
fn regions(project: &Project, result: &Value) -> ApiResult<Value> {
    if let Value::Array(list) = result
        && list.iter().all(Value::is_object)
    {
        return Ok(result.clone());
    }
    let config = project.config();
    let tree = config.template();
    let bad = || {
        ApiError::field("result", "The result must be a list of regions, or a value of one of the controls.")
    };
    let fits = |kind: &str| match result {
        Value::Object(o) => o.contains_key(if kind == "textarea" { "text" } else { kind }),
        Value::Number(_) => matches!(kind, "rating" | "number"),
        Value::String(_) => matches!(kind, "choices" | "textarea"),
        _ => false,
    };
    let control = tree.controls().find(|c| fits(&c.kind)).ok_or_else(bad)?;
    let value = match result {
        Value::Object(_) => result.clone(),
        Value::Number(n) => json!({control.kind.clone(): n}),
        Value::String(s) if control.kind == "textarea" => json!({"text": [s]}),
        other => json!({control.kind.clone(): [other]}),
    };
    Ok(json!([{
        "from_name": control.name, "to_name": control.to_names.first(), "type": control.kind, "value": value,
    }]))
}

/// A score is a number or nothing.
fn score_of(body: &Value) -> ApiResult<Option<Option<f64>>> {
    match body.get("score") {
        None => Ok(None),
        Some(Value::Null) => Ok(Some(None)),
        Some(_) => Ok(Some(lenient::number_in(body, "score")?)),
    }
}

fn version_of(body: &Value) -> ApiResult<Option<&str>> {
    match body.get("model_version") {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(version)) => Ok(Some(version)),
        Some(_) => Err(ApiError::field("model_version", "Not a valid string.")),
    }
}

pub async fn create(
    State(state): State<AppState>,
    caller: Caller,
    JsonObject(body): JsonObject,
) -> ApiResult<(StatusCode, Json<Value>)> {
    let id = lenient::needed_id(&body, "task")?;
    let task = tasks::find(&state, &caller, id).await?;
    let project = projects::find(&state, &caller, task.project).await?;
    let result = body.get("result").ok_or_else(|| ApiError::field("result", "This field is required."))?;
    score_of(&body)?;
    version_of(&body)?;
    let mut draft = PredictionDraft::from_value(&body);
    draft.result = regions(&project, result)?;
    let tx = state.db.write().await?;
    let new = predictions::insert(&*tx, id, task.project, &draft).await?;
    task_store::refresh(&*tx, id, None).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(find(&state, &caller, new).await?.to_json())))
}

async fn find(state: &AppState, caller: &Caller, id: i64) -> ApiResult<Prediction> {
    predictions::get(state.db.read(), caller.organization(), id)
        .await?
        .ok_or_else(|| ApiError::not_found("Prediction"))
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
    let mut p = find(&state, &caller, id).await?;
    if let Some(result) = body.get("result") {
        let project = projects::find(&state, &caller, p.project).await?;
        p.result = regions(&project, result)?;
    }
    if let Some(score) = score_of(&body)? {
        p.score = score;
    }
    if let Some(version) = version_of(&body)? {
        version.clone_into(&mut p.model_version);
    }
    let tx = state.db.write().await?;
    predictions::update(&*tx, &p).await?;
    task_store::refresh(&*tx, p.task, None).await?;
    tx.commit().await?;
    Ok(Json(find(&state, &caller, id).await?.to_json()))
}

pub async fn delete(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<i64>,
) -> ApiResult<StatusCode> {
    let p = find(&state, &caller, id).await?;
    let tx = state.db.write().await?;
    predictions::delete(&*tx, id).await?;
    task_store::refresh(&*tx, p.task, None).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
