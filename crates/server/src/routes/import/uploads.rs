//! The files that a project's tasks came from.

use super::yes;
use crate::auth::Caller;
use crate::db;
use crate::error::ApiResult;
use crate::routes::extract::{JsonObject, Path, Query};
use crate::routes::projects;
use crate::state::AppState;
use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use serde_json::{Value, json};

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
    let files: Vec<String> = rows.iter().map(|row| row.try_get("", "file")).collect::<Result<_, _>>()?;
    state.media.forget(files).await;
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
