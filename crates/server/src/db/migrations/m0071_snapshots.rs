//! Snapshots of exports made by jobs, and the formats they were converted to.

pub const STATEMENTS: &[&str] = &[
    "ALTER TABLE exports ADD COLUMN status TEXT NOT NULL DEFAULT 'completed'",
    "ALTER TABLE exports ADD COLUMN options TEXT NOT NULL DEFAULT '{}'",
    "ALTER TABLE exports ADD COLUMN problem TEXT",
    "ALTER TABLE exports ADD COLUMN job BIGINT",
    "CREATE INDEX exports_project ON exports (project, id)",
    "CREATE TABLE export_conversions (id {pk}, export_id BIGINT NOT NULL, export_type TEXT NOT NULL, status TEXT NOT NULL, file TEXT NOT NULL, problem TEXT,
        job BIGINT, created_at TEXT NOT NULL, finished_at TEXT, UNIQUE (export_id, export_type))",
];
