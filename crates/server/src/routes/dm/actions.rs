//! Actions on chosen tasks: what there is, what a form asks for, and running one.

use super::asked::Asked;
use super::views::ProjectQuery;
use crate::auth::Caller;
use crate::dm::Wanted;
use crate::error::{ApiError, ApiResult};
use crate::jobs::{Job, delete_tasks, over_tasks};
use crate::lenient;
use crate::routes::extract::{JsonObject, Path, Query};
use crate::routes::{jobs, next, projects};
use crate::state::AppState;
use crate::store::projects::Project;
use crate::store::{predictions, selected, users};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Map, Value, json};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Action {
    NextTask,
    RetrievePredictions,
    PredictionsToAnnotations,
    RemoveDuplicates,
    DeleteTasks,
    DeleteAnnotations,
    DeletePredictions,
}

struct About {
    id: &'static str,
    action: Action,
    title: &'static str,
    order: i64,
    permission: &'static str,
    question: &'static str,
    /// Whether what a client has loaded is out of date afterwards.
    reload: bool,
}

/// All actions in their order.
const ACTIONS: &[About] = &[
    About {
        id: "next_task",
        action: Action::NextTask,
        title: "Get Next Task",
        order: 0,
        permission: "tasks.view",
        question: "",
        reload: false,
    },
    About {
        id: "retrieve_tasks_predictions",
        action: Action::RetrievePredictions,
        title: "Retrieve Predictions",
        order: 90,
        permission: "predictions.any",
        question: "The connected ML backend is asked for predictions of the selected tasks. Go on?",
        reload: false,
    },
    About {
        id: "predictions_to_annotations",
        action: Action::PredictionsToAnnotations,
        title: "Create Annotations From Predictions",
        order: 91,
        permission: "tasks.change",
        question: "Annotations are made out of the selected tasks' predictions of a model version. Go on?",
        reload: false,
    },
    About {
        id: "remove_duplicates",
        action: Action::RemoveDuplicates,
        title: "Remove Duplicated Tasks",
        order: 95,
        permission: "projects.change",
        question: "Of selected tasks with the same data one stays, with the annotations of all of them. The others are \
                   deleted. Go on?",
        reload: true,
    },
    About {
        id: "delete_tasks",
        action: Action::DeleteTasks,
        title: "Delete Tasks",
        order: 100,
        permission: "tasks.delete",
        question: "The selected tasks are deleted with their annotations, drafts and predictions. Go on?",
        reload: true,
    },
    About {
        id: "delete_tasks_annotations",
        action: Action::DeleteAnnotations,
        title: "Delete Annotations",
        order: 101,
        permission: "annotations.delete",
        question: "The annotations and drafts of the selected tasks are deleted. Go on?",
        reload: false,
    },
    About {
        id: "delete_tasks_predictions",
        action: Action::DeletePredictions,
        title: "Delete Predictions",
        order: 102,
        permission: "predictions.any",
        question: "The predictions of the selected tasks are deleted. Go on?",
        reload: false,
    },
];

fn find(id: &str) -> ApiResult<&'static About> {
    ACTIONS.iter().find(|about| about.id == id).ok_or_else(|| {
        let known: Vec<&str> = ACTIONS.iter().map(|about| about.id).collect();
        ApiError::NotFound(format!("There is no action {id:?}; actions are {}.", known.join(", ")))
    })
}

async fn project_of(state: &AppState, caller: &Caller, q: &ProjectQuery) -> ApiResult<Project> {
    let project = q.project.ok_or_else(|| ApiError::field("project", "This field is required."))?;
    projects::find(state, caller, project).await
}

/// The actions that people choose from.
pub async fn list(
    State(state): State<AppState>,
    caller: Caller,
    Query(q): Query<ProjectQuery>,
) -> ApiResult<Json<Value>> {
    project_of(&state, &caller, &q).await?;
    let shown = ACTIONS.iter().filter(|about| about.action != Action::NextTask).map(|about| {
        let mut action = json!({
            "id": about.id, "title": about.title, "order": about.order, "permission": about.permission,
            "dialog": {"title": about.title, "text": about.question, "type": "confirm", "form": null},
        });
        if about.reload {
            action["reload"] = true.into();
        }
        action
    });
    Ok(Json(shown.collect()))
}

/// What an action wants to know besides the tasks.
pub async fn form(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<String>,
    Query(q): Query<ProjectQuery>,
) -> ApiResult<Json<Value>> {
    let about = find(&id)?;
    let project = project_of(&state, &caller, &q).await?;
    let conn = state.db.read();
    let field = match about.action {
        Action::PredictionsToAnnotations => {
            let versions = predictions::versions(conn, project.id).await?;
            json!({"type": "select", "name": "model_version", "label": "Choose a model version", "options": versions})
        }
        Action::DeleteAnnotations => {
            let members = users::members(conn, caller.organization()).await?;
            let options: Vec<Value> =
                members.iter().map(|user| json!({"value": user.id, "label": user.email})).collect();
            json!({"type": "select", "name": "annotator", "label": "Only annotations of", "options": options})
        }
        _ => return Ok(Json(json!([]))),
    };
    Ok(Json(json!([{"columnCount": 1, "fields": [field]}])))
}

#[derive(Debug, Deserialize)]
pub struct RunQuery {
    id: Option<String>,
    project: Option<i64>,
    view: Option<i64>,
    /// The same, as the reference's pages call it.
    #[serde(rename = "tabID")]
    tab: Option<i64>,
}

pub async fn run(
    State(state): State<AppState>,
    caller: Caller,
    Query(q): Query<RunQuery>,
    JsonObject(body): JsonObject,
) -> ApiResult<Response> {
    let Some(id) = q.id.as_deref().or(body["id"].as_str()).filter(|id| !id.is_empty()) else {
        return Err(ApiError::Status(
            StatusCode::UNPROCESSABLE_ENTITY,
            "No action id: name the action, as in ?id=delete_tasks.".into(),
        ));
    };
    let about = find(id)?;
    let mut asked = Asked::new(q.project, q.view.or(q.tab), None)?.with_body(&body)?;
    asked.selected = true;
    let (project, wanted) = asked.find(&state, &caller).await?;
    let extra = extra(&state, &caller, about.action, &body).await?;
    match about.action {
        Action::NextTask => Ok(Json(next::serve(&state, &caller, &project, Some(&wanted)).await?).into_response()),
        Action::RetrievePredictions => Err(ApiError::BadRequest(
            "No ML backend is connected to this project, so there is nobody to ask for predictions. Import predictions \
             instead, or connect a backend."
                .into(),
        )),
        Action::DeleteTasks => delete_tasks(&state, &caller, &wanted).await,
        Action::PredictionsToAnnotations => {
            over(&state, &caller, &wanted, "predictions_to_annotations", extra, |n| {
                json!({"processed_items": n, "detail": format!("Created {n} annotations")})
            })
            .await
        }
        Action::RemoveDuplicates => {
            over(&state, &caller, &wanted, "remove_duplicates", extra, |n| {
                json!({"processed_items": n, "reload": n > 0, "detail": format!("Removed {n} duplicated tasks")})
            })
            .await
        }
        Action::DeleteAnnotations => {
            over(&state, &caller, &wanted, "delete_annotations", extra, |n| {
                json!({"processed_items": n, "detail": format!("Deleted {n} annotations")})
            })
            .await
        }
        Action::DeletePredictions => {
            over(&state, &caller, &wanted, "delete_predictions", extra, |n| {
                json!({"processed_items": n, "detail": format!("Deleted {n} predictions")})
            })
            .await
        }
    }
}

/// What the body says besides the tasks, checked.
async fn extra(state: &AppState, caller: &Caller, action: Action, body: &Value) -> ApiResult<Value> {
    let mut extra = Map::new();
    match action {
        Action::PredictionsToAnnotations => {
            let versions: Option<Vec<String>> = match &body["model_version"] {
                Value::Null => None,
                Value::String(one) => Some(vec![one.clone()]),
                Value::Array(list) => list.iter().map(|v| v.as_str().map(str::to_owned)).collect(),
                _ => Some(vec![]),
            };
            let given = !body["model_version"].is_null();
            if given && versions.as_ref().is_none_or(Vec::is_empty) {
                return Err(ApiError::field("model_version", "Must be a model version or a list of them."));
            }
            extra.insert("model_versions".into(), json!(versions));
        }
        Action::DeleteAnnotations => {
            if let Some(annotator) = lenient::id_in(body, "annotator")? {
                if !users::is_member(state.db.read(), caller.organization(), annotator).await? {
                    return Err(ApiError::field("annotator", format!("There is no user {annotator}.")));
                }
                extra.insert("annotator".into(), annotator.into());
            }
        }
        _ => {}
    }
    Ok(extra.into())
}

async fn delete_tasks(state: &AppState, caller: &Caller, wanted: &Wanted) -> ApiResult<Response> {
    let chosen =
        if wanted.is_everything() { None } else { Some(selected::ids(state.db.read(), wanted).await?) };
    let tx = state.db.write().await?;
    let job = match chosen {
        None => delete_tasks::enqueue_all(&*tx, caller, wanted.project, false, true).await?,
        Some(tasks) => delete_tasks::enqueue_some(&*tx, caller, wanted.project, tasks).await?,
    };
    tx.commit().await?;
    jobs::answer(state, job, |job| {
        let n = job.result["deleted"].as_i64().unwrap_or(0);
        let reload = job.result["views_deleted"] == true;
        Json(json!({"processed_items": n, "reload": reload, "detail": format!("Deleted {n} tasks")}))
            .into_response()
    })
    .await
}

/// Runs a job over the wanted tasks; `answer` makes its answer out of the number of things done.
async fn over(
    state: &AppState,
    caller: &Caller,
    wanted: &Wanted,
    kind: &'static str,
    extra: Value,
    answer: impl FnOnce(i64) -> Value,
) -> ApiResult<Response> {
    let tasks = selected::ids(state.db.read(), wanted).await?;
    let tx = state.db.write().await?;
    let job = over_tasks::enqueue(&*tx, caller, kind, wanted.project, tasks, extra).await?;
    tx.commit().await?;
    jobs::answer(state, job, |job: &Job| {
        Json(answer(job.result["processed"].as_i64().unwrap_or(0))).into_response()
    })
    .await
}
