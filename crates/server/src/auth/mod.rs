//! Who is asking: sessions, legacy tokens, personal access tokens; CSRF for writes by cookie.

pub mod csrf;
pub mod limit;
pub mod password;
pub mod secret;
pub mod session;
pub mod token;

use crate::db;
use crate::error::ApiError;
use crate::state::AppState;
use crate::store::users::{self, User};
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{Method, header};
use axum_extra::extract::CookieJar;

/// A signed-in user; extracting it refuses everybody else.
#[derive(Clone, Debug)]
pub struct Caller {
    pub user: User,
    /// By cookie rather than by token.
    pub by_session: bool,
}

impl Caller {
    pub fn id(&self) -> i64 {
        self.user.id
    }
    pub fn organization(&self) -> i64 {
        self.user.active_organization.unwrap_or(0)
    }
}

impl FromRequestParts<AppState> for Caller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        let text = |name: &str| parts.headers.get(name).and_then(|v| v.to_str().ok()).map(str::trim);
        let api_key = text("x-api-key").map(|key| format!("Token {key}"));
        let authorization = api_key.or_else(|| text(header::AUTHORIZATION.as_str()).map(str::to_owned));
        if let Some(authorization) = authorization {
            let (scheme, credentials) = authorization.split_once(' ').unwrap_or((&authorization, ""));
            let user = match scheme.to_ascii_lowercase().as_str() {
                "token" => by_legacy_token(state, credentials.trim()).await?,
                "bearer" => by_access_token(state, credentials.trim()).await?,
                _ => None,
            };
            let user = user.ok_or(ApiError::UnauthorizedBecause("Invalid token."))?;
            crate::request::set_user(user.id);
            return Ok(Self { user, by_session: false });
        }
        let jar = CookieJar::from_headers(&parts.headers);
        let cookie = jar.get(session::COOKIE).map(|c| c.value().to_owned()).ok_or(ApiError::Unauthorized)?;
        let user = session::user_of(state, &cookie).await?.ok_or(ApiError::Unauthorized)?;
        let safe = matches!(parts.method, Method::GET | Method::HEAD | Method::OPTIONS);
        if !safe {
            csrf::check(&jar, &parts.headers)?;
        }
        crate::request::set_user(user.id);
        Ok(Self { user, by_session: true })
    }
}

async fn by_legacy_token(state: &AppState, token: &str) -> Result<Option<User>, ApiError> {
    if token.is_empty() {
        return Ok(None);
    }
    let Some(user) = users::by_legacy_token(state.db.read(), token).await? else { return Ok(None) };
    if !allowed(state, &user, "legacy_api_tokens_enabled").await? {
        return Err(ApiError::UnauthorizedBecause(
            "Authentication token no longer valid: legacy token authentication has been disabled for this organization",
        ));
    }
    Ok(Some(user))
}

async fn by_access_token(state: &AppState, token: &str) -> Result<Option<User>, ApiError> {
    let Some(id) = token::user_of_access(&state.secret, token) else { return Ok(None) };
    let Some(user) = users::by_id(state.db.read(), id).await? else { return Ok(None) };
    if !allowed(state, &user, "api_tokens_enabled").await? {
        return Err(ApiError::UnauthorizedBecause(
            "Authentication token no longer valid: API tokens have been disabled for this organization",
        ));
    }
    Ok(Some(user))
}

/// Whether the user's organization has a kind of token switched on.
async fn allowed(state: &AppState, user: &User, switch: &str) -> Result<bool, ApiError> {
    let row = db::one(
        state.db.read(),
        &format!("SELECT {switch} FROM organizations WHERE id = $1"),
        vec![user.active_organization.into()],
    )
    .await?;
    Ok(match row {
        Some(row) => row.try_get::<bool>("", switch)?,
        None => false,
    })
}

/// A random secret of 40 hexadecimal digits, the shape of a legacy token.
pub fn random_hex() -> String {
    let bytes: [u8; 20] = rand::random();
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

/// What is stored of a secret that is only ever compared.
pub fn digest(secret: &str) -> String {
    use sha2::{Digest, Sha256};
    Sha256::digest(secret.as_bytes()).iter().map(|b| format!("{b:02x}")).collect()
}
