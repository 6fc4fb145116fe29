//! Actions on chosen tasks.

use super::world::*;
use crate::support::*;
use serde_json::{Value, json};

impl World {
    async fn act(&self, action: &str, body: Value) -> Value {
        self.server.post(&format!("/api/dm/actions/?project={}&id={action}", self.project), body).await
    }

    async fn counts(&self) -> Value {
        let list = self.server.get(&format!("/api/tasks/?project={}&page_size=1", self.project)).await;
        json!([list["total"], list["total_annotations"], list["total_predictions"]])
    }

    fn only(&self, numbers: &[usize]) -> Value {
        let ids: Vec<i64> = numbers.iter().map(|n| self.ids[n - 1]).collect();
        json!({"all": false, "included": ids})
    }
}

#[tokio::test]
async fn what_can_be_done() {
    let world = World::new().await;
    let (server, project) = (&world.server, world.project);
    let list = server.get(&format!("/api/dm/actions/?project={project}")).await;
    let ids: Vec<&str> = list.as_array().unwrap().iter().map(|a| a["id"].as_str().unwrap()).collect();
    assert_eq!(
        ids,
        [
            "retrieve_tasks_predictions",
            "predictions_to_annotations",
            "remove_duplicates",
            "delete_tasks",
            "delete_tasks_annotations",
            "delete_tasks_predictions"
        ]
    );
    let delete = &list[3];
    assert_eq!(keys(delete), ["id", "title", "order", "permission", "dialog", "reload"]);
    assert_eq!((&delete["order"], &delete["dialog"]["type"]), (&json!(100), &json!("confirm")));
    let form = async |id: &str| server.get(&format!("/api/dm/actions/{id}/form/?project={project}")).await;
    assert_eq!(form("delete_tasks").await, json!([]));
    assert_eq!(form("predictions_to_annotations").await[0]["fields"][0]["options"], json!(["", "M2", "m1"]));
    assert_eq!(
        form("delete_tasks_annotations").await[0]["fields"][0]["options"][1]["value"],
        world.colleague
    );
    server.ask("GET", &format!("/api/dm/actions/nope/form/?project={project}")).send().await.error(404);

    let run = async |query: &str| {
        server.ask("POST", &format!("/api/dm/actions/?{query}")).json(json!({})).send().await
    };
    run(&format!("project={project}")).await.error(422);
    run(&format!("project={project}&id=nope")).await.error(404);
    run("id=delete_tasks").await.error(404);
    run("project=99999&id=delete_tasks").await.error(404);
    let text = run(&format!("project={project}&id=retrieve_tasks_predictions")).await.error(400);
    assert!(text.contains("No ML backend is connected"), "{text}");
    assert_eq!(world.counts().await, json!([18, 3, 4]));
}

#[tokio::test]
async fn chosen_tasks_are_deleted_and_views_go_with_the_last() {
    let world = World::new().await;
    world.server.post("/api/dm/views/", json!({"project": world.project, "data": {"title": "V"}})).await;
    let filters = json!({"items": [item("inner_id", "Number", "less", json!(5))]});
    let body = json!({"filters": filters, "selectedItems": {"all": true, "excluded": [world.ids[0]]}});
    let answer = world.act("delete_tasks", body).await;
    assert_eq!(answer, json!({"processed_items": 3, "reload": false, "detail": "Deleted 3 tasks"}));
    assert_eq!(world.listed(json!({})).await, [1, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18]);
    assert_eq!(world.counts().await, json!([15, 1, 3]));
    let views = async || world.server.get(&format!("/api/dm/views/?project={}", world.project)).await;
    assert_eq!(views().await.as_array().unwrap().len(), 1);

    // The chosen ones of a regular expression, by a view.
    let filters = json!({"items": [item("data.x", "String", "regex", json!("^5"))]});
    let view = world
        .server
        .post("/api/dm/views/", json!({"project": world.project, "data": {"filters": filters}}))
        .await;
    let answer =
        world.server.post(&format!("/api/dm/actions/?view={}&id=delete_tasks", view["id"]), json!({})).await;
    assert_eq!(answer["processed_items"], 3);

    let answer = world.act("delete_tasks", json!({"selectedItems": {"all": true, "excluded": []}})).await;
    assert_eq!(answer, json!({"processed_items": 12, "reload": true, "detail": "Deleted 12 tasks"}));
    assert_eq!(world.counts().await, json!([0, 0, 0]));
    assert_eq!(views().await, json!([]));
}

#[tokio::test]
async fn annotations_go_with_their_drafts_of_one_person_or_of_all() {
    let world = World::new().await;
    let body = json!({"annotator": world.colleague, "selectedItems": world.only(&[2, 3, 4, 6])});
    let answer = world.act("delete_tasks_annotations", body).await;
    assert_eq!(answer, json!({"processed_items": 2, "detail": "Deleted 2 annotations"}));
    assert_eq!(world.counts().await, json!([18, 2, 4]));
    let query = json!({"filters": {"items": [item("draft_exists", "Boolean", "equal", json!(true))]}});
    assert_eq!(world.listed(query).await, Vec::<usize>::new());
    let answer = world.act("delete_tasks_annotations", json!({})).await;
    assert_eq!(answer["processed_items"], 2);
    let query = json!({"filters": {"items": [item("is_labeled", "Boolean", "equal", json!(true))]}});
    assert_eq!(world.listed(query).await, Vec::<usize>::new());
    let path = format!("/api/dm/actions/?project={}&id=delete_tasks_annotations", world.project);
    for bad in [json!("x"), json!(99_999)] {
        world.server.ask("POST", &path).json(json!({"annotator": bad})).send().await.error(400);
    }
}

#[tokio::test]
async fn predictions_are_deleted_or_become_annotations_once() {
    let world = World::new().await;
    let answer = world.act("predictions_to_annotations", json!({"model_version": "m1"})).await;
    assert_eq!(answer["detail"], "Created 2 annotations");
    assert_eq!(world.counts().await, json!([18, 5, 4]));
    let task = world.server.get(&format!("/api/tasks/{}/", world.ids[3])).await;
    let annotation = &task["annotations"][0];
    assert_eq!(annotation["result"], choice("P"));
    assert_eq!(annotation["parent_prediction"], task["predictions"][0]["id"]);
    assert_eq!(annotation["completed_by"]["id"], 1);
    assert_eq!(task["is_labeled"], true);

    // Those of m1 are annotations already.
    let answer = world.act("predictions_to_annotations", json!({})).await;
    assert_eq!(answer["detail"], "Created 2 annotations");
    let answer = world.act("predictions_to_annotations", json!({"model_version": ["m1", "M2", ""]})).await;
    assert_eq!(answer["detail"], "Created 0 annotations");
    let path = format!("/api/dm/actions/?project={}&id=predictions_to_annotations", world.project);
    for bad in [json!(3), json!([]), json!([1])] {
        world.server.ask("POST", &path).json(json!({"model_version": bad})).send().await.error(400);
    }

    let answer = world.act("delete_tasks_predictions", json!({"selectedItems": world.only(&[5, 6])})).await;
    assert_eq!(answer, json!({"processed_items": 2, "detail": "Deleted 2 predictions"}));
    assert_eq!(world.counts().await, json!([18, 7, 2]));
    let query = json!({"filters": {"items": [item("predictions_score", "Number", "empty", json!(false))]}});
    assert_eq!(world.listed(query).await, [4]);
}

#[tokio::test]
async fn of_tasks_with_the_same_data_one_stays() {
    let server = Server::start().await;
    let colleague = server.colleague().await;
    let project = server.project("<View></View>").await;
    let same = |n: i64| {
        // The order of keys makes no difference.
        if n % 2 == 0 {
            json!({"a": 1, "b": {"c": [1, 2], "d": "x"}})
        } else {
            json!({"b": {"d": "x", "c": [1, 2]}, "a": 1})
        }
    };
    let mut list: Vec<Value> = (0..6).map(same).collect();
    list.extend([json!({"a": 2}), json!({"a": 2}), json!({"a": 3}), json!({"a": "3"})]);
    // More copies than one transaction takes.
    list.extend((0..500).map(|_| json!({"many": true})));
    let path = format!("/api/projects/{project}/import?return_task_ids=true");
    let ids: Vec<i64> =
        serde_json::from_value(server.post(&path, list.into()).await["task_ids"].clone()).unwrap();
    for (n, token) in [(2, OWNER), (4, COLLEAGUE), (4, OWNER)] {
        let request = server.anonymous("POST", &format!("/api/tasks/{}/annotations/", ids[n]));
        request.token(token).json(json!({"result": choice("A")})).ok().await;
    }
    server.post(&format!("/api/tasks/{}/drafts", ids[5]), json!({"result": []})).await;
    server.post("/api/predictions/", json!({"task": ids[5], "result": []})).await;

    let run = format!("/api/dm/actions/?project={project}&id=remove_duplicates");
    let answer = server.post(&run, json!({"selectedItems": {"all": true, "excluded": [ids[0]]}})).await;
    assert_eq!(answer["detail"], "Removed 504 duplicated tasks", "{answer}");
    let tasks = server.get(&format!("/api/tasks/?project={project}&fields=all")).await;
    assert_eq!(
        (&tasks["total"], &tasks["total_annotations"], &tasks["total_predictions"]),
        (&json!(6), &json!(3), &json!(0))
    );
    let left: Vec<i64> =
        tasks["tasks"].as_array().unwrap().iter().map(|t| t["id"].as_i64().unwrap()).collect();
    assert_eq!(left, [ids[0], ids[2], ids[6], ids[8], ids[9], ids[10]]);
    let kept = &tasks["tasks"][1];
    assert_eq!(kept["annotators"], json!([1, colleague]));
    assert_eq!((&kept["total_annotations"], &kept["draft_exists"]), (&json!(3), &json!(true)));
    let answer = server.post(&run, json!({})).await;
    assert_eq!((&answer["processed_items"], &answer["reload"]), (&json!(1), &json!(true)));
    assert_eq!(server.post(&run, json!({})).await["processed_items"], 0);
    assert_eq!(server.get(&format!("/api/projects/{project}/summary/")).await["all_data_columns"]["many"], 1);
}

#[tokio::test]
async fn the_next_task_of_a_view_or_of_filters() {
    let server = Server::start().await;
    server.colleague().await;
    let (project, ids) = server.tasks(5).await;
    let view = json!({"project": project, "data": {
        "filters": {"items": [item("data.text", "String", "regex", json!("[1-4]$"))]}, "ordering": ["-tasks:data.text"],
    }});
    let view = server.post("/api/dm/views/", view).await["id"].clone();
    let next = async |token: &str, query: &str| {
        server.anonymous("GET", &format!("/api/projects/{project}/next/{query}")).token(token).send().await
    };
    let first = next(OWNER, &format!("?view={view}")).await.json();
    assert_eq!((&first["id"], &first["queue"]), (&json!(ids[3]), &json!("Data manager queue")));
    // Locked for the first, so the second gets another one.
    assert_eq!(next(COLLEAGUE, &format!("?view={view}")).await.json()["id"], ids[2]);
    let query =
        json!({"ordering": ["-tasks:id"], "selectedItems": {"all": false, "included": [ids[0], ids[1]]}});
    assert_eq!(next(OWNER, &format!("?query={}", encoded(&query))).await.json()["id"], ids[1]);
    let request = server.ask("GET", &format!("/api/projects/{project}/next/"));
    assert_eq!(request.json(query.clone()).ok().await["id"], ids[1]);
    let run = format!("/api/dm/actions/?project={project}&id=next_task");
    assert_eq!(server.post(&run, query).await["id"], ids[1]);
    let nothing = json!({"filters": {"items": [item("data.text", "String", "equal", json!("no"))]}});
    next(OWNER, &format!("?query={}", encoded(&nothing))).await.error(404);
    next(OWNER, "?view=99999").await.error(404);
    let bad = json!({"filters": {"items": [{}]}});
    next(OWNER, &format!("?query={}", encoded(&bad))).await.error(400);
    // An empty view narrows nothing: the usual queues.
    let empty = server.post("/api/dm/views/", json!({"project": project})).await["id"].clone();
    assert_eq!(next(OWNER, &format!("?view={empty}")).await.json()["queue"], "Task lock");
}
