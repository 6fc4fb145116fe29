//! The label stream: which task comes next, and its lock (spec/server.md 4.4, 4.5).

use crate::auth::Caller;
use crate::db;
use crate::error::{ApiError, ApiResult};
use crate::routes::extract::Path;
use crate::routes::projects;
use crate::state::AppState;
use crate::store::projects::Project;
use crate::store::tasks::{self, Task};
use crate::store::{annotations, drafts, in_order, predictions};
use crate::time;
use axum::Json;
use axum::extract::State;
use rand::seq::SliceRandom;
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};

/// The order in which the reference sends the fields (spec/server.md 4.5).
const FIELDS: &[&str] = &[
    "id",
    "predictions",
    "annotations",
    "drafts",
    "updated_by",
    "unique_lock_id",
    "data",
    "meta",
    "created_at",
    "updated_at",
    "is_labeled",
    "overlap",
    "inner_id",
    "total_annotations",
    "cancelled_annotations",
    "total_predictions",
    "comment_count",
    "unresolved_comment_count",
    "last_comment_updated_at",
    "project",
    "file_upload",
    "comment_authors",
    "queue",
];

/// Candidates looked at per query.
const POOL: u64 = 200;
/// Candidates tried in random sampling (`RANDOM_NEXT_TASK_SAMPLE_SIZE`).
const RANDOM: usize = 50;

/// Annotations that count against a task's overlap for this user, by the project's skip mode.
fn counted_condition(project: &Project) -> &'static str {
    match project.setting_str("skip_queue").as_str() {
        "REQUEUE_FOR_ME" => "NOT (was_cancelled AND completed_by = $2)",
        "IGNORE_SKIPPED" => "1 = 1",
        _ => "NOT (was_cancelled AND completed_by <> $2)",
    }
}

/// Whether others have not filled the task yet, by annotation or by lock.
async fn available(
    conn: &impl ConnectionTrait,
    project: &Project,
    task: &Task,
    user: i64,
) -> ApiResult<bool> {
    let annotated = db::count(
        conn,
        &format!(
            "SELECT COUNT(DISTINCT COALESCE(completed_by, 0)) FROM annotations \
             WHERE task = $1 AND NOT ground_truth AND ({}) AND $2 = $2",
            counted_condition(project)
        ),
        vec![task.id.into(), user.into()],
    )
    .await?;
    let locks = db::count(
        conn,
        "SELECT COUNT(*) FROM locks WHERE task = $1 AND user_id <> $2 AND expire_at > $3",
        vec![task.id.into(), user.into(), time::now().into()],
    )
    .await?;
    Ok(annotated + locks < task.overlap)
}

async fn first_available(
    conn: &impl ConnectionTrait,
    project: &Project,
    candidates: &[Task],
    user: i64,
) -> ApiResult<Option<Task>> {
    for task in candidates {
        if available(conn, project, task, user).await? {
            return Ok(Some(task.clone()));
        }
    }
    Ok(None)
}

/// The next task with the name of the queue it came from.
async fn choose(
    conn: &impl ConnectionTrait,
    project: &Project,
    user: i64,
) -> ApiResult<Option<(Task, &'static str)>> {
    let held = tasks::select(
        conn,
        "t.project = $1 AND NOT t.is_labeled AND EXISTS (SELECT 1 FROM locks l WHERE l.task = t.id AND l.user_id = $2 \
         AND l.expire_at > $3) AND NOT EXISTS (SELECT 1 FROM annotations a WHERE a.task = t.id AND a.completed_by = $2) \
         AND NOT EXISTS (SELECT 1 FROM drafts d WHERE d.task = t.id AND d.user_id = $2 AND d.was_postponed) \
         ORDER BY t.id LIMIT 1",
        vec![project.id.into(), user.into(), time::now().into()],
    )
    .await?;
    if let Some(task) = held.into_iter().next() {
        return Ok(Some((task, "Task lock")));
    }
    if project.maximum_annotations > 1 {
        // Finish what others have begun before opening new tasks.
        let begun = tasks::select(
            conn,
            "t.project = $1 AND NOT t.is_labeled AND t.total_annotations > 0 AND NOT EXISTS \
             (SELECT 1 FROM annotations a WHERE a.task = t.id AND a.completed_by = $2) \
             ORDER BY t.total_annotations DESC, t.id LIMIT 50",
            vec![project.id.into(), user.into()],
        )
        .await?;
        if let Some(task) = first_available(conn, project, &begun, user).await? {
            return Ok(Some((task, "Breadth first queue")));
        }
    }
    let sampling = project.setting_str("sampling");
    let (order, queue) = match sampling.as_str() {
        "Uniform sampling" => ("RANDOM()", "Uniform random queue"),
        "Uncertainty sampling" => (
            "(SELECT MIN(p.score) FROM predictions p WHERE p.task = t.id) IS NULL, \
             (SELECT MIN(p.score) FROM predictions p WHERE p.task = t.id), t.id",
            "Active learning or random queue",
        ),
        _ => ("t.id", "Sequence queue"),
    };
    let mut candidates = tasks::pool(conn, project.id, user, order, POOL).await?;
    if sampling == "Uniform sampling" {
        candidates.shuffle(&mut rand::rng());
        candidates.truncate(RANDOM);
    }
    let full = candidates.len() as u64 == POOL;
    if let Some(task) = first_available(conn, project, &candidates, user).await? {
        return Ok(Some((task, queue)));
    }
    if full {
        // Everything near the front is taken: look at all of it.
        let all = tasks::pool(conn, project.id, user, order, u64::from(u32::MAX)).await?;
        if let Some(task) = first_available(conn, project, &all, user).await? {
            return Ok(Some((task, queue)));
        }
    }
    let postponed = tasks::select(
        conn,
        "t.project = $1 AND NOT t.is_labeled AND EXISTS (SELECT 1 FROM drafts d WHERE d.task = t.id AND d.user_id = $2 \
         AND d.was_postponed) ORDER BY t.updated_at, t.id LIMIT 50",
        vec![project.id.into(), user.into()],
    )
    .await?;
    if let Some(task) = first_available(conn, project, &postponed, user).await? {
        return Ok(Some((task, "Postponed draft queue")));
    }
    if project.setting_str("skip_queue") == "REQUEUE_FOR_ME" {
        let skipped = tasks::select(
            conn,
            "t.project = $1 AND NOT t.is_labeled AND EXISTS (SELECT 1 FROM annotations a WHERE a.task = t.id AND \
             a.completed_by = $2 AND a.was_cancelled) ORDER BY t.updated_at, t.id LIMIT 1",
            vec![project.id.into(), user.into()],
        )
        .await?;
        if let Some(task) = skipped.into_iter().next() {
            return Ok(Some((task, "Skipped queue")));
        }
    }
    Ok(None)
}

pub async fn next(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<i64>,
) -> ApiResult<Json<Value>> {
    let project = projects::find(&state, &caller, id).await?;
    let user = caller.id();
    // Choosing and locking are one write, so that two people never get the same place in a task.
    let tx = state.db.write().await?;
    db::run(&*tx, "DELETE FROM locks WHERE expire_at < $1", vec![time::now().into()]).await?;
    let Some((task, queue)) = choose(&*tx, &project, user).await? else {
        return Err(ApiError::NotFound(
            "There are still some tasks to complete for the user, but they seem to be locked by another user, or all \
             tasks are done."
                .into(),
        ));
    };
    let lock = db::one(
        &*tx,
        "INSERT INTO locks (task, user_id, unique_id, expire_at, created_at) VALUES ($1, $2, $3, $4, $5) \
         ON CONFLICT (task, user_id) DO UPDATE SET expire_at = excluded.expire_at RETURNING unique_id",
        vec![
            task.id.into(),
            user.into(),
            uuid::Uuid::new_v4().to_string().into(),
            time::in_seconds(state.settings.task_lock_seconds).into(),
            time::now().into(),
        ],
    )
    .await?;
    let lock: String = lock.map(|row| row.try_get("", "unique_id")).transpose()?.unwrap_or_default();
    db::run(
        &*tx,
        "INSERT INTO stream_history (project, user_id, task) VALUES ($1, $2, $3) ON CONFLICT (project, user_id, task) DO NOTHING",
        vec![id.into(), user.into(), task.id.into()],
    )
    .await?;
    tx.commit().await?;
    let conn = state.db.read();
    let mut o = task.common();
    let version = project.setting_str("model_version");
    let shows = project.setting("show_collab_predictions") == Value::Bool(true);
    let found = predictions::of_tasks(conn, &[task.id]).await?;
    let shown = found.iter().filter(|p| shows && !version.is_empty() && p.model_version == version);
    o.insert("predictions".into(), shown.map(predictions::Prediction::to_json).collect());
    let mine: Vec<Value> = annotations::of_tasks(conn, &[task.id])
        .await?
        .iter()
        .filter(|a| a.completed_by == Some(user))
        .map(annotations::Annotation::to_json)
        .collect();
    o.insert("annotations".into(), mine.into());
    let drafted = drafts::of_tasks(conn, &[task.id]).await?;
    o.insert(
        "drafts".into(),
        drafted.iter().filter(|d| d.user == user).map(drafts::Draft::to_json).collect(),
    );
    o.insert("file_upload".into(), task.file_upload.into());
    o.insert("unique_lock_id".into(), lock.into());
    o.insert("queue".into(), queue.into());
    Ok(Json(in_order(o, FIELDS)))
}

pub async fn history(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<i64>,
) -> ApiResult<Json<Value>> {
    projects::find(&state, &caller, id).await?;
    let rows = db::all(
        state.db.read(),
        "SELECT task, annotation FROM stream_history WHERE project = $1 AND user_id = $2 ORDER BY id DESC LIMIT 100",
        vec![id.into(), caller.id().into()],
    )
    .await?;
    let mut out = Vec::new();
    for row in rows.iter().rev() {
        out.push(json!({
            "taskId": row.try_get::<i64>("", "task")?, "annotationId": row.try_get::<Option<i64>>("", "annotation")?,
        }));
    }
    Ok(Json(out.into()))
}
