//! Writing to disks that may be full.

use crate::error::ApiError;
use axum::http::StatusCode;
use std::io::ErrorKind;

/// What a client is told of a write that failed: 507 where the disk is full, else that it was our fault.
pub(crate) fn failed(error: std::io::Error) -> ApiError {
    match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => full(),
        _ => ApiError::Internal(error.into()),
    }
}

pub(crate) const FULL: &str =
    "The disk of the server is full, so nothing of this was stored. Free some space there and send it again.";

fn full() -> ApiError {
    ApiError::Status(StatusCode::INSUFFICIENT_STORAGE, FULL.into())
}

/// Whether an error's text says that a disk is full; those of databases have no kind of their own for it.
pub(crate) fn is_full(text: &str) -> bool {
    ["database or disk is full", "No space left on device", "could not extend file"]
        .iter()
        .any(|part| text.contains(part))
}

/// The same for errors of the database.
pub(crate) fn database(error: sea_orm::DbErr) -> ApiError {
    if is_full(&error.to_string()) { full() } else { ApiError::Database(error) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_is_told_from_other_trouble() {
        assert_eq!(failed(ErrorKind::StorageFull.into()).status(), 507);
        assert_eq!(failed(ErrorKind::QuotaExceeded.into()).status(), 507);
        assert_eq!(failed(ErrorKind::PermissionDenied.into()).status(), 500);
        let full = sea_orm::DbErr::Custom("(code: 13) database or disk is full".into());
        assert_eq!(database(full).status(), 507);
        assert_eq!(database(sea_orm::DbErr::Custom("syntax".into())).status(), 500);
    }
}
