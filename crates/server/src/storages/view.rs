//! Storages as clients see them: the object, the layout of a form, and what a failure of a storage answers.

use crate::error::ApiError;
use crate::store::in_order;
use crate::store::storages::Storage;
use axum::http::StatusCode;
use serde_json::{Map, Value, json};
use tagloom_storages::{Cause, Field, Holds, Kind, Problem, Purpose};

/// The order in which the reference sends the fields (spec/server.md 5.2).
const ORDER: &[&str] = &[
    "id",
    "type",
    "synchronizable",
    "presign",
    "last_sync",
    "last_sync_count",
    "last_sync_job",
    "status",
    "traceback",
    "meta",
    "title",
    "description",
    "created_at",
    "can_delete_objects",
    "bucket",
    "container",
    "path",
    "prefix",
    "regex_filter",
    "use_blob_urls",
    "aws_sse_kms_key_id",
    "region_name",
    "s3_endpoint",
    "google_project_id",
    "presign_ttl",
    "recursive_scan",
    "project",
];

/// The fields that an answer has; those of both purposes that the reference shows for either.
pub(super) fn shown_fields(kind: Kind, purpose: Purpose) -> impl Iterator<Item = &'static Field> {
    kind.all_fields().iter().filter(move |field| {
        field.holds != Holds::Secret
            && (field.only.is_none_or(|only| only == purpose)
                || matches!(field.name, "regex_filter" | "use_blob_urls"))
    })
}

/// The storage object. Secrets are written, never shown.
pub(crate) fn to_json(storage: &Storage) -> Value {
    let mut o = Map::new();
    for field in shown_fields(storage.kind, storage.purpose) {
        let default = match field.holds {
            Holds::Flag(_) if field.name == "can_delete_objects" => Value::Null,
            Holds::Flag(on) => on.into(),
            Holds::Number(n) => n.into(),
            Holds::Text | Holds::Secret => Value::Null,
        };
        let value = storage.fields.get(field.name).filter(|v| !v.is_null()).cloned().unwrap_or(default);
        o.insert(field.name.to_owned(), value);
    }
    let common = json!({
        "id": storage.id,
        "type": storage.kind.name(),
        "synchronizable": storage.synchronizable,
        "last_sync": storage.last_sync,
        "last_sync_count": storage.last_sync_count,
        "last_sync_job": storage.last_sync_job.map(|job| job.to_string()),
        "status": storage.status,
        "traceback": storage.traceback,
        "meta": storage.meta,
        "title": storage.title,
        "description": storage.description,
        "created_at": storage.created_at,
        "project": storage.project,
    });
    if let Value::Object(common) = common {
        o.extend(common);
    }
    in_order(o, ORDER)
}

/// The layout of a form: rows of fields, as the reference's `form` answers them.
pub(crate) fn form(kind: Kind, purpose: Purpose) -> Value {
    let common = json!({
        "columnCount": 1,
        "fields": [
            {"type": "text", "name": "title", "label": "Title", "description": "What people call it", "required": false, "value": ""},
        ],
    });
    let own: Vec<Value> = kind
        .fields(purpose)
        .map(|field| {
            let (type_, value) = match field.holds {
                Holds::Text => ("text", json!("")),
                Holds::Secret => ("password", json!("")),
                Holds::Flag(on) => ("toggle", json!(on)),
                // People who label for a while need more than the minute that a script gets.
                Holds::Number(_) if field.name == "presign_ttl" => ("counter", json!(15)),
                Holds::Number(n) => ("counter", json!(n)),
            };
            json!({
                "type": type_, "name": field.name, "label": field.label, "description": field.help,
                "required": field.required, "value": value,
            })
        })
        .collect();
    json!([common, {"columnCount": 1, "fields": own}])
}

/// Codes of providers for a key that nobody has.
const UNKNOWN_KEY: &[&str] = &["InvalidAccessKeyId", "NotSignedUp"];

/// A storage that cannot be used as it is set up: 403 where the egress filter refuses its address, else 400, at the field
/// that is to be mended where there is one.
pub(crate) fn api_error(kind: Kind, problem: &Problem) -> ApiError {
    error_of_settings(kind, problem).unwrap_or_else(|| ApiError::items(vec![problem.line()]))
}

/// The same where it is the settings that are to be mended.
pub(crate) fn error_of_settings(kind: Kind, problem: &Problem) -> Option<ApiError> {
    let line = problem.line();
    let field = match (&problem.cause, kind) {
        (Cause::Refused, _) => return Some(ApiError::Forbidden(line)),
        (Cause::NoSuchBucket | Cause::Outside, _) => kind.place_field(),
        (Cause::WrongRegion { .. }, Kind::S3) => "region_name",
        (Cause::UnknownHost | Cause::Unreachable | Cause::Tls, Kind::S3) => "s3_endpoint",
        (Cause::ExpiredToken, Kind::S3) => "aws_session_token",
        // The code that the provider gave stands in the words.
        (Cause::BadCredentials, Kind::S3) if UNKNOWN_KEY.iter().any(|code| line.contains(code)) => {
            "aws_access_key_id"
        }
        (Cause::BadCredentials, Kind::S3) => "aws_secret_access_key",
        _ => return None,
    };
    Some(ApiError::field(field, line))
}

/// A failure while an object is served.
pub(crate) fn serving_error(problem: &Problem) -> ApiError {
    ApiError::Status(StatusCode::FAILED_DEPENDENCY, problem.line())
}
