//! Browser sessions: a random cookie, of which the database knows only the digest.

use super::{csrf, digest, random_hex};
use crate::db;
use crate::error::ApiError;
use crate::state::AppState;
use crate::store::users::{self, User};
use crate::time;
use axum_extra::extract::CookieJar;
use axum_extra::extract::cookie::{Cookie, SameSite};

pub const COOKIE: &str = "sessionid";
const SECONDS: i64 = 1_209_600;

/// Starts a session and gives the cookies.
pub async fn start(
    state: &AppState,
    user: i64,
    jar: CookieJar,
    persist: bool,
) -> Result<CookieJar, ApiError> {
    let token = format!("{}{}", random_hex(), random_hex());
    let tx = state.db.write().await?;
    db::run(&*tx, "DELETE FROM sessions WHERE expires_at < $1", vec![time::now().into()]).await?;
    db::run(
        &*tx,
        "INSERT INTO sessions (token_hash, user_id, created_at, expires_at) VALUES ($1, $2, $3, $4)",
        vec![digest(&token).into(), user.into(), time::now().into(), time::in_seconds(SECONDS).into()],
    )
    .await?;
    tx.commit().await?;
    let make = |name: &'static str, value: String, http_only: bool| {
        let mut cookie = Cookie::build((name, value))
            .path("/")
            .same_site(SameSite::Lax)
            .http_only(http_only)
            .secure(state.settings.cookie_secure);
        if persist {
            cookie = cookie.max_age(cookie_time::Duration::seconds(SECONDS));
        }
        cookie.build()
    };
    Ok(jar.add(make(COOKIE, token, true)).add(make(
        csrf::COOKIE,
        format!("{}{}", random_hex(), random_hex()),
        false,
    )))
}

/// Ends the session of a cookie, if there is one.
pub async fn end(state: &AppState, jar: CookieJar) -> Result<CookieJar, ApiError> {
    if let Some(cookie) = jar.get(COOKIE) {
        let tx = state.db.write().await?;
        db::run(&*tx, "DELETE FROM sessions WHERE token_hash = $1", vec![digest(cookie.value()).into()])
            .await?;
        tx.commit().await?;
    }
    let gone = |name: &'static str| Cookie::build((name, "")).path("/").build();
    Ok(jar.remove(gone(COOKIE)).remove(gone(csrf::COOKIE)))
}

pub async fn user_of(state: &AppState, cookie: &str) -> Result<Option<User>, ApiError> {
    let conn = state.db.read();
    let row = db::one(
        conn,
        "SELECT user_id FROM sessions WHERE token_hash = $1 AND expires_at > $2",
        vec![digest(cookie).into(), time::now().into()],
    )
    .await?;
    match row {
        Some(row) => Ok(users::by_id(conn, row.try_get("", "user_id")?).await?),
        None => Ok(None),
    }
}
