//! What kind of trouble a database error is, so that clients hear whether to wait, to make room or to report a bug.

use sea_orm::{DbErr, RuntimeErr, SqlxError};
use std::io;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// The server of the database is not there, restarts, or takes no more connections.
    Away,
    /// It went away before it said whether something was stored.
    InDoubt,
    /// Others hold what is asked for.
    Busy,
    /// There is no room left on its disk.
    Full,
    /// Anything else: a bug, or a damaged database.
    Other,
}

impl Trouble {
    pub fn of(error: &DbErr) -> Self {
        match error {
            DbErr::ConnectionAcquire(_) => Self::Away,
            DbErr::Conn(RuntimeErr::SqlxError(e))
            | DbErr::Exec(RuntimeErr::SqlxError(e))
            | DbErr::Query(RuntimeErr::SqlxError(e)) => of_driver(e),
            DbErr::Custom(text) if text == BUSY => Self::Busy,
            DbErr::Custom(text) if text.starts_with(IN_DOUBT) => Self::InDoubt,
            _ => Self::Other,
        }
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::Away => "away",
            Self::InDoubt => "in_doubt",
            Self::Busy => "busy",
            Self::Full => "full",
            Self::Other => "other",
        }
    }

    /// Whether it is likely to pass by itself.
    pub fn passes(self) -> bool {
        matches!(self, Self::Away | Self::InDoubt | Self::Busy)
    }

    /// What a client is told.
    pub fn message(self) -> &'static str {
        match self {
            Self::Away => {
                "The database cannot be reached just now; nothing was stored. Try again in a moment."
            }
            Self::InDoubt => {
                "The database went away before it said whether this was stored. Look for it before you send it again; \
                 with the same Idempotency-Key, sending it again stores it once."
            }
            Self::Busy => "The database is busy: others hold it; nothing was stored. Try again in a moment.",
            Self::Full => {
                "There is no room left on the server's disk; nothing was stored. Make room there, then try again."
            }
            Self::Other => "The database has met a problem; the server's log says more.",
        }
    }
}

/// The text of the error of a writer that has waited too long for its place.
pub(super) const BUSY: &str = "the writer's place did not become free in time";

const IN_DOUBT: &str = "nobody knows whether it was stored";

/// The error of what would have committed something: where the connection broke, it may have.
pub fn in_doubt(error: DbErr) -> DbErr {
    match error {
        DbErr::Exec(_) | DbErr::Query(_) if Trouble::of(&error) == Trouble::Away => {
            DbErr::Custom(format!("{IN_DOUBT}: {error}"))
        }
        // Without a connection nothing was asked.
        error => error,
    }
}

fn of_driver(error: &SqlxError) -> Trouble {
    match error {
        SqlxError::PoolTimedOut | SqlxError::PoolClosed | SqlxError::WorkerCrashed => Trouble::Away,
        SqlxError::BeginFailed | SqlxError::Tls(_) => Trouble::Away,
        SqlxError::Io(error) => of_io(error).unwrap_or(Trouble::Away),
        SqlxError::Database(error) => error.code().map_or(Trouble::Other, |code| of_code(&code)),
        _ => Trouble::Other,
    }
}

/// A number is SQLite's, five characters are PostgreSQL's.
fn of_code(code: &str) -> Trouble {
    if code.len() == 5 {
        return match code {
            "53100" => Trouble::Full,
            "55P03" | "40001" | "40P01" => Trouble::Busy,
            "57P01" | "57P02" | "57P03" | "53300" | "25006" => Trouble::Away,
            code if code.starts_with("08") => Trouble::Away,
            _ => Trouble::Other,
        };
    }
    // The low byte is the kind, the rest says more of it.
    match code.parse::<u32>().map(|code| code & 0xff) {
        Ok(5 | 6) => Trouble::Busy,
        Ok(13) => Trouble::Full,
        Ok(14) => Trouble::Away,
        _ => Trouble::Other,
    }
}

/// Full disks, among the errors of files.
pub fn of_io(error: &io::Error) -> Option<Trouble> {
    use io::ErrorKind::{FileTooLarge, QuotaExceeded, StorageFull};
    matches!(error.kind(), StorageFull | QuotaExceeded | FileTooLarge).then_some(Trouble::Full)
}

/// The trouble behind any error, where it is one that a client can do something about.
pub fn behind(error: &anyhow::Error) -> Option<Trouble> {
    error.chain().find_map(|cause| {
        let of_database = cause.downcast_ref::<DbErr>().map(Trouble::of);
        of_database.or_else(|| cause.downcast_ref::<io::Error>().and_then(of_io))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_of_both_databases() {
        for (code, trouble) in [
            ("5", Trouble::Busy),
            ("517", Trouble::Busy),
            ("13", Trouble::Full),
            ("2067", Trouble::Other),
            ("57P01", Trouble::Away),
            ("08006", Trouble::Away),
            ("53100", Trouble::Full),
            ("23505", Trouble::Other),
        ] {
            assert_eq!(of_code(code), trouble, "{code}");
        }
    }

    #[test]
    fn a_commit_that_nobody_confirmed_is_in_doubt() {
        let driver = |error: SqlxError| RuntimeErr::SqlxError(error.into());
        let broken = || driver(SqlxError::Io(io::Error::from(io::ErrorKind::UnexpectedEof)));
        assert_eq!(Trouble::of(&in_doubt(DbErr::Exec(broken()))), Trouble::InDoubt);
        assert_eq!(Trouble::of(&in_doubt(DbErr::Query(broken()))), Trouble::InDoubt);
        assert_eq!(Trouble::of(&in_doubt(DbErr::Conn(broken()))), Trouble::Away);
        let full = io::Error::from(io::ErrorKind::StorageFull);
        assert_eq!(Trouble::of(&in_doubt(DbErr::Exec(driver(SqlxError::Io(full))))), Trouble::Full);
    }

    #[test]
    fn a_full_disk_is_found_behind_other_errors() {
        let full = anyhow::Error::from(io::Error::from(io::ErrorKind::StorageFull)).context("cannot write");
        assert_eq!(behind(&full), Some(Trouble::Full));
        assert_eq!(behind(&anyhow::anyhow!("a bug")), None);
    }
}
