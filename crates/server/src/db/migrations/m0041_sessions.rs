//! How long sessions last: since the sign-in, and since they were last used.

pub const STATEMENTS: &[&str] = &[
    "ALTER TABLE sessions ADD COLUMN last_activity TEXT NOT NULL DEFAULT ''",
    "UPDATE sessions SET last_activity = created_at",
    "CREATE INDEX sessions_user ON sessions (user_id)",
    "CREATE INDEX sessions_expiry ON sessions (expires_at)",
    // Minutes, as the API says them.
    "CREATE TABLE session_policies (id {pk}, organization BIGINT NOT NULL UNIQUE, max_session_age BIGINT NOT NULL, max_time_between_activity BIGINT NOT NULL, created_at TEXT NOT NULL, updated_at TEXT NOT NULL)",
];
