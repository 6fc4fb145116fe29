//! Projects and their counters.

use crate::db;
use crate::store::json;
use crate::time;
use sea_orm::{ConnectionTrait, DbErr, QueryResult};
use serde_json::{Map, Value, json};
use tagloom_tags::Config;

pub use super::counters::{Counters, counters, counters_of};

#[derive(Clone, Debug)]
pub struct Project {
    pub id: i64,
    pub organization: i64,
    pub created_by: Option<i64>,
    pub title: String,
    pub description: String,
    pub label_config: String,
    /// Fields with a default and no meaning for SQL; see [`DEFAULTS`].
    pub settings: Map<String, Value>,
    pub maximum_annotations: i64,
    pub pinned_at: Option<String>,
    pub created_at: String,
    pub updated_at: String,
}

/// Writable settings with their defaults.
fn defaults() -> Vec<(&'static str, Value)> {
    vec![
        ("expert_instruction", json!("")),
        ("show_instruction", json!(false)),
        ("show_skip_button", json!(true)),
        ("enable_empty_annotation", json!(true)),
        ("show_annotation_history", json!(false)),
        ("color", json!("#FFFFFF")),
        ("is_published", json!(false)),
        ("model_version", json!("")),
        ("is_draft", json!(false)),
        ("min_annotations_to_start_training", json!(0)),
        ("start_training_on_annotation_update", json!(false)),
        ("show_collab_predictions", json!(true)),
        ("sampling", json!("Sequential sampling")),
        ("show_ground_truth_first", json!(false)),
        ("annotator_evaluation_enabled", json!(false)),
        ("show_overlap_first", json!(false)),
        ("overlap_cohort_percentage", json!(100)),
        ("task_data_login", Value::Null),
        ("task_data_password", Value::Null),
        ("evaluate_predictions_automatically", json!(false)),
        ("skip_queue", json!("REQUEUE_FOR_OTHERS")),
        ("reveal_preannotations_interactively", json!(false)),
        ("control_weights", json!({})),
    ]
}

pub fn default_setting(key: &str) -> Value {
    defaults().into_iter().find(|(k, _)| *k == key).map_or(Value::Null, |(_, v)| v)
}

/// Whether a key is one of the settings.
pub fn is_setting(key: &str) -> bool {
    defaults().iter().any(|(k, _)| *k == key)
}

impl Project {
    fn from_row(row: &QueryResult) -> Result<Self, DbErr> {
        Ok(Self {
            id: row.try_get("", "id")?,
            organization: row.try_get("", "organization")?,
            created_by: row.try_get("", "created_by")?,
            title: row.try_get("", "title")?,
            description: row.try_get("", "description")?,
            label_config: row.try_get("", "label_config")?,
            settings: json(row, "settings")?.as_object().cloned().unwrap_or_default(),
            maximum_annotations: row.try_get("", "maximum_annotations")?,
            pinned_at: row.try_get("", "pinned_at")?,
            created_at: row.try_get("", "created_at")?,
            updated_at: row.try_get("", "updated_at")?,
        })
    }

    pub fn setting(&self, key: &str) -> Value {
        self.settings.get(key).cloned().unwrap_or_else(|| default_setting(key))
    }

    pub fn setting_str(&self, key: &str) -> String {
        self.setting(key).as_str().unwrap_or_default().to_owned()
    }

    pub fn config(&self) -> Config {
        Config::new(&self.label_config)
    }

    /// Weights of controls and labels: 1, but for those that somebody has set.
    pub fn control_weights(&self, config: &Config) -> Value {
        let mut weights = tagloom_tags::control_weights(config);
        let set = self.setting("control_weights");
        for (name, control) in weights.as_object_mut().into_iter().flatten() {
            let set = &set[name];
            if set["overall"].is_number() {
                control["overall"] = set["overall"].clone();
            }
            for (label, weight) in control["labels"].as_object_mut().into_iter().flatten() {
                if set["labels"][label].is_number() {
                    *weight = set["labels"][label].clone();
                }
            }
        }
        weights
    }

    /// Whether an annotation may start a training.
    pub fn trains_on_updates(&self) -> bool {
        self.setting("min_annotations_to_start_training").as_i64().unwrap_or(0) > 0
    }

    /// The project object, complete and in the reference's order; counters are null where none are given.
    pub fn to_json(&self, created_by: Value, counters: Option<&Counters>) -> Value {
        let config = self.config();
        let number = |f: fn(&Counters) -> i64| counters.map(f).map_or(Value::Null, Value::from);
        let s = |key: &str| self.setting(key);
        json!({
            "id": self.id, "title": self.title, "description": self.description, "label_config": self.label_config,
            "expert_instruction": s("expert_instruction"), "show_instruction": s("show_instruction"),
            "show_skip_button": s("show_skip_button"), "enable_empty_annotation": s("enable_empty_annotation"),
            "show_annotation_history": s("show_annotation_history"), "organization": self.organization,
            "color": s("color"), "maximum_annotations": self.maximum_annotations, "is_published": s("is_published"),
            "model_version": s("model_version"), "is_draft": s("is_draft"), "created_by": created_by,
            "created_at": self.created_at,
            "min_annotations_to_start_training": s("min_annotations_to_start_training"),
            "start_training_on_annotation_update": self.trains_on_updates(),
            "show_collab_predictions": s("show_collab_predictions"),
            "num_tasks_with_annotations": number(|c| c.num_tasks_with_annotations),
            "task_number": number(|c| c.task_number),
            "useful_annotation_number": number(|c| c.useful_annotation_number),
            "ground_truth_number": number(|c| c.ground_truth_number),
            "skipped_annotations_number": number(|c| c.skipped_annotations_number),
            "total_annotations_number": number(|c| c.total_annotations_number),
            "total_predictions_number": number(|c| c.total_predictions_number),
            "sampling": s("sampling"), "show_ground_truth_first": s("show_ground_truth_first"),
            "annotator_evaluation_enabled": s("annotator_evaluation_enabled"),
            "show_overlap_first": s("show_overlap_first"),
            "overlap_cohort_percentage": s("overlap_cohort_percentage"), "task_data_login": s("task_data_login"),
            // Can be set, and never be read again.
            "task_data_password": null,
            "control_weights": self.control_weights(&config),
            "parsed_label_config": tagloom_tags::parsed_label_config(&config),
            "evaluate_predictions_automatically": s("evaluate_predictions_automatically"),
            "config_has_control_tags": tagloom_tags::config_has_control_tags(&config),
            "skip_queue": s("skip_queue"),
            "reveal_preannotations_interactively": s("reveal_preannotations_interactively"),
            "pinned_at": self.pinned_at, "finished_task_number": number(|c| c.finished_task_number),
            "queue_total": counters.map_or(0, |c| c.queue_total), "queue_done": counters.map_or(0, |c| c.queue_done),
            "config_suitable_for_bulk_annotation": false, "state": null,
        })
    }
}

const COLUMNS: &str = "SELECT id, organization, created_by, title, description, label_config, settings, \
     maximum_annotations, pinned_at, created_at, updated_at FROM projects";

/// A project of that organization.
pub async fn get(conn: &impl ConnectionTrait, organization: i64, id: i64) -> Result<Option<Project>, DbErr> {
    let row = db::one(
        conn,
        &format!("{COLUMNS} WHERE id = $1 AND organization = $2"),
        vec![id.into(), organization.into()],
    )
    .await?;
    row.as_ref().map(Project::from_row).transpose()
}

/// The same inside a transaction that will change it: nobody else changes it meanwhile.
pub async fn get_to_change(
    conn: &impl ConnectionTrait,
    organization: i64,
    id: i64,
) -> Result<Option<Project>, DbErr> {
    let sql = format!("{COLUMNS} WHERE id = $1 AND organization = $2{}", db::for_update(conn));
    let row = db::one(conn, &sql, vec![id.into(), organization.into()]).await?;
    row.as_ref().map(Project::from_row).transpose()
}

/// For work in the background, which has been allowed already.
pub async fn of_any_organization(conn: &impl ConnectionTrait, id: i64) -> Result<Option<Project>, DbErr> {
    let row = db::one(conn, &format!("{COLUMNS} WHERE id = $1"), vec![id.into()]).await?;
    row.as_ref().map(Project::from_row).transpose()
}

/// What a list asks for.
#[derive(Clone, Debug, Default)]
pub struct ListFilter {
    pub ids: Vec<i64>,
    pub title: Option<String>,
    /// `title`, `-id`, several of them by commas; unknown names are ignored.
    pub ordering: Option<String>,
    pub pinned: Option<bool>,
}

/// What a list can be ordered by.
fn column(name: &str) -> Option<&'static str> {
    Some(match name {
        "id" => "id",
        "title" => "LOWER(title)",
        "description" => "LOWER(description)",
        "created_at" => "created_at",
        "updated_at" => "updated_at",
        "created_by" => "created_by",
        "maximum_annotations" => "maximum_annotations",
        "pinned_at" => "pinned_at",
        "task_number" => "(SELECT COUNT(*) FROM tasks t WHERE t.project = projects.id)",
        "finished_task_number" => {
            "(SELECT COUNT(*) FROM tasks t WHERE t.project = projects.id AND t.is_labeled)"
        }
        "total_annotations_number" => {
            "(SELECT COUNT(*) FROM annotations a WHERE a.project = projects.id AND NOT a.was_cancelled)"
        }
        "skipped_annotations_number" => {
            "(SELECT COUNT(*) FROM annotations a WHERE a.project = projects.id AND a.was_cancelled)"
        }
        "ground_truth_number" => {
            "(SELECT COUNT(*) FROM annotations a WHERE a.project = projects.id AND a.ground_truth)"
        }
        "total_predictions_number" => "(SELECT COUNT(*) FROM predictions p WHERE p.project = projects.id)",
        _ => return None,
    })
}

/// ORDER BY of a list: pinned first, then newest, where nothing else is asked for. Empty values come last.
fn order(asked: &str) -> String {
    let mut parts = Vec::new();
    for name in asked.split(',').map(str::trim) {
        let (name, direction) = name.strip_prefix('-').map_or((name, "ASC"), |n| (n, "DESC"));
        if let Some(column) = column(name) {
            parts.push(format!("CASE WHEN {column} IS NULL THEN 1 ELSE 0 END, {column} {direction}"));
        }
    }
    if parts.is_empty() {
        return "CASE WHEN pinned_at IS NULL THEN 1 ELSE 0 END, pinned_at DESC, id DESC".into();
    }
    parts.push("id".into());
    parts.join(", ")
}

/// A page of projects and their number: pinned first, then newest.
pub async fn list(
    conn: &impl ConnectionTrait,
    organization: i64,
    filter: &ListFilter,
    limit: u64,
    offset: u64,
) -> Result<(Vec<Project>, i64), DbErr> {
    let mut condition = "organization = $1".to_owned();
    let mut values: Vec<sea_orm::Value> = vec![organization.into()];
    if !filter.ids.is_empty() {
        condition += &format!(" AND id IN ({})", db::placeholders(values.len() + 1, filter.ids.len()));
        values.extend(filter.ids.iter().map(|id| sea_orm::Value::from(*id)));
    }
    if let Some(title) = &filter.title {
        // SQLite knows the case of ASCII letters only.
        let folded = if db::is_postgres(conn) { title.to_lowercase() } else { title.to_ascii_lowercase() };
        values.push(db::containing(&folded).into());
        condition += &format!(" AND LOWER(title) LIKE ${} ESCAPE '\\'", values.len());
    }
    match filter.pinned {
        Some(true) => condition += " AND pinned_at IS NOT NULL",
        Some(false) => condition += " AND pinned_at IS NULL",
        None => {}
    }
    let total =
        db::count(conn, &format!("SELECT COUNT(*) FROM projects WHERE {condition}"), values.clone()).await?;
    let order = order(filter.ordering.as_deref().unwrap_or_default());
    values.push(db::bounded(limit).into());
    values.push(db::bounded(offset).into());
    let sql = format!(
        "{COLUMNS} WHERE {condition} ORDER BY {order} LIMIT ${} OFFSET ${}",
        values.len() - 1,
        values.len()
    );
    let rows = db::all(conn, &sql, values).await?;
    Ok((rows.iter().map(Project::from_row).collect::<Result<_, _>>()?, total))
}

/// Stores a new project and gives its id.
pub async fn insert(conn: &impl ConnectionTrait, p: &Project) -> Result<i64, DbErr> {
    db::insert(
        conn,
        "INSERT INTO projects (organization, created_by, title, description, label_config, settings, \
         maximum_annotations, pinned_at, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9)",
        vec![
            p.organization.into(),
            p.created_by.into(),
            p.title.clone().into(),
            p.description.clone().into(),
            p.label_config.clone().into(),
            Value::Object(p.settings.clone()).to_string().into(),
            p.maximum_annotations.into(),
            p.pinned_at.clone().into(),
            p.created_at.clone().into(),
        ],
    )
    .await
}

pub async fn update(conn: &impl ConnectionTrait, p: &Project) -> Result<(), DbErr> {
    db::run(
        conn,
        "UPDATE projects SET title = $1, description = $2, label_config = $3, settings = $4, \
         maximum_annotations = $5, pinned_at = $6, updated_at = $7 WHERE id = $8",
        vec![
            p.title.clone().into(),
            p.description.clone().into(),
            p.label_config.clone().into(),
            Value::Object(p.settings.clone()).to_string().into(),
            p.maximum_annotations.into(),
            p.pinned_at.clone().into(),
            time::now().into(),
            p.id.into(),
        ],
    )
    .await?;
    Ok(())
}

/// Removes a project with everything in it; the names of its uploaded files come back, to be removed after the commit.
pub async fn delete(conn: &impl ConnectionTrait, id: i64) -> Result<Vec<String>, DbErr> {
    let files = db::all(conn, "SELECT file FROM file_uploads WHERE project = $1", vec![id.into()]).await?;
    let files: Vec<String> = files.iter().map(|r| r.try_get("", "file")).collect::<Result<_, _>>()?;
    super::tasks::delete_all(conn, id).await?;
    super::storages::delete_of_project(conn, id).await?;
    super::webhooks::delete_of_project(conn, id).await?;
    let files =
        [files, super::exports::forget(conn, id).await?, super::imports::forget(conn, id).await?].concat();
    for table in ["file_uploads", "views", "stream_history", "label_links"] {
        db::run(conn, &format!("DELETE FROM {table} WHERE project = $1"), vec![id.into()]).await?;
    }
    db::run(conn, "DELETE FROM projects WHERE id = $1", vec![id.into()]).await?;
    Ok(files)
}
