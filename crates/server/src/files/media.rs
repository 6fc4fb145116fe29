//! What the server itself keeps: uploads, avatars, export snapshots. In the folder of media, or in a bucket.
//!
//! Contract, odd cases first:
//! - A name is a relative path (`upload/7/ab12-a.png`); one that leads out is refused by the folder's handle.
//! - Whatever is large is written to the local spool first ([`FileStore::SPOOL`] of `state.files`) and then *taken*: the
//!   spool's file is gone afterwards, and a name either holds the whole file or nothing.
//! - [`Media::open`] gives a file that can be read at any place; from a bucket it is a copy that nobody else sees.
//! - Removing what is gone already is fine.

use super::{FileError, FileStore};
use crate::auth::random_hex;
use crate::error::ApiResult;
use axum::http::HeaderMap;
use axum::response::Response;
use bytes::Bytes;
use std::fs::File;

/// The place of the server's own files.
#[derive(Clone, Debug)]
pub struct Media(Place);

#[derive(Clone, Debug)]
enum Place {
    Folder(FileStore),
}

impl Media {
    pub fn folder(files: FileStore) -> Self {
        Self(Place::Folder(files))
    }

    /// Takes over a file of the spool under a name; the spool is a folder of `files`.
    pub async fn take(&self, files: &FileStore, spooled: &str, name: &str) -> Result<(), FileError> {
        match &self.0 {
            Place::Folder(_) => {
                let (files, from, to) = (files.clone(), spooled.to_owned(), name.to_owned());
                blocking(move || files.rename(&from, &to)).await
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
                    let mut file = files.create(&part)?;
                    std::io::Write::write_all(&mut file, &content)?;
                    file.sync_all()?;
                    files.rename(&part, &name)
                })
                .await
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
        }
    }

    pub async fn remove(&self, name: &str) -> Result<(), FileError> {
        match &self.0 {
            Place::Folder(files) => {
                let (files, name) = (files.clone(), name.to_owned());
                blocking(move || files.remove(&name)).await
            }
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
