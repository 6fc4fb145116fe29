//! Taking an import away again that was cancelled or has failed: its tasks or predictions, its uploads, its body.

use crate::db;
use crate::events::{self, Event};
use crate::exchange::media;
use crate::jobs::Failure;
use crate::state::AppState;
use crate::store::imports::{self, Brings, Import, Problem};
use crate::store::{predictions, recount, tasks, uploads};
use sea_orm::{ConnectionTrait, DbErr, Value as Sql};
use std::collections::HashSet;

/// Does it batch by batch, each in a transaction, so that a kill in between leaves nothing half done: whoever comes next
/// goes on.
pub(crate) async fn undo(state: &AppState, mut import: Import, why: &Failure) -> Result<(), Failure> {
    let mut kept = 0;
    loop {
        let tx = state.db.write_rows().await?;
        let Some((batch, made)) = imports::last_batch(&*tx, import.id).await? else { break };
        if import.brings == Brings::Predictions {
            let of = predictions::delete_many(&*tx, import.project, &made).await?;
            recount::some(&*tx, import.project, &of, None).await?;
        } else {
            let begun = begun(&*tx, import.project, &made).await?;
            kept += begun.len();
            let idle: Vec<i64> = made.into_iter().filter(|id| !begun.contains(id)).collect();
            tasks::delete_many(&*tx, import.project, &idle).await?;
            events::emit(&tx, import.project, Event::TasksDeleted(&idle)).await?;
        }
        imports::remove_batch(&*tx, batch).await?;
        tx.commit().await?;
    }
    if kept > 0 {
        tracing::warn!(import = import.id, "{kept} tasks of a failed import stay: somebody has begun them");
    }
    let mut problem = import.problem.take().unwrap_or_else(|| Problem::of(why));
    if kept > 0 {
        problem.detail += &format!(" {kept} tasks have stayed, because somebody has begun to annotate them.");
    }
    import.problem = Some(problem);
    "failed".clone_into(&mut import.status);
    (import.task_count, import.annotation_count, import.prediction_count) = (kept as i64, 0, 0);
    let tx = state.db.write_rows().await?;
    imports::end(&*tx, &import).await?;
    // A task that stays still shows its file.
    let files = if import.brings == Brings::Tasks && kept == 0 {
        uploads::delete(&*tx, import.project, &import.upload_ids()).await?
    } else {
        Vec::new()
    };
    tx.commit().await?;
    for file in files {
        media::remove(state, &file).await;
    }
    forget_bodies(state, &import).await;
    Ok(())
}

/// Those of an import's tasks that somebody has worked on since they came.
async fn begun(conn: &impl ConnectionTrait, project: i64, ids: &[i64]) -> Result<HashSet<i64>, DbErr> {
    let mut begun = HashSet::new();
    for chunk in ids.chunks(500) {
        let which = format!("t.project = $1 AND t.id IN ({})", db::placeholders(2, chunk.len()));
        let values: Vec<Sql> =
            std::iter::once(project.into()).chain(chunk.iter().map(|&id| id.into())).collect();
        if db::is_postgres(conn) {
            // Whoever saves an annotation holds the row of its task.
            let lock = format!("SELECT t.id FROM tasks t WHERE {which} ORDER BY t.id FOR UPDATE");
            db::run(conn, &lock, values.clone()).await?;
        }
        let sql = format!(
            "SELECT t.id FROM tasks t WHERE {which} AND (EXISTS (SELECT 1 FROM annotations a WHERE a.task = t.id AND \
             a.updated_at > t.created_at) OR EXISTS (SELECT 1 FROM drafts d WHERE d.task = t.id))"
        );
        for row in db::all(conn, &sql, values).await? {
            begun.insert(row.try_get("", "id")?);
        }
    }
    Ok(begun)
}

/// Bodies are not needed once their tasks are there or will never be.
pub(crate) async fn forget_bodies(state: &AppState, import: &Import) {
    for source in import.sources.iter().filter(|source| source.upload.is_none()) {
        media::remove(state, &source.path).await;
    }
}

/// Imports whose job has ended without them.
pub(crate) async fn tidy(state: &AppState) -> Result<(), Failure> {
    for id in imports::abandoned(state.db.read()).await? {
        if let Some(import) = imports::get(state.db.read(), id).await? {
            undo(state, import, &Failure::Failed("The import was interrupted; send it again.".into()))
                .await?;
        }
    }
    Ok(())
}
