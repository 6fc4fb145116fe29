//! Tasks and predictions by hand: what may be written, and what comes back.

use crate::support::*;
use serde_json::{Value, json};

const TWO: &str = r#"<View><Text name="t" value="$text"/><Choices name="c" toName="t"><Choice value="A"/></Choices><Rating name="r" toName="t"/><TextArea name="note" toName="t"/><Number name="n" toName="t"/></View>"#;

#[tokio::test]
async fn what_a_task_may_be() {
    let server = Server::start().await;
    let project = server.project(TEXT_CONFIG).await;
    let bad = async |method: &str, path: &str, body: Value, word: &str| {
        let text = server.ask(method, path).json(body.clone()).send().await.error(400);
        assert!(text.contains(word), "{body}: {text}");
    };
    for path in ["/api/tasks/".to_owned(), format!("/api/projects/{project}/tasks/")] {
        let with = |mut body: Value| {
            body["project"] = project.into();
            body
        };
        bad("POST", &path, with(json!({})), "data").await;
        bad("POST", &path, with(json!({"data": "x"})), "data").await;
        bad("POST", &path, with(json!({"data": {"other": 1}})), "text").await;
        bad("POST", &path, with(json!({"data": {"text": "x"}, "meta": 1})), "meta").await;
        bad("POST", &path, with(json!({"data": {"text": "x"}, "overlap": 0})), "overlap").await;
        bad("POST", &path, with(json!({"data": {"text": "x"}, "allow_skip": 1})), "allow_skip").await;
    }
    bad("POST", "/api/tasks/", json!({"data": {"text": "x"}}), "project").await;
    server.ask("POST", "/api/tasks/").json(json!({"project": 4711, "data": {}})).send().await.error(404);
    assert_eq!(server.get(&format!("/api/tasks/?project={project}")).await["total"], 0);

    let body =
        json!({"project": project, "data": {"text": "x"}, "overlap": 2, "allow_skip": false, "meta": null});
    let made = server.post("/api/tasks/", body).await;
    assert_eq!(
        (&made["overlap"], &made["allow_skip"], &made["meta"]),
        (&json!(2), &json!(false), &json!({}))
    );
    let path = format!("/api/tasks/{}/", made["id"]);
    bad("PATCH", &path, json!({"data": {"other": 1}}), "text").await;
    bad("PATCH", &path, json!({"meta": "x"}), "meta").await;
    bad("PUT", &path, json!({"meta": {}}), "data").await;
    assert_eq!(server.get(&path).await["data"], json!({"text": "x"}));
    let agreement = server.ask("GET", &format!("{path}agreement/")).send().await;
    agreement.error(403);
}

#[tokio::test]
async fn fewer_people_may_make_a_task_done() {
    let server = Server::start().await;
    let project = server.project(TEXT_CONFIG).await;
    let made =
        server.post("/api/tasks/", json!({"project": project, "data": {"text": "x"}, "overlap": 2})).await;
    let path = format!("/api/tasks/{}/", made["id"]);
    server.post(&format!("{path}annotations/"), json!({"result": []})).await;
    assert_eq!(server.get(&path).await["is_labeled"], false);
    let changed = server.patch(&path, json!({"overlap": 1})).await;
    assert_eq!((&changed["is_labeled"], &changed["overlap"]), (&json!(true), &json!(1)));
    assert_eq!(changed["annotations"].as_array().unwrap().len(), 1);
    assert_eq!(changed["data"], json!({"text": "x"}), "what was not named stays");
}

#[tokio::test]
async fn forms_of_an_uploaded_task() {
    let server = Server::start().await;
    let project = server.project(TEXT_CONFIG).await;
    let upload = server.upload(project, "t.csv", "text\nx\n").await.json();
    let (id, file) =
        (upload["task_ids"][0].as_i64().unwrap(), upload["file_upload_ids"][0].as_i64().unwrap());
    let name = server.get(&format!("/api/tasks/{id}/")).await["file_upload"].as_str().unwrap().to_owned();
    assert!(name.ends_with("-t.csv") && !name.contains('/'), "{name}");
    let changed = server.patch(&format!("/api/tasks/{id}/"), json!({"meta": {"a": 1}})).await;
    assert_eq!((&changed["file_upload"], &changed["updated_by"]), (&json!(file), &json!(1)));
    assert_eq!(server.get(&format!("/api/projects/{project}/tasks/")).await[0]["file_upload"], file);
    assert_eq!(server.get(&format!("/api/tasks/{id}/")).await["updated_by"], json!([{"user_id": 1}]));
}

#[tokio::test]
async fn what_had_no_name_gets_that_of_the_config() {
    let server = Server::start().await;
    let project = server.project("<View></View>").await;
    let id =
        server.upload(project, "lines.txt", "first\nsecond\n").await.json()["task_ids"][0].as_i64().unwrap();
    let path = format!("/api/tasks/{id}/");
    assert_eq!(server.get(&path).await["data"], json!({"$undefined$": "first"}));
    server.patch(&format!("/api/projects/{project}/"), json!({"label_config": TEXT_CONFIG})).await;
    let named = json!({"text": "first"});
    assert_eq!(server.get(&path).await["data"], named);
    assert_eq!(
        server.get(&format!("/api/projects/{project}/tasks/")).await[1]["data"],
        json!({"text": "first"})
    );
    assert_eq!(server.get(&format!("/api/projects/{project}/next/")).await["data"], named);
    assert_eq!(server.patch(&path, json!({"meta": {"a": 1}})).await["data"], named);
}

#[tokio::test]
async fn a_prediction_is_wrapped_for_the_control_that_fits() {
    let server = Server::start().await;
    let project = server.project(TWO).await;
    let task =
        server.post("/api/tasks/", json!({"project": project, "data": {"text": "x"}})).await["id"].clone();
    let region = |from: &str, kind: &str, value: Value| json!([{"from_name": from, "to_name": "t", "type": kind, "value": value}]);
    for (given, stored) in [
        (json!([]), json!([])),
        (json!({"choices": ["A"]}), region("c", "choices", json!({"choices": ["A"]}))),
        (json!({"rating": 4}), region("r", "rating", json!({"rating": 4}))),
        (json!("A"), region("c", "choices", json!({"choices": ["A"]}))),
        (json!(4), region("r", "rating", json!({"rating": 4}))),
    ] {
        let made = server.post("/api/predictions/", json!({"task": task, "result": given})).await;
        assert_eq!(made["result"], stored, "{given}");
        assert_eq!((&made["project"], &made["model_version"]), (&json!(project), &json!("undefined")));
    }
    for (field, body) in [
        ("task", json!({"result": []})),
        ("result", json!({"task": task})),
        ("result", json!({"task": task, "result": {"polygon": []}})),
        ("result", json!({"task": task, "result": true})),
        ("score", json!({"task": task, "result": [], "score": "high"})),
        ("model_version", json!({"task": task, "result": [], "model_version": 1})),
    ] {
        let text = server.ask("POST", "/api/predictions/").json(body.clone()).send().await.error(400);
        assert!(text.contains(field), "{body}: {text}");
    }
    server.ask("POST", "/api/predictions/").json(json!({"task": 4711, "result": []})).send().await.error(404);
}

#[tokio::test]
async fn predictions_are_counted_scored_and_listed() {
    let server = Server::start().await;
    let (project, ids) = server.tasks(2).await;
    let (other, others) = server.tasks(1).await;
    let path = format!("/api/tasks/{}/", ids[0]);
    let make = async |task: i64, score: f64| {
        server.post("/api/predictions/", json!({"task": task, "result": [], "score": score})).await["id"]
            .clone()
    };
    let (first, second) = (make(ids[0], 0.5).await, make(ids[0], 1.0).await);
    let third = make(ids[1], 0.1).await;
    let fourth = make(others[0], 0.2).await;
    let state = async || {
        let task = server.get(&path).await;
        (task["total_predictions"].clone(), task["predictions_score"].clone())
    };
    assert_eq!(state().await, (json!(2), json!(0.75)));
    let changed = server
        .patch(&format!("/api/predictions/{first}/"), json!({"score": 0.0, "model_version": "v"}))
        .await;
    assert_eq!((&changed["score"], &changed["model_version"]), (&json!(0.0), &json!("v")));
    assert_eq!(state().await, (json!(2), json!(0.5)));
    // The column that lists are ordered by follows.
    let sql = "SELECT CAST(predictions_score * 100 AS BIGINT) FROM tasks WHERE id = $1";
    let kept = tagloom_server::db::count(server.state.db.read(), sql, vec![ids[0].into()]).await.unwrap();
    assert_eq!(kept, 50);
    assert_eq!(server.ask("DELETE", &format!("/api/predictions/{second}/")).send().await.status, 204);
    assert_eq!(state().await, (json!(1), json!(0.0)));

    let list = async |query: &str| -> Vec<Value> {
        let found = server.get(&format!("/api/predictions/?{query}")).await;
        found.as_array().unwrap().iter().map(|p| p["id"].clone()).collect()
    };
    assert_eq!(list(&format!("project={project}")).await, [first.clone(), third.clone()]);
    assert_eq!(list(&format!("task__project={other}")).await, std::slice::from_ref(&fourth));
    assert_eq!(list(&format!("task={}", ids[1])).await, std::slice::from_ref(&third));
    assert_eq!(list(&format!("task={}&project={other}", ids[1])).await, Vec::<Value>::new());
    assert_eq!(list("").await, [first, third, fourth], "those of all projects");
    server.ask("GET", "/api/predictions/?task=4711").send().await.error(404);
}
