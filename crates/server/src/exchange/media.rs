//! The one place where imports and exports meet the folder of media: uploaded files, bodies that wait for their job,
//! snapshots.

use crate::error::{ApiError, ApiResult};
use crate::exchange::disk;
use crate::files::{FileError, FileStore};
use crate::state::AppState;
use std::fs::File;

/// Runs what waits for the disk where it may wait.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, FileError> + Send + 'static,
) -> ApiResult<T> {
    let done = tokio::task::spawn_blocking(work).await.map_err(anyhow::Error::from)?;
    done.map_err(|e| match e {
        FileError::Io(e) => disk::failed(e),
        FileError::Missing => ApiError::NotFound(e.to_string()),
        e => ApiError::Internal(e.into()),
    })
}

/// Moves a file from the spool to where it is kept.
pub(crate) async fn keep(files: &FileStore, from: &str, to: &str) -> ApiResult<()> {
    let (files, from, to) = (files.clone(), from.to_owned(), to.to_owned());
    blocking(move || files.rename(&from, &to)).await
}

/// A kept file, to be read from its beginning.
pub(crate) async fn open(state: &AppState, path: &str) -> ApiResult<File> {
    let (files, path) = (state.files.clone(), path.to_owned());
    Ok(blocking(move || files.open_file(&path)).await?.0)
}

/// Removes a kept file. One that cannot be removed is a line in the log: nothing refers to it any more.
pub(crate) async fn remove(state: &AppState, path: &str) {
    let (files, path) = (state.files.clone(), path.to_owned());
    let done = tokio::task::spawn_blocking(move || files.remove(&path).map_err(|e| (e, path))).await;
    if let Ok(Err((e, path))) = done {
        tracing::warn!("a file that nobody needs could not be removed: {e}: {path}");
    }
}
