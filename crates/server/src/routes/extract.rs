//! axum's extractors with our errors: every refusal is the JSON body of spec/server.md 2.1.

use crate::error::ApiError;
use crate::state::AppState;
use axum::body::Bytes;
use axum::extract::multipart::MultipartError;
use axum::extract::rejection::{JsonRejection, PathRejection, QueryRejection};
use axum::extract::{FromRequest, FromRequestParts, Multipart, Request};
use axum::http::{StatusCode, header};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use std::time::Duration;
use tokio_stream::StreamExt;
use url::form_urlencoded;

/// Parameters of a path; one that cannot be an id names nothing, which is 404.
#[derive(Debug, FromRequestParts)]
#[from_request(via(axum::extract::Path), rejection(ApiError))]
pub struct Path<T>(pub T);

/// Query parameters; a wrong one is named.
#[derive(Debug, FromRequestParts)]
#[from_request(via(axum::extract::Query), rejection(ApiError))]
pub struct Query<T>(pub T);

/// A JSON body of a known type.
#[derive(Debug, FromRequest)]
#[from_request(via(axum::Json), rejection(ApiError))]
pub struct Form<T>(pub T);

/// A body of a known type, as JSON or as what an HTML form sends.
#[derive(Debug)]
pub struct Fields<T>(pub T);

/// A JSON object; no body at all counts as an empty one.
#[derive(Debug)]
pub struct JsonObject(pub Value);

/// Any JSON.
#[derive(Debug)]
pub struct AnyJson(pub Value);

impl From<PathRejection> for ApiError {
    fn from(_: PathRejection) -> Self {
        Self::NotFound("Not found: the address holds no valid id.".into())
    }
}

impl From<QueryRejection> for ApiError {
    fn from(e: QueryRejection) -> Self {
        Self::BadRequest(e.body_text())
    }
}

impl From<JsonRejection> for ApiError {
    fn from(e: JsonRejection) -> Self {
        match e {
            JsonRejection::MissingJsonContentType(e) => {
                Self::Status(StatusCode::UNSUPPORTED_MEDIA_TYPE, e.body_text())
            }
            e if e.status() == StatusCode::PAYLOAD_TOO_LARGE => Self::TooLarge(e.body_text()),
            e => Self::BadRequest(format!("JSON parse error - {}", e.body_text())),
        }
    }
}

/// The length that a request announces.
pub(crate) fn announced(request: &Request) -> Option<u64> {
    request.headers().get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// Reads what is left of a body that is refused: a client that is still sending when the connection closes sees a broken
/// line instead of the answer.
pub(crate) async fn drain(request: Request) {
    let mut left = 4u64 << 30;
    let mut body = request.into_body().into_data_stream();
    let all = async {
        while let Some(Ok(piece)) = body.next().await {
            left = left.saturating_sub(piece.len() as u64);
            if left == 0 {
                break;
            }
        }
    };
    let _ = tokio::time::timeout(Duration::from_secs(60), all).await;
}

/// `size` is what was announced, or the first number that was too much.
pub(crate) fn too_large(size: u64, limit: usize) -> ApiError {
    let mb = |n: f64| if n < 1e5 { format!("{:.1} kB", n / 1e3) } else { format!("{:.1} MB", n / 1e6) };
    ApiError::TooLarge(format!(
        "The request has {}, the limit is {}. Send it in parts, or raise DATA_UPLOAD_MAX_MEMORY_SIZE.",
        mb(size as f64),
        mb(limit as f64)
    ))
}

impl FromRequest<AppState> for AnyJson {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &AppState) -> Result<Self, ApiError> {
        let (length, limit) = (announced(&request), state.settings.upload_limit);
        if let Some(length) = length.filter(|l| *l > limit as u64) {
            drain(request).await;
            return Err(too_large(length, limit));
        }
        let kind = content_type(&request).to_owned();
        if kind.starts_with(MULTIPART) {
            return Ok(Self(Value::Object(multipart(request, state).await?.into_iter().map(read).collect())));
        }
        let bytes = Bytes::from_request(request, state).await.map_err(|e| {
            if e.status() == StatusCode::PAYLOAD_TOO_LARGE {
                too_large(length.unwrap_or(limit as u64 + 1), limit)
            } else {
                ApiError::BadRequest(format!("The request broke off: {}", e.body_text()))
            }
        })?;
        if bytes.is_empty() {
            return Ok(Self(Value::Object(serde_json::Map::new())));
        }
        // Command line clients call JSON a form unless they are told otherwise.
        if kind.starts_with(URLENCODED) && !matches!(bytes.trim_ascii_start().first(), Some(b'{' | b'[')) {
            let fields = form_urlencoded::parse(&bytes).map(|(name, value)| (name.into(), value.into()));
            return Ok(Self(Value::Object(fields.map(read).collect())));
        }
        serde_json::from_slice(&bytes)
            .map(Self)
            .map_err(|e| ApiError::BadRequest(format!("JSON parse error - {e}")))
    }
}

const URLENCODED: &str = "application/x-www-form-urlencoded";
const MULTIPART: &str = "multipart/form-data";

fn content_type(request: &Request) -> &str {
    request.headers().get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default()
}

/// The text fields of a form that may hold files; of two with one name the last counts.
async fn multipart(request: Request, state: &AppState) -> Result<Vec<(String, String)>, ApiError> {
    let limit = state.settings.upload_limit;
    let wrong = |text: String| ApiError::BadRequest(format!("The form cannot be read: {text}"));
    let broken = |e: MultipartError| match e.status() {
        StatusCode::PAYLOAD_TOO_LARGE => too_large(limit as u64 + 1, limit),
        _ => wrong(e.body_text()),
    };
    let mut form = Multipart::from_request(request, state).await.map_err(|e| wrong(e.body_text()))?;
    let mut fields = Vec::new();
    while let Some(field) = form.next_field().await.map_err(broken)? {
        let name = field.name().unwrap_or_default().to_owned();
        fields.push((name, field.text().await.map_err(broken)?));
    }
    Ok(fields)
}

/// A field of a form: lists and objects stand in it as JSON, the rest is text.
fn read((name, text): (String, String)) -> (String, Value) {
    let structured = text.trim_start().starts_with(['{', '[']);
    let value = structured.then(|| serde_json::from_str(&text).ok()).flatten();
    (name, value.unwrap_or(Value::String(text)))
}

impl FromRequest<AppState> for JsonObject {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &AppState) -> Result<Self, ApiError> {
        let AnyJson(body) = AnyJson::from_request(request, state).await?;
        if body.is_object() {
            return Ok(Self(body));
        }
        Err(ApiError::items(vec!["Invalid data: the body must be a JSON object.".into()]))
    }
}

impl<T: DeserializeOwned> FromRequest<AppState> for Fields<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &AppState) -> Result<Self, ApiError> {
        let kind = content_type(&request);
        let wrong = |e: &dyn std::fmt::Display| ApiError::BadRequest(format!("The form cannot be read: {e}"));
        if kind.starts_with(URLENCODED) {
            let axum::Form(fields) =
                axum::Form::<T>::from_request(request, state).await.map_err(|e| wrong(&e.body_text()))?;
            return Ok(Self(fields));
        }
        if kind.starts_with(MULTIPART) {
            let fields: Map<String, Value> = multipart(request, state)
                .await?
                .into_iter()
                .map(|(name, text)| (name, text.into()))
                .collect();
            return serde_json::from_value(Value::Object(fields)).map(Self).map_err(|e| wrong(&e));
        }
        let Form(fields) = Form::<T>::from_request(request, state).await?;
        Ok(Self(fields))
    }
}
