//! The built app: static files, precompressed where they are, and `index.html` for every page address.

use crate::error::ApiError;
use crate::state::AppState;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};

/// Everything that is no API route.
pub async fn serve(State(state): State<AppState>, method: Method, uri: Uri, headers: HeaderMap) -> Response {
    let path = uri.path();
    let is_api = path.starts_with("/api/") || path.starts_with("/data/") || path.starts_with("/samples/");
    if is_api || !matches!(method, Method::GET | Method::HEAD) {
        return ApiError::not_found("Page").into_response();
    }
    let Some(dir) = state.settings.app_dir.clone() else {
        return ApiError::NotFound("This server runs without the app; start it with --app-dir.".into())
            .into_response();
    };
    let wanted = path.trim_start_matches('/').to_owned();
    let mime = mime_guess::from_path(&wanted).first_or_octet_stream();
    if matches!(mime.type_().as_str(), "video" | "audio" | "image") {
        // Players ask for ranges; a video that is sent whole cannot be sought in.
        return match crate::files::FileStore::open(&dir) {
            Ok(store) => crate::files::serve(&store, &wanted, &headers)
                .await
                .unwrap_or_else(IntoResponse::into_response),
            Err(_) => ApiError::not_found("Page").into_response(),
        };
    }
    let accepts = |name: &str| {
        headers
            .get(header::ACCEPT_ENCODING)
            .and_then(|v| v.to_str().ok())
            .is_some_and(|v| v.split(',').any(|e| e.trim().split(';').next() == Some(name)))
    };
    let encodings: Vec<(&'static str, &'static str)> =
        [("br", ".br"), ("gzip", ".gz")].into_iter().filter(|(name, _)| accepts(name)).collect();
    let found = tokio::task::spawn_blocking(move || {
        let store = crate::files::FileStore::open(&dir).ok()?;
        // A name with a dot is a file; anything else is a page of the app.
        let is_file = wanted.rsplit('/').next().is_some_and(|n| n.contains('.'));
        let name = if is_file { wanted } else { "index.html".to_owned() };
        let read = |path: &str| {
            let (mut file, _) = store.open_file(path).ok()?;
            let mut bytes = Vec::new();
            std::io::Read::read_to_end(&mut file, &mut bytes).ok()?;
            Some(bytes)
        };
        for (encoding, suffix) in encodings {
            if let Some(bytes) = read(&format!("{name}{suffix}")) {
                return Some((name, bytes, Some(encoding)));
            }
        }
        let bytes = read(&name)?;
        Some((name, bytes, None))
    })
    .await
    .ok()
    .flatten();
    let Some((name, bytes, encoding)) = found else {
        return ApiError::not_found("Page").into_response();
    };
    let mut response = Response::new(Body::from(bytes));
    *response.status_mut() = StatusCode::OK;
    let mime = mime_guess::from_path(&name).first_or_octet_stream().to_string();
    let mime = if mime.starts_with("text/") { format!("{mime}; charset=utf-8") } else { mime };
    // Names that carry a digest of their content never change.
    let hashed = name.split(['.', '-']).any(|p| p.len() >= 8 && p.chars().all(|c| c.is_ascii_hexdigit()));
    let cache = if hashed { "public, max-age=31536000, immutable" } else { "no-cache" };
    let h = response.headers_mut();
    for (key, value) in [(header::CONTENT_TYPE, mime.as_str()), (header::CACHE_CONTROL, cache)] {
        if let Ok(value) = HeaderValue::from_str(value) {
            h.insert(key, value);
        }
    }
    h.insert(header::VARY, HeaderValue::from_static("Accept-Encoding"));
    if let Some(encoding) = encoding {
        h.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
    }
    response
}
