//! Bodies as clients send them: JSON, forms, and text where a number is meant (spec/server.md 2).

use crate::support::*;
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};

const URLENCODED: &str = "application/x-www-form-urlencoded";

fn encoded(pairs: &[(&str, &str)]) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}

#[tokio::test]
async fn forms_make_and_change_what_json_does() {
    let server = Server::start().await;
    let form =
        encoded(&[("title", "From a form"), ("label_config", TEXT_CONFIG), ("maximum_annotations", "3")]);
    let made = server.ask("POST", "/api/projects/").header("content-type", URLENCODED).body(form).ok().await;
    assert_eq!((&made["title"], &made["maximum_annotations"]), (&json!("From a form"), &json!(3)));
    let path = format!("/api/projects/{}/", made["id"]);
    let form =
        Form::new().text("show_instruction", "true").text("control_weights", r#"{"c": {"overall": 2}}"#);
    let changed = Request(server.ask("PATCH", &path).0.multipart(form)).ok().await;
    assert_eq!(changed["show_instruction"], true);
    assert_eq!(changed["control_weights"]["c"]["overall"], 2);

    let project = made["id"].to_string();
    let form = encoded(&[("project", &project), ("data", r#"{"text": "of a form"}"#)]);
    let task = server.ask("POST", "/api/tasks/").header("content-type", URLENCODED).body(form).ok().await;
    assert_eq!(task["data"], json!({"text": "of a form"}));
    let result = r#"[{"from_name":"c","to_name":"t","type":"choices","value":{"choices":["A"]}}]"#;
    let form = Form::new().text("result", result).text("was_cancelled", "false").text("lead_time", "2.5");
    let path = format!("/api/tasks/{}/annotations/", task["id"]);
    let annotation = Request(server.ask("POST", &path).0.multipart(form)).ok().await;
    assert_eq!((&annotation["lead_time"], &annotation["was_cancelled"]), (&json!(2.5), &json!(false)));
    assert_eq!(annotation["result"][0]["value"]["choices"], json!(["A"]));
    let config = encoded(&[("label_config", TEXT_CONFIG)]);
    let valid = server.ask("POST", "/api/projects/validate/").header("content-type", URLENCODED).body(config);
    assert_eq!(valid.send().await.status, 204);
    // `curl -d` calls everything a form.
    let body = json!({"title": "By curl", "label_config": TEXT_CONFIG}).to_string();
    let made = server.ask("POST", "/api/projects/").header("content-type", URLENCODED).body(body).ok().await;
    assert_eq!(made["title"], "By curl");
}

#[tokio::test]
async fn an_import_takes_an_address_in_either_form() {
    let server = Server::start().await;
    let project = server.project(TEXT_CONFIG).await;
    let path = format!("/api/projects/{project}/import");
    let inline = r#"[{"text": "one"}, {"text": "two"}]"#;
    let form = Form::new().text("url", inline);
    let answer = Request(server.ask("POST", &path).0.multipart(form)).ok().await;
    assert_eq!(answer["task_count"], 2);
    // A form in which nothing was filled in, beside a file.
    let file = Part::bytes(b"text\nthree\n".to_vec()).file_name("a.csv");
    let form = Form::new().part("file", file).text("url", "");
    assert_eq!(Request(server.ask("POST", &path).0.multipart(form)).ok().await["task_count"], 1);
    // Addresses count as the files that they bring.
    let mut form = Form::new();
    for _ in 0..server.state.settings.upload_files_limit + 1 {
        form = form.text("url", r#"[{"text": "many"}]"#);
    }
    let refused = Request(server.ask("POST", &path).0.multipart(form)).send().await.error(400);
    assert!(refused.contains("At most"), "{refused}");
    // Beside files it is one more source, and one that may not be reached says so.
    let file = Part::bytes(b"text\nthree\n".to_vec()).file_name("a.csv");
    let form = Form::new().part("file", file).text("url", "http://127.0.0.1:1/x.json");
    let refused = Request(server.ask("POST", &path).0.multipart(form)).send().await;
    assert!((400..404).contains(&refused.status), "{refused:?}");
    assert_eq!(
        server.get(&format!("/api/projects/{project}/")).await["task_number"],
        3,
        "nothing of it is kept"
    );
}

#[tokio::test]
async fn text_counts_as_the_number_that_it_is() {
    let server = Server::start().await;
    let (project, tasks) = server.tasks(1).await;
    let body = json!({"project": project.to_string(), "data": {"text": "x"}});
    server.post("/api/tasks/", body).await;
    let body = json!({"task": tasks[0].to_string(), "result": [], "score": "0.5"});
    assert_eq!(server.post("/api/predictions/", body).await["score"], 0.5);
    let path = format!("/api/projects/{project}/");
    let changed =
        server.patch(&path, json!({"maximum_annotations": "2", "show_collab_predictions": "false"})).await;
    assert_eq!(
        (&changed["maximum_annotations"], &changed["show_collab_predictions"]),
        (&json!(2), &json!(false))
    );
}

#[tokio::test]
async fn what_an_annotation_cannot_hold_is_refused_by_name() {
    let server = Server::start().await;
    let (_, tasks) = server.tasks(2).await;
    let path = format!("/api/tasks/{}/annotations/", tasks[0]);
    let elsewhere = format!("/api/tasks/{}/annotations/", tasks[1]);
    let other = server.post(&elsewhere, json!({"result": []})).await["id"].clone();
    for (field, value) in [
        ("result", json!([5])),
        ("result", json!([{}, "x"])),
        ("lead_time", json!("long")),
        ("was_cancelled", json!("perhaps")),
        ("parent_prediction", json!(9999)),
        // There is one of that id, but not of this task.
        ("parent_annotation", other),
    ] {
        let mut body = json!({"result": []});
        body[field] = value.clone();
        let answer = server.ask("POST", &path).json(body).send().await;
        let text = answer.error(400);
        assert!(answer.json()["validation_errors"][field].is_array(), "{field}: {value}: {text}");
    }
    let made = server.post(&path, json!({"result": [], "lead_time": 3})).await;
    let again = server.post(&path, json!({"result": [], "parent_annotation": made["id"]})).await;
    assert_eq!(again["parent_annotation"], made["id"]);
    let one = format!("/api/annotations/{}/", made["id"]);
    assert_eq!(server.patch(&one, json!({"lead_time": null})).await["lead_time"], Value::Null);
}

#[tokio::test]
async fn the_summary_counts_labels_of_drafts_beside_those_of_annotations() {
    let server = Server::start().await;
    let (project, tasks) = server.tasks(2).await;
    let choice = |label: &str| json!({"result": [{"id": "r", "from_name": "c", "to_name": "t", "type": "choices", "value": {"choices": [label]}}]});
    server.post(&format!("/api/tasks/{}/annotations/", tasks[0]), choice("A")).await;
    server.post(&format!("/api/tasks/{}/drafts/", tasks[1]), choice("B")).await;
    let summary = server.get(&format!("/api/projects/{project}/summary/")).await;
    assert_eq!(summary["created_labels"], json!({"c": {"A": 1}}));
    assert_eq!(summary["created_labels_drafts"], json!({"c": {"B": 1}}));
    assert_eq!(summary["created_annotations"], json!({"c|t|choices": 1}));
}

#[tokio::test]
async fn pages_lead_to_each_other_by_the_name_the_client_used() {
    let server = Server::start().await;
    for _ in 0..3 {
        server.project(TEXT_CONFIG).await;
    }
    let first = server.get("/api/projects/?page_size=2").await;
    let next = first["next"].as_str().unwrap();
    assert_eq!(next, format!("{}/api/projects/?page=2&page_size=2", server.url));
    let second = server.client.get(next).header("authorization", format!("Token {OWNER}"));
    let second: Value = second.send().await.unwrap().json().await.unwrap();
    assert_eq!(second["results"].as_array().unwrap().len(), 1);
    assert_eq!(second["next"], Value::Null);
}
