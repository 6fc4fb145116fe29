//! Imports with what they were asked and what they have made; indexes for inner ids and for tasks of an upload.

pub const STATEMENTS: &[&str] = &[
    "CREATE TABLE imports (id {pk}, project BIGINT NOT NULL, user_id BIGINT NOT NULL, kind TEXT NOT NULL, job BIGINT, status TEXT NOT NULL,
        options TEXT NOT NULL, sources TEXT NOT NULL, found TEXT NOT NULL, task_count BIGINT NOT NULL, annotation_count BIGINT NOT NULL,
        prediction_count BIGINT NOT NULL, problem TEXT, created_at TEXT NOT NULL, updated_at TEXT NOT NULL, finished_at TEXT)",
    "CREATE INDEX imports_project ON imports (project, id)",
    "CREATE INDEX imports_open ON imports (id) WHERE status IN ('created', 'in_progress')",
    // What each transaction of an import has made; `ids` is a list of ranges.
    "CREATE TABLE import_batches (id {pk}, import_id BIGINT NOT NULL, ids TEXT NOT NULL)",
    "CREATE INDEX import_batches_import ON import_batches (import_id, id)",
    "CREATE INDEX tasks_inner ON tasks (project, inner_id)",
    "CREATE INDEX tasks_upload ON tasks (file_upload) WHERE file_upload IS NOT NULL",
];
