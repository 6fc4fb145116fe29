//! Calls to the server: JSON in and out, CSRF, errors in words.

mod upload;

pub use upload::upload;

use gloo_net::http::{Method, RequestBuilder, Response};
use serde::de::DeserializeOwned;
use serde_json::Value;
use tagloom_api::ErrorBody;
use wasm_bindgen::JsCast;

/// Why a call failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiError {
    /// 0 where no answer came at all.
    pub status: u16,
    pub lines: Vec<String>,
}

impl ApiError {
    pub fn text(&self) -> String {
        self.lines.join(" ")
    }

    /// The session has ended.
    pub fn is_signed_out(&self) -> bool {
        self.status == 401
    }

    /// An error from an answer's status and body.
    pub fn from_answer(status: u16, body: &str) -> Self {
        let mut lines = serde_json::from_str::<ErrorBody>(body).map(|b| b.lines()).unwrap_or_default();
        match status {
            401 => lines = vec!["Your session has ended.".into()],
            413 if lines.is_empty() => lines = vec!["The upload is larger than the server allows.".into()],
            429 if lines.is_empty() => lines = vec!["Too many attempts; wait a little.".into()],
            500..=599 => {
                lines = vec![format!("The server has a problem (status {status}). Nothing was changed.")]
            }
            _ if lines.is_empty() => lines = vec![format!("The server answered with status {status}.")],
            _ => {}
        }
        Self { status, lines }
    }

    pub fn offline() -> Self {
        Self { status: 0, lines: vec!["The server cannot be reached.".into()] }
    }
}

pub type ApiResult<T> = Result<T, ApiError>;

/// The CSRF cookie, which writes must repeat in a header.
fn csrf() -> String {
    let cookies = web_sys::window()
        .and_then(|w| w.document())
        .and_then(|d| d.dyn_into::<web_sys::HtmlDocument>().ok())
        .and_then(|d| d.cookie().ok())
        .unwrap_or_default();
    csrf_of(&cookies)
}

fn csrf_of(cookies: &str) -> String {
    cookies.split(';').find_map(|c| c.trim().strip_prefix("csrftoken=")).unwrap_or_default().to_owned()
}

async fn send(method: Method, url: &str, body: Option<&Value>, key: Option<&str>) -> ApiResult<String> {
    let mut request = RequestBuilder::new(url).method(method).header("x-csrftoken", &csrf());
    if let Some(key) = key {
        request = request.header("idempotency-key", key);
    }
    let answer: Response = match body {
        Some(body) => match request.json(body) {
            Ok(request) => request.send().await,
            Err(e) => return Err(ApiError { status: 0, lines: vec![e.to_string()] }),
        },
        None => request.send().await,
    }
    .map_err(|_| ApiError::offline())?;
    let text = answer.text().await.unwrap_or_default();
    if answer.ok() { Ok(text) } else { Err(ApiError::from_answer(answer.status(), &text)) }
}

fn parse<T: DeserializeOwned>(text: &str) -> ApiResult<T> {
    serde_json::from_str(text)
        .map_err(|e| ApiError { status: 0, lines: vec![format!("The server's answer cannot be read: {e}.")] })
}

pub async fn get<T: DeserializeOwned>(url: &str) -> ApiResult<T> {
    parse(&send(Method::GET, url, None, None).await?)
}

pub async fn post<T: DeserializeOwned>(url: &str, body: &Value) -> ApiResult<T> {
    parse(&send(Method::POST, url, Some(body), None).await?)
}

/// A write that may be sent again: the same key never makes a second object.
pub async fn post_once<T: DeserializeOwned>(url: &str, body: &Value, key: &str) -> ApiResult<T> {
    parse(&send(Method::POST, url, Some(body), Some(key)).await?)
}

pub async fn patch<T: DeserializeOwned>(url: &str, body: &Value) -> ApiResult<T> {
    parse(&send(Method::PATCH, url, Some(body), None).await?)
}

pub async fn delete(url: &str) -> ApiResult<()> {
    send(Method::DELETE, url, None, None).await.map(|_| ())
}

/// A write whose answer has no body of interest.
pub async fn post_empty(url: &str) -> ApiResult<()> {
    send(Method::POST, url, None, None).await.map(|_| ())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_csrf_cookie_is_found_among_others() {
        assert_eq!(csrf_of("a=1; csrftoken=abc; b=2"), "abc");
        assert_eq!(csrf_of("xcsrftoken=abc"), "");
    }

    #[test]
    fn errors_say_what_to_do() {
        let body = r#"{"detail":"Validation error","validation_errors":{"non_field_errors":["task 2: text is missing"]}}"#;
        assert_eq!(ApiError::from_answer(400, body).text(), "task 2: text is missing");
        assert!(ApiError::from_answer(401, "{}").is_signed_out());
        assert_eq!(ApiError::from_answer(413, "").text(), "The upload is larger than the server allows.");
        assert!(ApiError::from_answer(502, "<html>").text().contains("502"));
    }
}
