//! Answers with a file: content type, ETag, one byte range, sandboxed.

use super::kind::{HEAD, kind};
use super::{FileError, FileStore};
use crate::error::ApiError;
use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use std::io::{Read, Seek};
use std::time::UNIX_EPOCH;
use tokio::io::{AsyncReadExt, AsyncSeekExt, SeekFrom};
use tokio_util::io::ReaderStream;

/// A requested part of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Whole,
    Range(u64, u64),
    Unsatisfiable,
}

/// `bytes=a-b`, `bytes=a-`, `bytes=-n`; several ranges and anything unreadable mean the whole file.
fn part(value: Option<&str>, size: u64) -> Part {
    let Some(spec) = value.and_then(|v| v.trim().strip_prefix("bytes=")).filter(|s| !s.contains(',')) else {
        return Part::Whole;
    };
    let Some((from, to)) = spec.split_once('-') else { return Part::Whole };
    let number = |s: &str| s.trim().parse::<u64>().ok();
    let last = size.saturating_sub(1);
    match (from.trim().is_empty(), number(from), to.trim().is_empty(), number(to)) {
        (false, Some(from), true, _) if from < size => Part::Range(from, last),
        (false, Some(from), false, Some(to)) if from <= to && from < size => Part::Range(from, to.min(last)),
        (true, _, false, Some(n)) if n > 0 && size > 0 => Part::Range(size.saturating_sub(n), last),
        (false, Some(from), ..) if from >= size => Part::Unsatisfiable,
        (true, _, false, Some(_)) => Part::Unsatisfiable,
        _ => Part::Whole,
    }
}

/// Serves `path` of a store. `Content-Security-Policy: sandbox` keeps uploaded markup from running.
pub async fn serve(store: &FileStore, path: &str, request: &HeaderMap) -> Result<Response, ApiError> {
    let opened = {
        let (store, path) = (store.clone(), path.to_owned());
        let open = move || {
            let (mut file, metadata) = store.open_file(&path)?;
            let mut head = Vec::with_capacity(HEAD);
            file.by_ref().take(HEAD as u64).read_to_end(&mut head)?;
            file.rewind()?;
            Ok::<_, FileError>((file, metadata, head))
        };
        tokio::task::spawn_blocking(open).await.map_err(anyhow::Error::from)?
    };
    let (file, metadata, head) = opened?;
    let size = metadata.len();
    let modified = metadata.modified().ok().and_then(|t| t.duration_since(UNIX_EPOCH).ok());
    let etag = format!("W/\"{:x}-{size:x}\"", modified.map_or(0, |d| d.as_nanos()));
    let kind = kind(path, &head);
    let mut headers = HeaderMap::new();
    let mut put = |name, value: &str| {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(name, value);
        }
    };
    put(header::ETAG, &etag);
    put(header::ACCEPT_RANGES, "bytes");
    put(header::CACHE_CONTROL, "private, max-age=0, must-revalidate");
    kind.put(&mut headers);
    let known = request.get(header::IF_NONE_MATCH).and_then(|v| v.to_str().ok());
    if known.is_some_and(|k| k == "*" || k.split(',').any(|t| t.trim() == etag)) {
        return Ok(answer(StatusCode::NOT_MODIFIED, headers, Body::empty()));
    }
    let wanted = part(request.get(header::RANGE).and_then(|v| v.to_str().ok()), size);
    let mut file = tokio::fs::File::from_std(file);
    let mut put = |name, value: String| {
        if let Ok(value) = HeaderValue::from_str(&value) {
            headers.insert(name, value);
        }
    };
    match wanted {
        Part::Whole => {
            put(header::CONTENT_LENGTH, size.to_string());
            let body = Body::from_stream(ReaderStream::with_capacity(file, 1 << 18));
            Ok(answer(StatusCode::OK, headers, body))
        }
        Part::Range(from, to) => {
            file.seek(SeekFrom::Start(from)).await.map_err(anyhow::Error::from)?;
            put(header::CONTENT_LENGTH, (to - from + 1).to_string());
            put(header::CONTENT_RANGE, format!("bytes {from}-{to}/{size}"));
            let body = Body::from_stream(ReaderStream::with_capacity(file.take(to - from + 1), 1 << 18));
            Ok(answer(StatusCode::PARTIAL_CONTENT, headers, body))
        }
        Part::Unsatisfiable => {
            put(header::CONTENT_RANGE, format!("bytes */{size}"));
            Ok(answer(StatusCode::RANGE_NOT_SATISFIABLE, headers, Body::empty()))
        }
    }
}

fn answer(status: StatusCode, headers: HeaderMap, body: Body) -> Response {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges() {
        let p = |s: &str| part(Some(s), 100);
        assert_eq!(p("bytes=0-"), Part::Range(0, 99));
        assert_eq!(p("bytes=10-19"), Part::Range(10, 19));
        assert_eq!(p("bytes=90-500"), Part::Range(90, 99));
        assert_eq!(p("bytes=-10"), Part::Range(90, 99));
        assert_eq!(p("bytes=-500"), Part::Range(0, 99));
        assert_eq!(p("bytes=100-"), Part::Unsatisfiable);
        assert_eq!(p("bytes=0-1,5-6"), Part::Whole);
        assert_eq!(p("bytes=9-3"), Part::Whole);
        assert_eq!(p("lines=1-2"), Part::Whole);
        assert_eq!(part(None, 100), Part::Whole);
        assert_eq!(part(Some("bytes=0-"), 0), Part::Unsatisfiable);
    }
}
