//! Projects: list, create, change, validate, summary.

mod rules;
mod sample;
mod versions;

pub use sample::sample_task;
pub use versions::{delete_model_version, model_versions};

use crate::audit;
use crate::auth::Caller;
use crate::db;
use crate::error::{ApiError, ApiResult};
use crate::events::{self, Event};
use crate::jobs::delete_tasks;
use crate::routes::extract::{Fields, JsonObject, Path, Query};
use crate::routes::paging::Page;
use crate::state::AppState;
use crate::store::counters::{Counted, counters_of};
use crate::store::overlap::{self, Quotas};
use crate::store::projects::{self, ListFilter, Project};
use crate::store::tally;
use crate::store::users::{self, User};
use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, HashMap};
use tagloom_tags::{Config, TEMPLATES, validate_for_save};

/// A project of the caller's organization, or 404.
pub(crate) async fn find(state: &AppState, caller: &Caller, id: i64) -> ApiResult<Project> {
    projects::get(state.db.read(), caller.organization(), id)
        .await?
        .ok_or_else(|| ApiError::not_found("Project"))
}

pub(crate) async fn full(
    state: &AppState,
    caller: &Caller,
    project: &Project,
    counted: bool,
) -> ApiResult<Value> {
    Ok(shown(state, caller, std::slice::from_ref(project), counted).await?.pop().unwrap_or_default())
}

/// Project objects, in a number of statements that does not grow with them.
async fn shown(state: &AppState, caller: &Caller, list: &[Project], counted: bool) -> ApiResult<Vec<Value>> {
    let conn = state.db.read();
    let mut owners: Vec<i64> = list.iter().filter_map(|p| p.created_by).collect();
    owners.sort_unstable();
    owners.dedup();
    let owners: HashMap<i64, Value> =
        users::with_ids(conn, &owners).await?.iter().map(|u| (u.id, u.brief())).collect();
    let counters = if counted {
        let of = |p: &Project| Counted {
            project: p.id,
            skipped_comes_back: p.setting_str("skip_queue") == "REQUEUE_FOR_ME",
        };
        counters_of(conn, &list.iter().map(of).collect::<Vec<_>>(), caller.id()).await?
    } else {
        HashMap::new()
    };
    let one = |p: &Project| {
        let owner = p.created_by.and_then(|id| owners.get(&id).cloned()).unwrap_or_default();
        p.to_json(owner, counters.get(&p.id))
    };
    Ok(list.iter().map(one).collect())
}

#[derive(Debug, Deserialize)]
pub struct ListQuery {
    page: Option<u64>,
    page_size: Option<i64>,
    ids: Option<String>,
    title: Option<String>,
    ordering: Option<String>,
    filter: Option<String>,
    include: Option<String>,
}

const COUNTERS: [&str; 8] = [
    "task_number",
    "finished_task_number",
    "total_predictions_number",
    "total_annotations_number",
    "num_tasks_with_annotations",
    "useful_annotation_number",
    "ground_truth_number",
    "skipped_annotations_number",
];

/// A page of projects, of each only some fields where they are named.
async fn listed(
    state: &AppState,
    caller: &Caller,
    uri: &Uri,
    q: &ListQuery,
    fields: Option<&[&str]>,
) -> ApiResult<Json<Value>> {
    let page = Page::of(q.page, q.page_size, 30, 100)?;
    let mut ids = None;
    if let Some(text) = q.ids.as_deref().filter(|text| !text.trim().is_empty()) {
        let list = text.split(',').map(str::trim).filter(|id| !id.is_empty()).map(str::parse);
        let list: Result<Vec<i64>, _> = list.collect();
        ids = Some(list.map_err(|_| ApiError::field("ids", "Ids are whole numbers, parted by commas."))?);
    }
    let filter = ListFilter {
        ids: ids.unwrap_or_default(),
        title: q.title.clone().filter(|t| !t.is_empty()),
        ordering: q.ordering.clone(),
        pinned: match q.filter.as_deref() {
            None | Some("" | "all") => None,
            Some("pinned_only") => Some(true),
            Some("exclude_pinned") => Some(false),
            Some(_) => {
                return Err(ApiError::field("filter", "Must be one of all, pinned_only, exclude_pinned."));
            }
        },
    };
    let (found, total) =
        projects::list(state.db.read(), caller.organization(), &filter, page.size, page.offset()).await?;
    page.check(total)?;
    let counted = fields.is_none_or(|fields| {
        fields.iter().any(|f| COUNTERS.contains(f) || matches!(*f, "queue_total" | "queue_done"))
    });
    let mut results = shown(state, caller, &found, counted).await?;
    if let Some(fields) = fields {
        for project in results.iter_mut().filter_map(Value::as_object_mut) {
            project.retain(|key, _| fields.contains(&key.as_str()));
        }
    }
    Ok(Json(page.answer(state, uri, total, results)))
}

pub async fn list(
    State(state): State<AppState>,
    caller: Caller,
    uri: Uri,
    Query(q): Query<ListQuery>,
) -> ApiResult<Json<Value>> {
    let wanted = q.include.as_deref().filter(|i| !i.trim().is_empty());
    let wanted: Option<Vec<&str>> = wanted.map(|list| list.split(',').map(str::trim).collect());
    listed(&state, &caller, &uri, &q, wanted.as_deref()).await
}

pub async fn counts(
    State(state): State<AppState>,
    caller: Caller,
    uri: Uri,
    Query(q): Query<ListQuery>,
) -> ApiResult<Json<Value>> {
    let fields: Vec<&str> = std::iter::once("id").chain(COUNTERS).collect();
    listed(&state, &caller, &uri, &q, Some(&fields)).await
}

pub async fn create(
    State(state): State<AppState>,
    caller: Caller,
    JsonObject(body): JsonObject,
) -> ApiResult<(StatusCode, Json<Value>)> {
    let mut project = Project {
        id: 0,
        organization: caller.organization(),
        created_by: Some(caller.id()),
        title: String::new(),
        description: String::new(),
        label_config: "<View></View>".into(),
        settings: Map::new(),
        maximum_annotations: 1,
        pinned_at: None,
        created_at: crate::time::now(),
        updated_at: String::new(),
    };
    rules::apply(&mut project, body.as_object().unwrap_or(&Map::new()))?;
    let tx = state.db.write().await?;
    rules::check_version(&*tx, &project, "").await?;
    project.id = projects::insert(&*tx, &project).await?;
    events::emit(&tx, project.id, Event::ProjectCreated).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(full(&state, &caller, &project, false).await?)))
}

pub async fn get(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<i64>,
) -> ApiResult<Json<Value>> {
    let project = find(&state, &caller, id).await?;
    Ok(Json(full(&state, &caller, &project, true).await?))
}

pub async fn update(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<i64>,
    JsonObject(body): JsonObject,
) -> ApiResult<Json<Value>> {
    // Read and written under its lock, so that two changes at once are both kept.
    let tx = state.db.write().await?;
    let mut project = projects::get_to_change(&*tx, caller.organization(), id)
        .await?
        .ok_or_else(|| ApiError::not_found("Project"))?;
    let (old, old_config) = (Quotas::of(&project), project.label_config.clone());
    let old_version = project.setting_str("model_version");
    rules::apply(&mut project, body.as_object().unwrap_or(&Map::new()))?;
    rules::check_version(&*tx, &project, &old_version).await?;
    if project.label_config != old_config {
        let problems = broken_by(&state, id, &Config::new(&project.label_config), false).await?;
        if !problems.is_empty() {
            return Err(ApiError::fields([("label_config", problems)]));
        }
    }
    projects::update(&*tx, &project).await?;
    overlap::follow(&*tx, &project, &old).await?;
    events::emit(&tx, id, Event::ProjectUpdated).await?;
    tx.commit().await?;
    Ok(Json(full(&state, &caller, &project, true).await?))
}

pub async fn delete(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<i64>,
) -> ApiResult<Response> {
    let project = find(&state, &caller, id).await?;
    let tx = state.db.write().await?;
    let job = delete_tasks::enqueue_all(&*tx, &caller, id, true, false).await?;
    let details = json!({"project": id, "title": project.title, "job": job});
    audit::record(&*tx, &caller, audit::Action::ProjectDeleted, details).await?;
    tx.commit().await?;
    super::jobs::answer(&state, job, |_| StatusCode::NO_CONTENT.into_response()).await
}

/// Results that a new config would orphan: their control or their object is gone, or changes its type.
async fn broken_by(state: &AppState, project: i64, config: &Config, strict: bool) -> ApiResult<Vec<String>> {
    let tree = config.template();
    let mut used = used_controls(state, project).await?;
    // What somebody is about to submit must have its place as well.
    for (key, (count, labels)) in used_in_drafts(state, project).await? {
        let entry = used.entry(key).or_default();
        entry.0 += count;
        for (label, n) in labels {
            *entry.1.entry(label).or_default() += n;
        }
    }
    let mut problems = Vec::new();
    for ((from, to, kind), (count, labels)) in used {
        if matches!(kind.as_str(), "textarea" | "chatmessage" | "relation") {
            continue;
        }
        let control = tree.by_name(&from);
        match control {
            None => problems.push(format!(
                "{count} results come from the control {from:?}, which this config no longer has."
            )),
            Some(node) if node.kind != kind && !(node.kind == "videorectangle" && kind == "labels") => {
                problems.push(format!(
                    "{count} results of {from:?} are of type {kind}, the config says {}.",
                    node.kind
                ));
            }
            Some(_) if tree.by_name(&to).is_none() => {
                problems.push(format!(
                    "{count} results belong to the object {to:?}, which this config no longer has."
                ));
            }
            Some(node) if strict => {
                let known: Vec<String> = tree.labels_of(node.id).into_iter().map(|l| l.stored).collect();
                for label in labels.keys().filter(|l| !known.is_empty() && !known.contains(l)) {
                    problems.push(format!("The label {label:?} of {from:?} is used and may not be removed."));
                }
            }
            Some(_) => {}
        }
    }
    Ok(problems)
}

type Used = BTreeMap<(String, String, String), (u64, BTreeMap<String, u64>)>;

/// How often each label of each control is used.
fn labels_of(used: Used) -> BTreeMap<String, BTreeMap<String, u64>> {
    let mut labels: BTreeMap<String, BTreeMap<String, u64>> = BTreeMap::new();
    for ((from, ..), (_, values)) in used {
        let of_control = labels.entry(from).or_default();
        for (value, n) in values {
            *of_control.entry(value).or_default() += n;
        }
    }
    // A control without labels has nothing to count.
    labels.retain(|_, values| !values.is_empty());
    labels
}

/// `from_name, to_name, type` of all stored results, how often, and with which labels.
async fn used_controls(state: &AppState, project: i64) -> ApiResult<Used> {
    let sql = "SELECT id, result FROM annotations WHERE project = $1 AND id > $2 ORDER BY id LIMIT 500";
    used_by(state, project, sql).await
}

/// The same of work that has not been submitted.
async fn used_in_drafts(state: &AppState, project: i64) -> ApiResult<Used> {
    let sql = "SELECT d.id, d.result FROM drafts d JOIN tasks t ON t.id = d.task WHERE t.project = $1 AND d.id > $2 \
               ORDER BY d.id LIMIT 500";
    used_by(state, project, sql).await
}

async fn used_by(state: &AppState, project: i64, sql: &str) -> ApiResult<Used> {
    let mut used = Used::new();
    let mut after = 0i64;
    loop {
        let rows = db::all(state.db.read(), sql, vec![project.into(), after.into()]).await?;
        if rows.is_empty() {
            return Ok(used);
        }
        for row in rows {
            after = row.try_get("", "id")?;
            let result: Value =
                serde_json::from_str(&row.try_get::<String>("", "result")?).unwrap_or(Value::Null);
            for item in result.as_array().into_iter().flatten() {
                let text = |key: &str| item[key].as_str().unwrap_or_default().to_owned();
                let key = (text("from_name"), text("to_name"), text("type"));
                if key.0.is_empty() {
                    continue;
                }
                let labels = item["value"][key.2.as_str()].as_array().cloned().unwrap_or_default();
                let entry = used.entry(key).or_default();
                entry.0 += 1;
                for label in labels.iter().filter_map(Value::as_str) {
                    *entry.1.entry(label.to_owned()).or_default() += 1;
                }
            }
        }
    }
}

#[derive(Debug, Deserialize)]
pub struct ConfigBody {
    #[serde(default)]
    label_config: String,
}

/// Checks a config; the one place that answers with the bare field map.
pub async fn validate_config(
    Fields(body): Fields<ConfigBody>,
) -> Result<StatusCode, (StatusCode, Json<Value>)> {
    match validate_for_save(&Config::new(&body.label_config)) {
        Ok(()) => Ok(StatusCode::NO_CONTENT),
        Err(problems) => Err((StatusCode::BAD_REQUEST, Json(json!({"label_config": problems})))),
    }
}

pub async fn validate(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<i64>,
    Fields(body): Fields<ConfigBody>,
) -> ApiResult<Json<Value>> {
    let project = find(&state, &caller, id).await?;
    let config = Config::new(&body.label_config);
    validate_for_save(&config).map_err(|p| ApiError::fields([("label_config", p)]))?;
    let problems = broken_by(&state, id, &config, true).await?;
    if !problems.is_empty() {
        return Err(ApiError::fields([("label_config", problems)]));
    }
    let before = tagloom_tags::parsed_label_config(&project.config());
    let after = tagloom_tags::parsed_label_config(&config);
    let changed = after.as_object().into_iter().flatten().any(|(name, control)| {
        let old = &before[name];
        old["type"] != control["type"]
            || old["inputs"] != control["inputs"]
            || old["labels"]
                .as_array()
                .into_iter()
                .flatten()
                .any(|l| !control["labels"].as_array().is_some_and(|now| now.contains(l)))
    });
    Ok(Json(json!({"config_essential_data_has_changed": if changed { json!(true) } else { Value::Null }})))
}

pub async fn summary(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<i64>,
) -> ApiResult<Json<Value>> {
    let project = find(&state, &caller, id).await?;
    let tally = tally::of(state.db.read(), id).await?;
    let common: Vec<&String> =
        tally.data.iter().filter(|(_, n)| **n == tally.tasks).map(|(key, _)| key).collect();
    let mut annotations = Map::new();
    let used = used_controls(&state, id).await?;
    for ((from, to, kind), (count, _)) in &used {
        annotations.insert(format!("{from}|{to}|{kind}"), (*count).into());
    }
    let labels = labels_of(used);
    let drafted = labels_of(used_in_drafts(&state, id).await?);
    Ok(Json(json!({
        "project": id, "created_at": project.created_at, "all_data_columns": tally.data, "common_data_columns": common,
        "created_annotations": annotations, "created_labels": labels, "created_labels_drafts": drafted,
    })))
}

/// Counts the project's fields of data and its tasks anew.
pub async fn reset_summary(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<i64>,
) -> ApiResult<StatusCode> {
    find(&state, &caller, id).await?;
    let tx = state.db.write().await?;
    tally::rebuild(&*tx, id).await?;
    tx.commit().await?;
    Ok(StatusCode::OK)
}

pub async fn annotators(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<i64>,
) -> ApiResult<Json<Value>> {
    find(&state, &caller, id).await?;
    let rows = db::all(
        state.db.read(),
        "SELECT DISTINCT completed_by FROM annotations WHERE project = $1 AND completed_by IS NOT NULL",
        vec![id.into()],
    )
    .await?;
    let ids: Vec<i64> = rows.iter().map(|r| r.try_get("", "completed_by")).collect::<Result<_, _>>()?;
    // Also those who have left the organization since.
    let people = users::with_ids(state.db.read(), &ids).await?;
    Ok(Json(people.iter().map(User::brief).collect()))
}

pub async fn templates(_caller: Caller) -> Json<Value> {
    let mut groups: Vec<&str> = Vec::new();
    for template in TEMPLATES {
        if !groups.contains(&template.group) {
            groups.push(template.group);
        }
    }
    let list: Vec<Value> = TEMPLATES
        .iter()
        .map(|t| {
            json!({
                "title": t.title, "type": "community", "group": t.group, "image": null, "details": t.details,
                "config": t.config,
            })
        })
        .collect();
    Json(json!({"templates": list, "groups": groups}))
}
