//! A write that is authenticated by cookie must repeat the CSRF cookie in a header: other sites cannot read it.

use crate::error::ApiError;
use axum::http::HeaderMap;
use axum_extra::extract::CookieJar;

pub const COOKIE: &str = "csrftoken";
pub const HEADER: &str = "x-csrftoken";

pub fn check(jar: &CookieJar, headers: &HeaderMap) -> Result<(), ApiError> {
    let cookie = jar.get(COOKIE).map(|c| c.value()).unwrap_or_default();
    let header = headers.get(HEADER).and_then(|v| v.to_str().ok()).unwrap_or_default();
    if cookie.len() >= 32 && same(cookie.as_bytes(), header.as_bytes()) {
        return Ok(());
    }
    Err(ApiError::Forbidden("CSRF Failed: CSRF token missing or incorrect.".into()))
}

/// Equality that takes the same time wherever the difference is.
pub fn same(a: &[u8], b: &[u8]) -> bool {
    a.len() == b.len() && a.iter().zip(b).fold(0, |acc, (x, y)| acc | (x ^ y)) == 0
}
