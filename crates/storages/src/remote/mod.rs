//! Storages behind HTTP: one way to ask, and for each kind a [`Dialect`] that says where, with which names, and how it
//! is signed.

pub(crate) mod answer;
mod azure;
mod gcs;
mod machine;
mod s3;
mod signing;
mod upload;
mod xml;

use crate::access::{Access, Body, Http};
use crate::bucket::{Backend, Listing, Opened, Page, Piece, Want};
use crate::fields::{Fields, Purpose};
use crate::kind::Kind;
use crate::problem::{Cause, Problem};
use crate::uri::{encode, encode_key};
use answer::Asked;
use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use futures::stream::{self, StreamExt};
use http::header::{
    ACCEPT_RANGES, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, ETAG, HeaderName,
    HeaderValue, IF_NONE_MATCH, LAST_MODIFIED, RANGE,
};
use http::{HeaderMap, Method, Response, StatusCode};
use jiff::Timestamp;
use object_store::client::{HttpRequest, HttpRequestBody};
use std::sync::Arc;
use std::time::Duration;
use url::Url;

/// A page of 1000 keys of 1 kB, each byte escaped, is below this.
const LONGEST_PAGE: usize = 32 << 20;
/// As much of an error as its code needs.
const LONGEST_ERROR: usize = 64 << 10;
/// An object whose length the storage does not say is read up to this to find it out.
const LONGEST_UNMEASURED: usize = 64 << 20;
/// How often something is asked that may succeed later, and the first pause, which grows fourfold.
const ATTEMPTS: u32 = 4;
const PAUSE: Duration = Duration::from_millis(100);

/// How large uploads are put together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Parts {
    /// S3 and GCS.
    Numbered,
    /// Azure.
    Blocks,
}

/// What differs between the kinds.
#[async_trait]
pub(crate) trait Dialect: std::fmt::Debug + Send + Sync {
    /// The URL of the bucket, without a slash at its end.
    fn base(&self) -> &str;
    fn list_query(&self, listing: &Listing, token: Option<&str>, most: usize) -> Vec<(&'static str, String)>;
    /// Puts the headers on that say who asks.
    async fn authorize(&self, request: &mut HttpRequest) -> Result<(), Problem>;
    async fn sign(
        &self,
        key: &str,
        url: &str,
        ttl: Duration,
        content_type: Option<&str>,
    ) -> Result<Url, Problem>;
    /// What a request has to carry that makes an object.
    fn write_headers(&self) -> Vec<(HeaderName, String)> {
        Vec::new()
    }
    fn parts(&self) -> Parts {
        Parts::Numbered
    }
    /// What the doctor tells of the settings, without secrets.
    fn settings(&self) -> String;
}

/// A bucket behind HTTP.
#[derive(Debug)]
pub(crate) struct Remote {
    kind: Kind,
    place: String,
    prefix: String,
    dialect: Box<dyn Dialect>,
    http: Arc<dyn Http>,
}

/// A request before it is signed.
#[derive(Clone, Debug)]
pub(crate) struct Call<'a> {
    pub asked: Asked,
    pub method: Method,
    pub key: Option<&'a str>,
    pub query: Vec<(&'static str, String)>,
    pub headers: Vec<(HeaderName, String)>,
    pub body: Bytes,
}

impl<'a> Call<'a> {
    pub(crate) fn new(asked: Asked, method: Method, key: Option<&'a str>) -> Self {
        Self { asked, method, key, query: Vec::new(), headers: Vec::new(), body: Bytes::new() }
    }
}

/// Makes the bucket of a kind's fields.
pub(crate) fn connect(kind: Kind, fields: &Fields, access: &Access) -> Result<Remote, Problem> {
    let place = fields.place(kind).unwrap_or_default().to_owned();
    let (dialect, trusted): (Box<dyn Dialect>, bool) = match kind {
        Kind::Gcs => gcs::connect(&place, fields, access)?,
        Kind::Azure => azure::connect(&place, fields, access)?,
        _ => s3::connect(&place, fields, access)?,
    };
    let http = Arc::clone(if trusted { &access.trusted } else { &access.http });
    Ok(Remote { kind, place, prefix: fields.prefix(), dialect, http })
}

impl Remote {
    pub(crate) fn kind(&self) -> Kind {
        self.kind
    }

    pub(crate) fn place(&self) -> &str {
        &self.place
    }

    pub(crate) fn dialect(&self) -> &dyn Dialect {
        &*self.dialect
    }

    /// The URL of a key. URLs know no segments `.` and `..`: such a key cannot be asked for.
    pub(crate) fn url(&self, key: &str) -> Result<String, Problem> {
        if key.is_empty() {
            return Err(Problem::invalid("The key is empty."));
        }
        if key.split('/').any(|part| part == "." || part == "..") {
            return Err(Problem::invalid("A key with a part \".\" or \"..\" has no URL.")
                .mended_by("Rename the object.")
                .at(key));
        }
        Ok(format!("{}/{}", self.dialect.base(), encode_key(key)))
    }

    /// Asks; what may succeed later is asked again.
    pub(crate) async fn send(&self, call: &Call<'_>) -> Result<Response<Body>, Problem> {
        let mut attempt = 1;
        loop {
            match self.send_once(call).await {
                Err(problem) if problem.transient && attempt < ATTEMPTS => {
                    tokio::time::sleep(PAUSE * 4_u32.pow(attempt - 1)).await;
                    attempt += 1;
                }
                other => return other,
            }
        }
    }

    /// Asks once. An answer that is neither a success nor 304 is a problem.
    pub(crate) async fn send_once(&self, call: &Call<'_>) -> Result<Response<Body>, Problem> {
        let mut url = match call.key {
            Some(key) => self.url(key)?,
            None => self.dialect.base().to_owned(),
        };
        for (i, (name, value)) in call.query.iter().enumerate() {
            url.push(if i == 0 { '?' } else { '&' });
            url.push_str(name);
            url.push('=');
            url.push_str(&encode(value, b""));
        }
        let mut request = http::Request::builder()
            .method(call.method.clone())
            .uri(url)
            .body(HttpRequestBody::from(call.body.clone()))
            .map_err(|_| Problem::invalid("The key is too long for a URL, or the endpoint is no URL."))?;
        if !call.body.is_empty() {
            request.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from(call.body.len()));
        }
        for (name, value) in &call.headers {
            let value = HeaderValue::from_str(value).map_err(|_| {
                Problem::invalid(format!("The header {name} has a character that it cannot have."))
            })?;
            request.headers_mut().insert(name, value);
        }
        self.dialect.authorize(&mut request).await?;
        let answer = self.http.send(request.map(|_| call.body.clone())).await?;
        self.accept(call.asked, answer).await
    }

    /// Fetches a signed URL as a browser would: without credentials of ours.
    pub(crate) async fn fetch(
        &self,
        method: Method,
        url: &Url,
        headers: &[(HeaderName, &str)],
    ) -> Result<Response<Body>, Problem> {
        let mut request = http::Request::builder().method(method).uri(url.as_str());
        for (name, value) in headers {
            request = request.header(name, *value);
        }
        let request = request.body(Bytes::new()).map_err(|_| Problem::invalid("This is not a URL."))?;
        self.http.send(request).await
    }

    /// Lets a success through and makes a problem of all else.
    pub(crate) async fn accept(
        &self,
        asked: Asked,
        answer: Response<Body>,
    ) -> Result<Response<Body>, Problem> {
        if answer.status().is_success() || answer.status() == StatusCode::NOT_MODIFIED {
            return Ok(answer);
        }
        let (parts, body) = answer.into_parts();
        let start = take(body, LONGEST_ERROR).await.unwrap_or_default();
        Err(answer::problem((self.kind, &self.place, asked), parts.status, &parts.headers, &start))
    }

    /// A first page, for the doctor.
    pub(crate) async fn look(&self, listing: &Listing, most: usize) -> Result<Page, Problem> {
        self.list(listing, None, most).await
    }

    async fn list(&self, listing: &Listing, token: Option<&str>, most: usize) -> Result<Page, Problem> {
        let call = Call {
            query: self.dialect.list_query(listing, token, most),
            ..Call::new(Asked::List, Method::GET, None)
        };
        let answer = self.send(&call).await?;
        let body = whole(answer.into_body(), LONGEST_PAGE).await?;
        let no_list = || {
            Problem::new(Cause::Other, "The answer is not a listing of objects.")
                .mended_by("Check that the endpoint is a storage of this kind, and that it is whole.")
        };
        let text = std::str::from_utf8(&body).map_err(|_| no_list())?;
        let mut page = xml::page(text).map_err(|()| no_list())?;
        if let Some(after) = &listing.after {
            // Not every storage can begin in the middle.
            page.objects.retain(|object| object.key > *after);
        }
        Ok(page)
    }

    fn write_call<'a>(&self, asked: Asked, key: &'a str, content_type: Option<&str>) -> Call<'a> {
        let mut call = Call::new(asked, Method::PUT, Some(key));
        if let Some(content_type) = content_type {
            call.headers.push((CONTENT_TYPE, content_type.to_owned()));
        }
        call.headers.extend(self.dialect.write_headers());
        call
    }
}

#[async_trait]
impl Backend for Remote {
    async fn page(&self, listing: &Listing, token: Option<&str>, most: usize) -> Result<Page, Problem> {
        self.list(listing, token, most).await
    }

    async fn check(&self, purpose: Purpose) -> Result<(), Problem> {
        let prefix = if purpose == Purpose::Import { self.prefix.clone() } else { String::new() };
        let listing = Listing { prefix, recursive: true, ..Listing::default() };
        let page = self.list(&listing, None, 1).await?;
        if page.objects.is_empty() && page.next.is_none() && !listing.prefix.is_empty() {
            return Err(Problem::new(Cause::NoSuchKey, "Nothing lies below the prefix.")
                .mended_by("Check the prefix; upper and lower case count.")
                .at(&self.prefix));
        }
        Ok(())
    }

    async fn open(&self, key: &str, want: &Want) -> Result<Opened, Problem> {
        let mut call = Call::new(Asked::Read, Method::GET, Some(key));
        call.headers.extend(want.span.map(|span| (RANGE, span.header())));
        call.headers.extend(want.unless_etag.clone().map(|etag| (IF_NONE_MATCH, etag)));
        let answer = self.send(&call).await.map_err(|problem| match problem.cause {
            // Said of a bucket when an object was asked for: the bucket went away.
            Cause::NoSuchKey => {
                Problem { message: format!("{} has no object of this key.", self.kind), ..problem }
            }
            _ => problem,
        })?;
        let (parts, body) = answer.into_parts();
        let etag = text(&parts.headers, &ETAG);
        if parts.status == StatusCode::NOT_MODIFIED {
            return Ok(Opened::Unchanged { etag });
        }
        let partial = parts.status == StatusCode::PARTIAL_CONTENT;
        let length = text(&parts.headers, &CONTENT_LENGTH).and_then(|length| length.parse::<u64>().ok());
        let range =
            text(&parts.headers, &CONTENT_RANGE).and_then(|range| content_range(&range)).filter(|_| partial);
        let (first, end, size, body) = match (range, length) {
            (Some((first, last, size)), _) => (first, last + 1, size, body),
            (None, Some(length)) if !partial => (0, length, length, body),
            _ => {
                let bytes = whole(body, LONGEST_UNMEASURED).await?;
                let length = bytes.len() as u64;
                (0, length, length, stream::once(async { Ok(bytes) }).boxed())
            }
        };
        Ok(Opened::Piece(Piece {
            size,
            first,
            end,
            partial: range.is_some(),
            etag,
            last_modified: text(&parts.headers, &LAST_MODIFIED).and_then(|date| xml::http_date(&date)),
            content_type: text(&parts.headers, &CONTENT_TYPE),
            content_encoding: text(&parts.headers, &CONTENT_ENCODING),
            body,
        }))
    }

    async fn put(&self, key: &str, bytes: Bytes, content_type: Option<&str>) -> Result<(), Problem> {
        let call = Call { body: bytes, ..self.write_call(Asked::Write, key, content_type) };
        self.send(&call).await.map(drop)
    }

    async fn put_stream(&self, key: &str, body: Body, content_type: Option<&str>) -> Result<(), Problem> {
        upload::upload(self, key, body, content_type).await
    }

    async fn delete(&self, key: &str) -> Result<(), Problem> {
        self.send(&Call::new(Asked::Delete, Method::DELETE, Some(key))).await.map(drop)
    }

    async fn sign(
        &self,
        key: &str,
        ttl: Duration,
        content_type: Option<&str>,
    ) -> Result<Option<Url>, Problem> {
        let url = self.url(key)?;
        self.dialect.sign(key, &url, ttl, content_type).await.map(Some)
    }

    fn remote(&self) -> Option<&Remote> {
        Some(self)
    }
}

/// A header's text.
fn text(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    headers.get(name)?.to_str().ok().map(str::to_owned)
}

/// `bytes 0-9/100`: first, last, size.
fn content_range(text: &str) -> Option<(u64, u64, u64)> {
    let (range, size) = text.strip_prefix("bytes ")?.split_once('/')?;
    let (first, last) = range.split_once('-')?;
    let (first, last, size) = (first.parse().ok()?, last.parse().ok()?, size.parse().ok()?);
    (first <= last && last < size).then_some((first, last, size))
}

/// A whole body, or the problem that it is longer.
pub(crate) async fn whole(mut body: Body, most: usize) -> Result<Bytes, Problem> {
    let mut bytes = BytesMut::new();
    while let Some(part) = body.next().await {
        let part = part?;
        if bytes.len() + part.len() > most {
            return Err(Problem::new(Cause::TooLarge, format!("The answer is longer than {most} bytes.")));
        }
        bytes.extend_from_slice(&part);
    }
    Ok(bytes.freeze())
}

/// The beginning of a body.
async fn take(mut body: Body, most: usize) -> Result<Bytes, Problem> {
    let mut bytes = BytesMut::new();
    while bytes.len() < most
        && let Some(part) = body.next().await
    {
        bytes.extend_from_slice(&part?);
    }
    bytes.truncate(most);
    Ok(bytes.freeze())
}

/// Credentials go into headers, which a line break would end.
pub(crate) fn plain_secret(what: &str, text: &str) -> Result<String, Problem> {
    let text = text.trim();
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(Problem::new(
            Cause::BadCredentials,
            format!("{what} has a blank, a line break or another character that no such key has."),
        )
        .mended_by("Copy it again, without anything around it."));
    }
    Ok(text.to_owned())
}

/// For the failure of a provider of credentials: our own problem, if it was the way there.
pub(crate) fn of_provider(error: &(dyn std::error::Error + 'static), message: &str) -> Problem {
    let mut cause = Some(error);
    while let Some(inner) = cause {
        if let Some(problem) = inner.downcast_ref::<Problem>() {
            return problem.clone();
        }
        cause = inner.source();
    }
    Problem::new(Cause::BadCredentials, message)
}

/// Whether answers say that ranges work; the doctor tells it.
pub(crate) fn has_ranges(headers: &HeaderMap) -> bool {
    headers.contains_key(CONTENT_RANGE) || text(headers, &ACCEPT_RANGES).is_some_and(|value| value == "bytes")
}

/// Now; one place, so that all that is signed has the same clock.
fn now() -> Timestamp {
    Timestamp::now()
}
