//! Users of the organization: list, make, look at, change oneself, delete.

use super::auth::{checked_email, checked_password};
use crate::audit::{self, Action};
use crate::auth::Caller;
use crate::error::{ApiError, ApiResult};
use crate::routes::extract::{Fields, Path};
use crate::state::AppState;
use crate::store::organizations;
use crate::store::users::{self, Changes, NewUser, User};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

crate::auth::not_shown!(Create);

pub async fn list(State(state): State<AppState>, caller: Caller) -> ApiResult<Json<Value>> {
    let members = users::members(state.db.read(), caller.organization()).await?;
    Ok(Json(members.iter().map(User::to_json).collect()))
}

#[derive(Deserialize)]
pub struct Create {
    email: Option<String>,
    username: Option<String>,
    /// Ours: without one the person cannot sign in before the operator has set one.
    password: Option<String>,
    #[serde(default)]
    first_name: String,
    #[serde(default)]
    last_name: String,
    phone: Option<String>,
    allow_newsletters: Option<bool>,
}

/// Makes a member, or takes back one who has left.
pub async fn create(
    State(state): State<AppState>,
    caller: Caller,
    Fields(body): Fields<Create>,
) -> ApiResult<(StatusCode, Json<Value>)> {
    let missing = |field: &str| ApiError::field(field, "This field is required.");
    let email = checked_email(&body.email.ok_or_else(|| missing("email"))?)?;
    let username = body.username.ok_or_else(|| missing("username"))?;
    if let Some(password) = &body.password {
        checked_password(password)?;
    }
    let changes = Changes {
        username: Some(username.clone()),
        first_name: Some(body.first_name.clone()),
        last_name: Some(body.last_name.clone()),
        phone: body.phone.clone(),
        allow_newsletters: body.allow_newsletters,
    };
    check(&changes)?;
    let tx = state.db.write().await?;
    if let Some(known) = users::by_email(&*tx, &email).await? {
        let member = organizations::membership(&*tx, caller.organization(), known.id).await?;
        if !known.is_removed || member.is_none() {
            return Err(ApiError::field("email", "user with this email address already exists."));
        }
        organizations::restore_member(&*tx, caller.organization(), known.id).await?;
        let details = json!({"user": known.id, "email": known.email});
        audit::record(&*tx, &caller, Action::MemberRestored, details).await?;
        let user = users::by_id(&*tx, known.id).await?.ok_or_else(|| ApiError::not_found("User"))?;
        tx.commit().await?;
        return Ok((StatusCode::CREATED, Json(user.to_json())));
    }
    let new = NewUser {
        email,
        username: Some(username),
        password: body.password,
        first_name: body.first_name,
        last_name: body.last_name,
        allow_newsletters: body.allow_newsletters,
        organization: Some(caller.organization()),
        ..NewUser::default()
    };
    let made = users::create(&*tx, &state.keys, new, false).await?;
    users::update(&*tx, made.id, changes).await?;
    // Nothing is active before the person is here for the first time.
    users::set_active_organization(&*tx, made.id, None).await?;
    audit::record(&*tx, &caller, Action::UserMade, json!({"user": made.id, "email": made.email})).await?;
    let user = users::by_id(&*tx, made.id).await?.ok_or_else(|| ApiError::not_found("User"))?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(user.to_json())))
}

/// Lengths that every client can show, and characters that every database takes.
fn check(changes: &Changes) -> ApiResult<()> {
    let fields = [
        ("username", &changes.username),
        ("first_name", &changes.first_name),
        ("last_name", &changes.last_name),
        ("phone", &changes.phone),
    ];
    for (name, value) in fields {
        let Some(value) = value else { continue };
        if value.chars().count() > 256 {
            return Err(ApiError::field(name, "Ensure this field has no more than 256 characters."));
        }
        if value.contains('\0') {
            return Err(ApiError::field(name, "Null characters are not allowed."));
        }
    }
    Ok(())
}

/// Somebody who is or was of the caller's organization.
pub(super) async fn find(state: &AppState, caller: &Caller, id: i64) -> ApiResult<User> {
    let found = users::of_organization(state.db.read(), caller.organization(), id).await?;
    found.ok_or_else(|| ApiError::not_found("User"))
}

pub(super) fn own(caller: &Caller, id: i64) -> ApiResult<()> {
    if id == caller.id() || caller.is_owner() {
        return Ok(());
    }
    Err(ApiError::Forbidden(
        "Only they themselves or the owner of the organization may change a profile.".into(),
    ))
}

pub async fn get(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<i64>,
) -> ApiResult<Json<Value>> {
    Ok(Json(find(&state, &caller, id).await?.to_json()))
}

#[derive(Debug, Deserialize)]
pub struct Update {
    email: Option<Value>,
    username: Option<String>,
    first_name: Option<String>,
    last_name: Option<String>,
    phone: Option<String>,
    allow_newsletters: Option<bool>,
}

/// People change themselves only, and the owner everybody (CVE-2026-22033 of a peer: anybody could change anybody).
pub async fn update(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<i64>,
    Fields(body): Fields<Update>,
) -> ApiResult<Json<Value>> {
    find(&state, &caller, id).await?;
    own(&caller, id)?;
    if body.email.is_some() {
        return Err(ApiError::Status(StatusCode::METHOD_NOT_ALLOWED, "The email cannot be changed.".into()));
    }
    let changes = Changes {
        username: body.username,
        first_name: body.first_name,
        last_name: body.last_name,
        phone: body.phone,
        allow_newsletters: body.allow_newsletters,
    };
    check(&changes)?;
    let tx = state.db.write().await?;
    users::update(&*tx, id, changes).await?;
    tx.commit().await?;
    Ok(Json(find(&state, &caller, id).await?.to_json()))
}

/// Only the owner deletes people, and never the owner.
pub async fn delete(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<i64>,
) -> ApiResult<StatusCode> {
    let user = find(&state, &caller, id).await?;
    if !caller.is_owner() {
        return Err(ApiError::Forbidden("Only the owner of the organization may delete people.".into()));
    }
    if id == caller.id() {
        return Err(ApiError::Forbidden("The owner of the organization cannot be deleted.".into()));
    }
    let tx = state.db.write().await?;
    let details = json!({"user": id, "email": user.email});
    audit::record(&*tx, &caller, Action::UserDeleted, details).await?;
    users::delete(&*tx, &state.keys, id).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
