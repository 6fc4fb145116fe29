//! Idempotency keys remember the request and the object instead of the answer's text.

pub const STATEMENTS: &[&str] = &[
    "ALTER TABLE idempotency_keys ADD COLUMN target TEXT",
    "ALTER TABLE idempotency_keys ADD COLUMN object BIGINT",
    // A key of an earlier version cannot be replayed; its time is over anyway.
    "DELETE FROM idempotency_keys",
    "CREATE INDEX idempotency_keys_age ON idempotency_keys (created_at)",
];
