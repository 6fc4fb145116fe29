//! Storages, what came out of them, and what waits to be written to them.

pub const STATEMENTS: &[&str] = &[
    // `fields` are shown, `secrets` are sealed with the server's key; `partial` is a task file that is half read.
    "CREATE TABLE storages (id {pk}, project BIGINT NOT NULL, purpose TEXT NOT NULL, kind TEXT NOT NULL, title TEXT, description TEXT, fields TEXT NOT NULL,
        secrets TEXT NOT NULL, synchronizable BOOLEAN NOT NULL, status TEXT NOT NULL, last_sync TEXT, last_sync_count BIGINT, last_sync_job BIGINT, traceback TEXT,
        meta TEXT NOT NULL, partial TEXT, created_by BIGINT, created_at TEXT NOT NULL, updated_at TEXT NOT NULL)",
    "CREATE INDEX storages_project ON storages (project, purpose, id)",
    "CREATE TABLE storage_links (id {pk}, storage BIGINT NOT NULL, key TEXT NOT NULL, row_index BIGINT NOT NULL, task BIGINT NOT NULL, created_at TEXT NOT NULL)",
    "CREATE INDEX storage_links_key ON storage_links (storage, key)",
    "CREATE INDEX storage_links_task ON storage_links (task)",
    // What has been written: one object for an annotation, or (annotation 0) one for the task.
    "CREATE TABLE export_links (id {pk}, storage BIGINT NOT NULL, task BIGINT NOT NULL, annotation BIGINT NOT NULL, key TEXT NOT NULL, version TEXT NOT NULL,
        updated_at TEXT NOT NULL, UNIQUE (storage, task, annotation))",
    // Tasks whose annotations changed; a row goes when what it tells of has been written.
    "CREATE TABLE export_queue (id {pk}, storage BIGINT NOT NULL, task BIGINT NOT NULL, version BIGINT NOT NULL, job BIGINT, attempts BIGINT NOT NULL, error TEXT,
        run_after TEXT NOT NULL, worker TEXT, lease_until TEXT NOT NULL, created_at TEXT NOT NULL, UNIQUE (storage, task))",
    "CREATE INDEX export_queue_due ON export_queue (run_after, id)",
    "CREATE INDEX export_queue_job ON export_queue (job) WHERE job IS NOT NULL",
];
