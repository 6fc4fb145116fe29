//! Request bodies on their way to disk: nothing of a size that the sender chooses is held in memory.

use crate::auth::random_hex;
use crate::error::{ApiError, ApiResult};
use crate::files::{FileStore, sanitised_name};
use crate::routes::extract::{announced, drain, too_large};
use crate::state::AppState;
use axum::extract::multipart::{Field, MultipartError};
use axum::extract::{FromRequest, Multipart, Request};
use axum::http::{StatusCode, header};
use tokio::io::{AsyncWriteExt, BufWriter};
use tokio_stream::StreamExt;

/// Extensions that may be uploaded.
const EXTENSIONS: &[&str] = &[
    "bmp", "csv", "flac", "gif", "htm", "html", "jpg", "jpeg", "json", "jsonl", "m4a", "mp3", "mp4", "ogg",
    "pdf", "png", "svg", "tsv", "txt", "wav", "webm", "webp", "xml",
];

/// A received file, at a place of its own until its tasks are stored. It goes away unless it is kept.
#[derive(Debug)]
pub(super) struct Spool {
    files: FileStore,
    path: String,
    kept: bool,
    pub(super) size: u64,
}

impl Spool {
    async fn create(state: &AppState) -> ApiResult<(Self, Writer)> {
        let path = format!("{}/{}", FileStore::SPOOL, random_hex());
        let (files, name) = (state.files.clone(), path.clone());
        let file = blocking(move || files.create(&name)).await?;
        let writer = BufWriter::with_capacity(1 << 18, tokio::fs::File::from_std(file));
        Ok((Self { files: state.files.clone(), path, kept: false, size: 0 }, writer))
    }

    pub(super) fn open(&self) -> ApiResult<std::fs::File> {
        Ok(self.files.open_file(&self.path).map_err(anyhow::Error::from)?.0)
    }

    pub(super) async fn move_to(&mut self, path: &str) -> ApiResult<()> {
        let (files, from, to) = (self.files.clone(), self.path.clone(), path.to_owned());
        blocking(move || files.rename(&from, &to)).await?;
        path.clone_into(&mut self.path);
        Ok(())
    }

    /// From now on it stays.
    pub(super) fn keep(&mut self) {
        self.kept = true;
    }
}

impl Drop for Spool {
    fn drop(&mut self) {
        if !self.kept
            && let Err(e) = self.files.remove(&self.path)
        {
            tracing::warn!("a received file could not be removed: {e}: {}", self.path);
        }
    }
}

type Writer = BufWriter<tokio::fs::File>;

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, crate::files::FileError> + Send + 'static,
) -> ApiResult<T> {
    Ok(tokio::task::spawn_blocking(work).await.map_err(anyhow::Error::from)?.map_err(anyhow::Error::from)?)
}

/// The body itself, or one of the files in it.
#[derive(Debug)]
pub(super) struct Incoming {
    pub(super) spool: Spool,
    pub(super) file: Option<Named>,
}

#[derive(Debug)]
pub(super) struct Named {
    /// As its owner calls it.
    pub(super) name: String,
    /// Where it is kept, below the folder of media.
    pub(super) stored: String,
}

/// Takes in the body of an import.
pub(super) async fn receive(state: &AppState, project: i64, request: Request) -> ApiResult<Vec<Incoming>> {
    let (length, limit) = (announced(&request), state.settings.upload_limit);
    if let Some(length) = length.filter(|l| *l > limit as u64) {
        drain(request).await;
        return Err(too_large(length, limit));
    }
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let nothing = || ApiError::BadRequest("load_tasks: No data found in DATA or in FILES".into());
    if kind.starts_with("multipart/form-data") {
        let received = receive_files(state, project, request).await?;
        return if received.is_empty() { Err(nothing()) } else { Ok(received) };
    }
    if kind.starts_with("application/x-www-form-urlencoded") {
        return Err(ApiError::BadRequest(
            "Import by address is not available on this server yet; upload the file or send JSON.".into(),
        ));
    }
    let (mut spool, mut writer) = Spool::create(state).await?;
    let mut body = request.into_body().into_data_stream();
    while let Some(piece) = body.next().await {
        let piece = piece.map_err(|e| ApiError::BadRequest(format!("The request broke off: {e}")))?;
        spool.size += piece.len() as u64;
        if spool.size > limit as u64 {
            return Err(too_large(spool.size, limit));
        }
        writer.write_all(&piece).await.map_err(anyhow::Error::from)?;
    }
    writer.flush().await.map_err(anyhow::Error::from)?;
    if spool.size == 0 {
        return Err(nothing());
    }
    Ok(vec![Incoming { spool, file: None }])
}

async fn receive_files(state: &AppState, project: i64, request: Request) -> ApiResult<Vec<Incoming>> {
    let (limit, most) = (state.settings.upload_limit, state.settings.upload_files_limit);
    let broken = |e: MultipartError| {
        if e.status() == StatusCode::PAYLOAD_TOO_LARGE {
            too_large(limit as u64 + 1, limit)
        } else {
            ApiError::BadRequest(format!("The upload broke off: {}", e.body_text()))
        }
    };
    let mut multipart = Multipart::from_request(request, state)
        .await
        .map_err(|e| ApiError::BadRequest(format!("The upload cannot be read: {}", e.body_text())))?;
    let mut received: Vec<Incoming> = Vec::new();
    while let Some(field) = multipart.next_field().await.map_err(broken)? {
        let Some(name) = field.file_name().map(str::to_owned) else { continue };
        if received.len() >= most {
            return Err(ApiError::BadRequest(format!("At most {most} files may be uploaded at once.")));
        }
        let extension = name.rsplit_once('.').map(|(_, e)| e.to_ascii_lowercase()).unwrap_or_default();
        if !EXTENSIONS.contains(&extension.as_str()) {
            return Err(ApiError::items(vec![format!(
                "{name}: files of the kind .{extension} are not accepted; accepted are .{}.",
                EXTENSIONS.join(" .")
            )]));
        }
        let before: u64 = received.iter().map(|r| r.spool.size).sum();
        let spool = receive_file(state, field, before).await.map_err(|e| match e {
            Broken::Upload(e) => broken(e),
            Broken::Other(e) => e,
        })?;
        let stored = format!("upload/{project}/{}-{}", &random_hex()[..8], sanitised_name(&name));
        received.push(Incoming { spool, file: Some(Named { name, stored }) });
    }
    Ok(received)
}

enum Broken {
    Upload(MultipartError),
    Other(ApiError),
}

/// One file of several; `before` is what the others have.
async fn receive_file(state: &AppState, mut field: Field<'_>, before: u64) -> Result<Spool, Broken> {
    let limit = state.settings.upload_limit;
    let io = |e: std::io::Error| Broken::Other(ApiError::Internal(e.into()));
    let (mut spool, mut writer) = Spool::create(state).await.map_err(Broken::Other)?;
    while let Some(piece) = field.chunk().await.map_err(Broken::Upload)? {
        spool.size += piece.len() as u64;
        if before + spool.size > limit as u64 {
            return Err(Broken::Other(too_large(before + spool.size, limit)));
        }
        writer.write_all(&piece).await.map_err(io)?;
    }
    writer.flush().await.map_err(io)?;
    // What is acknowledged later is on disk by then.
    writer.get_ref().sync_all().await.map_err(io)?;
    Ok(spool)
}
