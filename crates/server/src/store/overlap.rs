//! How many people a task is for, when the project changes its mind (spec/server.md 3.2).

use crate::db;
use crate::store::projects::Project;
use crate::store::recount;
use sea_orm::{ConnectionTrait, DbErr};

/// What of a project decides how its tasks are counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quotas {
    maximum: i64,
    cohort: i64,
    skip_queue: String,
    model_version: String,
}

impl Quotas {
    pub fn of(project: &Project) -> Self {
        Self {
            maximum: project.maximum_annotations,
            cohort: project.setting("overlap_cohort_percentage").as_i64().unwrap_or(100).clamp(0, 100),
            skip_queue: project.setting_str("skip_queue"),
            model_version: project.setting_str("model_version"),
        }
    }
}

/// Makes the tasks follow a project that has been changed and stored; `old` is how it was.
pub async fn follow(conn: &impl ConnectionTrait, project: &Project, old: &Quotas) -> Result<(), DbErr> {
    let new = Quotas::of(project);
    if new.model_version != old.model_version {
        recount::scores(conn, project.id).await?;
    }
    if (new.maximum, new.cohort, &new.skip_queue) == (old.maximum, old.cohort, &old.skip_queue) {
        return Ok(());
    }
    recount::lock_all(conn, project.id).await?;
    if new.maximum > 1 && new.cohort != old.cohort {
        cohort(conn, project.id, &new).await?;
    } else if new.maximum != old.maximum {
        maximum(conn, project.id, new.maximum).await?;
    }
    recount::labels(conn, project.id).await
}

/// Tasks of several people follow; all do where there are none, or where one person is enough from now on.
async fn maximum(conn: &impl ConnectionTrait, project: i64, maximum: i64) -> Result<(), DbErr> {
    let several = "SELECT COUNT(*) FROM tasks WHERE project = $1 AND overlap > 1";
    let all = maximum == 1 || db::count(conn, several, vec![project.into()]).await? == 0;
    let which = if all { "" } else { "AND overlap > 1" };
    let sql = format!("UPDATE tasks SET overlap = $2 WHERE project = $1 {which}");
    db::run(conn, &sql, vec![project.into(), maximum.into()]).await?;
    Ok(())
}

/// A part of the tasks is for several people: those that are done first, then those with most people, then any.
async fn cohort(conn: &impl ConnectionTrait, project: i64, quotas: &Quotas) -> Result<(), DbErr> {
    let total = "SELECT COUNT(*) FROM tasks WHERE project = $1";
    let total = db::count(conn, total, vec![project.into()]).await?;
    let part = (total * quotas.cohort + 50) / 100;
    db::run(conn, "UPDATE tasks SET overlap = 1 WHERE project = $1", vec![project.into()]).await?;
    let sql = "UPDATE tasks SET overlap = $2 WHERE id IN (SELECT id FROM tasks WHERE project = $1 ORDER BY \
               CASE WHEN people >= $2 THEN 0 ELSE 1 END, people DESC, RANDOM() LIMIT $3)";
    db::run(conn, sql, vec![project.into(), quotas.maximum.into(), part.into()]).await?;
    Ok(())
}
