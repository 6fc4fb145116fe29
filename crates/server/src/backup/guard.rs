//! Who uses a SQLite database: servers and commands share a lock beside it, a restore needs it alone. The system frees the
//! lock of a process that was killed.

use super::beside;
use anyhow::Context;
use std::fs::{File, TryLockError};
use std::path::Path;

/// Held as long as the database is used.
#[derive(Debug)]
pub struct Guard(Option<File>);

fn open(database: &Path) -> anyhow::Result<File> {
    let path = beside(database, ".lock");
    let mut options = File::options();
    options.create(true).truncate(false).write(true);
    options.open(&path).with_context(|| format!("cannot open the lock of the database: {}", path.display()))
}

impl Guard {
    /// For those who share the database. Fails only while a restore is at work.
    pub fn shared(database: &Path) -> anyhow::Result<Self> {
        let file = open(database)?;
        match file.try_lock_shared() {
            Ok(()) => Ok(Self(Some(file))),
            Err(TryLockError::WouldBlock) => {
                anyhow::bail!("the database is being restored; start again when that is done")
            }
            Err(TryLockError::Error(error)) => {
                // Some network file systems know no locks.
                tracing::warn!("the database cannot be locked against a restore: {error}");
                Ok(Self(None))
            }
        }
    }

    /// For a restore.
    pub fn alone(database: &Path) -> anyhow::Result<Self> {
        let file = open(database)?;
        match file.try_lock() {
            Ok(()) => Ok(Self(Some(file))),
            Err(TryLockError::WouldBlock) => anyhow::bail!("a server runs on this database; stop it first"),
            Err(TryLockError::Error(error)) => {
                Err(error).context("cannot find out whether a server runs on this database")
            }
        }
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        if let Some(file) = &self.0 {
            let _ = file.unlock();
        }
    }
}
