//! The label stream: which task comes next, and its lock (spec/server.md 4.4, 4.5).

use crate::auth::Caller;
use crate::db;
use crate::dm::Wanted;
use crate::dm::sql::Dialect;
use crate::error::{ApiError, ApiResult};
use crate::routes::dm::asked::Asked;
use crate::routes::extract::{JsonObject, Path, Query};
use crate::routes::projects;
use crate::state::AppState;
use crate::storages::resolve::{self, Resolver};
use crate::store::projects::Project;
use crate::store::stream::{self, Ask, Place};
use crate::store::tasks::Shown;
use crate::store::{annotations, drafts, in_order, predictions, tasks};
use axum::Json;
use axum::extract::State;
use serde::Deserialize;
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

const NOTHING: &str = "There are still some tasks to complete for the user, but they seem to be locked by another user, or all \
     tasks are done.";

#[derive(Debug, Deserialize)]
pub struct NextQuery {
    view: Option<i64>,
    query: Option<String>,
}

/// Of all tasks, or of those that a view, a query or the body means.
pub async fn next(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<i64>,
    Query(q): Query<NextQuery>,
    JsonObject(body): JsonObject,
) -> ApiResult<Json<Value>> {
    let mut asked = Asked::new(Some(id), q.view, q.query.as_deref())?.with_body(&body)?;
    asked.selected = true;
    let (project, wanted) = asked.find(&state, &caller).await?;
    let wanted = Some(&wanted).filter(|wanted| !wanted.is_plain());
    Ok(Json(serve(&state, &caller, &project, wanted).await?))
}

/// The caller's next task; with `wanted` only of those, in their order.
pub(crate) async fn serve(
    state: &AppState,
    caller: &Caller,
    project: &Project,
    wanted: Option<&Wanted>,
) -> ApiResult<Value> {
    let narrow = wanted.map(|wanted| wanted.narrow(Dialect::of(state.db.read())));
    let lock_seconds = state.settings.task_lock_seconds;
    let ask = Ask { project, user: caller.id(), lock_seconds, narrow: narrow.as_ref() };
    let place = stream::next(&state.db, &state.sweep, &ask)
        .await?
        .ok_or_else(|| ApiError::NotFound(NOTHING.into()))?;
    answer(state, caller, project, place).await
}

/// The task as the label stream shows it: with the person's own work only.
async fn answer(state: &AppState, caller: &Caller, project: &Project, place: Place) -> ApiResult<Value> {
    let (conn, user) = (state.db.read(), caller.id());
    // Most tasks have neither drafts nor addresses, and whoever labels waits for each question.
    let Shown { mut task, is_drafted } = match place.shown {
        Some(shown) => *shown,
        None => tasks::get_for(state.db.stream(), caller.organization(), place.task, user)
            .await?
            .ok_or_else(|| ApiError::NotFound(NOTHING.into()))?,
    };
    let drafted = if is_drafted { drafts::of_tasks(conn, &[task.id]).await? } else { Vec::new() };
    super::tasks::name_undefined(conn, std::slice::from_mut(&mut task)).await?;
    if resolve::may_concern(&task.data) {
        Resolver::of_project(state, project.id).await?.rewrite(task.id, &mut task.data);
    }
    let mut o = task.common();
    let version = project.setting_str("model_version");
    let shows = project.setting("show_collab_predictions") == Value::Bool(true);
    // The task's counters say whether there is anything to look for.
    let found = match task.total_predictions {
        0 => Vec::new(),
        _ => predictions::of_tasks(conn, &[task.id]).await?,
    };
    let shown = found.iter().filter(|p| shows && !version.is_empty() && p.model_version == version);
    o.insert("predictions".into(), shown.map(predictions::Prediction::to_json).collect());
    let everybodys = match task.total_annotations + task.cancelled_annotations {
        0 => Vec::new(),
        _ => annotations::of_tasks(conn, &[task.id]).await?,
    };
    let mine: Vec<Value> = everybodys
        .iter()
        .filter(|a| a.completed_by == Some(user))
        .map(annotations::Annotation::to_json)
        .collect();
    o.insert("annotations".into(), mine.into());
    o.insert(
        "drafts".into(),
        drafted.iter().filter(|d| d.user == user).map(drafts::Draft::to_json).collect(),
    );
    o.insert("file_upload".into(), task.file_upload.into());
    o.insert("unique_lock_id".into(), place.lock.into());
    o.insert("queue".into(), place.queue.into());
    Ok(in_order(o, FIELDS))
}

pub async fn history(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<i64>,
) -> ApiResult<Json<Value>> {
    projects::find(&state, &caller, id).await?;
    let conn = state.db.read();
    // As its index has it (`m0103_history.rs`).
    let theirs = if db::is_postgres(conn) {
        "project + 0 = $1 AND user_id + 0 = $2"
    } else {
        "project = $1 AND user_id = $2"
    };
    let rows = db::all(
        conn,
        &format!("SELECT task, annotation FROM stream_history WHERE {theirs} ORDER BY id DESC LIMIT $3"),
        vec![id.into(), caller.id().into(), db::bounded(state.settings.stream_history_limit).into()],
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
