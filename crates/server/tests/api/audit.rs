//! The audit log: what is written, with what, and who reads it.

use crate::support::*;
use serde_json::{Value, json};
use tagloom_server::Settings;
use tagloom_server::audit::Action;

const PASSWORD: &str = "correct horse";

async fn actions(server: &Server, query: &str) -> Vec<Value> {
    let page = server.get(&format!("/api/audit-log/{query}")).await;
    page["results"].as_array().unwrap().clone()
}

fn names(entries: &[Value]) -> Vec<&str> {
    entries.iter().map(|e| e["action"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn deeds_are_written_down_with_who_and_where() {
    let root = tempfile::tempdir().unwrap();
    let files = root.path().join("files");
    std::fs::create_dir_all(files.join("in")).unwrap();
    let settings = |s: &mut Settings| {
        s.web.trusted_proxies = vec!["127.0.0.0/8".parse().unwrap()];
        s.local_files = Some(files.clone());
    };
    let server = Server::with(settings).await;
    let member =
        server.post("/api/users/", json!({"email": "m@ex.com", "username": "m", "password": PASSWORD})).await;
    let member = member["id"].as_i64().unwrap();
    let login = |email: &str, password: &str| {
        let body = json!({"email": email, "password": password});
        server.anonymous("POST", "/api/auth/login").header("x-forwarded-for", "192.0.2.7").json(body)
    };
    login("m@ex.com", "wrong horse").send().await.error(401);
    login("password typed here", "wrong horse").send().await.error(401);
    let (session, csrf) = cookies(&login("m@ex.com", PASSWORD).send().await);
    let as_member = |method: &str, path: &str| {
        server.anonymous(method, path).header("cookie", &session).header("x-csrftoken", &csrf)
    };
    let pat = as_member("POST", "/api/token/").ok().await["token"].clone();
    let new =
        server.anonymous("POST", "/api/token/rotate/").json(json!({"refresh": pat})).ok().await["refresh"]
            .clone();
    as_member("POST", "/api/token/blacklist/").json(json!({"refresh": new})).ok().await;
    as_member("POST", "/api/current-user/reset-token/").ok().await;
    as_member("POST", "/api/auth/logout").ok().await;
    server.post("/api/invite/reset-token", json!({})).await;
    server.patch("/api/organizations/1", json!({"title": "Lab"})).await;
    server.post("/api/jwt/settings", json!({"api_tokens_enabled": true})).await;
    server.patch("/api/session-policy/", json!({"max_session_age": 9000})).await;
    let (project, tasks) = server.tasks(2).await;
    server.ask("DELETE", &format!("/api/tasks/{}/", tasks[0])).ok().await;
    server.ask("DELETE", &format!("/api/projects/{project}/tasks/")).ok().await;
    server.ask("GET", &format!("/api/projects/{project}/export?exportType=CSV")).send().await;
    let hook = json!({"project": project, "url": "https://93.184.216.34/hidden-part-of-an-address"});
    let hook = server.post("/api/webhooks/", hook).await["id"].clone();
    server.patch(&format!("/api/webhooks/{hook}/"), json!({"is_active": false})).await;
    server.ask("DELETE", &format!("/api/webhooks/{hook}/")).ok().await;
    let storage = json!({"project": project, "path": files.join("in")});
    let storage = server.post("/api/storages/localfiles", storage).await["id"].clone();
    let storage = format!("/api/storages/localfiles/{storage}");
    server.patch(&storage, json!({"title": "Pictures"})).await;
    server.ask("DELETE", &storage).ok().await;
    server.ask("DELETE", &format!("/api/projects/{project}/")).ok().await;
    server.ask("DELETE", &format!("/api/organizations/1/memberships/{member}/")).ok().await;
    server.ask("DELETE", &format!("/api/users/{member}/")).ok().await;

    let all = actions(&server, "").await;
    let mut expected = vec![
        "user.create",
        "session.refused",
        "session.refused",
        "session.start",
        "token.create",
        "token.rotate",
        "token.revoke",
        "legacy_token.reset",
        "session.end",
        "invite.reset",
        "organization.change",
        "token_settings.change",
        "session_policy.change",
        "tasks.delete",
        "tasks.delete",
        "export.download",
        "webhook.create",
        "webhook.change",
        "webhook.delete",
        "storage.create",
        "storage.change",
        "storage.delete",
        "project.delete",
        "member.remove",
        "user.delete",
    ];
    // Whatever is recorded is shown here to be, or in a test of its own.
    let elsewhere = ["user.signup", "user.password_reset", "member.restore"];
    for action in Action::ALL.iter().map(|action| action.name()) {
        assert!(expected.contains(&action) || elsewhere.contains(&action), "{action} is never recorded");
    }
    expected.reverse();
    assert_eq!(names(&all), expected);
    let entry = |action: &str| all.iter().find(|e| e["action"] == action).unwrap();
    assert_eq!(
        keys(entry("session.start")),
        ["id", "created_at", "action", "user", "email", "details", "request_id", "address"]
    );
    let start = entry("session.start");
    assert_eq!(
        (&start["user"], &start["email"], &start["address"]),
        (&json!(member), &json!("m@ex.com"), &json!("192.0.2.7"))
    );
    assert_timestamp(&start["created_at"]);
    assert_eq!(entry("invite.reset")["address"], "127.0.0.1");
    assert_eq!(entry("project.delete")["details"]["title"], "A project");
    assert_eq!(entry("export.download")["details"]["format"], "CSV");
    assert_eq!(entry("webhook.change")["details"]["host"], "93.184.216.34");
    let storage = &entry("storage.change")["details"];
    assert_eq!((&storage["title"], &storage["place"]), (&json!("Pictures"), &json!(files.join("in"))));
    assert_eq!(entry("user.delete")["details"], json!({"user": member, "email": "m@ex.com"}));
    let refused: Vec<&Value> = all.iter().filter(|e| e["action"] == "session.refused").collect();
    assert_eq!((&refused[1]["user"], &refused[1]["email"]), (&json!(member), &json!("m@ex.com")));
    // What is nobody's address may be a password in the wrong field.
    assert_eq!((&refused[0]["user"], &refused[0]["email"]), (&Value::Null, &json!("")));
    let text = json!(all).to_string();
    for secret in
        [PASSWORD, "wrong horse", "password typed here", pat.as_str().unwrap(), OWNER, "hidden-part"]
    {
        assert!(!text.contains(secret), "{secret} is in the log");
    }
}

#[tokio::test]
async fn the_entry_names_the_request_that_did_it() {
    let server = Server::start().await;
    let answer = server.ask("POST", "/api/invite/reset-token").send().await;
    let entry = &actions(&server, "?action=invite.reset").await[0];
    assert_eq!(entry["request_id"], answer.header("x-request-id"));
}

#[tokio::test]
async fn what_is_refused_or_fails_leaves_no_entry() {
    let server = Server::start().await;
    server.colleague().await;
    server.anonymous("DELETE", "/api/users/1/").token(COLLEAGUE).send().await.error(403);
    server.ask("DELETE", "/api/projects/99/").send().await.error(404);
    server.ask("PATCH", "/api/session-policy/").json(json!({"max_session_age": 0})).send().await.error(400);
    server.post("/api/token/", json!({})).await;
    server.ask("POST", "/api/token/").send().await.error(409);
    assert_eq!(names(&actions(&server, "").await), ["token.create"]);
}

#[tokio::test]
async fn the_owner_reads_it_by_page_action_and_person() {
    let server = Server::start().await;
    let colleague = server.colleague().await;
    server.stranger().await;
    for _ in 0..3 {
        server.post("/api/invite/reset-token", json!({})).await;
    }
    server.anonymous("POST", "/api/current-user/reset-token/").token(COLLEAGUE).ok().await;
    let page = server.get("/api/audit-log/?page_size=2").await;
    assert_eq!((&page["count"], page["results"].as_array().unwrap().len()), (&json!(4), 2));
    assert!(page["next"].as_str().unwrap().contains("page=2"));
    assert_eq!(actions(&server, "?page_size=2&page=2").await.len(), 2);
    server.ask("GET", "/api/audit-log/?page=9").send().await.error(404);
    assert_eq!(actions(&server, "?action=invite.reset").await.len(), 3);
    assert_eq!(names(&actions(&server, &format!("?user={colleague}")).await), ["legacy_token.reset"]);
    assert_eq!(names(&actions(&server, "?user=Colleague@example.com").await), ["legacy_token.reset"]);
    assert!(
        server.ask("GET", "/api/audit-log/?action=nonsense").send().await.error(400).contains("invite.reset")
    );
    server.ask("GET", "/api/audit-log/?user=nobody").send().await.error(400);
    server.anonymous("GET", "/api/audit-log/").token(STRANGER).send().await.error(403);
}

#[tokio::test]
async fn an_organization_reads_its_own_entries_only() {
    let server = Server::start().await;
    let stranger = server.stranger().await;
    server.post("/api/invite/reset-token", json!({})).await;
    let tx = server.state.db.write().await.unwrap();
    let sql = "UPDATE organizations SET created_by = $1 WHERE id = 2";
    tagloom_server::db::run(&*tx, sql, vec![stranger.into()]).await.unwrap();
    tx.commit().await.unwrap();
    let page = server.anonymous("GET", "/api/audit-log/").token(STRANGER).ok().await;
    assert_eq!(page["count"], 0, "{page}");
    // A guess of an unknown address belongs to neither of two organizations.
    let body = json!({"email": "nobody@ex.com", "password": "wrong guess"});
    server.anonymous("POST", "/api/auth/login").json(body).send().await.error(401);
    assert_eq!(names(&actions(&server, "").await), ["invite.reset"]);
}
