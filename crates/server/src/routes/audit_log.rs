//! The audit log over HTTP.

use crate::audit;
use crate::auth::Owner;
use crate::error::{ApiError, ApiResult};
use crate::routes::extract::Query;
use crate::routes::paging::Page;
use crate::state::AppState;
use axum::Json;
use axum::extract::State;
use axum::http::Uri;
use serde::Deserialize;
use serde_json::Value;

#[derive(Debug, Deserialize)]
pub struct ListQuery {
    page: Option<u64>,
    page_size: Option<i64>,
    action: Option<String>,
    user: Option<String>,
}

/// The audit log, for the owner: newest first, by action, by person (id or e-mail).
pub async fn list(
    State(state): State<AppState>,
    Owner(caller): Owner,
    uri: Uri,
    Query(query): Query<ListQuery>,
) -> ApiResult<Json<Value>> {
    let mut filter = audit::Filter { organization: Some(caller.organization()), ..audit::Filter::default() };
    if let Some(name) = query.action.as_deref().filter(|n| !n.is_empty()) {
        filter.action = Some(audit::Action::by_name(name).ok_or_else(|| {
            ApiError::field(
                "action",
                format!("There is no action {name:?}; there are {}.", audit::Action::names()),
            )
        })?);
    }
    match query.user.as_deref().filter(|u| !u.is_empty()) {
        Some(text) if text.contains('@') => filter.email = Some(text.to_owned()),
        Some(text) => {
            filter.user = Some(text.parse().map_err(|_| {
                ApiError::field("user", format!("Give the id or the e-mail of a user, not {text:?}."))
            })?);
        }
        None => {}
    }
    let page = Page::of(query.page, query.page_size, 50, 1000)?;
    let total = audit::count(state.db.read(), &filter).await?;
    page.check(total)?;
    let found = audit::list(state.db.read(), &filter, page.size, page.offset()).await?;
    let results: Vec<Value> = found.iter().map(audit::Entry::to_json).collect();
    Ok(Json(page.answer(&state, &uri, total, results)))
}
