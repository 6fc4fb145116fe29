//! Labels that people add while they work, and the controls of projects that they belong to.

pub const STATEMENTS: &[&str] = &[
    // `label_key` is a digest of title and value, which may be longer than an index takes.
    "CREATE TABLE labels (id {pk}, organization BIGINT NOT NULL, title TEXT NOT NULL, value TEXT NOT NULL, label_key TEXT NOT NULL, description TEXT,
        created_by BIGINT, approved BOOLEAN NOT NULL, approved_by BIGINT, created_at TEXT NOT NULL, updated_at TEXT NOT NULL,
        UNIQUE (organization, label_key))",
    "CREATE TABLE label_links (id {pk}, label BIGINT NOT NULL, project BIGINT NOT NULL, from_name TEXT NOT NULL, created_at TEXT NOT NULL,
        updated_at TEXT NOT NULL, UNIQUE (project, from_name, label))",
    "CREATE INDEX label_links_label ON label_links (label)",
];
