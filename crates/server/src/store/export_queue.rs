//! What waits to be written to export storages: tasks whose annotations changed, noted in the very transaction of the
//! change. At most one row for a storage and a task, and at most one worker for a row, so that an older state of an
//! annotation can never overwrite a newer one.

use crate::db;
use crate::time;
use sea_orm::{ConnectionTrait, DbErr, QueryResult, Value as Sql};
use std::collections::HashMap;

/// A worker that has not renewed for so long is taken for dead.
pub const LEASE_SECONDS: i64 = 30;
/// When a row runs that only its own sync may take.
const PARKED: &str = "9999";

const UPSERT: &str = "ON CONFLICT (storage, task) DO UPDATE SET version = export_queue.version + 1, attempts = 0, \
     run_after = excluded.run_after, job = excluded.job";

/// A task's annotations changed: every export storage of its project has to know.
pub async fn changed(conn: &impl ConnectionTrait, project: i64, task: i64) -> Result<(), DbErr> {
    let sql = format!(
        "INSERT INTO export_queue (storage, task, version, attempts, run_after, lease_until, created_at) \
         SELECT s.id, $2, 1, 0, $3, '', $4 FROM storages s WHERE s.project = $1 AND s.purpose = 'export' {UPSERT}"
    );
    let now = time::now();
    db::run(conn, &sql, vec![project.into(), task.into(), now.clone().into(), now.into()]).await?;
    Ok(())
}

/// The same for many tasks; `which` is SQL over `annotations a` with values from `$3` on, and is looked at now.
async fn changed_where(
    conn: &impl ConnectionTrait,
    which: &str,
    more: impl IntoIterator<Item = Sql>,
) -> Result<(), DbErr> {
    let sql = format!(
        "INSERT INTO export_queue (storage, task, version, attempts, run_after, lease_until, created_at) \
         SELECT DISTINCT s.id, a.task, 1, 0, $1, '', $2 FROM storages s JOIN annotations a ON a.project = s.project \
         WHERE s.purpose = 'export' AND {which} ORDER BY 1, 2 {UPSERT}"
    );
    let now = time::now();
    let values = [now.clone().into(), now.into()].into_iter().chain(more).collect();
    db::run(conn, &sql, values).await?;
    Ok(())
}

/// Before the annotations of some tasks of a project are deleted, or after they came.
pub async fn tasks_changed(conn: &impl ConnectionTrait, project: i64, tasks: &[i64]) -> Result<(), DbErr> {
    if !has_storages(conn, project).await? {
        return Ok(());
    }
    for chunk in tasks.chunks(500) {
        let which = format!("s.project = $3 AND a.task IN ({})", db::placeholders(4, chunk.len()));
        let more = std::iter::once(project.into()).chain(chunk.iter().map(|id| Sql::from(*id)));
        changed_where(conn, &which, more).await?;
    }
    Ok(())
}

/// Before the annotations of a task are deleted.
pub async fn task_changed(conn: &impl ConnectionTrait, task: i64) -> Result<(), DbErr> {
    changed_where(conn, "a.task = $3", [task.into()]).await
}

/// Before an annotation is deleted.
pub async fn annotation_changed(conn: &impl ConnectionTrait, annotation: i64) -> Result<(), DbErr> {
    changed_where(conn, "a.id = $3", [annotation.into()]).await
}

/// After annotations of some tasks, of whatever projects, changed.
pub async fn some_changed(conn: &impl ConnectionTrait, tasks: &[i64]) -> Result<(), DbErr> {
    for chunk in tasks.chunks(500) {
        let which = format!("a.task IN ({})", db::placeholders(3, chunk.len()));
        changed_where(conn, &which, chunk.iter().map(|id| Sql::from(*id))).await?;
    }
    Ok(())
}

/// Before all annotations of a project are deleted.
pub async fn project_changed(conn: &impl ConnectionTrait, project: i64) -> Result<(), DbErr> {
    changed_where(conn, "s.project = $3", [project.into()]).await
}

async fn has_storages(conn: &impl ConnectionTrait, project: i64) -> Result<bool, DbErr> {
    let sql = "SELECT id FROM storages WHERE project = $1 AND purpose = 'export' LIMIT 1";
    Ok(db::one(conn, sql, vec![project.into()]).await?.is_some())
}

/// Tasks with annotations, or with objects of theirs, behind one of them.
async fn tasks_after(
    conn: &impl ConnectionTrait,
    storage: i64,
    project: i64,
    after: i64,
    limit: i64,
) -> Result<Vec<i64>, DbErr> {
    let sql = "SELECT task FROM (SELECT a.task AS task FROM annotations a WHERE a.project = $1 AND a.task > $2 \
               UNION SELECT l.task AS task FROM export_links l WHERE l.storage = $3 AND l.task > $4) t ORDER BY task LIMIT $5";
    let values = vec![project.into(), after.into(), storage.into(), after.into(), limit.into()];
    db::all(conn, sql, values).await?.iter().map(|row| row.try_get("", "task")).collect()
}

/// Queues the next tasks behind `after` for a sync of a storage; gives the last of them, none at the end.
pub async fn queue_for_sync(
    conn: &impl ConnectionTrait,
    storage: i64,
    project: i64,
    job: i64,
    after: i64,
) -> Result<Option<i64>, DbErr> {
    let tasks = tasks_after(conn, storage, project, after, 500).await?;
    let Some(&last) = tasks.last() else { return Ok(None) };
    let now = time::now();
    let mut values: Vec<Sql> = Vec::with_capacity(tasks.len() * 8);
    for task in &tasks {
        values.extend([
            storage.into(),
            (*task).into(),
            1i64.into(),
            job.into(),
            0i64.into(),
            PARKED.into(),
            "".into(),
            now.clone().into(),
        ]);
    }
    let rows = db::rows(conn, tasks.len(), 8);
    let sql = format!(
        "INSERT INTO export_queue (storage, task, version, job, attempts, run_after, lease_until, created_at) \
         VALUES {rows} {UPSERT}"
    );
    db::run(conn, &sql, values).await?;
    Ok(Some(last))
}

/// A claimed row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Claim {
    pub id: i64,
    pub storage: i64,
    pub task: i64,
    pub version: i64,
    pub attempts: i64,
    /// A sync writes also what was written before.
    pub by_sync: bool,
}

/// Whose rows are claimed.
#[derive(Clone, Copy, Debug)]
pub enum Whose {
    /// What people saved, of the storage that has waited longest.
    Saves,
    /// What a sync queued and has not tried yet.
    Sync { storage: i64, job: i64 },
}

/// Takes some rows of one storage; empty where nothing is due.
pub async fn claim(
    conn: &impl ConnectionTrait,
    whose: Whose,
    worker: &str,
    limit: i64,
) -> Result<Vec<Claim>, DbErr> {
    let now = time::now();
    let (open, mut values): (&str, Vec<Sql>) = match whose {
        Whose::Saves => {
            let sql = "SELECT storage FROM export_queue WHERE run_after <= $1 AND lease_until < $2 ORDER BY run_after, id LIMIT 1";
            let row = db::one(conn, sql, vec![now.clone().into(), now.clone().into()]).await?;
            let Some(row) = row else { return Ok(Vec::new()) };
            let storage: i64 = row.try_get("", "storage")?;
            (
                "storage = $1 AND run_after <= $2 AND lease_until < $3",
                vec![storage.into(), now.clone().into(), now.into()],
            )
        }
        Whose::Sync { storage, job } => (
            "storage = $1 AND job = $2 AND attempts = 0 AND lease_until < $3",
            vec![storage.into(), job.into(), now.into()],
        ),
    };
    let skip = if db::is_postgres(conn) { "FOR UPDATE SKIP LOCKED" } else { "" };
    let sql = format!(
        "UPDATE export_queue SET worker = $4, lease_until = $5 WHERE id IN (SELECT id FROM export_queue WHERE {open} \
         ORDER BY run_after, id LIMIT $6 {skip}) RETURNING id, storage, task, version, attempts, job"
    );
    values.extend([worker.into(), time::in_seconds(LEASE_SECONDS).into(), limit.into()]);
    let of = |row: &QueryResult| -> Result<Claim, DbErr> {
        Ok(Claim {
            id: row.try_get("", "id")?,
            storage: row.try_get("", "storage")?,
            task: row.try_get("", "task")?,
            version: row.try_get("", "version")?,
            attempts: row.try_get("", "attempts")?,
            by_sync: row.try_get::<Option<i64>>("", "job")?.is_some(),
        })
    };
    db::all(conn, &sql, values).await?.iter().map(of).collect()
}

/// Keeps rows that this worker has taken; false where some of them are another's now.
pub async fn renew(conn: &impl ConnectionTrait, ids: &[i64], worker: &str) -> Result<bool, DbErr> {
    let sql = format!(
        "UPDATE export_queue SET lease_until = $1 WHERE worker = $2 AND id IN ({})",
        db::placeholders(3, ids.len())
    );
    let mut values: Vec<Sql> = vec![time::in_seconds(LEASE_SECONDS).into(), worker.into()];
    values.extend(ids.iter().map(|&id| Sql::from(id)));
    Ok(db::run(conn, &sql, values).await?.rows_affected() == ids.len() as u64)
}

/// Whether anything is due, without taking anybody's place.
pub async fn is_due(conn: &impl ConnectionTrait) -> Result<bool, DbErr> {
    let now = time::now();
    let sql = "SELECT id FROM export_queue WHERE run_after <= $1 AND lease_until < $2 LIMIT 1";
    Ok(db::one(conn, sql, vec![now.clone().into(), now.into()]).await?.is_some())
}

/// What a row told of has been written. A row that changed meanwhile stays, free for the next round.
pub async fn done(conn: &impl ConnectionTrait, claim: &Claim, worker: &str) -> Result<(), DbErr> {
    let sql = "DELETE FROM export_queue WHERE id = $1 AND version = $2 AND worker = $3";
    db::run(conn, sql, vec![claim.id.into(), claim.version.into(), worker.into()]).await?;
    free(conn, claim, worker).await
}

/// Gives a row back as it was.
pub async fn free(conn: &impl ConnectionTrait, claim: &Claim, worker: &str) -> Result<(), DbErr> {
    let sql = "UPDATE export_queue SET worker = NULL, lease_until = '' WHERE id = $1 AND worker = $2";
    db::run(conn, sql, vec![claim.id.into(), worker.into()]).await?;
    Ok(())
}

/// It did not work: again later, and later still each time; never given up.
pub async fn failed(
    conn: &impl ConnectionTrait,
    claim: &Claim,
    worker: &str,
    error: &str,
) -> Result<(), DbErr> {
    let pause = 1i64 << (claim.attempts + 1).clamp(1, 8);
    let sql = "UPDATE export_queue SET worker = NULL, lease_until = '', attempts = attempts + 1, error = $3, run_after = $4 \
               WHERE id = $1 AND worker = $2 AND version = $5";
    let values = vec![
        claim.id.into(),
        worker.into(),
        error.into(),
        time::in_seconds(pause.min(300)).into(),
        claim.version.into(),
    ];
    if db::run(conn, sql, values).await?.rows_affected() == 0 {
        free(conn, claim, worker).await?;
    }
    Ok(())
}

/// The storage itself does not answer: what waits for it waits longer, so that others get their turn.
pub async fn postpone(conn: &impl ConnectionTrait, storage: i64, seconds: i64) -> Result<(), DbErr> {
    let until = time::in_seconds(seconds);
    let sql = "UPDATE export_queue SET run_after = $2 WHERE storage = $1 AND run_after < $3";
    db::run(conn, sql, vec![storage.into(), until.clone().into(), until.into()]).await?;
    Ok(())
}

/// How much waits for a storage, and the newest error.
pub async fn waiting(conn: &impl ConnectionTrait, storage: i64) -> Result<(i64, Option<String>), DbErr> {
    let sql = "SELECT COUNT(*) FROM export_queue WHERE storage = $1";
    let count = db::count(conn, sql, vec![storage.into()]).await?;
    let sql = "SELECT error FROM export_queue WHERE storage = $1 AND error IS NOT NULL ORDER BY run_after DESC LIMIT 1";
    let row = if count > 0 { db::one(conn, sql, vec![storage.into()]).await? } else { None };
    Ok((count, row.map(|row| row.try_get("", "error")).transpose()?))
}

/// An object that was written.
#[derive(Clone, Debug)]
pub struct Written {
    pub key: String,
    /// When the annotation was saved whose state is in it.
    pub version: String,
}

/// The objects of a task in a storage, by annotation.
pub async fn written(
    conn: &impl ConnectionTrait,
    storage: i64,
    task: i64,
) -> Result<HashMap<i64, Written>, DbErr> {
    let sql = "SELECT annotation, key, version FROM export_links WHERE storage = $1 AND task = $2";
    let rows = db::all(conn, sql, vec![storage.into(), task.into()]).await?;
    let of = |row: &QueryResult| -> Result<(i64, Written), DbErr> {
        let written = Written { key: row.try_get("", "key")?, version: row.try_get("", "version")? };
        Ok((row.try_get("", "annotation")?, written))
    };
    rows.iter().map(of).collect()
}

/// Notes an object. A storage that has been deleted meanwhile gets no links any more.
pub async fn set_written(
    conn: &impl ConnectionTrait,
    storage: i64,
    task: i64,
    annotation: i64,
    written: &Written,
) -> Result<(), DbErr> {
    let sql = "INSERT INTO export_links (storage, task, annotation, key, version, updated_at) \
               SELECT s.id, $2, $3, $4, $5, $6 FROM storages s WHERE s.id = $1 \
               ON CONFLICT (storage, task, annotation) DO UPDATE SET key = excluded.key, version = excluded.version, \
               updated_at = excluded.updated_at";
    let values = vec![
        storage.into(),
        task.into(),
        annotation.into(),
        written.key.clone().into(),
        written.version.clone().into(),
        time::now().into(),
    ];
    db::run(conn, sql, values).await?;
    Ok(())
}

pub async fn unset_written(
    conn: &impl ConnectionTrait,
    storage: i64,
    task: i64,
    annotation: i64,
) -> Result<(), DbErr> {
    let sql = "DELETE FROM export_links WHERE storage = $1 AND task = $2 AND annotation = $3";
    db::run(conn, sql, vec![storage.into(), task.into(), annotation.into()]).await?;
    Ok(())
}
