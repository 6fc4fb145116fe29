//! Webhooks: who is told of what (spec/server.md 3.11), and how the last deliveries went.

use crate::audit::{self, Action as Deed, host_of};
use crate::auth::Caller;
use crate::egress;
use crate::error::{ApiError, ApiResult};
use crate::events::{ACTIONS, Action};
use crate::routes::extract::{JsonObject, Path, Query};
use crate::routes::projects;
use crate::state::AppState;
use crate::store::webhooks::{self, Delivery, Webhook};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::{HeaderName, HeaderValue};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use url::Url;

const HEADERS: usize = 10;
const HEADER_BYTES: usize = 8192;
const URL_CHARS: usize = 2048;
/// Deliveries that are shown.
const SHOWN: u64 = 100;
/// Set by the server itself, or by the connection.
const RESERVED: &[&str] = &[
    "connection",
    "content-length",
    "expect",
    "host",
    "keep-alive",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "x-tagloom-delivery",
];

async fn find(state: &AppState, caller: &Caller, id: i64) -> ApiResult<Webhook> {
    webhooks::get(state.db.read(), caller.organization(), id)
        .await?
        .ok_or_else(|| ApiError::not_found("Webhook"))
}

#[derive(Debug, Deserialize)]
pub struct ListQuery {
    project: Option<i64>,
}

pub async fn list(
    State(state): State<AppState>,
    caller: Caller,
    Query(q): Query<ListQuery>,
) -> ApiResult<Json<Value>> {
    if let Some(project) = q.project {
        projects::find(&state, &caller, project).await?;
    }
    let found = webhooks::list(state.db.read(), caller.organization(), q.project).await?;
    Ok(Json(found.iter().map(Webhook::to_json).collect()))
}

#[derive(Debug, Deserialize)]
pub struct InfoQuery {
    #[serde(rename = "organization-only")]
    organization_only: Option<String>,
}

/// What can be told.
pub async fn info(Query(q): Query<InfoQuery>) -> Json<Value> {
    let only = q.organization_only.as_deref().and_then(crate::settings::parse_bool);
    let mut out = Map::new();
    for info in ACTIONS.iter().filter(|info| only.is_none_or(|only| only == info.organization_only)) {
        let about = json!({
            "name": info.title, "description": info.description, "key": info.key,
            "organization-only": info.organization_only,
        });
        out.insert(info.name.to_owned(), about);
    }
    Json(out.into())
}

/// Takes the fields of a body over; all problems at once. The project stays what it is.
fn apply(hook: &mut Webhook, body: &Map<String, Value>) -> ApiResult<()> {
    let mut errors: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    let mut error = |field: &'static str, text: String| errors.entry(field).or_default().push(text);
    match body.get("url") {
        Some(Value::String(text)) if text.chars().count() <= URL_CHARS => {
            text.trim().clone_into(&mut hook.url)
        }
        Some(Value::String(_)) => {
            error("url", format!("Ensure this field has no more than {URL_CHARS} characters."));
        }
        Some(_) => error("url", "Enter a valid URL.".into()),
        None => {}
    }
    for (field, place) in [
        ("send_payload", &mut hook.send_payload),
        ("send_for_all_actions", &mut hook.send_for_all_actions),
        ("is_active", &mut hook.is_active),
    ] {
        match body.get(field) {
            None => {}
            Some(Value::Bool(b)) => *place = *b,
            Some(_) => error(field, "Must be a valid boolean.".into()),
        }
    }
    match body.get("headers").map(|h| (h, h.as_object())) {
        None => {}
        Some((Value::Null, _)) => hook.headers.clear(),
        Some((_, Some(headers))) => match checked(headers) {
            Ok(()) => hook.headers.clone_from(headers),
            Err(problems) => problems.into_iter().for_each(|p| error("headers", p)),
        },
        Some(_) => error("headers", "The headers must be an object of names and texts.".into()),
    }
    match body.get("actions").map(|a| (a, a.as_array())) {
        None => {}
        Some((Value::Null, _)) => hook.actions.clear(),
        Some((_, Some(names))) => {
            hook.actions.clear();
            for name in names {
                match name.as_str().and_then(Action::of) {
                    Some(action) if action.info().organization_only && hook.project.is_some() => {
                        let text =
                            format!("{} is told to webhooks of a whole organization only.", action.name());
                        error("actions", text);
                    }
                    Some(action) if hook.actions.iter().any(|known| known == action.name()) => {}
                    Some(action) => hook.actions.push(action.name().to_owned()),
                    None => error("actions", format!("{name} is not a valid choice.")),
                }
            }
        }
        Some(_) => error("actions", "The actions must be a list of names.".into()),
    }
    if errors.is_empty() { Ok(()) } else { Err(ApiError::fields(errors)) }
}

fn checked(headers: &Map<String, Value>) -> Result<(), Vec<String>> {
    let mut problems = Vec::new();
    if headers.len() > HEADERS {
        problems.push(format!("At most {HEADERS} headers can be set, these are {}.", headers.len()));
    }
    let mut bytes = 0;
    for (name, value) in headers {
        let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
        if !name.bytes().all(plain) || HeaderName::from_bytes(name.as_bytes()).is_err() {
            problems.push(format!("{name:?} is no name of a header: letters, digits, - and _ make one."));
        } else if RESERVED.contains(&name.to_ascii_lowercase().as_str()) {
            problems.push(format!("The header {name} is set by the server itself."));
        }
        match value.as_str() {
            Some(text) if HeaderValue::from_str(text).is_ok() => bytes += name.len() + text.len(),
            _ => {
                problems.push(format!("The value of the header {name:?} must be a text without line breaks."))
            }
        }
    }
    if bytes > HEADER_BYTES {
        problems.push(format!("The headers have {bytes} bytes, at most {HEADER_BYTES} can be sent."));
    }
    if problems.is_empty() { Ok(()) } else { Err(problems) }
}

/// A text that is no URL is a mistake of the field; an address that is out of bounds is refused.
async fn admit(state: &AppState, url: &str) -> ApiResult<()> {
    if url.is_empty() {
        return Err(ApiError::field("url", "This field is required."));
    }
    let form = Url::parse(url).ok().filter(|u| matches!(u.scheme(), "http" | "https") && u.has_host());
    if form.is_none() {
        return Err(ApiError::field("url", "Enter a valid URL, which begins with http:// or https://."));
    }
    match state.egress.admit(url).await {
        Ok(_) => Ok(()),
        Err(error @ egress::Error::Refused(_)) => Err(error.into()),
        Err(error) => Err(ApiError::field("url", error.to_string())),
    }
}

pub async fn create(
    State(state): State<AppState>,
    caller: Caller,
    Query(q): Query<ListQuery>,
    JsonObject(body): JsonObject,
) -> ApiResult<(StatusCode, Json<Value>)> {
    let project = match body.get("project") {
        None | Some(Value::Null) => q.project,
        Some(id) => Some(
            id.as_i64()
                .or_else(|| id.as_str()?.parse().ok())
                .ok_or_else(|| ApiError::field("project", "Must be the id of a project."))?,
        ),
    };
    match project {
        Some(project) => {
            projects::find(&state, &caller, project).await?;
        }
        None if state.settings.organization_webhooks => {}
        None => return Err(ApiError::not_found("Project")),
    }
    let mut hook = Webhook {
        id: 0,
        organization: caller.organization(),
        project,
        url: String::new(),
        send_payload: true,
        send_for_all_actions: true,
        headers: Map::new(),
        is_active: true,
        actions: Vec::new(),
        created_at: String::new(),
        updated_at: String::new(),
    };
    apply(&mut hook, body.as_object().unwrap_or(&Map::new()))?;
    admit(&state, &hook.url).await?;
    let tx = state.db.write().await?;
    hook.id = webhooks::insert(&*tx, &hook).await?;
    audit::record(&*tx, &caller, Deed::WebhookAdded, deed(&hook)).await?;
    tx.commit().await?;
    state.db.listeners().forget();
    Ok((StatusCode::CREATED, Json(find(&state, &caller, hook.id).await?.to_json())))
}

pub async fn get(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<i64>,
) -> ApiResult<Json<Value>> {
    Ok(Json(find(&state, &caller, id).await?.to_json()))
}

pub async fn update(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<i64>,
    JsonObject(body): JsonObject,
) -> ApiResult<Json<Value>> {
    let mut hook = find(&state, &caller, id).await?;
    apply(&mut hook, body.as_object().unwrap_or(&Map::new()))?;
    if body.get("url").is_some() {
        admit(&state, &hook.url).await?;
    }
    let tx = state.db.write().await?;
    webhooks::update(&*tx, &hook).await?;
    audit::record(&*tx, &caller, Deed::WebhookChanged, deed(&hook)).await?;
    tx.commit().await?;
    state.db.listeners().forget();
    state.db.listeners().wake();
    Ok(Json(find(&state, &caller, id).await?.to_json()))
}

/// As a change, but the address must be there.
pub async fn replace(
    state: State<AppState>,
    caller: Caller,
    id: Path<i64>,
    body: JsonObject,
) -> ApiResult<Json<Value>> {
    find(&state, &caller, id.0).await?;
    if body.0.get("url").is_none() {
        return Err(ApiError::field("url", "This field is required."));
    }
    update(state, caller, id, body).await
}

pub async fn delete(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<i64>,
) -> ApiResult<StatusCode> {
    let hook = find(&state, &caller, id).await?;
    let tx = state.db.write().await?;
    webhooks::delete(&*tx, id).await?;
    audit::record(&*tx, &caller, Deed::WebhookDeleted, deed(&hook)).await?;
    tx.commit().await?;
    state.db.listeners().forget();
    Ok(StatusCode::NO_CONTENT)
}

/// What the audit log says of a webhook; the rest of its address may be a secret.
fn deed(hook: &Webhook) -> Value {
    json!({"webhook": hook.id, "project": hook.project, "host": host_of(&hook.url)})
}

/// The last deliveries, newest first: status, error and time, never what was sent or answered.
pub async fn deliveries(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<i64>,
) -> ApiResult<Json<Value>> {
    find(&state, &caller, id).await?;
    let found = webhooks::deliveries(state.db.read(), id, SHOWN).await?;
    Ok(Json(found.iter().map(Delivery::to_json).collect()))
}
