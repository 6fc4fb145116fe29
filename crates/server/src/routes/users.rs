//! Users and organizations.

use crate::auth::{Caller, random_hex};
use crate::db;
use crate::error::{ApiError, ApiResult};
use crate::routes::extract::{Form, Path};
use crate::state::AppState;
use crate::store::users::{self, NewUser, User};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

const PERMISSIONS: &[&str] = &[
    "annotations.change",
    "annotations.create",
    "annotations.delete",
    "annotations.view",
    "labels.change",
    "labels.create",
    "labels.delete",
    "labels.view",
    "organizations.change",
    "organizations.invite",
    "organizations.view",
    "predictions.any",
    "projects.change",
    "projects.create",
    "projects.delete",
    "projects.view",
    "tasks.change",
    "tasks.create",
    "tasks.delete",
    "tasks.view",
    "users.token.any",
];

pub async fn whoami(caller: Caller) -> Json<Value> {
    let mut user = caller.user.to_json();
    user["permissions"] = json!(PERMISSIONS);
    Json(user)
}

/// The legacy token, readable because clients of the reference need it so; see SECURITY.md.
pub async fn legacy_token(caller: Caller) -> Json<Value> {
    Json(json!({"token": caller.user.legacy_token}))
}

pub async fn reset_legacy_token(
    State(state): State<AppState>,
    caller: Caller,
) -> ApiResult<(StatusCode, Json<Value>)> {
    let token = random_hex();
    let tx = state.db.write().await?;
    db::run(
        &*tx,
        "UPDATE users SET legacy_token = $1 WHERE id = $2",
        vec![token.clone().into(), caller.id().into()],
    )
    .await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(json!({"token": token}))))
}

pub async fn list(State(state): State<AppState>, caller: Caller) -> ApiResult<Json<Value>> {
    let members = users::members(state.db.read(), caller.organization()).await?;
    Ok(Json(members.iter().map(User::to_json).collect()))
}

#[derive(Debug, Deserialize)]
pub struct Create {
    email: Option<String>,
    username: Option<String>,
    #[serde(default)]
    first_name: String,
    #[serde(default)]
    last_name: String,
}

pub async fn create(
    State(state): State<AppState>,
    caller: Caller,
    Form(body): Form<Create>,
) -> ApiResult<(StatusCode, Json<Value>)> {
    let email = body.email.unwrap_or_default().trim().to_lowercase();
    if !email.contains('@') {
        return Err(ApiError::field("email", "Enter a valid email address."));
    }
    let tx = state.db.write().await?;
    if users::by_email(&*tx, &email).await?.is_some() {
        return Err(ApiError::field("email", "user with this email address already exists."));
    }
    let new = NewUser {
        email,
        username: body.username,
        first_name: body.first_name,
        last_name: body.last_name,
        organization: Some(caller.organization()),
        ..NewUser::default()
    };
    let user = users::create(&*tx, new, false).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(user.to_json())))
}

/// A member of the caller's organization.
async fn member(state: &AppState, caller: &Caller, id: i64) -> ApiResult<User> {
    let members = users::members(state.db.read(), caller.organization()).await?;
    members.into_iter().find(|u| u.id == id).ok_or_else(|| ApiError::not_found("User"))
}

pub async fn get(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<i64>,
) -> ApiResult<Json<Value>> {
    Ok(Json(member(&state, &caller, id).await?.to_json()))
}

#[derive(Debug, Deserialize)]
pub struct Update {
    email: Option<Value>,
    first_name: Option<String>,
    last_name: Option<String>,
    phone: Option<String>,
}

/// People change themselves only (CVE-2026-22033 of a peer: anybody could change anybody).
pub async fn update(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<i64>,
    Form(body): Form<Update>,
) -> ApiResult<Json<Value>> {
    member(&state, &caller, id).await?;
    if id != caller.id() {
        return Err(ApiError::Forbidden("You can change your own profile only.".into()));
    }
    if body.email.is_some() {
        return Err(ApiError::Status(StatusCode::METHOD_NOT_ALLOWED, "The email cannot be changed.".into()));
    }
    let tx = state.db.write().await?;
    db::run(
        &*tx,
        "UPDATE users SET first_name = COALESCE($1, first_name), last_name = COALESCE($2, last_name), \
         phone = COALESCE($3, phone) WHERE id = $4",
        vec![body.first_name.into(), body.last_name.into(), body.phone.into(), id.into()],
    )
    .await?;
    tx.commit().await?;
    Ok(Json(member(&state, &caller, id).await?.to_json()))
}

pub async fn organizations(State(state): State<AppState>, caller: Caller) -> ApiResult<Json<Value>> {
    let row = db::one(
        state.db.read(),
        "SELECT id, title, created_at FROM organizations WHERE id = $1",
        vec![caller.organization().into()],
    )
    .await?;
    let mut out = Vec::new();
    if let Some(row) = row {
        out.push(json!({
            "id": row.try_get::<i64>("", "id")?, "title": row.try_get::<String>("", "title")?,
            "contact_info": null, "created_at": row.try_get::<String>("", "created_at")?,
        }));
    }
    Ok(Json(out.into()))
}
