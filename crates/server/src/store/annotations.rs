//! Annotations. Results are one JSON document each, stored as they came.

use crate::db;
use crate::store::json;
use crate::store::predictions::Prediction;
use crate::time;
use sea_orm::{ConnectionTrait, DbErr, QueryResult, Value as Sql};
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::Value;
use std::collections::{HashMap, HashSet};
use tagloom_formats::AnnotationDraft;

#[derive(Clone, Debug)]
pub struct Annotation {
    pub id: i64,
    pub task: i64,
    pub project: i64,
    pub completed_by: Option<i64>,
    pub updated_by: Option<i64>,
    pub result: Value,
    pub result_count: i64,
    pub was_cancelled: bool,
    pub ground_truth: bool,
    pub lead_time: Option<f64>,
    pub unique_id: Option<String>,
    pub import_id: Option<i64>,
    pub parent_prediction: Option<i64>,
    pub parent_annotation: Option<i64>,
    pub last_action: Option<String>,
    pub draft_created_at: Option<String>,
    pub created_at: String,
    pub updated_at: String,
    pub created_username: String,
}

/// Distinct region ids of a result.
pub fn result_count(result: &Value) -> i64 {
    let ids: HashSet<&str> = result
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|r| r.get("id"))
        .filter_map(Value::as_str)
        .collect();
    ids.len() as i64
}

impl Annotation {
    fn from_row(row: &QueryResult) -> Result<Self, DbErr> {
        let email: Option<String> = row.try_get("", "email")?;
        let completed_by: Option<i64> = row.try_get("", "completed_by")?;
        let name: Option<String> = row.try_get("", "name")?;
        let name = name.unwrap_or_default();
        Ok(Self {
            id: row.try_get("", "id")?,
            task: row.try_get("", "task")?,
            project: row.try_get("", "project")?,
            updated_by: row.try_get("", "updated_by")?,
            result: json(row, "result")?,
            result_count: row.try_get("", "result_count")?,
            was_cancelled: row.try_get("", "was_cancelled")?,
            ground_truth: row.try_get("", "ground_truth")?,
            lead_time: row.try_get("", "lead_time")?,
            unique_id: row.try_get("", "unique_id")?,
            import_id: row.try_get("", "import_id")?,
            parent_prediction: row.try_get("", "parent_prediction")?,
            parent_annotation: row.try_get("", "parent_annotation")?,
            last_action: row.try_get("", "last_action")?,
            draft_created_at: row.try_get("", "draft_created_at")?,
            created_at: row.try_get("", "created_at")?,
            updated_at: row.try_get("", "updated_at")?,
            created_username: match (email, completed_by) {
                (Some(email), Some(id)) => format!("{} {email}, {id}", name.trim()),
                _ => String::new(),
            },
            completed_by,
        })
    }

    pub fn to_json(&self) -> Value {
        serde_json::to_value(self).unwrap_or_default()
    }
}

/// The API's form (spec/server.md 3.4).
impl Serialize for Annotation {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        const NOTHING: Option<i64> = None;
        let mut o = serializer.serialize_map(Some(20))?;
        o.serialize_entry("id", &self.id)?;
        o.serialize_entry("result", &self.result)?;
        o.serialize_entry("created_username", &self.created_username)?;
        o.serialize_entry("created_ago", &time::ago(&self.created_at))?;
        o.serialize_entry("completed_by", &self.completed_by)?;
        o.serialize_entry("was_cancelled", &self.was_cancelled)?;
        o.serialize_entry("ground_truth", &self.ground_truth)?;
        o.serialize_entry("created_at", &self.created_at)?;
        o.serialize_entry("updated_at", &self.updated_at)?;
        o.serialize_entry("draft_created_at", &self.draft_created_at)?;
        o.serialize_entry("lead_time", &self.lead_time)?;
        o.serialize_entry("import_id", &self.import_id)?;
        o.serialize_entry("last_action", &self.last_action)?;
        o.serialize_entry("bulk_created", &false)?;
        o.serialize_entry("task", &self.task)?;
        o.serialize_entry("project", &self.project)?;
        o.serialize_entry("updated_by", &self.updated_by)?;
        o.serialize_entry("parent_prediction", &self.parent_prediction)?;
        o.serialize_entry("parent_annotation", &self.parent_annotation)?;
        o.serialize_entry("last_created_by", &NOTHING)?;
        o.end()
    }
}

/// A `unique_id` in the order of time (RFC 9562, version 7): the newest stand together in the index.
pub fn new_unique_id() -> String {
    uuid::Uuid::now_v7().to_string()
}

const COLUMNS: &str = "SELECT a.id, a.task, a.project, a.completed_by, a.updated_by, a.result, a.result_count, \
     a.was_cancelled, a.ground_truth, a.lead_time, a.unique_id, a.import_id, a.parent_prediction, \
     a.parent_annotation, a.last_action, a.draft_created_at, a.created_at, a.updated_at, u.email AS email, \
     (u.first_name || ' ' || u.last_name) AS name FROM annotations a LEFT JOIN users u ON u.id = a.completed_by";

pub async fn get(
    conn: &impl ConnectionTrait,
    organization: i64,
    id: i64,
) -> Result<Option<Annotation>, DbErr> {
    let sql =
        format!("{COLUMNS} JOIN projects p ON p.id = a.project WHERE a.id = $1 AND p.organization = $2");
    let row = db::one(conn, &sql, vec![id.into(), organization.into()]).await?;
    row.as_ref().map(Annotation::from_row).transpose()
}

/// Annotations of some tasks, by id.
pub async fn of_tasks(conn: &impl ConnectionTrait, tasks: &[i64]) -> Result<Vec<Annotation>, DbErr> {
    let mut out = Vec::new();
    for chunk in tasks.chunks(500) {
        let sql = format!("{COLUMNS} WHERE a.task IN ({}) ORDER BY a.id", db::placeholders(1, chunk.len()));
        let rows = db::all(conn, &sql, chunk.iter().map(|id| Sql::from(*id)).collect()).await?;
        for row in &rows {
            out.push(Annotation::from_row(row)?);
        }
    }
    Ok(out)
}

/// Annotations by their ids, whosesoever they are; for callers that have been allowed already.
pub async fn with_ids(conn: &impl ConnectionTrait, ids: &[i64]) -> Result<Vec<Annotation>, DbErr> {
    let mut out = Vec::with_capacity(ids.len());
    for chunk in ids.chunks(500) {
        let sql = format!("{COLUMNS} WHERE a.id IN ({}) ORDER BY a.id", db::placeholders(1, chunk.len()));
        let rows = db::all(conn, &sql, chunk.iter().map(|id| Sql::from(*id)).collect()).await?;
        for row in &rows {
            out.push(Annotation::from_row(row)?);
        }
    }
    Ok(out)
}

/// Stores a new annotation, tells the export storages, and gives its id.
pub async fn insert(conn: &impl ConnectionTrait, a: &Annotation) -> Result<i64, DbErr> {
    super::export_queue::changed(conn, a.project, a.task).await?;
    insert_row(conn, a).await
}

async fn insert_row(conn: &impl ConnectionTrait, a: &Annotation) -> Result<i64, DbErr> {
    let now = time::now();
    db::insert(
        conn,
        "INSERT INTO annotations (task, project, completed_by, updated_by, result, result_count, was_cancelled, \
         ground_truth, lead_time, unique_id, import_id, parent_prediction, parent_annotation, last_action, \
         draft_created_at, created_at, updated_at) VALUES \
         ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $16)",
        vec![
            a.task.into(),
            a.project.into(),
            a.completed_by.into(),
            a.updated_by.into(),
            a.result.to_string().into(),
            result_count(&a.result).into(),
            a.was_cancelled.into(),
            a.ground_truth.into(),
            a.lead_time.into(),
            a.unique_id.clone().or_else(|| Some(new_unique_id())).into(),
            a.import_id.into(),
            a.parent_prediction.into(),
            a.parent_annotation.into(),
            a.last_action.clone().into(),
            a.draft_created_at.clone().into(),
            now.into(),
        ],
    )
    .await
}

/// Stores new annotations, each with its `unique_id` and its times, and fills in their ids.
pub async fn insert_many(conn: &impl ConnectionTrait, list: &mut [&mut Annotation]) -> Result<(), DbErr> {
    let sql = format!(
        "INSERT INTO annotations (task, project, completed_by, updated_by, result, result_count, was_cancelled, \
         ground_truth, lead_time, unique_id, import_id, parent_prediction, parent_annotation, last_action, \
         draft_created_at, created_at, updated_at) VALUES {} RETURNING id, unique_id",
        db::rows(conn, list.len(), 17)
    );
    let mut values: Vec<Sql> = Vec::with_capacity(list.len() * 17);
    for a in list.iter() {
        values.extend::<[Sql; 17]>([
            a.task.into(),
            a.project.into(),
            a.completed_by.into(),
            a.updated_by.into(),
            a.result.to_string().into(),
            a.result_count.into(),
            a.was_cancelled.into(),
            a.ground_truth.into(),
            a.lead_time.into(),
            a.unique_id.clone().into(),
            a.import_id.into(),
            a.parent_prediction.into(),
            a.parent_annotation.into(),
            a.last_action.clone().into(),
            a.draft_created_at.clone().into(),
            a.created_at.clone().into(),
            a.updated_at.clone().into(),
        ]);
    }
    let mut ids: HashMap<String, i64> = HashMap::new();
    for row in db::all(conn, &sql, values).await? {
        ids.insert(row.try_get("", "unique_id")?, row.try_get("", "id")?);
    }
    for a in list {
        let unique = a.unique_id.as_deref().unwrap_or_default();
        a.id = *ids.get(unique).ok_or_else(|| DbErr::Custom("an insert returned no id".into()))?;
    }
    Ok(())
}

/// Annotations that came with imported tasks: task, draft, and who completed it. Export storages are told of all of them
/// together.
pub async fn insert_imported(
    conn: &impl ConnectionTrait,
    project: i64,
    now: &str,
    drafts: &[(i64, &AnnotationDraft, Option<i64>)],
) -> Result<(), DbErr> {
    for chunk in drafts.chunks(500) {
        let mut values: Vec<Sql> = Vec::with_capacity(chunk.len() * 12);
        for (task, draft, by) in chunk {
            let ids: HashSet<&str> =
                draft.result.iter().filter_map(|r| r.get("id")).filter_map(Value::as_str).collect();
            values.extend([
                (*task).into(),
                project.into(),
                (*by).into(),
                serde_json::to_string(&draft.result).unwrap_or_else(|_| "[]".into()).into(),
                (ids.len() as i64).into(),
                draft.was_cancelled.into(),
                draft.ground_truth.into(),
                draft.lead_time.into(),
                new_unique_id().into(),
                draft.import_id.into(),
                now.into(),
                now.into(),
            ]);
        }
        let sql = format!(
            "INSERT INTO annotations (task, project, completed_by, result, result_count, was_cancelled, ground_truth, \
             lead_time, unique_id, import_id, created_at, updated_at) VALUES {}",
            db::rows(conn, chunk.len(), 12)
        );
        db::run(conn, &sql, values).await?;
    }
    Ok(())
}

/// An annotation made out of a prediction.
pub async fn insert_predicted(
    conn: &impl ConnectionTrait,
    prediction: &Prediction,
    user: i64,
) -> Result<i64, DbErr> {
    let annotation = Annotation {
        id: 0,
        task: prediction.task,
        project: prediction.project,
        completed_by: Some(user),
        updated_by: None,
        result: prediction.result.clone(),
        result_count: 0,
        was_cancelled: false,
        ground_truth: false,
        lead_time: None,
        unique_id: None,
        import_id: None,
        parent_prediction: Some(prediction.id),
        parent_annotation: None,
        last_action: None,
        draft_created_at: None,
        created_at: String::new(),
        updated_at: String::new(),
        created_username: String::new(),
    };
    insert_row(conn, &annotation).await
}

/// Who made which annotations of some tasks, without their results.
#[derive(Clone, Copy, Debug)]
pub struct Mark {
    pub id: i64,
    pub task: i64,
    pub completed_by: Option<i64>,
}

/// The same for some tasks, by id.
pub async fn marks(conn: &impl ConnectionTrait, tasks: &[i64]) -> Result<Vec<Mark>, DbErr> {
    let mut out = Vec::new();
    for chunk in tasks.chunks(500) {
        let sql = format!(
            "SELECT id, task, completed_by FROM annotations WHERE task IN ({}) ORDER BY id",
            db::placeholders(1, chunk.len())
        );
        for row in &db::all(conn, &sql, chunk.iter().map(|id| Sql::from(*id)).collect()).await? {
            out.push(Mark {
                id: row.try_get("", "id")?,
                task: row.try_get("", "task")?,
                completed_by: row.try_get("", "completed_by")?,
            });
        }
    }
    Ok(out)
}

/// Stores a changed annotation; `updated_at`, by which changes are told apart, always grows.
pub async fn update(conn: &impl ConnectionTrait, a: &mut Annotation) -> Result<(), DbErr> {
    a.updated_at = time::after(&a.updated_at);
    a.result_count = result_count(&a.result);
    super::export_queue::changed(conn, a.project, a.task).await?;
    db::run(
        conn,
        "UPDATE annotations SET updated_by = $1, result = $2, result_count = $3, was_cancelled = $4, \
         ground_truth = $5, lead_time = $6, updated_at = $7 WHERE id = $8",
        vec![
            a.updated_by.into(),
            a.result.to_string().into(),
            a.result_count.into(),
            a.was_cancelled.into(),
            a.ground_truth.into(),
            a.lead_time.into(),
            a.updated_at.clone().into(),
            a.id.into(),
        ],
    )
    .await?;
    Ok(())
}

/// At most one ground truth per task: the others lose the flag.
pub async fn clear_ground_truth(conn: &impl ConnectionTrait, task: i64, except: i64) -> Result<(), DbErr> {
    db::run(
        conn,
        "UPDATE annotations SET ground_truth = $1 WHERE task = $2 AND id <> $3",
        vec![false.into(), task.into(), except.into()],
    )
    .await?;
    Ok(())
}

pub async fn delete(conn: &impl ConnectionTrait, id: i64) -> Result<(), DbErr> {
    super::export_queue::annotation_changed(conn, id).await?;
    db::run(conn, "DELETE FROM drafts WHERE annotation = $1", vec![id.into()]).await?;
    db::run(conn, "DELETE FROM annotations WHERE id = $1", vec![id.into()]).await?;
    Ok(())
}
