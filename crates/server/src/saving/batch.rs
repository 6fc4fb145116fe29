//! A batch of submits in one transaction.

use super::submit::Submit;
use crate::db::{self, Db};
use crate::error::ApiError;
use crate::events::{self, Event};
use crate::store::annotations::{self, Annotation};
use crate::store::idempotency::{self, Use};
use crate::store::tally::{self, Tally};
use crate::store::{export_queue, json, recount, users};
use crate::time;
use axum::http::StatusCode;
use sea_orm::{ConnectionTrait, DbErr, Value as Sql};
use serde_json::Value;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

/// A task that something is submitted for.
struct Task {
    project: i64,
    organization: i64,
    settings: Arc<Value>,
    /// Somebody has a place in it.
    held: bool,
    /// The label stream has given it to the author.
    streamed: bool,
    /// Export storages of its project want to know.
    exported: bool,
    /// What the submit's key was used for before.
    used: Option<Use>,
}

struct Draft {
    task: i64,
    user: i64,
    created_at: String,
}

/// What the database knows of a batch before it is stored.
struct Known {
    /// Each is of one submit.
    tasks: HashMap<i64, Task>,
    /// Unique ids that exist already.
    taken: HashSet<String>,
    drafts: HashMap<i64, Draft>,
}

/// What becomes of a submit.
enum Fate {
    Refused(ApiError),
    /// Its key was used: the annotation of then.
    Made(i64),
    New(Box<Annotation>),
}

/// Stores what can be stored; one answer for each submit, in their order. An error of the database is everybody's.
pub(super) async fn store(db: &Db, submits: &[Submit]) -> Result<Vec<Result<Annotation, ApiError>>, DbErr> {
    let tx = db.write_rows().await?;
    let known = Known {
        // First, as this locks.
        tasks: tasks(&*tx, submits).await?,
        taken: taken(&*tx, submits).await?,
        drafts: drafts(&*tx, submits).await?,
    };
    let now = time::now();
    let mut fates = Vec::with_capacity(submits.len());
    for submit in submits {
        fates.push(known.fate(&*tx, submit, &now).await?);
    }
    let mut rows: Vec<&mut Annotation> = fates
        .iter_mut()
        .filter_map(|fate| match fate {
            Fate::New(annotation) => Some(&mut **annotation),
            _ => None,
        })
        .collect();
    if !rows.is_empty() {
        annotations::insert_many(&*tx, &mut rows).await?;
        let new: Vec<(&Submit, &Annotation)> = submits
            .iter()
            .zip(&fates)
            .filter_map(|(submit, fate)| match fate {
                Fate::New(annotation) => Some((submit, &**annotation)),
                _ => None,
            })
            .collect();
        known.follow(&*tx, &new, &now).await?;
        for (_, annotation) in new {
            events::emit(&tx, annotation.project, Event::AnnotationCreated(annotation.id)).await?;
        }
    }
    tx.commit().await?;

    let mut answers = Vec::with_capacity(submits.len());
    for (submit, fate) in submits.iter().zip(fates) {
        answers.push(match fate {
            Fate::Refused(error) => Err(error),
            Fate::New(annotation) => Ok(*annotation),
            Fate::Made(id) => {
                let found = annotations::get(db.read(), submit.author.organization, id).await?;
                let gone = "This annotation was stored before and has been deleted since.";
                found.ok_or_else(|| ApiError::Status(StatusCode::GONE, gone.into()))
            }
        });
    }
    Ok(answers)
}

/// The tasks with their projects, their rows locked: what follows is one after the other for a task, in all processes. A key
/// that another process is just using may be missed; the unique index finds it.
async fn tasks(conn: &impl ConnectionTrait, submits: &[Submit]) -> Result<HashMap<i64, Task>, DbErr> {
    let of = if db::is_postgres(conn) { "FOR UPDATE OF t" } else { "" };
    let rows = db::rows(conn, submits.len(), 3);
    let sql = format!(
        "WITH v AS (SELECT column1 AS task, column2 AS author, column3 AS idempotency_key FROM (VALUES {rows}) u) \
         SELECT t.id, t.project, p.organization, p.settings, EXISTS (SELECT 1 FROM locks l WHERE l.task = t.id) AS held, \
         EXISTS (SELECT 1 FROM stream_history h WHERE h.project = t.project AND h.user_id = v.author AND h.task = t.id) \
         AS streamed, \
         EXISTS (SELECT 1 FROM storages s WHERE s.project = t.project AND s.purpose = 'export') AS exported, \
         k.id IS NOT NULL AS used, k.target, k.object \
         FROM v CROSS JOIN tasks t JOIN projects p ON p.id = t.project LEFT JOIN idempotency_keys k \
         ON k.user_id = v.author AND k.idempotency_key = v.idempotency_key WHERE t.id = v.task ORDER BY t.id {of}"
    );
    let values = submits
        .iter()
        .flat_map(|s| -> [Sql; 3] { [s.task.into(), s.author.id.into(), s.key.clone().into()] })
        .collect();
    let mut settings: HashMap<i64, Arc<Value>> = HashMap::new();
    let mut tasks = HashMap::new();
    for row in db::all(conn, &sql, values).await? {
        let project: i64 = row.try_get("", "project")?;
        let settings = match settings.get(&project) {
            Some(known) => known.clone(),
            None => settings.entry(project).or_insert(Arc::new(json(&row, "settings")?)).clone(),
        };
        let task = Task {
            project,
            organization: row.try_get("", "organization")?,
            settings,
            held: row.try_get("", "held")?,
            streamed: row.try_get("", "streamed")?,
            exported: row.try_get("", "exported")?,
            used: match row.try_get("", "used")? {
                true => Some(Use::of(row.try_get("", "target")?, row.try_get("", "object")?)),
                false => None,
            },
        };
        tasks.insert(row.try_get("", "id")?, task);
    }
    Ok(tasks)
}

async fn taken(conn: &impl ConnectionTrait, submits: &[Submit]) -> Result<HashSet<String>, DbErr> {
    let ids: Vec<Sql> = submits.iter().filter_map(|s| s.unique_id.clone()).map(Sql::from).collect();
    if ids.is_empty() {
        return Ok(HashSet::new());
    }
    let sql =
        format!("SELECT unique_id FROM annotations WHERE unique_id IN ({})", db::placeholders(1, ids.len()));
    db::all(conn, &sql, ids).await?.iter().map(|row| row.try_get("", "unique_id")).collect()
}

/// The drafts that submits name.
async fn drafts(conn: &impl ConnectionTrait, submits: &[Submit]) -> Result<HashMap<i64, Draft>, DbErr> {
    let ids: Vec<Sql> = submits.iter().filter_map(|s| s.draft).map(Sql::from).collect();
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let list = db::placeholders(1, ids.len());
    let sql = format!("SELECT id, task, user_id, created_at FROM drafts WHERE id IN ({list})");
    let mut drafts = HashMap::new();
    for row in db::all(conn, &sql, ids).await? {
        let draft = Draft {
            task: row.try_get("", "task")?,
            user: row.try_get("", "user_id")?,
            created_at: row.try_get("", "created_at")?,
        };
        drafts.insert(row.try_get("", "id")?, draft);
    }
    Ok(drafts)
}

impl Known {
    async fn fate(&self, conn: &impl ConnectionTrait, submit: &Submit, now: &str) -> Result<Fate, DbErr> {
        let refused = |error: ApiError| Ok(Fate::Refused(error));
        let author = &submit.author;
        let Some(task) = self.tasks.get(&submit.task).filter(|t| t.organization == author.organization)
        else {
            return refused(ApiError::not_found("Task"));
        };
        if let Some(earlier) = &task.used {
            return match earlier.target == submit.target() {
                true => Ok(Fate::Made(earlier.object)),
                false => {
                    let why = idempotency::OTHER_USE.into();
                    refused(ApiError::Status(StatusCode::UNPROCESSABLE_ENTITY, why))
                }
            };
        }
        if submit.unique_id.as_ref().is_some_and(|id| self.taken.contains(id)) {
            return refused(ApiError::Conflict("An annotation with this unique_id exists already.".into()));
        }
        let draft = submit.draft.and_then(|id| self.drafts.get(&id));
        if draft.is_some_and(|d| d.task != submit.task || d.user != author.id) {
            return refused(ApiError::Forbidden("This draft belongs to another task or user.".into()));
        }
        let (completed_by, shown) = match submit.completed_by {
            None => (author.id, author.shown.clone()),
            Some(other) => match users::by_id(conn, other).await? {
                Some(user) if users::is_member(conn, author.organization, other).await? => {
                    (other, user.created_username())
                }
                _ => {
                    let why = format!("Invalid pk \"{other}\" - object does not exist.");
                    return refused(ApiError::field("completed_by", why));
                }
            },
        };
        let parents = [
            ("parent_prediction", "predictions", submit.parent_prediction),
            ("parent_annotation", "annotations", submit.parent_annotation),
        ];
        for (field, table, id) in parents {
            let Some(id) = id else { continue };
            let sql = format!("SELECT id FROM {table} WHERE id = $1 AND task = $2");
            if db::one(conn, &sql, vec![id.into(), submit.task.into()]).await?.is_none() {
                let why = format!("Invalid pk \"{id}\" - object does not exist.");
                return refused(ApiError::field(field, why));
            }
        }
        let unique_id = submit.unique_id.clone().unwrap_or_else(annotations::new_unique_id);
        Ok(Fate::New(Box::new(Annotation {
            id: 0,
            task: submit.task,
            project: task.project,
            completed_by: Some(completed_by),
            updated_by: Some(author.id),
            result_count: annotations::result_count(&submit.result),
            result: submit.result.clone(),
            was_cancelled: submit.was_cancelled,
            ground_truth: submit.ground_truth,
            lead_time: submit.lead_time,
            unique_id: Some(unique_id),
            import_id: None,
            parent_prediction: submit.parent_prediction,
            parent_annotation: submit.parent_annotation,
            last_action: None,
            draft_created_at: draft.map(|d| d.created_at.clone()),
            created_at: now.to_owned(),
            updated_at: now.to_owned(),
            created_username: shown,
        })))
    }

    /// What follows from new annotations: drafts and places go, history, counters and keys are written.
    async fn follow(
        &self,
        conn: &impl ConnectionTrait,
        new: &[(&Submit, &Annotation)],
        now: &str,
    ) -> Result<(), DbErr> {
        let drafts: Vec<Sql> = new.iter().filter_map(|(s, _)| s.draft).map(Sql::from).collect();
        if !drafts.is_empty() {
            let sql = format!("DELETE FROM drafts WHERE id IN ({})", db::placeholders(1, drafts.len()));
            db::run(conn, &sql, drafts).await?;
        }
        for (_, annotation) in new.iter().filter(|(_, a)| a.ground_truth) {
            annotations::clear_ground_truth(conn, annotation.task, annotation.id).await?;
        }
        let of = |submit: &Submit| self.tasks.get(&submit.task);
        let places: Vec<Sql> = new
            .iter()
            .filter(|(s, _)| of(s).is_some_and(|task| task.held))
            .flat_map(|(s, _)| [Sql::from(s.task), Sql::from(s.author.id)])
            .collect();
        if !places.is_empty() {
            let rows = db::rows(conn, places.len() / 2, 2);
            let sql = format!("DELETE FROM locks WHERE (task, user_id) IN (VALUES {rows})");
            db::run(conn, &sql, places).await?;
        }
        let seen: Vec<Sql> = new
            .iter()
            .filter(|(s, _)| of(s).is_some_and(|task| task.streamed))
            .flat_map(|(s, a)| -> [Sql; 4] {
                [a.project.into(), s.author.id.into(), s.task.into(), a.id.into()]
            })
            .collect();
        if !seen.is_empty() {
            let rows = db::rows(conn, seen.len() / 4, 4);
            let sql = format!(
                "UPDATE stream_history SET annotation = v.column4 FROM (VALUES {rows}) v \
                 WHERE project = v.column1 AND user_id = v.column2 AND task = v.column3"
            );
            db::run(conn, &sql, seen).await?;
        }
        // Projects differ in what they count.
        let mut by_project: BTreeMap<i64, (&Value, Vec<(i64, i64)>, i64)> = BTreeMap::new();
        for (submit, annotation) in new {
            let Some(task) = self.tasks.get(&submit.task) else { continue };
            let (_, list, counted) =
                by_project.entry(annotation.project).or_insert((&task.settings, Vec::new(), 0));
            list.push((submit.task, submit.author.id));
            *counted += i64::from(!annotation.was_cancelled);
        }
        let exported: Vec<i64> = new
            .iter()
            .map(|(s, _)| s.task)
            .filter(|id| self.tasks.get(id).is_some_and(|t| t.exported))
            .collect();
        if !exported.is_empty() {
            export_queue::some_changed(conn, &exported).await?;
        }
        let projects: Vec<i64> = by_project.keys().copied().collect();
        let mut rest = Vec::new();
        for (project, (settings, list, counted)) in by_project {
            rest.push(recount::annotated(conn, settings, &list, now));
            rest.extend(tally::adding(conn, project, &Tally { annotations: counted, ..Tally::default() }));
        }
        let uses: Vec<(i64, &str, Use)> = new
            .iter()
            .filter_map(|(s, a)| {
                Some((s.author.id, s.key.as_deref()?, Use { target: s.target(), object: a.id }))
            })
            .collect();
        rest.extend(idempotency::remembering(conn, &uses));
        db::together(conn, rest).await?;
        for project in projects {
            tally::fold_sometimes(conn, project).await?;
        }
        Ok(())
    }
}
