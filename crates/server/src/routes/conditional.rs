//! Versions of objects: `ETag` on answers, `If-Match` on changes (RFC 9110 section 13), `Idempotency-Key`.
//!
//! An object's version is its `updated_at`, which grows with every change, so clients that hold the object know it: also
//! from lists, where there is no header.

use crate::auth::Caller;
use crate::db::WriteTx;
use crate::error::{ApiError, ApiResult};
use crate::store::idempotency::{self, OTHER_USE, Use};
use axum::Json;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::Value;

/// The object with its version.
pub(crate) fn versioned(status: StatusCode, updated_at: &str, object: &impl Serialize) -> Response {
    let mut response = (status, Json(object)).into_response();
    if let Ok(tag) = HeaderValue::from_str(&format!("\"{updated_at}\"")) {
        response.headers_mut().insert(header::ETAG, tag);
    }
    response
}

/// Refuses a change of an object that is not the one the client has seen. `current` is what it should see now.
pub(crate) fn check(headers: &HeaderMap, updated_at: &str, current: impl FnOnce() -> Value) -> ApiResult<()> {
    let Some(wanted) = headers.get(header::IF_MATCH).and_then(|v| v.to_str().ok()) else { return Ok(()) };
    let matches = |tag: &str| {
        let tag = tag.trim().trim_start_matches("W/");
        tag == "*" || tag.trim_matches('"') == updated_at
    };
    if wanted.split(',').any(matches) {
        return Ok(());
    }
    let message = format!(
        "This was changed at {updated_at}, after you opened it. Nothing was overwritten; `current` is how it is now."
    );
    Err(ApiError::Stale(message, Box::new(current())))
}

/// The key by which a resend is known.
pub(crate) fn idempotency_key(headers: &HeaderMap) -> Option<String> {
    let key = headers.get("idempotency-key").and_then(|v| v.to_str().ok()).filter(|key| !key.is_empty());
    key.map(idempotency::shortened)
}

/// A request that may have come before.
#[derive(Debug)]
pub(crate) struct Resend {
    user: i64,
    key: Option<String>,
    target: String,
}

impl Resend {
    pub(crate) fn of(caller: &Caller, headers: &HeaderMap, target: String) -> Self {
        Self { user: caller.id(), key: idempotency_key(headers), target }
    }

    /// The object of the first time.
    pub(crate) async fn earlier(&self, tx: &WriteTx) -> ApiResult<Option<i64>> {
        let Some(key) = &self.key else { return Ok(None) };
        match idempotency::find(&**tx, self.user, key).await? {
            None => Ok(None),
            Some(earlier) if earlier.target == self.target => Ok(Some(earlier.object)),
            Some(_) => Err(ApiError::Status(StatusCode::UNPROCESSABLE_ENTITY, OTHER_USE.into())),
        }
    }

    pub(crate) async fn is_again(&self, tx: &WriteTx) -> ApiResult<bool> {
        Ok(self.earlier(tx).await?.is_some())
    }

    /// Notes the object in the transaction that makes or changes it.
    pub(crate) async fn remember(self, tx: &WriteTx, object: i64) -> ApiResult<()> {
        let Some(key) = &self.key else { return Ok(()) };
        let used = Use { target: self.target, object };
        Ok(idempotency::remember(&**tx, self.user, key, used).await?)
    }
}
