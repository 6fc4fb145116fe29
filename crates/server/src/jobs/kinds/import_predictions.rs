//! Predictions for tasks that are there: checks all of them, then stores them in batches.

use super::import_tasks::{import_of, refuse};
use crate::db;
use crate::exchange::import::predictions::{self as list, Item};
use crate::exchange::import::undo;
use crate::exchange::media;
use crate::jobs::{Failure, Handle, Job, Kind};
use crate::state::AppState;
use crate::store::imports::{self, Found, Import};
use crate::store::tasks::THESE;
use crate::store::{predictions, recount};
use crate::time;
use sea_orm::{ConnectionTrait, DbErr};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::HashSet;
use tagloom_formats::{ErrorList, Location};

#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Point {
    checked: bool,
    /// So many are in.
    stored: usize,
}

#[derive(Debug)]
pub struct ImportPredictions;

#[async_trait::async_trait]
impl Kind for ImportPredictions {
    fn name(&self) -> &'static str {
        "import_predictions"
    }

    async fn run(&self, state: &AppState, job: &mut Handle) -> Result<Value, Failure> {
        let mut import = import_of(state, job.job()).await?;
        if !import.is_open() {
            undo::forget_bodies(state, &import).await;
            return if import.status == "completed" {
                Ok(json!({"created": import.prediction_count}))
            } else {
                Err(Failure::Failed("The list is gone; send it again.".into()))
            };
        }
        let mut point: Point = job.resume_point().unwrap_or_default();
        if !point.checked {
            let (errors, count) = check(state, job, &import).await?;
            if !errors.is_empty() {
                let messages = errors.errors.iter().map(list::message).collect();
                return Err(refuse(state, job, import, messages, errors.total).await);
            }
            import.found = Found { predictions: count, ..Found::default() };
            let tx = state.db.write_rows().await?;
            imports::set_found(&*tx, import.id, &import.found).await?;
            point.checked = true;
            job.checkpoint(&*tx, &point, 0, Some(count)).await?;
            tx.commit().await?;
        }
        let (mut receive, reader) = open(state, &import, point.stored).await?;
        while let Some(batch) = receive.recv().await {
            let tx = state.db.write_rows().await?;
            if let Err(messages) = store(&*tx, &import, &batch).await? {
                drop(tx);
                let total = messages.len();
                return Err(refuse(state, job, import, messages, total).await);
            }
            point.stored += batch.len();
            job.checkpoint(&*tx, &point, point.stored as i64, Some(import.found.predictions)).await?;
            tx.commit().await?;
        }
        let errors = reader.await.map_err(anyhow::Error::from)?;
        if !errors.is_empty() {
            let messages = errors.errors.iter().map(list::message).collect();
            return Err(refuse(state, job, import, messages, errors.total).await);
        }
        import.prediction_count = point.stored as i64;
        "completed".clone_into(&mut import.status);
        let tx = state.db.write_rows().await?;
        imports::end(&*tx, &import).await?;
        job.checkpoint(&*tx, &point, import.prediction_count, Some(import.prediction_count)).await?;
        tx.commit().await?;
        state.db.has_grown(&[("predictions", import.prediction_count)]);
        undo::forget_bodies(state, &import).await;
        Ok(json!({"created": import.prediction_count}))
    }

    /// What was read is taken back, and the bodies go.
    fn goes_on(&self) -> bool {
        false
    }

    async fn given_up(&self, state: &AppState, job: &Job, why: &Failure) -> Result<(), Failure> {
        match import_of(state, job).await {
            Ok(import) if import.is_open() => undo::undo(state, import, why).await,
            _ => Ok(()),
        }
    }
}

type Batches = tokio::sync::mpsc::Receiver<Vec<Item>>;

/// Begins to read the body behind its first items.
async fn open(
    state: &AppState,
    import: &Import,
    skip: usize,
) -> Result<(Batches, tokio::task::JoinHandle<ErrorList>), Failure> {
    let path = import.sources.first().map(|source| source.path.clone()).unwrap_or_default();
    let gone = |_| Failure::Failed("The list is gone; send it again.".into());
    let file = media::open(state, &path).await.map_err(gone)?;
    let (send, receive) = tokio::sync::mpsc::channel(2);
    Ok((receive, tokio::task::spawn_blocking(move || list::read(file, skip, &send))))
}

/// Everything that is wrong, in the order of the list, and how many items there are.
async fn check(state: &AppState, job: &mut Handle, import: &Import) -> Result<(ErrorList, i64), Failure> {
    let (mut receive, reader) = open(state, import, 0).await?;
    let mut unknown = Vec::new();
    let mut count = 0;
    while let Some(batch) = receive.recv().await {
        let known = known(state.db.read(), import.project, &batch, "").await?;
        count += batch.len() as i64;
        for item in batch.iter().filter(|item| !known.contains(&item.task)) {
            unknown.push(list::error(
                item.at,
                "task",
                format!("there is no task {} in this project", item.task),
                "Correct the id, or import the task first",
            ));
        }
        if unknown.len() >= tagloom_formats::MAX_ERRORS {
            break;
        }
        job.progress(count, None, "checking").await?;
    }
    drop(receive);
    let mut errors = reader.await.map_err(anyhow::Error::from)?;
    let total = errors.total + unknown.len();
    errors.errors.extend(unknown);
    errors.errors.sort_by_key(|error| (error.at.index.is_none(), error.at.index));
    errors.errors.truncate(tagloom_formats::MAX_ERRORS);
    errors.total = total;
    Ok((errors, count))
}

async fn known(
    conn: &impl ConnectionTrait,
    project: i64,
    batch: &[Item],
    lock: &str,
) -> Result<HashSet<i64>, DbErr> {
    let mut tasks: Vec<i64> = batch.iter().map(|item| item.task).collect();
    tasks.sort_unstable();
    tasks.dedup();
    let list = db::placeholders(2, tasks.len());
    let sql = format!("SELECT id FROM tasks WHERE {THESE} ({list}) ORDER BY id{lock}");
    let values = std::iter::once(project.into()).chain(tasks.iter().map(|&id| id.into())).collect();
    db::all(conn, &sql, values).await?.iter().map(|row| row.try_get("", "id")).collect()
}

/// Stores a batch; tasks that have gone since they were checked are named.
async fn store(
    conn: &impl ConnectionTrait,
    import: &Import,
    batch: &[Item],
) -> Result<Result<(), Vec<String>>, Failure> {
    let known = known(conn, import.project, batch, db::for_update(conn)).await?;
    let place = |at: Location| at.index.unwrap_or(0);
    let gone: Vec<String> = batch
        .iter()
        .filter(|item| !known.contains(&item.task))
        .map(|item| {
            format!("prediction {}, task: the task {} was deleted meanwhile.", place(item.at), item.task)
        })
        .collect();
    if !gone.is_empty() {
        return Ok(Err(gone));
    }
    let rows: Vec<_> = batch.iter().map(|item| (item.task, &item.draft)).collect();
    let made = predictions::insert_many(conn, import.project, &time::now(), &rows).await?;
    imports::add_batch(conn, import.id, &made).await?;
    let mut tasks: Vec<i64> = known.into_iter().collect();
    tasks.sort_unstable();
    recount::some(conn, import.project, &tasks, None).await?;
    Ok(Ok(()))
}
