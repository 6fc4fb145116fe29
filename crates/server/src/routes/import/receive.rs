//! Request bodies on their way to disk: nothing of a size that the sender chooses is held in memory.

use crate::auth::random_hex;
use crate::error::{ApiError, ApiResult};
use crate::exchange::disk;
use crate::exchange::import::{extension, svg, url};
use crate::exchange::spool::{Spool, pour};
use crate::files::sanitised_name;
use crate::routes::extract::{announced, drain, too_large};
use crate::state::AppState;
use axum::extract::multipart::{Field, MultipartError};
use axum::extract::{FromRequest, Multipart, Request};
use axum::http::{StatusCode, header};
use serde::de::IgnoredAny;
use std::time::Duration;
use tokio::io::AsyncWriteExt;

/// A form that holds an address, or a little JSON.
const LARGEST_FORM: usize = 32 << 20;

/// The body itself, or one of the files in it.
#[derive(Debug)]
pub(super) struct Incoming {
    pub(super) spool: Spool,
    pub(super) file: Option<Named>,
}

#[derive(Debug)]
pub(super) struct Named {
    /// As its owner calls it.
    pub(super) name: String,
    /// Where it is kept, below the folder of media.
    pub(super) stored: String,
}

impl Incoming {
    fn file(spool: Spool, project: i64, name: String) -> Self {
        let stored = format!("upload/{project}/{}-{}", &random_hex()[..8], sanitised_name(&name));
        Self { spool, file: Some(Named { name, stored }) }
    }
}

fn nothing() -> ApiError {
    ApiError::BadRequest("load_tasks: No data found in DATA or in FILES".into())
}

/// Refuses what says itself that it is too large, before it is read.
async fn of_fair_size(state: &AppState, request: Request) -> ApiResult<Request> {
    let limit = state.settings.upload_limit;
    if let Some(length) = announced(&request).filter(|l| *l > limit as u64) {
        drain(request).await;
        return Err(too_large(length, limit));
    }
    Ok(request)
}

/// Takes in the body of an import.
pub(super) async fn receive(state: &AppState, project: i64, request: Request) -> ApiResult<Vec<Incoming>> {
    let request = of_fair_size(state, request).await?;
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
    if kind.starts_with("multipart/form-data") {
        let received = receive_files(state, project, request).await?;
        return if received.is_empty() { Err(nothing()) } else { Ok(received) };
    }
    if kind.starts_with("application/x-www-form-urlencoded") {
        return Ok(vec![receive_address(state, project, request).await?]);
    }
    Ok(vec![receive_json(state, request).await?])
}

/// A body of JSON.
pub(super) async fn receive_json(state: &AppState, request: Request) -> ApiResult<Incoming> {
    let request = of_fair_size(state, request).await?;
    let (mut spool, mut writer) = Spool::create(&state.files).await?;
    let body = request.into_body().into_data_stream();
    let broken = |e: axum::Error| ApiError::BadRequest(format!("The request broke off: {e}"));
    spool.size = pour(body, &mut writer, 0, state.settings.upload_limit, broken).await?;
    if spool.size == 0 {
        return Err(nothing());
    }
    Ok(Incoming { spool, file: None })
}

/// `url=…`: an address, or JSON.
async fn receive_address(state: &AppState, project: i64, request: Request) -> ApiResult<Incoming> {
    let limit = LARGEST_FORM.min(state.settings.upload_limit);
    let length = announced(&request).unwrap_or(limit as u64 + 1);
    let body = axum::body::to_bytes(request.into_body(), limit).await.map_err(|_| {
        if length > limit as u64 {
            return ApiError::TooLarge(format!(
                "A form may have {:.0} MB. Send JSON as a body of its own, or as a file.",
                limit as f64 / 1e6
            ));
        }
        ApiError::BadRequest("The request broke off.".into())
    })?;
    let text = ::url::form_urlencoded::parse(&body).find(|(key, _)| key == "url").map(|(_, value)| value);
    let text = text.filter(|text| !text.trim().is_empty()).ok_or_else(nothing)?;
    of_address(state, project, &text).await
}

/// What a field `url` means.
async fn of_address(state: &AppState, project: i64, text: &str) -> ApiResult<Incoming> {
    if serde_json::from_str::<IgnoredAny>(text).is_ok() {
        let (mut spool, mut writer) = Spool::create(&state.files).await?;
        writer.write_all(text.as_bytes()).await.map_err(disk::failed)?;
        writer.flush().await.map_err(disk::failed)?;
        writer.get_ref().sync_all().await.map_err(disk::failed)?;
        spool.size = text.len() as u64;
        return Ok(Incoming::file(spool, project, "inplace.json".into()));
    }
    let (mut spool, name) = url::fetch(state, text.trim()).await?;
    clean(state, &mut spool, &name).await?;
    Ok(Incoming::file(spool, project, name))
}

/// Pictures are cleaned where the operator wants it.
async fn clean(state: &AppState, spool: &mut Spool, name: &str) -> ApiResult<()> {
    if state.settings.svg_cleanup && extension(name)? == "svg" {
        svg::clean(&state.files, spool, name).await?;
    }
    Ok(())
}

/// A form with one file.
pub(super) async fn receive_one(state: &AppState, project: i64, request: Request) -> ApiResult<Incoming> {
    let request = of_fair_size(state, request).await?;
    let mut received = receive_files(state, project, request).await?;
    match (received.pop(), received.is_empty()) {
        (Some(one), true) => Ok(one),
        (None, _) => Err(ApiError::field("file", "No file was submitted.")),
        _ => Err(ApiError::field("file", "Only one file can be put here.")),
    }
}

async fn receive_files(state: &AppState, project: i64, request: Request) -> ApiResult<Vec<Incoming>> {
    let (limit, most) = (state.settings.upload_limit, state.settings.upload_files_limit);
    let broken = |e: MultipartError| {
        if e.status() == StatusCode::PAYLOAD_TOO_LARGE {
            too_large(limit as u64 + 1, limit)
        } else {
            ApiError::BadRequest(format!("The upload broke off: {}", e.body_text()))
        }
    };
    let mut multipart = Multipart::from_request(request, state)
        .await
        .map_err(|e| ApiError::BadRequest(format!("The upload cannot be read: {}", e.body_text())))?;
    let received = files_of(state, project, &mut multipart, (limit, most), &broken).await;
    if received.is_err() {
        // The answer must reach who is still sending; see `pour`.
        let rest = async { while let Ok(Some(_)) = multipart.next_field().await {} };
        let _ = tokio::time::timeout(Duration::from_secs(60), rest).await;
    }
    received
}

/// A field of text, of no more than a form may have.
async fn field_text(
    mut field: Field<'_>,
    broken: &(impl Fn(MultipartError) -> ApiError + Sync),
) -> ApiResult<String> {
    let mut text = Vec::new();
    while let Some(piece) = field.chunk().await.map_err(broken)? {
        text.extend_from_slice(&piece);
        if text.len() > LARGEST_FORM {
            return Err(too_large(text.len() as u64, LARGEST_FORM));
        }
    }
    String::from_utf8(text).map_err(|_| ApiError::field("url", "The address is no text."))
}

async fn files_of(
    state: &AppState,
    project: i64,
    multipart: &mut Multipart,
    (limit, most): (usize, usize),
    broken: &(impl Fn(MultipartError) -> ApiError + Sync),
) -> ApiResult<Vec<Incoming>> {
    let mut received: Vec<Incoming> = Vec::new();
    while let Some(field) = multipart.next_field().await.map_err(broken)? {
        let name = field.file_name().map(str::to_owned);
        if name.is_none() && field.name() != Some("url") {
            continue;
        }
        // An address counts as the file that it brings.
        if received.len() >= most {
            return Err(ApiError::BadRequest(format!("At most {most} files may be uploaded at once.")));
        }
        let Some(name) = name else {
            let text = field_text(field, broken).await?;
            // A form sends the field empty where nothing was filled in.
            if !text.trim().is_empty() {
                received.push(of_address(state, project, &text).await?);
            }
            continue;
        };
        extension(&name)?;
        let before: u64 = received.iter().map(|r| r.spool.size).sum();
        let (mut spool, mut writer) = Spool::create(&state.files).await?;
        spool.size = pour(field, &mut writer, before, limit, broken).await?;
        // What is acknowledged later is on disk by then.
        writer.get_ref().sync_all().await.map_err(disk::failed)?;
        clean(state, &mut spool, &name).await?;
        received.push(Incoming::file(spool, project, name));
    }
    Ok(received)
}
