//! Writing to disks that may be full.

use crate::db::Trouble;
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

/// What a client is told, whoever found it full: the disk of the files, or that of the database.
pub(crate) fn message() -> &'static str {
    Trouble::Full.message()
}

fn full() -> ApiError {
    ApiError::Status(StatusCode::INSUFFICIENT_STORAGE, message().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_is_told_from_other_trouble() {
        assert_eq!(failed(ErrorKind::StorageFull.into()).status(), 507);
        assert_eq!(failed(ErrorKind::QuotaExceeded.into()).status(), 507);
        assert_eq!(failed(ErrorKind::PermissionDenied.into()).status(), 500);
    }
}
