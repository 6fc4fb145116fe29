//! Webhooks: what may be saved, what is told, and that it arrives.

use crate::support::*;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tagloom_server::db;

/// What a receiver got: headers and body.
#[derive(Clone, Debug)]
struct Got {
    headers: HeaderMap,
    body: Value,
}

impl Got {
    fn action(&self) -> &str {
        self.body["action"].as_str().unwrap()
    }

    fn uid(&self) -> &str {
        self.headers["x-tagloom-delivery"].to_str().unwrap()
    }
}

/// Somebody's endpoint: notes what comes, and answers with the next status of a list, the last one for ever.
#[derive(Clone, Debug)]
struct Receiver {
    url: String,
    got: Arc<Mutex<Vec<Got>>>,
    answers: Arc<Mutex<Vec<u16>>>,
}

impl Receiver {
    async fn start(answers: &[u16]) -> Self {
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let url = format!("http://{}/hook?a=b", listener.local_addr().unwrap());
        let receiver = Self { url, got: Arc::default(), answers: Arc::new(Mutex::new(answers.to_vec())) };
        let router = axum::Router::new().fallback(Self::receive).with_state(receiver.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        receiver
    }

    async fn receive(
        State(this): State<Self>,
        headers: HeaderMap,
        body: Bytes,
    ) -> (StatusCode, [(&'static str, &'static str); 1], &'static str) {
        let body = serde_json::from_slice(&body).unwrap();
        this.got.lock().unwrap().push(Got { headers, body });
        let mut answers = this.answers.lock().unwrap();
        let status = if answers.len() > 1 { answers.remove(0) } else { answers[0] };
        (StatusCode::from_u16(status).unwrap(), [("location", "http://127.0.0.1:1/")], "a secret answer")
    }

    fn all(&self) -> Vec<Got> {
        self.got.lock().unwrap().clone()
    }

    /// Waits until so many deliveries have come.
    async fn wait(&self, count: usize) -> Vec<Got> {
        for _ in 0..600 {
            if self.got.lock().unwrap().len() >= count {
                return self.all();
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        panic!("only {:?} came", self.all());
    }
}

/// A server that may reach the receivers of the test.
async fn server() -> Server {
    with(|_| {}).await
}

async fn with(change: impl FnOnce(&mut tagloom_server::Settings)) -> Server {
    Server::with(|s| {
        s.subnets = s.subnets.clone().allowing(["127.0.0.1/32".parse().unwrap()]);
        s.webhook_timeout = Duration::from_secs(5);
        change(s);
    })
    .await
}

async fn hook(server: &Server, project: i64, receiver: &Receiver, more: Value) -> i64 {
    let mut body = json!({"project": project, "url": receiver.url});
    body.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap_or_default());
    server.post("/api/webhooks/", body).await["id"].as_i64().unwrap()
}

fn choice(label: &str) -> Value {
    json!([{"id": "r1", "from_name": "c", "to_name": "t", "type": "choices", "value": {"choices": [label]}}])
}

/// Waits until nothing waits, and gives the deliveries, newest first.
async fn settled(server: &Server, hook: i64) -> Vec<Value> {
    for _ in 0..600 {
        let list = server.get(&format!("/api/webhooks/{hook}/deliveries/")).await;
        let list = list.as_array().unwrap().clone();
        if !list.is_empty() && list.iter().all(|d| d["state"] != "waiting") {
            return list;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    panic!("deliveries still wait");
}

#[tokio::test]
async fn a_webhook_is_made_changed_listed_and_deleted() {
    let server = server().await;
    let project = server.project(TEXT_CONFIG).await;
    let body = json!({"project": project, "url": "http://127.0.0.1:9/hook", "headers": {"X-A": "b"}});
    let made = server.post("/api/webhooks/", body).await;
    let id = made["id"].as_i64().unwrap();
    assert_timestamp(&made["created_at"]);
    let expected = json!({
        "id": id, "organization": 1, "project": project, "url": "http://127.0.0.1:9/hook", "send_payload": true,
        "send_for_all_actions": true, "headers": {"X-A": "b"}, "is_active": true, "actions": [],
        "created_at": made["created_at"], "updated_at": made["updated_at"],
    });
    assert_eq!(made.to_string(), expected.to_string());
    let path = format!("/api/webhooks/{id}/");
    assert_eq!(server.get(&path).await, made);
    assert_eq!(server.get("/api/webhooks/").await, json!([made]));
    assert_eq!(server.get(&format!("/api/webhooks/?project={project}")).await, json!([made]));
    let other = server.project(TEXT_CONFIG).await;
    assert_eq!(server.get(&format!("/api/webhooks/?project={other}")).await, json!([]));

    let change = json!({"actions": ["TASKS_CREATED"], "send_for_all_actions": false, "project": other});
    let changed = server.patch(&path, change).await;
    assert_eq!((&changed["actions"], &changed["project"]), (&json!(["TASKS_CREATED"]), &json!(project)));
    assert_eq!(changed["url"], "http://127.0.0.1:9/hook");
    assert!(
        server.ask("PUT", &path).json(json!({"is_active": false})).send().await.error(400).contains("url")
    );
    let body = json!({"url": "http://127.0.0.1:10/", "is_active": false});
    let changed = server.ask("PUT", &path).json(body).ok().await;
    assert_eq!((&changed["url"], &changed["is_active"]), (&json!("http://127.0.0.1:10/"), &json!(false)));
    assert_eq!(server.ask("DELETE", &path).send().await.status, 204);
    server.ask("GET", &path).send().await.error(404);

    let made = server.post("/api/webhooks/", json!({"project": project, "url": "http://127.0.0.1:9/"})).await;
    assert_eq!(server.ask("DELETE", &format!("/api/projects/{project}/")).send().await.status, 204);
    server.ask("GET", &format!("/api/webhooks/{}/", made["id"])).send().await.error(404);
}

#[tokio::test]
async fn what_can_be_told_is_described() {
    let server = Server::empty(|_| {}).await;
    let all = server.anonymous("GET", "/api/webhooks/info/").ok().await;
    assert_eq!(all.as_object().unwrap().len(), 12);
    assert_eq!(keys(&all["TASKS_CREATED"]), ["name", "description", "key", "organization-only"]);
    assert_eq!(
        (&all["TASKS_CREATED"]["key"], &all["ANNOTATIONS_DELETED"]["key"]),
        (&json!("tasks"), &json!("annotations"))
    );
    let only = server.anonymous("GET", "/api/webhooks/info/?organization-only=true").ok().await;
    assert_eq!(keys(&only), ["PROJECT_CREATED", "PROJECT_DELETED"]);
    let rest = server.anonymous("GET", "/api/webhooks/info/?organization-only=false").ok().await;
    assert_eq!(rest.as_object().unwrap().len(), 10);
}

#[tokio::test]
async fn what_may_not_be_saved() {
    let server = server().await;
    let project = server.project(TEXT_CONFIG).await;
    let good = "http://127.0.0.1:9/";
    let refuse = async |body: Value, status: u16, words: &[&str]| {
        let text = server.ask("POST", "/api/webhooks/").json(body.clone()).send().await.error(status);
        for word in words {
            assert!(text.contains(word), "{body}: {text}");
        }
    };
    refuse(json!({"url": good}), 404, &["Project not found."]).await;
    refuse(json!({"url": good, "project": 4711}), 404, &["Project not found."]).await;
    refuse(json!({"project": project}), 400, &["url", "required"]).await;
    for url in ["", "nonsense", "file:///etc/passwd", "ftp://example.com/", "gopher://127.0.0.1/"] {
        refuse(json!({"project": project, "url": url}), 400, &["url"]).await;
    }
    for url in ["http://169.254.169.254/latest", "http://10.0.0.1/", "http://[::1]/", "http://0x7f000002/"] {
        refuse(json!({"project": project, "url": url}), 403, &["private"]).await;
    }
    let headers: serde_json::Map<String, Value> = (0..11).map(|n| (format!("X-{n}"), json!("v"))).collect();
    let with = |headers: Value| json!({"project": project, "url": good, "headers": headers});
    refuse(with(headers.into()), 400, &["headers", "11"]).await;
    refuse(with(json!({"X A": "v"})), 400, &["X A"]).await;
    refuse(with(json!({"Host": "v"})), 400, &["Host"]).await;
    refuse(with(json!({"X-A": "a\r\nX-B: c"})), 400, &["X-A"]).await;
    refuse(with(json!({"X-A": 1})), 400, &["X-A"]).await;
    refuse(with(json!([1])), 400, &["headers"]).await;
    let actions = |list: Value| json!({"project": project, "url": good, "actions": list});
    refuse(actions(json!(["TASKS_CREATED", "NOTHING"])), 400, &["NOTHING"]).await;
    refuse(actions(json!(["PROJECT_CREATED"])), 400, &["PROJECT_CREATED"]).await;
    refuse(actions(json!("x")), 400, &["actions"]).await;
    refuse(json!({"project": project, "url": good, "is_active": "maybe"}), 400, &["is_active"]).await;
    assert_eq!(server.get("/api/webhooks/").await, json!([]));

    // A change is checked as well.
    let id = server.post("/api/webhooks/", json!({"project": project, "url": good})).await["id"].clone();
    let path = format!("/api/webhooks/{id}/");
    server.ask("PATCH", &path).json(json!({"url": "http://192.168.0.1/"})).send().await.error(403);
    assert_eq!(server.get(&path).await["url"], good);
}

/// Every address of the corpus that stands for itself, without a name to be looked up.
#[tokio::test]
async fn cve_2022_31188_no_address_of_the_corpus_is_saved() {
    let server = Server::start().await;
    let project = server.project(TEXT_CONFIG).await;
    let corpus = include_str!("../data/egress/refused.txt");
    let mut tried = 0;
    for url in corpus.lines().filter(|line| !line.starts_with('#') && !line.contains(".test")) {
        let body = json!({"project": project, "url": url});
        let answer = server.ask("POST", "/api/webhooks/").json(body).send().await;
        assert!(matches!(answer.status, 400 | 403), "{url}: {answer:?}");
        tried += 1;
    }
    assert!(tried > 100, "{tried}");
    assert_eq!(server.get("/api/webhooks/").await, json!([]));
}

#[tokio::test]
async fn every_change_is_told_in_its_order() {
    let server = server().await;
    let receiver = Receiver::start(&[200]).await;
    let (project, _) = server.tasks(0).await;
    hook(&server, project, &receiver, json!({"headers": {"X-Key": "k1"}})).await;

    let path = format!("/api/projects/{project}/import?return_task_ids=true");
    let ids = server.post(&path, json!([{"text": "a"}, {"text": "b"}])).await["task_ids"].clone();
    let (first, second) = (ids[0].as_i64().unwrap(), ids[1].as_i64().unwrap());
    let by_hand = server.post("/api/tasks/", json!({"project": project, "data": {"text": "c"}})).await;
    let body = json!({"result": choice("A"), "lead_time": 2.5});
    let annotation = server.post(&format!("/api/tasks/{first}/annotations/"), body).await;
    let path = format!("/api/annotations/{}/", annotation["id"]);
    server.patch(&path, json!({"result": choice("B")})).await;
    assert_eq!(server.ask("DELETE", &path).send().await.status, 204);
    server.patch(&format!("/api/projects/{project}/"), json!({"title": "New title"})).await;
    assert_eq!(server.ask("DELETE", &format!("/api/tasks/{second}/")).send().await.status, 204);
    assert_eq!(server.ask("DELETE", &format!("/api/projects/{project}/tasks/")).send().await.status, 204);

    let got = receiver.wait(8).await;
    let actions: Vec<&str> = got.iter().map(Got::action).collect();
    assert_eq!(
        actions,
        [
            "TASKS_CREATED",
            "TASKS_CREATED",
            "ANNOTATION_CREATED",
            "ANNOTATION_UPDATED",
            "ANNOTATIONS_DELETED",
            "PROJECT_UPDATED",
            "TASKS_DELETED",
            "TASKS_DELETED",
        ]
    );
    for one in &got {
        assert_eq!(one.headers["content-type"], "application/json");
        assert_eq!(one.headers["x-key"], "k1");
        assert_eq!(one.body["project"]["id"], project, "{one:?}");
    }
    let uids: std::collections::HashSet<&str> = got.iter().map(Got::uid).collect();
    assert_eq!(uids.len(), 8);

    let tasks = &got[0].body["tasks"];
    assert_eq!(tasks.as_array().unwrap().len(), 2);
    assert_eq!(
        keys(&tasks[0]),
        [
            "id",
            "data",
            "meta",
            "created_at",
            "updated_at",
            "is_labeled",
            "allow_skip",
            "overlap",
            "inner_id",
            "total_annotations",
            "cancelled_annotations",
            "total_predictions",
            "precomputed_agreement",
            "comment_count",
            "unresolved_comment_count",
            "last_comment_updated_at",
            "project",
            "updated_by",
            "file_upload",
            "comment_authors",
        ]
    );
    assert_eq!((&tasks[0]["id"], &tasks[0]["data"]), (&json!(first), &json!({"text": "a"})));
    assert_eq!(got[1].body["tasks"][0]["id"], by_hand["id"]);

    let told = &got[2].body;
    assert_eq!(keys(told), ["action", "project", "annotation", "task"]);
    assert_eq!(
        keys(&told["annotation"]),
        [
            "id",
            "result",
            "was_cancelled",
            "ground_truth",
            "created_at",
            "updated_at",
            "draft_created_at",
            "lead_time",
            "prediction",
            "result_count",
            "unique_id",
            "import_id",
            "last_action",
            "bulk_created",
            "task",
            "project",
            "completed_by",
            "updated_by",
            "parent_prediction",
            "parent_annotation",
            "last_created_by",
        ]
    );
    assert_eq!((&told["annotation"]["id"], &told["annotation"]["result"]), (&annotation["id"], &choice("A")));
    assert_eq!(
        (&told["annotation"]["completed_by"], &told["annotation"]["result_count"]),
        (&json!(1), &json!(1))
    );
    assert_eq!(told["annotation"]["unique_id"].as_str().unwrap().len(), 36);
    // As it was when the annotation was made.
    assert_eq!((&told["task"]["id"], &told["task"]["total_annotations"]), (&json!(first), &json!(1)));
    assert_eq!(got[3].body["annotation"]["result"], choice("B"));
    assert_eq!(got[4].body["annotations"], json!([{"id": annotation["id"]}]));
    assert_eq!(got[6].body["tasks"], json!([{"id": second}]));
    assert_eq!(got[7].body["tasks"], json!([{"id": first}, {"id": by_hand["id"]}]));

    let about = &got[5].body["project"];
    assert_eq!(about["title"], "New title");
    for (key, value) in [("task_number", 3), ("finished_task_number", 0), ("total_annotations_number", 0)] {
        assert_eq!(about[key], value, "{key}");
    }
    assert_eq!((&about["organization"], &about["created_by"]), (&json!(1), &json!(1)));
    assert_eq!(about["data_types"], json!({"text": "Text"}));
    assert_eq!(about["control_weights"]["c"]["type"], "Choices");
    for secret in ["token", "task_data_password"] {
        assert!(about.get(secret).is_none(), "{secret}");
    }
}

#[tokio::test]
async fn a_webhook_hears_what_it_asked_for_only() {
    let server = server().await;
    let (all, chosen, terse, off) = tokio::join!(
        Receiver::start(&[200]),
        Receiver::start(&[200]),
        Receiver::start(&[200]),
        Receiver::start(&[200])
    );
    let (project, ids) = server.tasks(1).await;
    let (other, others) = server.tasks(1).await;
    hook(&server, project, &all, json!({})).await;
    let some = json!({"send_for_all_actions": false, "actions": ["ANNOTATION_UPDATED"]});
    hook(&server, project, &chosen, some).await;
    hook(&server, project, &terse, json!({"send_payload": false})).await;
    hook(&server, project, &off, json!({"is_active": false})).await;
    server.post(&format!("/api/tasks/{}/annotations/", others[0]), json!({"result": []})).await;
    let made = server.post(&format!("/api/tasks/{}/annotations/", ids[0]), json!({"result": []})).await;
    server.patch(&format!("/api/annotations/{}/", made["id"]), json!({"lead_time": 1})).await;
    assert_eq!(chosen.wait(1).await[0].action(), "ANNOTATION_UPDATED");
    let got = terse.wait(2).await;
    assert_eq!(
        got.iter().map(|g| &g.body).collect::<Vec<_>>(),
        [&json!({"action": "ANNOTATION_CREATED"}), &json!({"action": "ANNOTATION_UPDATED"}),]
    );
    let got = all.wait(2).await;
    assert!(got.iter().all(|g| g.body["annotation"]["project"] == project), "{other}: {got:?}");
    assert_eq!((all.all().len(), chosen.all().len(), off.all().len()), (2, 1, 0));
}

#[tokio::test]
async fn an_organization_is_told_of_its_projects() {
    let server = with(|s| s.organization_webhooks = true).await;
    server.stranger().await;
    let receiver = Receiver::start(&[200]).await;
    let made = server.post("/api/webhooks/", json!({"url": receiver.url})).await;
    assert_eq!(made["project"], Value::Null);
    let foreign =
        server.anonymous("POST", "/api/projects/").token(STRANGER).json(json!({"title": "Foreign"}));
    foreign.ok().await;
    let (project, _) = server.tasks(2).await;
    assert_eq!(server.ask("DELETE", &format!("/api/projects/{project}/")).send().await.status, 204);
    let got = receiver.wait(3).await;
    let actions: Vec<&str> = got.iter().map(Got::action).collect();
    assert_eq!(actions, ["PROJECT_CREATED", "TASKS_CREATED", "PROJECT_DELETED"]);
    assert_eq!(
        (&got[0].body["project"]["id"], &got[0].body["project"]["task_number"]),
        (&json!(project), &json!(0))
    );
    assert_eq!(got[2].body["project"], json!({"id": project}));
    let list = settled(&server, made["id"].as_i64().unwrap()).await;
    assert_eq!(list.len(), 3);
}

#[tokio::test]
async fn many_tasks_are_told_in_parts() {
    let server = with(|s| s.webhook_batch_size = 4).await;
    let receiver = Receiver::start(&[200]).await;
    let project = server.project(TEXT_CONFIG).await;
    hook(&server, project, &receiver, json!({})).await;
    let list: Vec<Value> = (0..10).map(|n| json!({"text": format!("{n}")})).collect();
    let answer = server.post(&format!("/api/projects/{project}/import"), list.into()).await;
    // Nobody asked for them.
    assert!(answer.get("task_ids").is_none());
    let got = receiver.wait(3).await;
    let parts: Vec<usize> = got.iter().map(|g| g.body["tasks"].as_array().unwrap().len()).collect();
    assert_eq!(parts, [4, 4, 2]);
    let texts: Vec<&str> = got
        .iter()
        .flat_map(|g| g.body["tasks"].as_array().unwrap())
        .map(|t| t["data"]["text"].as_str().unwrap())
        .collect();
    assert_eq!(texts, ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"]);
}

#[tokio::test]
async fn a_receiver_that_is_away_for_a_moment_gets_all_of_it_in_order() {
    let server = server().await;
    let receiver = Receiver::start(&[503, 429, 200]).await;
    let (project, ids) = server.tasks(1).await;
    let id = hook(&server, project, &receiver, json!({})).await;
    let made = server.post(&format!("/api/tasks/{}/annotations/", ids[0]), json!({"result": []})).await;
    server.patch(&format!("/api/annotations/{}/", made["id"]), json!({"lead_time": 1})).await;
    let got = receiver.wait(4).await;
    let actions: Vec<&str> = got.iter().map(Got::action).collect();
    assert_eq!(
        actions,
        ["ANNOTATION_CREATED", "ANNOTATION_CREATED", "ANNOTATION_CREATED", "ANNOTATION_UPDATED"]
    );
    // A receiver can tell that it is the same one.
    assert_eq!(got[0].uid(), got[2].uid());
    assert_ne!(got[0].uid(), got[3].uid());
    let list = settled(&server, id).await;
    assert_eq!(list.len(), 2);
    assert_eq!(
        keys(&list[1]),
        ["id", "action", "project", "state", "attempts", "status_code", "error", "created_at", "updated_at",]
    );
    assert_eq!(list[1]["id"], got[0].uid());
    assert_eq!((&list[1]["state"], &list[1]["attempts"]), (&json!("delivered"), &json!(3)));
    assert_eq!((&list[1]["status_code"], &list[1]["error"]), (&json!(200), &Value::Null));
    assert_eq!((&list[0]["action"], &list[0]["attempts"]), (&json!("ANNOTATION_UPDATED"), &json!(1)));
}

#[tokio::test]
async fn what_cannot_go_better_is_not_repeated() {
    let server = server().await;
    for (status, words) in [(404, "answered 404"), (302, "redirected (302)")] {
        let receiver = Receiver::start(&[status]).await;
        let (project, _) = server.tasks(0).await;
        let id = hook(&server, project, &receiver, json!({})).await;
        server.patch(&format!("/api/projects/{project}/"), json!({"title": "New title"})).await;
        let list = settled(&server, id).await;
        assert_eq!((&list[0]["state"], &list[0]["status_code"]), (&json!("failed"), &json!(status)));
        let error = list[0]["error"].as_str().unwrap();
        assert!(error.contains(words) && !error.contains("secret"), "{error}");
        assert_eq!(receiver.all().len(), 1);
    }
}

#[tokio::test]
async fn cve_2023_47116_an_address_that_turned_private_is_refused_on_send() {
    let server = Server::start().await;
    let (project, _) = server.tasks(0).await;
    let body = json!({"project": project, "url": "http://8.8.8.8/", "is_active": false});
    let id = server.post("/api/webhooks/", body).await["id"].as_i64().unwrap();
    // As if the name had another address by now.
    let receiver = Receiver::start(&[200]).await;
    let tx = server.state.db.write().await.unwrap();
    let sql = "UPDATE webhooks SET url = $1, is_active = $2 WHERE id = $3";
    db::run(&*tx, sql, vec![receiver.url.clone().into(), true.into(), id.into()]).await.unwrap();
    tx.commit().await.unwrap();
    // Within a second the process knows of it.
    tokio::time::sleep(Duration::from_millis(1100)).await;
    server.patch(&format!("/api/projects/{project}/"), json!({"title": "New title"})).await;
    let list = settled(&server, id).await;
    assert!(list[0]["error"].as_str().unwrap().contains("refused"), "{list:?}");
    assert_eq!(receiver.all().len(), 0);
}

#[tokio::test]
async fn a_dead_receiver_is_given_up_and_gathers_nothing() {
    let server = server().await;
    let receiver = Receiver::start(&[500]).await;
    let (project, _) = server.tasks(0).await;
    let id = hook(&server, project, &receiver, json!({})).await;
    for n in 0..3 {
        server.patch(&format!("/api/projects/{project}/"), json!({"title": format!("Title {n}")})).await;
    }
    receiver.wait(1).await;
    let tx = server.state.db.write().await.unwrap();
    let sql = "UPDATE webhook_deliveries SET created_at = '2020-01-01T00:00:00.000000Z'";
    db::run(&*tx, sql, vec![]).await.unwrap();
    tx.commit().await.unwrap();
    let list = settled(&server, id).await;
    assert_eq!(list.len(), 3);
    assert!(list.iter().all(|d| d["state"] == "failed"), "{list:?}");
    assert!(list[0]["error"].as_str().unwrap().contains("given up"), "{list:?}");
    assert_eq!(list[0]["attempts"], 0, "only the first one was tried");
}

#[tokio::test]
async fn what_waits_for_a_webhook_that_is_switched_off_is_never_sent() {
    let server = server().await;
    let receiver = Receiver::start(&[503]).await;
    let (project, _) = server.tasks(0).await;
    let id = hook(&server, project, &receiver, json!({})).await;
    for title in ["One more", "Two more"] {
        server.patch(&format!("/api/projects/{project}/"), json!({"title": title})).await;
    }
    receiver.wait(1).await;
    server.patch(&format!("/api/webhooks/{id}/"), json!({"is_active": false})).await;
    let list = settled(&server, id).await;
    assert!(list[0]["error"].as_str().unwrap().contains("switched off"), "{list:?}");
    assert!(list.iter().all(|d| d["state"] == "failed"));
}

#[tokio::test]
async fn what_is_rolled_back_is_never_told() {
    let server = server().await;
    let receiver = Receiver::start(&[200]).await;
    let project = server.project(TEXT_CONFIG).await;
    let id = hook(&server, project, &receiver, json!({})).await;
    let path = format!("/api/projects/{project}/import");
    server.ask("POST", &path).json(json!([{"text": "a"}, {"wrong": "b"}])).send().await.error(400);
    server
        .ask("PATCH", &format!("/api/projects/{project}/"))
        .json(json!({"title": "x"}))
        .send()
        .await
        .error(400);
    server.post(&path, json!([{"text": "a"}])).await;
    let list = settled(&server, id).await;
    assert_eq!(list.len(), 1);
    assert_eq!(receiver.wait(1).await[0].action(), "TASKS_CREATED");
}

/// Two processes on one database: each delivery leaves once, and in order.
#[tokio::test(flavor = "multi_thread")]
async fn two_servers_deliver_everything_once() {
    let server = server().await;
    let second = server.beside().await;
    tagloom_server::events::start(&second.state);
    let receiver = Receiver::start(&[200]).await;
    let (project, ids) = server.tasks(1).await;
    let id = hook(&server, project, &receiver, json!({"send_payload": true})).await;
    // The other process learns of the webhook within a second.
    tokio::time::sleep(Duration::from_millis(1100)).await;
    let made = server.post(&format!("/api/tasks/{}/annotations/", ids[0]), json!({"result": []})).await;
    let path = format!("/api/annotations/{}/", made["id"]);
    for n in 1..=40 {
        let by = if n % 2 == 0 { &server } else { &second };
        by.patch(&path, json!({ "lead_time": n })).await;
    }
    let got = receiver.wait(41).await;
    settled(&server, id).await;
    assert_eq!(receiver.all().len(), 41, "nothing came twice");
    let times: Vec<f64> =
        got[1..].iter().map(|g| g.body["annotation"]["lead_time"].as_f64().unwrap()).collect();
    assert!(times.is_sorted(), "{times:?}");
}

#[tokio::test]
async fn a_worker_that_dies_is_succeeded() {
    let server = server().await;
    let receiver = Receiver::start(&[200]).await;
    let (project, _) = server.tasks(0).await;
    let id = hook(&server, project, &receiver, json!({})).await;
    // Somebody had taken the webhook, and is gone without a word.
    let tx = server.state.db.write().await.unwrap();
    let sql = "UPDATE webhooks SET worker = 'gone', lease_until = $1 WHERE id = $2";
    let until = tagloom_server::time::in_seconds(2);
    db::run(&*tx, sql, vec![until.clone().into(), id.into()]).await.unwrap();
    tx.commit().await.unwrap();
    server.patch(&format!("/api/projects/{project}/"), json!({"title": "New title"})).await;
    let list = settled(&server, id).await;
    assert_eq!((&list[0]["state"], &list[0]["attempts"]), (&json!("delivered"), &json!(1)));
    assert!(
        list[0]["updated_at"].as_str().unwrap() > until.as_str(),
        "not before its time was over: {list:?}"
    );
    assert_eq!(receiver.all().len(), 1);
}

#[tokio::test]
async fn old_ends_are_forgotten_and_bodies_are_not_kept() {
    let server = server().await;
    let receiver = Receiver::start(&[200]).await;
    let (project, _) = server.tasks(0).await;
    let id = hook(&server, project, &receiver, json!({})).await;
    for n in 0..110 {
        server.patch(&format!("/api/projects/{project}/"), json!({"title": format!("Title {n}")})).await;
    }
    receiver.wait(110).await;
    settled(&server, id).await;
    let count = async |which: &str| {
        let sql = format!("SELECT COUNT(*) FROM webhook_deliveries {which}");
        db::count(server.state.db.read(), &sql, vec![]).await.unwrap()
    };
    for _ in 0..200 {
        if count("").await <= 101 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    assert!(count("").await <= 101, "{}", count("").await);
    assert_eq!(count("WHERE body IS NOT NULL").await, 0);
}

#[tokio::test]
async fn actions_on_many_tasks_tell_what_they_made_and_deleted() {
    let receiver = Receiver::start(&[200]).await;
    let server = server().await;
    let project = server.project(TEXT_CONFIG).await;
    let task =
        json!({"data": {"text": "same"}, "predictions": [{"model_version": "m", "result": choice("A")}]});
    let path = format!("/api/projects/{project}/import?return_task_ids=true");
    let ids = server.post(&path, json!([task, task])).await["task_ids"].clone();
    let actions = ["ANNOTATIONS_CREATED", "ANNOTATIONS_DELETED", "TASKS_DELETED"];
    hook(&server, project, &receiver, json!({"send_for_all_actions": false, "actions": actions})).await;
    let run = async |action: &str, count: usize| -> Got {
        let path = format!("/api/dm/actions/?id={action}&project={project}");
        server.post(&path, json!({"selectedItems": {"all": true, "excluded": []}})).await;
        let got = receiver.wait(count).await;
        assert_eq!(got.len(), count, "{got:?}");
        got[count - 1].clone()
    };
    let made = run("predictions_to_annotations", 1).await;
    assert_eq!(made.action(), "ANNOTATIONS_CREATED");
    let annotations: Vec<&Value> =
        made.body["annotation"].as_array().unwrap().iter().map(|a| &a["id"]).collect();
    assert_eq!(annotations.len(), 2, "{}", made.body);
    let gone = run("delete_tasks_annotations", 2).await;
    assert_eq!(gone.action(), "ANNOTATIONS_DELETED");
    let deleted: Vec<&Value> =
        gone.body["annotations"].as_array().unwrap().iter().map(|a| &a["id"]).collect();
    assert_eq!(deleted, annotations);
    let removed = run("remove_duplicates", 3).await;
    assert_eq!((removed.action(), &removed.body["tasks"][0]["id"]), ("TASKS_DELETED", &ids[1]));
}
