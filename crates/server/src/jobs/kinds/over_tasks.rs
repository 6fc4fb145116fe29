//! Work on chosen tasks of a project, some at a time so that others can write in between.

use crate::auth::Caller;
use crate::db::WriteTx;
use crate::jobs::{self, Failure, Handle, Kind, New};
use crate::state::AppState;
use sea_orm::{ConnectionTrait, DbErr};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Tasks of one transaction.
const BATCH: usize = 200;

#[derive(Debug, Serialize, Deserialize)]
pub struct Payload {
    pub project: i64,
    /// Who asked.
    pub user: i64,
    /// Ascending. Ids and not the filter: what was chosen when it was asked for is what is meant.
    pub tasks: Vec<i64>,
    /// What the kind wants to know besides.
    pub extra: Value,
}

#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
struct Point {
    /// Every task up to this id is dealt with.
    after: i64,
    processed: i64,
}

pub async fn enqueue(
    conn: &impl ConnectionTrait,
    caller: &Caller,
    kind: &'static str,
    project: i64,
    tasks: Vec<i64>,
    extra: Value,
) -> Result<i64, DbErr> {
    let total = tasks.len() as i64;
    let new = New {
        kind,
        organization: caller.organization(),
        project: Some(project),
        user: Some(caller.id()),
        unique_key: None,
        payload: json!(Payload { project, user: caller.id(), tasks, extra }),
        total: Some(total),
    };
    jobs::enqueue(conn, new).await
}

/// One kind of such work.
#[async_trait::async_trait]
pub trait Work: Send + Sync {
    fn name(&self) -> &'static str;

    /// Deals with some tasks, which may be gone by now; gives the number of things done.
    async fn batch(&self, tx: &WriteTx, asked: &Payload, tasks: &[i64]) -> Result<i64, Failure>;
}

/// A kind of job out of a kind of work.
#[derive(Debug)]
pub struct OverTasks<W>(pub W);

#[async_trait::async_trait]
impl<W: Work> Kind for OverTasks<W> {
    fn name(&self) -> &'static str {
        self.0.name()
    }

    async fn run(&self, state: &AppState, job: &mut Handle) -> Result<Value, Failure> {
        let asked: Payload = job.payload()?;
        let mut point: Point = job.resume_point().unwrap_or_default();
        loop {
            let from = asked.tasks.partition_point(|id| *id <= point.after);
            let rest = &asked.tasks[from..];
            let batch = &rest[..rest.len().min(BATCH)];
            let Some(&end) = batch.last() else { return Ok(json!({"processed": point.processed})) };
            let tx = state.db.write().await?;
            point.processed += self.0.batch(&tx, &asked, batch).await?;
            point.after = end;
            job.checkpoint(&*tx, &point, (from + batch.len()) as i64, Some(asked.tasks.len() as i64)).await?;
            tx.commit().await?;
        }
    }
}
