//! Files on their way: received or written at a place of their own, and gone again unless they are kept.

use crate::error::{ApiError, ApiResult};
use crate::exchange::{disk, media};
use crate::files::{FileStore, Media};
use crate::routes::too_large;
use axum::body::Bytes;
use std::time::Duration;
use tokio::io::{AsyncWrite, AsyncWriteExt, BufWriter};
use tokio_stream::{Stream, StreamExt};

/// A file in the spool. Dropped it is removed, unless it was kept.
#[derive(Debug)]
pub(crate) struct Spool {
    files: FileStore,
    path: String,
    kept: bool,
    pub(crate) size: u64,
}

/// How a file is written.
pub(crate) type Writer = BufWriter<tokio::fs::File>;

impl Spool {
    /// A new file, and the way to write it without waiting.
    pub(crate) async fn create(files: &FileStore) -> ApiResult<(Self, Writer)> {
        let (spool, file) = Self::create_plain(files).await?;
        Ok((spool, BufWriter::with_capacity(1 << 18, tokio::fs::File::from_std(file))))
    }

    /// The same for a thread that may wait.
    pub(crate) async fn create_plain(files: &FileStore) -> ApiResult<(Self, std::fs::File)> {
        let path = FileStore::spool_path();
        let (store, name) = (files.clone(), path.clone());
        let file = media::blocking(move || store.create(&name)).await?;
        Ok((Self { files: files.clone(), path, kept: false, size: 0 }, file))
    }

    pub(crate) fn open(&self) -> ApiResult<std::fs::File> {
        Ok(self.files.open_file(&self.path).map_err(anyhow::Error::from)?.0)
    }

    /// Moves it to where files stay; out of a folder it is still removed when dropped.
    pub(crate) async fn move_to(&mut self, media: &Media, path: &str) -> ApiResult<()> {
        media.take(&self.files, &self.path, path).await.map_err(media::failed)?;
        path.clone_into(&mut self.path);
        Ok(())
    }

    /// From now on it stays.
    pub(crate) fn keep(&mut self) {
        self.kept = true;
    }

    pub(crate) fn path(&self) -> &str {
        &self.path
    }
}

impl Drop for Spool {
    fn drop(&mut self) {
        if !self.kept
            && let Err(e) = self.files.remove(&self.path)
        {
            tracing::warn!("a spooled file could not be removed: {e}: {}", self.path);
        }
    }
}

/// Writes what arrives, at most `limit` bytes of which `before` are used up; gives how many there were.
///
/// Where it cannot be kept, the rest is read all the same: a client that is still sending when the connection closes sees
/// a broken line instead of the answer.
pub(crate) async fn pour<E>(
    mut pieces: impl Stream<Item = Result<Bytes, E>> + Unpin,
    writer: &mut (impl AsyncWrite + Unpin),
    before: u64,
    limit: usize,
    broken: impl Fn(E) -> ApiError,
) -> ApiResult<u64> {
    let mut size = 0;
    while let Some(piece) = pieces.next().await {
        let piece = piece.map_err(&broken)?;
        size += piece.len() as u64;
        let kept = if before + size > limit as u64 {
            Err(too_large(before + size, limit))
        } else {
            writer.write_all(&piece).await.map_err(disk::failed)
        };
        if let Err(error) = kept {
            discard(pieces).await;
            return Err(error);
        }
    }
    writer.flush().await.map_err(disk::failed)?;
    Ok(size)
}

/// Reads to the end, within reason.
async fn discard<E>(mut pieces: impl Stream<Item = Result<Bytes, E>> + Unpin) {
    let mut left = 4u64 << 30;
    let all = async {
        while let Some(Ok(piece)) = pieces.next().await {
            left = left.saturating_sub(piece.len() as u64);
            if left == 0 {
                break;
            }
        }
    };
    let _ = tokio::time::timeout(Duration::from_secs(60), all).await;
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::ErrorKind;
    use std::pin::Pin;
    use std::task::{Context, Poll};

    /// A disk with room for so many bytes.
    struct Small(usize);

    impl AsyncWrite for Small {
        fn poll_write(
            mut self: Pin<&mut Self>,
            _: &mut Context<'_>,
            bytes: &[u8],
        ) -> Poll<std::io::Result<usize>> {
            let written = bytes.len().min(self.0);
            self.0 -= written;
            Poll::Ready(if written == 0 { Err(ErrorKind::StorageFull.into()) } else { Ok(written) })
        }

        fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<std::io::Result<()>> {
            Poll::Ready(Ok(()))
        }

        fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<std::io::Result<()>> {
            Poll::Ready(Ok(()))
        }
    }

    fn pieces() -> impl Stream<Item = Result<Bytes, std::io::Error>> + Unpin {
        tokio_stream::iter((0..4).map(|_| Ok(Bytes::from_static(&[7; 100]))))
    }

    #[tokio::test]
    async fn a_full_disk_is_507() {
        let broken = |e: std::io::Error| ApiError::Internal(e.into());
        assert_eq!(pour(pieces(), &mut Small(1000), 0, 1000, broken).await.unwrap(), 400);
        let error = pour(pieces(), &mut Small(250), 0, 1000, broken).await.unwrap_err();
        assert_eq!(error.status(), 507);
        assert!(error.to_string().contains("no room left on the server's disk"));
        assert_eq!(pour(pieces(), &mut Small(1000), 700, 1000, broken).await.unwrap_err().status(), 413);
        let broken_off = tokio_stream::iter([Err::<Bytes, _>(std::io::Error::other("gone"))]);
        let error = pour(broken_off, &mut Small(1), 0, 10, |e| ApiError::BadRequest(e.to_string())).await;
        assert_eq!(error.unwrap_err().status(), 400);
    }

    #[tokio::test]
    async fn what_is_not_kept_goes_away() {
        let dir = tempfile::tempdir().unwrap();
        let files = FileStore::open(dir.path()).unwrap();
        let (mut spool, mut writer) = Spool::create(&files).await.unwrap();
        writer.write_all(b"x").await.unwrap();
        writer.flush().await.unwrap();
        let settings = crate::Settings::new(dir.path().to_owned());
        let media = Media::of(&settings, files.clone()).unwrap();
        spool.move_to(&media, "upload/1/x").await.unwrap();
        assert!(dir.path().join("upload/1/x").exists());
        drop(spool);
        assert!(!dir.path().join("upload/1/x").exists());
        let (mut kept, _) = Spool::create(&files).await.unwrap();
        kept.keep();
        let path = dir.path().join(kept.path());
        drop(kept);
        assert!(path.exists());
        files.clear_spool().unwrap();
        assert!(path.exists(), "this process still runs");
    }
}
