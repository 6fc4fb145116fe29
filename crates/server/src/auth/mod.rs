//! Who is asking: sessions, legacy tokens, personal access tokens; CSRF for writes by cookie.
//!
//! Every way in passes the one gate of [`admitted`]: the person must be a member of an organization now.

pub mod activity;
pub mod callers;
pub mod client;
pub mod csrf;
pub mod keys;
pub mod limit;
pub mod password;
pub mod seal;
pub mod secret;
pub mod session;
pub mod token;

use crate::error::ApiError;
use crate::state::AppState;
use crate::store::organizations;
use crate::store::users::{self, User};
use axum::extract::{FromRequestParts, MatchedPath};
use axum::http::request::Parts;
use axum::http::{Method, header};
use axum_extra::extract::CookieJar;
use callers::{Known, Shown};
use client::Client;
use std::time::Instant;

/// A signed-in user; extracting it refuses everybody else.
#[derive(Clone, Debug)]
pub struct Caller {
    pub user: User,
    /// By cookie rather than by token.
    pub by_session: bool,
    /// Where the request comes from.
    pub client: Client,
}

impl Caller {
    pub fn id(&self) -> i64 {
        self.user.id
    }
    pub fn organization(&self) -> i64 {
        self.user.active_organization.unwrap_or(0)
    }
    /// Whether the organization is the caller's own.
    pub fn is_owner(&self) -> bool {
        self.user.is_owner()
    }
}

/// The owner of the organization; extracting it refuses everybody else.
#[derive(Clone, Debug)]
pub struct Owner(pub Caller);

impl FromRequestParts<AppState> for Owner {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        let caller = Caller::from_request_parts(parts, state).await?;
        if caller.is_owner() {
            return Ok(Self(caller));
        }
        Err(ApiError::Forbidden("Only the owner of the organization may do this.".into()))
    }
}

impl FromRequestParts<AppState> for Caller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        let client = parts.extensions.get::<Client>().cloned().unwrap_or_default();
        let text = |name: &str| parts.headers.get(name).and_then(|v| v.to_str().ok()).map(str::trim);
        let api_key = text("x-api-key").map(|key| format!("Token {key}"));
        let authorization = api_key.or_else(|| text(header::AUTHORIZATION.as_str()).map(str::to_owned));
        let at_work = parts
            .extensions
            .get::<MatchedPath>()
            .is_some_and(|route| callers::is_work(&parts.method, route.as_str()));
        if let Some(authorization) = authorization {
            let look = async || Ok(by_token(state, &authorization).await?.map(|user| (user, None)));
            let known = recognised(state, at_work, "token", &authorization, look).await?;
            let (user, _) = known.ok_or(ApiError::UnauthorizedBecause("Invalid token."))?;
            crate::request::set_user(user.id);
            activity::note(state, user.id, None);
            return Ok(Self { user, by_session: false, client });
        }
        let jar = CookieJar::from_headers(&parts.headers);
        let cookie = jar.get(session::COOKIE).map(|c| c.value().to_owned()).ok_or(ApiError::Unauthorized)?;
        let look = async || {
            let Some((user, session)) = session::user_of(state, &cookie).await? else { return Ok(None) };
            Ok(admitted(state, user).await?.map(|user| (user, Some(session))))
        };
        let known = recognised(state, at_work, "session", &cookie, look).await?;
        let (user, session) = known.ok_or(ApiError::Unauthorized)?;
        let safe = matches!(parts.method, Method::GET | Method::HEAD | Method::OPTIONS);
        if !safe {
            csrf::check(&jar, &parts.headers, &state.settings)?;
        }
        crate::request::set_user(user.id);
        activity::note(state, user.id, session);
        Ok(Self { user, by_session: true, client })
    }
}

/// Who shows this: looked up, or at work known from a moment ago.
async fn recognised(
    state: &AppState,
    at_work: bool,
    kind: &str,
    secret: &str,
    look: impl AsyncFnOnce() -> Result<Option<Known>, ApiError>,
) -> Result<Option<Known>, ApiError> {
    if !at_work {
        return look().await;
    }
    let shown = Shown::new(kind, secret);
    if let Some(known) = state.callers.find(&shown) {
        return Ok(Some(known));
    }
    let (asked, changes) = (Instant::now(), state.callers.changes());
    let found = look().await?;
    if let Some(known) = &found {
        state.callers.remember(shown, known.clone(), asked, changes);
    }
    Ok(found)
}

/// By the credentials of an `Authorization` header.
async fn by_token(state: &AppState, authorization: &str) -> Result<Option<User>, ApiError> {
    let (scheme, credentials) = authorization.split_once(' ').unwrap_or((authorization, ""));
    match scheme.to_ascii_lowercase().as_str() {
        "token" => by_legacy_token(state, credentials.trim()).await,
        "bearer" => by_access_token(state, credentials.trim()).await,
        _ => Ok(None),
    }
}

/// The gate of every way in: nobody for those who have been removed. Who belongs to an organization but has none active,
/// because they were never here or lost that one, gets the oldest.
pub async fn admitted(state: &AppState, user: User) -> Result<Option<User>, ApiError> {
    if user.is_member {
        return Ok(Some(user));
    }
    let tx = state.db.write().await?;
    let Some(organization) = organizations::first_of_user(&*tx, user.id).await? else { return Ok(None) };
    users::set_active_organization(&*tx, user.id, Some(organization)).await?;
    let user = users::by_id(&*tx, user.id).await?;
    tx.commit().await?;
    Ok(user.filter(|u| u.is_member))
}

async fn by_legacy_token(state: &AppState, token: &str) -> Result<Option<User>, ApiError> {
    if token.is_empty() {
        return Ok(None);
    }
    let Some(user) = users::by_legacy_token(state.db.read(), &state.keys, token).await? else {
        return Ok(None);
    };
    let Some(user) = admitted(state, user).await? else { return Ok(None) };
    if !user.organization.as_ref().is_some_and(|o| o.legacy_tokens) {
        return Err(ApiError::UnauthorizedBecause(
            "Authentication token no longer valid: legacy token authentication has been disabled for this organization",
        ));
    }
    Ok(Some(user))
}

async fn by_access_token(state: &AppState, token: &str) -> Result<Option<User>, ApiError> {
    let Some(id) = token::user_of_access(&state.secret, token) else { return Ok(None) };
    let Some(user) = users::by_id(state.db.read(), id).await? else { return Ok(None) };
    let Some(user) = admitted(state, user).await? else { return Ok(None) };
    if !user.organization.as_ref().is_some_and(|o| o.api_tokens) {
        return Err(ApiError::UnauthorizedBecause(
            "Authentication token no longer valid: API tokens have been disabled for this organization",
        ));
    }
    Ok(Some(user))
}

/// `Debug` for what holds passwords or tokens: it names the type and shows nothing.
macro_rules! not_shown {
    ($($name:ty),+) => {$(
        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(concat!(stringify!($name), " { … }"))
            }
        }
    )+};
}
pub(crate) use not_shown;

/// A random secret of 40 hexadecimal digits, the shape of a legacy token.
pub fn random_hex() -> String {
    let bytes: [u8; 20] = rand::random();
    hex(&bytes)
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut out, b| {
        let _ = write!(out, "{b:02x}");
        out
    })
}

/// Nothing for what is not hexadecimal.
pub(crate) fn unhex(text: &str) -> Option<Vec<u8>> {
    if !text.is_ascii() || !text.len().is_multiple_of(2) {
        return None;
    }
    (0..text.len()).step_by(2).map(|i| u8::from_str_radix(&text[i..i + 2], 16).ok()).collect()
}

/// What is stored of a secret that is only ever compared.
pub fn digest(secret: &str) -> String {
    use sha2::{Digest, Sha256};
    hex(&Sha256::digest(secret.as_bytes()))
}
