//! What the emulators of Google and Azure have in common: objects in memory, ranges, pages, and a server on loopback.

use bytes::Bytes;
use http::{HeaderMap, Method, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use std::collections::{BTreeMap, BTreeSet};
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};

/// A request as it came over the wire.
pub struct Asked {
    pub method: Method,
    /// Still percent-encoded.
    pub path: String,
    pub raw_query: String,
    pub query: Vec<(String, String)>,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Asked {
    pub fn param(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// What stands behind the bucket in the path: `None` = the bucket itself. `Err` when it is another bucket.
    pub fn key(&self, bucket: &str) -> Result<Option<String>, ()> {
        match decode(&self.path).strip_prefix(bucket) {
            Some("") => Ok(None),
            Some(rest) => rest.strip_prefix('/').map(|key| Some(key.to_owned())).ok_or(()),
            None => Err(()),
        }
    }
}

/// Decodes `%XX`.
pub fn decode(text: &str) -> String {
    // The parser of forms reads `+` as a blank, which paths do not mean.
    let text = text.replace('+', "%2B").replace('&', "%26").replace('=', "%3D");
    url::form_urlencoded::parse(text.as_bytes()).next().map(|(name, _)| name.into_owned()).unwrap_or_default()
}

pub type Answer = Response<Full<Bytes>>;

pub fn answer(status: u16, headers: &[(&str, &str)], body: impl Into<Bytes>) -> Answer {
    let mut answer = Response::builder().status(status);
    for (name, value) in headers {
        answer = answer.header(*name, *value);
    }
    answer.body(Full::new(body.into())).unwrap()
}

/// Serves on loopback for as long as the test runs.
pub async fn serve(handle: impl Fn(Asked) -> Answer + Send + Sync + 'static) -> SocketAddr {
    let listener = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let handle = Arc::new(handle);
    tokio::spawn(async move {
        loop {
            let Ok((socket, _)) = listener.accept().await else { continue };
            let handle = Arc::clone(&handle);
            tokio::spawn(async move {
                let service = service_fn(move |request: http::Request<hyper::body::Incoming>| {
                    let handle = Arc::clone(&handle);
                    async move {
                        let (parts, body) = request.into_parts();
                        let raw_query = parts.uri.query().unwrap_or_default().to_owned();
                        let asked = Asked {
                            method: parts.method,
                            path: parts.uri.path().to_owned(),
                            query: url::form_urlencoded::parse(raw_query.as_bytes()).into_owned().collect(),
                            raw_query,
                            headers: parts.headers,
                            body: body.collect().await?.to_bytes(),
                        };
                        Ok::<_, hyper::Error>(handle(asked))
                    }
                });
                let _ = hyper::server::conn::http1::Builder::new()
                    .serve_connection(TokioIo::new(socket), service)
                    .await;
            });
        }
    });
    address
}

#[derive(Clone, Default)]
pub struct Stored {
    pub bytes: Bytes,
    pub content_type: String,
}

#[derive(Default)]
pub struct Bucket {
    pub objects: BTreeMap<String, Stored>,
    /// Parts that are not put together, by upload and number (or block).
    pub parts: BTreeMap<(String, String), Bytes>,
    pub content_types: BTreeMap<String, String>,
    /// The bucket went away.
    pub gone: bool,
}

pub type Shared = Arc<Mutex<Bucket>>;

pub struct Page {
    pub objects: Vec<(String, usize)>,
    pub folders: BTreeSet<String>,
    pub next: Option<String>,
}

impl Bucket {
    /// As the services list: keys and common prefixes together count, in order, behind `after`.
    pub fn page(&self, prefix: &str, delimiter: bool, after: &str, most: usize) -> Page {
        let mut page = Page { objects: Vec::new(), folders: BTreeSet::new(), next: None };
        let mut last = String::new();
        for (key, stored) in
            self.objects.range(prefix.to_owned()..).take_while(|(key, _)| key.starts_with(prefix))
        {
            let folder =
                key[prefix.len()..].find('/').filter(|_| delimiter).map(|at| &key[..=prefix.len() + at]);
            if key.as_str() <= after
                || folder.is_some_and(|folder| folder <= after || page.folders.contains(folder))
            {
                continue;
            }
            if page.objects.len() + page.folders.len() == most {
                page.next = Some(last);
                break;
            }
            match folder {
                Some(folder) => {
                    page.folders.insert(folder.to_owned());
                    last = folder.to_owned();
                }
                None => {
                    page.objects.push((key.clone(), stored.bytes.len()));
                    last = key.clone();
                }
            }
        }
        page
    }

    /// GET of an object, with `Range` and `If-None-Match`.
    pub fn get(&self, key: &str, asked: &Asked, missing: Answer) -> Answer {
        let Some(stored) = self.objects.get(key) else { return missing };
        let size = stored.bytes.len();
        let sum = stored
            .bytes
            .iter()
            .fold(size as u64, |sum, byte| sum.wrapping_mul(31).wrapping_add(u64::from(*byte)));
        let etag = format!("\"{sum:x}\"");
        if asked.header("if-none-match") == etag {
            return answer(304, &[("etag", &etag)], "");
        }
        let common = [
            ("etag", etag.as_str()),
            ("content-type", stored.content_type.as_str()),
            ("last-modified", "Mon, 06 May 2024 07:08:09 GMT"),
        ];
        let Some(range) = asked.header("range").strip_prefix("bytes=") else {
            return answer(200, &common, stored.bytes.clone());
        };
        let (first, last) = range.split_once('-').unwrap();
        let (first, end) = match (first.parse::<usize>(), last.parse::<usize>()) {
            (Ok(first), Ok(last)) => (first, (last + 1).min(size)),
            (Ok(first), Err(_)) => (first, size),
            (Err(_), Ok(last)) => (size.saturating_sub(last), size),
            _ => unreachable!("no range: {range}"),
        };
        if first >= end {
            let all = format!("bytes */{size}");
            return answer(416, &[("content-range", &all)], "<Error><Code>InvalidRange</Code></Error>");
        }
        let range = format!("bytes {first}-{}/{size}", end - 1);
        let mut headers = common.to_vec();
        headers.push(("content-range", &range));
        answer(StatusCode::PARTIAL_CONTENT.as_u16(), &headers, stored.bytes.slice(first..end))
    }
}

pub fn escape(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '&' => "&amp;".to_owned(),
            '<' => "&lt;".to_owned(),
            '>' => "&gt;".to_owned(),
            '"' => "&quot;".to_owned(),
            c => c.to_string(),
        })
        .collect()
}

/// Everything but letters, digits and `-._~`.
pub fn strict(text: &str) -> String {
    text.bytes()
        .map(|b| {
            if b.is_ascii_alphanumeric() || b"-._~".contains(&b) {
                (b as char).to_string()
            } else {
                format!("%{b:02X}")
            }
        })
        .collect()
}
