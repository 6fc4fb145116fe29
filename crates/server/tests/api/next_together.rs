//! Many people on several servers of one database: every task gets as many of them as it wants, and no more.

use crate::support::*;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use tagloom_server::db;

/// Works until there is nothing left; gives the tasks in the order they came.
async fn works(servers: Vec<(String, reqwest::Client)>, token: String, project: i64) -> Vec<i64> {
    let mut got = Vec::new();
    for turn in 0.. {
        // Now here, now there, as behind a balancer.
        let (url, client) = &servers[turn % servers.len()];
        let request = |method: reqwest::Method, path: String| {
            Request(client.request(method, format!("{url}{path}"))).token(&token)
        };
        let answer = request(reqwest::Method::GET, format!("/api/projects/{project}/next/")).send().await;
        if answer.status == 404 {
            break;
        }
        assert_eq!(answer.status, 200, "{answer:?}");
        let task = answer.json()["id"].as_i64().unwrap();
        got.push(task);
        let path = format!("/api/tasks/{task}/annotations/");
        request(reqwest::Method::POST, path).json(json!({"result": []})).ok().await;
    }
    got
}

/// Everybody at once on two servers; then what is there.
async fn everybody(overlap: i64, people: usize, tasks: usize, sampling: &str) {
    let server = Server::start().await;
    let second = server.beside().await;
    let (project, ids) = server.tasks(tasks).await;
    let settings = json!({"maximum_annotations": overlap, "sampling": sampling});
    server.patch(&format!("/api/projects/{project}/"), settings).await;
    let mut at_work = Vec::new();
    for n in 0..people {
        let token = format!("token-of-person-{n}");
        server.user(&format!("p{n}@example.com"), &token, None).await;
        let mut servers =
            vec![(server.url.clone(), server.client.clone()), (second.url.clone(), second.client.clone())];
        servers.rotate_left(n % 2);
        at_work.push(tokio::spawn(works(servers, token, project)));
    }
    for person in at_work {
        let got = person.await.unwrap();
        let distinct: BTreeSet<i64> = got.iter().copied().collect();
        assert_eq!(distinct.len(), got.len(), "nobody gets a task twice: {got:?}");
    }
    let rows = db::all(
        server.state.db.read(),
        "SELECT task, completed_by FROM annotations WHERE project = $1",
        vec![project.into()],
    )
    .await
    .unwrap();
    let mut by_task: BTreeMap<i64, Vec<i64>> = BTreeMap::new();
    for row in rows {
        by_task
            .entry(row.try_get("", "task").unwrap())
            .or_default()
            .push(row.try_get("", "completed_by").unwrap());
    }
    for id in ids {
        let who = by_task.remove(&id).unwrap_or_default();
        let distinct: BTreeSet<i64> = who.iter().copied().collect();
        assert_eq!((who.len() as i64, distinct.len() as i64), (overlap, overlap), "task {id}: {who:?}");
    }
    let done = server.get(&format!("/api/projects/{project}/")).await;
    assert_eq!((&done["finished_task_number"], &done["task_number"]), (&json!(tasks), &json!(tasks)));
    let locks = db::count(server.state.db.read(), "SELECT COUNT(*) FROM locks", vec![]).await.unwrap();
    assert_eq!(locks, 0, "everybody has let go");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_each_in_sequence() {
    everybody(1, 8, 40, "Sequential sampling").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_each_in_sequence() {
    everybody(2, 8, 30, "Sequential sampling").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_each_at_random() {
    everybody(2, 6, 30, "Uniform sampling").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn three_each_without_scores() {
    everybody(3, 5, 20, "Uncertainty sampling").await;
}

/// The same place asked for at the same moment, again and again.
#[tokio::test(flavor = "multi_thread")]
async fn the_last_place_goes_to_one() {
    let server = Server::start().await;
    let second = server.beside().await;
    let mut people = Vec::new();
    for n in 0..6 {
        let token = format!("token-of-person-{n}");
        server.user(&format!("p{n}@example.com"), &token, None).await;
        people.push(token);
    }
    for _ in 0..10 {
        let (project, _) = server.tasks(1).await;
        server.patch(&format!("/api/projects/{project}/"), json!({"maximum_annotations": 2})).await;
        let calls: Vec<_> = people
            .iter()
            .enumerate()
            .map(|(n, token)| {
                let server = if n % 2 == 0 { &server } else { &second };
                let request = server.anonymous("GET", &format!("/api/projects/{project}/next/")).token(token);
                tokio::spawn(request.send())
            })
            .collect();
        let mut served = 0;
        for call in calls {
            let answer = call.await.unwrap();
            assert!([200, 404].contains(&answer.status), "{answer:?}");
            served += usize::from(answer.status == 200);
        }
        assert_eq!(served, 2);
    }
}

/// Two submissions of one task at the same moment on two servers are both counted.
#[tokio::test(flavor = "multi_thread")]
async fn what_comes_in_at_once_is_counted() {
    let server = Server::start().await;
    let second = server.beside().await;
    let mut people = Vec::new();
    for n in 0..4 {
        let token = format!("token-of-person-{n}");
        server.user(&format!("p{n}@example.com"), &token, None).await;
        people.push(token);
    }
    let (project, ids) = server.tasks(10).await;
    server.patch(&format!("/api/projects/{project}/"), json!({"maximum_annotations": 4})).await;
    for id in ids {
        let calls: Vec<_> = people
            .iter()
            .enumerate()
            .map(|(n, token)| {
                let server = if n % 2 == 0 { &server } else { &second };
                let request = server.anonymous("POST", &format!("/api/tasks/{id}/annotations/")).token(token);
                tokio::spawn(request.json(json!({"result": []})).ok())
            })
            .collect();
        for call in calls {
            call.await.unwrap();
        }
        let task: Value = server.get(&format!("/api/tasks/{id}/")).await;
        assert_eq!((&task["is_labeled"], &task["total_annotations"]), (&json!(true), &json!(4)));
    }
}

/// Another process commits while a submit waits for it: the submit counts what has come, by the rules of now.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_committed_while_a_submit_waits_counts() {
    let server = Server::start().await;
    let colleague = server.colleague().await;
    let (project, ids) = server.tasks(2).await;
    server.patch(&format!("/api/projects/{project}/"), json!({"maximum_annotations": 2})).await;
    let submit = |task: i64, body: Value| {
        let request = server.ask("POST", &format!("/api/tasks/{task}/annotations/")).json(body);
        tokio::spawn(request.ok())
    };
    let wait = || tokio::time::sleep(std::time::Duration::from_millis(300));
    let task = async |id: i64| server.get(&format!("/api/tasks/{id}/")).await;

    let tx = server.state.db.write().await.unwrap();
    let sql = "INSERT INTO annotations (task, project, completed_by, result, result_count, was_cancelled, ground_truth, \
               unique_id, created_at, updated_at) VALUES ($1, $2, $3, '[]', 0, $4, $4, 'x', $5, $5)";
    let now = tagloom_server::time::now();
    let values = vec![ids[0].into(), project.into(), colleague.into(), false.into(), now.into()];
    db::run(&*tx, sql, values).await.unwrap();
    let sql = "UPDATE tasks SET people = 1, total_annotations = 1 WHERE id = $1";
    db::run(&*tx, sql, vec![ids[0].into()]).await.unwrap();
    let waiting = submit(ids[0], json!({"result": []}));
    wait().await;
    tx.commit().await.unwrap();
    waiting.await.unwrap();
    let found = task(ids[0]).await;
    assert_eq!((&found["total_annotations"], &found["is_labeled"]), (&json!(2), &json!(true)), "{found}");

    // Skipping counts from now on.
    server.patch(&format!("/api/projects/{project}/"), json!({"maximum_annotations": 1})).await;
    let tx = server.state.db.write().await.unwrap();
    let row =
        db::one(&*tx, "SELECT settings FROM projects WHERE id = $1", vec![project.into()]).await.unwrap();
    let mut settings: Value =
        serde_json::from_str(&row.unwrap().try_get::<String>("", "settings").unwrap()).unwrap();
    assert_ne!(settings["skip_queue"], "IGNORE_SKIPPED");
    settings["skip_queue"] = "IGNORE_SKIPPED".into();
    let values = vec![settings.to_string().into(), project.into()];
    db::run(&*tx, "UPDATE projects SET settings = $1 WHERE id = $2", values).await.unwrap();
    let sql = format!("SELECT id FROM tasks WHERE project = $1 ORDER BY id{}", db::for_update(&*tx));
    db::run(&*tx, &sql, vec![project.into()]).await.unwrap();
    let waiting = submit(ids[1], json!({"result": [], "was_cancelled": true}));
    wait().await;
    tx.commit().await.unwrap();
    waiting.await.unwrap();
    let found = task(ids[1]).await;
    assert_eq!((&found["cancelled_annotations"], &found["is_labeled"]), (&json!(1), &json!(true)), "{found}");
}

/// Another process changes the only task while a person waits for it: they get it as it is now.
#[tokio::test(flavor = "multi_thread")]
async fn who_waited_for_a_task_gets_it_as_it_is_now() {
    let server = Server::start().await;
    let (project, ids) = server.tasks(1).await;
    let tx = server.state.db.write().await.unwrap();
    let sql = "UPDATE tasks SET data = $1 WHERE id = $2";
    db::run(&*tx, sql, vec![r#"{"text": "changed"}"#.into(), ids[0].into()]).await.unwrap();
    let waiting = tokio::spawn(server.ask("GET", &format!("/api/projects/{project}/next/")).ok());
    tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    assert!(!waiting.is_finished(), "the row is held");
    tx.commit().await.unwrap();
    let got = waiting.await.unwrap();
    assert_eq!((&got["id"], &got["data"]), (&json!(ids[0]), &json!({"text": "changed"})));
}
