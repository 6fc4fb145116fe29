//! Tokens of people: personal access tokens, legacy tokens, and which kinds an organization takes (spec/server.md 2.3).

use crate::audit::{self, Action, Actor};
use crate::auth::client::Client;
use crate::auth::limit::{self, Door};
use crate::auth::{Caller, admitted, random_hex, token};
use crate::db::{self, WriteTx};
use crate::error::{ApiError, ApiResult};
use crate::routes::extract::Fields;
use crate::state::AppState;
use crate::store::users::{self, User};
use crate::store::{legacy_tokens, tokens};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

crate::auth::not_shown!(Refresh);

pub async fn list(State(state): State<AppState>, caller: Caller) -> ApiResult<Json<Value>> {
    let valid = tokens::of_user(state.db.read(), caller.id()).await?;
    Ok(Json(valid.into_iter().map(|token| json!({"token": token})).collect()))
}

/// Makes a token; nothing where the user has a valid one.
async fn issue(state: &AppState, tx: &WriteTx, user: i64) -> ApiResult<Option<String>> {
    let (text, claims) = token::refresh(&state.secret, user)?;
    Ok(tokens::insert(&**tx, user, &claims, &text).await?.then_some(text))
}

pub async fn create(State(state): State<AppState>, caller: Caller) -> ApiResult<(StatusCode, Json<Value>)> {
    let tx = state.db.write().await?;
    let Some(text) = issue(&state, &tx, caller.id()).await? else {
        return Err(ApiError::Conflict(
            "You already have a valid token. Please revoke it before creating a new one.".into(),
        ));
    };
    audit::record(&*tx, &caller, Action::TokenMade, json!({})).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(json!({"token": text}))))
}

#[derive(Deserialize)]
pub struct Refresh {
    refresh: String,
}

const INVALID: ApiError = ApiError::UnauthorizedBecause("Token is invalid or expired");

/// The claims of a refresh token that this server has signed, revoked or not. Others count as guesses.
async fn signed(state: &AppState, client: &Client, text: &str) -> ApiResult<token::Claims> {
    limit::look(state, Door::Token, client).await?;
    match token::read(&state.secret, text.trim(), "refresh") {
        Some(claims) => Ok(claims),
        None => {
            limit::enter(state, Door::Token, client, None).await?;
            Err(INVALID)
        }
    }
}

/// The owner of a token, who must still be somebody here and may use tokens.
async fn owner(state: &AppState, claims: &token::Claims) -> ApiResult<User> {
    let id = claims.user().ok_or(INVALID)?;
    let user = users::by_id(state.db.read(), id).await?.ok_or(INVALID)?;
    let user = admitted(state, user).await?.ok_or(INVALID)?;
    if !user.organization.as_ref().is_some_and(|o| o.api_tokens) {
        return Err(ApiError::UnauthorizedBecause(
            "Authentication token no longer valid: API tokens have been disabled for this organization",
        ));
    }
    Ok(user)
}

pub async fn refresh(
    State(state): State<AppState>,
    client: Client,
    Fields(body): Fields<Refresh>,
) -> ApiResult<Json<Value>> {
    let claims = signed(&state, &client, &body.refresh).await?;
    if !tokens::is_valid(state.db.read(), &claims.jti).await? {
        return Err(INVALID);
    }
    let user = owner(&state, &claims).await?;
    Ok(Json(json!({"access": token::access(&state.secret, user.id)?})))
}

/// A new token for an old one, in one step: there is no moment with both or with none.
pub async fn rotate(
    State(state): State<AppState>,
    client: Client,
    Fields(body): Fields<Refresh>,
) -> ApiResult<Json<Value>> {
    let claims = signed(&state, &client, &body.refresh).await?;
    let user = owner(&state, &claims).await?;
    let tx = state.db.write().await?;
    if !tokens::revoke(&*tx, &claims.jti).await? {
        return Err(ApiError::BadRequest("Token is blacklisted".into()));
    }
    let text = issue(&state, &tx, user.id).await?;
    let text =
        text.ok_or_else(|| ApiError::Conflict("Another valid token was made at this moment.".into()))?;
    audit::record(&*tx, Actor::person(&user, &client), Action::TokenRotated, json!({})).await?;
    tx.commit().await?;
    Ok(Json(json!({"refresh": text})))
}

/// Revokes one of the caller's tokens; the truncated form is enough.
pub async fn blacklist(
    State(state): State<AppState>,
    caller: Caller,
    Fields(body): Fields<Refresh>,
) -> ApiResult<StatusCode> {
    let wanted = body.refresh.trim();
    let head = if wanted.matches('.').count() >= 2 { tokens::truncated(wanted) } else { wanted };
    let missing = || ApiError::NotFound("Token is invalid or already blacklisted.".into());
    let tx = state.db.write().await?;
    let jti = tokens::jti_of(&*tx, caller.id(), head).await?.ok_or_else(missing)?;
    if !tokens::revoke(&*tx, &jti).await? {
        return Err(missing());
    }
    audit::record(&*tx, &caller, Action::TokenRevoked, json!({})).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The legacy token, readable because clients of the reference need it so, and only while such tokens open anything; see
/// SECURITY.md.
pub async fn legacy(State(state): State<AppState>, caller: Caller) -> ApiResult<Json<Value>> {
    if !caller.user.organization.as_ref().is_some_and(|o| o.legacy_tokens) {
        return Err(ApiError::Forbidden(
            "Legacy tokens are switched off in this organization; use a personal access token.".into(),
        ));
    }
    let token = legacy_tokens::of(state.db.read(), &state.keys, caller.id()).await?;
    let token = token.ok_or_else(|| {
        ApiError::NotFound(
            "Your legacy token cannot be read: it was stored under another SECRET_KEY. Reset it for a new one."
                .into(),
        )
    })?;
    Ok(Json(json!({"token": token})))
}

pub async fn reset_legacy(
    State(state): State<AppState>,
    caller: Caller,
) -> ApiResult<(StatusCode, Json<Value>)> {
    let token = random_hex();
    let tx = state.db.write().await?;
    legacy_tokens::set(&*tx, &state.keys, caller.id(), &token).await?;
    audit::record(&*tx, &caller, Action::LegacyTokenReset, json!({})).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(json!({"token": token}))))
}

pub async fn settings(State(state): State<AppState>, caller: Caller) -> ApiResult<Json<Value>> {
    let row = db::one(
        state.db.read(),
        "SELECT api_tokens_enabled, legacy_api_tokens_enabled FROM organizations WHERE id = $1",
        vec![caller.organization().into()],
    )
    .await?
    .ok_or_else(|| ApiError::not_found("Organization"))?;
    Ok(Json(json!({
        "api_tokens_enabled": row.try_get::<bool>("", "api_tokens_enabled")?,
        "legacy_api_tokens_enabled": row.try_get::<bool>("", "legacy_api_tokens_enabled")?,
    })))
}

#[derive(Debug, Deserialize)]
pub struct Switches {
    api_tokens_enabled: Option<bool>,
    legacy_api_tokens_enabled: Option<bool>,
}

pub async fn set_settings(
    State(state): State<AppState>,
    caller: Caller,
    Fields(body): Fields<Switches>,
) -> ApiResult<Json<Value>> {
    let tx = state.db.write().await?;
    db::run(
        &*tx,
        "UPDATE organizations SET api_tokens_enabled = COALESCE($1, api_tokens_enabled), \
         legacy_api_tokens_enabled = COALESCE($2, legacy_api_tokens_enabled), updated_at = $3 WHERE id = $4",
        vec![
            body.api_tokens_enabled.into(),
            body.legacy_api_tokens_enabled.into(),
            crate::time::now().into(),
            caller.organization().into(),
        ],
    )
    .await?;
    let details = json!({
        "api_tokens_enabled": body.api_tokens_enabled, "legacy_api_tokens_enabled": body.legacy_api_tokens_enabled,
    });
    audit::record(&*tx, &caller, Action::TokenSettingsChanged, details).await?;
    tx.commit().await?;
    settings(State(state), caller).await
}
