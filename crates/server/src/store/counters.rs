//! Numbers that a project object carries (spec/server.md 3.2), for a whole page of projects in as many statements as for
//! one. All of them are answered from indexes.

use crate::db;
use sea_orm::{ConnectionTrait, DbErr, QueryResult, Value as Sql};
use std::collections::HashMap;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    pub task_number: i64,
    /// Tasks that are labeled.
    pub finished_task_number: i64,
    /// Not cancelled.
    pub total_annotations_number: i64,
    /// Not cancelled, no ground truth.
    pub useful_annotation_number: i64,
    /// Tasks with a useful annotation.
    pub num_tasks_with_annotations: i64,
    pub ground_truth_number: i64,
    pub skipped_annotations_number: i64,
    pub total_predictions_number: i64,
    /// For one user: what is or was theirs to do.
    pub queue_total: i64,
    /// For one user: what they have done.
    pub queue_done: i64,
}

/// A project as far as counting needs it.
#[derive(Clone, Copy, Debug)]
pub struct Counted {
    pub project: i64,
    /// Whether what a user skipped comes back to them, which makes it undone.
    pub skipped_comes_back: bool,
}

/// Of one project.
pub async fn counters(conn: &impl ConnectionTrait, project: i64, user: i64) -> Result<Counters, DbErr> {
    let row = db::one(conn, "SELECT settings FROM projects WHERE id = $1", vec![project.into()]).await?;
    let settings = row.map(|row| super::json(&row, "settings")).transpose()?.unwrap_or_default();
    let one = Counted { project, skipped_comes_back: settings["skip_queue"] == "REQUEUE_FOR_ME" };
    Ok(counters_of(conn, &[one], user).await?.remove(&project).unwrap_or_default())
}

/// Of many projects, at most as many as a page holds.
pub async fn counters_of(
    conn: &impl ConnectionTrait,
    projects: &[Counted],
    user: i64,
) -> Result<HashMap<i64, Counters>, DbErr> {
    let mut all: HashMap<i64, Counters> = projects.iter().map(|p| (p.project, Counters::default())).collect();
    if projects.is_empty() {
        return Ok(all);
    }
    let these = format!("project IN ({})", db::placeholders(1, projects.len()));
    let ids = || projects.iter().map(|p| Sql::from(p.project)).collect::<Vec<_>>();
    let int = |row: &QueryResult, name: &str| row.try_get::<i64>("", name);

    let sql = format!(
        "SELECT project, COUNT(*) AS tasks, COUNT(CASE WHEN is_labeled THEN 1 END) AS finished FROM tasks \
         WHERE {these} GROUP BY project"
    );
    for row in db::all(conn, &sql, ids()).await? {
        let Some(c) = all.get_mut(&int(&row, "project")?) else { continue };
        (c.task_number, c.finished_task_number) = (int(&row, "tasks")?, int(&row, "finished")?);
    }

    let sql =
        format!("SELECT project, COUNT(*) AS predictions FROM predictions WHERE {these} GROUP BY project");
    for row in db::all(conn, &sql, ids()).await? {
        let Some(c) = all.get_mut(&int(&row, "project")?) else { continue };
        c.total_predictions_number = int(&row, "predictions")?;
    }

    let sql = format!(
        "SELECT project, COUNT(CASE WHEN NOT was_cancelled THEN 1 END) AS total, \
         COUNT(CASE WHEN NOT was_cancelled AND NOT ground_truth THEN 1 END) AS useful, \
         COUNT(DISTINCT CASE WHEN NOT was_cancelled AND NOT ground_truth THEN task END) AS tasks, \
         COUNT(CASE WHEN ground_truth THEN 1 END) AS truth, COUNT(CASE WHEN was_cancelled THEN 1 END) AS skipped \
         FROM annotations WHERE {these} GROUP BY project"
    );
    for row in db::all(conn, &sql, ids()).await? {
        let Some(c) = all.get_mut(&int(&row, "project")?) else { continue };
        c.total_annotations_number = int(&row, "total")?;
        c.useful_annotation_number = int(&row, "useful")?;
        c.num_tasks_with_annotations = int(&row, "tasks")?;
        c.ground_truth_number = int(&row, "truth")?;
        c.skipped_annotations_number = int(&row, "skipped")?;
    }

    let sql = format!(
        "SELECT a.project AS project, COUNT(DISTINCT a.task) AS mine, \
         COUNT(DISTINCT CASE WHEN NOT a.was_cancelled THEN a.task END) AS done, \
         COUNT(DISTINCT CASE WHEN NOT t.is_labeled THEN a.task END) AS open \
         FROM annotations a JOIN tasks t ON t.id = a.task WHERE a.{these} AND a.completed_by = ${} GROUP BY a.project",
        projects.len() + 1
    );
    let mut values = ids();
    values.push(user.into());
    let comes_back: HashMap<i64, bool> = projects.iter().map(|p| (p.project, p.skipped_comes_back)).collect();
    for c in all.values_mut() {
        c.queue_total = c.task_number - c.finished_task_number;
    }
    for row in db::all(conn, &sql, values).await? {
        let project = int(&row, "project")?;
        let Some(c) = all.get_mut(&project) else { continue };
        let mine = int(&row, "mine")?;
        // Open tasks that are mine are among the open ones already.
        c.queue_total += mine - int(&row, "open")?;
        c.queue_done = if comes_back.get(&project) == Some(&true) { int(&row, "done")? } else { mine };
    }
    Ok(all)
}
