//! Imports: bodies, uploaded files and addresses become tasks, all or nothing (spec/server.md 3.3, spec/formats.md 2).
//!
//! - What is sent is on disk before its job is queued; the job reads everything once and checks it, and only then reads it
//!   again and inserts, a thousand tasks per transaction. So a mistake anywhere in the file leaves nothing, and nobody
//!   waits for the writer of SQLite for long.
//! - Tasks are visible batch by batch. An import that is cancelled or fails takes its tasks away again; those that
//!   somebody has begun to annotate meanwhile stay, because no work may be lost.
//! - A reimport inserts first and removes the former tasks of its files afterwards: failing, it leaves those as they were.
//! - After a kill the job goes on behind the last batch that was committed. Every batch is noted with its ids.
//! - Two uploads of the same file at the same moment are two uploads.

pub(crate) mod predictions;
pub(crate) mod read;
pub(crate) mod svg;
pub(crate) mod undo;
pub(crate) mod url;

use crate::error::ApiError;
use crate::exchange::disk;
use crate::jobs::{Failure, Job};
use crate::store::imports::{Import, Problem};
use axum::http::StatusCode;

/// Tasks of one import.
pub(crate) const MOST_TASKS: i64 = 1_000_000;

/// Extensions that may be uploaded.
const EXTENSIONS: &[&str] = &[
    "bmp", "csv", "flac", "gif", "htm", "html", "jpg", "jpeg", "json", "jsonl", "m4a", "mp3", "mp4", "ogg",
    "pdf", "png", "svg", "tsv", "txt", "wav", "webm", "webp", "xml",
];

/// The lower-case extension of a name, or why a file of this kind is not taken.
pub(crate) fn extension(name: &str) -> Result<String, ApiError> {
    let extension = name.rsplit_once('.').map(|(_, e)| e.to_ascii_lowercase()).unwrap_or_default();
    if EXTENSIONS.contains(&extension.as_str()) {
        return Ok(extension);
    }
    Err(ApiError::items(vec![format!(
        "{name}: files of the kind .{extension} are not accepted; accepted are .{}.",
        EXTENSIONS.join(" .")
    )]))
}

/// What a client is told of an import that has failed.
pub(crate) fn error(import: Option<&Import>, job: &Job) -> ApiError {
    match import.and_then(|import| import.problem.clone()) {
        Some(problem) if !problem.items.is_empty() => ApiError::items(problem.items),
        Some(problem) => {
            let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::BAD_REQUEST);
            ApiError::Status(status, problem.detail)
        }
        None => ApiError::BadRequest(job.error.clone().unwrap_or_default()),
    }
}

impl Problem {
    /// Mistakes of what was sent.
    pub(crate) fn items(items: Vec<String>) -> Self {
        Self { status: 400, detail: "Validation error".into(), items }
    }

    pub(crate) fn of(why: &Failure) -> Self {
        let (status, detail) = match why {
            Failure::Cancelled => (409, "The import was cancelled.".to_owned()),
            Failure::Failed(text) if text == disk::message() => (507, text.clone()),
            Failure::Transient(_) => (503, format!("The import was given up: {why}.")),
            other => (400, other.to_string()),
        };
        Self { status, detail, items: Vec::new() }
    }
}
