//! Labels that people add to a taxonomy, their links, renaming.

use crate::support::*;
use serde_json::{Value, json};

const CONFIG: &str = r#"<View><Text name="t" value="$text"/><Taxonomy name="tax" toName="t"><Choice value="Animal"/></Taxonomy><Choices name="c" toName="t"><Choice value="A"/></Choices></View>"#;

fn label(project: i64, title: &str, value: Value) -> Value {
    json!({"title": title, "value": value, "project": project, "from_name": "tax"})
}

#[tokio::test]
async fn labels_are_added_shown_changed_and_taken_away() {
    let server = Server::start().await;
    let project = server.project(CONFIG).await;
    let list = json!([
        label(project, "Cat", json!(["Animal", "Cat"])),
        label(project, "Dog", json!(["Animal", "Dog"]))
    ]);
    let made = server.post("/api/labels/", list.clone()).await;
    let id = made[0]["id"].as_i64().unwrap();
    assert_timestamp(&made[0]["created_at"]);
    let expected = json!({
        "id": id, "created_at": made[0]["created_at"], "updated_at": made[0]["updated_at"], "value": ["Animal", "Cat"],
        "title": "Cat", "description": null, "approved": false, "created_by": 1, "approved_by": null,
        "organization": 1, "project": project, "from_name": "tax",
    });
    assert_eq!(made[0].to_string(), expected.to_string());
    // Adding them again changes nothing; another project shares the label.
    assert_eq!(server.post("/api/labels/", list).await, made);
    let other = server.project(CONFIG).await;
    let again = server.post("/api/labels/", json!([label(other, "Cat", json!(["Animal", "Cat"]))])).await;
    assert_eq!(again[0]["id"], id);

    let page = server.get("/api/labels/?page_size=1").await;
    assert_eq!((&page["count"], &page["results"][0]["title"]), (&json!(2), &json!("Cat")));
    assert!(page["next"].as_str().unwrap().ends_with("/api/labels/?page=2&page_size=1"));
    server.ask("GET", "/api/labels/?page=3&page_size=1").send().await.error(404);

    let links = server.get(&format!("/api/label_links/?project={project}&expand=label")).await;
    assert_eq!(links["count"], 2);
    let link = &links["results"][0];
    assert_eq!(keys(link), ["id", "created_at", "updated_at", "from_name", "project", "label"]);
    assert_eq!((&link["label"]["title"], &link["from_name"]), (&json!("Cat"), &json!("tax")));
    assert_eq!(server.get("/api/label_links/").await["count"], 3);
    assert_eq!(server.get(&format!("/api/label_links/?label={id}")).await["count"], 2);
    assert_eq!(server.get("/api/label_links/").await["results"][0]["label"], id);

    let changed =
        server.patch(&format!("/api/labels/{id}/"), json!({"title": "Tom", "approved": true})).await;
    assert_eq!((&changed["title"], &changed["approved_by"]), (&json!("Tom"), &json!(1)));
    let body = json!({"title": "Dog", "value": ["Animal", "Dog"]});
    server.ask("PATCH", &format!("/api/labels/{id}/")).json(body).send().await.error(409);
    let path = format!("/api/label_links/{}/", link["id"]);
    assert_eq!(server.patch(&path, json!({"from_name": "c"})).await["from_name"], "c");
    assert_eq!(server.ask("DELETE", &path).send().await.status, 204);
    assert_eq!(server.get("/api/label_links/").await["count"], 2);
    assert_eq!(server.ask("DELETE", &format!("/api/labels/{id}/")).send().await.status, 204);
    assert_eq!(server.get("/api/label_links/").await["count"], 1);
    assert_eq!(server.ask("DELETE", &format!("/api/projects/{project}/")).send().await.status, 204);
    assert_eq!(server.get("/api/label_links/").await["count"], 0);
}

#[tokio::test]
async fn one_wrong_label_and_none_is_added() {
    let server = Server::start().await;
    let project = server.project(CONFIG).await;
    let other = server.project(CONFIG).await;
    let good = label(project, "Cat", json!(["Animal", "Cat"]));
    for (bad, words) in [
        (json!({"project": project, "from_name": "tax", "value": ["x"]}), ["label 1", "title"]),
        (label(project, " ", json!(["x"])), ["label 1", "title"]),
        (label(project, "x", json!([])), ["label 1", "value"]),
        (label(project, "x", json!([1])), ["label 1", "value"]),
        (label(project, "x", json!(null)), ["label 1", "value"]),
        (label(other, "x", json!(["x"])), ["label 1", "same project"]),
        (
            json!({"project": project, "from_name": "nothing", "title": "x", "value": ["x"]}),
            ["label 1", "nothing"],
        ),
        (json!(7), ["label 1", "project"]),
    ] {
        let answer = server.ask("POST", "/api/labels/").json(json!([good, bad])).send().await;
        let text = answer.error(400);
        for word in words {
            assert!(text.contains(word), "{bad}: {text}");
        }
    }
    server.ask("POST", "/api/labels/").json(json!([])).send().await.error(400);
    server.ask("POST", "/api/labels/").json(json!([label(4711, "x", json!(["x"]))])).send().await.error(404);
    assert_eq!(server.get("/api/labels/").await["count"], 0);
}

#[tokio::test]
async fn a_label_is_renamed_in_all_annotations() {
    let server = Server::start().await;
    server.stranger().await;
    let mut annotations = Vec::new();
    let project = server.project(CONFIG).await;
    let task =
        server.post("/api/tasks/", json!({"project": project, "data": {"text": "x"}})).await["id"].clone();
    for path in
        [json!([["Animal", "100% \"Cat\""]]), json!([["Animal"], ["Animal", "Dog"]]), json!([["Plant"]])]
    {
        let region = json!({"id": "r", "from_name": "tax", "to_name": "t", "type": "taxonomy", "value": {"taxonomy": path}});
        let made = server.post(&format!("/api/tasks/{task}/annotations/"), json!({"result": [region]})).await;
        annotations.push(made["id"].as_i64().unwrap());
    }
    let value = async |n: usize| {
        let a = server.get(&format!("/api/annotations/{}/", annotations[n])).await;
        a["result"][0]["value"]["taxonomy"].clone()
    };
    let rename = async |old: Value, new: Value| {
        let body = json!({"project": project, "old_label": old, "new_label": new});
        server.post("/api/labels/bulk", body).await
    };
    let done = rename(json!(["Animal", "100% \"Cat\""]), json!(["Animal", "Tom"])).await;
    assert_eq!(done, json!({"annotations_updated": 1}));
    assert_eq!(value(0).await, json!([["Animal", "Tom"]]));
    assert_eq!(rename(json!(["Animal"]), json!(["Beast"])).await, json!({"annotations_updated": 2}));
    assert_eq!(value(1).await, json!([["Beast"], ["Beast", "Dog"]]));
    assert_eq!(value(2).await, json!([["Plant"]]));
    // Another organization's annotations are out of reach.
    let body = json!({"old_label": ["Plant"], "new_label": ["Weed"]});
    let answer = server.anonymous("POST", "/api/labels/bulk").token(STRANGER).json(body.clone()).ok().await;
    assert_eq!(answer, json!({"annotations_updated": 0}));
    assert_eq!(server.post("/api/labels/bulk", body).await, json!({"annotations_updated": 1}));
    assert_eq!(value(2).await, json!([["Weed"]]));
    server.ask("POST", "/api/labels/bulk").json(json!({"old_label": ["a"]})).send().await.error(400);
}
