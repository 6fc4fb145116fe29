//! Version, sample data.

use crate::auth::Caller;
use crate::error::{ApiError, ApiResult};
use crate::routes::extract::Query;
use axum::Json;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Value, json};
use tagloom_timeseries::samples::{self, SampleQuery};

/// The release whose API we speak.
pub const RELEASE: &str = "1.23.2";

pub async fn version() -> Json<Value> {
    let own = env!("CARGO_PKG_VERSION");
    Json(json!({
        "release": RELEASE,
        "label-studio-os-package": {
            "version": RELEASE, "short_version": "1.23", "latest_version_from_pypi": RELEASE,
            "latest_version_upload_time": null, "current_version_is_outdated": false,
        },
        "label-studio-os-backend": {"message": "", "commit": "", "date": "", "branch": "", "version": RELEASE},
        "label-studio-frontend": {"message": "", "commit": "", "date": "", "branch": ""},
        "dm2": {"message": "", "commit": "", "date": "", "branch": ""},
        "label-studio-converter": {"version": RELEASE},
        "edition": "Community", "lsf": {}, "backend": {"commit": ""},
        "tagloom": {"version": own},
    }))
}

/// There are no flags to switch; people who are signed in see that.
pub async fn feature_flags(caller: Caller) -> ApiResult<Json<Value>> {
    if !caller.by_session {
        return Err(ApiError::Forbidden(
            "Feature flags are shown to people who are signed in with a browser.".into(),
        ));
    }
    Ok(Json(json!({"feature_flags": {}})))
}

#[derive(Debug, Deserialize)]
pub struct SeriesQuery {
    #[serde(default)]
    time: String,
    #[serde(default)]
    values: String,
    #[serde(default)]
    sep: String,
    #[serde(default)]
    tf: String,
}

pub async fn sample_series(Query(q): Query<SeriesQuery>) -> Response {
    let text = samples::csv(&SampleQuery { time: q.time, values: q.values, sep: q.sep, tf: q.tf });
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
        (header::CONTENT_DISPOSITION, "attachment; filename=time-series.csv"),
    ];
    (headers, text).into_response()
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ParagraphsQuery {
    name_key: Option<String>,
    text_key: Option<String>,
}

pub async fn sample_paragraphs(Query(q): Query<ParagraphsQuery>) -> Json<Value> {
    let (name, text) = (q.name_key.unwrap_or("author".into()), q.text_key.unwrap_or("text".into()));
    let lines = [
        ("Ada", "Did the new sensor arrive?"),
        ("Ben", "Yes, it is on the bench. I have run it for an hour."),
        ("Ada", "Any gaps in the signal?"),
        ("Ben", "One, when I unplugged it."),
    ];
    let list = lines.iter().map(|(who, what)| json!({name.clone(): who, text.clone(): what}));
    Json(list.collect())
}
