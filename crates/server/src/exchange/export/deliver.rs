//! An exported file as an answer, while it is still being written where that takes long.
//!
//! What is ready within [`PATIENCE`] is answered with its length, and its digest in the name. Of a longer export the answer
//! begins then, so that no proxy loses patience; its name has another digest, and a failure breaks the transfer off rather
//! than ending a file that looks complete.

use super::name;
use super::sink::{Sink, Written};
use crate::error::{ApiError, ApiResult};
use crate::exchange::spool::Spool;
use crate::state::AppState;
use axum::body::{Body, Bytes};
use axum::http::{HeaderValue, header};
use axum::response::Response;
use md5::{Digest, Md5};
use std::fs::File;
use std::io;
use std::time::Duration;
use tokio::io::AsyncReadExt;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_stream::Stream;

const PATIENCE: Duration = Duration::from_secs(15);
/// Bytes handed to the connection at once.
const PIECE: usize = 1 << 18;

/// Answers with what `produce` writes.
pub(crate) async fn deliver<F>(
    state: &AppState,
    project: i64,
    extension: &str,
    produce: impl FnOnce(Sink) -> F,
) -> ApiResult<Response>
where
    F: Future<Output = ApiResult<Written>> + Send + 'static,
{
    let (spool, file) = Spool::create_plain(&state.files).await?;
    let (sink, size) = Sink::with_reader(file);
    let mut work = tokio::spawn(produce(sink));
    let file = tokio::fs::File::from_std(spool.open()?);
    let (length, digest, work) = match tokio::time::timeout(PATIENCE, &mut work).await {
        Ok(done) => {
            let written = done.map_err(anyhow::Error::from)??;
            (Some(written.size), written.md5, None)
        }
        Err(_) => (None, name::hex(Md5::digest(spool.path())), Some(work)),
    };
    let tail = Tail { file, spool, size, work, at: 0 };
    let name = name::file(project, &digest, extension);
    Ok(attachment(Body::from_stream(tail.pieces()), &name, extension, length))
}

/// A file that is there.
pub(crate) fn whole(file: File, name: &str, extension: &str) -> ApiResult<Response> {
    let length = file.metadata().map_err(anyhow::Error::from)?.len();
    let reader = tokio_util::io::ReaderStream::with_capacity(tokio::fs::File::from_std(file), PIECE);
    Ok(attachment(Body::from_stream(reader), name, extension, Some(length)))
}

fn attachment(body: Body, name: &str, extension: &str, length: Option<u64>) -> Response {
    let mut response = Response::new(body);
    let headers = response.headers_mut();
    for (key, value) in [
        (header::CONTENT_TYPE, format!("application/{extension}")),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")),
        (header::HeaderName::from_static("filename"), name.to_owned()),
    ] {
        if let Ok(value) = HeaderValue::from_str(&value) {
            headers.insert(key, value);
        }
    }
    if let Some(length) = length {
        headers.insert(header::CONTENT_LENGTH, length.into());
    }
    response
}

/// Reads a file behind its writer.
struct Tail {
    file: tokio::fs::File,
    /// Removes the file when the answer has ended, however.
    spool: Spool,
    size: watch::Receiver<u64>,
    /// Nothing once the writer has ended well.
    work: Option<JoinHandle<ApiResult<Written>>>,
    at: u64,
}

impl Tail {
    fn pieces(self) -> impl Stream<Item = io::Result<Bytes>> {
        futures::stream::unfold(Some(self), async |tail| {
            let mut tail = tail?;
            match tail.piece().await {
                Ok(Some(piece)) => Some((Ok(piece), Some(tail))),
                Ok(None) => None,
                Err(error) => {
                    tracing::error!("an export broke off: {error}: {}", tail.spool.path());
                    Some((Err(error), None))
                }
            }
        })
    }

    async fn piece(&mut self) -> io::Result<Option<Bytes>> {
        loop {
            let written = *self.size.borrow_and_update();
            if self.at < written {
                let mut piece = vec![0; PIECE.min((written - self.at) as usize)];
                self.file.read_exact(&mut piece).await?;
                self.at += piece.len() as u64;
                return Ok(Some(piece.into()));
            }
            // An error here means that the writer is gone.
            if self.size.changed().await.is_ok() {
                continue;
            }
            let Some(work) = self.work.take() else { return Ok(None) };
            match work.await {
                Ok(Ok(_)) => {}
                Ok(Err(ApiError::Internal(error))) => return Err(io::Error::other(format!("{error:#}"))),
                Ok(Err(error)) => return Err(io::Error::other(error.to_string())),
                Err(bug) => return Err(io::Error::other(bug)),
            }
        }
    }
}
