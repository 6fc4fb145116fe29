//! Signing in, out and up, and the first set-up. The app uses the JSON routes; `forms` has the twins for HTML forms.

use crate::audit::{self, Action, Actor};
use crate::auth::client::Client;
use crate::auth::limit::{self, Door};
use crate::auth::{admitted, csrf, digest, password, random_hex, session};
use crate::db;
use crate::error::{ApiError, ApiResult};
use crate::routes::extract::Form;
use crate::state::AppState;
use crate::store::organizations;
use crate::store::users::{self, NewUser, User};
use crate::time;
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum_extra::extract::CookieJar;
use serde::Deserialize;
use serde_json::{Value, json};

crate::auth::not_shown!(Login, Setup, SignUp);

/// What the sign-in page must know: whether anybody can sign in yet, and whether strangers may sign up.
pub async fn state(State(state): State<AppState>) -> ApiResult<Json<Value>> {
    Ok(Json(json!({
        "has_users": users::exist(state.db.read()).await?, "open_signup": state.settings.web.open_signup,
    })))
}

#[derive(Deserialize)]
pub struct Login {
    email: String,
    password: String,
    #[serde(default)]
    persist_session: Option<bool>,
}

pub async fn login(
    State(state): State<AppState>,
    client: Client,
    jar: CookieJar,
    headers: HeaderMap,
    Form(form): Form<Login>,
) -> ApiResult<(CookieJar, Json<Value>)> {
    csrf::check_origin(&headers, &state.settings)?;
    let persist = form.persist_session.unwrap_or(true);
    let (user, jar) = sign_in(&state, &client, jar, &form.email, form.password, persist).await?;
    Ok((jar, Json(user.to_json())))
}

/// Checks e-mail and password and starts a session. Wrong ones are 401, too many attempts 429, removed members 403.
pub(super) async fn sign_in(
    state: &AppState,
    client: &Client,
    jar: CookieJar,
    email: &str,
    password: String,
    persist: bool,
) -> ApiResult<(User, CookieJar)> {
    let email = email.trim().to_lowercase();
    let attempt = limit::enter(state, Door::SignIn, client, Some(&email)).await?;
    let user = users::by_email(state.db.read(), &email).await?;
    let hash = user.as_ref().map_or("!", |u| u.password_hash.as_str()).to_owned();
    let foreign = password::is_foreign(&hash);
    let right = password::verify(password.clone(), hash).await;
    let Some(user) = user.filter(|_| right) else {
        refused(state, client, &email, "wrong e-mail or password").await?;
        return Err(ApiError::UnauthorizedBecause("The email and password you entered don't match."));
    };
    let Some(user) = admitted(state, user).await? else {
        refused(state, client, &email, "no longer a member").await?;
        return Err(ApiError::Forbidden(
            "You are no longer a member of this organization; its owner can let you in again.".into(),
        ));
    };
    attempt.succeeded(state).await?;
    // A hash that was brought from elsewhere becomes one of ours while the password is at hand.
    let new_hash = if foreign { Some(password::hash(password).await?) } else { None };
    let tx = state.db.write().await?;
    if let Some(hash) = new_hash {
        users::set_password_hash(&*tx, user.id, hash).await?;
    }
    let jar = session::start(&*tx, &state.settings, &user, jar, persist).await?;
    audit::record(&*tx, Actor::person(&user, client), Action::SignedIn, json!({})).await?;
    tx.commit().await?;
    Ok((user, jar))
}

/// Records a sign-in that failed. What was typed is kept only where it is somebody's address: people type passwords there.
async fn refused(state: &AppState, client: &Client, email: &str, why: &str) -> ApiResult<()> {
    let tx = state.db.write().await?;
    let actor = match users::by_email(&*tx, email).await? {
        Some(user) => Actor::person(&user, client),
        None => Actor::nobody(client),
    };
    audit::record(&*tx, actor, Action::SignInFailed, json!({"why": why})).await?;
    Ok(tx.commit().await?)
}

pub async fn logout(
    State(state): State<AppState>,
    client: Client,
    jar: CookieJar,
    headers: HeaderMap,
) -> ApiResult<(CookieJar, StatusCode)> {
    csrf::check_origin(&headers, &state.settings)?;
    Ok((sign_out(&state, &client, jar).await?, StatusCode::NO_CONTENT))
}

pub(super) async fn sign_out(state: &AppState, client: &Client, jar: CookieJar) -> ApiResult<CookieJar> {
    let user = match jar.get(session::COOKIE) {
        Some(cookie) => session::user_of(state, cookie.value()).await?,
        None => None,
    };
    let tx = state.db.write().await?;
    if let Some((user, _)) = user {
        audit::record(&*tx, Actor::person(&user, client), Action::SignedOut, json!({})).await?;
    }
    let jar = session::end(&*tx, jar).await?;
    tx.commit().await?;
    // A link may sign out, too: that is no request of which a change is expected.
    state.callers.forget();
    Ok(jar)
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

/// An e-mail address that a user can have, in lower case.
pub(super) fn checked_email(email: &str) -> ApiResult<String> {
    let email = email.trim().to_lowercase();
    let (local, domain) = email.split_once('@').unwrap_or_default();
    let fine = !local.is_empty()
        && !domain.is_empty()
        && !domain.contains('@')
        && email.chars().count() <= 254
        && !email.contains(|c: char| c.is_whitespace() || c.is_control() || "<>\"'\\,;".contains(c));
    if fine { Ok(email) } else { Err(ApiError::field("email", "Enter a valid email address.")) }
}

pub(super) fn checked_password(password: &str) -> ApiResult<()> {
    match password::problem(password) {
        Some(problem) => Err(ApiError::field("password", problem)),
        None => Ok(()),
    }
}

#[derive(Deserialize)]
pub struct Setup {
    token: String,
    email: String,
    password: String,
}

/// The first user, by the one-time link that the server printed.
pub async fn setup(
    State(state): State<AppState>,
    client: Client,
    jar: CookieJar,
    headers: HeaderMap,
    Form(form): Form<Setup>,
) -> ApiResult<(StatusCode, CookieJar, Json<Value>)> {
    csrf::check_origin(&headers, &state.settings)?;
    let email = checked_email(&form.email)?;
    checked_password(&form.password)?;
    let attempt = limit::enter(&state, Door::SetUp, &client, None).await?;
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
    let user = users::create(&*tx, &state.keys, new, state.settings.legacy_tokens).await?;
    let jar = session::start(&*tx, &state.settings, &user, jar, true).await?;
    audit::record(&*tx, Actor::person(&user, &client), Action::SignedUp, json!({"by": "set-up link"}))
        .await?;
    tx.commit().await?;
    attempt.succeeded(&state).await?;
    Ok((StatusCode::CREATED, jar, Json(user.to_json())))
}

#[derive(Deserialize)]
pub struct SignUp {
    /// Of the invitation.
    #[serde(default)]
    token: String,
    email: String,
    password: String,
    #[serde(default)]
    allow_newsletters: Option<bool>,
}

pub async fn signup(
    State(state): State<AppState>,
    client: Client,
    jar: CookieJar,
    headers: HeaderMap,
    Form(form): Form<SignUp>,
) -> ApiResult<(StatusCode, CookieJar, Json<Value>)> {
    csrf::check_origin(&headers, &state.settings)?;
    let new = NewUser {
        email: form.email,
        password: Some(form.password),
        allow_newsletters: form.allow_newsletters,
        ..NewUser::default()
    };
    let (user, jar) = sign_up(&state, &client, jar, &form.token, new).await?;
    Ok((StatusCode::CREATED, jar, Json(user.to_json())))
}

/// Makes an account for whoever has an invitation; for everybody only where the operator has opened the server.
pub(super) async fn sign_up(
    state: &AppState,
    client: &Client,
    jar: CookieJar,
    invite: &str,
    mut new: NewUser,
) -> ApiResult<(User, CookieJar)> {
    let attempt = limit::enter(state, Door::SignUp, client, None).await?;
    let invite = invite.trim();
    let organization = organizations::by_invite(state.db.read(), invite).await?;
    if organization.is_none() && (!invite.is_empty() || !state.settings.web.open_signup) {
        return Err(ApiError::Forbidden(
            "Signing up takes an invitation that is valid; ask the owner of the organization for a link."
                .into(),
        ));
    }
    new.email = checked_email(&new.email)?;
    checked_password(new.password.as_deref().unwrap_or_default())?;
    new.organization = organization;
    let tx = state.db.write().await?;
    if users::by_email(&*tx, &new.email).await?.is_some() {
        return Err(ApiError::field("email", "user with this email address already exists."));
    }
    let user = users::create(&*tx, &state.keys, new, state.settings.legacy_tokens).await?;
    let jar = session::start(&*tx, &state.settings, &user, jar, true).await?;
    let by = if organization.is_some() { "invitation" } else { "open sign-up" };
    audit::record(&*tx, Actor::person(&user, client), Action::SignedUp, json!({"by": by})).await?;
    tx.commit().await?;
    // Accounts that were made keep counting: nobody makes them by the thousand.
    drop(attempt);
    Ok((user, jar))
}
