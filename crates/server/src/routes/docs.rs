//! The document of the API, and the page that shows it.

use crate::error::ApiError;
use crate::openapi;
use crate::routes::extract::{Path, Query};
use crate::state::AppState;
use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::{Html, IntoResponse, Redirect, Response};
use serde::Deserialize;
use serde_json::Value;

pub async fn json(State(state): State<AppState>) -> Json<&'static Value> {
    Json(openapi::document(&state).await)
}

pub async fn yaml(State(state): State<AppState>) -> Response {
    ([(header::CONTENT_TYPE, "application/yaml; charset=utf-8")], openapi::yaml(&state).await).into_response()
}

pub async fn page() -> Html<&'static str> {
    Html(openapi::PAGE)
}

pub async fn file(Path(name): Path<String>) -> Result<Response, ApiError> {
    let found = openapi::FILES.iter().find(|(file, ..)| *file == name);
    let (_, kind, text) = found.ok_or_else(|| ApiError::not_found("File"))?;
    Ok(([(header::CONTENT_TYPE, *kind), (header::CACHE_CONTROL, "no-cache")], *text).into_response())
}

#[derive(Debug, Deserialize)]
pub struct FormatQuery {
    #[serde(default)]
    format: String,
}

/// `?format=openapi` is how older clients ask for the document.
pub async fn index(Query(query): Query<FormatQuery>) -> Redirect {
    Redirect::to(if query.format == "openapi" { "/docs/api/schema/json/" } else { "/docs/api/swagger-ui/" })
}

pub async fn to_json() -> Redirect {
    Redirect::to("/docs/api/schema/json/")
}

pub async fn to_page() -> Redirect {
    Redirect::to("/docs/api/swagger-ui/")
}
