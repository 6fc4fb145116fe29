//! Append-only migrations. A migration that has been released is never edited; add another one to the list.

use sea_orm_migration::prelude::*;

pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![Box::new(Initial)]
    }
}

struct Initial;

impl MigrationName for Initial {
    fn name(&self) -> &'static str {
        "m0001_initial"
    }
}

/// Tables in portable SQL: `{pk}` is an automatic 64-bit key.
const TABLES: &[&str] = &[
    "CREATE TABLE organizations (id {pk}, title TEXT NOT NULL, invite_token TEXT NOT NULL, created_by BIGINT,
        legacy_api_tokens_enabled BOOLEAN NOT NULL, api_tokens_enabled BOOLEAN NOT NULL, created_at TEXT NOT NULL, updated_at TEXT NOT NULL)",
    "CREATE TABLE users (id {pk}, email TEXT NOT NULL UNIQUE, username TEXT NOT NULL, password_hash TEXT NOT NULL,
        first_name TEXT NOT NULL, last_name TEXT NOT NULL, phone TEXT NOT NULL, avatar TEXT, legacy_token TEXT NOT NULL UNIQUE,
        is_superuser BOOLEAN NOT NULL, allow_newsletters BOOLEAN, custom_hotkeys TEXT NOT NULL, active_organization BIGINT,
        last_activity TEXT NOT NULL, date_joined TEXT NOT NULL)",
    "CREATE TABLE memberships (id {pk}, organization BIGINT NOT NULL, user_id BIGINT NOT NULL, created_at TEXT NOT NULL, UNIQUE (organization, user_id))",
    "CREATE TABLE sessions (id {pk}, token_hash TEXT NOT NULL UNIQUE, user_id BIGINT NOT NULL, created_at TEXT NOT NULL, expires_at TEXT NOT NULL)",
    "CREATE TABLE setup_links (id {pk}, token_hash TEXT NOT NULL UNIQUE, expires_at TEXT NOT NULL)",
    "CREATE TABLE api_tokens (id {pk}, jti TEXT NOT NULL UNIQUE, user_id BIGINT NOT NULL, payload TEXT NOT NULL, blacklisted BOOLEAN NOT NULL, created_at TEXT NOT NULL)",
    "CREATE TABLE projects (id {pk}, organization BIGINT NOT NULL, created_by BIGINT, title TEXT NOT NULL, description TEXT NOT NULL, label_config TEXT NOT NULL,
        settings TEXT NOT NULL, maximum_annotations BIGINT NOT NULL, pinned_at TEXT, created_at TEXT NOT NULL, updated_at TEXT NOT NULL)",
    "CREATE INDEX projects_organization ON projects (organization, id)",
    "CREATE TABLE file_uploads (id {pk}, project BIGINT NOT NULL, user_id BIGINT, file TEXT NOT NULL UNIQUE, size BIGINT NOT NULL, created_at TEXT NOT NULL)",
    "CREATE INDEX file_uploads_project ON file_uploads (project, id)",
    "CREATE TABLE tasks (id {pk}, project BIGINT NOT NULL, inner_id BIGINT NOT NULL, data TEXT NOT NULL, meta TEXT NOT NULL, is_labeled BOOLEAN NOT NULL,
        overlap BIGINT NOT NULL, allow_skip BOOLEAN NOT NULL, file_upload BIGINT, total_annotations BIGINT NOT NULL, cancelled_annotations BIGINT NOT NULL,
        total_predictions BIGINT NOT NULL, updated_by BIGINT, created_at TEXT NOT NULL, updated_at TEXT NOT NULL)",
    "CREATE INDEX tasks_project ON tasks (project, id)",
    "CREATE INDEX tasks_project_labeled ON tasks (project, is_labeled, id)",
    "CREATE TABLE annotations (id {pk}, task BIGINT NOT NULL, project BIGINT NOT NULL, completed_by BIGINT, updated_by BIGINT, result TEXT NOT NULL, result_count BIGINT NOT NULL,
        was_cancelled BOOLEAN NOT NULL, ground_truth BOOLEAN NOT NULL, lead_time DOUBLE PRECISION, unique_id TEXT UNIQUE, import_id BIGINT, parent_prediction BIGINT,
        parent_annotation BIGINT, last_action TEXT, draft_created_at TEXT, created_at TEXT NOT NULL, updated_at TEXT NOT NULL)",
    "CREATE INDEX annotations_task ON annotations (task, id)",
    "CREATE INDEX annotations_project ON annotations (project, completed_by)",
    "CREATE TABLE drafts (id {pk}, task BIGINT NOT NULL, annotation BIGINT, user_id BIGINT NOT NULL, result TEXT NOT NULL, lead_time DOUBLE PRECISION, was_postponed BOOLEAN NOT NULL,
        created_at TEXT NOT NULL, updated_at TEXT NOT NULL)",
    "CREATE INDEX drafts_task ON drafts (task, user_id)",
    "CREATE TABLE predictions (id {pk}, task BIGINT NOT NULL, project BIGINT NOT NULL, result TEXT NOT NULL, score DOUBLE PRECISION, model_version TEXT NOT NULL,
        cluster BIGINT, mislabeling DOUBLE PRECISION NOT NULL, created_at TEXT NOT NULL, updated_at TEXT NOT NULL)",
    "CREATE INDEX predictions_task ON predictions (task, id)",
    "CREATE INDEX predictions_project ON predictions (project, model_version)",
    "CREATE TABLE locks (id {pk}, task BIGINT NOT NULL, user_id BIGINT NOT NULL, unique_id TEXT NOT NULL, expire_at TEXT NOT NULL, created_at TEXT NOT NULL, UNIQUE (task, user_id))",
    "CREATE TABLE stream_history (id {pk}, project BIGINT NOT NULL, user_id BIGINT NOT NULL, task BIGINT NOT NULL, annotation BIGINT, UNIQUE (project, user_id, task))",
    "CREATE TABLE idempotency_keys (id {pk}, user_id BIGINT NOT NULL, idempotency_key TEXT NOT NULL, status BIGINT NOT NULL, body TEXT NOT NULL, created_at TEXT NOT NULL, UNIQUE (user_id, idempotency_key))",
    "CREATE TABLE exports (id {pk}, project BIGINT NOT NULL, created_by BIGINT, title TEXT NOT NULL, file TEXT NOT NULL, md5 TEXT NOT NULL, task_number BIGINT NOT NULL, created_at TEXT NOT NULL, finished_at TEXT NOT NULL)",
    "CREATE TABLE views (id {pk}, project BIGINT NOT NULL, user_id BIGINT NOT NULL, data TEXT NOT NULL, position BIGINT NOT NULL)",
];

#[async_trait::async_trait]
impl MigrationTrait for Initial {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let key = match manager.get_database_backend() {
            sea_orm::DbBackend::Postgres => "BIGSERIAL PRIMARY KEY",
            _ => "INTEGER PRIMARY KEY AUTOINCREMENT",
        };
        for sql in TABLES {
            manager.get_connection().execute_unprepared(&sql.replace("{pk}", key)).await?;
        }
        Ok(())
    }
}
