//! For those who run the server: is it up, is it ready, its numbers.

use crate::auth::csrf::same;
use crate::db;
use crate::error::ApiError;
use crate::state::AppState;
use axum::Json;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::time::Duration;

/// A database that takes longer is no help to anybody.
const PATIENCE: Duration = Duration::from_secs(2);
/// Headers by which a proxy says that it asks for somebody else.
const FORWARDED: &[&str] = &["forwarded", "x-forwarded-for", "x-real-ip", "via"];

/// The process runs; what it needs may be away.
pub async fn health() -> Json<Value> {
    Json(json!({"status": "UP"}))
}

/// Whether requests would be answered: the database answers, the media can be written, the server is not stopping.
pub async fn ready(State(state): State<AppState>) -> Response {
    let asked = tokio::time::timeout(PATIENCE, db::one(state.db.read(), "SELECT 1", vec![]));
    let checked = state.clone();
    let media = tokio::task::spawn_blocking(move || checked.files.check());
    let media = tokio::time::timeout(PATIENCE, media);
    let (database, media) = tokio::join!(asked, media);
    let database = matches!(database, Ok(Ok(_)));
    let media = matches!(media, Ok(Ok(Ok(()))));
    let stopping = state.jobs.is_stopping();
    let word = |up: bool| if up { "up" } else { "down" };
    let ready = database && media && !stopping;
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let body = json!({
        "status": if ready { "READY" } else if stopping { "STOPPING" } else { "NOT READY" },
        "database": word(database),
        "media": word(media),
    });
    (status, Json(body)).into_response()
}

/// With `METRICS_TOKEN` for its holders, without for direct calls from this machine only.
pub async fn metrics(State(state): State<AppState>, request: Request) -> Result<Response, ApiError> {
    let headers = request.headers();
    if let Some(token) = &state.settings.metrics_token {
        let given = headers.get(header::AUTHORIZATION).and_then(|v| v.to_str().ok()).unwrap_or_default();
        let given = given.strip_prefix("Bearer ").unwrap_or_default();
        if !same(given.trim().as_bytes(), token.as_bytes()) {
            return Err(ApiError::UnauthorizedBecause(
                "The metrics need the token of METRICS_TOKEN as Bearer.",
            ));
        }
    } else {
        let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip());
        let direct = !FORWARDED.iter().any(|name| headers.contains_key(*name));
        if !(direct && peer.is_some_and(|ip| ip.to_canonical().is_loopback())) {
            return Err(ApiError::Forbidden(
                "The metrics are for this machine only; set METRICS_TOKEN to read them from elsewhere."
                    .into(),
            ));
        }
    }
    let text = state.metrics.render(&state).await;
    Ok(([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text).into_response())
}
