//! The label stream: locks, skipping, overlap, sampling.

use crate::support::*;
use serde_json::{Value, json};
use tagloom_server::db;

async fn next(server: &Server, who: &str, project: i64) -> Answer {
    server.anonymous("GET", &format!("/api/projects/{project}/next/")).token(who).send().await
}

async fn submit(server: &Server, who: &str, task: &Value, query: &str) {
    let path = format!("/api/tasks/{task}/annotations/{query}");
    server.anonymous("POST", &path).token(who).json(json!({"result": []})).ok().await;
}

#[tokio::test]
async fn two_people_get_different_tasks() {
    let server = Server::start().await;
    server.colleague().await;
    let (project, ids) = server.tasks(2).await;
    let first = next(&server, OWNER, project).await.json();
    assert_eq!((&first["id"], &first["queue"]), (&json!(ids[0]), &json!("Sequence queue")));
    let again = next(&server, OWNER, project).await.json();
    assert_eq!((&again["id"], &again["queue"]), (&json!(ids[0]), &json!("Task lock")));
    assert_eq!(again["unique_lock_id"], first["unique_lock_id"], "the lock is renewed, not replaced");
    let other = next(&server, COLLEAGUE, project).await.json();
    assert_eq!(other["id"], ids[1]);
    // Done, and the rest is locked.
    submit(&server, OWNER, &first["id"], "").await;
    next(&server, OWNER, project).await.error(404);
    // Submitting releases the lock for everybody else too, as far as the overlap goes.
    submit(&server, COLLEAGUE, &other["id"], "").await;
    next(&server, COLLEAGUE, project).await.error(404);
    let done = server.get(&format!("/api/projects/{project}/")).await;
    assert_eq!(
        (&done["finished_task_number"], &done["queue_total"], &done["queue_done"]),
        (&json!(2), &json!(1), &json!(1))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn many_at_once_never_get_the_same_task() {
    let server = Server::start().await;
    let (project, ids) = server.tasks(6).await;
    let mut people = Vec::new();
    for n in 0..6 {
        let token = format!("token-of-person-{n}");
        server.user(&format!("p{n}@example.com"), &token, None).await;
        people.push(token);
    }
    let calls = people.iter().map(|token| {
        let request = server.anonymous("GET", &format!("/api/projects/{project}/next/")).token(token);
        tokio::spawn(request.ok())
    });
    let mut got = Vec::new();
    for call in calls.collect::<Vec<_>>() {
        got.push(call.await.unwrap()["id"].as_i64().unwrap());
    }
    got.sort_unstable();
    assert_eq!(got, ids);
}

/// More than a first look at the queue takes in.
#[tokio::test]
async fn who_skipped_many_tasks_gets_the_one_behind_them() {
    let server = Server::start().await;
    server.colleague().await;
    let (project, ids) = server.tasks(70).await;
    server.patch(&format!("/api/projects/{project}/"), json!({"skip_queue": "REQUEUE_FOR_OTHERS"})).await;
    for id in &ids[..60] {
        submit(&server, OWNER, &json!(id), "?was_cancelled=1").await;
    }
    let mine = next(&server, OWNER, project).await.json();
    assert_eq!((&mine["id"], &mine["queue"]), (&json!(ids[60]), &json!("Sequence queue")));
    let theirs = next(&server, COLLEAGUE, project).await.json();
    assert_eq!((&theirs["id"], &theirs["queue"]), (&json!(ids[0]), &json!("Sequence queue")));
}

#[tokio::test]
async fn a_lock_expires() {
    let server = Server::start().await;
    server.colleague().await;
    let (project, ids) = server.tasks(1).await;
    assert_eq!(next(&server, OWNER, project).await.json()["id"], ids[0]);
    next(&server, COLLEAGUE, project).await.error(404);
    let tx = server.state.db.write().await.unwrap();
    let past = tagloom_server::time::in_seconds(-1);
    db::run(&*tx, "UPDATE locks SET expire_at = $1", vec![past.into()]).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(next(&server, COLLEAGUE, project).await.json()["id"], ids[0]);
    next(&server, OWNER, project).await.error(404);
}

#[tokio::test]
async fn with_overlap_two_both_get_the_task_and_no_third() {
    let server = Server::start().await;
    server.colleague().await;
    server.user("third@example.com", "the-third-token", None).await;
    let (project, ids) = server.tasks(1).await;
    server.patch(&format!("/api/projects/{project}/"), json!({"maximum_annotations": 2})).await;
    assert_eq!(next(&server, OWNER, project).await.json()["id"], ids[0]);
    assert_eq!(next(&server, COLLEAGUE, project).await.json()["id"], ids[0]);
    next(&server, "the-third-token", project).await.error(404);
    submit(&server, OWNER, &ids[0].into(), "").await;
    let task = format!("/api/tasks/{}/", ids[0]);
    assert_eq!(server.get(&task).await["is_labeled"], false);
    // Twice by the same person counts once.
    submit(&server, OWNER, &ids[0].into(), "").await;
    assert_eq!(server.get(&task).await["is_labeled"], false);
    submit(&server, COLLEAGUE, &ids[0].into(), "").await;
    assert_eq!(server.get(&task).await["is_labeled"], true);
    server.patch(&format!("/api/projects/{project}/"), json!({"maximum_annotations": 3})).await;
    assert_eq!(server.get(&task).await["is_labeled"], false);
    let third = next(&server, "the-third-token", project).await.json();
    assert_eq!((&third["id"], &third["queue"]), (&json!(ids[0]), &json!("Breadth first queue")));
}

#[tokio::test]
async fn skipping_follows_the_project() {
    let server = Server::start().await;
    server.colleague().await;
    for (mode, labeled, mine, theirs) in [
        ("REQUEUE_FOR_OTHERS", false, None, Some("Sequence queue")),
        ("REQUEUE_FOR_ME", false, Some("Skipped queue"), None),
        ("IGNORE_SKIPPED", true, None, None),
    ] {
        let (project, ids) = server.tasks(1).await;
        server.patch(&format!("/api/projects/{project}/"), json!({"skip_queue": mode})).await;
        assert_eq!(next(&server, OWNER, project).await.status, 200);
        submit(&server, OWNER, &ids[0].into(), "?was_cancelled=1").await;
        let task = server.get(&format!("/api/tasks/{}/", ids[0])).await;
        assert_eq!(
            (&task["is_labeled"], &task["cancelled_annotations"]),
            (&json!(labeled), &json!(1)),
            "{mode}"
        );
        assert_eq!(server.get(&format!("/api/tasks/{}/annotations/", ids[0])).await, json!([]), "{mode}");
        for (who, expected) in [(COLLEAGUE, theirs), (OWNER, mine)] {
            let answer = next(&server, who, project).await;
            match expected {
                Some(queue) => assert_eq!(answer.json()["queue"], queue, "{mode} {who}"),
                None => {
                    answer.error(404);
                }
            }
        }
    }
}

#[tokio::test]
async fn a_postponed_draft_comes_back_last() {
    let server = Server::start().await;
    let (project, ids) = server.tasks(2).await;
    let first = next(&server, OWNER, project).await.json();
    let body = json!({"result": [], "was_postponed": true});
    server.post(&format!("/api/tasks/{}/drafts", first["id"]), body).await;
    assert_eq!(next(&server, OWNER, project).await.json()["id"], ids[1]);
    submit(&server, OWNER, &ids[1].into(), "").await;
    let back = next(&server, OWNER, project).await.json();
    assert_eq!((&back["id"], &back["queue"]), (&json!(ids[0]), &json!("Postponed draft queue")));
    assert_eq!(back["drafts"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn the_least_certain_prediction_comes_first() {
    let server = Server::start().await;
    let (project, ids) = server.tasks(3).await;
    server.patch(&format!("/api/projects/{project}/"), json!({"sampling": "Uncertainty sampling"})).await;
    for (task, score) in ids.iter().zip([0.9, 0.1, 0.5]) {
        let body = json!({"task": task, "result": [], "score": score, "model_version": "m"});
        server.post("/api/predictions/", body).await;
    }
    for expected in [ids[1], ids[2], ids[0]] {
        let task = next(&server, OWNER, project).await.json();
        assert_eq!(task["id"], expected);
        submit(&server, OWNER, &task["id"], "").await;
    }
}

#[tokio::test]
async fn predictions_are_shown_as_the_project_says() {
    let server = Server::start().await;
    let project = server.project(TEXT_CONFIG).await;
    let list = json!([{"data": {"text": "a"}, "predictions": [
        {"result": [], "model_version": "old"}, {"result": [], "model_version": "new", "score": 0.5}]}]);
    server.post(&format!("/api/projects/{project}/import"), list).await;
    let path = format!("/api/projects/{project}/");
    assert_eq!(server.get(&path).await["model_version"], "new", "the last imported version");
    let shown = async || {
        let task = next(&server, OWNER, project).await.json();
        task["predictions"].as_array().unwrap().iter().map(|p| p["model_version"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(shown().await, ["new"]);
    server.patch(&path, json!({"model_version": "old"})).await;
    assert_eq!(shown().await, ["old"]);
    let hidden = server.patch(&path, json!({"show_collab_predictions": false})).await;
    assert_eq!(hidden["model_version"], "");
    assert_eq!(shown().await, Vec::<Value>::new());
    assert_eq!(server.get(&format!("{path}model-versions/")).await, json!({"new": 1, "old": 1}));
}

#[tokio::test]
async fn the_history_remembers() {
    let server = Server::start().await;
    let (project, ids) = server.tasks(2).await;
    next(&server, OWNER, project).await;
    let annotation = server.post(&format!("/api/tasks/{}/annotations/", ids[0]), json!({"result": []})).await;
    next(&server, OWNER, project).await;
    next(&server, OWNER, project).await;
    let history = server.get(&format!("/api/projects/{project}/label-stream-history/")).await;
    let expected = json!([{"taskId": ids[0], "annotationId": annotation["id"]}, {"taskId": ids[1], "annotationId": null}]);
    assert_eq!(history, expected);
}

#[tokio::test]
async fn a_part_of_the_tasks_is_for_two() {
    let server = Server::start().await;
    let (project, ids) = server.tasks(10).await;
    let path = format!("/api/projects/{project}/");
    for wrong in [json!(-1), json!(101), json!("half"), json!(1.5)] {
        let answer =
            server.ask("PATCH", &path).json(json!({"overlap_cohort_percentage": wrong})).send().await;
        answer.error(400);
    }
    submit(&server, OWNER, &ids[7].into(), "").await;
    server.patch(&path, json!({"maximum_annotations": 2, "overlap_cohort_percentage": 25})).await;
    let overlaps = async || -> Vec<i64> {
        let list = server.get(&format!("/api/tasks/?project={project}")).await;
        list["tasks"].as_array().unwrap().iter().map(|t| t["overlap"].as_i64().unwrap()).collect()
    };
    let found = overlaps().await;
    assert_eq!(found.iter().filter(|o| **o == 2).count(), 3, "25 % of ten, rounded: {found:?}");
    assert_eq!(found[7], 2, "what has been begun comes first");
    assert_eq!(server.get(&format!("/api/tasks/{}/", ids[7])).await["is_labeled"], false);
    // Only those of several people follow a new maximum …
    server.patch(&path, json!({"maximum_annotations": 3})).await;
    assert_eq!(overlaps().await.iter().filter(|o| **o == 3).count(), 3);
    // … and they come first where the project says so.
    server.patch(&path, json!({"show_overlap_first": true})).await;
    let first = next(&server, OWNER, project).await.json();
    assert_eq!(first["overlap"], 3);
    // One person is enough: that is for all.
    server.patch(&path, json!({"maximum_annotations": 1})).await;
    assert_eq!(overlaps().await, [1; 10]);
    assert_eq!(server.get(&format!("/api/tasks/{}/", ids[7])).await["is_labeled"], true);
}

#[tokio::test]
async fn another_way_of_skipping_counts_anew() {
    let server = Server::start().await;
    let (project, ids) = server.tasks(2).await;
    submit(&server, OWNER, &ids[0].into(), "?was_cancelled=1").await;
    let labeled = async || server.get(&format!("/api/tasks/{}/", ids[0])).await["is_labeled"].clone();
    assert_eq!(labeled().await, false);
    let path = format!("/api/projects/{project}/");
    server.patch(&path, json!({"skip_queue": "IGNORE_SKIPPED"})).await;
    assert_eq!(labeled().await, true);
    server.patch(&path, json!({"skip_queue": "REQUEUE_FOR_ME"})).await;
    assert_eq!(labeled().await, false);
}

#[tokio::test]
async fn uncertainty_follows_the_version_that_is_shown() {
    let server = Server::start().await;
    let (project, ids) = server.tasks(2).await;
    for (task, score, version) in
        [(ids[0], 0.1, "old"), (ids[1], 0.9, "old"), (ids[0], 0.8, "new"), (ids[1], 0.2, "new")]
    {
        let body = json!({"task": task, "result": [], "score": score, "model_version": version});
        server.post("/api/predictions/", body).await;
    }
    let path = format!("/api/projects/{project}/");
    for (version, expected) in [("old", ids[0]), ("new", ids[1])] {
        server.patch(&path, json!({"sampling": "Uncertainty sampling", "model_version": version})).await;
        let tx = server.state.db.write().await.unwrap();
        db::run(&*tx, "DELETE FROM locks", vec![]).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(next(&server, OWNER, project).await.json()["id"], expected, "{version}");
    }
}

#[tokio::test]
async fn a_uniform_choice_reaches_everything() {
    let server = Server::start().await;
    let (project, ids) = server.tasks(300).await;
    server.patch(&format!("/api/projects/{project}/"), json!({"sampling": "Uniform sampling"})).await;
    let mut seen = Vec::new();
    for _ in 0..30 {
        let task = next(&server, OWNER, project).await.json();
        assert_eq!(task["queue"], "Uniform random queue");
        seen.push(task["id"].as_i64().unwrap());
        submit(&server, OWNER, &task["id"], "").await;
    }
    // Thirty of three hundred: that none lies in the last third has a chance of one in two hundred thousand.
    assert!(seen.iter().any(|id| *id > ids[200]), "{seen:?}");
    assert!(!seen.is_sorted(), "{seen:?}");
}
