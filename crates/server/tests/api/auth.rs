//! Signing in by link, password, legacy token and personal access token; sessions and CSRF.

use crate::support::*;
use serde_json::json;
use tagloom_server::routes::auth::make_setup_link;

const PASSWORD: &str = "correct horse";

/// The first user, through the link.
async fn set_up(server: &Server) -> Answer {
    let token = make_setup_link(&server.state).await.unwrap();
    let body = json!({"token": token, "email": "First@Example.com ", "password": PASSWORD});
    server.anonymous("POST", "/api/auth/setup").json(body).send().await
}

#[tokio::test]
async fn the_one_time_link_makes_the_first_user_once() {
    let server = Server::empty(|_| {}).await;
    assert_eq!(
        server.anonymous("GET", "/api/auth/state").ok().await,
        json!({"has_users": false, "open_signup": false})
    );
    let old = make_setup_link(&server.state).await.unwrap();
    let token = make_setup_link(&server.state).await.unwrap();
    let setup = async |token: &str, email: &str, password: &str| {
        let body = json!({"token": token, "email": email, "password": password});
        server.anonymous("POST", "/api/auth/setup").json(body).send().await
    };
    setup("wrong", "a@ex.com", PASSWORD).await.error(403);
    setup(&old, "a@ex.com", PASSWORD).await.error(403);
    assert!(setup(&token, "nonsense", PASSWORD).await.error(400).contains("email"));
    assert!(setup(&token, "a@ex.com", "short").await.error(400).contains("8 to 128"));
    // None of these has used it up.
    let answer = setup(&token, "A@ex.com", PASSWORD).await;
    assert_eq!((answer.status, &answer.json()["email"]), (201, &json!("a@ex.com")));
    let (session, _) = set_cookie(&answer, "sessionid");
    let me =
        server.anonymous("GET", "/api/current-user/whoami").header("cookie", &format!("sessionid={session}"));
    assert_eq!(me.ok().await["email"], "a@ex.com");
    setup(&token, "b@ex.com", PASSWORD).await.error(403);
    let late = make_setup_link(&server.state).await.unwrap();
    setup(&late, "b@ex.com", PASSWORD).await.error(403);
    assert_eq!(
        server.anonymous("GET", "/api/auth/state").ok().await,
        json!({"has_users": true, "open_signup": false})
    );
}

#[tokio::test]
async fn a_password_starts_a_session() {
    let server = Server::empty(|_| {}).await;
    assert_eq!(set_up(&server).await.status, 201);
    let login = async |email: &str, password: &str, persist: bool| {
        let body = json!({"email": email, "password": password, "persist_session": persist});
        server.anonymous("POST", "/api/auth/login").json(body).send().await
    };
    login("first@example.com", "wrong horse", true).await.error(401);
    login("nobody@example.com", PASSWORD, true).await.error(401);
    let answer = login(" FIRST@example.com", PASSWORD, true).await;
    assert_eq!((answer.status, &answer.json()["email"]), (200, &json!("first@example.com")));
    let (session, line) = set_cookie(&answer, "sessionid");
    assert!(
        line.contains("HttpOnly") && line.contains("SameSite=Lax") && line.contains("Max-Age=1209600"),
        "{line}"
    );
    let (csrf, line) = set_cookie(&answer, "csrftoken");
    assert!(!line.contains("HttpOnly"), "{line}");
    let (_, line) = set_cookie(&login("first@example.com", PASSWORD, false).await, "sessionid");
    assert!(!line.contains("Max-Age"), "{line}");

    let cookies = format!("sessionid={session}; csrftoken={csrf}");
    let post = || {
        server
            .anonymous("POST", "/api/projects/")
            .header("cookie", &cookies)
            .json(json!({"title": "By session"}))
    };
    post().send().await.error(403);
    post().header("x-csrftoken", &csrf.replace(&csrf[..1], "z")).send().await.error(403);
    assert_eq!(post().header("x-csrftoken", &csrf).send().await.status, 201);
    // A forged pair of cookie and header does not do without the session.
    let forged = "f".repeat(40);
    let request = server.anonymous("POST", "/api/projects/").header("cookie", &format!("csrftoken={forged}"));
    request.header("x-csrftoken", &forged).json(json!({})).send().await.error(401);

    let out = server.anonymous("POST", "/api/auth/logout").header("cookie", &cookies).send().await;
    assert_eq!(out.status, 204);
    assert!(set_cookie(&out, "sessionid").1.contains("Max-Age=0"));
    server.anonymous("GET", "/api/projects/").header("cookie", &cookies).send().await.error(401);
}

#[tokio::test]
async fn guessing_passwords_is_slowed_down() {
    let server = Server::start().await;
    let login = async |email: &str| {
        let body = json!({"email": email, "password": "wrong guess"});
        server.anonymous("POST", "/api/auth/login").json(body).send().await
    };
    for _ in 0..10 {
        login("owner@example.com").await.error(401);
    }
    login("Owner@example.com").await.error(429);
    login("other@example.com").await.error(401);
}

#[tokio::test]
async fn legacy_tokens_are_switched_by_the_organization() {
    let server = Server::start().await;
    assert_eq!(server.get("/api/current-user/token").await, json!({"token": OWNER}));
    let whoami = || server.anonymous("GET", "/api/current-user/whoami");
    assert_eq!(whoami().header("x-api-key", OWNER).ok().await["id"], 1);
    // The key replaces what else is sent.
    let both = whoami().header("authorization", "Token nonsense").header("x-api-key", OWNER);
    assert_eq!(both.ok().await["id"], 1);
    let new =
        server.post("/api/current-user/reset-token/", json!({})).await["token"].as_str().unwrap().to_owned();
    assert!(new.len() == 40 && new.bytes().all(|b| b.is_ascii_hexdigit()), "{new}");
    whoami().token(OWNER).send().await.error(401);
    assert_eq!(whoami().token(&new).ok().await["id"], 1);

    let settings = server.anonymous("POST", "/api/jwt/settings").token(&new);
    let settings = settings.json(json!({"legacy_api_tokens_enabled": false})).ok().await;
    assert_eq!(settings, json!({"api_tokens_enabled": true, "legacy_api_tokens_enabled": false}));
    assert!(
        whoami()
            .token(&new)
            .send()
            .await
            .error(401)
            .contains("legacy token authentication has been disabled")
    );
}

#[tokio::test]
async fn personal_access_tokens() {
    let server = Server::start().await;
    let pat = server.post("/api/token/", json!({})).await["token"].as_str().unwrap().to_owned();
    assert_eq!(pat.split('.').count(), 3);
    server.ask("POST", "/api/token/").send().await.error(409);
    let head = pat.rsplit_once('.').unwrap().0;
    assert_eq!(server.get("/api/token/").await, json!([{"token": head}]));

    let refresh =
        |token: &str| server.anonymous("POST", "/api/token/refresh/").json(json!({"refresh": token}));
    let bearer = |token: &str| {
        server
            .anonymous("GET", "/api/current-user/whoami")
            .header("authorization", &format!("Bearer {token}"))
    };
    let access = refresh(&pat).ok().await["access"].as_str().unwrap().to_owned();
    assert_eq!(bearer(&access).ok().await["email"], "owner@example.com");
    // The refresh token itself opens nothing, and an access token refreshes nothing.
    bearer(&pat).send().await.error(401);
    refresh(&access).send().await.error(401);
    refresh(&format!("{head}.AAAA")).send().await.error(401);

    let rotate = |token: &str| server.anonymous("POST", "/api/token/rotate/").json(json!({"refresh": token}));
    let new = rotate(&pat).ok().await["refresh"].as_str().unwrap().to_owned();
    rotate(&pat).send().await.error(400);
    refresh(&pat).send().await.error(401);
    assert!(refresh(&new).ok().await["access"].is_string());

    server.colleague().await;
    let blacklist = |who: &str, token: &str| {
        server.anonymous("POST", "/api/token/blacklist/").token(who).json(json!({"refresh": token}))
    };
    blacklist(COLLEAGUE, &new).send().await.error(404);
    let short = new.rsplit_once('.').unwrap().0;
    assert_eq!(blacklist(OWNER, short).send().await.status, 204);
    blacklist(OWNER, &new).send().await.error(404);
    refresh(&new).send().await.error(401);
    assert_eq!(server.get("/api/token/").await, json!([]));

    server.post("/api/jwt/settings", json!({"api_tokens_enabled": false})).await;
    bearer(&access).send().await.error(401);
}
