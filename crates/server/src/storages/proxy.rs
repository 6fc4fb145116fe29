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
use tagloom_storages::{Bucket, Cause, Opened, Piece, Problem, Span, Want};

/// The content type that a key's extension promises.
pub fn content_type(key: &str) -> Option<String> {
    mime_guess::from_path(key).first().map(|mime| mime.essence_str().to_owned())
}

/// How objects are passed on.
#[derive(Clone, Debug)]
pub(crate) struct Terms {
    /// The start of every ETag: what one person may see is not said to another.
    pub tag: String,
    pub cache: String,
    /// Bytes of a range.
    pub range: u64,
    /// Time in which the next piece must come.
    pub patience: Duration,
}

/// Answers a user with an object of a storage, or a part of it.
pub async fn serve(
    state: &AppState,
    bucket: &Bucket,
    key: &str,
    user: i64,
    request: &HeaderMap,
) -> ApiResult<Response> {
    let options = &state.settings.storages;
    let terms = Terms {
        tag: format!("{user}1"),
        cache: format!("private, max-age={}, must-revalidate", options.proxy_cache),
        range: options.proxy_range,
        patience: Duration::from_secs(options.proxy_timeout),
    };
    pass_on(bucket, key, &terms, request).await.map_err(|problem| {
        tracing::warn!("an object could not be served: {}: {key}", problem.message);
        serving_error(&problem)
    })
}

/// Answers with an object, or a part of it, or that the client has it already.
pub(crate) async fn pass_on(
    bucket: &Bucket,
    key: &str,
    terms: &Terms,
    request: &HeaderMap,
) -> Result<Response, Problem> {
    let text = |name: HeaderName| request.get(name).and_then(|v| v.to_str().ok());
    let span = text(header::RANGE).and_then(Span::parse).map(|span| cut(span, terms.range));
    let known = text(header::IF_NONE_MATCH).filter(|_| span.is_none()).map(|tags| untagged(tags, &terms.tag));
    let want = Want { span, unless_etag: known.filter(|tags| !tags.is_empty()) };
    match bucket.open(key, &want).await {
        Ok(Opened::Piece(piece)) => Ok(respond(piece, key, terms)),
        Ok(Opened::Unchanged { etag }) => {
            let mut all = vec![(header::CACHE_CONTROL, terms.cache.clone())];
            all.extend(etag.map(|etag| (header::ETAG, tagged(&etag, &terms.tag))));
            Ok(answer(StatusCode::NOT_MODIFIED, headers(all), Body::empty()))
        }
        Err(Problem { cause: Cause::OutOfRange { size }, .. }) => {
            // Not every storage says how large the object is; a player needs to know.
            let size = match size {
                Some(size) => Some(size),
                None => size_of(bucket, key).await,
            };
            let headers = headers(size.map(|size| (header::CONTENT_RANGE, format!("bytes */{size}"))));
            Ok(answer(StatusCode::RANGE_NOT_SATISFIABLE, headers, Body::empty()))
        }
        Err(problem) => Err(problem),
    }
}

async fn size_of(bucket: &Bucket, key: &str) -> Option<u64> {
    let want = Want { span: Some(Span::Between(0, 0)), unless_etag: None };
    match bucket.open(key, &want).await {
        Ok(Opened::Piece(piece)) => Some(piece.size),
        _ => None,
    }
}

fn respond(piece: Piece, key: &str, terms: &Terms) -> Response {
    let stored = piece.content_type.filter(|t| t != "application/octet-stream" && t != "binary/octet-stream");
    let mime = stored.or_else(|| content_type(key)).unwrap_or_else(|| "application/octet-stream".into());
    let mut all = vec![
        (header::CONTENT_TYPE, mime),
        (header::ACCEPT_RANGES, "bytes".into()),
        (header::CACHE_CONTROL, terms.cache.clone()),
        (header::CONTENT_LENGTH, piece.end.saturating_sub(piece.first).to_string()),
        // Foreign markup must not run as ours.
        (header::CONTENT_SECURITY_POLICY, "sandbox".into()),
    ];
    all.extend(piece.etag.map(|etag| (header::ETAG, tagged(&etag, &terms.tag))));
    all.extend(piece.last_modified.map(|at| (header::LAST_MODIFIED, http_date(at))));
    let status = if piece.partial {
        let range = format!("bytes {}-{}/{}", piece.first, piece.end.saturating_sub(1), piece.size);
        all.push((header::CONTENT_RANGE, range));
        StatusCode::PARTIAL_CONTENT
    } else {
        StatusCode::OK
    };
    // A storage that stops sending must not hold the browser for ever; a long film may take its time.
    let patience = terms.patience;
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
        Span::From(first) if first > 0 && most < u64::MAX => {
            Span::Between(first, first.saturating_add(most - 1))
        }
        Span::Between(first, last) => Span::Between(first, last.min(first.saturating_add(most - 1))),
        whole => whole,
    }
}

fn tagged(etag: &str, tag: &str) -> String {
    format!("\"{tag}{}\"", bare(etag))
}

/// The storage's etags among those a client sends back.
fn untagged(tags: &str, own: &str) -> String {
    let tags = tags.split(',').filter_map(|tag| Some(format!("\"{}\"", bare(tag).strip_prefix(own)?)));
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
        assert_eq!(cut(Span::From(5), u64::MAX), Span::From(5));
        assert_eq!(cut(Span::Between(5, 100), 10), Span::Between(5, 14));
        assert_eq!(cut(Span::Between(5, 9), 10), Span::Between(5, 9));
        assert_eq!(cut(Span::Between(5, u64::MAX), u64::MAX), Span::Between(5, u64::MAX));
    }

    #[test]
    fn an_etag_is_one_persons() {
        let tag = tagged("\"abc\"", "71");
        assert_eq!(tag, "\"71abc\"");
        assert_eq!(untagged(&format!("W/{tag}, \"81abc\""), "71"), "\"abc\"");
        assert_eq!(untagged(&tag, "81"), "");
    }

    #[test]
    fn dates_are_those_of_http() {
        assert_eq!(http_date("2026-11-28T03:07:22.5Z".parse().unwrap()), "Sat, 28 Nov 2026 03:07:22 GMT");
    }
}
