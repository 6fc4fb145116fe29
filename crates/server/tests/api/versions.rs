//! Versions: a stale tab never overwrites, a resend never doubles (demand.md needs 2 and 27).

use crate::support::*;
use serde_json::json;

#[tokio::test]
async fn need_27_a_stale_tab_does_not_overwrite_an_annotation() {
    let server = Server::start().await;
    server.colleague().await;
    let (_, ids) = server.tasks(1).await;
    let path = format!("/api/tasks/{}/annotations/", ids[0]);
    let made = server.ask("POST", &path).json(json!({"result": [{"id": "a"}]})).send().await;
    let tag = made.header("etag").to_owned();
    assert_eq!(tag, format!("\"{}\"", made.json()["updated_at"].as_str().unwrap()));
    let path = format!("/api/annotations/{}/", made.json()["id"]);
    assert_eq!(server.ask("GET", &path).send().await.header("etag"), tag);

    let other = server.anonymous("PATCH", &path).token(COLLEAGUE).header("if-match", &tag);
    let other = other.json(json!({"result": [{"id": "b"}]})).send().await;
    assert_eq!(other.status, 200, "{other:?}");
    assert_ne!(other.header("etag"), tag);

    let stale = server.ask("PATCH", &path).header("if-match", &tag).json(json!({"result": []})).send().await;
    assert!(stale.error(412).contains("Nothing was overwritten"), "{stale:?}");
    assert_eq!(stale.json()["current"]["result"], json!([{"id": "b"}]));
    let stale = server.ask("DELETE", &path).header("if-match", &tag).send().await;
    stale.error(412);
    assert_eq!(server.get(&path).await["result"], json!([{"id": "b"}]));

    // With the version of now, any, or none at all the change is taken.
    for tag in [Some(other.header("etag")), Some("*"), None] {
        let mut request = server.ask("PATCH", &path);
        if let Some(tag) = tag {
            request = request.header("if-match", tag);
        }
        assert_eq!(request.json(json!({"lead_time": 1.0})).send().await.status, 200, "{tag:?}");
    }
}

#[tokio::test]
async fn a_change_that_is_sent_again_is_the_same_change() {
    let server = Server::start().await;
    let (_, ids) = server.tasks(1).await;
    let made = server.post(&format!("/api/tasks/{}/annotations/", ids[0]), json!({"result": []})).await;
    let path = format!("/api/annotations/{}/", made["id"]);
    let tag = format!("\"{}\"", made["updated_at"].as_str().unwrap());
    let send = async || {
        let request = server.ask("PATCH", &path).header("if-match", &tag).header("idempotency-key", "once");
        request.json(json!({"result": [{"id": "a"}]})).send().await
    };
    let first = send().await;
    // The answer was lost: the version has moved on, but it is this very change that moved it.
    let again = send().await;
    assert_eq!((first.status, again.status), (200, 200), "{again:?}");
    assert_eq!(first.json(), again.json());
    let other = server.ask("POST", &format!("/api/tasks/{}/annotations/", ids[0]));
    let other = other.header("idempotency-key", "once").json(json!({"result": []})).send().await;
    other.error(422);
}

#[tokio::test]
async fn drafts_have_versions_and_keys_too() {
    let server = Server::start().await;
    let (_, ids) = server.tasks(1).await;
    let path = format!("/api/tasks/{}/drafts", ids[0]);
    let make = async || {
        let request = server.ask("POST", &path).header("idempotency-key", "draft");
        request.json(json!({"result": [{"id": "a"}]})).send().await
    };
    let (made, again) = (make().await, make().await);
    assert_eq!((made.status, made.json()["id"].clone()), (201, again.json()["id"].clone()));
    assert_eq!(server.get(&path).await.as_array().unwrap().len(), 1);
    let tag = made.header("etag").to_owned();
    let path = format!("/api/drafts/{}/", made.json()["id"]);
    let change = async |label: &str| {
        let request = server.ask("PATCH", &path).header("if-match", &tag);
        request.json(json!({"result": [{"id": label}]})).send().await
    };
    assert_eq!(change("b").await.status, 200);
    let stale = change("c").await;
    stale.error(412);
    assert_eq!(stale.json()["current"]["result"], json!([{"id": "b"}]));
    assert_eq!(server.get(&path).await["result"], json!([{"id": "b"}]));
}

/// What is wrong with one submit is its own business, also when it is stored together with others.
#[tokio::test(flavor = "multi_thread")]
async fn submits_that_arrive_together_get_their_own_answers() {
    let server = Server::start().await;
    let (project, ids) = server.tasks(40).await;
    let calls: Vec<_> = ids
        .iter()
        .enumerate()
        .map(|(n, id)| {
            let id = if n % 4 == 1 { 9_999_999 } else { *id };
            let mut body = json!({"result": [{"id": n.to_string()}]});
            match n % 4 {
                2 => body["completed_by"] = json!(777),
                3 => body["unique_id"] = json!("1b671a64-40d5-491e-99b0-da01ff1f3341"),
                _ => {}
            }
            let request = server.ask("POST", &format!("/api/tasks/{id}/annotations/"));
            tokio::spawn(request.json(body).send())
        })
        .collect();
    let mut counts = std::collections::BTreeMap::new();
    for (n, call) in calls.into_iter().enumerate() {
        let answer = call.await.unwrap();
        if n % 4 == 0 {
            assert_eq!(answer.json()["result"][0]["id"], json!(n.to_string()), "{answer:?}");
        }
        *counts.entry((n % 4, answer.status)).or_insert(0) += 1;
    }
    let expected = [((0, 201), 10), ((1, 404), 10), ((2, 400), 10), ((3, 201), 1), ((3, 409), 9)];
    assert_eq!(counts, expected.into());
    let project = server.get(&format!("/api/projects/{project}/")).await;
    assert_eq!(
        (&project["total_annotations_number"], &project["finished_task_number"]),
        (&json!(11), &json!(11))
    );
}
