//! Deletes tasks of a project with all that hangs on them, some at a time so that others can write in between; and the
//! project itself, where that is what goes.

use crate::auth::Caller;
use crate::db;
use crate::events::{self, Action, Event};
use crate::jobs::{self, Failure, Handle, Kind, New};
use crate::state::AppState;
use crate::store::{projects, tasks, views};
use sea_orm::{ConnectionTrait, DbErr};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Tasks deleted in one transaction.
const BATCH: u64 = 500;

#[derive(Debug, Serialize, Deserialize)]
pub struct Payload {
    pub project: i64,
    /// These tasks; without them all that are there when the job is asked for.
    pub tasks: Option<Vec<i64>>,
    /// The largest id that goes; tasks made later stay.
    pub last: i64,
    /// The project goes too, with whatever has come into it since.
    pub with_project: bool,
    /// Where no task is left, the project's views go.
    #[serde(default)]
    pub with_views: bool,
}

#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
struct Point {
    /// Every task up to this id is dealt with.
    after: i64,
    deleted: i64,
}

/// Queues the deletion of all tasks that a project has now, or of the project.
pub async fn enqueue_all(
    conn: &impl ConnectionTrait,
    caller: &Caller,
    project: i64,
    with_project: bool,
    with_views: bool,
) -> Result<i64, DbErr> {
    let total = tasks::count(conn, project).await?;
    let last = "SELECT MAX(id) FROM tasks WHERE project = $1";
    let last = db::count(conn, last, vec![project.into()]).await?;
    let new = New {
        kind: DeleteTasks.name(),
        organization: caller.organization(),
        project: Some(project),
        user: Some(caller.id()),
        unique_key: with_project.then(|| format!("delete-project:{project}")),
        payload: json!(Payload { project, tasks: None, last, with_project, with_views }),
        total: Some(total),
    };
    jobs::enqueue(conn, new).await
}

/// Queues the deletion of chosen tasks, and of the project's views where no task is left.
pub async fn enqueue_some(
    conn: &impl ConnectionTrait,
    caller: &Caller,
    project: i64,
    tasks: Vec<i64>,
) -> Result<i64, DbErr> {
    let total = Some(tasks.len() as i64);
    let payload =
        Payload { project, tasks: Some(tasks), last: i64::MAX, with_project: false, with_views: true };
    let new = New {
        kind: DeleteTasks.name(),
        organization: caller.organization(),
        project: Some(project),
        user: Some(caller.id()),
        unique_key: None,
        payload: json!(payload),
        total,
    };
    jobs::enqueue(conn, new).await
}

#[derive(Debug)]
pub struct DeleteTasks;

#[async_trait::async_trait]
impl Kind for DeleteTasks {
    fn name(&self) -> &'static str {
        "delete_tasks"
    }

    async fn run(&self, state: &AppState, job: &mut Handle) -> Result<Value, Failure> {
        let payload: Payload = job.payload()?;
        let mut chosen = payload.tasks;
        if let Some(chosen) = &mut chosen {
            chosen.sort_unstable();
            chosen.dedup();
        }
        let mut point: Point = job.resume_point().unwrap_or_default();
        let last = if payload.with_project { i64::MAX } else { payload.last };
        loop {
            let tx = state.db.write().await?;
            let batch = match &chosen {
                Some(ids) => {
                    let from = ids.partition_point(|id| *id <= point.after);
                    ids[from..].iter().copied().take(BATCH as usize).collect()
                }
                None => tasks::ids_after(&*tx, payload.project, point.after, last, BATCH).await?,
            };
            let Some(&end) = batch.last() else {
                let files = if payload.with_project {
                    events::emit(&tx, payload.project, Event::ProjectDeleted).await?;
                    projects::delete(&*tx, payload.project).await?
                } else {
                    vec![]
                };
                let views_deleted = payload.with_views
                    && tasks::ids_after(&*tx, payload.project, 0, i64::MAX, 1).await?.is_empty();
                if views_deleted {
                    views::delete_all(&*tx, payload.project).await?;
                }
                tx.commit().await?;
                state.media.forget(files).await;
                let mut result = json!({"deleted": point.deleted});
                if payload.with_views {
                    result["views_deleted"] = views_deleted.into();
                }
                return Ok(result);
            };
            // Of a project that goes as a whole only that is told.
            if !payload.with_project && events::wanted(&tx, payload.project, Action::TasksDeleted).await? {
                let there = tasks::those_of(&*tx, payload.project, &batch).await?;
                events::emit(&tx, payload.project, Event::TasksDeleted(&there)).await?;
            }
            point.deleted += tasks::delete_many(&*tx, payload.project, &batch).await?;
            point.after = end;
            let total = job.job().total.map(|total| total.max(point.deleted));
            job.checkpoint(&*tx, &point, point.deleted, total).await?;
            tx.commit().await?;
        }
    }
}
