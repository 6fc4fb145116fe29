//! Browser sessions: a random cookie, of which the database knows only the digest. They end by the organization's policy:
//! so long after the sign-in, and so long after the last request.

use super::{activity, csrf, digest, random_hex};
use crate::db;
use crate::error::ApiError;
use crate::settings::Settings;
use crate::state::AppState;
use crate::store::organizations;
use crate::store::users::{self, User};
use crate::time;
use axum_extra::extract::CookieJar;
use axum_extra::extract::cookie::{Cookie, SameSite};
use sea_orm::ConnectionTrait;

pub const COOKIE: &str = "sessionid";
/// What the cookie lives in the browser; the policy may end the session earlier, and a longer one makes this longer.
const SECONDS: i64 = 1_209_600;

/// Starts a session and gives the cookies. `persist` keeps them when the browser is closed.
pub async fn start(
    tx: &impl ConnectionTrait,
    settings: &Settings,
    user: &User,
    jar: CookieJar,
    persist: bool,
) -> Result<CookieJar, ApiError> {
    let token = format!("{}{}", random_hex(), random_hex());
    let now = time::now();
    db::run(tx, "DELETE FROM sessions WHERE expires_at < $1", vec![now.clone().into()]).await?;
    if let Some(old) = jar.get(COOKIE) {
        // A session that is replaced must not live on.
        db::run(tx, "DELETE FROM sessions WHERE token_hash = $1", vec![digest(old.value()).into()]).await?;
    }
    let policy = organizations::session_policy(tx, &settings.web, user.active_organization).await?;
    let seconds = policy.max_session_age.saturating_mul(60).max(SECONDS);
    db::run(
        tx,
        "INSERT INTO sessions (token_hash, user_id, created_at, expires_at, last_activity) VALUES ($1, $2, $3, $4, $3)",
        vec![digest(&token).into(), user.id.into(), now.into(), time::in_seconds(seconds).into()],
    )
    .await?;
    let web = &settings.web;
    let mut cookie = build(COOKIE, token, true, web.session_cookie_same_site, web.session_cookie_secure);
    if persist {
        cookie.set_max_age(cookie_time::Duration::seconds(seconds));
    }
    Ok(jar.add(cookie).add(csrf_cookie(settings, persist)))
}

fn build(
    name: &'static str,
    value: String,
    http_only: bool,
    same_site: SameSite,
    secure: bool,
) -> Cookie<'static> {
    Cookie::build((name, value)).path("/").same_site(same_site).http_only(http_only).secure(secure).build()
}

fn csrf_cookie(settings: &Settings, persist: bool) -> Cookie<'static> {
    let web = &settings.web;
    let value = format!("{}{}", random_hex(), random_hex());
    let mut cookie = build(
        csrf::COOKIE,
        value,
        web.csrf_cookie_http_only,
        web.csrf_cookie_same_site,
        web.csrf_cookie_secure,
    );
    if persist {
        cookie.set_max_age(cookie_time::Duration::seconds(web.csrf_cookie_seconds));
    }
    cookie
}

/// A jar that holds a CSRF token, for a page with a form; and the token.
pub fn with_csrf(settings: &Settings, jar: CookieJar) -> (CookieJar, String) {
    match jar.get(csrf::COOKIE).map(|c| c.value().to_owned()).filter(|v| v.len() >= 32) {
        Some(token) => (jar, token),
        None => {
            let cookie = csrf_cookie(settings, true);
            let token = cookie.value().to_owned();
            (jar.add(cookie), token)
        }
    }
}

/// Ends the session of a cookie, if there is one.
pub async fn end(tx: &impl ConnectionTrait, jar: CookieJar) -> Result<CookieJar, ApiError> {
    if let Some(cookie) = jar.get(COOKIE) {
        let values = vec![digest(cookie.value()).into()];
        db::run(tx, "DELETE FROM sessions WHERE token_hash = $1", values).await?;
    }
    let gone = |name: &'static str| Cookie::build((name, "")).path("/").build();
    Ok(jar.remove(gone(COOKIE)).remove(gone(csrf::COOKIE)))
}

/// The user of a session that is still good, and its id.
pub async fn user_of(state: &AppState, cookie: &str) -> Result<Option<(User, i64)>, ApiError> {
    let conn = state.db.read();
    let row = db::one(
        conn,
        "SELECT s.id, s.user_id, s.created_at, s.last_activity, p.max_session_age, p.max_time_between_activity \
         FROM sessions s JOIN users u ON u.id = s.user_id \
         LEFT JOIN session_policies p ON p.organization = u.active_organization \
         WHERE s.token_hash = $1 AND s.expires_at > $2",
        vec![digest(cookie).into(), time::now().into()],
    )
    .await?;
    let Some(row) = row else { return Ok(None) };
    let web = &state.settings.web;
    let minutes = |column: &str, usual: i64| -> Result<i64, ApiError> {
        Ok(row.try_get::<Option<i64>>("", column)?.unwrap_or(usual).saturating_mul(60))
    };
    let age = time::seconds_since(&row.try_get::<String>("", "created_at")?);
    let idle = time::seconds_since(&row.try_get::<String>("", "last_activity")?);
    let max_age = minutes("max_session_age", web.max_session_age_minutes)?;
    // The last activity is written once a minute, so it may be that much older than it was.
    let written = activity::EVERY.as_secs() as i64;
    let max_idle = minutes("max_time_between_activity", web.max_idle_minutes)?.saturating_add(written);
    let id: i64 = row.try_get("", "id")?;
    if age > max_age || (web.idle_sessions_end && idle > max_idle) {
        // Gone for good: a policy that is relaxed later does not bring it back.
        let tx = state.db.write().await?;
        db::run(&*tx, "DELETE FROM sessions WHERE id = $1", vec![id.into()]).await?;
        tx.commit().await?;
        return Ok(None);
    }
    Ok(users::by_id(conn, row.try_get("", "user_id")?).await?.map(|user| (user, id)))
}
