//! Storages with the links between their objects and tasks, so that a sync brings nothing a second time.

use super::Move;
use super::convert;
use super::report::Line;
use super::surroundings::has_table;
use super::target::put;
use crate::db;
use crate::time;
use sea_orm::Value as Sql;
use serde_json::{Map, Value};
use std::collections::HashMap;

/// A kind of storage there, and where the fields are that it shares with the other direction.
struct Kind {
    table: &'static str,
    mixin: Option<&'static str>,
    kind: &'static str,
    purpose: &'static str,
}

const fn kind(
    table: &'static str,
    mixin: Option<&'static str>,
    kind: &'static str,
    purpose: &'static str,
) -> Kind {
    Kind { table, mixin, kind, purpose }
}

const KINDS: &[Kind] = &[
    kind("io_storages_s3importstorage", None, "s3", "import"),
    kind("io_storages_s3exportstorage", None, "s3", "export"),
    kind("io_storages_gcsimportstorage", Some("gcsstoragemixin"), "gcs", "import"),
    kind("io_storages_gcsexportstorage", Some("gcsstoragemixin"), "gcs", "export"),
    kind("io_storages_azureblobimportstorage", Some("azureblobstoragemixin"), "azure", "import"),
    kind("io_storages_azureblobexportstorage", Some("azureblobstoragemixin"), "azure", "export"),
    kind("io_storages_localfilesimportstorage", Some("localfilesmixin"), "localfiles", "import"),
    kind("io_storages_localfilesexportstorage", Some("localfilesmixin"), "localfiles", "export"),
    kind("io_storages_redisimportstorage", Some("redisstoragemixin"), "redis", "import"),
    kind("io_storages_redisexportstorage", Some("redisstoragemixin"), "redis", "export"),
];

/// Columns of a storage here, or of nobody.
const COMMON: &[&str] = &[
    "id",
    "title",
    "description",
    "created_at",
    "project_id",
    "last_sync",
    "last_sync_count",
    "last_sync_job",
    "meta",
    "status",
    "traceback",
    "synchronizable",
];
const SECRETS: &[&str] = &[
    "aws_access_key_id",
    "aws_secret_access_key",
    "aws_session_token",
    "account_name",
    "account_key",
    "google_application_credentials",
    "password",
];
const FLAGS: &[&str] = &["use_blob_urls", "presign", "recursive_scan", "can_delete_objects"];
const NUMBERS: &[&str] = &["presign_ttl", "port"];
const PAGE: usize = 500;

type Values = HashMap<String, Option<String>>;

pub(super) async fn take(moving: &mut Move<'_>) -> anyhow::Result<()> {
    let mut line = Line::new("storages", 0);
    let here = has_table(moving, "storages").await?;
    let (mut unknown, mut homeless, mut without) = (0, 0, 0);
    let mut links = 0;
    for kind in KINDS {
        for (id, values) in storages_of(moving, kind).await? {
            line.found += 1;
            let project = text(&values, "project_id").and_then(|id| id.parse::<i64>().ok());
            let Some(project) = project.filter(|id| moving.projects.contains(id)) else {
                homeless += 1;
                continue;
            };
            let project = moving.shift("projects").of(project);
            if !here || kind.kind == "redis" {
                unknown += 1;
                moving.report.notes.push(format!(
                    "A storage has to be set up by hand: {:?} ({}, {}) of project {project}",
                    text(&values, "title").unwrap_or_default(),
                    kind.kind,
                    kind.purpose
                ));
                continue;
            }
            let (shown, secrets) = fields(&values);
            let sealed = sealed(moving, kind.kind, &secrets)?;
            without += i64::from(!secrets.is_empty() && sealed.is_empty());
            let new = insert(moving, kind, project, &values, &shown, sealed).await?;
            line.taken += 1;
            if kind.purpose == "import" {
                links += copy_links(moving, kind, id, new).await?;
            }
        }
    }
    line.leave("to be set up by hand", unknown);
    line.leave("of projects that are left", homeless);
    if without > 0 {
        moving.report.notes.push(format!("The credentials of {without} storages have to be entered again."));
    }
    if links > 0 {
        moving.report.notes.push(format!("{links} objects of storages are known to belong to tasks."));
    }
    moving.report.lines.push(line);
    Ok(())
}

/// What is stored of secrets; nothing where the kind is not ours.
fn sealed(moving: &Move<'_>, kind: &str, secrets: &Map<String, Value>) -> anyhow::Result<String> {
    let Some(kind) = tagloom_storages::Kind::named(kind) else { return Ok(String::new()) };
    let fields = tagloom_storages::Fields::of(Value::Object(secrets.clone()));
    crate::storages::sealed(&moving.state.secret, kind, &fields)
}

/// All storages of a kind with their ids there, the shared fields among their own.
async fn storages_of(moving: &Move<'_>, kind: &Kind) -> anyhow::Result<Vec<(i64, Values)>> {
    let mut shared: HashMap<String, Values> = HashMap::new();
    if let Some(mixin) = kind.mixin {
        for row in moving.source.raw(&format!("io_storages_{mixin}"), "1 = 1").await? {
            shared.insert(text(&row, "id").unwrap_or_default().to_owned(), row);
        }
    }
    let mut out = Vec::new();
    for mut row in moving.source.raw(kind.table, "1 = 1").await? {
        let pointer = kind.mixin.map(|mixin| format!("{mixin}_ptr_id"));
        let id = match &pointer {
            Some(pointer) => row.remove(pointer).flatten().unwrap_or_default(),
            None => text(&row, "id").unwrap_or_default().to_owned(),
        };
        for (name, value) in shared.get(&id).into_iter().flatten() {
            row.entry(name.clone()).or_insert_with(|| value.clone());
        }
        out.push((id.parse().unwrap_or_default(), row));
    }
    out.sort_by_key(|(id, _)| *id);
    Ok(out)
}

fn text<'a>(values: &'a Values, name: &str) -> Option<&'a str> {
    values.get(name)?.as_deref()
}

fn flag(values: &Values, name: &str) -> Option<bool> {
    match text(values, name)? {
        "1" | "t" | "true" => Some(true),
        "0" | "f" | "false" => Some(false),
        _ => None,
    }
}

/// Fields that are shown, and those that are not.
fn fields(values: &Values) -> (Map<String, Value>, Map<String, Value>) {
    let (mut shown, mut secrets) = (Map::new(), Map::new());
    let mut names: Vec<&String> = values.keys().collect();
    names.sort();
    for name in names {
        let name = name.as_str();
        if COMMON.contains(&name) {
            continue;
        }
        let value = if FLAGS.contains(&name) {
            flag(values, name).map(Value::from)
        } else if NUMBERS.contains(&name) {
            text(values, name).and_then(|n| n.parse::<i64>().ok()).map(Value::from)
        } else {
            text(values, name).filter(|text| !text.is_empty()).map(Value::from)
        };
        let Some(value) = value else { continue };
        if SECRETS.contains(&name) {
            secrets.insert(name.to_owned(), value);
        } else {
            shown.insert(name.to_owned(), value);
        }
    }
    (shown, secrets)
}

async fn insert(
    moving: &Move<'_>,
    kind: &Kind,
    project: i64,
    values: &Values,
    shown: &Map<String, Value>,
    sealed: String,
) -> anyhow::Result<i64> {
    let owned = |name: &str| text(values, name).map(str::to_owned);
    let moment = |name: &str| text(values, name).and_then(convert::time);
    // A sync that was at work there is not at work here.
    let status =
        owned("status").filter(|s| ["completed", "completed_with_errors", "failed"].contains(&s.as_str()));
    let now = time::now();
    let row: Vec<Sql> = vec![
        project.into(),
        kind.purpose.into(),
        kind.kind.into(),
        owned("title").into(),
        owned("description").into(),
        Value::Object(shown.clone()).to_string().into(),
        sealed.into(),
        flag(values, "synchronizable").unwrap_or(true).into(),
        status.unwrap_or_else(|| "initialized".into()).into(),
        moment("last_sync").into(),
        text(values, "last_sync_count").and_then(|n| n.parse::<i64>().ok()).into(),
        owned("traceback").into(),
        text(values, "meta")
            .and_then(|m| convert::json(m).ok())
            .filter(|m| m != "null")
            .unwrap_or_else(|| "{}".into())
            .into(),
        moment("created_at").unwrap_or_else(|| now.clone()).into(),
        now.into(),
    ];
    let sql = "INSERT INTO storages (project, purpose, kind, title, description, fields, secrets, synchronizable, status, \
               last_sync, last_sync_count, traceback, meta, created_at, updated_at) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)";
    Ok(db::insert(&**moving.tx, sql, row).await?)
}

/// Links of tasks that were taken; gives how many.
async fn copy_links(moving: &Move<'_>, kind: &Kind, old: i64, new: i64) -> anyhow::Result<i64> {
    let table = format!("{}link", kind.table);
    let columns = &["id", "key", "row_index", "task_id", "created_at"];
    let condition = format!(
        "t.storage_id = {old} AND t.task_id IN (SELECT id FROM task t WHERE {})",
        moving.in_projects("t.project_id")
    );
    let (mut after, mut count) = (i64::MIN, 0);
    loop {
        let rows = moving.source.page(&table, columns, &condition, after, PAGE).await?;
        let Some(last) = rows.last() else { return Ok(count) };
        after = last.id()?;
        count += rows.len() as i64;
        let rows: Vec<Vec<Sql>> = rows
            .iter()
            .map(|row| {
                vec![
                    new.into(),
                    row.string("key").into(),
                    row.int("row_index").unwrap_or(0).into(),
                    moving.shift("tasks").of(row.int("task_id").unwrap_or_default()).into(),
                    row.time("created_at").unwrap_or_else(time::now).into(),
                ]
            })
            .collect();
        put(moving.tx, "storage_links", &["storage", "key", "row_index", "task", "created_at"], rows).await?;
    }
}
