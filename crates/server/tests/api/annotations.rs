//! Annotations: stored as sent, once; counters follow.

use crate::support::*;
use serde_json::{Value, json};

#[tokio::test]
async fn a_result_comes_back_as_it_was_sent() {
    let server = Server::start().await;
    let (project, ids) = server.tasks(1).await;
    // Unknown keys and types, long numbers, an emoji, an escaped NUL, the order of keys.
    let result = r#"[{"zeta":1,"id":"ñ😀","from_name":"x","to_name":"y","type":"from-the-future","value":{"x":33.333333333333336,"big":12345678901234567890,"tiny":5e-324,"one":1.0,"nul":"a\u0000b"},"meta":{"text":["note"]},"alpha":null},{"type":"relation","from_id":"ñ😀","to_id":"b","direction":"right"}]"#;
    let path = format!("/api/tasks/{}/annotations/", ids[0]);
    let made = server.ask("POST", &path).body(format!("{{\"result\":{result}}}")).send().await;
    assert_eq!(made.status, 201, "{made:?}");
    let expected: Value = serde_json::from_str(result).unwrap();
    assert_eq!(made.json()["result"].to_string(), expected.to_string());
    let stored = server.ask("GET", &format!("/api/annotations/{}/", made.json()["id"])).send().await;
    assert!(stored.text().contains(&expected.to_string()), "{stored:?}");
    let export = server.ask("GET", &format!("/api/projects/{project}/export?exportType=JSON")).send().await;
    assert_eq!(export.json()[0]["annotations"][0]["result"].to_string(), expected.to_string());
    // A string that holds the list is taken for it.
    let text = server.post(&path, json!({"result": result})).await;
    assert_eq!(text["result"].to_string(), expected.to_string());
}

#[tokio::test]
async fn a_submission_with_an_idempotency_key_is_stored_once() {
    let server = Server::start().await;
    server.colleague().await;
    let (_, ids) = server.tasks(2).await;
    let submit = async |who: &str, task: i64, key: &str, label: &str| {
        let request = server.anonymous("POST", &format!("/api/tasks/{task}/annotations/")).token(who);
        request.header("idempotency-key", key).json(json!({"result": [{"id": label}]})).send().await
    };
    let first = submit(OWNER, ids[0], "key-1", "a").await;
    assert_eq!(first.status, 201);
    let again = submit(OWNER, ids[0], "key-1", "a").await;
    assert_eq!((again.status, again.json()), (201, first.json()));
    let list = async |task: i64| {
        server.get(&format!("/api/tasks/{task}/annotations/")).await.as_array().unwrap().len()
    };
    assert_eq!(list(ids[0]).await, 1);
    // Keys are a person's own.
    assert_eq!(submit(COLLEAGUE, ids[0], "key-1", "b").await.json()["result"], json!([{"id": "b"}]));
    assert_eq!(submit(OWNER, ids[0], "key-2", "c").await.json()["result"], json!([{"id": "c"}]));
    assert_eq!(list(ids[0]).await, 3);
    // A key that was used for another task must not swallow this annotation.
    submit(OWNER, ids[1], "key-1", "d").await.error(422);
    assert_eq!(list(ids[1]).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_submission_many_times_at_once_is_stored_once() {
    let server = Server::start().await;
    let (_, ids) = server.tasks(1).await;
    let path = format!("/api/tasks/{}/annotations/", ids[0]);
    let unique = uuid::Uuid::new_v4().to_string();
    let with_key =
        (0..8).map(|_| server.ask("POST", &path).header("idempotency-key", "k").json(json!({"result": []})));
    let with_id = (0..8).map(|_| server.ask("POST", &path).json(json!({"result": [], "unique_id": unique})));
    let calls: Vec<_> = with_key.chain(with_id).map(|r| tokio::spawn(r.send())).collect();
    let mut counts = std::collections::BTreeMap::new();
    for call in calls {
        *counts.entry(call.await.unwrap().status).or_insert(0) += 1;
    }
    assert_eq!(counts, [(201, 9), (409, 7)].into());
    assert_eq!(server.get(&path).await.as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn a_unique_id_is_taken_once_and_exported() {
    let server = Server::start().await;
    let (project, ids) = server.tasks(2).await;
    let unique = "1B671A64-40D5-491E-99B0-DA01FF1F3341";
    let submit = |task: i64, id: &str| {
        let request = server.ask("POST", &format!("/api/tasks/{task}/annotations/"));
        request.json(json!({"result": [], "unique_id": id})).send()
    };
    let made = submit(ids[0], unique).await;
    assert_eq!(made.status, 201);
    assert!(made.json().get("unique_id").is_none(), "write-only");
    submit(ids[0], unique).await.error(409);
    submit(ids[1], &unique.to_lowercase()).await.error(409);
    assert_eq!(server.get(&format!("/api/tasks/{}/annotations/", ids[0])).await.as_array().unwrap().len(), 1);
    let export = server.get(&format!("/api/projects/{project}/export")).await;
    assert_eq!(export[0]["annotations"][0]["unique_id"], unique.to_lowercase());
}

#[tokio::test]
async fn one_ground_truth_per_task() {
    let server = Server::start().await;
    let (project, ids) = server.tasks(1).await;
    let path = format!("/api/tasks/{}/annotations/", ids[0]);
    let first = server.post(&path, json!({"result": [], "ground_truth": true})).await;
    let second = server.post(&path, json!({"result": [], "ground_truth": true})).await;
    let flags = async || {
        let list = server.get(&path).await;
        list.as_array().unwrap().iter().map(|a| a["ground_truth"].as_bool().unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(flags().await, [false, true]);
    server.patch(&format!("/api/annotations/{}/", first["id"]), json!({"ground_truth": true})).await;
    assert_eq!(flags().await, [true, false]);
    assert_eq!(server.get(&format!("/api/projects/{project}/")).await["ground_truth_number"], 1);
    assert_eq!(server.ask("DELETE", &format!("/api/annotations/{}/", second["id"])).send().await.status, 204);
    assert_eq!(flags().await, [true]);
}

#[tokio::test]
async fn updating_and_deleting_keep_the_counters() {
    let server = Server::start().await;
    let colleague = server.colleague().await;
    let (project, ids) = server.tasks(1).await;
    let body = json!({"result": [{"id": "a"}], "completed_by": colleague, "nonsense": 1});
    let made = server.post(&format!("/api/tasks/{}/annotations/", ids[0]), body).await;
    assert_eq!((&made["completed_by"], &made["updated_by"]), (&json!(colleague), &json!(1)));
    assert!(made.get("nonsense").is_none());
    let path = format!("/api/annotations/{}/", made["id"]);
    let changed = server.patch(&path, json!({"result": [{"id": "a"}, {"id": "b"}], "lead_time": 9.0})).await;
    assert_eq!((&changed["result"][1]["id"], &changed["lead_time"]), (&json!("b"), &json!(9.0)));
    assert_eq!(changed["created_at"], made["created_at"]);
    assert!(changed["updated_at"].as_str() > made["updated_at"].as_str());
    let counters = async || {
        let p = server.get(&format!("/api/projects/{project}/")).await;
        ["total_annotations_number", "skipped_annotations_number", "finished_task_number"]
            .map(|k| p[k].as_i64().unwrap())
    };
    assert_eq!(counters().await, [1, 0, 1]);
    server.patch(&path, json!({"was_cancelled": true})).await;
    assert_eq!(counters().await, [0, 1, 0]);
    let annotators = server.get(&format!("/api/projects/{project}/annotators/")).await;
    assert_eq!(annotators[0]["email"], "colleague@example.com");
    assert_eq!(server.ask("DELETE", &path).send().await.status, 204);
    assert_eq!(counters().await, [0, 0, 0]);
    server.ask("DELETE", &path).send().await.error(404);
}

#[tokio::test]
async fn predictions_take_values_of_a_control() {
    let server = Server::start().await;
    let (project, ids) = server.tasks(1).await;
    let expected =
        json!([{"from_name": "c", "to_name": "t", "type": "choices", "value": {"choices": ["A"]}}]);
    for result in [json!({"choices": ["A"]}), json!("A"), expected.clone()] {
        let made = server.post("/api/predictions/", json!({"task": ids[0], "result": result})).await;
        assert_eq!((&made["result"], &made["project"]), (&expected, &json!(project)));
        assert!(made["score"].is_null());
    }
    let made = server.post("/api/predictions/", json!({"task": ids[0], "result": []})).await;
    let path = format!("/api/predictions/{}/", made["id"]);
    let changed = server.patch(&path, json!({"score": 0.75, "model_version": "v2"})).await;
    assert_eq!((&changed["score"], &changed["model_version"]), (&json!(0.75), &json!("v2")));
    let answer =
        server.ask("POST", "/api/predictions/").json(json!({"task": ids[0], "result": 5})).send().await;
    answer.error(400);
    assert_eq!(server.get(&format!("/api/tasks/{}/", ids[0])).await["total_predictions"], 4);
    assert_eq!(server.ask("DELETE", &path).send().await.status, 204);
    assert_eq!(server.get(&format!("/api/tasks/{}/", ids[0])).await["total_predictions"], 3);
}
