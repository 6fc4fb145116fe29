//! Pictures of people: small PNG, JPEG or GIF files, served to anybody who has the address.
//!
//! CVE-2023-47115 of a peer: a page uploaded as a picture ran on the server's own origin. Here the bytes decide what a
//! picture is, and it is served as that, sandboxed.

use super::users::{find, own};
use crate::auth::{Caller, random_hex};
use crate::error::{ApiError, ApiResult};
use crate::files::picture::{self, Picture};
use crate::routes::extract::Path;
use crate::state::AppState;
use crate::store::avatars;
use axum::Json;
use axum::body::Body;
use axum::extract::multipart::MultipartError;
use axum::extract::{FromRequest, Multipart, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use serde_json::{Value, json};

const MOST_BYTES: usize = 1 << 20;
const MOST_PIXELS: u32 = 1200;

pub async fn set(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<i64>,
    request: Request,
) -> ApiResult<Json<Value>> {
    find(&state, &caller, id).await?;
    own(&caller, id)?;
    let content = received(request, &state).await?;
    let found = checked(&content)?;
    let name = format!("{}.{}", random_hex(), found.extension);
    let tx = state.db.write().await?;
    avatars::set(&*tx, id, &name, found.content_type, content).await?;
    tx.commit().await?;
    Ok(Json(json!({"detail": "avatar saved"})))
}

fn wrong(text: impl Into<String>) -> ApiError {
    ApiError::field("avatar", text)
}

/// The first file of a form; reading ends where it is too much.
async fn received(request: Request, state: &AppState) -> ApiResult<Vec<u8>> {
    let broken = |e: MultipartError| wrong(format!("The upload broke off: {}", e.body_text()));
    let mut form = Multipart::from_request(request, state)
        .await
        .map_err(|e| wrong(format!("Send the picture as a file of a form (multipart): {}", e.body_text())))?;
    while let Some(mut field) = form.next_field().await.map_err(broken)? {
        if field.file_name().is_none() {
            continue;
        }
        let mut content = Vec::new();
        while let Some(piece) = field.chunk().await.map_err(broken)? {
            content.extend_from_slice(&piece);
            if content.len() > MOST_BYTES {
                return Err(wrong("The picture is larger than 1 MiB."));
            }
        }
        return Ok(content);
    }
    Err(wrong("The form holds no file."))
}

fn checked(content: &[u8]) -> ApiResult<Picture> {
    let found = picture::sniff(content).ok_or_else(|| wrong("The file is no PNG, JPEG or GIF picture."))?;
    if found.width == 0 || found.height == 0 || found.width.max(found.height) > MOST_PIXELS {
        return Err(wrong(format!(
            "The picture has {} × {} pixels; {MOST_PIXELS} × {MOST_PIXELS} is the most.",
            found.width, found.height
        )));
    }
    Ok(found)
}

pub async fn remove(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<i64>,
) -> ApiResult<StatusCode> {
    find(&state, &caller, id).await?;
    own(&caller, id)?;
    let tx = state.db.write().await?;
    avatars::remove(&*tx, id).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A picture under its random name; a new picture gets a new name, so this one never changes.
pub async fn serve(
    State(state): State<AppState>,
    Path(name): Path<String>,
    request: HeaderMap,
) -> ApiResult<Response> {
    let missing = || ApiError::not_found("Picture");
    if name.contains('\0') {
        return Err(missing());
    }
    let found = avatars::by_name(state.db.read(), &name).await?.ok_or_else(missing)?;
    let etag = format!("\"{name}\"");
    let known = request.get(header::IF_NONE_MATCH).is_some_and(|v| v.as_bytes() == etag.as_bytes());
    let mut response = Response::new(if known { Body::empty() } else { Body::from(found.content) });
    *response.status_mut() = if known { StatusCode::NOT_MODIFIED } else { StatusCode::OK };
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_TYPE, found.content_type.as_str()),
        (header::ETAG, etag.as_str()),
        (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ] {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(name, value);
        }
    }
    Ok(response)
}
