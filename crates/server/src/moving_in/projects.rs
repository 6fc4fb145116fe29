//! Projects with their settings.

use super::Move;
use super::report::Line;
use super::source::Row;
use super::target::put;
use crate::db;
use crate::store::{projects, recount, tally};
use crate::time;
use sea_orm::Value as Sql;
use serde_json::{Map, Value, json};

const PROJECT: &[&str] = &[
    "id",
    "title",
    "description",
    "label_config",
    "expert_instruction",
    "show_instruction",
    "show_skip_button",
    "enable_empty_annotation",
    "show_annotation_history",
    "organization_id",
    "color",
    "maximum_annotations",
    "is_published",
    "model_version",
    "is_draft",
    "created_by_id",
    "created_at",
    "updated_at",
    "min_annotations_to_start_training",
    "show_collab_predictions",
    "sampling",
    "show_ground_truth_first",
    "annotator_evaluation_enabled",
    "show_overlap_first",
    "overlap_cohort_percentage",
    "task_data_login",
    "task_data_password",
    "evaluate_predictions_automatically",
    "skip_queue",
    "reveal_preannotations_interactively",
    "pinned_at",
    "deleted_at",
];

pub(super) async fn take(moving: &mut Move<'_>) -> anyhow::Result<()> {
    let shift = moving.shift("projects");
    let rows = moving.source.all("project", PROJECT, "1 = 1").await?;
    let mut line = Line::new("projects", rows.len() as i64);
    let (mut deleted, mut homeless) = (0, 0);
    let mut out: Vec<Vec<Sql>> = Vec::new();
    for row in rows {
        if row.text("deleted_at").is_some() {
            deleted += 1;
            continue;
        }
        let Some(organization) = moving.people.organization(row.int("organization_id")) else {
            homeless += 1;
            continue;
        };
        let id = row.id()?;
        moving.projects.insert(id);
        let now = time::now();
        out.push(vec![
            shift.of(id).into(),
            organization.into(),
            moving.people.user(row.int("created_by_id")).into(),
            row.string("title").into(),
            row.string("description").into(),
            row.text("label_config").filter(|c| !c.trim().is_empty()).unwrap_or("<View></View>").into(),
            Value::Object(settings(&row)).to_string().into(),
            row.int("maximum_annotations").unwrap_or(1).max(1).into(),
            row.time("pinned_at").into(),
            row.time("created_at").unwrap_or_else(|| now.clone()).into(),
            row.time("updated_at").unwrap_or(now).into(),
        ]);
    }
    line.taken = out.len() as i64;
    line.leave("deleted there", deleted);
    line.leave("of no organization", homeless);
    line.counted = Some(("projects", format!("id > {}", shift.after())));
    let columns = [
        "id",
        "organization",
        "created_by",
        "title",
        "description",
        "label_config",
        "settings",
        "maximum_annotations",
        "pinned_at",
        "created_at",
        "updated_at",
    ];
    put(moving.tx, "projects", &columns, out).await?;
    moving.report.lines.push(line);
    Ok(())
}

/// Settings that differ from the default.
fn settings(row: &Row) -> Map<String, Value> {
    let mut out = Map::new();
    for &name in PROJECT.iter().filter(|name| projects::is_setting(name)) {
        let default = projects::default_setting(name);
        let Some(text) = row.text(name) else { continue };
        let value = match default {
            Value::Bool(_) => row.bool(name).map(Value::from),
            Value::Number(_) => row.int(name).map(Value::from),
            _ => Some(json!(text)),
        };
        if let Some(value) = value.filter(|value| *value != default) {
            out.insert(name.to_owned(), value);
        }
    }
    // Instructions are shown as HTML, and what came in elsewhere was cleaned by others.
    if let Some(Value::String(html)) = out.get_mut("expert_instruction") {
        *html = ammonia::clean(html);
    }
    out
}

/// Columns of tasks that follow from what hangs on them; `is_labeled` stays as it was there.
pub(super) async fn recount(moving: &Move<'_>) -> anyhow::Result<()> {
    let (projects, tasks) = (moving.shift("projects"), moving.shift("tasks"));
    for project in moving.projects.iter().map(|id| projects.of(*id)) {
        let mut after = tasks.after();
        loop {
            let sql = "SELECT id FROM tasks WHERE project = $1 AND id > $2 ORDER BY id LIMIT 5000";
            let rows = db::all(&**moving.tx, sql, vec![project.into(), after.into()]).await?;
            let ids: Vec<i64> = rows.iter().map(|row| row.try_get("", "id")).collect::<Result<_, _>>()?;
            let Some(last) = ids.last() else { break };
            after = *last;
            recount::imported(&**moving.tx, project, &ids).await?;
        }
        tally::rebuild(&**moving.tx, project).await?;
    }
    Ok(())
}
