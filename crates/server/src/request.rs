//! What is known of the request that is being answered, wherever the code is: its id and who asks.
//!
//! The id is the `X-Request-Id` that came in, if it is one a log can hold, else a new one. It stands in every log line of
//! the request, in the answer's header, in the body of an error, and in the jobs that the request has queued.

use axum::http::HeaderMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use uuid::Uuid;

pub const HEADER: &str = "x-request-id";
/// Longer ids are not taken over; nobody could find them again.
const LONGEST: usize = 128;

tokio::task_local! {
    static CURRENT: Arc<Context>;
}

#[derive(Debug)]
pub struct Context {
    pub id: String,
    /// 0 until somebody has been recognised.
    user: AtomicI64,
    /// Scheme and host by which the client calls the server; for links back to it, and nothing else.
    origin: Option<String>,
}

impl Context {
    pub fn of(headers: &HeaderMap) -> Arc<Self> {
        let given = headers.get(HEADER).and_then(|v| v.to_str().ok()).filter(|id| is_sane(id));
        let id = given.map_or_else(|| Uuid::new_v4().to_string(), str::to_owned);
        Arc::new(Self { id, user: AtomicI64::new(0), origin: origin_of(headers) })
    }

    pub fn user(&self) -> Option<i64> {
        Some(self.user.load(Ordering::Relaxed)).filter(|id| *id != 0)
    }
}

fn is_sane(id: &str) -> bool {
    (8..=LONGEST).contains(&id.len())
        && id.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
}

fn origin_of(headers: &HeaderMap) -> Option<String> {
    let text = |name: &str| headers.get(name).and_then(|v| v.to_str().ok());
    let host = text("host").filter(|host| {
        host.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b':' | b'-' | b'[' | b']'))
    })?;
    let scheme = if text("x-forwarded-proto") == Some("https") { "https" } else { "http" };
    Some(format!("{scheme}://{host}"))
}

/// Scheme and host by which the client calls; nothing outside of a request.
pub fn origin() -> Option<String> {
    CURRENT.try_with(|context| context.origin.clone()).ok().flatten()
}

/// Runs what answers a request.
pub async fn scope<F: Future>(context: Arc<Context>, work: F) -> F::Output {
    CURRENT.scope(context, work).await
}

/// The id of the request that is being answered; nothing outside of one.
pub fn id() -> Option<String> {
    CURRENT.try_with(|context| context.id.clone()).ok()
}

/// Notes who asks, for the log.
pub fn set_user(user: i64) {
    let _ = CURRENT.try_with(|context| context.user.store(user, Ordering::Relaxed));
}

/// The id of an error body, which clients expect to be a UUID: the request's own where it is one.
pub fn error_id() -> Uuid {
    id().and_then(|id| Uuid::parse_str(&id).ok()).unwrap_or_else(Uuid::new_v4)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_lead_back_where_the_client_came_from() {
        let origin = |pairs: &[(&'static str, &str)]| {
            let mut headers = HeaderMap::new();
            for (name, value) in pairs {
                headers.insert(*name, value.parse().unwrap());
            }
            Context::of(&headers).origin.clone()
        };
        assert_eq!(origin(&[("host", "localhost:8080")]).as_deref(), Some("http://localhost:8080"));
        assert_eq!(
            origin(&[("host", "[::1]:80"), ("x-forwarded-proto", "https")]).as_deref(),
            Some("https://[::1]:80")
        );
        assert_eq!(origin(&[("host", "a/b?c")]), None);
        assert_eq!(origin(&[]), None);
    }

    #[test]
    fn ids_from_outside_are_taken_if_a_log_can_hold_them() {
        let id = |text: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(HEADER, text.parse().unwrap());
            Context::of(&headers).id.clone()
        };
        assert_eq!(id("0af7651916cd43dd8448eb211c80319c"), "0af7651916cd43dd8448eb211c80319c");
        assert_eq!(id("proxy-7.2026_11"), "proxy-7.2026_11");
        for odd in ["short", "two words in it", "line%0abreak{}", "\"quoted id\"", &"x".repeat(129)] {
            assert_eq!(id(odd).len(), 36, "{odd}");
        }
    }
}
