//! Tasks, annotations, predictions, drafts: some at a time, so that memory stays small.

use super::Move;
use super::convert::uuid;
use super::report::Line;
use super::source::Row;
use super::target::put;
use crate::time;
use sea_orm::Value as Sql;
use std::collections::HashMap;

const PAGE: usize = 500;

/// How one table becomes another.
struct Table {
    what: &'static str,
    from: &'static str,
    columns: &'static [&'static str],
    to: &'static str,
    into: &'static [&'static str],
    /// SQL for the rows of projects that are taken, around `{}`.
    condition: &'static str,
}

const TASKS: Table = Table {
    what: "tasks",
    from: "task",
    columns: &[
        "id",
        "data",
        "meta",
        "project_id",
        "created_at",
        "updated_at",
        "is_labeled",
        "overlap",
        "file_upload_id",
        "updated_by_id",
        "inner_id",
        "allow_skip",
    ],
    to: "tasks",
    into: &[
        "id",
        "project",
        "inner_id",
        "data",
        "meta",
        "is_labeled",
        "overlap",
        "allow_skip",
        "file_upload",
        "total_annotations",
        "cancelled_annotations",
        "total_predictions",
        "updated_by",
        "created_at",
        "updated_at",
    ],
    condition: "{}",
};

const ANNOTATIONS: Table = Table {
    what: "annotations",
    from: "task_completion",
    columns: &[
        "id",
        "result",
        "was_cancelled",
        "ground_truth",
        "created_at",
        "updated_at",
        "draft_created_at",
        "task_id",
        "lead_time",
        "completed_by_id",
        "updated_by_id",
        "parent_prediction_id",
        "parent_annotation_id",
        "last_action",
        "unique_id",
        "import_id",
    ],
    to: "annotations",
    into: &[
        "id",
        "task",
        "project",
        "completed_by",
        "updated_by",
        "result",
        "result_count",
        "was_cancelled",
        "ground_truth",
        "lead_time",
        "unique_id",
        "import_id",
        "parent_prediction",
        "parent_annotation",
        "last_action",
        "draft_created_at",
        "created_at",
        "updated_at",
    ],
    condition: "t.task_id IN (SELECT id FROM task t WHERE {})",
};

const PREDICTIONS: Table = Table {
    what: "predictions",
    from: "prediction",
    columns: &[
        "id",
        "result",
        "score",
        "model_version",
        "created_at",
        "updated_at",
        "task_id",
        "cluster",
        "mislabeling",
    ],
    to: "predictions",
    into: &[
        "id",
        "task",
        "project",
        "result",
        "score",
        "model_version",
        "cluster",
        "mislabeling",
        "created_at",
        "updated_at",
    ],
    condition: "t.task_id IN (SELECT id FROM task t WHERE {})",
};

const DRAFTS: Table = Table {
    what: "drafts",
    from: "tasks_annotationdraft",
    columns: &[
        "id",
        "result",
        "created_at",
        "updated_at",
        "task_id",
        "user_id",
        "annotation_id",
        "was_postponed",
        "lead_time",
    ],
    to: "drafts",
    into: &[
        "id",
        "task",
        "annotation",
        "user_id",
        "result",
        "lead_time",
        "was_postponed",
        "created_at",
        "updated_at",
    ],
    condition: "t.task_id IN (SELECT id FROM task t WHERE {})",
};

pub(super) async fn take(moving: &mut Move<'_>) -> anyhow::Result<()> {
    let mut numbers = HashMap::new();
    // Of each task, by its id here.
    let mut projects: HashMap<i64, i64> = HashMap::new();
    copy(moving, &TASKS, |moving, row| task(moving, row, &mut numbers, &mut projects)).await?;
    copy(moving, &ANNOTATIONS, |moving, row| annotation(moving, row, &projects).map(Some)).await?;
    copy(moving, &PREDICTIONS, |moving, row| prediction(moving, row, &projects).map(Some)).await?;
    copy(moving, &DRAFTS, draft).await
}

/// A row that becomes nothing is one that belongs to nobody.
async fn copy(
    moving: &mut Move<'_>,
    table: &Table,
    mut of: impl FnMut(&Move<'_>, &Row) -> anyhow::Result<Option<Vec<Sql>>>,
) -> anyhow::Result<()> {
    let condition = table.condition.replace("{}", &moving.in_projects("t.project_id"));
    let found = moving.source.count(table.from, "1 = 1").await?;
    let mut line = Line::new(table.what, found);
    let (mut after, mut seen, mut nobodys) = (i64::MIN, 0i64, 0);
    loop {
        let rows = moving.source.page(table.from, table.columns, &condition, after, PAGE).await?;
        let Some(last) = rows.last() else { break };
        after = last.id()?;
        let mut out = Vec::with_capacity(rows.len());
        for row in &rows {
            match of(moving, row)? {
                Some(values) => out.push(values),
                None => nobodys += 1,
            }
        }
        seen += rows.len() as i64;
        line.taken += out.len() as i64;
        put(moving.tx, table.to, table.into, out).await?;
        if seen % (PAGE as i64 * 20) == 0 {
            moving.say(&format!("{seen} of {found} {}", table.what));
        }
    }
    line.leave("of projects or tasks that are left", found - seen);
    line.leave("of nobody", nobodys);
    line.counted = Some((table.to, format!("id > {}", moving.shift(table.to).after())));
    moving.report.lines.push(line);
    Ok(())
}

fn task(
    moving: &Move<'_>,
    row: &Row,
    numbers: &mut HashMap<i64, i64>,
    projects: &mut HashMap<i64, i64>,
) -> anyhow::Result<Option<Vec<Sql>>> {
    let project = moving.shift("projects").of(row.int("project_id").unwrap_or_default());
    let id = moving.shift("tasks").of(row.id()?);
    projects.insert(id, project);
    // Old versions number nothing within a project.
    let number = numbers.entry(project).or_insert(0);
    *number = row.int("inner_id").filter(|n| *n > 0).unwrap_or(*number + 1).max(*number + 1);
    let now = time::now();
    Ok(Some(vec![
        id.into(),
        project.into(),
        row.int("inner_id").filter(|n| *n > 0).unwrap_or(*number).into(),
        row.json("data", "{}")?.into(),
        row.json("meta", "{}")?.into(),
        row.bool("is_labeled").unwrap_or(false).into(),
        row.int("overlap").unwrap_or(1).max(1).into(),
        row.bool("allow_skip").unwrap_or(true).into(),
        row.int("file_upload_id").map(|id| moving.shift("file_uploads").of(id)).into(),
        0i64.into(),
        0i64.into(),
        0i64.into(),
        moving.people.user(row.int("updated_by_id")).into(),
        row.time("created_at").unwrap_or_else(|| now.clone()).into(),
        row.time("updated_at").unwrap_or(now).into(),
    ]))
}

/// The task here, and its project.
fn place(moving: &Move<'_>, row: &Row, projects: &HashMap<i64, i64>) -> anyhow::Result<(i64, i64)> {
    let task = moving.shift("tasks").of(row.int("task_id").unwrap_or_default());
    let project = projects.get(&task).copied();
    Ok((
        task,
        project.ok_or_else(|| {
            anyhow::anyhow!("row {} belongs to no task that was taken", row.id().unwrap_or(0))
        })?,
    ))
}

fn annotation(moving: &Move<'_>, row: &Row, projects: &HashMap<i64, i64>) -> anyhow::Result<Vec<Sql>> {
    let (task, project) = place(moving, row, projects)?;
    let result = list(row)?;
    let count = serde_json::from_str::<Vec<&serde_json::value::RawValue>>(&result).map_or(0, |l| l.len());
    let now = time::now();
    Ok(vec![
        moving.shift("annotations").of(row.id()?).into(),
        task.into(),
        project.into(),
        moving.people.user(row.int("completed_by_id")).into(),
        moving.people.user(row.int("updated_by_id")).into(),
        result.into(),
        i64::try_from(count).unwrap_or(i64::MAX).into(),
        row.bool("was_cancelled").unwrap_or(false).into(),
        row.bool("ground_truth").unwrap_or(false).into(),
        row.float("lead_time").into(),
        row.text("unique_id").and_then(uuid).into(),
        row.int("import_id").into(),
        row.int("parent_prediction_id").map(|id| moving.shift("predictions").of(id)).into(),
        row.int("parent_annotation_id").map(|id| moving.shift("annotations").of(id)).into(),
        row.text("last_action").map(str::to_owned).into(),
        row.time("draft_created_at").into(),
        row.time("created_at").unwrap_or_else(|| now.clone()).into(),
        row.time("updated_at").unwrap_or(now).into(),
    ])
}

fn prediction(moving: &Move<'_>, row: &Row, projects: &HashMap<i64, i64>) -> anyhow::Result<Vec<Sql>> {
    let (task, project) = place(moving, row, projects)?;
    let now = time::now();
    Ok(vec![
        moving.shift("predictions").of(row.id()?).into(),
        task.into(),
        project.into(),
        list(row)?.into(),
        row.float("score").into(),
        row.string("model_version").into(),
        row.int("cluster").into(),
        row.float("mislabeling").unwrap_or(0.0).into(),
        row.time("created_at").unwrap_or_else(|| now.clone()).into(),
        row.time("updated_at").unwrap_or(now).into(),
    ])
}

fn draft(moving: &Move<'_>, row: &Row) -> anyhow::Result<Option<Vec<Sql>>> {
    let Some(user) = moving.people.user(row.int("user_id")) else { return Ok(None) };
    let now = time::now();
    Ok(Some(vec![
        moving.shift("drafts").of(row.id()?).into(),
        moving.shift("tasks").of(row.int("task_id").unwrap_or_default()).into(),
        row.int("annotation_id").map(|id| moving.shift("annotations").of(id)).into(),
        user.into(),
        list(row)?.into(),
        row.float("lead_time").into(),
        row.bool("was_postponed").unwrap_or(false).into(),
        row.time("created_at").unwrap_or_else(|| now.clone()).into(),
        row.time("updated_at").unwrap_or(now).into(),
    ]))
}

/// A result; nothing and null are an empty one.
fn list(row: &Row) -> anyhow::Result<String> {
    let text = row.json("result", "[]")?;
    Ok(if text.trim() == "null" { "[]".into() } else { text })
}
