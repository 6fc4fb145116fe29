//! Projects: lists, changes, summary, templates; tasks by hand.

use crate::support::*;
use serde_json::{Value, json};

#[tokio::test]
async fn lists_page_filter_and_order() {
    let server = Server::start().await;
    for title in ["Birds", "Cats", "Big cats"] {
        server.post("/api/projects/", json!({"title": title})).await;
    }
    let titles = async |query: &str| -> Vec<String> {
        let page = server.get(&format!("/api/projects/?{query}")).await;
        page["results"].as_array().unwrap().iter().map(|p| p["title"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(titles("").await, ["Big cats", "Cats", "Birds"]);
    assert_eq!(titles("title=CAT").await, ["Big cats", "Cats"]);
    assert_eq!(titles("ordering=title").await, ["Big cats", "Birds", "Cats"]);
    assert_eq!(titles("ordering=-id&page_size=2&page=2").await, ["Birds"]);
    assert_eq!(titles("ids=1,3").await, ["Big cats", "Birds"]);
    server.patch("/api/projects/1/", json!({"pinned_at": "2026-01-01T00:00:00Z"})).await;
    assert_eq!(titles("").await, ["Birds", "Big cats", "Cats"]);
    assert_eq!(titles("filter=pinned_only").await, ["Birds"]);
    assert_eq!(titles("filter=exclude_pinned").await, ["Big cats", "Cats"]);
    let page = server.get("/api/projects/?page_size=2").await;
    assert_eq!(page["count"], 3);
    assert!(page["next"].as_str().unwrap().ends_with("/api/projects/?page=2&page_size=2"));
    let short = server.get("/api/projects/?include=id,title").await;
    assert_eq!(keys(&short["results"][0]), ["id", "title"]);
    let counts = server.get("/api/projects/counts/").await;
    assert_eq!(keys(&counts["results"][0]).len(), 9);
}

#[tokio::test]
async fn changes_are_kept_and_cleaned() {
    let server = Server::start().await;
    let project = server.project(TEXT_CONFIG).await;
    let path = format!("/api/projects/{project}/");
    let changed = server
        .patch(&path, json!({
            "title": "Neu 😀", "expert_instruction": "<b>Do</b><script>alert(1)</script>", "color": "#00ff00",
            "show_instruction": true, "unknown": 1, "id": 99, "is_published": true, "description": null,
        }))
        .await;
    assert_eq!((&changed["id"], &changed["title"]), (&json!(project), &json!("Neu 😀")));
    assert_eq!(changed["expert_instruction"], "<b>Do</b>");
    assert_eq!((&changed["color"], &changed["is_published"]), (&json!("#00ff00"), &json!(true)));
    assert!(changed.get("unknown").is_none());
    assert_eq!(server.get(&path).await, changed);
    // The whole object sent back, as clients do, changes nothing.
    let mut back = changed.clone();
    back["title"] = "Again".into();
    let mut expected = changed;
    expected["title"] = "Again".into();
    assert_eq!(Request(server.ask("PUT", &path).0).json(back).ok().await, expected);
    assert_eq!(server.ask("DELETE", &path).send().await.status, 204);
    server.ask("GET", &path).send().await.error(404);
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_at_once_are_all_kept() {
    let server = Server::start().await;
    let project = server.project(TEXT_CONFIG).await;
    let path = format!("/api/projects/{project}/");
    let bodies = [
        json!({"title": "New title"}),
        json!({"description": "New"}),
        json!({"color": "#123456"}),
        json!({"show_instruction": true}),
        json!({"sampling": "Uniform sampling"}),
        json!({"maximum_annotations": 3}),
    ];
    let calls: Vec<_> =
        bodies.iter().map(|body| tokio::spawn(server.ask("PATCH", &path).json(body.clone()).ok())).collect();
    for call in calls {
        call.await.unwrap();
    }
    let kept = server.get(&path).await;
    for body in bodies {
        for (key, value) in body.as_object().unwrap() {
            assert_eq!(&kept[key], value, "{key}");
        }
    }
}

#[tokio::test]
async fn a_config_change_says_whether_it_matters() {
    let server = Server::start().await;
    let project = server.project(TEXT_CONFIG).await;
    let path = format!("/api/projects/{project}/validate/");
    let check = async |config: String| server.post(&path, json!({"label_config": config})).await;
    let same = json!({"config_essential_data_has_changed": null});
    let other = json!({"config_essential_data_has_changed": true});
    assert_eq!(check(TEXT_CONFIG.into()).await, same);
    assert_eq!(
        check(TEXT_CONFIG.replace("<Choice value=\"B\"/>", "<Choice value=\"B\"/><Choice value=\"C\"/>"))
            .await,
        same
    );
    assert_eq!(check(TEXT_CONFIG.replace("<Choice value=\"B\"/>", "")).await, other);
    let answer =
        server.anonymous("POST", "/api/projects/validate/").json(json!({"label_config": TEXT_CONFIG}));
    assert_eq!(answer.send().await.status, 204);
    let sample = server
        .post(&format!("/api/projects/{project}/sample-task/"), json!({"label_config": TEXT_CONFIG}))
        .await;
    assert!(sample["sample_task"].to_string().contains("text"), "{sample}");
}

#[tokio::test]
async fn the_summary_counts_columns_and_labels() {
    let server = Server::start().await;
    let (project, ids) = server.tasks(2).await;
    server.post("/api/tasks/", json!({"project": project, "data": {"text": "x", "more": 1}})).await;
    for label in ["A", "A", "B"] {
        let region = json!({"id": "r", "from_name": "c", "to_name": "t", "type": "choices", "value": {"choices": [label]}});
        server.post(&format!("/api/tasks/{}/annotations/", ids[0]), json!({"result": [region]})).await;
    }
    let summary = server.get(&format!("/api/projects/{project}/summary/")).await;
    let created = summary["created_at"].clone();
    let expected = json!({
        "project": project, "created_at": created, "all_data_columns": {"more": 1, "text": 3},
        "common_data_columns": ["text"], "created_annotations": {"c|t|choices": 3},
        "created_labels": {"c": {"A": 2, "B": 1}}, "created_labels_drafts": {},
    });
    assert_eq!(summary, expected);
}

#[tokio::test]
async fn a_task_by_hand() {
    let server = Server::start().await;
    let project = server.project(TEXT_CONFIG).await;
    let made = server
        .post("/api/tasks/", json!({"project": project, "data": {"text": "x"}, "meta": {"m": 1}}))
        .await;
    assert_eq!(
        (&made["data"], &made["meta"], &made["inner_id"]),
        (&json!({"text": "x"}), &json!({"m": 1}), &json!(1))
    );
    assert_eq!((&made["updated_by"], &made["file_upload"]), (&Value::Null, &Value::Null));
    let path = format!("/api/tasks/{}/", made["id"]);
    let changed = server.patch(&path, json!({"data": {"text": "y", "n": 2}})).await;
    assert_eq!((&changed["data"], &changed["updated_by"]), (&json!({"text": "y", "n": 2}), &json!(1)));
    assert_eq!((&changed["annotations"], &changed["predictions"]), (&json!([]), &json!([])));
    // Replaced, not merged.
    assert_eq!(server.patch(&path, json!({"data": {"text": "z"}})).await["data"], json!({"text": "z"}));
    server.ask("PATCH", &path).json(json!({"data": [1]})).send().await.error(400);
    assert_eq!(server.ask("DELETE", &path).send().await.status, 204);
    server.ask("GET", &path).send().await.error(404);
}

#[tokio::test]
async fn templates_are_grouped() {
    let server = Server::start().await;
    let answer = server.get("/api/templates/").await;
    let groups = answer["groups"].as_array().unwrap();
    let list = answer["templates"].as_array().unwrap();
    assert!(!groups.is_empty() && list.len() >= groups.len());
    for template in list {
        assert!(groups.contains(&template["group"]), "{template}");
        let valid = server
            .anonymous("POST", "/api/projects/validate/")
            .json(json!({"label_config": template["config"]}));
        let valid = valid.send().await;
        assert_eq!(valid.status, 204, "{}: {valid:?}", template["title"]);
    }
}
