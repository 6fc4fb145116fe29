//! The organization, its members, invitations, and how long sessions last.

use crate::support::*;
use serde_json::{Value, json};
use tagloom_server::{db, time};

const PASSWORD: &str = "correct horse";

async fn write(server: &Server, sql: &str, values: Vec<sea_orm::Value>) {
    let tx = server.state.db.write().await.unwrap();
    db::run(&*tx, sql, values).await.unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn an_organization_is_seen_and_renamed_by_its_members_only() {
    let server = Server::start().await;
    let other = server.colleague().await;
    server.stranger().await;
    let list = server.get("/api/organizations/").await;
    assert_eq!(keys(&list[0]), ["id", "title", "contact_info", "created_at"]);
    let own = server.get("/api/organizations/1").await;
    assert_eq!(
        keys(&own),
        ["id", "title", "contact_info", "created_at", "token", "updated_at", "created_by", "users"]
    );
    assert_eq!((&own["created_by"], &own["users"]), (&json!(1), &json!([1, other])));
    let changed =
        server.patch("/api/organizations/1", json!({"title": " Lab ", "contact_info": "A@ex.com"})).await;
    assert_eq!((&changed["title"], &changed["contact_info"]), (&json!("Lab"), &json!("a@ex.com")));
    assert!(
        server.patch("/api/organizations/1", json!({"contact_info": null})).await["contact_info"].is_null()
    );
    for body in [json!({"title": ""}), json!({"title": 5}), json!({"contact_info": "nonsense"})] {
        server.ask("PATCH", "/api/organizations/1").json(body).send().await.error(400);
    }
    server.ask("POST", "/api/organizations/").json(json!({"title": "New"})).send().await.error(403);
    server.ask("GET", "/api/organizations/2").send().await.error(404);
    let stranger =
        server.anonymous("PATCH", "/api/organizations/1").token(STRANGER).json(json!({"title": "Mine"}));
    stranger.send().await.error(404);
    assert_eq!(server.get("/api/organizations/1").await["title"], "Lab");
}

#[tokio::test]
async fn members_come_in_pages() {
    let server = Server::start().await;
    for n in 0..24 {
        server.user(&format!("m{n}@ex.com"), &format!("token-number-{n}"), None).await;
    }
    let path = "/api/organizations/1/memberships";
    let first = server.get(path).await;
    assert_eq!((&first["count"], first["results"].as_array().unwrap().len()), (&json!(25), 20));
    assert!(first["previous"].is_null() && first["next"].as_str().unwrap().contains("page=2"), "{first}");
    let second = server.get(&format!("{path}?page=2")).await;
    assert_eq!(second["results"].as_array().unwrap().len(), 5);
    assert!(second["next"].is_null());
    // The client pages until it is told that there is no such page.
    for beyond in ["page=3", "page=0"] {
        let answer = server.ask("GET", &format!("{path}?{beyond}")).send().await;
        assert!(answer.error(404).contains("Invalid page."), "{beyond}");
    }
    let all = server.get(&format!("{path}?page_size=-1")).await;
    assert_eq!(all["results"].as_array().unwrap().len(), 25);
    let member = &all["results"][0];
    assert_eq!(keys(member), ["id", "organization", "user", "created_projects", "contributed_to_projects"]);
    assert!(member["created_projects"].is_null() && member["user"]["contributed_to_projects"].is_null());

    let (project, tasks) = server.tasks(1).await;
    server.post(&format!("/api/tasks/{}/annotations/", tasks[0]), json!({"result": []})).await;
    let with = server.get(&format!("{path}?contributed_to_projects=true&page_size=-1")).await;
    let expected = json!([{"id": project, "title": "A project"}]);
    assert_eq!(with["results"][0]["created_projects"], expected);
    assert_eq!(with["results"][0]["user"]["contributed_to_projects"], expected);
    assert_eq!(with["results"][1]["created_projects"], json!([]));
    let one = server.get(&format!("{path}/1/")).await;
    assert_eq!(
        (&one["user"], &one["organization"], &one["contributed_projects_count"], &one["annotations_count"]),
        (&json!(1), &json!(1), &json!(1), &json!(1))
    );
    assert_timestamp(&one["created_at"]);
    server.ask("GET", &format!("{path}/99/")).send().await.error(404);
}

#[tokio::test]
async fn a_removed_member_is_out_at_once_by_every_way() {
    let server = Server::start().await;
    let body = json!({"email": "m@ex.com", "username": "m", "password": PASSWORD, "first_name": "Mia"});
    let member = server.post("/api/users/", body).await["id"].as_i64().unwrap();
    let login = || {
        server.anonymous("POST", "/api/auth/login").json(json!({"email": "m@ex.com", "password": PASSWORD}))
    };
    let session = cookies(&login().send().await);
    let as_member = |method: &str, path: &str| server.anonymous(method, path).header("cookie", &session.0);
    let token = as_member("GET", "/api/current-user/token").ok().await["token"].as_str().unwrap().to_owned();
    let pat = as_member("POST", "/api/token/").header("x-csrftoken", &session.1).ok().await["token"].clone();
    let refresh = || server.anonymous("POST", "/api/token/refresh/").json(json!({"refresh": pat}));
    let bearer = format!("Bearer {}", refresh().ok().await["access"].as_str().unwrap());
    let (project, tasks) = server.tasks(1).await;
    server.anonymous("GET", &format!("/api/projects/{project}/next")).token(&token).ok().await;
    let path = format!("/api/tasks/{}/annotations/", tasks[0]);
    server.anonymous("POST", &path).token(&token).json(json!({"result": []})).ok().await;

    let place = format!("/api/organizations/1/memberships/{member}/");
    server.ask("DELETE", "/api/organizations/1/memberships/1/").send().await.error(405);
    server.colleague().await;
    server.anonymous("DELETE", &place).token(COLLEAGUE).send().await.error(403);
    server
        .anonymous("DELETE", "/api/organizations/1/memberships/1/")
        .token(COLLEAGUE)
        .send()
        .await
        .error(403);
    assert_eq!(server.ask("DELETE", &place).send().await.status, 204);
    server.ask("DELETE", &place).send().await.error(404);

    as_member("GET", "/api/projects/").send().await.error(401);
    server.anonymous("GET", "/api/projects/").token(&token).send().await.error(401);
    server.anonymous("GET", "/api/projects/").header("authorization", &bearer).send().await.error(401);
    refresh().send().await.error(401);
    assert!(login().send().await.error(403).contains("no longer a member"));
    let wrong = json!({"email": "m@ex.com", "password": "wrong horse"});
    server.anonymous("POST", "/api/auth/login").json(wrong).send().await.error(401);

    // What they did stays, under the name of nobody.
    let emails: Vec<Value> =
        server.get("/api/users/").await.as_array().unwrap().iter().map(|u| u["email"].clone()).collect();
    assert!(!emails.contains(&json!("m@ex.com")), "{emails:?}");
    let user = server.get(&format!("/api/users/{member}/")).await;
    assert_eq!(
        (&user["first_name"], &user["last_name"], &user["initials"]),
        (&json!("Deleted"), &json!("User"), &json!("DU"))
    );
    let annotators = server.get(&format!("/api/projects/{project}/annotators/")).await;
    assert_eq!((&annotators[0]["id"], &annotators[0]["first_name"]), (&json!(member), &json!("Deleted")));
    assert!(!server.get(&place).await["deleted_at"].is_null());

    // They may come back, with the password and without the old tokens.
    let back = server.post("/api/users/", json!({"email": "m@ex.com", "username": "m"})).await;
    assert_eq!((&back["id"], &back["first_name"]), (&json!(member), &json!("Mia")));
    assert_eq!(login().send().await.status, 200);
    server.anonymous("GET", "/api/projects/").token(&token).send().await.error(401);
    refresh().send().await.error(401);
}

#[tokio::test]
async fn an_invitation_lets_people_in_until_it_is_reset() {
    let server = Server::start().await;
    let invite = server.get("/api/invite").await;
    let token = invite["token"].as_str().unwrap().to_owned();
    assert_eq!(invite["invite_url"], format!("/user/signup/?token={token}"));
    let signup = async |token: &str, email: &str| {
        let body = json!({"token": token, "email": email, "password": PASSWORD});
        server.anonymous("POST", "/api/auth/signup").json(body).send().await
    };
    for wrong in ["", "nonsense", &token[..39], &format!("{token}0"), &token.to_uppercase()] {
        if wrong != token {
            assert!(signup(wrong, "a@ex.com").await.error(403).contains("invitation"), "{wrong}");
        }
    }
    let made = signup(&token, "A@ex.com").await;
    assert_eq!(made.status, 201, "{made:?}");
    assert_eq!((&made.json()["email"], &made.json()["active_organization"]), (&json!("a@ex.com"), &json!(1)));
    let session = cookies(&made);
    let me = server.anonymous("GET", "/api/current-user/whoami").header("cookie", &session.0);
    assert_eq!(me.ok().await["username"], "a");
    assert!(signup(&token, "a@ex.com").await.error(400).contains("already exists"));
    assert!(signup(&token, "nonsense").await.error(400).contains("email"));
    let short = json!({"token": token, "email": "b@ex.com", "password": "short"});
    server.anonymous("POST", "/api/auth/signup").json(short).send().await.error(400);

    let reset = server.ask("POST", "/api/invite/reset-token").send().await;
    assert_eq!(reset.status, 201);
    let new = reset.json()["token"].as_str().unwrap().to_owned();
    assert_ne!(new, token);
    signup(&token, "b@ex.com").await.error(403);
    assert_eq!(signup(&new, "b@ex.com").await.status, 201);
}

#[tokio::test]
async fn cve_2022_36551_signing_up_is_open_only_where_the_operator_says_so() {
    let closed = Server::start().await;
    let body = json!({"email": "a@ex.com", "password": PASSWORD});
    closed.anonymous("POST", "/api/auth/signup").json(body.clone()).send().await.error(403);
    assert_eq!(closed.anonymous("GET", "/api/auth/state").ok().await["open_signup"], false);
    let open = Server::with(|s| s.web.open_signup = true).await;
    assert_eq!(open.anonymous("GET", "/api/auth/state").ok().await["open_signup"], true);
    assert_eq!(open.anonymous("POST", "/api/auth/signup").json(body).send().await.status, 201);
    // A wrong invitation is not the same as none.
    let wrong = json!({"email": "b@ex.com", "password": PASSWORD, "token": "wrong"});
    open.anonymous("POST", "/api/auth/signup").json(wrong).send().await.error(403);
}

#[tokio::test]
async fn sessions_end_by_age_and_by_rest() {
    let server = Server::start().await;
    server.colleague().await;
    let policy = server.get("/api/session-policy/").await;
    assert_eq!(
        (&policy["max_session_age"], &policy["max_time_between_activity"]),
        (&json!(11_520), &json!(4320))
    );
    let set =
        |token: &str, body: Value| server.anonymous("PATCH", "/api/session-policy/").token(token).json(body);
    set(COLLEAGUE, json!({"max_session_age": 500_000})).send().await.error(403);
    for (body, name) in [
        (json!({"max_session_age": 0}), "max_session_age"),
        (json!({"max_session_age": 99_999_999}), "max_session_age"),
        (json!({"max_time_between_activity": -5}), "max_time_between_activity"),
        (json!({"max_time_between_activity": 20_000}), "max_time_between_activity"),
    ] {
        assert!(set(OWNER, body).send().await.error(400).contains(name));
    }
    let policy = set(OWNER, json!({"max_session_age": 60, "max_time_between_activity": 10})).ok().await;
    assert_eq!((&policy["max_session_age"], &policy["max_time_between_activity"]), (&json!(60), &json!(10)));
    assert_timestamp(&policy["created_at"]);

    let body = json!({"email": "m@ex.com", "username": "m", "password": PASSWORD});
    server.post("/api/users/", body).await;
    let start = async || {
        let login = json!({"email": "m@ex.com", "password": PASSWORD});
        cookies(&server.anonymous("POST", "/api/auth/login").json(login).send().await).0
    };
    let status = async |cookie: &str| {
        server.anonymous("GET", "/api/projects/").header("cookie", cookie).send().await.status
    };
    let set_back = async |column: &str, minutes: i64| {
        let sql = format!("UPDATE sessions SET {column} = $1");
        write(&server, &sql, vec![time::in_seconds(-60 * minutes).into()]).await;
    };
    let cookie = start().await;
    set_back("last_activity", 9).await;
    assert_eq!(status(&cookie).await, 200);
    // That request has moved the last activity on.
    let mut moved = String::new();
    for _ in 0..100 {
        let row =
            db::one(server.state.db.read(), "SELECT last_activity FROM sessions", vec![]).await.unwrap();
        moved = row.unwrap().try_get("", "last_activity").unwrap();
        if moved > time::in_seconds(-60) {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    assert!(moved > time::in_seconds(-60), "{moved}");
    set_back("last_activity", 12).await;
    assert_eq!(status(&cookie).await, 401);
    set_back("last_activity", 0).await;
    assert_eq!(status(&cookie).await, 401, "what has ended stays ended");

    let cookie = start().await;
    set_back("created_at", 59).await;
    assert_eq!(status(&cookie).await, 200);
    set_back("created_at", 61).await;
    assert_eq!(status(&cookie).await, 401);
    // Tokens are no sessions.
    server.get("/api/projects/").await;
}

#[tokio::test]
async fn rest_ends_no_session_where_that_is_switched_off() {
    let server = Server::with(|s| {
        s.web.idle_sessions_end = false;
        s.web.max_session_age_minutes = 100;
    })
    .await;
    assert_eq!(server.get("/api/session-policy/").await["max_session_age"], 100);
    server.post("/api/users/", json!({"email": "m@ex.com", "username": "m", "password": PASSWORD})).await;
    let login = json!({"email": "m@ex.com", "password": PASSWORD});
    let cookie = cookies(&server.anonymous("POST", "/api/auth/login").json(login).send().await).0;
    let past = |minutes: i64| vec![time::in_seconds(-60 * minutes).into()];
    write(&server, "UPDATE sessions SET last_activity = $1", past(90_000)).await;
    server.anonymous("GET", "/api/projects/").header("cookie", &cookie).ok().await;
    write(&server, "UPDATE sessions SET created_at = $1", past(101)).await;
    server.anonymous("GET", "/api/projects/").header("cookie", &cookie).send().await.error(401);
}
