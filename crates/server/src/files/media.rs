//! What the server itself keeps: uploads, avatars, export snapshots. In the folder of media, or in a bucket.
//!
//! Contract, odd cases first:
//! - A name is a relative path (`upload/7/ab12-a.png`); one that leads out is refused.
//! - Whatever is large is written to the local spool first ([`FileStore::SPOOL`] of `state.files`) and then *taken*: the
//!   spool's file is gone afterwards, and a name either holds the whole file or nothing.
//! - [`Media::open`] gives a file that can be read at any place; from a bucket it is a copy that nobody else sees.
//! - Removing what is gone already is fine.

use super::kind::kind;
use super::{FileError, FileStore, clean};
use crate::auth::random_hex;
use crate::error::ApiResult;
use crate::settings::Settings;
use crate::storages::proxy::{Terms, content_type, pass_on};
use axum::http::HeaderMap;
use axum::response::Response;
use bytes::Bytes;
use futures::StreamExt;
use std::fs::File;
use std::time::Duration;
use tagloom_storages::{Body, Bucket, Cause, Opened, Problem, Want};
use tokio::io::AsyncWriteExt;
use tokio_util::io::ReaderStream;

/// Bytes read at once.
const CHUNK: usize = 1 << 18;

/// The place of the server's own files.
#[derive(Clone, Debug)]
pub struct Media(Place);

#[derive(Clone, Debug)]
enum Place {
    Folder(FileStore),
    /// With the local folder, where copies to read from are made.
    Bucket(Bucket, FileStore),
}

impl Media {
    /// The folder, or the bucket that the operator has named.
    pub fn of(settings: &Settings, files: FileStore) -> anyhow::Result<Self> {
        let Some(place) = &settings.media else { return Ok(Self(Place::Folder(files))) };
        let bucket = place.connect(settings);
        let bucket =
            bucket.map_err(|p| anyhow::anyhow!("the bucket for uploads cannot be used: {}", p.line()))?;
        Ok(Self(Place::Bucket(bucket, files)))
    }

    /// Takes over a file of the spool under a name; the spool is a folder of `files`.
    pub async fn take(&self, files: &FileStore, spooled: &str, name: &str) -> Result<(), FileError> {
        match &self.0 {
            Place::Folder(_) => {
                let (files, from, to) = (files.clone(), spooled.to_owned(), name.to_owned());
                blocking(move || files.rename(&from, &to)).await
            }
            Place::Bucket(bucket, _) => {
                let (source, from) = (files.clone(), spooled.to_owned());
                let (file, _) = blocking(move || source.open_file(&from)).await?;
                let pieces = ReaderStream::with_capacity(tokio::fs::File::from_std(file), CHUNK);
                let body: Body = pieces.map(|piece| piece.map_err(|e| unreadable(&e))).boxed();
                bucket.put_stream(&key(bucket, name)?, body, content_type(name).as_deref()).await?;
                let (files, from) = (files.clone(), spooled.to_owned());
                blocking(move || files.remove(&from)).await
            }
        }
    }

    /// Stores something small.
    pub async fn put(&self, name: &str, content: Bytes) -> Result<(), FileError> {
        match &self.0 {
            Place::Folder(files) => {
                let (files, name) = (files.clone(), name.to_owned());
                blocking(move || {
                    // Under a name of its own first: nobody sees half of it.
                    let part = format!("{}/{}", FileStore::SPOOL, random_hex());
                    let written = write_to(&files, &part, &content).and_then(|()| files.rename(&part, &name));
                    if written.is_err() {
                        files.remove(&part)?;
                    }
                    written
                })
                .await
            }
            Place::Bucket(bucket, _) => {
                Ok(bucket.put(&key(bucket, name)?, content, content_type(name).as_deref()).await?)
            }
        }
    }

    /// A file for reading at any place, and its size.
    pub async fn open(&self, name: &str) -> Result<(File, u64), FileError> {
        match &self.0 {
            Place::Folder(files) => {
                let (files, name) = (files.clone(), name.to_owned());
                let (file, metadata) = blocking(move || files.open_file(&name)).await?;
                Ok((file, metadata.len()))
            }
            Place::Bucket(bucket, files) => {
                let Opened::Piece(piece) = bucket.open(&key(bucket, name)?, &Want::default()).await? else {
                    return Err(FileError::Missing);
                };
                let copy = format!("{}/{}", FileStore::SPOOL, random_hex());
                let copied = copy_to(files, &copy, piece.body).await;
                let (files, size) = (files.clone(), piece.size);
                blocking(move || {
                    // Opened and then taken from the folder: it goes when it is closed.
                    let opened = copied.and_then(|()| files.open_file(&copy));
                    files.remove(&copy)?;
                    Ok((opened?.0, size))
                })
                .await
            }
        }
    }

    pub async fn remove(&self, name: &str) -> Result<(), FileError> {
        match &self.0 {
            Place::Folder(files) => {
                let (files, name) = (files.clone(), name.to_owned());
                blocking(move || files.remove(&name)).await
            }
            Place::Bucket(bucket, _) => Ok(bucket.delete(&key(bucket, name)?).await?),
        }
    }

    /// Removes files whose records are gone; one that stays is named in the log and harms nobody.
    pub async fn forget(&self, names: impl IntoIterator<Item = String>) {
        for name in names {
            if let Err(e) = self.remove(&name).await {
                tracing::warn!("a file could not be removed: {e}: {name}");
            }
        }
    }

    /// Answers with a file: ranges, ETag, sandboxed.
    pub async fn serve(&self, name: &str, request: &HeaderMap) -> ApiResult<Response> {
        match &self.0 {
            Place::Folder(files) => super::serve(files, name, request).await,
            Place::Bucket(bucket, _) => {
                let terms = Terms {
                    tag: String::new(),
                    cache: "private, max-age=0, must-revalidate".into(),
                    range: u64::MAX,
                    patience: Duration::from_secs(60),
                };
                let answer = pass_on(bucket, &key(bucket, name)?, &terms, request).await;
                let mut answer = answer.map_err(FileError::from)?;
                kind(name, &[]).put(answer.headers_mut());
                Ok(answer)
            }
        }
    }
}

fn key(bucket: &Bucket, name: &str) -> Result<String, FileError> {
    let clean = clean(name).ok_or(FileError::Outside)?;
    Ok(bucket.key_for(clean.to_str().ok_or(FileError::Outside)?))
}

fn write_to(files: &FileStore, name: &str, content: &[u8]) -> Result<(), FileError> {
    let mut file = files.create(name)?;
    std::io::Write::write_all(&mut file, content)?;
    Ok(file.sync_all()?)
}

async fn copy_to(files: &FileStore, name: &str, mut body: Body) -> Result<(), FileError> {
    let (files, name) = (files.clone(), name.to_owned());
    let file = blocking(move || files.create(&name)).await?;
    let mut file = tokio::fs::File::from_std(file);
    while let Some(piece) = body.next().await {
        file.write_all(&piece?).await?;
    }
    Ok(file.flush().await?)
}

fn unreadable(error: &std::io::Error) -> Problem {
    Problem::new(Cause::Other, format!("The file that was received cannot be read: {}.", error.kind()))
}

impl From<Problem> for FileError {
    fn from(problem: Problem) -> Self {
        match problem.cause {
            Cause::NoSuchKey => Self::Missing,
            Cause::Outside => Self::Outside,
            _ => Self::Bucket(problem.line()),
        }
    }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, FileError> + Send + 'static,
) -> Result<T, FileError> {
    tokio::task::spawn_blocking(work)
        .await
        .unwrap_or_else(|e| Err(FileError::Io(std::io::Error::other(e.to_string()))))
}
