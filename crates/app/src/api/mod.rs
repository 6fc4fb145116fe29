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
    /// What is wrong with single fields, by their names; these lines are among `lines` too.
    pub fields: Vec<(String, String)>,
    /// The object as it is now, where somebody had changed it before (status 412).
    pub current: Option<Box<Value>>,
}

impl ApiError {
    pub fn text(&self) -> String {
        self.lines.join(" ")
    }

    /// The session has ended.
    pub fn is_signed_out(&self) -> bool {
        self.status == 401
    }

    /// The object is not there, or not any more.
    pub fn is_missing(&self) -> bool {
        self.status == 404
    }

    /// A failure in words, of no answer.
    pub fn of(line: impl Into<String>) -> Self {
        Self { status: 0, lines: vec![line.into()], fields: Vec::new(), current: None }
    }

    /// What is wrong with a field.
    pub fn at(&self, field: &str) -> Option<String> {
        let texts: Vec<_> =
            self.fields.iter().filter(|(name, _)| name == field).map(|(_, t)| t.as_str()).collect();
        (!texts.is_empty()).then(|| texts.join(" "))
    }

    /// What it says of no field in `known`, or of none at all.
    pub fn beside(&self, known: &[&str]) -> Option<String> {
        if self.fields.is_empty() {
            return Some(self.text());
        }
        let other = self.fields.iter().filter(|(name, _)| !known.contains(&name.as_str()));
        let texts: Vec<_> = other
            .map(|(name, text)| if name == ANY { text.clone() } else { format!("{name}: {text}") })
            .collect();
        (!texts.is_empty()).then(|| texts.join(" "))
    }

    /// An error from an answer's status and body.
    pub fn from_answer(status: u16, body: &str) -> Self {
        let read = serde_json::from_str::<ErrorBody>(body).unwrap_or_default();
        let (mut lines, fields) = (read.lines(), read.fields());
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
        Self { status, lines, fields, current: read.current.map(Box::new) }
    }

    pub fn offline() -> Self {
        Self::of("The server cannot be reached.")
    }
}

/// Where the server puts what is wrong with no single field.
const ANY: &str = "non_field_errors";

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

/// What a write asks beside its body.
#[derive(Clone, Copy, Debug, Default)]
pub struct Terms<'a> {
    /// A write with the same key is done once, however often it is sent.
    pub key: Option<&'a str>,
    /// `updated_at` of the object as it was last seen: another one refuses the write (status 412).
    pub version: Option<&'a str>,
}

async fn send(method: Method, url: &str, body: Option<&Value>, terms: Terms<'_>) -> ApiResult<String> {
    let mut request = RequestBuilder::new(url).method(method).header("x-csrftoken", &csrf());
    if let Some(key) = terms.key {
        request = request.header("idempotency-key", key);
    }
    if let Some(version) = terms.version {
        request = request.header("if-match", &format!("\"{version}\""));
    }
    let answer: Response = match body {
        Some(body) => match request.json(body) {
            Ok(request) => request.send().await,
            Err(e) => return Err(ApiError::of(e.to_string())),
        },
        None => request.send().await,
    }
    .map_err(|_| ApiError::offline())?;
    let text = answer.text().await.unwrap_or_default();
    if answer.ok() { Ok(text) } else { Err(ApiError::from_answer(answer.status(), &text)) }
}

fn parse<T: DeserializeOwned>(text: &str) -> ApiResult<T> {
    serde_json::from_str(text).map_err(|e| ApiError::of(format!("The server's answer cannot be read: {e}.")))
}

pub async fn get<T: DeserializeOwned>(url: &str) -> ApiResult<T> {
    parse(&send(Method::GET, url, None, Terms::default()).await?)
}

pub async fn post<T: DeserializeOwned>(url: &str, body: &Value) -> ApiResult<T> {
    parse(&send(Method::POST, url, Some(body), Terms::default()).await?)
}

/// A write that may be sent again: the same key never makes a second object.
pub async fn post_once<T: DeserializeOwned>(url: &str, body: &Value, key: &str) -> ApiResult<T> {
    parse(&send(Method::POST, url, Some(body), Terms { key: Some(key), version: None }).await?)
}

/// A write whose answer says nothing.
pub async fn post_for_nothing(url: &str, body: &Value) -> ApiResult<()> {
    send(Method::POST, url, Some(body), Terms::default()).await.map(|_| ())
}

pub async fn patch<T: DeserializeOwned>(url: &str, body: &Value) -> ApiResult<T> {
    patch_on(url, body, Terms::default()).await
}

pub async fn patch_on<T: DeserializeOwned>(url: &str, body: &Value, terms: Terms<'_>) -> ApiResult<T> {
    parse(&send(Method::PATCH, url, Some(body), terms).await?)
}

pub async fn delete(url: &str) -> ApiResult<()> {
    delete_on(url, Terms::default()).await
}

pub async fn delete_on(url: &str, terms: Terms<'_>) -> ApiResult<()> {
    send(Method::DELETE, url, None, terms).await.map(|_| ())
}

/// A write without a body whose answer is of no interest.
pub async fn post_empty(url: &str) -> ApiResult<()> {
    send(Method::POST, url, None, Terms::default()).await.map(|_| ())
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
        let body =
            r#"{"detail":"Validation error","validation_errors":{"bucket":["too short"],"x":["odd"]}}"#;
        let error = ApiError::from_answer(400, body);
        assert_eq!(error.at("bucket").as_deref(), Some("too short"));
        assert_eq!(error.beside(&["bucket"]).as_deref(), Some("x: odd"));
        assert_eq!(error.beside(&["bucket", "x"]), None);
        assert_eq!(ApiError::of("gone").beside(&["bucket"]).as_deref(), Some("gone"));
        let body = r#"{"detail":"changed","current":{"id":7}}"#;
        assert_eq!(ApiError::from_answer(412, body).current, Some(Box::new(serde_json::json!({"id": 7}))));
        assert!(ApiError::from_answer(401, "{}").is_signed_out());
        assert_eq!(ApiError::from_answer(413, "").text(), "The upload is larger than the server allows.");
        assert!(ApiError::from_answer(502, "<html>").text().contains("502"));
    }
}
