//! Attempts to get in, counted for all processes together.

pub const STATEMENTS: &[&str] = &[
    "CREATE TABLE attempts (id {pk}, door TEXT NOT NULL UNIQUE, attempts BIGINT NOT NULL, until_at TEXT NOT NULL)",
    "CREATE INDEX attempts_until ON attempts (until_at)",
];
