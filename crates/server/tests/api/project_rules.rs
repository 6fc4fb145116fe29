//! What may be written into a project, what its numbers mean, and what its config may still become.

use crate::support::*;
use serde_json::{Value, json};

fn choice(label: &str) -> Value {
    json!([{"id": "r1", "from_name": "c", "to_name": "t", "type": "choices", "value": {"choices": [label]}}])
}

async fn annotate(server: &Server, token: &str, task: i64, more: Value) -> i64 {
    let mut body = json!({"result": choice("A")});
    body.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap_or_default());
    let path = format!("/api/tasks/{task}/annotations/");
    server.anonymous("POST", &path).token(token).json(body).ok().await["id"].as_i64().unwrap()
}

fn numbers(project: &Value) -> Vec<(&str, i64)> {
    [
        "task_number",
        "finished_task_number",
        "total_annotations_number",
        "useful_annotation_number",
        "num_tasks_with_annotations",
        "ground_truth_number",
        "skipped_annotations_number",
        "total_predictions_number",
        "queue_total",
        "queue_done",
    ]
    .into_iter()
    .map(|key| (key, project[key].as_i64().unwrap_or_else(|| panic!("{key}: {project}"))))
    .collect()
}

#[tokio::test]
async fn counters_count_what_they_say() {
    let server = Server::start().await;
    server.colleague().await;
    let (project, ids) = server.tasks(6).await;
    let path = format!("/api/projects/{project}/");
    server.patch(&path, json!({"maximum_annotations": 2})).await;
    // Task 1: both; task 2: mine, twice; task 3: skipped by me; task 4: a ground truth of the colleague; 5: skipped by both;
    // 6: nobody.
    annotate(&server, OWNER, ids[0], json!({})).await;
    annotate(&server, COLLEAGUE, ids[0], json!({})).await;
    annotate(&server, OWNER, ids[1], json!({})).await;
    annotate(&server, OWNER, ids[1], json!({})).await;
    annotate(&server, OWNER, ids[2], json!({"was_cancelled": true})).await;
    annotate(&server, COLLEAGUE, ids[3], json!({"ground_truth": true})).await;
    annotate(&server, OWNER, ids[4], json!({"was_cancelled": true})).await;
    annotate(&server, COLLEAGUE, ids[4], json!({"was_cancelled": true})).await;
    for task in [ids[0], ids[0], ids[5]] {
        server.post("/api/predictions/", json!({"task": task, "result": choice("B")})).await;
    }
    let expected = |queue_total, queue_done| {
        vec![
            ("task_number", 6),
            ("finished_task_number", 1),
            ("total_annotations_number", 5),
            ("useful_annotation_number", 4),
            ("num_tasks_with_annotations", 2),
            ("ground_truth_number", 1),
            ("skipped_annotations_number", 3),
            ("total_predictions_number", 3),
            ("queue_total", queue_total),
            ("queue_done", queue_done),
        ]
    };
    let one = server.get(&path).await;
    // Everything is or was mine to do; I have touched four.
    assert_eq!(numbers(&one), expected(6, 4));
    let theirs = server.anonymous("GET", &path).token(COLLEAGUE).ok().await;
    assert_eq!(numbers(&theirs), expected(6, 3));
    server.patch(&path, json!({"skip_queue": "REQUEUE_FOR_ME"})).await;
    let one = server.get(&path).await;
    assert_eq!(numbers(&one), expected(6, 2), "what I skipped comes back to me");
    // A list says the same of each, and another project has its own numbers.
    let (other, _) = server.tasks(3).await;
    let list = server.get("/api/projects/?ordering=id").await;
    assert_eq!(numbers(&list["results"][0]), expected(6, 2));
    assert_eq!(list["results"][1]["id"], other);
    assert_eq!(
        numbers(&list["results"][1]).iter().map(|(_, n)| *n).collect::<Vec<_>>(),
        [3, 0, 0, 0, 0, 0, 0, 0, 3, 0]
    );
    let counts = server.get("/api/projects/counts/?ordering=id&page_size=1").await;
    assert_eq!(counts["results"][0]["useful_annotation_number"], 4);
    assert!(
        counts["next"].as_str().unwrap().ends_with("/api/projects/counts/?ordering=id&page=2&page_size=1")
    );
}

#[tokio::test]
async fn what_may_not_be_written() {
    let server = Server::start().await;
    let project = server.project(TEXT_CONFIG).await;
    let path = format!("/api/projects/{project}/");
    for (field, value) in [
        ("title", json!("ab")),
        ("title", json!("  a  ")),
        ("title", json!("x".repeat(51))),
        ("title", json!(7)),
        ("description", json!([])),
        ("label_config", json!("<View>")),
        (
            "label_config",
            json!("<View><Choices name=\"c\" toName=\"nothing\"><Choice value=\"a\"/></Choices></View>"),
        ),
        ("label_config", json!(1)),
        ("maximum_annotations", json!(0)),
        ("maximum_annotations", json!("two")),
        ("color", json!("red")),
        ("color", json!("#12345g")),
        ("color", json!("#ääää")),
        ("sampling", json!("Any")),
        ("sampling", json!(null)),
        ("skip_queue", json!("REQUEUE")),
        ("overlap_cohort_percentage", json!(101)),
        ("min_annotations_to_start_training", json!(-1)),
        ("show_instruction", json!("perhaps")),
        ("is_draft", json!(null)),
        ("pinned_at", json!("yesterday")),
        ("pinned_at", json!(5)),
        ("model_version", json!("never seen")),
        ("task_data_login", json!("x".repeat(257))),
        ("control_weights", json!([])),
        ("control_weights", json!({"c": {"overall": -1}})),
        ("control_weights", json!({"c": {"labels": {"A": "much"}}})),
    ] {
        let answer = server.ask("PATCH", &path).json(json!({field: value})).send().await;
        let text = answer.error(400);
        assert!(answer.json()["validation_errors"][field].is_array(), "{field}: {value}: {text}");
    }
    // All problems at once, and nothing of it is kept.
    let answer = server
        .ask("PATCH", &path)
        .json(json!({"title": "x", "color": "x", "description": "new"}))
        .send()
        .await;
    let text = answer.error(400);
    assert!(text.contains("title") && text.contains("color"), "{text}");
    assert_eq!(server.get(&path).await["description"], "");
    let answer = server.ask("POST", "/api/projects/").json(json!({"model_version": "v"})).send().await;
    assert!(answer.error(400).contains("model_version"));
}

#[tokio::test]
async fn fields_that_follow_from_others() {
    let server = Server::start().await;
    let (project, ids) = server.tasks(1).await;
    let path = format!("/api/projects/{project}/");
    let set = async |body: Value| server.patch(&path, body).await;

    let now = set(json!({"start_training_on_annotation_update": true})).await;
    assert_eq!(
        (&now["min_annotations_to_start_training"], &now["start_training_on_annotation_update"]),
        (&json!(1), &json!(true))
    );
    let now = set(json!({"min_annotations_to_start_training": 5})).await;
    assert_eq!(
        (&now["min_annotations_to_start_training"], &now["start_training_on_annotation_update"]),
        (&json!(5), &json!(true))
    );
    // The whole object sent back keeps it.
    assert_eq!(set(now.clone()).await["min_annotations_to_start_training"], 5);
    let now = set(json!({"start_training_on_annotation_update": false})).await;
    assert_eq!(
        (&now["min_annotations_to_start_training"], &now["start_training_on_annotation_update"]),
        (&json!(0), &json!(false))
    );

    server
        .post("/api/predictions/", json!({"task": ids[0], "result": choice("A"), "model_version": "v1"}))
        .await;
    assert_eq!(set(json!({"model_version": "v1"})).await["model_version"], "v1");
    let now = set(json!({"show_collab_predictions": false})).await;
    assert_eq!((&now["model_version"], &now["show_collab_predictions"]), (&json!(""), &json!(false)));

    set(json!({"is_draft": true})).await;
    let now = set(json!({"is_published": true})).await;
    assert_eq!((&now["is_published"], &now["is_draft"]), (&json!(true), &json!(false)));

    let now = set(json!({"pinned_at": "2026-01-31T12:00:00+01:00"})).await;
    assert_eq!(now["pinned_at"], "2026-01-31T11:00:00.000000Z");
    assert_eq!(set(json!({"pinned_at": null})).await["pinned_at"], Value::Null);

    let now =
        set(json!({"control_weights": {"c": {"overall": 0.5, "labels": {"A": 2}}, "gone": {"overall": 1}}}))
            .await;
    let weights = json!({"c": {"overall": 0.5, "type": "Choices", "labels": {"A": 2, "B": 1.0}}});
    assert_eq!(now["control_weights"], weights);
    assert_eq!(set(now.clone()).await["control_weights"], weights);

    // A password is kept, and never shown.
    let now = set(json!({"task_data_login": "me", "task_data_password": "xylophone"})).await;
    assert_eq!((&now["task_data_login"], &now["task_data_password"]), (&json!("me"), &Value::Null));
    let now = set(now).await;
    assert_eq!(now["task_data_login"], "me");
    let kept =
        tagloom_server::store::projects::get(server.state.db.read(), 1, project).await.unwrap().unwrap();
    assert_eq!(kept.setting("task_data_password"), "xylophone");

    let now = set(json!({"title": "  Trimmed  ", "color": null, "label_config": ""})).await;
    assert_eq!(
        (&now["title"], &now["color"], &now["label_config"]),
        (&json!("Trimmed"), &json!("#FFFFFF"), &json!("<View></View>"))
    );
    assert_eq!((&now["config_has_control_tags"], &now["parsed_label_config"]), (&json!(false), &json!({})));
}

#[tokio::test]
async fn a_list_is_ordered_by_any_number() {
    let server = Server::start().await;
    let (first, ids) = server.tasks(2).await;
    let (second, _) = server.tasks(5).await;
    let third = server.project(TEXT_CONFIG).await;
    annotate(&server, OWNER, ids[0], json!({})).await;
    server.patch(&format!("/api/projects/{third}/"), json!({"title": "100% _done_"})).await;
    let order = async |query: &str| -> Vec<i64> {
        let page = server.get(&format!("/api/projects/?{query}")).await;
        page["results"].as_array().unwrap().iter().map(|p| p["id"].as_i64().unwrap()).collect()
    };
    assert_eq!(order("ordering=task_number").await, [third, first, second]);
    assert_eq!(order("ordering=-task_number").await, [second, first, third]);
    assert_eq!(order("ordering=-total_annotations_number,-id").await, [first, third, second]);
    assert_eq!(order("ordering=title,id").await, [third, first, second]);
    assert_eq!(order("ordering=created_at").await, [first, second, third]);
    // What is no field of a list changes nothing.
    assert_eq!(order("ordering=password_hash").await, [third, second, first]);
    assert_eq!(order("ordering=organization__created_by__password").await, [third, second, first]);
    // Signs of patterns mean themselves.
    assert_eq!(order("title=%25").await, [third]);
    assert_eq!(order("title=_DONE").await, [third]);
    assert_eq!(order("title=a%25t").await, Vec::<i64>::new());
    assert!(server.ask("GET", "/api/projects/?ids=1,x").send().await.error(400).contains("ids"));
    assert!(server.ask("GET", "/api/projects/?filter=odd").send().await.error(400).contains("filter"));
    server.ask("GET", "/api/projects/?page=9").send().await.error(404);
    let page = server.get("/api/projects/?title=A%20project&page_size=1&page=2").await;
    assert_eq!(page["next"], Value::Null);
    assert!(
        page["previous"].as_str().unwrap().ends_with("/api/projects/?title=A+project&page=1&page_size=1"),
        "{page}"
    );
    let page = server.get("/api/projects/?include=id,task_number,queue_total&ids=2").await;
    assert_eq!(page["results"], json!([{"id": second, "task_number": 5, "queue_total": 5}]));
}

#[tokio::test]
async fn a_config_keeps_a_place_for_work_that_is_stored() {
    let server = Server::start().await;
    let (project, ids) = server.tasks(2).await;
    let path = format!("/api/projects/{project}/");
    let without = TEXT_CONFIG.replace("name=\"c\"", "name=\"other\"");
    let check = async |config: &str| {
        let body = json!({"label_config": config});
        let strict = server.ask("POST", &format!("{path}validate/")).json(body.clone()).send().await.status;
        (strict, server.ask("PATCH", &path).json(body).send().await.status)
    };
    assert_eq!(check(&without).await, (200, 200), "nothing is stored yet");
    assert_eq!(check(TEXT_CONFIG).await, (200, 200));
    // A draft is work as well.
    let draft = server.post(&format!("/api/tasks/{}/drafts", ids[0]), json!({"result": choice("B")})).await;
    assert_eq!(check(&without).await, (400, 400));
    let less = TEXT_CONFIG.replace("<Choice value=\"B\"/>", "");
    assert_eq!(check(&less).await, (400, 200), "a label may go, but not unnoticed");
    assert_eq!(check(TEXT_CONFIG).await, (200, 200));
    assert_eq!(server.ask("DELETE", &format!("/api/drafts/{}/", draft["id"])).send().await.status, 204);
    assert_eq!(check(&without).await, (200, 200));
    assert_eq!(check(TEXT_CONFIG).await, (200, 200));
    annotate(&server, OWNER, ids[1], json!({})).await;
    assert_eq!(check(&without).await, (400, 400));
    let answer =
        server.ask("PATCH", &path).json(json!({"label_config": without, "title": "Lost"})).send().await;
    assert!(answer.error(400).contains("label_config"));
    assert_eq!(server.get(&path).await["title"], "A project");
}

#[tokio::test]
async fn model_versions_are_counted_limited_and_deleted() {
    let server = Server::start().await;
    let (project, ids) = server.tasks(2).await;
    let path = format!("/api/projects/{project}/model-versions/");
    assert_eq!(server.get(&path).await, json!({}));
    for (task, version, score) in [(0, "v1", 0.25), (1, "v1", 0.5), (0, "v2", 0.75), (1, "undefined", 0.0)] {
        let body =
            json!({"task": ids[task], "result": choice("A"), "score": score, "model_version": version});
        server.post("/api/predictions/", body).await;
    }
    assert_eq!(server.get(&path).await, json!({"undefined": 1, "v1": 2, "v2": 1}));
    let extended = server.get(&format!("{path}?extended=true")).await;
    assert_eq!(extended["live"], Value::Null);
    let list = extended["static"].as_array().unwrap();
    let versions: Vec<&Value> = list.iter().map(|v| &v["model_version"]).collect();
    assert_eq!(versions, ["undefined", "v2", "v1"]);
    assert_eq!((keys(&list[2]), &list[2]["count"]), (vec!["model_version", "count", "latest"], &json!(2)));
    assert_timestamp(&list[2]["latest"]);
    let extended = server.get(&format!("{path}?extended=true&include_live_models=true&limit=1")).await;
    assert_eq!((extended["static"].as_array().unwrap().len(), &extended["live"]), (1, &json!([])));
    assert_eq!(server.get(&format!("{path}?limit=2")).await.as_object().unwrap().len(), 2);

    server.patch(&format!("/api/projects/{project}/"), json!({"model_version": "v1"})).await;
    server.ask("DELETE", &path).json(json!({})).send().await.error(400);
    let gone = server.ask("DELETE", &path).json(json!({"model_version": "v1"})).ok().await;
    assert_eq!(gone, json!({"deleted_predictions": 2}));
    assert_eq!(server.get(&format!("/api/projects/{project}/")).await["model_version"], "");
    assert_eq!(server.get(&path).await, json!({"undefined": 1, "v2": 1}));
    let task = server.get(&format!("/api/tasks/{}/", ids[0])).await;
    assert_eq!((&task["total_predictions"], &task["predictions_score"]), (&json!(1), &json!(0.75)));
    let gone = server.ask("DELETE", &path).json(json!({"model_version": "v1"})).ok().await;
    assert_eq!(gone, json!({"deleted_predictions": 0}));
}

#[tokio::test]
async fn a_sample_task_comes_with_work_on_wish() {
    let server = Server::start().await;
    let project = server.project(TEXT_CONFIG).await;
    let path = format!("/api/projects/{project}/sample-task/");
    let plain = server.post(&path, json!({"label_config": TEXT_CONFIG})).await;
    assert_eq!(keys(&plain["sample_task"]), ["data"]);
    let body = json!({"label_config": TEXT_CONFIG, "include_annotation_and_prediction": true});
    let task = server.post(&path, body).await["sample_task"].clone();
    assert_eq!(keys(&task), ["data", "annotations", "predictions"]);
    assert_eq!(task["annotations"][0]["completed_by"], 1);
    let region = &task["annotations"][0]["result"][0];
    assert_eq!(
        (&region["from_name"], &region["to_name"], &region["type"]),
        (&json!("c"), &json!("t"), &json!("choices"))
    );
    assert_eq!(region["value"], json!({"choices": ["A"]}));
    assert_eq!(task["predictions"][0]["result"][0]["value"], json!({"choices": ["B"]}));
    // It can be imported as it is.
    let answer = server.post(&format!("/api/projects/{project}/import"), json!([task])).await;
    assert_eq!((&answer["annotation_count"], &answer["prediction_count"]), (&json!(1), &json!(1)));
    server.ask("POST", &path).json(json!({"label_config": ""})).send().await.error(400);
    server.ask("POST", &path).json(json!({"label_config": "<View>"})).send().await.error(400);

    let image = r#"<View><Image name="img" value="$image"/><RectangleLabels name="box" toName="img"><Label value="Car"/></RectangleLabels><Rating name="r" toName="img"/><TextArea name="note" toName="img"/></View>"#;
    let body = json!({"label_config": image, "include_annotation_and_prediction": true});
    let task = server.post(&path, body).await["sample_task"].clone();
    let kinds: Vec<&Value> =
        task["annotations"][0]["result"].as_array().unwrap().iter().map(|r| &r["type"]).collect();
    assert_eq!(kinds, ["rectanglelabels", "rating", "textarea"]);
    assert_eq!(task["annotations"][0]["result"][0]["value"]["rectanglelabels"], json!(["Car"]));
}

#[tokio::test]
async fn annotators_are_those_who_worked() {
    let server = Server::start().await;
    let colleague = server.colleague().await;
    let (project, ids) = server.tasks(2).await;
    let path = format!("/api/projects/{project}/annotators/");
    assert_eq!(server.get(&path).await, json!([]));
    annotate(&server, COLLEAGUE, ids[0], json!({})).await;
    annotate(&server, COLLEAGUE, ids[1], json!({})).await;
    let expected = json!([{
        "id": colleague, "first_name": "", "last_name": "", "email": "colleague@example.com", "avatar": null,
    }]);
    assert_eq!(server.get(&path).await, expected);
}

#[tokio::test]
async fn the_history_of_a_label_stream_is_limited() {
    let server = Server::with(|s| s.stream_history_limit = 2).await;
    let (project, ids) = server.tasks(3).await;
    for id in &ids {
        assert_eq!(server.get(&format!("/api/projects/{project}/next/")).await["id"], *id);
        annotate(&server, OWNER, *id, json!({})).await;
    }
    let history = server.get(&format!("/api/projects/{project}/label-stream-history/")).await;
    let tasks: Vec<i64> = history.as_array().unwrap().iter().map(|h| h["taskId"].as_i64().unwrap()).collect();
    assert_eq!(tasks, ids[1..]);
    assert!(history[0]["annotationId"].is_i64());
}
