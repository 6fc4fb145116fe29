//! The project as the data manager shows it.

use super::views::ProjectQuery;
use crate::auth::Caller;
use crate::error::{ApiError, ApiResult};
use crate::routes::extract::Query;
use crate::routes::projects;
use crate::state::AppState;
use axum::Json;
use axum::extract::State;
use serde_json::Value;

pub async fn get(
    State(state): State<AppState>,
    caller: Caller,
    Query(q): Query<ProjectQuery>,
) -> ApiResult<Json<Value>> {
    let id = q.project.ok_or_else(|| ApiError::field("project", "This field is required."))?;
    let project = projects::find(&state, &caller, id).await?;
    let mut object = projects::full(&state, &caller, &project, true).await?;
    for right in ["can_delete_tasks", "can_manage_annotations", "can_manage_tasks"] {
        object[right] = true.into();
    }
    for storage in ["source_syncing", "target_syncing"] {
        object[storage] = false.into();
    }
    object["task_count"] = object["task_number"].clone();
    object["annotation_count"] = object["total_annotations_number"].clone();
    Ok(Json(object))
}
