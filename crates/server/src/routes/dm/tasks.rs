//! The task list: a page of what a view or a query means.

use super::asked::Asked;
use crate::auth::Caller;
use crate::error::{ApiError, ApiResult};
use crate::routes::extract::Query;
use crate::routes::{page, tasks};
use crate::state::AppState;
use crate::store::{selected, tasks as task_store};
use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Debug, Deserialize)]
pub struct ListQuery {
    project: Option<i64>,
    view: Option<i64>,
    query: Option<String>,
    page: Option<u64>,
    page_size: Option<i64>,
    fields: Option<String>,
    /// An order for those who need no query.
    ordering: Option<String>,
    resolve_uri: Option<String>,
}

pub async fn list(
    State(state): State<AppState>,
    caller: Caller,
    Query(q): Query<ListQuery>,
) -> ApiResult<Json<Value>> {
    let mut asked = Asked::new(q.project, q.view, q.query.as_deref())?;
    if let Some(order) = q.ordering.filter(|order| !order.is_empty()) {
        asked.inline.entry("ordering").or_insert_with(|| json!([order]));
    }
    let (project, wanted) = asked.find(&state, &caller).await?;
    let conn = state.db.read();
    let (number, size) = page(q.page, q.page_size, 100, state.settings.max_page_size)?;
    let offset = (number - 1).saturating_mul(size);
    let (totals, ids) =
        tokio::try_join!(selected::totals(conn, &wanted), selected::page(conn, &wanted, size, offset))?;
    if number > 1 && offset >= totals.tasks as u64 {
        return Err(ApiError::NotFound("Invalid page.".into()));
    }
    let mut found = task_store::by_ids(conn, &ids).await?;
    tasks::name_undefined(conn, &mut found).await?;
    if tasks::resolves(q.resolve_uri.as_deref()) {
        tasks::resolve(&state, project.id, &mut found).await?;
    }
    let shown = if q.fields.as_deref() == Some("all") {
        tasks::complete(&state, &found, false).await?
    } else {
        tasks::brief(&state, &found).await?
    };
    Ok(Json(json!({
        "total_annotations": totals.annotations, "total_predictions": totals.predictions, "total": totals.tasks,
        "tasks": shown,
    })))
}
