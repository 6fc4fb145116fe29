//! Views, columns, the project.

use super::world::*;
use crate::support::*;
use serde_json::{Value, json};

#[tokio::test]
async fn a_view_from_its_making_to_its_end() {
    let server = Server::start().await;
    let (project, _) = server.tasks(1).await;
    let data = json!({
        "title": "V1", "hiddenColumns": {"explore": [], "labeling": []}, "columnsWidth": {"tasks:id": 50}, "type": "list",
        "gridWidth": 4, "whatever": [1],
        "filters": {"conjunction": "and", "items": [item("id", "Number", "greater", json!(0))]}, "ordering": ["-tasks:id"],
    });
    let made =
        server.ask("POST", "/api/dm/views/").json(json!({"project": project, "data": data})).send().await;
    assert_eq!(made.status, 201, "{made:?}");
    let view = made.json();
    let expected = json!({"id": view["id"], "data": data, "order": 0, "user": 1, "project": project});
    assert_eq!(view.to_string(), expected.to_string());
    let path = format!("/api/dm/views/{}/", view["id"]);
    assert_eq!(server.get(&path).await, view);
    assert_eq!(server.get(&format!("/api/dm/views/?project={project}")).await, json!([view]));

    // Filters and ordering that are not sent stay; all else of the data is replaced.
    let changed = server.patch(&path, json!({"data": {"title": "V2"}})).await;
    assert_eq!(
        changed["data"],
        json!({"title": "V2", "filters": data["filters"], "ordering": data["ordering"]})
    );
    let changed = server
        .ask("PUT", &path)
        .json(json!({"data": {"title": "V3", "ordering": []}, "project": project}))
        .ok()
        .await;
    assert_eq!(changed["data"], json!({"title": "V3", "ordering": [], "filters": data["filters"]}));
    assert_eq!(server.get(&path).await, changed);

    let second = server.post("/api/dm/views/", json!({"project": project})).await;
    let order = json!({"project": project, "ids": [second["id"], view["id"]]});
    assert_eq!(server.ask("POST", "/api/dm/views/order/").json(order).send().await.status, 200);
    let list = server.get(&format!("/api/dm/views/?project={project}")).await;
    assert_eq!((&list[0]["id"], &list[1]["id"]), (&second["id"], &view["id"]));

    assert_eq!(server.ask("DELETE", &path).send().await.status, 204);
    server.ask("GET", &path).send().await.error(404);
    let reset = server.ask("DELETE", "/api/dm/views/reset/").json(json!({"project": project}));
    assert_eq!(reset.send().await.status, 204);
    assert_eq!(server.get(&format!("/api/dm/views/?project={project}")).await, json!([]));
}

#[tokio::test]
async fn bad_views_are_refused_when_they_are_saved() {
    let server = Server::start().await;
    let (project, _) = server.tasks(1).await;
    let (other, _) = server.tasks(1).await;
    let view = server.post("/api/dm/views/", json!({"project": project, "data": {"title": "A"}})).await;
    let path = format!("/api/dm/views/{}", view["id"]);
    let bad_item = json!({"filter": "tasks:id", "operator": "equal", "value": 1});
    for (data, what) in [
        (json!({"filters": {"items": [bad_item]}}), "filters.items[0].filter"),
        (json!({"ordering": ["tasks:secret"]}), "ordering[0]"),
        (json!({"selectedItems": 3}), "selectedItems"),
        (json!([1]), "data"),
    ] {
        for (method, path) in [("POST", "/api/dm/views/"), ("PATCH", path.as_str())] {
            let request = server.ask(method, path).json(json!({"project": project, "data": data}));
            let text = request.send().await.error(400);
            assert!(text.contains(what), "{text}");
        }
    }
    assert_eq!(server.get(&path).await, view);
    server.ask("PATCH", &path).json(json!({"project": other})).send().await.error(400);
    server.ask("POST", "/api/dm/views/").json(json!({"data": {}})).send().await.error(400);
    server.ask("POST", "/api/dm/views/").json(json!({"project": 99_999})).send().await.error(404);
    assert_eq!(server.get("/api/dm/views/").await, json!([view]), "those of all projects");
    let foreign = json!({"project": other, "ids": [view["id"]]});
    server.ask("POST", "/api/dm/views/order/").json(foreign).send().await.error(400);
    assert_eq!(server.get(&path).await["order"], 0);
}

#[tokio::test]
async fn columns_follow_the_data() {
    let server = Server::start().await;
    let project = server
        .project(r#"<View><Image name="i" value="$image"/><Text name="t" value="$text"/><Choices name="c" toName="t"><Choice value="A"/></Choices></View>"#)
        .await;
    let columns = async || -> Vec<Value> {
        let list = server.get(&format!("/api/dm/columns/?project={project}")).await["columns"].clone();
        list.as_array().unwrap().clone()
    };
    let shown = |list: &[Value]| -> Vec<String> {
        let own = list.iter().filter(|c| c["project_defined"] == true);
        own.map(|c| format!("{} {}", c["id"].as_str().unwrap(), c["type"].as_str().unwrap())).collect()
    };
    let list = columns().await;
    assert_eq!(shown(&list), ["image Image", "text String"]);
    let expected = json!({
        "id": "image", "title": "image", "type": "Image", "target": "tasks", "parent": "data",
        "visibility_defaults": {"explore": true, "labeling": true}, "project_defined": true,
    });
    assert_eq!(list[0], expected);
    let fixed: Vec<&str> = list[2..].iter().map(|c| c["id"].as_str().unwrap()).collect();
    assert_eq!(
        fixed,
        [
            "id",
            "inner_id",
            "completed_at",
            "total_annotations",
            "cancelled_annotations",
            "total_predictions",
            "annotators",
            "annotations_results",
            "annotations_ids",
            "predictions_score",
            "predictions_model_versions",
            "predictions_results",
            "file_upload",
            "storage_filename",
            "created_at",
            "updated_at",
            "updated_by",
            "avg_lead_time",
            "draft_exists",
            "data"
        ]
    );
    let data = list.last().unwrap();
    assert_eq!((&data["type"], &data["children"]), (&json!("List"), &json!(["image", "text"])));

    // Whatever can be shown can be filtered by and ordered by.
    for name in &fixed[..fixed.len() - 1] {
        let query = json!({
            "filters": {"items": [item(name, "String", "empty", json!(false))]}, "ordering": [format!("-tasks:{name}")],
        });
        let kind = list.iter().find(|c| c["id"] == *name).unwrap()["type"].as_str().unwrap();
        let mut query = query;
        query["filters"]["items"][0]["type"] = kind.into();
        server.get(&format!("/api/tasks/?project={project}&query={}", encoded(&query))).await;
    }

    let path = format!("/api/projects/{project}/import?return_task_ids=true");
    let list = json!([{"image": "a", "text": "b", "extra": 1}, {"image": "a", "text": "c"}]);
    let ids = server.post(&path, list).await["task_ids"].clone();
    assert_eq!(shown(&columns().await), ["image Image", "text String", "extra Unknown"]);
    let task = format!("/api/tasks/{}", ids[0]);
    server.patch(&task, json!({"data": {"image": "a", "text": "b", "later": 1}})).await;
    assert_eq!(shown(&columns().await), ["image Image", "text String", "later Unknown"]);
    server.ask("DELETE", &task).send().await;
    assert_eq!(shown(&columns().await), ["image Image", "text String"]);

    let body = json!({"task": ids[1], "result": [], "model_version": "v2"});
    server.post("/api/predictions/", body).await;
    let list = columns().await;
    let find = |id: &str| list.iter().find(|c| c["id"] == id).unwrap().clone();
    assert_eq!(find("predictions_model_versions")["schema"], json!({"items": ["v2"], "multiple": true}));
    assert_eq!(find("annotators")["schema"], json!({"items": [1]}));
}

#[tokio::test]
async fn the_summary_is_counted_as_things_come_and_go_and_anew_on_request() {
    let server = Server::start().await;
    let project = server.project("<View></View>").await;
    let summary = async || server.get(&format!("/api/projects/{project}/summary/")).await;
    let path = format!("/api/projects/{project}/import?return_task_ids=true");
    let list: Vec<Value> =
        (0..700).map(|n| if n % 7 == 0 { json!({"a": n}) } else { json!({"a": n, "b\"é": n}) }).collect();
    let ids = server.post(&path, list.into()).await["task_ids"].clone();
    let now = summary().await;
    assert_eq!(
        (&now["all_data_columns"], &now["common_data_columns"]),
        (&json!({"a": 700, "b\"é": 600}), &json!(["a"]))
    );
    let many: Vec<Value> = ids.as_array().unwrap()[..350].to_vec();
    let run = format!("/api/dm/actions/?project={project}&id=delete_tasks");
    server.post(&run, json!({"selectedItems": {"all": false, "included": many}})).await;
    assert_eq!(summary().await["all_data_columns"], json!({"a": 350, "b\"é": 300}));

    // Numbers that somebody has spoiled are put right.
    let spoil = async |sql: &str| {
        let tx = server.state.db.write().await.unwrap();
        tagloom_server::db::run(&*tx, sql, vec![]).await.unwrap();
        tx.commit().await.unwrap();
    };
    spoil("UPDATE tallies SET n = n + 5").await;
    assert_ne!(summary().await["all_data_columns"], json!({"a": 350, "b\"é": 300}));
    server.post(&format!("/api/projects/{project}/summary/reset"), Value::Null).await;
    assert_eq!(summary().await["all_data_columns"], json!({"a": 350, "b\"é": 300}));
    assert_eq!(server.get(&format!("/api/tasks/?project={project}&page_size=1")).await["total"], 350);
    server.ask("DELETE", &format!("/api/projects/{project}/tasks/")).send().await;
    assert_eq!(summary().await["all_data_columns"], json!({}));
    server.ask("DELETE", &format!("/api/projects/{project}/")).send().await;
    let left = "SELECT COUNT(*) FROM tallies";
    assert_eq!(tagloom_server::db::count(server.state.db.read(), left, vec![]).await.unwrap(), 0);
}

#[tokio::test]
async fn the_project_of_the_data_manager() {
    let world = World::new().await;
    let project = world.server.get(&format!("/api/dm/project/?project={}", world.project)).await;
    for (key, value) in [
        ("id", json!(world.project)),
        ("can_delete_tasks", json!(true)),
        ("can_manage_annotations", json!(true)),
        ("can_manage_tasks", json!(true)),
        ("source_syncing", json!(false)),
        ("target_syncing", json!(false)),
        ("task_count", json!(18)),
        ("annotation_count", json!(3)),
    ] {
        assert_eq!(project[key], value, "{key}");
    }
}
