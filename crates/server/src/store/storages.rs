//! Storages, and the links between their objects and tasks.

use crate::db;
use crate::store::json;
use crate::time;
use sea_orm::{ConnectionTrait, DbErr, QueryResult, Value as Sql};
use serde_json::{Map, Value};
use std::collections::HashSet;
use tagloom_storages::{Kind, Purpose};

#[derive(Clone, Debug)]
pub struct Storage {
    pub id: i64,
    pub project: i64,
    pub organization: i64,
    pub kind: Kind,
    pub purpose: Purpose,
    pub title: Option<String>,
    pub description: Option<String>,
    /// Those that are shown.
    pub fields: Map<String, Value>,
    /// Sealed; see [`crate::auth::seal`].
    pub secrets: String,
    pub synchronizable: bool,
    pub status: String,
    pub last_sync: Option<String>,
    pub last_sync_count: Option<i64>,
    pub last_sync_job: Option<i64>,
    pub traceback: Option<String>,
    pub meta: Value,
    /// A task file of which some rows are tasks already: `{"key", "rows"}`.
    pub partial: Value,
    pub created_by: Option<i64>,
    pub created_at: String,
}

/// What the `purpose` column says.
pub fn purpose_name(purpose: Purpose) -> &'static str {
    match purpose {
        Purpose::Import => "import",
        Purpose::Export => "export",
    }
}

const COLUMNS: &str = "SELECT s.id, s.project, p.organization AS organization, s.purpose, s.kind, s.title, s.description, \
     s.fields, s.secrets, s.synchronizable, s.status, s.last_sync, s.last_sync_count, s.last_sync_job, s.traceback, s.meta, \
     s.partial, s.created_by, s.created_at, j.state AS job_state, j.error AS job_error FROM storages s \
     JOIN projects p ON p.id = s.project LEFT JOIN jobs j ON j.id = s.last_sync_job";

impl Storage {
    fn of(row: &QueryResult) -> Result<Self, DbErr> {
        let kind: String = row.try_get("", "kind")?;
        let purpose: String = row.try_get("", "purpose")?;
        let mut storage = Self {
            id: row.try_get("", "id")?,
            project: row.try_get("", "project")?,
            organization: row.try_get("", "organization")?,
            kind: Kind::named(&kind).ok_or_else(|| DbErr::Custom(format!("a storage of the kind {kind}")))?,
            purpose: if purpose == "export" { Purpose::Export } else { Purpose::Import },
            title: row.try_get("", "title")?,
            description: row.try_get("", "description")?,
            fields: json(row, "fields")?.as_object().cloned().unwrap_or_default(),
            secrets: row.try_get("", "secrets")?,
            synchronizable: row.try_get("", "synchronizable")?,
            status: row.try_get("", "status")?,
            last_sync: row.try_get("", "last_sync")?,
            last_sync_count: row.try_get("", "last_sync_count")?,
            last_sync_job: row.try_get("", "last_sync_job")?,
            traceback: row.try_get("", "traceback")?,
            meta: json(row, "meta")?,
            partial: row
                .try_get::<Option<String>>("", "partial")?
                .and_then(|text| serde_json::from_str(&text).ok())
                .unwrap_or_default(),
            created_by: row.try_get("", "created_by")?,
            created_at: row.try_get("", "created_at")?,
        };
        let state: Option<String> = row.try_get("", "job_state")?;
        storage.see_to_job(state.as_deref(), row.try_get("", "job_error")?);
        Ok(storage)
    }

    /// A sync that was cancelled or given up could not write its end down itself.
    fn see_to_job(&mut self, state: Option<&str>, error: Option<String>) {
        if !matches!(self.status.as_str(), "queued" | "in_progress") {
            return;
        }
        match state {
            Some("queued" | "running") => {}
            Some("cancelled") => {
                self.status = "failed".into();
                self.traceback = Some("The sync was cancelled.".into());
            }
            _ => {
                self.status = "failed".into();
                self.traceback =
                    error.or_else(|| Some("The sync ended without a word; start it again.".into()));
            }
        }
    }

    /// Whether a sync waits or runs.
    pub fn is_syncing(&self) -> bool {
        matches!(self.status.as_str(), "queued" | "in_progress")
    }
}

/// A storage of that organization.
pub async fn get(
    conn: &impl ConnectionTrait,
    organization: i64,
    purpose: Purpose,
    kind: Kind,
    id: i64,
) -> Result<Option<Storage>, DbErr> {
    let sql = format!("{COLUMNS} WHERE s.id = $1 AND p.organization = $2 AND s.purpose = $3 AND s.kind = $4");
    let values = vec![id.into(), organization.into(), purpose_name(purpose).into(), kind.name().into()];
    db::one(conn, &sql, values).await?.as_ref().map(Storage::of).transpose()
}

/// Any storage, for work that is nobody's request.
pub async fn by_id(conn: &impl ConnectionTrait, id: i64) -> Result<Option<Storage>, DbErr> {
    db::one(conn, &format!("{COLUMNS} WHERE s.id = $1"), vec![id.into()])
        .await?
        .as_ref()
        .map(Storage::of)
        .transpose()
}

pub async fn of_project(
    conn: &impl ConnectionTrait,
    project: i64,
    purpose: Purpose,
    kind: Option<Kind>,
) -> Result<Vec<Storage>, DbErr> {
    let mut values: Vec<Sql> = vec![project.into(), purpose_name(purpose).into()];
    let mut only = "";
    if let Some(kind) = kind {
        only = "AND s.kind = $3";
        values.push(kind.name().into());
    }
    let sql = format!("{COLUMNS} WHERE s.project = $1 AND s.purpose = $2 {only} ORDER BY s.id");
    db::all(conn, &sql, values).await?.iter().map(Storage::of).collect()
}

/// An import storage of local files.
#[derive(Clone, Debug)]
pub struct LocalFolder {
    pub storage: i64,
    pub project: i64,
    pub path: String,
}

/// The folders of local files that members of an organization may see; of all organizations without one.
pub async fn local_folders(
    conn: &impl ConnectionTrait,
    organization: Option<i64>,
) -> Result<Vec<LocalFolder>, DbErr> {
    let sql = "SELECT s.id, s.project, s.fields, p.organization FROM storages s JOIN projects p ON p.id = s.project \
               WHERE s.purpose = 'import' AND s.kind = 'localfiles' ORDER BY s.id";
    let mut folders = Vec::new();
    for row in db::all(conn, sql, vec![]).await? {
        let theirs: i64 = row.try_get("", "organization")?;
        if organization.is_none_or(|organization| organization == theirs)
            && let Some(path) = json(&row, "fields")?["path"].as_str()
        {
            let (storage, project) = (row.try_get("", "id")?, row.try_get("", "project")?);
            folders.push(LocalFolder { storage, project, path: path.to_owned() });
        }
    }
    Ok(folders)
}

pub async fn insert(conn: &impl ConnectionTrait, s: &Storage) -> Result<i64, DbErr> {
    let now = time::now();
    db::insert(
        conn,
        "INSERT INTO storages (project, purpose, kind, title, description, fields, secrets, synchronizable, status, meta, \
         created_by, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'initialized', '{}', $9, $10, $10)",
        vec![
            s.project.into(),
            purpose_name(s.purpose).into(),
            s.kind.name().into(),
            s.title.clone().into(),
            s.description.clone().into(),
            Value::Object(s.fields.clone()).to_string().into(),
            s.secrets.clone().into(),
            s.synchronizable.into(),
            s.created_by.into(),
            now.into(),
        ],
    )
    .await
}

/// Writes down what a person may change.
pub async fn update(conn: &impl ConnectionTrait, s: &Storage) -> Result<(), DbErr> {
    db::run(
        conn,
        "UPDATE storages SET title = $2, description = $3, fields = $4, secrets = $5, synchronizable = $6, updated_at = $7 \
         WHERE id = $1",
        vec![
            s.id.into(),
            s.title.clone().into(),
            s.description.clone().into(),
            Value::Object(s.fields.clone()).to_string().into(),
            s.secrets.clone().into(),
            s.synchronizable.into(),
            time::now().into(),
        ],
    )
    .await?;
    Ok(())
}

/// Forgets a storage; its tasks stay. A sync that is at work meets the missing row.
pub async fn delete(conn: &impl ConnectionTrait, id: i64) -> Result<(), DbErr> {
    let sql = format!("SELECT id FROM storages WHERE id = $1{}", db::for_update(conn));
    db::one(conn, &sql, vec![id.into()]).await?;
    for table in ["storage_links", "export_links", "export_queue"] {
        db::run(conn, &format!("DELETE FROM {table} WHERE storage = $1"), vec![id.into()]).await?;
    }
    db::run(conn, "DELETE FROM storages WHERE id = $1", vec![id.into()]).await?;
    Ok(())
}

/// Forgets the storages of a project that goes.
pub async fn delete_of_project(conn: &impl ConnectionTrait, project: i64) -> Result<(), DbErr> {
    for table in ["storage_links", "export_links", "export_queue"] {
        let sql =
            format!("DELETE FROM {table} WHERE storage IN (SELECT id FROM storages WHERE project = $1)");
        db::run(conn, &sql, vec![project.into()]).await?;
    }
    db::run(conn, "DELETE FROM storages WHERE project = $1", vec![project.into()]).await?;
    Ok(())
}

/// A sync has been asked for.
pub async fn set_queued(conn: &impl ConnectionTrait, id: i64, job: i64, meta: &Value) -> Result<(), DbErr> {
    let sql = "UPDATE storages SET status = 'queued', last_sync_job = $2, traceback = NULL, meta = $3 WHERE id = $1";
    db::run(conn, sql, vec![id.into(), job.into(), meta.to_string().into()]).await?;
    Ok(())
}

/// A sync begins or goes on.
pub async fn set_running(conn: &impl ConnectionTrait, id: i64, job: i64, meta: &Value) -> Result<(), DbErr> {
    let sql = "UPDATE storages SET status = 'in_progress', last_sync_job = $2, traceback = NULL, meta = $3 WHERE id = $1";
    db::run(conn, sql, vec![id.into(), job.into(), meta.to_string().into()]).await?;
    Ok(())
}

/// How a sync ended. Its count is kept where it failed half-way: what it made is there.
pub async fn set_ended(
    conn: &impl ConnectionTrait,
    id: i64,
    status: &str,
    count: i64,
    traceback: Option<String>,
    meta: &Value,
) -> Result<(), DbErr> {
    let sql = "UPDATE storages SET status = $2, last_sync_count = $3, traceback = $4, meta = $5, \
               last_sync = CASE WHEN $6 THEN $7 ELSE last_sync END WHERE id = $1";
    let values = vec![
        id.into(),
        status.into(),
        count.into(),
        traceback.into(),
        meta.to_string().into(),
        (status != "failed").into(),
        time::now().into(),
    ];
    db::run(conn, sql, values).await?;
    Ok(())
}

/// Which task file is half read; null when none is.
pub async fn set_partial(conn: &impl ConnectionTrait, id: i64, partial: &Value) -> Result<(), DbErr> {
    let text = (!partial.is_null()).then(|| partial.to_string());
    db::run(conn, "UPDATE storages SET partial = $2 WHERE id = $1", vec![id.into(), text.into()]).await?;
    Ok(())
}

/// Those of some keys that have tasks already.
pub async fn known_keys(
    conn: &impl ConnectionTrait,
    storage: i64,
    keys: &[&str],
) -> Result<HashSet<String>, DbErr> {
    let mut known = HashSet::new();
    for chunk in keys.chunks(500) {
        let sql = format!(
            "SELECT DISTINCT key FROM storage_links WHERE storage = $1 AND key IN ({})",
            db::placeholders(2, chunk.len())
        );
        let mut values: Vec<Sql> = vec![storage.into()];
        values.extend(chunk.iter().map(|key| Sql::from(*key)));
        for row in db::all(conn, &sql, values).await? {
            known.insert(row.try_get("", "key")?);
        }
    }
    Ok(known)
}

/// Links tasks to the key and row they came from.
pub async fn link(
    conn: &impl ConnectionTrait,
    storage: i64,
    links: &[(&str, i64, i64)],
) -> Result<(), DbErr> {
    let now = time::now();
    for chunk in links.chunks(500) {
        let mut values: Vec<Sql> = Vec::with_capacity(chunk.len() * 5);
        for (key, row, task) in chunk {
            values.extend([storage.into(), (*key).into(), (*row).into(), (*task).into(), now.clone().into()]);
        }
        let rows = db::rows(conn, chunk.len(), 5);
        let sql =
            format!("INSERT INTO storage_links (storage, key, row_index, task, created_at) VALUES {rows}");
        db::run(conn, &sql, values).await?;
    }
    Ok(())
}
