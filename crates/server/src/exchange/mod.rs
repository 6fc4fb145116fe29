//! What comes in and goes out in bulk: imports, exports, snapshots.
//!
//! A request is received or answered here; the work itself is a job (`jobs::kinds`), so that it survives a kill, shows its
//! progress and can be cancelled. Nothing of a size that somebody else chooses is held in memory: what comes in is spooled
//! to disk while it arrives and read task by task, what goes out is written page by page.

pub(crate) mod config;
pub(crate) mod disk;
pub(crate) mod export;
pub(crate) mod import;
pub(crate) mod media;
pub(crate) mod ranges;
pub(crate) mod spool;
