//! Objects passed on to a browser that does not fetch them itself: ranges, ETag, sandboxed.

use super::view::serving_error;
use crate::error::{ApiError, ApiResult};
use crate::state::AppState;
use axum::body::Body;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::Response;
use futures::StreamExt;
use jiff::Timestamp;
use std::time::Duration;
use tagloom_storages::{Bucket, Cause, Opened, Piece, Span, Want};

/// The content type that a key's extension promises.
pub fn content_type(key: &str) -> Option<String> {
    mime_guess::from_path(key).first().map(|mime| mime.essence_str().to_owned())
}

/// Answers with an object, or a part of it. `user` is part of the ETag: what one person may see is not said to another.
pub async fn serve(
    state: &AppState,
    bucket: &Bucket,
    key: &str,
    user: i64,
    request: &HeaderMap,
) -> ApiResult<Response> {
    let options = &state.settings.storages;
    let text = |name: HeaderName| request.get(name).and_then(|v| v.to_str().ok());
    let span = text(header::RANGE).and_then(Span::parse).map(|span| cut(span, options.proxy_range));
    let known = text(header::IF_NONE_MATCH).filter(|_| span.is_none()).map(|tags| without_user(tags, user));
    let want = Want { span, unless_etag: known.filter(|tags| !tags.is_empty()) };
    let cache = format!("private, max-age={}, must-revalidate", options.proxy_cache);
    let opened = match bucket.open(key, &want).await {
        Ok(opened) => opened,
        Err(problem) => {
            tracing::warn!("an object could not be served: {}: {key}", problem.message);
            if let Cause::OutOfRange { size: Some(size) } = problem.cause {
                let headers = headers([(header::CONTENT_RANGE, format!("bytes */{size}"))]);
                return Ok(answer(StatusCode::RANGE_NOT_SATISFIABLE, headers, Body::empty()));
            }
            return Err(serving_error(&problem));
        }
    };
    let piece = match opened {
        Opened::Piece(piece) => piece,
        Opened::Unchanged { etag } => {
            let mut all = vec![(header::CACHE_CONTROL, cache)];
            all.extend(etag.map(|etag| (header::ETAG, with_user(&etag, user))));
            return Ok(answer(StatusCode::NOT_MODIFIED, headers(all), Body::empty()));
        }
    };
    Ok(respond(piece, key, user, cache, Duration::from_secs(options.proxy_timeout)))
}

fn respond(piece: Piece, key: &str, user: i64, cache: String, patience: Duration) -> Response {
    let stored = piece.content_type.filter(|t| t != "application/octet-stream" && t != "binary/octet-stream");
    let mime = stored.or_else(|| content_type(key)).unwrap_or_else(|| "application/octet-stream".into());
    let mut all = vec![
        (header::CONTENT_TYPE, mime),
        (header::ACCEPT_RANGES, "bytes".into()),
        (header::CACHE_CONTROL, cache),
        (header::CONTENT_LENGTH, piece.end.saturating_sub(piece.first).to_string()),
        // Foreign markup must not run as ours.
        (header::CONTENT_SECURITY_POLICY, "sandbox".into()),
    ];
    all.extend(piece.etag.map(|etag| (header::ETAG, with_user(&etag, user))));
    all.extend(piece.last_modified.map(|at| (header::LAST_MODIFIED, http_date(at))));
    let status = if piece.partial {
        let range = format!("bytes {}-{}/{}", piece.first, piece.end.saturating_sub(1), piece.size);
        all.push((header::CONTENT_RANGE, range));
        StatusCode::PARTIAL_CONTENT
    } else {
        StatusCode::OK
    };
    // A storage that stops sending must not hold the browser for ever; a long film may take its time.
    let body = futures::stream::unfold(Some(piece.body), move |body| async move {
        let mut body = body?;
        match tokio::time::timeout(patience, body.next()).await {
            Ok(None) => None,
            Ok(Some(Ok(piece))) => Some((Ok(piece), Some(body))),
            Ok(Some(Err(problem))) => Some((Err(std::io::Error::other(problem.message)), None)),
            Err(_) => Some((Err(std::io::Error::other("the storage stopped sending")), None)),
        }
    });
    answer(status, headers(all), Body::from_stream(body))
}

/// A range of a size that a request may ask for; `bytes=0-`, the way browsers begin, is the whole object.
fn cut(span: Span, most: u64) -> Span {
    match span {
        Span::From(first) if first > 0 => Span::Between(first, first.saturating_add(most - 1)),
        Span::Between(first, last) => Span::Between(first, last.min(first.saturating_add(most - 1))),
        whole => whole,
    }
}

fn with_user(etag: &str, user: i64) -> String {
    format!("\"{user}1{}\"", bare(etag))
}

/// The storage's etags among those a client sends back.
fn without_user(tags: &str, user: i64) -> String {
    let own = format!("{user}1");
    let tags = tags.split(',').filter_map(|tag| Some(format!("\"{}\"", bare(tag).strip_prefix(&own)?)));
    tags.collect::<Vec<_>>().join(", ")
}

fn bare(etag: &str) -> &str {
    etag.trim().trim_start_matches("W/").trim_matches('"')
}

/// `Sat, 28 Nov 2026 03:07:22 GMT`
fn http_date(at: Timestamp) -> String {
    at.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

fn headers(all: impl IntoIterator<Item = (HeaderName, String)>) -> HeaderMap {
    all.into_iter().filter_map(|(name, value)| Some((name, HeaderValue::from_str(&value).ok()?))).collect()
}

fn answer(status: StatusCode, headers: HeaderMap, body: Body) -> Response {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    response
}

/// A redirect to a signed URL, which a browser may use until it runs out.
pub fn redirect(url: &str, ttl: Duration) -> ApiResult<Response> {
    let location = HeaderValue::from_str(url)
        .map_err(|_| ApiError::Internal(anyhow::anyhow!("a signed URL that is no header")))?;
    let mut headers = headers([(header::CACHE_CONTROL, format!("no-store, max-age={}", ttl.as_secs()))]);
    headers.insert(header::LOCATION, location);
    Ok(answer(StatusCode::SEE_OTHER, headers, Body::empty()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_ranges_are_cut_and_the_whole_is_not() {
        assert_eq!(cut(Span::From(0), 10), Span::From(0));
        assert_eq!(cut(Span::From(5), 10), Span::Between(5, 14));
        assert_eq!(cut(Span::Between(5, 100), 10), Span::Between(5, 14));
        assert_eq!(cut(Span::Between(5, 9), 10), Span::Between(5, 9));
        assert_eq!(cut(Span::Between(5, u64::MAX), u64::MAX), Span::Between(5, u64::MAX));
    }

    #[test]
    fn an_etag_is_one_persons() {
        let tag = with_user("\"abc\"", 7);
        assert_eq!(tag, "\"71abc\"");
        assert_eq!(without_user(&format!("W/{tag}, \"81abc\""), 7), "\"abc\"");
        assert_eq!(without_user(&tag, 8), "");
    }

    #[test]
    fn dates_are_those_of_http() {
        assert_eq!(http_date("2026-11-28T03:07:22.5Z".parse().unwrap()), "Sat, 28 Nov 2026 03:07:22 GMT");
    }
}
