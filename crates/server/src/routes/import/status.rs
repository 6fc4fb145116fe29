//! How far an import is, for clients that ask (spec/server.md 3.2).

use crate::auth::Caller;
use crate::error::{ApiError, ApiResult};
use crate::routes::extract::Path;
use crate::routes::projects;
use crate::state::AppState;
use crate::store::imports::{self, Brings};
use axum::Json;
use axum::extract::State;
use serde_json::Value;

async fn find(state: &AppState, caller: &Caller, project: i64, id: i64, again: bool) -> ApiResult<Value> {
    projects::find(state, caller, project).await?;
    let conn = state.db.read();
    let found = imports::get(conn, id).await?;
    let found = found
        .filter(|import| import.project == project && (import.brings == Brings::TasksAgain) == again)
        .ok_or_else(|| ApiError::not_found("Import"))?;
    let shown = found.options.return_task_ids && found.status == "completed";
    let ids = if shown { imports::made(conn, id).await? } else { Vec::new() };
    Ok(found.to_json(ids))
}

pub async fn imported(
    State(state): State<AppState>,
    caller: Caller,
    Path((project, id)): Path<(i64, i64)>,
) -> ApiResult<Json<Value>> {
    Ok(Json(find(&state, &caller, project, id, false).await?))
}

pub async fn reimported(
    State(state): State<AppState>,
    caller: Caller,
    Path((project, id)): Path<(i64, i64)>,
) -> ApiResult<Json<Value>> {
    Ok(Json(find(&state, &caller, project, id, true).await?))
}
