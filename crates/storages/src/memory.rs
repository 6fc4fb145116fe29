//! The twin in memory. Buckets live as long as the process and are found by their name, so that a test can look into
//! the bucket that a server writes to. A bucket is there once somebody connected to it.

use crate::access::Body;
use crate::bucket::{Backend, Listing, Object, Opened, Page, Piece, Want, etag_matches};
use crate::fields::Purpose;
use crate::kind::Kind;
use crate::problem::{Cause, Problem};
use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use futures::stream::{self, StreamExt, TryStreamExt};
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use url::Url;

#[derive(Clone, Debug)]
struct Stored {
    bytes: Bytes,
    etag: String,
    modified: Timestamp,
    content_type: Option<String>,
}

type Objects = Arc<Mutex<BTreeMap<String, Stored>>>;

static BUCKETS: LazyLock<Mutex<BTreeMap<String, Objects>>> = LazyLock::new(Mutex::default);

#[derive(Debug)]
pub(crate) struct Memory {
    objects: Objects,
    prefix: String,
}

/// Nothing here can be left half-done, so a panic elsewhere does not spoil it.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Memory {
    pub(crate) fn connect(name: &str, prefix: String) -> Self {
        Self { objects: Arc::clone(lock(&BUCKETS).entry(name.to_owned()).or_default()), prefix }
    }
}

#[async_trait]
impl Backend for Memory {
    async fn page(&self, listing: &Listing, token: Option<&str>, most: usize) -> Result<Page, Problem> {
        let after = token.or(listing.after.as_deref()).unwrap_or_default();
        let mut objects = Vec::new();
        let mut more = false;
        for (key, stored) in lock(&self.objects).range(listing.prefix.clone()..) {
            let Some(below) = key.strip_prefix(&listing.prefix) else { break };
            if key.as_str() <= after || (!listing.recursive && below.contains('/')) {
                continue;
            }
            if objects.len() == most {
                more = true;
                break;
            }
            objects.push(Object {
                key: key.clone(),
                size: stored.bytes.len() as u64,
                last_modified: Some(stored.modified),
            });
        }
        let next = if more { objects.last().map(|object| object.key.clone()) } else { None };
        Ok(Page { objects, next })
    }

    async fn check(&self, purpose: Purpose) -> Result<(), Problem> {
        let objects = lock(&self.objects);
        let found = self.prefix.is_empty() || objects.keys().any(|key| key.starts_with(&self.prefix));
        if purpose == Purpose::Import && !found {
            return Err(Problem::new(Cause::NoSuchKey, "Nothing lies below the prefix.").at(&self.prefix));
        }
        Ok(())
    }

    async fn open(&self, key: &str, want: &Want) -> Result<Opened, Problem> {
        let stored =
            lock(&self.objects).get(key).cloned().ok_or_else(|| Problem::no_such_key(Kind::Memory, key))?;
        let etag = Some(stored.etag.clone());
        if want.unless_etag.as_deref().is_some_and(|unless| etag_matches(unless, &stored.etag)) {
            return Ok(Opened::Unchanged { etag });
        }
        let size = stored.bytes.len() as u64;
        let (first, end) = match want.span {
            None => (0, size),
            Some(span) => span.within(size).ok_or_else(|| {
                Problem::new(Cause::OutOfRange { size: Some(size) }, format!("The object has {size} bytes."))
            })?,
        };
        // Both lie within the length of a slice.
        let bytes = stored.bytes.slice(first as usize..end as usize);
        Ok(Opened::Piece(Piece {
            size,
            first,
            end,
            partial: want.span.is_some(),
            etag,
            last_modified: Some(stored.modified),
            content_type: stored.content_type,
            content_encoding: None,
            body: stream::once(async { Ok(bytes) }).boxed(),
        }))
    }

    async fn put(&self, key: &str, bytes: Bytes, content_type: Option<&str>) -> Result<(), Problem> {
        let mut hasher = DefaultHasher::new();
        bytes.hash(&mut hasher);
        let stored = Stored {
            etag: format!("\"{:016x}-{}\"", hasher.finish(), bytes.len()),
            bytes,
            modified: Timestamp::now(),
            content_type: content_type.map(str::to_owned),
        };
        lock(&self.objects).insert(key.to_owned(), stored);
        Ok(())
    }

    async fn put_stream(&self, key: &str, body: Body, content_type: Option<&str>) -> Result<(), Problem> {
        let whole = body.try_fold(BytesMut::new(), |mut all, part| async move {
            all.extend_from_slice(&part);
            Ok(all)
        });
        self.put(key, whole.await?.freeze(), content_type).await
    }

    async fn delete(&self, key: &str) -> Result<(), Problem> {
        lock(&self.objects).remove(key);
        Ok(())
    }

    async fn sign(&self, _: &str, _: Duration, _: Option<&str>) -> Result<Option<Url>, Problem> {
        Ok(None)
    }
}
