//! What surrounds every answer: the request's id, one line of the log, the numbers.

use crate::metrics::{IN_FLIGHT, REQUEST_SECONDS, REQUESTS};
use crate::request::{self, Context};
use axum::body::Body;
use axum::extract::MatchedPath;
use axum::http::{HeaderValue, Method, Request};
use axum::middleware::Next;
use axum::response::Response;
use std::time::Instant;
use tracing::Instrument;

pub(super) async fn observe(request: Request<Body>, next: Next) -> Response {
    let context = Context::of(request.headers());
    let method = name(request.method());
    let path = request.uri().path().to_owned();
    let route = route(request.extensions().get::<MatchedPath>());
    let span = tracing::error_span!("request", request_id = context.id);
    let running = InFlight::new();
    let started = Instant::now();
    let mut response = request::scope(context.clone(), next.run(request)).instrument(span.clone()).await;
    let (status, took) = (response.status().as_u16(), started.elapsed());
    drop(running);
    metrics::counter!(REQUESTS, "method" => method, "route" => route.clone(), "status" => status.to_string())
        .increment(1);
    metrics::histogram!(REQUEST_SECONDS, "method" => method, "route" => route.clone())
        .record(took.as_secs_f64());
    span.in_scope(|| {
        let (ms, user) = (took.as_millis() as u64, context.user());
        tracing::info!(method, route, path, status, ms, user, request_id = context.id, "request");
    });
    if let Ok(id) = HeaderValue::from_str(&context.id) {
        response.headers_mut().insert(request::HEADER, id);
    }
    response
}

/// The template of the route, as the list has it; one name for all pages and files of the app.
fn route(matched: Option<&MatchedPath>) -> String {
    match matched.map(|m| m.as_str().trim_end_matches('/')) {
        Some(path) if !path.is_empty() => path.to_owned(),
        _ => "app".to_owned(),
    }
}

/// Methods can be invented by clients; labels cannot.
fn name(method: &Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "HEAD" => "HEAD",
        "POST" => "POST",
        "PUT" => "PUT",
        "PATCH" => "PATCH",
        "DELETE" => "DELETE",
        "OPTIONS" => "OPTIONS",
        _ => "other",
    }
}

/// Counted until it is dropped, also where the client goes away first.
struct InFlight;

impl InFlight {
    fn new() -> Self {
        metrics::gauge!(IN_FLIGHT).increment(1.0);
        Self
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        metrics::gauge!(IN_FLIGHT).decrement(1.0);
    }
}
