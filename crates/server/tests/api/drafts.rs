//! Drafts: from the first autosave to the submitted annotation.

use crate::support::*;
use serde_json::{Value, json};

fn region(label: &str) -> Value {
    json!([{"id": "r", "from_name": "c", "to_name": "t", "type": "choices", "value": {"choices": [label]}}])
}

#[tokio::test]
async fn a_draft_lives_until_its_annotation_is_submitted() {
    let server = Server::start().await;
    let (_, ids) = server.tasks(1).await;
    let task = ids[0];
    let list = async || server.get(&format!("/api/tasks/{task}/drafts")).await;
    assert_eq!(list().await, json!([]));
    let draft = server.post(&format!("/api/tasks/{task}/drafts"), json!({"result": region("A")})).await;
    let path = format!("/api/drafts/{}/", draft["id"]);
    let changed =
        server.patch(&path, json!({"result": region("B"), "lead_time": 7.5, "was_postponed": true})).await;
    assert_eq!((&changed["id"], &changed["created_at"]), (&draft["id"], &draft["created_at"]));
    assert_eq!((&changed["result"], &changed["lead_time"]), (&region("B"), &json!(7.5)));
    assert_eq!(changed["was_postponed"], true);
    assert_eq!(list().await, json!([changed]));
    assert_eq!(server.get(&format!("/api/tasks/{task}/")).await["draft_exists"], true);

    let body = json!({"result": region("B"), "draft_id": draft["id"]});
    let annotation = server.post(&format!("/api/tasks/{task}/annotations/"), body.clone()).await;
    assert_eq!(annotation["draft_created_at"], draft["created_at"]);
    assert_eq!(list().await, json!([]));
    server.ask("GET", &path).send().await.error(404);
    server.ask("PATCH", &path).json(json!({"result": []})).send().await.error(404);
    // The draft is gone, a resend with its id is an annotation like any other.
    let again = server.post(&format!("/api/tasks/{task}/annotations/"), body).await;
    assert!(again["draft_created_at"].is_null());
}

#[tokio::test]
async fn a_draft_of_an_annotation_goes_when_it_is_saved() {
    let server = Server::start().await;
    let (_, ids) = server.tasks(2).await;
    let annotation =
        server.post(&format!("/api/tasks/{}/annotations/", ids[0]), json!({"result": region("A")})).await;
    let id = annotation["id"].as_i64().unwrap();
    let path = format!("/api/tasks/{}/annotations/{id}/drafts", ids[0]);
    let draft = server.post(&path, json!({"result": region("B")})).await;
    assert_eq!(draft["annotation"], id);
    assert_eq!(server.get(&path).await, json!([draft]));
    let wrong = format!("/api/tasks/{}/annotations/{id}/drafts", ids[1]);
    server.ask("POST", &wrong).json(json!({"result": []})).send().await.error(404);
    assert_eq!(server.get(&wrong).await, json!([]));
    server.patch(&format!("/api/annotations/{id}/"), json!({"result": region("B")})).await;
    assert_eq!(server.get(&path).await, json!([]));
    server.post(&path, json!({"result": region("A")})).await;
    assert_eq!(server.ask("DELETE", &format!("/api/annotations/{id}/")).send().await.status, 204);
    assert_eq!(server.get(&format!("/api/tasks/{}/drafts", ids[0])).await, json!([]));
}

#[tokio::test]
async fn a_draft_is_its_authors() {
    let server = Server::start().await;
    server.colleague().await;
    let (_, ids) = server.tasks(2).await;
    let draft = server.post(&format!("/api/tasks/{}/drafts", ids[0]), json!({"result": region("A")})).await;
    let submit = |who: &str, task: i64| {
        let request = server.anonymous("POST", &format!("/api/tasks/{task}/annotations/")).token(who);
        request.json(json!({"result": [], "draft_id": draft["id"]})).send()
    };
    submit(COLLEAGUE, ids[0]).await.error(403);
    submit(OWNER, ids[1]).await.error(403);
    // Neither has removed it, and nothing was stored.
    assert_eq!(server.get(&format!("/api/drafts/{}/", draft["id"])).await, draft);
    assert_eq!(server.get(&format!("/api/tasks/{}/annotations/", ids[0])).await, json!([]));
    let answer = server.ask("DELETE", &format!("/api/drafts/{}/", draft["id"])).send().await;
    assert_eq!(answer.status, 204);
}

#[tokio::test]
async fn an_annotation_becomes_a_draft_again() {
    let server = Server::start().await;
    let (_, ids) = server.tasks(1).await;
    let body = json!({"result": region("A"), "lead_time": 3.0});
    let annotation = server.post(&format!("/api/tasks/{}/annotations/", ids[0]), body).await;
    let draft =
        server.post(&format!("/api/annotations/{}/convert-to-draft", annotation["id"]), json!({})).await;
    assert_eq!(
        (&draft["result"], &draft["lead_time"], &draft["task"]),
        (&region("A"), &json!(3.0), &json!(ids[0]))
    );
    server.ask("GET", &format!("/api/annotations/{}/", annotation["id"])).send().await.error(404);
    let task = server.get(&format!("/api/tasks/{}/", ids[0])).await;
    assert_eq!((&task["is_labeled"], &task["total_annotations"]), (&json!(false), &json!(0)));
}
