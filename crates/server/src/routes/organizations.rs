//! The organization: what it is called, who belongs to it, invitations, how long sessions last (spec/server.md 3.1).

use crate::audit::{self, Action};
use crate::auth::{Caller, Owner};
use crate::db;
use crate::error::{ApiError, ApiResult};
use crate::routes::extract::{Fields, JsonObject, Path, Query};
use crate::routes::paging::Page;
use crate::state::AppState;
use crate::store::organizations::{self, Organization, SessionPolicy};
use crate::store::users;
use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, Uri};
use sea_orm::ConnectionTrait;
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// The caller's own; others are not told from missing ones.
async fn find(state: &AppState, caller: &Caller, id: i64) -> ApiResult<Organization> {
    let missing = || ApiError::not_found("Organization");
    if id != caller.organization() {
        return Err(missing());
    }
    organizations::by_id(state.db.read(), id).await?.ok_or_else(missing)
}

pub async fn list(State(state): State<AppState>, caller: Caller) -> ApiResult<Json<Value>> {
    let own = organizations::by_id(state.db.read(), caller.organization()).await?;
    Ok(Json(own.iter().map(Organization::brief).collect()))
}

/// There is one organization on a server unless its database has been given more.
pub async fn create(_caller: Caller) -> ApiError {
    ApiError::Forbidden("Organizations cannot be made on this server.".into())
}

async fn full(conn: &impl ConnectionTrait, organization: &Organization) -> ApiResult<Value> {
    let members = users::members(conn, organization.id).await?;
    let mut out = organization.brief();
    out["token"] = organization.invite_token.clone().into();
    out["updated_at"] = organization.updated_at.clone().into();
    out["created_by"] = organization.created_by.into();
    out["users"] = members.iter().map(|u| u.id).collect();
    Ok(out)
}

pub async fn get(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<i64>,
) -> ApiResult<Json<Value>> {
    let organization = find(&state, &caller, id).await?;
    Ok(Json(full(state.db.read(), &organization).await?))
}

pub async fn update(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<i64>,
    JsonObject(body): JsonObject,
) -> ApiResult<Json<Value>> {
    find(&state, &caller, id).await?;
    let title = match body.get("title") {
        None => None,
        Some(Value::String(text)) => {
            let text = text.trim();
            if text.is_empty() || text.chars().count() > 1000 || text.contains('\0') {
                return Err(ApiError::field("title", "The title has 1 to 1000 characters."));
            }
            Some(text.to_owned())
        }
        Some(_) => return Err(ApiError::field("title", "Not a valid string.")),
    };
    let contact = match body.get("contact_info") {
        None => None,
        Some(Value::Null) => Some(None),
        Some(Value::String(text)) if text.is_empty() => Some(None),
        Some(Value::String(text)) => Some(Some(
            super::auth::checked_email(text)
                .map_err(|_| ApiError::field("contact_info", "Enter a valid email address."))?,
        )),
        Some(_) => return Err(ApiError::field("contact_info", "Not a valid string.")),
    };
    let tx = state.db.write().await?;
    let details = json!({"title": title, "contact_info": contact});
    organizations::update(&*tx, id, title, contact).await?;
    audit::record(&*tx, &caller, Action::OrganizationChanged, details).await?;
    tx.commit().await?;
    let organization = find(&state, &caller, id).await?;
    Ok(Json(full(state.db.read(), &organization).await?))
}

#[derive(Debug, Deserialize)]
pub struct MembersQuery {
    page: Option<u64>,
    page_size: Option<i64>,
    contributed_to_projects: Option<String>,
}

pub async fn memberships(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<i64>,
    uri: Uri,
    Query(query): Query<MembersQuery>,
) -> ApiResult<Json<Value>> {
    find(&state, &caller, id).await?;
    let conn = state.db.read();
    let page = Page::of(query.page, query.page_size, 20, 0)?;
    let total = organizations::count_members(conn, id).await?;
    page.check(total)?;
    let with_projects =
        query.contributed_to_projects.as_deref().and_then(crate::settings::parse_bool).unwrap_or(false);
    let rows = organizations::page_of_members(conn, id, page.size, page.offset()).await?;
    let everybody = users::members(conn, id).await?;
    let mut results = Vec::with_capacity(rows.len());
    for (membership, user) in rows {
        let Some(user) = everybody.iter().find(|u| u.id == user) else { continue };
        let (created, contributed) = if with_projects {
            (created_projects(conn, id, user.id).await?, contributed_projects(conn, id, user.id).await?)
        } else {
            (Value::Null, Value::Null)
        };
        let mut shown = user.to_json();
        shown["created_projects"] = created.clone();
        shown["contributed_to_projects"] = contributed.clone();
        results.push(json!({
            "id": membership, "organization": id, "user": shown,
            "created_projects": created, "contributed_to_projects": contributed,
        }));
    }
    Ok(Json(page.answer(&state, &uri, total, results)))
}

async fn projects(conn: &impl ConnectionTrait, sql: &str, organization: i64, user: i64) -> ApiResult<Value> {
    let rows = db::all(conn, sql, vec![organization.into(), user.into()]).await?;
    let mut out = Vec::new();
    for row in rows {
        out.push(json!({"id": row.try_get::<i64>("", "id")?, "title": row.try_get::<String>("", "title")?}));
    }
    Ok(out.into())
}

async fn created_projects(conn: &impl ConnectionTrait, organization: i64, user: i64) -> ApiResult<Value> {
    let sql = "SELECT id, title FROM projects WHERE organization = $1 AND created_by = $2 ORDER BY id";
    projects(conn, sql, organization, user).await
}

async fn contributed_projects(conn: &impl ConnectionTrait, organization: i64, user: i64) -> ApiResult<Value> {
    let sql = "SELECT p.id, p.title FROM projects p WHERE p.organization = $1 AND EXISTS \
               (SELECT 1 FROM annotations a WHERE a.project = p.id AND a.completed_by = $2) ORDER BY p.id";
    projects(conn, sql, organization, user).await
}

pub async fn membership(
    State(state): State<AppState>,
    caller: Caller,
    Path((id, user)): Path<(i64, i64)>,
) -> ApiResult<Json<Value>> {
    find(&state, &caller, id).await?;
    let conn = state.db.read();
    let found = organizations::membership(conn, id, user).await?;
    let found = found.ok_or_else(|| ApiError::not_found("Member"))?;
    let annotations = db::count(
        conn,
        "SELECT COUNT(*) FROM annotations a JOIN projects p ON p.id = a.project \
         WHERE a.completed_by = $1 AND p.organization = $2",
        vec![user.into(), id.into()],
    )
    .await?;
    let contributed = contributed_projects(conn, id, user).await?;
    Ok(Json(json!({
        "user": user, "organization": id,
        "contributed_projects_count": contributed.as_array().map_or(0, Vec::len),
        "annotations_count": annotations, "created_at": found.created_at, "deleted_at": found.deleted_at,
    })))
}

/// Takes a member out: every way in ends at once, what they did stays. Only the owner does it, to others.
pub async fn remove_member(
    State(state): State<AppState>,
    caller: Caller,
    Path((id, user)): Path<(i64, i64)>,
) -> ApiResult<StatusCode> {
    let organization = find(&state, &caller, id).await?;
    let found = organizations::membership(state.db.read(), id, user).await?;
    if found.is_none_or(|m| m.deleted_at.is_some()) {
        return Err(ApiError::not_found("Member"));
    }
    if user == caller.id() {
        return Err(ApiError::Status(
            StatusCode::METHOD_NOT_ALLOWED,
            "You cannot remove yourself from the organization.".into(),
        ));
    }
    if !caller.is_owner() || organization.created_by == Some(user) {
        return Err(ApiError::Forbidden("Only the owner of the organization may remove members.".into()));
    }
    let tx = state.db.write().await?;
    let person = users::by_id(&*tx, user).await?.ok_or_else(|| ApiError::not_found("Member"))?;
    let details = json!({"user": user, "email": person.email});
    audit::record(&*tx, &caller, Action::MemberRemoved, details).await?;
    organizations::remove_member(&*tx, &state.keys, id, user).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

fn invitation(token: &str) -> Value {
    json!({"token": token, "invite_url": format!("/user/signup/?token={token}")})
}

pub async fn invite(State(state): State<AppState>, caller: Caller) -> ApiResult<Json<Value>> {
    let own = find(&state, &caller, caller.organization()).await?;
    Ok(Json(invitation(&own.invite_token)))
}

pub async fn reset_invite(
    State(state): State<AppState>,
    caller: Caller,
) -> ApiResult<(StatusCode, Json<Value>)> {
    let tx = state.db.write().await?;
    let token = organizations::reset_invite(&*tx, caller.organization()).await?;
    audit::record(&*tx, &caller, Action::InviteReset, json!({})).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(invitation(&token))))
}

fn policy_json(policy: &SessionPolicy) -> Value {
    let (created, updated) = match &policy.stored {
        Some((created, updated)) => (Value::from(created.clone()), Value::from(updated.clone())),
        None => (Value::Null, Value::Null),
    };
    json!({
        "max_session_age": policy.max_session_age,
        "max_time_between_activity": policy.max_time_between_activity,
        "created_at": created, "updated_at": updated,
    })
}

pub async fn session_policy(State(state): State<AppState>, caller: Caller) -> ApiResult<Json<Value>> {
    let id = Some(caller.organization());
    let policy = organizations::session_policy(state.db.read(), &state.settings.web, id).await?;
    Ok(Json(policy_json(&policy)))
}

/// A year: what is longer is no limit any more.
const MOST_MINUTES: i64 = 525_600;

#[derive(Debug, Deserialize)]
pub struct PolicyUpdate {
    max_session_age: Option<i64>,
    max_time_between_activity: Option<i64>,
}

pub async fn set_session_policy(
    State(state): State<AppState>,
    Owner(caller): Owner,
    Fields(body): Fields<PolicyUpdate>,
) -> ApiResult<Json<Value>> {
    let tx = state.db.write().await?;
    let id = caller.organization();
    let old = organizations::session_policy(&*tx, &state.settings.web, Some(id)).await?;
    let age = body.max_session_age.unwrap_or(old.max_session_age);
    let idle = body.max_time_between_activity.unwrap_or(old.max_time_between_activity);
    let mut problems = Map::new();
    for (name, minutes) in [("max_session_age", age), ("max_time_between_activity", idle)] {
        if !(1..=MOST_MINUTES).contains(&minutes) {
            let text = format!("Give minutes from 1 to {MOST_MINUTES}, not {minutes}.");
            problems.insert(name.into(), json!([text]));
        }
    }
    if problems.is_empty() && idle > age {
        let text = format!(
            "A session ends after {age} minutes; {idle} minutes without activity never come to pass."
        );
        problems.insert("max_time_between_activity".into(), json!([text]));
    }
    if !problems.is_empty() {
        return Err(ApiError::Validation(problems));
    }
    organizations::set_session_policy(&*tx, id, age, idle).await?;
    let details = json!({"max_session_age": age, "max_time_between_activity": idle});
    audit::record(&*tx, &caller, Action::SessionPolicyChanged, details).await?;
    let policy = organizations::session_policy(&*tx, &state.settings.web, Some(id)).await?;
    tx.commit().await?;
    Ok(Json(policy_json(&policy)))
}
