//! Signing in, the first set-up, tokens.

use crate::auth::{Caller, digest, password, random_hex, session, token};
use crate::db;
use crate::error::{ApiError, ApiResult};
use crate::routes::extract::Form;
use crate::state::AppState;
use crate::store::users::{self, NewUser};
use crate::time;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum_extra::extract::CookieJar;
use serde::Deserialize;
use serde_json::{Value, json};

/// What the sign-in page must know: whether anybody can sign in yet.
pub async fn state(State(state): State<AppState>) -> ApiResult<Json<Value>> {
    Ok(Json(json!({"has_users": users::exist(state.db.read()).await?})))
}

#[derive(Debug, Deserialize)]
pub struct Login {
    email: String,
    password: String,
    #[serde(default)]
    persist_session: Option<bool>,
}

pub async fn login(
    State(state): State<AppState>,
    jar: CookieJar,
    Form(form): Form<Login>,
) -> ApiResult<(CookieJar, Json<Value>)> {
    let email = form.email.trim().to_lowercase();
    if !state.logins.allows(&email) {
        return Err(ApiError::TooManyRequests(
            "Too many failed attempts for this address; wait five minutes and try again.".into(),
        ));
    }
    let user = users::by_email(state.db.read(), &email).await?;
    let hash = user.as_ref().map_or("!", |u| u.password_hash.as_str()).to_owned();
    let foreign = password::is_foreign(&hash);
    if !password::verify(form.password.clone(), hash).await {
        state.logins.failed(&email);
        return Err(ApiError::UnauthorizedBecause("The email and password you entered don't match."));
    }
    state.logins.succeeded(&email);
    let user = user.ok_or(ApiError::Unauthorized)?;
    if foreign {
        let tx = state.db.write().await?;
        users::set_password(&*tx, user.id, form.password).await?;
        tx.commit().await?;
    }
    let jar = session::start(&state, user.id, jar, form.persist_session.unwrap_or(true)).await?;
    Ok((jar, Json(user.to_json())))
}

pub async fn logout(State(state): State<AppState>, jar: CookieJar) -> ApiResult<(CookieJar, StatusCode)> {
    Ok((session::end(&state, jar).await?, StatusCode::NO_CONTENT))
}

/// Makes a one-time set-up link; older ones stop working.
pub async fn make_setup_link(state: &AppState) -> ApiResult<String> {
    let secret = random_hex();
    let tx = state.db.write().await?;
    db::run(&*tx, "DELETE FROM setup_links", vec![]).await?;
    db::run(
        &*tx,
        "INSERT INTO setup_links (token_hash, expires_at) VALUES ($1, $2)",
        vec![digest(&secret).into(), time::in_seconds(86_400).into()],
    )
    .await?;
    tx.commit().await?;
    Ok(secret)
}

#[derive(Debug, Deserialize)]
pub struct Setup {
    token: String,
    email: String,
    password: String,
}

/// The first user, by the one-time link that the server printed.
pub async fn setup(
    State(state): State<AppState>,
    jar: CookieJar,
    Form(form): Form<Setup>,
) -> ApiResult<(StatusCode, CookieJar, Json<Value>)> {
    let email = form.email.trim().to_lowercase();
    if !email.contains('@') || email.len() > 254 {
        return Err(ApiError::field("email", "Enter a valid email address."));
    }
    if let Some(problem) = password::problem(&form.password) {
        return Err(ApiError::field("password", problem));
    }
    let tx = state.db.write().await?;
    let used = db::run(
        &*tx,
        "DELETE FROM setup_links WHERE token_hash = $1 AND expires_at > $2",
        vec![digest(form.token.trim()).into(), time::now().into()],
    )
    .await?;
    if used.rows_affected() == 0 || users::exist(&*tx).await? {
        return Err(ApiError::Forbidden(
            "This link has been used or has expired. Start the server again for a new one, or sign in."
                .into(),
        ));
    }
    let new = NewUser { email, password: Some(form.password), ..NewUser::default() };
    let user = users::create(&*tx, new, state.settings.legacy_tokens).await?;
    tx.commit().await?;
    let jar = session::start(&state, user.id, jar, true).await?;
    Ok((StatusCode::CREATED, jar, Json(user.to_json())))
}

/// Header and payload without the signature: enough to recognise a token, not to use it.
fn truncated(token: &str) -> String {
    token.rsplit_once('.').map_or(token, |(head, _)| head).to_owned()
}

pub async fn list_tokens(State(state): State<AppState>, caller: Caller) -> ApiResult<Json<Value>> {
    let rows = db::all(
        state.db.read(),
        "SELECT payload FROM api_tokens WHERE user_id = $1 AND NOT blacklisted ORDER BY id",
        vec![caller.id().into()],
    )
    .await?;
    let mut out = Vec::new();
    for row in rows {
        out.push(json!({"token": row.try_get::<String>("", "payload")?}));
    }
    Ok(Json(out.into()))
}

async fn issue(state: &AppState, user: i64) -> ApiResult<String> {
    let (text, claims) = token::refresh(&state.secret, user)?;
    let tx = state.db.write().await?;
    db::run(
        &*tx,
        "INSERT INTO api_tokens (jti, user_id, payload, blacklisted, created_at) VALUES ($1, $2, $3, $4, $5)",
        vec![claims.jti.into(), user.into(), truncated(&text).into(), false.into(), time::now().into()],
    )
    .await?;
    tx.commit().await?;
    Ok(text)
}

pub async fn create_token(
    State(state): State<AppState>,
    caller: Caller,
) -> ApiResult<(StatusCode, Json<Value>)> {
    let valid = db::count(
        state.db.read(),
        "SELECT COUNT(*) FROM api_tokens WHERE user_id = $1 AND NOT blacklisted",
        vec![caller.id().into()],
    )
    .await?;
    if valid > 0 {
        return Err(ApiError::Conflict(
            "You already have a valid token. Please revoke it before creating a new one.".into(),
        ));
    }
    let text = issue(&state, caller.id()).await?;
    Ok((StatusCode::CREATED, Json(json!({"token": text}))))
}

#[derive(Debug, Deserialize)]
pub struct Refresh {
    refresh: String,
}

/// The claims of a refresh token that is known and not revoked.
async fn live(state: &AppState, text: &str) -> ApiResult<Option<token::Claims>> {
    let Some(claims) = token::read(&state.secret, text, "refresh") else { return Ok(None) };
    let row = db::one(
        state.db.read(),
        "SELECT blacklisted FROM api_tokens WHERE jti = $1",
        vec![claims.jti.clone().into()],
    )
    .await?;
    match row {
        Some(row) if !row.try_get::<bool>("", "blacklisted")? => Ok(Some(claims)),
        _ => Ok(None),
    }
}

pub async fn refresh_token(
    State(state): State<AppState>,
    Form(body): Form<Refresh>,
) -> ApiResult<Json<Value>> {
    let claims = live(&state, &body.refresh).await?;
    let user =
        claims.and_then(|c| c.user()).ok_or(ApiError::UnauthorizedBecause("Token is invalid or expired"))?;
    Ok(Json(json!({"access": token::access(&state.secret, user)?})))
}

pub async fn rotate_token(
    State(state): State<AppState>,
    Form(body): Form<Refresh>,
) -> ApiResult<Json<Value>> {
    let claims = token::read(&state.secret, &body.refresh, "refresh")
        .ok_or(ApiError::UnauthorizedBecause("Token is invalid or expired"))?;
    let user = claims.user().ok_or(ApiError::Unauthorized)?;
    if revoke(&state, &claims.jti).await? == 0 {
        return Err(ApiError::BadRequest("Token is blacklisted".into()));
    }
    Ok(Json(json!({"refresh": issue(&state, user).await?})))
}

async fn revoke(state: &AppState, jti: &str) -> ApiResult<u64> {
    let tx = state.db.write().await?;
    let done = db::run(
        &*tx,
        "UPDATE api_tokens SET blacklisted = $1 WHERE jti = $2 AND NOT blacklisted",
        vec![true.into(), jti.into()],
    )
    .await?;
    tx.commit().await?;
    Ok(done.rows_affected())
}

/// Revokes one of the caller's tokens; the truncated form is enough.
pub async fn blacklist_token(
    State(state): State<AppState>,
    caller: Caller,
    Form(body): Form<Refresh>,
) -> ApiResult<StatusCode> {
    let wanted = body.refresh.trim().to_owned();
    let head = if wanted.matches('.').count() >= 2 { truncated(&wanted) } else { wanted };
    let row = db::one(
        state.db.read(),
        "SELECT jti FROM api_tokens WHERE payload = $1 AND user_id = $2",
        vec![head.into(), caller.id().into()],
    )
    .await?;
    let missing = || ApiError::NotFound("Token is invalid or already blacklisted.".into());
    let jti: String = row.ok_or_else(missing)?.try_get("", "jti")?;
    if revoke(&state, &jti).await? == 0 {
        return Err(missing());
    }
    Ok(StatusCode::NO_CONTENT)
}

pub async fn jwt_settings(State(state): State<AppState>, caller: Caller) -> ApiResult<Json<Value>> {
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
pub struct JwtSettings {
    api_tokens_enabled: Option<bool>,
    legacy_api_tokens_enabled: Option<bool>,
}

pub async fn set_jwt_settings(
    State(state): State<AppState>,
    caller: Caller,
    Form(body): Form<JwtSettings>,
) -> ApiResult<Json<Value>> {
    let tx = state.db.write().await?;
    db::run(
        &*tx,
        "UPDATE organizations SET api_tokens_enabled = COALESCE($1, api_tokens_enabled), \
         legacy_api_tokens_enabled = COALESCE($2, legacy_api_tokens_enabled), updated_at = $3 WHERE id = $4",
        vec![
            body.api_tokens_enabled.into(),
            body.legacy_api_tokens_enabled.into(),
            time::now().into(),
            caller.organization().into(),
        ],
    )
    .await?;
    tx.commit().await?;
    jwt_settings(State(state), caller).await
}
