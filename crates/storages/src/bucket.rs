//! One storage, whatever its kind.

use crate::access::Body;
use crate::doctor::{self, Diagnosis};
use crate::fields::{Fields, Purpose};
use crate::kind::Kind;
use crate::problem::{Cause, Problem};
use crate::uri;
use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use futures::stream::{self, BoxStream, StreamExt, TryStreamExt};
use jiff::Timestamp;
use regex::Regex;
use std::sync::Arc;
use std::time::Duration;
use url::Url;

/// The longest life of a signed URL: what S3 and GCS admit.
pub const LONGEST_TTL: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// What is known of an object by listing it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Object {
    /// The full key in the bucket, byte for byte. Local files: the path below the document root.
    pub key: String,
    pub size: u64,
    pub last_modified: Option<Timestamp>,
}

impl Object {
    /// What stands behind the last slash.
    pub fn name(&self) -> &str {
        self.key.rsplit('/').next().unwrap_or_default()
    }
}

/// Which objects to list.
#[derive(Clone, Debug, Default)]
pub struct Listing {
    /// Empty, or ending in `/`. Local files have none: they are listed below the storage's own path.
    pub prefix: String,
    pub recursive: bool,
    /// Go on behind this key, which was the last one of an earlier listing.
    pub after: Option<String>,
    /// Only keys that match (local files: names that match).
    pub regex: Option<Regex>,
}

impl Listing {
    /// As a sync lists: prefix, recursion and filter of the storage.
    pub fn of(fields: &Fields) -> Result<Self, Problem> {
        let regex = fields
            .regex()
            .map_err(|error| Problem::invalid(format!("{}: {}", error.field, error.message)))?;
        Ok(Self { prefix: fields.prefix(), recursive: fields.recursive(), after: None, regex })
    }

    #[must_use]
    pub fn after(mut self, key: Option<String>) -> Self {
        self.after = key;
        self
    }
}

/// A part of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Span {
    /// From here to the end.
    From(u64),
    /// Both ends belong to it; an end behind the object's is cut.
    Between(u64, u64),
    /// That many bytes at the end.
    Last(u64),
}

impl Span {
    /// Reads the header `Range`. `None` = the whole object: also for several ranges and for what is not in bytes,
    /// which a server may answer so.
    pub fn parse(header: &str) -> Option<Self> {
        let spec = header.trim().strip_prefix("bytes=")?.trim();
        let (first, last) = spec.split_once('-')?;
        match (first.trim(), last.trim()) {
            ("", last) => last.parse().ok().map(Self::Last),
            (first, "") => first.parse().ok().map(Self::From),
            (first, last) => {
                let (first, last) = (first.parse().ok()?, last.parse().ok()?);
                (first <= last).then_some(Self::Between(first, last))
            }
        }
    }

    pub(crate) fn header(self) -> String {
        match self {
            Self::From(first) => format!("bytes={first}-"),
            Self::Between(first, last) => format!("bytes={first}-{last}"),
            Self::Last(count) => format!("bytes=-{count}"),
        }
    }

    /// The bytes `first..end` of an object of this size; `None` when there are none.
    pub fn within(self, size: u64) -> Option<(u64, u64)> {
        let (first, end) = match self {
            Self::From(first) => (first, size),
            Self::Between(first, last) => (first, last.saturating_add(1).min(size)),
            Self::Last(count) => (size.saturating_sub(count), size),
        };
        (first < end).then_some((first, end))
    }
}

/// How to open an object.
#[derive(Clone, Debug, Default)]
pub struct Want {
    pub span: Option<Span>,
    /// The etags a client has, as in its `If-None-Match`.
    pub unless_etag: Option<String>,
}

/// An opened object.
pub struct Piece {
    /// Of the whole object.
    pub size: u64,
    /// The bytes `first..end` that the body holds.
    pub first: u64,
    pub end: u64,
    /// Whether it is an answer to a span (206).
    pub partial: bool,
    /// With its quotes.
    pub etag: Option<String>,
    pub last_modified: Option<Timestamp>,
    pub content_type: Option<String>,
    /// Of an object that is kept compressed; whoever passes the body on passes this on too.
    pub content_encoding: Option<String>,
    pub body: Body,
}

impl std::fmt::Debug for Piece {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Piece").field("size", &self.size).field("etag", &self.etag).finish_non_exhaustive()
    }
}

/// What opening came to.
#[derive(Debug)]
pub enum Opened {
    Piece(Piece),
    /// The client has it already (304).
    Unchanged {
        etag: Option<String>,
    },
}

/// A page of a listing, in the order of the kind.
#[derive(Debug, Default)]
pub(crate) struct Page {
    pub objects: Vec<Object>,
    /// Where the next page begins.
    pub next: Option<String>,
}

/// What a kind of storage has to be able to do.
#[async_trait]
pub(crate) trait Backend: std::fmt::Debug + Send + Sync {
    /// A page of keys. `token` is `Page::next` of the page before; `after` counts for the first page.
    async fn page(&self, listing: &Listing, token: Option<&str>, most: usize) -> Result<Page, Problem>;
    /// Whether the bucket is there and may be listed or written.
    async fn check(&self, purpose: Purpose) -> Result<(), Problem>;
    async fn open(&self, key: &str, want: &Want) -> Result<Opened, Problem>;
    async fn put(&self, key: &str, bytes: Bytes, content_type: Option<&str>) -> Result<(), Problem>;
    /// Writes a body of any length; what was written of it is taken away when it breaks off.
    async fn put_stream(&self, key: &str, body: Body, content_type: Option<&str>) -> Result<(), Problem>;
    async fn delete(&self, key: &str) -> Result<(), Problem>;
    async fn sign(
        &self,
        key: &str,
        ttl: Duration,
        content_type: Option<&str>,
    ) -> Result<Option<Url>, Problem>;
    /// For kinds behind HTTP: what the doctor tries.
    fn remote(&self) -> Option<&crate::remote::Remote> {
        None
    }
}

/// A connected storage. Cheap to clone; connecting asks nothing of the network.
#[derive(Clone, Debug)]
pub struct Bucket {
    kind: Kind,
    place: String,
    prefix: String,
    presigns: bool,
    backend: Arc<dyn Backend>,
}

impl Bucket {
    pub(crate) fn new(kind: Kind, fields: &Fields, prefix: String, backend: Arc<dyn Backend>) -> Self {
        let place = fields.place(kind).unwrap_or_default().to_owned();
        Self { kind, place, prefix, presigns: fields.presign(kind), backend }
    }

    /// Whether its storage hands out signed URLs.
    pub fn presigns(&self) -> bool {
        self.presigns
    }

    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The bucket, container or folder.
    pub fn place(&self) -> &str {
        &self.place
    }

    pub(crate) fn prefix(&self) -> &str {
        &self.prefix
    }

    pub(crate) fn backend(&self) -> &dyn Backend {
        &*self.backend
    }

    /// The URI of a key in task data: `s3://bucket/key`, with the key as it is; local files: the path of this server,
    /// percent-encoded, which the caller puts its host before.
    pub fn uri(&self, key: &str) -> String {
        match self.kind.scheme() {
            Some(scheme) => format!("{scheme}://{}/{key}", self.place),
            None => format!("{}{}", uri::LOCAL_FILES, uri::encode_key(key)),
        }
    }

    /// The key that a URI means, when it is one of this bucket.
    pub fn key_of(&self, uri: &str) -> Option<String> {
        match self.kind.scheme() {
            Some(scheme) => {
                let rest = uri.strip_prefix(scheme)?.strip_prefix("://")?;
                rest.strip_prefix(self.place.as_str())?.strip_prefix('/').filter(|key| !key.is_empty())
            }
            .map(str::to_owned),
            None => {
                let (_, path) = uri.split_once(uri::LOCAL_FILES)?;
                uri::decode(path)
            }
        }
    }

    /// The key of an object to write: below the storage's prefix or folder.
    pub fn key_for(&self, name: &str) -> String {
        format!("{}{name}", self.prefix)
    }

    /// The checks of saving a storage: the bucket is there; for importing also something below the prefix.
    pub async fn check(&self, purpose: Purpose) -> Result<(), Problem> {
        self.backend.check(purpose).await
    }

    /// All objects that a listing means, page by page as they are asked for.
    ///
    /// In the order of keys (local files: of names, then paths); keys that end in `/` are folders and left out. When
    /// it fails, the problem names the last key that was read; a listing `after` that key goes on.
    pub fn list(&self, listing: Listing) -> BoxStream<'static, Result<Object, Problem>> {
        self.list_pages(listing, 1000)
    }

    pub(crate) fn list_pages(
        &self,
        listing: Listing,
        most: usize,
    ) -> BoxStream<'static, Result<Object, Problem>> {
        struct Walk {
            backend: Arc<dyn Backend>,
            listing: Listing,
            token: Option<String>,
            last: Option<String>,
            done: bool,
        }
        // Local files are filtered by their names, all others by the whole key.
        let by_name = self.kind == Kind::LocalFiles;
        let walk = Walk {
            backend: Arc::clone(&self.backend),
            last: listing.after.clone(),
            listing,
            token: None,
            done: false,
        };
        stream::try_unfold(walk, move |mut walk| async move {
            if walk.done {
                return Ok(None);
            }
            let page = walk.backend.page(&walk.listing, walk.token.as_deref(), most).await;
            let page = page.map_err(|problem| match &walk.last {
                Some(key) => problem.at(key),
                None => problem,
            })?;
            if let Some(last) = page.objects.last() {
                walk.last = Some(last.key.clone());
            }
            // A storage that answers the same page for ever must not keep us.
            walk.done = page.next.is_none() || page.next == walk.token;
            walk.token = page.next;
            let regex = walk.listing.regex.clone();
            let objects = page
                .objects
                .into_iter()
                .filter(move |object| !object.key.ends_with('/'))
                .filter(move |object| {
                    let subject = if by_name { object.name() } else { object.key.as_str() };
                    regex.as_ref().is_none_or(|regex| regex.is_match(subject))
                })
                .map(Ok);
            Ok::<_, Problem>(Some((stream::iter(objects.collect::<Vec<_>>()), walk)))
        })
        .try_flatten()
        .boxed()
    }

    /// A whole object of at most `most` bytes. When the body breaks off it is read once more from the start.
    pub async fn read(&self, key: &str, most: u64) -> Result<Bytes, Problem> {
        match self.read_once(key, most).await {
            Err(problem) if problem.cause == Cause::Interrupted => self.read_once(key, most).await,
            other => other,
        }
    }

    async fn read_once(&self, key: &str, most: u64) -> Result<Bytes, Problem> {
        let Opened::Piece(piece) = self.open(key, &Want::default()).await? else {
            return Err(Problem::new(Cause::Other, "The storage says unchanged without being asked.").at(key));
        };
        let too_large = |size: u64| {
            Problem::new(Cause::TooLarge, format!("{size} bytes are more than the {most} that are read."))
                .at(key)
        };
        if piece.size > most {
            return Err(too_large(piece.size));
        }
        let mut body = piece.body;
        let mut bytes = BytesMut::new();
        while let Some(part) = body.next().await {
            let part = part.map_err(|problem| problem.at(key))?;
            if (bytes.len() + part.len()) as u64 > most {
                return Err(too_large((bytes.len() + part.len()) as u64));
            }
            bytes.extend_from_slice(&part);
        }
        if bytes.len() as u64 != piece.size {
            let message = format!("Only {} of {} bytes came.", bytes.len(), piece.size);
            return Err(Problem::new(Cause::Interrupted, message).at(key));
        }
        Ok(bytes.freeze())
    }

    /// Opens an object, or a part of it.
    pub async fn open(&self, key: &str, want: &Want) -> Result<Opened, Problem> {
        self.backend.open(key, want).await.map_err(|problem| problem.at(key))
    }

    /// A URL that gives the object to whoever has it, for `ttl` (at most seven days). `content_type` is what the
    /// answer shall have. `None` for kinds that have no such URLs.
    pub async fn sign(
        &self,
        key: &str,
        ttl: Duration,
        content_type: Option<&str>,
    ) -> Result<Option<Url>, Problem> {
        let ttl = ttl.clamp(Duration::from_secs(1), LONGEST_TTL);
        self.backend.sign(key, ttl, content_type).await.map_err(|problem| problem.at(key))
    }

    /// Fetches the first byte of a signed URL as a browser would, and says why that fails.
    pub async fn try_signed(&self, url: &Url) -> Result<(), Problem> {
        let Some(remote) = self.backend.remote() else {
            return Err(Problem::new(Cause::Unsupported, format!("{} has no signed URLs.", self.kind)));
        };
        let answer = remote.fetch(http::Method::GET, url, &[(http::header::RANGE, "bytes=0-0")]).await?;
        remote.accept(crate::remote::answer::Asked::Signed, answer).await.map(drop)
    }

    /// Writes an object whole; one that is there is replaced.
    pub async fn put(&self, key: &str, bytes: Bytes, content_type: Option<&str>) -> Result<(), Problem> {
        self.backend.put(key, bytes, content_type).await.map_err(|problem| problem.at(key))
    }

    /// Writes an object of any length in parts; nothing of it is seen before it is whole.
    pub async fn put_stream(&self, key: &str, body: Body, content_type: Option<&str>) -> Result<(), Problem> {
        self.backend.put_stream(key, body, content_type).await.map_err(|problem| problem.at(key))
    }

    /// Deletes an object; one that is not there counts as deleted.
    pub async fn delete(&self, key: &str) -> Result<(), Problem> {
        match self.backend.delete(key).await {
            Err(problem) if problem.cause == Cause::NoSuchKey => Ok(()),
            other => other.map_err(|problem| problem.at(key)),
        }
    }

    /// The doctor: tries all that a storage needs, step by step, and says for each how to mend it. `origin` is where
    /// browsers load this server from, like `https://labels.example.org`.
    pub async fn diagnose(&self, purpose: Purpose, origin: &str) -> Diagnosis {
        doctor::diagnose(self, purpose, origin).await
    }
}

/// Whether a client's `If-None-Match` names this etag; weak and strong ones compare alike.
pub(crate) fn etag_matches(unless: &str, etag: &str) -> bool {
    let bare = |tag: &str| tag.trim().trim_start_matches("W/").trim_matches('"').to_owned();
    unless.trim() == "*" || unless.split(',').any(|one| bare(one) == bare(etag))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_read_and_cut() {
        assert_eq!(Span::parse("bytes=0-"), Some(Span::From(0)));
        assert_eq!(Span::parse("bytes=5-9"), Some(Span::Between(5, 9)));
        assert_eq!(Span::parse("bytes=-3"), Some(Span::Last(3)));
        for other in ["bytes=9-5", "bytes=1-2,4-5", "lines=1-2", "bytes=", "bytes=a-b", "bytes=-"] {
            assert_eq!(Span::parse(other), None, "{other}");
        }
        assert_eq!(Span::Between(5, u64::MAX).within(10), Some((5, 10)));
        assert_eq!(Span::Last(20).within(10), Some((0, 10)));
        assert_eq!(Span::From(10).within(10), None);
        assert_eq!(Span::Last(0).within(10), None);
    }

    #[test]
    fn etags_compare_weakly() {
        assert!(
            etag_matches("W/\"a\", \"b\"", "\"b\"")
                && etag_matches("*", "\"x\"")
                && etag_matches("\"a\"", "W/\"a\"")
        );
        assert!(!etag_matches("\"a\"", "\"b\""));
    }
}
