//! What stands around the work: tabs of the task table, webhooks.

use super::Move;
use super::report::Line;
use super::storages;
use super::target::put;
use crate::db;
use crate::time;
use sea_orm::Value as Sql;
use serde_json::{Map, Value, json};
use std::collections::HashMap;

pub(super) async fn take(moving: &mut Move<'_>) -> anyhow::Result<()> {
    views(moving).await?;
    webhooks(moving).await?;
    storages::take(moving).await?;
    others(moving).await
}

/// One filter of a group.
struct Filter {
    group: i64,
    index: i64,
    shown: Value,
}

async fn views(moving: &mut Move<'_>) -> anyhow::Result<()> {
    let filters = filters(moving).await?;
    let mut conjunctions = HashMap::new();
    for row in moving.source.all("data_manager_filtergroup", &["id", "conjunction"], "1 = 1").await? {
        conjunctions.insert(row.int("id"), row.string("conjunction"));
    }
    let columns =
        &["id", "data", "project_id", "ordering", "filter_group_id", "selected_items", "user_id", "order"];
    let found = moving.source.count("data_manager_view", "1 = 1").await?;
    let rows = moving.source.all("data_manager_view", columns, &moving.in_projects("t.project_id")).await?;
    let mut line = Line::new("views", found);
    line.leave("of projects that are left", found - rows.len() as i64);
    let founder = "SELECT MIN(id) FROM users";
    let anybody = db::count(&**moving.tx, founder, vec![]).await?;
    let mut out: Vec<Vec<Sql>> = Vec::new();
    for row in rows {
        let mut data: Map<String, Value> = serde_json::from_str(&row.json("data", "{}")?).unwrap_or_default();
        if let Some(group) = row.int("filter_group_id") {
            let mut items: Vec<&Filter> = filters.iter().filter(|f| f.group == group).collect();
            items.sort_by_key(|f| f.index);
            let items: Vec<Value> = items.into_iter().map(|f| f.shown.clone()).collect();
            let conjunction = conjunctions.get(&Some(group)).cloned().unwrap_or_else(|| "and".into());
            data.insert("filters".into(), json!({"conjunction": conjunction, "items": items}));
        }
        for (from, to) in [("ordering", "ordering"), ("selected_items", "selectedItems")] {
            let value: Value = serde_json::from_str(&row.json(from, "null")?)?;
            if !value.is_null() && value != json!([]) && value != json!({}) {
                data.insert(to.into(), value);
            }
        }
        out.push(vec![
            moving.shift("views").of(row.id()?).into(),
            moving.shift("projects").of(row.int("project_id").unwrap_or_default()).into(),
            moving.people.user(row.int("user_id")).unwrap_or(anybody).into(),
            Value::Object(data).to_string().into(),
            row.int("order").unwrap_or(0).into(),
        ]);
    }
    line.taken = out.len() as i64;
    line.counted = Some(("views", format!("id > {}", moving.shift("views").after())));
    put(moving.tx, "views", &["id", "project", "user_id", "data", "position"], out).await?;
    moving.report.lines.push(line);
    Ok(())
}

async fn filters(moving: &Move<'_>) -> anyhow::Result<Vec<Filter>> {
    let columns = &["id", "column", "type", "operator", "value", "index", "parent_id"];
    let mut shown: HashMap<i64, (i64, Value)> = HashMap::new();
    let mut children: HashMap<i64, Value> = HashMap::new();
    for row in moving.source.all("data_manager_filter", columns, "1 = 1").await? {
        let value: Value = serde_json::from_str(&row.json("value", "null")?)?;
        let filter = json!({
            "filter": row.string("column"), "operator": row.string("operator"), "type": row.string("type"), "value": value,
        });
        match row.int("parent_id") {
            Some(parent) => drop(children.insert(parent, filter)),
            None => drop(shown.insert(row.id()?, (row.int("index").unwrap_or(0), filter))),
        }
    }
    let columns = &["id", "filtergroup_id", "filter_id"];
    let mut out = Vec::new();
    for row in moving.source.all("data_manager_filtergroup_filters", columns, "1 = 1").await? {
        let (Some(group), Some(id)) = (row.int("filtergroup_id"), row.int("filter_id")) else { continue };
        let Some((index, filter)) = shown.get(&id) else { continue };
        let mut filter = filter.clone();
        if let Some(child) = children.get(&id) {
            filter["child_filter"] = child.clone();
        }
        out.push(Filter { group, index: *index, shown: filter });
    }
    Ok(out)
}

/// Where this version has a table for them.
async fn webhooks(moving: &mut Move<'_>) -> anyhow::Result<()> {
    let columns = &[
        "id",
        "url",
        "send_for_all_actions",
        "send_payload",
        "headers",
        "is_active",
        "created_at",
        "updated_at",
        "organization_id",
        "project_id",
    ];
    let rows = moving.source.all("webhook", columns, "1 = 1").await?;
    let mut line = Line::new("webhooks", rows.len() as i64);
    if !has_table(moving, "webhooks").await? {
        line.leave("this version has none", rows.len() as i64);
        moving.report.lines.push(line);
        return Ok(());
    }
    let mut actions: HashMap<i64, Vec<String>> = HashMap::new();
    for row in moving.source.all("webhook_action", &["id", "action", "webhook_id"], "1 = 1").await? {
        actions.entry(row.int("webhook_id").unwrap_or(0)).or_default().push(row.string("action"));
    }
    let before = db::count(&**moving.tx, "SELECT MAX(id) FROM webhooks", vec![]).await?;
    let mut left = 0;
    for row in rows {
        let project = row.int("project_id");
        let organization = moving.people.organization(row.int("organization_id"));
        let known = project.is_none_or(|id| moving.projects.contains(&id));
        let Some(organization) = organization.filter(|_| known) else {
            left += 1;
            continue;
        };
        let now = time::now();
        let values: Vec<Sql> = vec![
            organization.into(),
            project.map(|id| moving.shift("projects").of(id)).into(),
            row.string("url").into(),
            row.bool("send_payload").unwrap_or(true).into(),
            row.bool("send_for_all_actions").unwrap_or(true).into(),
            row.json("headers", "{}")?.into(),
            json!(actions.get(&row.id()?).cloned().unwrap_or_default()).to_string().into(),
            row.bool("is_active").unwrap_or(true).into(),
            row.time("created_at").unwrap_or_else(|| now.clone()).into(),
            row.time("updated_at").unwrap_or_else(|| now.clone()).into(),
            now.into(),
        ];
        let sql = "INSERT INTO webhooks (organization, project, url, send_payload, send_for_all_actions, headers, actions, \
                   is_active, created_at, updated_at, run_after, failures) \
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 0)";
        db::run(&**moving.tx, sql, values).await?;
        line.taken += 1;
    }
    line.leave("of projects that are left", left);
    line.counted = Some(("webhooks", format!("id > {before}")));
    moving.report.lines.push(line);
    Ok(())
}

/// What is not taken at all, said once.
async fn others(moving: &mut Move<'_>) -> anyhow::Result<()> {
    for (table, what) in [
        ("ml_mlbackend", "ML backends"),
        ("labels_manager_label", "labels that users have added"),
        ("data_export_export", "snapshots of exports"),
    ] {
        let count = moving.source.count(table, "1 = 1").await?;
        if count > 0 {
            moving.report.notes.push(format!("{count} {what} are not taken over."));
        }
    }
    Ok(())
}

pub(super) async fn has_table(moving: &Move<'_>, table: &str) -> anyhow::Result<bool> {
    let sql = if db::is_postgres(&**moving.tx) {
        "SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = ANY (current_schemas(false)) AND table_name = $1"
    } else {
        "SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' AND name = $1"
    };
    Ok(db::count(&**moving.tx, sql, vec![table.into()]).await? > 0)
}
