//! The door: forms, guesses, other origins, host names, cookies, headers.

use crate::support::*;
use serde_json::json;
use tagloom_server::auth::digest;
use tagloom_server::db;
use tagloom_server::settings::{Cors, Csp};

const PASSWORD: &str = "correct horse";

/// A member with a password, beside the owner who has only a token.
async fn with_member(server: &Server) {
    server.post("/api/users/", json!({"email": "m@ex.com", "username": "m", "password": PASSWORD})).await;
}

async fn post_form(server: &Server, path: &str, cookie: &str, fields: &[(&str, &str)]) -> Answer {
    let body: String = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    let request = server.anonymous("POST", path).header("content-type", "application/x-www-form-urlencoded");
    Request(request.header("cookie", cookie).0.body(body)).send().await
}

/// The text of a page with its spaces, which are escaped like everything that is shown.
fn words(page: &Answer) -> String {
    page.text().replace("&#32;", " ")
}

/// Sets a counter, so that nobody has to guess a hundred times.
async fn count_attempts(server: &Server, door: &str, attempts: i64) {
    let tx = server.state.db.write().await.unwrap();
    let sql = "UPDATE attempts SET attempts = $1 WHERE door = $2";
    let done = db::run(&*tx, sql, vec![attempts.into(), door.into()]).await.unwrap();
    assert_eq!(done.rows_affected(), 1, "{door} is counted");
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn a_form_signs_in_and_leads_on() {
    let server = Server::start().await;
    with_member(&server).await;
    let page = server.anonymous("GET", "/user/login/?next=/projects/1/data%22%3E").send().await;
    assert_eq!(page.status, 200);
    let (csrf, line) = set_cookie(&page, "csrftoken");
    assert!(line.contains("SameSite=Lax") && line.contains("Max-Age=31449600"), "{line}");
    let text = page.text();
    assert!(text.contains(&format!("value=\"{csrf}\"")) && !text.contains("1/data\">"), "{text}");
    let cookie = format!("csrftoken={csrf}");
    let post = async |password: &str, next: &str, persist: &str, token: &str| {
        let fields = [
            ("csrfmiddlewaretoken", token),
            ("email", "M@ex.com"),
            ("password", password),
            ("next", next),
            ("persist_session", persist),
        ];
        post_form(&server, "/user/login/", &cookie, &fields).await
    };
    post(PASSWORD, "", "", "").await.error(403);
    post(PASSWORD, "", "", &csrf.replace(&csrf[..1], "z")).await.error(403);
    let wrong = post("<b>wrong</b>", "", "", &csrf).await;
    assert_eq!(wrong.status, 200, "a wrong password shows the form again");
    assert!(wrong.text().contains("match") && wrong.text().contains("M@ex.com"), "{wrong:?}");
    assert!(!wrong.text().contains("<b>") && wrong.headers.get("set-cookie").is_none(), "{wrong:?}");

    let right = post(PASSWORD, "/projects/7/data?tab=1", "on", &csrf).await;
    assert_eq!((right.status, right.header("location")), (302, "/projects/7/data?tab=1"));
    assert!(set_cookie(&right, "sessionid").1.contains("Max-Age"), "it stays");
    let brief = post(PASSWORD, "https://evil.example/", "", &csrf).await;
    assert_eq!((brief.status, brief.header("location")), (302, "/"));
    assert!(!set_cookie(&brief, "sessionid").1.contains("Max-Age"), "it ends with the browser");
    // The header does as well as the field, and JSON as well as a form.
    let request =
        server.anonymous("POST", "/user/login").header("cookie", &cookie).header("x-csrftoken", &csrf);
    let answer = request
        .json(json!({"email": "m@ex.com", "password": PASSWORD, "persist_session": true}))
        .send()
        .await;
    assert_eq!(answer.status, 302);

    let (session, _) = cookies(&answer);
    let whoami = || server.anonymous("GET", "/api/current-user/whoami").header("cookie", &session);
    whoami().ok().await;
    let foreign =
        server.anonymous("GET", "/logout").header("cookie", &session).header("sec-fetch-site", "cross-site");
    assert_eq!(foreign.send().await.status, 302);
    whoami().ok().await;
    let out = server.anonymous("GET", "/logout/").header("cookie", &session).send().await;
    assert_eq!((out.status, out.header("location")), (302, "/user/login/"));
    whoami().send().await.error(401);
}

#[tokio::test]
async fn a_form_signs_up_with_an_invitation() {
    let server = Server::start().await;
    let url = server.get("/api/invite").await["invite_url"].as_str().unwrap().to_owned();
    assert_eq!(server.anonymous("GET", "/user/signup/").send().await.status, 403);
    assert_eq!(server.anonymous("GET", "/user/signup/?token=wrong").send().await.status, 403);
    let page = server.anonymous("GET", &url).send().await;
    assert_eq!(page.status, 200);
    let csrf = set_cookie(&page, "csrftoken").0;
    let cookie = format!("csrftoken={csrf}");
    let fields = |email: &'static str, password: &'static str| {
        [
            ("csrfmiddlewaretoken", csrf.as_str()),
            ("email", email),
            ("password", password),
            ("allow_newsletters", "on"),
        ]
    };
    post_form(&server, &url, "", &fields("a@ex.com", PASSWORD)).await.error(403);
    post_form(&server, "/user/signup/?token=wrong", &cookie, &fields("a@ex.com", PASSWORD)).await.error(403);
    let short = post_form(&server, &url, &cookie, &fields("a@ex.com", "short")).await;
    assert!(short.status == 200 && words(&short).contains("this one has 5"), "{short:?}");
    let made =
        post_form(&server, &format!("{url}&next=/projects/"), &cookie, &fields("A@ex.com", PASSWORD)).await;
    assert_eq!((made.status, made.header("location")), (302, "/projects/"));
    let me =
        server.anonymous("GET", "/api/current-user/whoami").header("cookie", &cookies(&made).0).ok().await;
    assert_eq!(
        (&me["email"], &me["username"], &me["allow_newsletters"]),
        (&json!("a@ex.com"), &json!("a"), &json!(true))
    );
    let again = post_form(&server, &url, &cookie, &fields("a@ex.com", PASSWORD)).await;
    assert!(again.status == 200 && words(&again).contains("already exists"), "{again:?}");
}

#[tokio::test]
async fn where_there_is_the_app_its_pages_are_shown() {
    let app = tempfile::tempdir().unwrap();
    std::fs::write(app.path().join("index.html"), "<title>The app</title>").unwrap();
    let server = Server::with(|s| s.app_dir = Some(app.path().to_owned())).await;
    for path in ["/user/login/?next=/projects", "/user/signup/?token=of-yesterday", "/projects"] {
        let page = server.anonymous("GET", path).send().await;
        assert_eq!((page.status, page.text().as_str()), (200, "<title>The app</title>"), "{path}");
        if path.starts_with("/user/") {
            set_cookie(&page, "csrftoken");
        }
    }
}

#[tokio::test]
async fn guesses_are_counted_for_all_processes_together() {
    let server = Server::start().await;
    let other = server.beside().await;
    let login = async |server: &Server, email: &str| {
        let body = json!({"email": email, "password": "wrong guess"});
        server.anonymous("POST", "/api/auth/login").json(body).send().await
    };
    for n in 0..10 {
        login(if n % 2 == 0 { &server } else { &other }, "owner@example.com").await.error(401);
    }
    let answer = login(&other, "Owner@example.com ").await;
    assert!(answer.error(429).contains("wait"));
    let seconds: u64 = answer.header("retry-after").parse().unwrap();
    assert!((1..=300).contains(&seconds), "{seconds}");
    login(&server, "other@example.com").await.error(401);
    // When the time is over, the door opens again.
    let tx = server.state.db.write().await.unwrap();
    db::run(&*tx, "UPDATE attempts SET until_at = '2020-01-01T00:00:00.000000Z'", vec![]).await.unwrap();
    tx.commit().await.unwrap();
    login(&server, "owner@example.com").await.error(401);
}

#[tokio::test]
async fn one_address_cannot_try_everybody_and_many_at_once_are_counted() {
    let server = Server::with(|s| s.web.trusted_proxies = vec!["127.0.0.0/8".parse().unwrap()]).await;
    with_member(&server).await;
    let login = |from: &str, email: &str, password: &str| {
        let body = json!({"email": email, "password": password});
        server.anonymous("POST", "/api/auth/login").header("x-forwarded-for", from).json(body)
    };
    // Who knows the password is not counted.
    for _ in 0..11 {
        login("192.0.2.1", "m@ex.com", PASSWORD).ok().await;
    }
    let all =
        futures::future::join_all((0..14).map(|_| login("192.0.2.2", "m@ex.com", "wrong guess").send()))
            .await;
    let count = |status: u16| all.iter().filter(|a| a.status == status).count();
    assert_eq!((count(401), count(429)), (10, 4));
    // Others still get in from where they are, until too many addresses have tried this one.
    login("198.51.100.1", "m@ex.com", "wrong guess").send().await.error(401);
    login("192.0.2.1", "m@ex.com", PASSWORD).ok().await;
    login("198.51.100.2", "m@ex.com", "wrong guess").send().await.error(401);
    count_attempts(&server, &format!("sign-in {}", digest("m@ex.com")), 29).await;
    login("198.51.100.3", "m@ex.com", "wrong guess").send().await.error(401);
    login("192.0.2.1", "m@ex.com", PASSWORD).send().await.error(429);
    // One address is let go on with a hundred names, no more; what it says of itself does not help.
    login("203.0.113.5", "nobody1@ex.com", "wrong guess").send().await.error(401);
    count_attempts(&server, "sign-in from 203.0.113.5", 99).await;
    login("203.0.113.5", "nobody2@ex.com", "wrong guess").send().await.error(401);
    login("203.0.113.5", "another@ex.com", "wrong guess").send().await.error(429);
    login("1.1.1.1, 203.0.113.5", "another@ex.com", "wrong guess").send().await.error(429);
    login("203.0.113.6", "another@ex.com", "wrong guess").send().await.error(401);
}

#[tokio::test]
async fn forwarded_addresses_count_from_trusted_proxies_only() {
    let server = Server::start().await;
    for n in 0..20 {
        let body = json!({"token": "wrong", "email": "a@ex.com", "password": PASSWORD});
        let request =
            server.anonymous("POST", "/api/auth/setup").header("x-forwarded-for", &format!("192.0.2.{n}"));
        request.json(body).send().await.error(403);
    }
    let body = json!({"token": "wrong", "email": "a@ex.com", "password": PASSWORD});
    let request = server.anonymous("POST", "/api/auth/setup").header("x-forwarded-for", "192.0.2.99");
    request.json(body).send().await.error(429);
}

#[tokio::test]
async fn tokens_that_are_none_are_counted_too() {
    let server = Server::start().await;
    let pat = server.post("/api/token/", json!({})).await["token"].clone();
    let refresh = |token: &serde_json::Value| {
        server.anonymous("POST", "/api/token/refresh/").json(json!({"refresh": token}))
    };
    for _ in 0..200 {
        assert_eq!(refresh(&json!("a.b.c")).send().await.status, 401);
    }
    let answer = refresh(&pat).send().await;
    answer.error(429);
    assert!(!answer.header("retry-after").is_empty());
}

#[tokio::test]
async fn writes_by_cookie_come_from_our_own_pages() {
    let server = Server::with(|s| s.web.csrf_trusted_origins = vec!["https://app.example".into()]).await;
    with_member(&server).await;
    let login = |origin: &str| {
        let body = json!({"email": "m@ex.com", "password": PASSWORD});
        server.anonymous("POST", "/api/auth/login").header("origin", origin).json(body)
    };
    login("https://evil.example").send().await.error(403);
    let (session, csrf) = cookies(&login(&server.url).send().await);
    let post = |name: &str, value: &str| {
        let request = server
            .anonymous("POST", "/api/projects/")
            .header("cookie", &session)
            .header("x-csrftoken", &csrf);
        request.header(name, value).json(json!({"title": "By session"}))
    };
    for (name, value) in
        [("origin", "https://evil.example"), ("origin", "null"), ("referer", "https://evil.example/a")]
    {
        assert!(
            post(name, value).send().await.error(403).contains("CSRF_TRUSTED_ORIGINS"),
            "{name}: {value}"
        );
    }
    for (name, value) in
        [("origin", server.url.as_str()), ("origin", "https://app.example"), ("x-nothing", "-")]
    {
        assert_eq!(post(name, value).send().await.status, 201, "{name}: {value}");
    }
    assert_eq!(post("referer", &format!("{}/projects/", server.url)).send().await.status, 201);
    // Who asks with a token is no browser that could be led astray.
    let request = server.ask("POST", "/api/projects/").header("origin", "https://evil.example");
    assert_eq!(request.json(json!({"title": "By token"})).send().await.status, 201);
    let out = server
        .anonymous("POST", "/api/auth/logout")
        .header("cookie", &session)
        .header("origin", "https://evil.example");
    out.send().await.error(403);
    server.anonymous("GET", "/api/projects/").header("cookie", &session).ok().await;
}

#[tokio::test]
async fn other_origins_read_without_cookies_as_the_settings_say() {
    let preflight = async |server: &Server, origin: &str| {
        let request = server.anonymous("OPTIONS", "/api/projects/").header("origin", origin);
        request.header("access-control-request-method", "PATCH").send().await
    };
    let open = Server::start().await;
    let answer = preflight(&open, "https://any.example").await;
    assert_eq!(answer.header("access-control-allow-origin"), "*");
    assert_eq!(answer.header("access-control-max-age"), "86400");
    for method in ["DELETE", "GET", "OPTIONS", "PATCH", "POST", "PUT"] {
        assert!(answer.header("access-control-allow-methods").contains(method), "{answer:?}");
    }
    for name in
        ["authorization", "content-type", "x-csrftoken", "x-requested-with", "if-match", "idempotency-key"]
    {
        assert!(answer.header("access-control-allow-headers").contains(name), "{name}");
    }
    let answer = open.ask("GET", "/api/projects/").header("origin", "https://any.example").send().await;
    assert_eq!((answer.status, answer.header("access-control-allow-origin")), (200, "*"));
    assert!(answer.headers.get("access-control-allow-credentials").is_none());
    // An error is as readable as an answer.
    let answer = open.anonymous("GET", "/api/projects/").header("origin", "https://any.example").send().await;
    assert_eq!((answer.status, answer.header("access-control-allow-origin")), (401, "*"));

    let some = Server::with(|s| s.web.cors = Cors::Origins(vec!["https://a.example".into()])).await;
    assert_eq!(
        preflight(&some, "https://a.example").await.header("access-control-allow-origin"),
        "https://a.example"
    );
    assert_eq!(preflight(&some, "https://b.example").await.header("access-control-allow-origin"), "");
    let none = Server::with(|s| s.web.cors = Cors::Nobody).await;
    let answer = none.ask("GET", "/api/projects/").header("origin", "https://a.example").send().await;
    assert_eq!(answer.header("access-control-allow-origin"), "");
}

#[tokio::test]
async fn the_server_answers_to_its_own_names_only() {
    let server =
        Server::with(|s| s.web.allowed_hosts = vec!["label.example".into(), "127.0.0.1".into()]).await;
    let ask = |host: &str, path: &str| server.ask("GET", path).header("host", host);
    server.get("/api/projects/").await;
    ask("label.example:1234", "/api/projects/").ok().await;
    assert!(ask("evil.example", "/api/projects/").send().await.error(400).contains("ALLOWED_HOSTS"));
    assert_eq!(ask("evil.example", "/user/login").send().await.status, 400);
    ask("10.0.0.7:8080", "/health").ok().await;
}

#[tokio::test]
async fn cookies_as_the_settings_say() {
    let server = Server::with(|s| {
        s.web.session_cookie_secure = true;
        s.web.csrf_cookie_secure = true;
        s.web.csrf_cookie_http_only = true;
        s.web.session_cookie_same_site = axum_extra::extract::cookie::SameSite::Strict;
        s.web.csrf_cookie_seconds = 77;
    })
    .await;
    with_member(&server).await;
    let body = json!({"email": "m@ex.com", "password": PASSWORD});
    let answer = server.anonymous("POST", "/api/auth/login").json(body).send().await;
    let (_, line) = set_cookie(&answer, "sessionid");
    assert!(
        line.contains("Secure") && line.contains("SameSite=Strict") && line.contains("HttpOnly"),
        "{line}"
    );
    let (_, line) = set_cookie(&answer, "csrftoken");
    assert!(line.contains("Secure") && line.contains("HttpOnly") && line.contains("Max-Age=77"), "{line}");
}

#[tokio::test]
async fn a_new_session_ends_the_one_it_replaces() {
    let server = Server::start().await;
    with_member(&server).await;
    let login = |cookie: &str| {
        let body = json!({"email": "m@ex.com", "password": PASSWORD});
        server.anonymous("POST", "/api/auth/login").header("cookie", cookie).json(body)
    };
    let (first, _) = cookies(&login("").send().await);
    let (second, _) = cookies(&login(&first).send().await);
    server.anonymous("GET", "/api/projects/").header("cookie", &first).send().await.error(401);
    server.anonymous("GET", "/api/projects/").header("cookie", &second).ok().await;
}

#[tokio::test]
async fn every_answer_carries_the_headers_that_keep_pages_apart() {
    let server = Server::start().await;
    for path in ["/api/projects/", "/api/version/", "/user/login/", "/nowhere", "/api/nowhere", "/health"] {
        let answer = server.ask("GET", path).send().await;
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(answer.header("referrer-policy"), "same-origin", "{path}");
        assert_eq!(answer.header("cross-origin-opener-policy"), "same-origin", "{path}");
        assert!(answer.header("permissions-policy").contains("camera=()"), "{path}");
        assert!(answer.header("x-request-id").len() >= 8, "{path}");
        let policy = answer.header("content-security-policy");
        if path.starts_with("/api/") {
            assert!(policy.starts_with("default-src 'none'"), "{path}: {policy}");
            assert_eq!(answer.header("cache-control"), "no-store", "{path}");
        } else {
            assert!(policy.contains("script-src 'self' 'wasm-unsafe-eval';"), "{path}: {policy}");
            assert!(
                policy.contains("object-src 'none'") && policy.contains("frame-ancestors 'self'"),
                "{policy}"
            );
            assert!(!policy.contains("unsafe-eval' 'unsafe-inline'"), "{policy}");
        }
    }
    let narrow = Server::with(|s| {
        s.web.csp = Csp { sources: vec!["https://bucket.example".into()], ..Csp::default() };
    })
    .await;
    let policy = narrow.anonymous("GET", "/user/login/").send().await;
    let policy = policy.header("content-security-policy");
    assert!(
        policy.contains("connect-src 'self' https://bucket.example;") && !policy.contains('*'),
        "{policy}"
    );
    let tried =
        Server::with(|s| s.web.csp.report_only = true).await.anonymous("GET", "/user/login/").send().await;
    assert!(tried.headers.contains_key("content-security-policy-report-only"));
    assert!(!tried.headers.contains_key("content-security-policy"));
}
