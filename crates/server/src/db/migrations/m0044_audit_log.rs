//! Who did what to people, tokens, settings and data, and from where. Rows are only ever added.

pub const STATEMENTS: &[&str] = &[
    "CREATE TABLE audit_log (id {pk}, created_at TEXT NOT NULL, organization BIGINT, user_id BIGINT, email TEXT NOT NULL, action TEXT NOT NULL,
        details TEXT NOT NULL, request_id TEXT NOT NULL, address TEXT NOT NULL)",
    "CREATE INDEX audit_log_organization ON audit_log (organization, id)",
    "CREATE INDEX audit_log_action ON audit_log (organization, action, id)",
    "CREATE INDEX audit_log_user ON audit_log (organization, user_id, id)",
];
