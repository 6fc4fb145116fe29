//! Users: who may make, change and delete whom; pictures, keys, tours; what is left of people who have gone.

use crate::support::*;
use serde_json::{Value, json};

const PASSWORD: &str = "correct horse";

/// A PNG of that size: the header is all that is looked at.
fn png(width: u32, height: u32) -> Vec<u8> {
    let mut out = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
    out.extend(width.to_be_bytes());
    out.extend(height.to_be_bytes());
    out.extend([8, 6, 0, 0, 0, 1, 2, 3, 4]);
    out
}

async fn send_avatar(server: &Server, token: &str, user: i64, name: &str, content: Vec<u8>) -> Answer {
    let part = reqwest::multipart::Part::bytes(content).file_name(name.to_owned());
    let form = reqwest::multipart::Form::new().part("avatar", part);
    let request = server.anonymous("POST", &format!("/api/users/{user}/avatar/")).token(token);
    Request(request.0.multipart(form)).send().await
}

#[tokio::test]
async fn the_user_object_names_organization_and_owner() {
    let server = Server::start().await;
    server.colleague().await;
    server.patch("/api/organizations/1", json!({"title": "Lab"})).await;
    let me = server.anonymous("GET", "/api/current-user/whoami").token(COLLEAGUE).ok().await;
    assert_eq!(me["active_organization_meta"], json!({"title": "Lab", "email": "owner@example.com"}));
    let permissions = me["permissions"].as_array().unwrap();
    assert!(permissions.len() == 44 && permissions.contains(&json!("projects.create")), "{me}");
    let user = server.get("/api/users/1/").await;
    assert_eq!(
        keys(&user),
        [
            "id",
            "first_name",
            "last_name",
            "username",
            "email",
            "last_activity",
            "custom_hotkeys",
            "avatar",
            "initials",
            "phone",
            "active_organization",
            "active_organization_meta",
            "allow_newsletters",
            "date_joined"
        ]
    );
}

#[tokio::test]
async fn members_make_members_who_are_at_home_once_they_come() {
    let server = Server::start().await;
    let body = json!({"email": "New@Ex.com", "username": "new", "first_name": "Ada", "password": PASSWORD, "phone": "1"});
    let made = server.post("/api/users/", body).await;
    assert_eq!(
        (&made["email"], &made["initials"], &made["phone"]),
        (&json!("new@ex.com"), &json!("A"), &json!("1"))
    );
    assert!(made["active_organization"].is_null(), "{made}");
    let login = json!({"email": "new@ex.com", "password": PASSWORD});
    let me = server.anonymous("POST", "/api/auth/login").json(login).ok().await;
    assert_eq!(me["active_organization"], 1);

    let refused = async |body: Value| server.ask("POST", "/api/users/").json(body).send().await.error(400);
    assert!(refused(json!({"email": "a@ex.com"})).await.contains("username"));
    assert!(refused(json!({"username": "a"})).await.contains("email"));
    for email in ["nonsense", "a@", "@b", "a b@c", "a@b@c", "<a@b>", &format!("{}@b", "a".repeat(300))] {
        assert!(refused(json!({"email": email, "username": "a"})).await.contains("valid email"), "{email}");
    }
    assert!(refused(json!({"email": "NEW@ex.com", "username": "a"})).await.contains("already exists"));
    assert!(
        refused(json!({"email": "b@ex.com", "username": "b", "password": "short"}))
            .await
            .contains("8 to 128")
    );
    let long = "x".repeat(257);
    assert!(refused(json!({"email": "b@ex.com", "username": long})).await.contains("256"));
    // Forms are fine as well.
    let form = server.ask("POST", "/api/users/").header("content-type", "application/x-www-form-urlencoded");
    let made = Request(form.0.body("email=form%40ex.com&username=form")).ok().await;
    assert_eq!(made["email"], "form@ex.com");
}

#[tokio::test]
async fn people_change_themselves_and_the_owner_everybody() {
    let server = Server::start().await;
    let other = server.colleague().await;
    let me = server
        .patch("/api/users/1/", json!({"first_name": "Ada", "last_name": "L", "username": "ada", "phone": "5", "allow_newsletters": true}))
        .await;
    assert_eq!(
        (&me["initials"], &me["username"], &me["allow_newsletters"]),
        (&json!("AL"), &json!("ada"), &json!(true))
    );
    server.ask("PATCH", "/api/users/1/").json(json!({"email": "new@ex.com"})).send().await.error(405);
    let third = server.user("third@example.com", "token-of-the-third", None).await;
    let path = format!("/api/users/{third}/");
    let as_member = |method: &str, path: &str| server.anonymous(method, path).token(COLLEAGUE);
    as_member("PATCH", &path).json(json!({"first_name": "X"})).send().await.error(403);
    send_avatar(&server, COLLEAGUE, third, "a.png", png(1, 1)).await.error(403);
    as_member("DELETE", &format!("{path}avatar/")).send().await.error(403);
    as_member("PATCH", "/api/users/1/").json(json!({"first_name": "X"})).send().await.error(403);
    assert_eq!(server.get(&path).await["first_name"], "");
    let path = format!("/api/users/{other}/");
    assert_eq!(server.patch(&path, json!({"first_name": "X"})).await["first_name"], "X");
    server.ask("PATCH", &path).json(json!({"email": "new@ex.com"})).send().await.error(405);
    server.ask("GET", "/api/users/99/").send().await.error(404);
}

#[tokio::test]
async fn only_the_owner_deletes_people_and_their_work_stays() {
    let server = Server::start().await;
    let other = server.colleague().await;
    let (_, tasks) = server.tasks(1).await;
    let path = format!("/api/tasks/{}/annotations/", tasks[0]);
    let annotation = server.anonymous("POST", &path).token(COLLEAGUE).json(json!({"result": []})).ok().await;
    let delete = |token: &str, id: i64| server.anonymous("DELETE", &format!("/api/users/{id}/")).token(token);
    delete(COLLEAGUE, 1).send().await.error(403);
    delete(COLLEAGUE, other).send().await.error(403);
    delete(OWNER, 1).send().await.error(403);
    delete(OWNER, 99).send().await.error(404);
    assert_eq!(delete(OWNER, other).send().await.status, 204);
    delete(OWNER, other).send().await.error(404);
    server.anonymous("GET", "/api/projects/").token(COLLEAGUE).send().await.error(401);
    assert_eq!(server.get("/api/users/").await.as_array().unwrap().len(), 1);
    let kept = server.get(&format!("/api/annotations/{}/", annotation["id"])).await;
    assert_eq!(kept["completed_by"], other);
    let task = server.get(&format!("/api/tasks/{}/", tasks[0])).await;
    let by = &task["annotations"][0]["completed_by"];
    assert_eq!(
        (&by["first_name"], &by["last_name"], &by["initials"]),
        (&json!("Deleted"), &json!("User"), &json!("DU"))
    );
    // The address is free again, for somebody else.
    let again = server.post("/api/users/", json!({"email": "colleague@example.com", "username": "c"})).await;
    assert_ne!(again["id"], other);
}

#[tokio::test]
async fn cve_2023_47115_a_picture_is_what_its_bytes_are() {
    let server = Server::start().await;
    assert!(server.get("/api/users/1/").await["avatar"].is_null());
    let answer = send_avatar(&server, OWNER, 1, "../../evil.html", png(1200, 1200)).await;
    assert_eq!((answer.status, answer.json()), (200, json!({"detail": "avatar saved"})));
    let address = server.get("/api/users/1/").await["avatar"].as_str().unwrap().to_owned();
    assert!(address.starts_with("/data/avatars/") && address.ends_with(".png"), "{address}");
    // Anybody who has the address sees it, and it can do nothing.
    let seen = server.anonymous("GET", &address).send().await;
    assert_eq!((seen.status, &seen.bytes), (200, &png(1200, 1200)));
    assert_eq!(seen.header("content-type"), "image/png");
    assert_eq!(seen.header("x-content-type-options"), "nosniff");
    assert!(seen.header("content-security-policy").contains("sandbox"), "{seen:?}");
    let again = server.anonymous("GET", &address).header("if-none-match", seen.header("etag")).send().await;
    assert_eq!((again.status, again.bytes.len()), (304, 0));

    let refused =
        async |name: &str, content: Vec<u8>| send_avatar(&server, OWNER, 1, name, content).await.error(400);
    let html = b"<script>alert(1)</script>".to_vec();
    let svg = b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>".to_vec();
    for (name, content) in
        [("a.png", html), ("a.svg", svg), ("a.gif", Vec::new()), ("a.png", b"\x89PNG\r\n\x1a\n".to_vec())]
    {
        assert!(refused(name, content).await.contains("no PNG, JPEG or GIF"), "{name}");
    }
    assert!(refused("wide.png", png(1201, 1)).await.contains("1201 × 1"));
    assert!(refused("empty.png", png(0, 1)).await.contains("pixels"));
    let mut large = png(10, 10);
    large.resize((1 << 20) + 1, 0);
    assert!(refused("large.png", large).await.contains("1 MiB"));
    assert!(
        server
            .ask("POST", "/api/users/1/avatar/")
            .json(json!({}))
            .send()
            .await
            .error(400)
            .contains("multipart")
    );
    let form = reqwest::multipart::Form::new().text("avatar", "no file");
    let request = Request(server.ask("POST", "/api/users/1/avatar/").0.multipart(form));
    assert!(request.send().await.error(400).contains("no file"));
    // What was refused has replaced nothing; what is replaced is gone.
    assert_eq!(server.get("/api/users/1/").await["avatar"], address);
    send_avatar(&server, OWNER, 1, "b.gif", b"GIF89a\x05\x00\x05\x00;".to_vec()).await;
    server.anonymous("GET", &address).send().await.error(404);
    let address = server.get("/api/users/1/").await["avatar"].as_str().unwrap().to_owned();
    assert_eq!(server.anonymous("GET", &address).send().await.header("content-type"), "image/gif");
    assert_eq!(server.ask("DELETE", "/api/users/1/avatar/").send().await.status, 204);
    server.anonymous("GET", &address).send().await.error(404);
    assert!(server.get("/api/users/1/").await["avatar"].is_null());
    for odd in ["%00", "..%2f..%2fSECRET", "x"] {
        server.anonymous("GET", &format!("/data/avatars/{odd}")).send().await.error(404);
    }
}

#[tokio::test]
async fn own_keys_are_kept_all_or_none() {
    let server = Server::start().await;
    assert_eq!(server.get("/api/current-user/hotkeys/").await, json!({"custom_hotkeys": {}}));
    let wanted = json!({"annotation:submit": {"key": "ctrl+enter", "active": true}, "region:delete": {"key": null, "active": false}});
    let answer = server.patch("/api/current-user/hotkeys/", json!({"custom_hotkeys": wanted})).await;
    assert_eq!(answer["custom_hotkeys"], wanted);
    let refused = async |hotkeys: Value| {
        let answer = server
            .ask("PATCH", "/api/current-user/hotkeys/")
            .json(json!({"custom_hotkeys": hotkeys}))
            .send()
            .await;
        answer.error(400);
        let body = answer.json();
        assert_eq!(body["error"], "Invalid hotkeys configuration");
        body["details"].clone()
    };
    let details =
        refused(json!({"a:ok": {"key": "x"}, "a:close": {"key": "Ctrl+W"}, "nameless": {"key": "x"}})).await;
    assert_eq!(keys(&details), ["a:close", "nameless"]);
    refused(json!("text")).await;
    refused(json!({format!("a:{}", "b".repeat(99)): {"key": "x"}})).await;
    refused(json!({"a:b": {"key": "x".repeat(51)}})).await;
    let many: serde_json::Map<String, Value> =
        (0..201).map(|n| (format!("a:{n}"), json!({"key": "x"}))).collect();
    assert!(refused(many.into()).await["custom_hotkeys"][0].as_str().unwrap().contains("201"));
    assert_eq!(server.get("/api/current-user/hotkeys/").await["custom_hotkeys"], wanted);
    assert_eq!(server.get("/api/current-user/whoami").await["custom_hotkeys"], wanted);
}

#[tokio::test]
async fn tours_are_remembered_for_each_person() {
    let server = Server::start().await;
    server.colleague().await;
    let path = "/api/current-user/product-tour?name=data_manager";
    assert_eq!(server.get(path).await["state"], "ready");
    let body = json!({"state": "completed", "interaction_data": {"index": 2}});
    let answer = server.patch(path, body).await;
    assert_eq!((&answer["state"], &answer["interaction_data"]["index"]), (&json!("completed"), &json!(2)));
    assert_eq!(server.get(path).await["state"], "completed");
    assert_eq!(server.anonymous("GET", path).token(COLLEAGUE).ok().await["state"], "ready");
    assert_eq!(server.get("/api/current-user/product-tour?name=other").await["state"], "ready");
    server.ask("GET", "/api/current-user/product-tour").send().await.error(400);
    server.ask("GET", "/api/current-user/product-tour?name=%3Cb%3E").send().await.error(400);
    server.ask("PATCH", path).json(json!({"state": "gone"})).send().await.error(400);
    server.ask("PATCH", path).json(json!({"interaction_data": [1]})).send().await.error(400);
}
