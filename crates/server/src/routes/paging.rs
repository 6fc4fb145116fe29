//! Lists in pages: `{"count", "next", "previous", "results"}` (spec/server.md 2.2).

use crate::error::{ApiError, ApiResult};
use crate::state::AppState;
use axum::http::Uri;
use serde_json::{Value, json};
use url::form_urlencoded;

/// Which page of a list is meant.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Page {
    pub(crate) number: u64,
    pub(crate) size: u64,
}

impl Page {
    pub(crate) fn of(number: Option<u64>, size: Option<i64>, default: u64, max: u64) -> ApiResult<Self> {
        let (number, size) = super::page(number, size, default, max)?;
        Ok(Self { number, size })
    }

    pub(crate) fn offset(self) -> u64 {
        (self.number - 1).saturating_mul(self.size)
    }

    /// A page behind the last one is not found: clients page until they meet it.
    pub(crate) fn check(self, total: i64) -> ApiResult<()> {
        if self.number > 1 && self.offset() >= total as u64 {
            return Err(ApiError::NotFound("Invalid page.".into()));
        }
        Ok(())
    }

    /// The answer; links repeat the rest of the query.
    pub(crate) fn answer(self, state: &AppState, uri: &Uri, total: i64, results: Vec<Value>) -> Value {
        let host = match state.settings.host.as_str() {
            "" => crate::request::origin().unwrap_or_default(),
            host => host.to_owned(),
        };
        let link = |number: u64| {
            let mut query = form_urlencoded::Serializer::new(String::new());
            for (key, value) in form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes()) {
                if key != "page" && key != "page_size" {
                    query.append_pair(&key, &value);
                }
            }
            query.append_pair("page", &number.to_string()).append_pair("page_size", &self.size.to_string());
            format!("{host}{}/?{}", uri.path().trim_end_matches('/'), query.finish())
        };
        let next = (self.number.saturating_mul(self.size) < total as u64).then(|| link(self.number + 1));
        let previous = (self.number > 1).then(|| link(self.number - 1));
        json!({"count": total, "next": next, "previous": previous, "results": results})
    }
}
