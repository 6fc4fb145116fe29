//! What is kept of tokens and other secrets, and tokens under stress: many at once, under another secret, switched off.

use crate::support::*;
use serde_json::json;
use tagloom_server::{AppState, db};

const PASSWORD: &str = "correct horse";

/// A member with a password, beside the owner who has only a token.
async fn with_member(server: &Server) {
    server.post("/api/users/", json!({"email": "m@ex.com", "username": "m", "password": PASSWORD})).await;
}

/// Every text of the user and token tables.
async fn stored(server: &Server) -> String {
    let mut out = String::new();
    for (table, columns) in [
        ("users", "password_hash || ' ' || legacy_token || ' ' || legacy_token_sealed"),
        ("api_tokens", "jti || ' ' || payload"),
        ("sessions", "token_hash"),
        ("setup_links", "token_hash"),
        ("audit_log", "details || email"),
        ("attempts", "door"),
    ] {
        let sql = format!("SELECT {columns} AS t FROM {table}");
        for row in db::all(server.state.db.read(), &sql, vec![]).await.unwrap() {
            out += &row.try_get::<String>("", "t").unwrap();
            out.push('\n');
        }
    }
    out
}

#[tokio::test]
async fn the_database_holds_no_secret_that_could_be_used() {
    let server = Server::start().await;
    with_member(&server).await;
    let answer = server
        .anonymous("POST", "/api/auth/login")
        .json(json!({"email": "m@ex.com", "password": PASSWORD}))
        .send()
        .await;
    let session = set_cookie(&answer, "sessionid").0;
    let pat = server.post("/api/token/", json!({})).await["token"].as_str().unwrap().to_owned();
    let signature = pat.rsplit_once('.').unwrap().1;
    let legacy =
        server.anonymous("GET", "/api/current-user/token").header("cookie", &cookies(&answer).0).ok().await;
    let link = tagloom_server::routes::auth::make_setup_link(&server.state).await.unwrap();
    let kept = stored(&server).await;
    for secret in [PASSWORD, OWNER, &session, signature, legacy["token"].as_str().unwrap(), &link] {
        assert!(!kept.contains(secret), "{secret} is stored");
    }
}

#[tokio::test]
async fn tokens_that_an_older_release_left_in_the_clear_are_sealed_at_the_start() {
    let server = Server::start().await;
    let tx = server.state.db.write().await.unwrap();
    let sql = "UPDATE users SET legacy_token = $1, legacy_token_sealed = ''";
    db::run(&*tx, sql, vec!["an-old-token-in-the-clear".into()]).await.unwrap();
    tx.commit().await.unwrap();
    let again = server.beside().await;
    assert!(!stored(&again).await.contains("in-the-clear"));
    let ask = || again.anonymous("GET", "/api/current-user/token").token("an-old-token-in-the-clear");
    assert_eq!(ask().ok().await, json!({"token": "an-old-token-in-the-clear"}));
    // A copy of the row under another id opens nothing.
    let other = server.colleague().await;
    let tx = server.state.db.write().await.unwrap();
    let sql = "UPDATE users SET legacy_token_sealed = (SELECT u.legacy_token_sealed FROM users u WHERE u.id = 1) WHERE id = $1";
    db::run(&*tx, sql, vec![other.into()]).await.unwrap();
    tx.commit().await.unwrap();
    again.anonymous("GET", "/api/current-user/token").token(COLLEAGUE).send().await.error(404);
    let reset = again.anonymous("POST", "/api/current-user/reset-token/").token(COLLEAGUE).send().await;
    assert_eq!(reset.status, 201);
}

#[tokio::test]
async fn under_another_secret_nothing_opens_and_nothing_breaks() {
    let server = Server::start().await;
    with_member(&server).await;
    let pat = server.post("/api/token/", json!({})).await["token"].clone();
    let mut settings = server.state.settings.clone();
    settings.data_dir = server.dir.path().join("moved");
    let state = AppState::open(settings).await.unwrap();
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let router = tagloom_server::routes::app(state.clone());
    tokio::spawn(async move { axum::serve(listener, router).await });
    let moved = Server { url, state, client: server.client.clone(), dir: tempfile::tempdir().unwrap() };
    moved.ask("GET", "/api/projects/").send().await.error(401);
    moved.anonymous("POST", "/api/token/refresh/").json(json!({"refresh": pat})).send().await.error(401);
    let body = json!({"email": "m@ex.com", "password": PASSWORD});
    let (session, csrf) = cookies(&moved.anonymous("POST", "/api/auth/login").json(body).send().await);
    let ask = |method: &str, path: &str| {
        moved.anonymous(method, path).header("cookie", &session).header("x-csrftoken", &csrf)
    };
    assert!(ask("GET", "/api/current-user/token").send().await.error(404).contains("SECRET_KEY"));
    let token = ask("POST", "/api/current-user/reset-token/").ok().await["token"].clone();
    assert_eq!(ask("GET", "/api/current-user/token").ok().await["token"], token);
}

#[tokio::test]
async fn a_legacy_token_is_read_only_while_it_opens_something() {
    let server = Server::start().await;
    with_member(&server).await;
    let body = json!({"email": "m@ex.com", "password": PASSWORD});
    let (session, _) = cookies(&server.anonymous("POST", "/api/auth/login").json(body).send().await);
    let read = || server.anonymous("GET", "/api/current-user/token").header("cookie", &session);
    read().ok().await;
    server.post("/api/jwt/settings", json!({"legacy_api_tokens_enabled": false})).await;
    assert!(read().send().await.error(403).contains("switched off"));
}

#[tokio::test]
async fn one_valid_token_each_however_many_are_asked_for_at_once() {
    let server = Server::start().await;
    let other = server.beside().await;
    let ask = |n: usize| {
        if n.is_multiple_of(2) { server.ask("POST", "/api/token/") } else { other.ask("POST", "/api/token/") }
    };
    let all = futures::future::join_all((0..8).map(|n| ask(n).send())).await;
    let count = |status: u16| all.iter().filter(|a| a.status == status).count();
    assert_eq!((count(201), count(409)), (1, 7));
    let pat = all.iter().find(|a| a.status == 201).unwrap().json()["token"].clone();
    let rotate = || server.anonymous("POST", "/api/token/rotate/").json(json!({"refresh": pat})).send();
    let all = futures::future::join_all((0..6).map(|_| rotate())).await;
    let count = |status: u16| all.iter().filter(|a| a.status == status).count();
    assert_eq!((count(200), count(400)), (1, 5));
    assert_eq!(server.get("/api/token/").await.as_array().unwrap().len(), 1);
    server.post("/api/jwt/settings", json!({"api_tokens_enabled": false})).await;
    let new = all.iter().find(|a| a.status == 200).unwrap().json()["refresh"].clone();
    let refresh = server.anonymous("POST", "/api/token/refresh/").json(json!({"refresh": new})).send().await;
    assert!(refresh.error(401).contains("disabled"));
}
