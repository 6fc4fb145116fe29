//! The one place where imports and exports meet the folder of media: uploaded files, bodies that wait for their job,
//! snapshots.

use crate::error::{ApiError, ApiResult};
use crate::exchange::disk;
use crate::files::FileError;
use crate::state::AppState;
use std::fs::File;

/// Runs what waits for the disk where it may wait.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, FileError> + Send + 'static,
) -> ApiResult<T> {
    tokio::task::spawn_blocking(work).await.map_err(anyhow::Error::from)?.map_err(failed)
}

/// A kept file, to be read from its beginning.
pub(crate) async fn open(state: &AppState, path: &str) -> ApiResult<File> {
    Ok(state.media.open(path).await.map_err(failed)?.0)
}

/// Removes a kept file. One that cannot be removed is a line in the log: nothing refers to it any more.
pub(crate) async fn remove(state: &AppState, path: &str) {
    state.media.forget([path.to_owned()]).await;
}

pub(crate) fn failed(error: FileError) -> ApiError {
    match error {
        FileError::Io(e) => disk::failed(e),
        FileError::Missing => ApiError::NotFound(error.to_string()),
        // Away for a while, and said so: the sender tries again.
        FileError::Bucket(_) => error.into(),
        e => ApiError::Internal(e.into()),
    }
}
