//! Columns of a task that follow from its annotations and predictions: counters, `is_labeled` (spec/server.md 4.3),
//! `people`, `completed_at`, `avg_lead_time`, `predictions_score`.
//!
//! Whoever changes annotations or predictions calls one of these afterwards in the same transaction. The task's row is
//! locked before anything is counted: of two people who submit at the same moment, in two processes, the second counts
//! both.

use crate::db::{self, Said};
use crate::store::json;
use crate::store::tally::{self, Tally};
use crate::store::tasks::THESE;
use crate::time;
use sea_orm::{ConnectionTrait, DbErr, Value as Sql};
use serde_json::Value;

/// Waits until nobody else works on a task, and keeps others away until the transaction ends.
pub async fn lock(conn: &impl ConnectionTrait, task: i64) -> Result<(), DbErr> {
    if db::is_postgres(conn) {
        db::run(conn, "SELECT id FROM tasks WHERE id = $1 FOR UPDATE", vec![task.into()]).await?;
    }
    Ok(())
}

/// The same for all tasks of a project.
pub async fn lock_all(conn: &impl ConnectionTrait, project: i64) -> Result<(), DbErr> {
    if db::is_postgres(conn) {
        let sql = "SELECT COUNT(*) FROM (SELECT id FROM tasks WHERE project = $1 ORDER BY id FOR UPDATE) t";
        db::run(conn, sql, vec![project.into()]).await?;
    }
    Ok(())
}

/// How a project counts.
struct Rules {
    /// SQL over `annotations a`: those that make a task labeled.
    counted: &'static str,
    /// Scores of this version are shown; of all where it is empty.
    version: String,
}

impl Rules {
    fn of(settings: &Value) -> Self {
        let counted =
            if settings["skip_queue"] == "IGNORE_SKIPPED" { "1 = 1" } else { "a.was_cancelled = FALSE" };
        Self { counted, version: settings["model_version"].as_str().unwrap_or_default().to_owned() }
    }

    async fn of_project(conn: &impl ConnectionTrait, project: i64) -> Result<Self, DbErr> {
        let row = db::one(conn, "SELECT settings FROM projects WHERE id = $1", vec![project.into()]).await?;
        Ok(Self::of(&row.map(|row| json(&row, "settings")).transpose()?.unwrap_or_default()))
    }

    fn of_annotations(&self) -> String {
        format!("{} FROM annotations a", sums_of(self.counted))
    }
}

/// `people, total, cancelled, newest, lead_time` of annotations `a`, with SQL for those that count.
fn sums_of(counted: &str) -> String {
    format!(
        "COUNT(DISTINCT CASE WHEN {counted} THEN COALESCE(a.completed_by, 0) END) AS people, \
         COUNT(CASE WHEN a.was_cancelled = FALSE THEN 1 END) AS total, \
         COUNT(CASE WHEN a.was_cancelled THEN 1 END) AS cancelled, MAX(a.created_at) AS newest, \
         AVG(a.lead_time) AS lead_time"
    )
}

/// SET of a task's columns out of the sums of annotations `a` that `from` gives.
fn from_sums(counted: &str, from: &str) -> String {
    format!(
        "(is_labeled, people, total_annotations, cancelled_annotations, completed_at, avg_lead_time) = \
         (SELECT c.people >= tasks.overlap, c.people, c.total, c.cancelled, \
         CASE WHEN c.people >= tasks.overlap THEN c.newest END, c.lead_time FROM (SELECT {} FROM {from}) c)",
        sums_of(counted)
    )
}

/// SQL of PostgreSQL over a project's settings: whether skipped annotations make tasks labeled; see [`Rules::of`].
pub fn counts_skipped(settings: &str) -> String {
    let settings = crate::dm::sql::postgres_json(settings);
    format!("COALESCE({settings} ->> 'skip_queue', '') = 'IGNORE_SKIPPED'")
}

/// The statement of PostgreSQL that counts one new annotation each of some tasks, which is not among the annotations that
/// the statement sees. They are rows of `fresh`: `task, author, was_cancelled, lead_time, counts_skipped`; `now` is SQL.
pub fn with_fresh(now: &str) -> String {
    let all = format!(
        "(SELECT m.completed_by, m.was_cancelled, m.created_at, m.lead_time FROM annotations m WHERE m.task = fresh.task \
         UNION ALL SELECT fresh.author, fresh.was_cancelled, {now}, fresh.lead_time) a"
    );
    format!(
        "UPDATE tasks SET {}, updated_by = fresh.author, updated_at = {now} FROM fresh WHERE tasks.id = fresh.task",
        from_sums("(fresh.counts_skipped OR a.was_cancelled = FALSE)", &all)
    )
}

/// After annotations or predictions of a task changed, by a user where it was one.
pub async fn one(conn: &impl ConnectionTrait, task: i64, user: Option<i64>) -> Result<(), DbErr> {
    let of = if db::is_postgres(conn) { "FOR UPDATE OF t" } else { "" };
    let sql = format!(
        "SELECT t.overlap, t.project, t.total_annotations, t.total_predictions, p.settings FROM tasks t JOIN projects p ON p.id = t.project WHERE t.id = $1 {of}"
    );
    let Some(old) = db::one(conn, &sql, vec![task.into()]).await? else { return Ok(()) };
    let overlap: i64 = old.try_get("", "overlap")?;
    let rules = Rules::of(&json(&old, "settings")?);
    let sql = format!("SELECT {} WHERE a.task = $1", rules.of_annotations());
    let Some(row) = db::one(conn, &sql, vec![task.into()]).await? else { return Ok(()) };
    let people: i64 = row.try_get("", "people")?;
    let newest: Option<String> = row.try_get("", "newest")?;
    let labeled = people >= overlap;
    let values: Vec<Sql> = vec![
        task.into(),
        labeled.into(),
        people.into(),
        row.try_get::<i64>("", "total")?.into(),
        row.try_get::<i64>("", "cancelled")?.into(),
        newest.filter(|_| labeled).into(),
        row.try_get::<Option<f64>>("", "lead_time")?.into(),
        rules.version.into(),
        user.into(),
        time::now().into(),
    ];
    let new = db::one(
        conn,
        "UPDATE tasks SET is_labeled = $2, people = $3, total_annotations = $4, cancelled_annotations = $5, \
         completed_at = $6, avg_lead_time = $7, (total_predictions, predictions_score) = \
         (SELECT COUNT(*), AVG(CASE WHEN $8 IN ('', p.model_version) THEN p.score END) FROM predictions p WHERE p.task = $1), \
         updated_by = COALESCE($9, updated_by), updated_at = $10 WHERE id = $1 \
         RETURNING total_annotations, total_predictions",
        values,
    )
    .await?;
    let Some(new) = new else { return Ok(()) };
    let change = |name| Ok::<i64, DbErr>(new.try_get::<i64>("", name)? - old.try_get::<i64>("", name)?);
    let change = Tally {
        annotations: change("total_annotations")?,
        predictions: change("total_predictions")?,
        ..Tally::default()
    };
    tally::add(conn, old.try_get("", "project")?, &change).await
}

/// What follows after annotations of some tasks of one project were made or changed, each by somebody. The rows of the tasks
/// are locked.
pub fn annotated(conn: &impl ConnectionTrait, settings: &Value, tasks: &[(i64, i64)], now: &str) -> Said {
    let rules = Rules::of(settings);
    let mut values: Vec<Sql> =
        tasks.iter().flat_map(|(task, user)| [Sql::from(*task), Sql::from(*user)]).collect();
    let list = db::rows(conn, tasks.len(), 2);
    let at = if db::is_postgres(conn) { format!("${}", values.len() + 1) } else { "?".into() };
    // SQLite counts unnamed values in the order in which they are written.
    let sql = format!(
        "WITH v AS (SELECT column1 AS task, column2 AS person FROM (VALUES {list}) u) \
         UPDATE tasks SET {}, updated_by = v.person, updated_at = {at} FROM v WHERE tasks.id = v.task",
        from_sums(rules.counted, "annotations a WHERE a.task = tasks.id"),
    );
    values.push(now.into());
    (sql, values)
}

/// Everything anew for some tasks of a project.
pub async fn some(
    conn: &impl ConnectionTrait,
    project: i64,
    ids: &[i64],
    user: Option<i64>,
) -> Result<(), DbErr> {
    let rules = Rules::of_project(conn, project).await?;
    for chunk in ids.chunks(500) {
        let mut which = format!("{THESE} ({})", db::placeholders(2, chunk.len()));
        let mut values: Vec<Sql> = vec![project.into()];
        values.extend(chunk.iter().map(|id| Sql::from(*id)));
        if db::is_postgres(conn) {
            let sql = format!("SELECT id FROM tasks WHERE {which} ORDER BY id FOR UPDATE");
            db::run(conn, &sql, values.clone()).await?;
        }
        count(conn, project, &rules, &which, values.clone()).await?;
        label(conn, &which, values.clone()).await?;
        let n = values.len();
        which = format!(
            "UPDATE tasks SET updated_by = COALESCE(${}, updated_by), updated_at = ${} WHERE {which}",
            n + 1,
            n + 2
        );
        values.extend([user.into(), time::now().into()]);
        db::run(conn, &which, values).await?;
    }
    Ok(())
}

/// Counters of tasks that have just come with annotations or predictions; what an import says of `is_labeled` stays.
pub async fn imported(conn: &impl ConnectionTrait, project: i64, ids: &[i64]) -> Result<(), DbErr> {
    if ids.is_empty() {
        return Ok(());
    }
    let rules = Rules::of_project(conn, project).await?;
    for chunk in ids.chunks(500) {
        let which = format!("{THESE} ({})", db::placeholders(2, chunk.len()));
        let mut values: Vec<Sql> = vec![project.into()];
        values.extend(chunk.iter().map(|id| Sql::from(*id)));
        count(conn, project, &rules, &which, values).await?;
    }
    Ok(())
}

/// `is_labeled` of a project's tasks, after its overlap or its way of counting changed. Call [`lock_all`] before.
pub async fn labels(conn: &impl ConnectionTrait, project: i64) -> Result<(), DbErr> {
    let rules = Rules::of_project(conn, project).await?;
    let which = "project = $1 AND (is_labeled OR total_annotations > 0 OR cancelled_annotations > 0)";
    count(conn, project, &rules, which, vec![project.into()]).await?;
    label(conn, which, vec![project.into()]).await
}

/// `predictions_score` of a project's tasks, after it shows another model version.
pub async fn scores(conn: &impl ConnectionTrait, project: i64) -> Result<(), DbErr> {
    let rules = Rules::of_project(conn, project).await?;
    let sql = format!(
        "UPDATE tasks SET {} WHERE project = $1 AND total_predictions > 0",
        SCORES.replace("{v}", "$2")
    );
    db::run(conn, &sql, vec![project.into(), rules.version.into()]).await?;
    Ok(())
}

const SCORES: &str = "(total_predictions, predictions_score) = (SELECT COUNT(*), \
     AVG(CASE WHEN {v} IN ('', p.model_version) THEN p.score END) FROM predictions p WHERE p.task = tasks.id)";

/// Annotations and predictions of some tasks, as they are counted.
async fn sums(conn: &impl ConnectionTrait, which: &str, values: Vec<Sql>) -> Result<(i64, i64), DbErr> {
    let sql = format!(
        "SELECT CAST(COALESCE(SUM(total_annotations), 0) AS BIGINT) AS annotations, \
         CAST(COALESCE(SUM(total_predictions), 0) AS BIGINT) AS predictions FROM tasks WHERE {which}"
    );
    let Some(row) = db::one(conn, &sql, values).await? else { return Ok((0, 0)) };
    Ok((row.try_get("", "annotations")?, row.try_get("", "predictions")?))
}

async fn count(
    conn: &impl ConnectionTrait,
    project: i64,
    rules: &Rules,
    which: &str,
    mut values: Vec<Sql>,
) -> Result<(), DbErr> {
    let chosen = values.clone();
    let before = sums(conn, which, chosen.clone()).await?;
    values.push(rules.version.clone().into());
    let sql = format!(
        "UPDATE tasks SET (people, total_annotations, cancelled_annotations, completed_at, avg_lead_time) = \
         (SELECT c.people, c.total, c.cancelled, CASE WHEN is_labeled THEN c.newest END, c.lead_time FROM \
         (SELECT {} WHERE a.task = tasks.id) c), {} WHERE {which}",
        rules.of_annotations(),
        SCORES.replace("{v}", &format!("${}", values.len()))
    );
    db::run(conn, &sql, values).await?;
    let after = sums(conn, which, chosen).await?;
    let change =
        Tally { annotations: after.0 - before.0, predictions: after.1 - before.1, ..Tally::default() };
    tally::add(conn, project, &change).await
}

/// Out of `people`, which must be right.
async fn label(conn: &impl ConnectionTrait, which: &str, values: Vec<Sql>) -> Result<(), DbErr> {
    let sql = format!(
        "UPDATE tasks SET is_labeled = (people >= overlap), completed_at = CASE WHEN people >= overlap THEN \
         (SELECT MAX(a.created_at) FROM annotations a WHERE a.task = tasks.id) END WHERE {which}"
    );
    db::run(conn, &sql, values).await?;
    Ok(())
}
