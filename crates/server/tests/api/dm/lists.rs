//! The task list: by project, view or query; pages; forms.

use super::world::*;
use crate::support::*;
use serde_json::json;

#[tokio::test]
async fn a_list_by_view_project_or_query() {
    let world = World::new().await;
    let server = &world.server;
    let text = server.ask("GET", "/api/tasks/").send().await.error(404);
    assert!(text.contains("Neither project nor view"), "{text}");
    let filters = json!({"items": [item("inner_id", "Number", "in", json!({"min": 3, "max": 5}))]});
    let data = json!({"filters": filters, "ordering": ["-tasks:id"], "selectedItems": world_only(&world, 4)});
    let view =
        server.post("/api/dm/views/", json!({"project": world.project, "data": data})).await["id"].clone();
    let list = server.get(&format!("/api/tasks/?view={view}")).await;
    let numbers: Vec<i64> =
        list["tasks"].as_array().unwrap().iter().map(|t| t["inner_id"].as_i64().unwrap()).collect();
    // What is selected in a view is a matter of actions; the list shows the view.
    assert_eq!(numbers, [5, 4, 3]);
    // What a query says stands above the view.
    let query = encoded(&json!({"ordering": ["tasks:id"]}));
    let list = server.get(&format!("/api/tasks/?view={view}&query={query}")).await;
    assert_eq!(list["tasks"][0]["inner_id"], 3);

    let other = server.project("<View></View>").await;
    let text = server.ask("GET", &format!("/api/tasks/?project={other}&view={view}")).send().await.error(400);
    assert!(text.contains("another project"), "{text}");
    server.ask("GET", "/api/tasks/?view=99999").send().await.error(404);
    let text = server.ask("GET", &format!("/api/tasks/?project={other}&query=%7B")).send().await.error(400);
    assert!(text.contains("query"), "{text}");
    assert_eq!(server.get(&format!("/api/tasks/?project={other}")).await["tasks"], json!([]));
}

fn world_only(world: &World, n: usize) -> serde_json::Value {
    json!({"all": false, "included": [world.ids[n - 1]]})
}

#[tokio::test]
async fn pages_end_where_they_end() {
    let world = World::new().await;
    let ask = async |query: &str| {
        world.server.ask("GET", &format!("/api/tasks/?project={}&{query}", world.project)).send().await
    };
    assert_eq!(ask("page=2&page_size=10").await.json()["tasks"].as_array().unwrap().len(), 8);
    for beyond in ["page=3&page_size=10", "page=0"] {
        let text = ask(beyond).await.error(404);
        assert!(text.contains("Invalid page."), "{beyond}: {text}");
    }
    assert_eq!(ask("page_size=-1").await.json()["tasks"].as_array().unwrap().len(), 18);
    ask("page=18446744073709551615&page_size=9223372036854775807").await.error(404);
    let none = encoded(&json!({"filters": {"items": [item("id", "Number", "less", json!(0))]}}));
    assert_eq!(ask(&format!("query={none}")).await.json()["total"], 0);
    ask(&format!("query={none}&page=2")).await.error(404);

    let small = Server::with(|s| s.max_page_size = 3).await;
    let (project, _) = small.tasks(5).await;
    let list = small.get(&format!("/api/tasks/?project={project}&page_size=100")).await;
    assert_eq!((list["tasks"].as_array().unwrap().len(), &list["total"]), (3, &json!(5)));
}

#[tokio::test]
async fn a_brief_list_shows_who_and_which_without_results() {
    let world = World::new().await;
    let brief = world.server.get(&format!("/api/tasks/?project={}", world.project)).await;
    let all = world.server.get(&format!("/api/tasks/?project={}&fields=all", world.project)).await;
    for (brief, all) in brief["tasks"].as_array().unwrap().iter().zip(all["tasks"].as_array().unwrap()) {
        for key in ["id", "annotators", "annotations_ids", "predictions_model_versions", "updated_by", "data"]
        {
            assert_eq!(brief[key], all[key], "{key}");
        }
        assert_eq!((&brief["annotations_results"], brief.get("annotations")), (&json!(""), None));
    }
    let third = &all["tasks"][2];
    assert_eq!(third["annotators"], json!([world.owner, world.colleague]));
    assert_eq!(
        (&third["avg_lead_time"], &third["completed_at"]),
        (&json!(2.5), &third["annotations"][1]["created_at"])
    );
    let fifth = &all["tasks"][4];
    assert_eq!(
        (&fifth["predictions_score"], &fifth["predictions_model_versions"]),
        (&json!(0.625), &json!("M2,m1"))
    );
}

#[tokio::test]
async fn uploads_are_found_by_their_names() {
    let server = Server::start().await;
    let project = server.project("<View></View>").await;
    server.upload(project, "Fruits.csv", "text\napple\n").await;
    server.upload(project, "birds.csv", "text\nowl\nkite\n").await;
    let find = async |operator: &str, value: &str| {
        let query = json!({
            "filters": {"items": [item("file_upload", "String", operator, json!(value))]},
            "ordering": ["-tasks:file_upload"],
        });
        let list = server.get(&format!("/api/tasks/?project={project}&query={}", encoded(&query))).await;
        list["total"].as_i64().unwrap()
    };
    assert_eq!(find("contains", "FRUIT").await, 1);
    assert_eq!(find("regex", "^[0-9a-f]{8}-birds.csv$").await, 2);
    assert_eq!(find("contains", "upload/").await, 0);
    assert_eq!(find("not_contains", "birds").await, 1);
    let list = server.get(&format!("/api/tasks/?project={project}")).await;
    let name = list["tasks"][0]["file_upload"].as_str().unwrap().to_owned();
    assert_eq!(find("equal", &name).await, 1);
}

/// They are found by inner ids while no task is missing, and by counting afterwards: nobody sees a difference.
#[tokio::test]
async fn far_pages_go_on_where_near_ones_end() {
    let server = Server::start().await;
    // Another project's tasks lie in between.
    let (_, others) = server.tasks(3).await;
    let (project, mut ids) = server.tasks(1_130).await;
    assert!(others.iter().all(|id| !ids.contains(id)));
    for missing in [None, Some(500), Some(0)] {
        if let Some(n) = missing {
            server.ask("DELETE", &format!("/api/tasks/{}/", ids[n])).ok().await;
            ids.remove(n);
        }
        let mut seen = Vec::new();
        for page in 1..=12 {
            let path = format!("/api/tasks/?project={project}&page={page}&page_size=100");
            let list = server.get(&path).await;
            assert_eq!(list["total"], ids.len(), "page {page}, without {missing:?}");
            seen.extend(list["tasks"].as_array().unwrap().iter().map(|t| t["id"].as_i64().unwrap()));
        }
        assert_eq!(seen, ids, "without {missing:?}");
    }
}
