//! The one error of all handlers, and its JSON body (spec/server.md 2.1).

use crate::db::{self, Trouble};
use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};

/// What a client is told. Internal causes go to the log, never into the answer.
#[derive(Debug, thiserror::Error)]
pub enum ApiError {
    #[error("{0}")]
    BadRequest(String),
    #[error("Validation error")]
    Validation(Map<String, Value>),
    #[error("Authentication credentials were not provided.")]
    Unauthorized,
    #[error("{0}")]
    UnauthorizedBecause(&'static str),
    #[error("{0}")]
    Forbidden(String),
    #[error("{0}")]
    NotFound(String),
    #[error("{0}")]
    Conflict(String),
    #[error("{0}")]
    TooLarge(String),
    #[error("{0}")]
    TooManyRequests(String),
    /// The same with the seconds after which another try may go through.
    #[error("{1}")]
    TryAgainIn(u64, String),
    #[error("{1}")]
    Status(StatusCode, String),
    /// Somebody changed the object since the caller read it; the answer holds it as it is now.
    #[error("{0}")]
    Stale(String, Box<Value>),
    #[error("{}", Trouble::of(.0).message())]
    Database(#[from] sea_orm::DbErr),
    #[error("{}", internal(.0))]
    Internal(#[from] anyhow::Error),
}

pub type ApiResult<T> = Result<T, ApiError>;

impl ApiError {
    pub fn not_found(what: &str) -> Self {
        Self::NotFound(format!("{what} not found."))
    }

    /// A validation error of one field.
    pub fn field(field: &str, message: impl Into<String>) -> Self {
        Self::fields([(field, vec![message.into()])])
    }

    pub fn fields<'a>(fields: impl IntoIterator<Item = (&'a str, Vec<String>)>) -> Self {
        Self::Validation(fields.into_iter().map(|(f, m)| (f.to_owned(), m.into())).collect())
    }

    /// Errors that belong to no single field.
    pub fn items(messages: Vec<String>) -> Self {
        Self::fields([("non_field_errors", messages)])
    }

    pub fn status(&self) -> StatusCode {
        match self {
            Self::BadRequest(_) | Self::Validation(_) => StatusCode::BAD_REQUEST,
            Self::Unauthorized | Self::UnauthorizedBecause(_) => StatusCode::UNAUTHORIZED,
            Self::Forbidden(_) => StatusCode::FORBIDDEN,
            Self::NotFound(_) => StatusCode::NOT_FOUND,
            Self::Conflict(_) => StatusCode::CONFLICT,
            Self::TooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
            Self::TooManyRequests(_) | Self::TryAgainIn(..) => StatusCode::TOO_MANY_REQUESTS,
            Self::Status(status, _) => *status,
            Self::Stale(..) => StatusCode::PRECONDITION_FAILED,
            Self::Database(_) | Self::Internal(_) => match self.trouble() {
                Some(trouble) if trouble.passes() => StatusCode::SERVICE_UNAVAILABLE,
                Some(Trouble::Full) => StatusCode::INSUFFICIENT_STORAGE,
                Some(_) | None => StatusCode::INTERNAL_SERVER_ERROR,
            },
        }
    }

    /// The trouble of the database or of a disk behind the error.
    pub fn trouble(&self) -> Option<Trouble> {
        match self {
            Self::Database(e) => Some(Trouble::of(e)),
            Self::Internal(e) => db::behind(e),
            _ => None,
        }
    }

    /// The body that clients get.
    pub fn body(&self) -> Value {
        let mut body = json!({
            "id": uuid::Uuid::new_v4().to_string(),
            "status_code": self.status().as_u16(),
            "version": crate::routes::misc::RELEASE,
            "detail": self.to_string(),
            "exc_info": null,
        });
        match self {
            Self::Validation(fields) => body["validation_errors"] = Value::Object(fields.clone()),
            Self::Stale(_, current) => body["current"] = (**current).clone(),
            _ => {}
        }
        body
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let status = self.status();
        let id = crate::request::error_id();
        let trouble = self.trouble();
        match &self {
            Self::Database(e) => tracing::error!(error_id = %id, "database error: {e}"),
            Self::Internal(e) => tracing::error!(error_id = %id, "internal error: {e:#}"),
            _ => {}
        }
        if let Some(trouble) = trouble {
            metrics::counter!(crate::metrics::DATABASE_ERRORS, "kind" => trouble.name()).increment(1);
        }
        let mut body = self.body();
        body["id"] = id.to_string().into();
        let mut response = (status, Json(body)).into_response();
        if let Self::TryAgainIn(seconds, _) = self {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if status == StatusCode::UNAUTHORIZED {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Token"));
        }
        if trouble.is_some_and(Trouble::passes) {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("2"));
        }
        response
    }
}

fn internal(error: &anyhow::Error) -> &'static str {
    match db::behind(error) {
        None | Some(Trouble::Other) => "The server has met a problem; its log says more.",
        Some(trouble) => trouble.message(),
    }
}
