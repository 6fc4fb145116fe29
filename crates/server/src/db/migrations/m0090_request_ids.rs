//! Which request has asked for a job, so that the log tells what came of it.

pub const STATEMENTS: &[&str] = &["ALTER TABLE jobs ADD COLUMN request_id TEXT"];
