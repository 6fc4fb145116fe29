//! Projects: list, create, change, validate, summary.

use crate::auth::Caller;
use crate::db;
use crate::error::{ApiError, ApiResult};
use crate::jobs::delete_tasks;
use crate::routes::extract::{Form, JsonObject, Path, Query};
use crate::routes::page;
use crate::state::AppState;
use crate::store::overlap::{self, Quotas};
use crate::store::projects::{self, ListFilter, Project};
use crate::store::tally;
use crate::store::users::{self, User};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use tagloom_tags::{Config, TEMPLATES, validate_for_save};

const SAMPLINGS: [&str; 3] = ["Sequential sampling", "Uniform sampling", "Uncertainty sampling"];
const SKIP_QUEUES: [&str; 3] = ["REQUEUE_FOR_ME", "REQUEUE_FOR_OTHERS", "IGNORE_SKIPPED"];

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
    let conn = state.db.read();
    let owner = match project.created_by {
        Some(id) => users::by_id(conn, id).await?.map_or(Value::Null, |u| u.brief()),
        None => Value::Null,
    };
    let counters =
        if counted { Some(projects::counters(conn, project.id, caller.id()).await?) } else { None };
    Ok(project.to_json(owner, counters.as_ref()))
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

async fn listed(state: &AppState, caller: &Caller, q: &ListQuery) -> ApiResult<(Vec<Value>, i64, u64, u64)> {
    let (number, size) = page(q.page, q.page_size, 30, 100);
    let filter = ListFilter {
        ids: q.ids.iter().flat_map(|t| t.split(',')).filter_map(|t| t.trim().parse().ok()).collect(),
        title: q.title.clone().filter(|t| !t.is_empty()),
        ordering: q.ordering.clone(),
        pinned: match q.filter.as_deref() {
            Some("pinned_only") => Some(true),
            Some("exclude_pinned") => Some(false),
            _ => None,
        },
    };
    let conn = state.db.read();
    let offset = (number - 1).saturating_mul(size);
    let (found, total) = projects::list(conn, caller.organization(), &filter, size, offset).await?;
    if number > 1 && offset >= total as u64 {
        return Err(ApiError::NotFound("Invalid page.".into()));
    }
    let mut out = Vec::with_capacity(found.len());
    for project in &found {
        out.push(full(state, caller, project, true).await?);
    }
    Ok((out, total, number, size))
}

pub async fn list(
    State(state): State<AppState>,
    caller: Caller,
    Query(q): Query<ListQuery>,
) -> ApiResult<Json<Value>> {
    let (mut results, total, number, size) = listed(&state, &caller, &q).await?;
    if let Some(include) = q.include.as_deref().filter(|i| !i.is_empty()) {
        let wanted: Vec<&str> = include.split(',').map(str::trim).collect();
        for project in &mut results {
            if let Some(o) = project.as_object_mut() {
                o.retain(|key, _| wanted.contains(&key.as_str()));
            }
        }
    }
    let link = |n: u64| format!("{}/api/projects/?page={n}&page_size={size}", state.settings.host);
    let next = (number.saturating_mul(size) < total as u64).then(|| link(number + 1));
    let previous = (number > 1).then(|| link(number - 1));
    Ok(Json(json!({"count": total, "next": next, "previous": previous, "results": results})))
}

pub async fn counts(
    State(state): State<AppState>,
    caller: Caller,
    Query(q): Query<ListQuery>,
) -> ApiResult<Json<Value>> {
    const KEYS: [&str; 9] = [
        "id",
        "task_number",
        "finished_task_number",
        "total_predictions_number",
        "total_annotations_number",
        "num_tasks_with_annotations",
        "useful_annotation_number",
        "ground_truth_number",
        "skipped_annotations_number",
    ];
    let (mut results, total, ..) = listed(&state, &caller, &q).await?;
    for project in &mut results {
        if let Some(o) = project.as_object_mut() {
            o.retain(|key, _| KEYS.contains(&key.as_str()));
        }
    }
    Ok(Json(json!({"count": total, "next": null, "previous": null, "results": results})))
}

/// Takes the fields of a body over into a project; all problems at once.
fn apply(project: &mut Project, body: &Map<String, Value>) -> ApiResult<()> {
    let mut errors: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut error = |field: &str, text: String| errors.entry(field.to_owned()).or_default().push(text);
    for (key, value) in body {
        if value.as_str().is_some_and(|text| text.contains('\0')) {
            // PostgreSQL cannot store them, and nobody means them.
            error(key, "Null characters are not allowed.".into());
            continue;
        }
        match key.as_str() {
            "title" => match value.as_str() {
                Some(title) if !title.is_empty() && title.chars().count() < 3 => {
                    error(key, "Ensure this field has at least 3 characters.".into());
                }
                Some(title) if title.chars().count() > 50 => {
                    error(key, "Ensure this field has no more than 50 characters.".into());
                }
                Some(title) => title.clone_into(&mut project.title),
                None if value.is_null() => project.title.clear(),
                None => error(key, "Not a valid string.".into()),
            },
            "description" => match value {
                Value::String(text) => project.description.clone_from(text),
                Value::Null => project.description.clear(),
                _ => error(key, "Not a valid string.".into()),
            },
            "label_config" => match value.as_str() {
                Some(xml) => match validate_for_save(&Config::new(xml)) {
                    Ok(()) => xml.clone_into(&mut project.label_config),
                    Err(problems) => problems.into_iter().for_each(|p| error(key, p)),
                },
                None => error(key, "Not a valid string.".into()),
            },
            "maximum_annotations" => match value.as_i64().filter(|n| *n >= 1) {
                Some(n) => project.maximum_annotations = n,
                None => error(key, "Ensure this value is greater than or equal to 1.".into()),
            },
            "pinned_at" => project.pinned_at = value.as_str().map(str::to_owned),
            "overlap_cohort_percentage" if !value.as_i64().is_some_and(|n| (0..=100).contains(&n)) => {
                error(key, "Must be a whole number from 0 to 100.".into());
            }
            "color" if !value.is_null() => match value.as_str() {
                Some(c)
                    if c.len() == 7
                        && c.starts_with('#')
                        && c[1..].bytes().all(|b| b.is_ascii_hexdigit()) =>
                {
                    project.settings.insert(key.clone(), value.clone());
                }
                _ => error(key, "A colour is written #RRGGBB.".into()),
            },
            "sampling" if !SAMPLINGS.iter().any(|s| value == s) => {
                error(key, format!("Must be one of {}.", SAMPLINGS.join(", ")));
            }
            "skip_queue" if !SKIP_QUEUES.iter().any(|s| value == s) => {
                error(key, format!("Must be one of {}.", SKIP_QUEUES.join(", ")));
            }
            "expert_instruction" => {
                let clean = ammonia::clean(value.as_str().unwrap_or_default());
                project.settings.insert(key.clone(), clean.into());
            }
            _ if projects::is_setting(key) => match projects::default_setting(key) {
                Value::Bool(_) if !value.is_boolean() => error(key, "Must be a valid boolean.".into()),
                Value::Number(_) if !value.is_i64() => error(key, "A valid integer is required.".into()),
                Value::String(_) if !value.is_string() && !value.is_null() => {
                    error(key, "Not a valid string.".into());
                }
                Value::String(_) if value.is_null() => {
                    project.settings.remove(key);
                }
                _ => {
                    project.settings.insert(key.clone(), value.clone());
                }
            },
            // Read-only and unknown fields are ignored, as clients send whole objects back.
            _ => {}
        }
    }
    if body.get("is_published") == Some(&Value::Bool(true)) {
        project.settings.insert("is_draft".into(), false.into());
    }
    if body.get("show_collab_predictions") == Some(&Value::Bool(false)) {
        project.settings.insert("model_version".into(), "".into());
    }
    if errors.is_empty() {
        return Ok(());
    }
    Err(ApiError::fields(errors.iter().map(|(f, m)| (f.as_str(), m.clone()))))
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
    };
    apply(&mut project, body.as_object().unwrap_or(&Map::new()))?;
    let tx = state.db.write().await?;
    project.id = projects::insert(&*tx, &project).await?;
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
    apply(&mut project, body.as_object().unwrap_or(&Map::new()))?;
    if project.label_config != old_config {
        let problems = broken_by(&state, id, &Config::new(&project.label_config), false).await?;
        if !problems.is_empty() {
            return Err(ApiError::fields([("label_config", problems)]));
        }
    }
    projects::update(&*tx, &project).await?;
    overlap::follow(&*tx, &project, &old).await?;
    tx.commit().await?;
    Ok(Json(full(&state, &caller, &project, true).await?))
}

pub async fn delete(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<i64>,
) -> ApiResult<Response> {
    find(&state, &caller, id).await?;
    let tx = state.db.write().await?;
    let job = delete_tasks::enqueue_all(&*tx, &caller, id, true, false).await?;
    tx.commit().await?;
    super::jobs::answer(&state, job, |_| StatusCode::NO_CONTENT.into_response()).await
}

/// Results that a new config would orphan: their control or their object is gone, or changes its type.
async fn broken_by(state: &AppState, project: i64, config: &Config, strict: bool) -> ApiResult<Vec<String>> {
    let tree = config.template();
    let used = used_controls(state, project).await?;
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

/// `from_name, to_name, type` of all stored results, how often, and with which labels.
async fn used_controls(state: &AppState, project: i64) -> ApiResult<Used> {
    let mut used = Used::new();
    let mut after = 0i64;
    loop {
        let rows = db::all(
            state.db.read(),
            "SELECT id, result FROM annotations WHERE project = $1 AND id > $2 ORDER BY id LIMIT 500",
            vec![project.into(), after.into()],
        )
        .await?;
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
pub async fn validate_config(Form(body): Form<ConfigBody>) -> Result<StatusCode, (StatusCode, Json<Value>)> {
    match validate_for_save(&Config::new(&body.label_config)) {
        Ok(()) => Ok(StatusCode::NO_CONTENT),
        Err(problems) => Err((StatusCode::BAD_REQUEST, Json(json!({"label_config": problems})))),
    }
}

pub async fn validate(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<i64>,
    Form(body): Form<ConfigBody>,
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
    let mut labels: BTreeMap<String, BTreeMap<String, u64>> = BTreeMap::new();
    for ((from, to, kind), (count, values)) in used_controls(&state, id).await? {
        annotations.insert(format!("{from}|{to}|{kind}"), count.into());
        for (value, n) in values {
            *labels.entry(from.clone()).or_default().entry(value).or_default() += n;
        }
    }
    Ok(Json(json!({
        "project": id, "created_at": project.created_at, "all_data_columns": tally.data, "common_data_columns": common,
        "created_annotations": annotations, "created_labels": labels, "created_labels_drafts": {},
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

pub async fn sample_task(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<i64>,
    Form(body): Form<ConfigBody>,
) -> ApiResult<Json<Value>> {
    find(&state, &caller, id).await?;
    Ok(Json(json!({"sample_task": tagloom_tags::sample_task(&Config::new(&body.label_config))})))
}

#[derive(Debug, Deserialize)]
pub struct VersionsQuery {
    #[serde(default)]
    extended: Option<String>,
}

pub async fn model_versions(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<i64>,
    Query(q): Query<VersionsQuery>,
) -> ApiResult<Json<Value>> {
    find(&state, &caller, id).await?;
    let rows = db::all(
        state.db.read(),
        "SELECT model_version, COUNT(*) AS n, MAX(created_at) AS latest FROM predictions WHERE project = $1 \
         GROUP BY model_version ORDER BY model_version",
        vec![id.into()],
    )
    .await?;
    let mut plain = Map::new();
    let mut list = Vec::new();
    for row in rows {
        let (version, n) = (row.try_get::<String>("", "model_version")?, row.try_get::<i64>("", "n")?);
        list.push(
            json!({"model_version": version, "count": n, "latest": row.try_get::<String>("", "latest")?}),
        );
        plain.insert(version, n.into());
    }
    Ok(Json(if q.extended.as_deref() == Some("true") {
        json!({"static": list, "live": null})
    } else {
        plain.into()
    }))
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
    let members = users::members(state.db.read(), caller.organization()).await?;
    Ok(Json(members.iter().filter(|u| ids.contains(&u.id)).map(User::brief).collect()))
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
