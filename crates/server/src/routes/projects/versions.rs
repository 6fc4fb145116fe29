//! The model versions of a project's predictions.

use super::find;
use crate::auth::Caller;
use crate::db;
use crate::error::{ApiError, ApiResult};
use crate::events::{self, Event};
use crate::routes::extract::{JsonObject, Path, Query};
use crate::state::AppState;
use crate::store::{projects, recount};
use axum::Json;
use axum::extract::State;
use sea_orm::Value as Sql;
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// Tasks whose predictions are deleted in one transaction.
const BATCH: i64 = 500;

#[derive(Debug, Deserialize)]
pub struct VersionsQuery {
    extended: Option<String>,
    include_live_models: Option<String>,
    limit: Option<u64>,
}

/// How many predictions there are of each version; with `extended` also since when, newest first.
pub async fn model_versions(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<i64>,
    Query(q): Query<VersionsQuery>,
) -> ApiResult<Json<Value>> {
    find(&state, &caller, id).await?;
    let yes = |text: Option<&str>| text.and_then(crate::settings::parse_bool).unwrap_or(false);
    let (extended, live) = (yes(q.extended.as_deref()), yes(q.include_live_models.as_deref()));
    let order = if extended || q.limit.is_some() { "latest DESC, model_version" } else { "model_version" };
    let sql = format!(
        "SELECT model_version, COUNT(*) AS n, MAX(created_at) AS latest FROM predictions WHERE project = $1 \
         GROUP BY model_version ORDER BY {order} LIMIT $2"
    );
    let values: Vec<Sql> = vec![id.into(), db::bounded(q.limit.unwrap_or(u64::MAX)).into()];
    let mut plain = Map::new();
    let mut list = Vec::new();
    for row in db::all(state.db.read(), &sql, values).await? {
        let (version, n) = (row.try_get::<String>("", "model_version")?, row.try_get::<i64>("", "n")?);
        list.push(
            json!({"model_version": version, "count": n, "latest": row.try_get::<String>("", "latest")?}),
        );
        plain.insert(version, n.into());
    }
    if !extended {
        return Ok(Json(plain.into()));
    }
    // There are no ML backends yet that could be live.
    Ok(Json(json!({"static": list, "live": if live { json!([]) } else { Value::Null }})))
}

/// Deletes all predictions of a version, some tasks at a time; what breaks off can be asked for again.
pub async fn delete_model_version(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<i64>,
    JsonObject(body): JsonObject,
) -> ApiResult<Json<Value>> {
    find(&state, &caller, id).await?;
    let version = body["model_version"]
        .as_str()
        .ok_or_else(|| ApiError::field("model_version", "This field is required."))?
        .to_owned();
    let look = "SELECT DISTINCT task FROM predictions WHERE project = $1 AND model_version = $2 ORDER BY task LIMIT $3";
    let mut deleted = 0;
    loop {
        let tx = state.db.write().await?;
        let rows = db::all(&*tx, look, vec![id.into(), version.clone().into(), BATCH.into()]).await?;
        let tasks: Vec<i64> = rows.iter().map(|row| row.try_get("", "task")).collect::<Result<_, _>>()?;
        if tasks.is_empty() {
            let found = projects::get_to_change(&*tx, caller.organization(), id).await?;
            if let Some(mut project) = found.filter(|p| p.setting_str("model_version") == version) {
                project.settings.insert("model_version".into(), "".into());
                projects::update(&*tx, &project).await?;
                recount::scores(&*tx, id).await?;
                events::emit(&tx, id, Event::ProjectUpdated).await?;
            }
            tx.commit().await?;
            return Ok(Json(json!({"deleted_predictions": deleted})));
        }
        let list = db::placeholders(3, tasks.len());
        let sql =
            format!("DELETE FROM predictions WHERE project = $1 AND model_version = $2 AND task IN ({list})");
        let mut values: Vec<Sql> = vec![id.into(), version.clone().into()];
        values.extend(tasks.iter().map(|&task| Sql::from(task)));
        deleted += db::run(&*tx, &sql, values).await?.rows_affected();
        recount::some(&*tx, id, &tasks, None).await?;
        tx.commit().await?;
    }
}
