//! Imports: what becomes a task, all or nothing, and what is kept of annotations and predictions.

use crate::support::*;
use serde_json::{Value, json};

async fn data(server: &Server, project: i64) -> Vec<Value> {
    let list = server.get(&format!("/api/tasks/?project={project}&page_size=-1")).await;
    list["tasks"].as_array().unwrap().iter().map(|t| t["data"].clone()).collect()
}

#[tokio::test]
async fn every_kind_of_file_becomes_tasks() {
    let server = Server::start().await;
    for (name, content, expected) in [
        ("a.json", r#"[{"text":"x"},{"data":{"text":"y"}}]"#, json!([{"text": "x"}, {"text": "y"}])),
        ("a.jsonl", "{\"text\":\"x\"}\n{\"text\":\"y\"}\n", json!([{"text": "x"}, {"text": "y"}])),
        ("a.csv", "text;n\n\"x;\ny\";7\n", json!([{"text": "x;\ny", "n": 7}])),
        ("A.TSV", "text\tn\nx\t1\ny\t\n", json!([{"text": "x", "n": 1.0}, {"text": "y", "n": ""}])),
        ("a.txt", "one\ntwo\n", json!([{"text": "one"}, {"text": "two"}])),
        ("a.html", "<p>x</p>", json!([{"text": "<p>x</p>"}])),
    ] {
        let project = server.project(TEXT_CONFIG).await;
        let answer = server.upload(project, name, content).await;
        assert_eq!(answer.status, 201, "{name}: {answer:?}");
        assert_eq!(Value::from(data(&server, project).await), expected, "{name}");
        let task = server.get(&format!("/api/tasks/{}/", answer.json()["task_ids"][0])).await;
        assert!(task["file_upload"].as_str().unwrap().ends_with(&format!("-{name}")), "{task}");
    }
}

#[tokio::test]
async fn several_files_at_once() {
    let server = Server::start().await;
    let project = server.project(TEXT_CONFIG).await;
    let files = vec![
        ("a.csv", b"text,n\na,1\n".to_vec()),
        ("b.csv", b"text\nb\n".to_vec()),
        ("c.json", b"[{\"text\":\"c\"}]".to_vec()),
    ];
    let answer = server.uploads(project, files).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    let answer = answer.json();
    assert_eq!((&answer["task_count"], &answer["data_columns"]), (&json!(3), &json!(["text"])));
    assert_eq!(answer["found_formats"], json!({".csv": 2, ".json": 1}));
    let uploads = server
        .get(&format!("/api/projects/{project}/file-uploads?ids=[{}]", answer["file_upload_ids"][1]))
        .await;
    assert_eq!(uploads.as_array().unwrap().len(), 1);
    assert!(uploads[0]["file"].as_str().unwrap().ends_with("-b.csv"));
    // Clients write lists in different ways.
    let ids = &answer["file_upload_ids"];
    for query in [format!("{},{}", ids[0], ids[1]), format!("{}&ids={}", ids[0], ids[1])] {
        let path = format!("/api/projects/{project}/file-uploads?ids={query}");
        assert_eq!(server.get(&path).await.as_array().unwrap().len(), 2, "{query}");
    }
}

#[tokio::test]
async fn without_commit_the_files_are_kept_and_nothing_else() {
    let server = Server::start().await;
    let project = server.project(TEXT_CONFIG).await;
    let form = reqwest::multipart::Form::new()
        .part("file", reqwest::multipart::Part::bytes(b"text\na\n".to_vec()).file_name("a.csv"));
    let request = server.ask("POST", &format!("/api/projects/{project}/import?commit_to_project=false"));
    let answer = Request(request.0.multipart(form)).ok().await;
    assert_eq!((&answer["annotation_count"], &answer["prediction_count"]), (&Value::Null, &Value::Null));
    assert_eq!(answer["task_count"], 1);
    assert_eq!(data(&server, project).await, Vec::<Value>::new());
    let uploads = server.get(&format!("/api/projects/{project}/file-uploads?all=true")).await;
    assert_eq!(uploads.as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn annotations_and_predictions_come_along() {
    let server = Server::start().await;
    let colleague = server.colleague().await;
    let project = server.project(TEXT_CONFIG).await;
    let list = json!([{
        "id": 900, "inner_id": 5, "data": {"text": "a"}, "meta": {"k": 1}, "created_at": "2001-01-01T00:00:00Z",
        "annotations": [
            {"id": 77, "result": [{"id": "r"}], "completed_by": colleague, "lead_time": 1.5, "unique_id": "x"},
            {"result": [], "completed_by": {"email": "Owner@example.com"}, "was_cancelled": true, "ground_truth": false},
            {"result": []},
        ],
        "predictions": [{"result": [], "score": "0.5"}, {"result": {"choices": ["A"]}, "score": "bad", "model_version": "m"}],
        "drafts": [{"result": []}],
    }]);
    let path = format!("/api/projects/{project}/import?return_task_ids=1");
    let answer = server.post(&path, list).await;
    assert_eq!((&answer["annotation_count"], &answer["prediction_count"]), (&json!(3), &json!(2)));
    let id = answer["task_ids"][0].as_i64().unwrap();
    let task = server.get(&format!("/api/tasks/{id}/")).await;
    assert_eq!(
        (&task["inner_id"], &task["meta"], &task["is_labeled"]),
        (&json!(1), &json!({"k": 1}), &json!(true))
    );
    assert_eq!((&task["total_annotations"], &task["cancelled_annotations"]), (&json!(2), &json!(1)));
    assert_eq!(task["drafts"], json!([]));
    let field = |key: &str| -> Vec<Value> {
        task["annotations"].as_array().unwrap().iter().map(|a| a[key].clone()).collect()
    };
    assert_eq!(field("import_id"), [json!(77), Value::Null, Value::Null]);
    assert_eq!(field("ground_truth"), [json!(true), json!(false), json!(true)]);
    assert_eq!(field("was_cancelled"), [json!(false), json!(true), json!(false)]);
    assert_eq!(field("lead_time"), [json!(1.5), Value::Null, Value::Null]);
    let by: Vec<&Value> =
        task["annotations"].as_array().unwrap().iter().map(|a| &a["completed_by"]["id"]).collect();
    assert_eq!(by, [&json!(colleague), &json!(1), &json!(1)]);
    let predictions = task["predictions"].as_array().unwrap();
    assert_eq!(
        (&predictions[0]["score"], &predictions[0]["model_version"]),
        (&json!(0.5), &json!("undefined"))
    );
    assert_eq!((&predictions[1]["score"], &predictions[1]["model_version"]), (&Value::Null, &json!("m")));
}

#[tokio::test]
async fn one_bad_task_among_many_stops_everything() {
    let server = Server::start().await;
    let project = server.project(TEXT_CONFIG).await;
    // The bad one is far behind the first batches.
    let mut list: Vec<Value> = (0..2500).map(|n| json!({"text": n.to_string()})).collect();
    list.push(json!({"wrong": 1}));
    let answer =
        server.ask("POST", &format!("/api/projects/{project}/import")).json(list.clone().into()).send().await;
    assert!(answer.error(400).contains("task 2500"));
    let text = Value::from(list).to_string();
    assert!(server.upload(project, "a.json", text).await.error(400).contains("task 2500"));
    assert_eq!(data(&server, project).await.len(), 0);
    assert_eq!(server.get(&format!("/api/projects/{project}/file-uploads?all=true")).await, json!([]));
    // Broken after thousands of good ones.
    let broken = format!("[{}", r#"{"text":"a"},"#.repeat(3000));
    server.ask("POST", &format!("/api/projects/{project}/import")).body(broken).send().await.error(400);
    assert_eq!(data(&server, project).await.len(), 0);
}

#[tokio::test]
async fn large_lists_keep_their_order_and_page() {
    let server = Server::start().await;
    let project = server.project(TEXT_CONFIG).await;
    let list: Vec<Value> = (0..1234).map(|n| json!({"text": n.to_string()})).collect();
    let answer = server
        .post(&format!("/api/projects/{project}/import?return_task_ids=true"), list.clone().into())
        .await;
    let ids: Vec<i64> = answer["task_ids"].as_array().unwrap().iter().map(|v| v.as_i64().unwrap()).collect();
    assert!(ids.len() == 1234 && ids.windows(2).all(|w| w[0] < w[1]));
    assert_eq!(data(&server, project).await, list);
    let page = server.get(&format!("/api/tasks/?project={project}&page=13&page_size=100")).await;
    assert_eq!((page["tasks"].as_array().unwrap().len(), &page["total"]), (34, &json!(1234)));
    assert_eq!(page["tasks"][33]["inner_id"], 1234);
    server
        .ask("GET", &format!("/api/tasks/?project={project}&page=14&page_size=100"))
        .send()
        .await
        .error(404);
    let plain = server.get(&format!("/api/projects/{project}/tasks/?page_size=10")).await;
    assert_eq!(plain.as_array().unwrap().len(), 10);
    assert_eq!(plain[0]["id"], *ids.last().unwrap());
    let deleted = server.ask("DELETE", &format!("/api/projects/{project}/tasks/")).send().await;
    assert_eq!((deleted.status, data(&server, project).await.len()), (204, 0));
}

#[tokio::test]
async fn fields_become_preannotations() {
    let server = Server::start().await;
    let project = server.project(TEXT_CONFIG).await;
    let path = format!("/api/projects/{project}/import?preannotated_from_fields=c&return_task_ids=true");
    let answer = server.post(&path, json!([{"text": "a", "c": "B"}])).await;
    assert_eq!(answer["prediction_count"], 1);
    let task = server.get(&format!("/api/tasks/{}/", answer["task_ids"][0])).await;
    let prediction = &task["predictions"][0];
    assert_eq!((&prediction["score"], &prediction["model_version"]), (&json!(1.0), &json!("preannotated")));
    let region = &prediction["result"][0];
    assert_eq!((&region["from_name"], &region["value"]), (&json!("c"), &json!({"choices": ["B"]})));
}

#[tokio::test]
async fn predictions_for_tasks_that_are_there() {
    let server = Server::start().await;
    let (project, ids) = server.tasks(2).await;
    let path = format!("/api/projects/{project}/import/predictions");
    let list = json!([{"task": ids[0], "result": [], "score": 0.5}, {"task": ids[1], "result": [], "model_version": "m"}]);
    assert_eq!(server.post(&path, list).await, json!({"created": 2}));
    let bad = json!([{"task": ids[0], "result": []}, {"task": 4711, "result": []}]);
    assert!(server.ask("POST", &path).json(bad).send().await.error(400).contains("4711"));
    assert_eq!(
        server.get(&format!("/api/predictions/?project={project}")).await.as_array().unwrap().len(),
        2
    );
}
