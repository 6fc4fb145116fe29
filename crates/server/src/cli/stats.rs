//! `tagloom calculate_stats_all_orgs`: what is kept beside tasks, counted anew.

#![allow(clippy::print_stdout, reason = "a command line speaks to its terminal")]

use crate::db;
use crate::state::AppState;
use crate::store::{recount, tally};

/// Tasks of one transaction; a running server writes in between.
const BATCH: usize = 2000;

/// With `from_scratch` also which tasks are labeled, which else stays as imports have said it.
pub(super) async fn run(state: &AppState, from_scratch: bool) -> anyhow::Result<()> {
    let projects = db::all(state.db.read(), "SELECT id FROM projects ORDER BY id", vec![]).await?;
    let mut total = 0;
    for project in projects {
        let project: i64 = project.try_get("", "id")?;
        let mut after = 0i64;
        loop {
            let sql =
                format!("SELECT id FROM tasks WHERE project = $1 AND id > $2 ORDER BY id LIMIT {BATCH}");
            let rows = db::all(state.db.read(), &sql, vec![project.into(), after.into()]).await?;
            let ids: Vec<i64> = rows.iter().map(|row| row.try_get("", "id")).collect::<Result<_, _>>()?;
            let Some(last) = ids.last() else { break };
            after = *last;
            let tx = state.db.write().await?;
            recount::imported(&*tx, project, &ids).await?;
            tx.commit().await?;
            total += ids.len();
        }
        let tx = state.db.write().await?;
        recount::lock_all(&*tx, project).await?;
        if from_scratch {
            recount::labels(&*tx, project).await?;
        }
        tally::rebuild(&*tx, project).await?;
        tx.commit().await?;
    }
    println!("{total} tasks were counted anew.");
    Ok(())
}
