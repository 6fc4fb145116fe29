//! A project whose tasks have all that can be asked for.

use crate::support::*;
use serde_json::{Value, json};

pub struct World {
    pub server: Server,
    pub project: i64,
    pub ids: Vec<i64>,
    pub owner: i64,
    pub colleague: i64,
    /// Annotations in the order they were made.
    pub annotations: Vec<i64>,
}

/// The data of task 1, 2, …
pub fn data() -> Vec<Value> {
    vec![
        json!({"x": "apple", "n": 1}),
        json!({"x": "Apple Pie", "n": 2.5}),
        json!({"x": "ÄPFEL", "n": "3"}),
        json!({"x": "äpfel und birnen", "n": " 4.25 "}),
        json!({"x": "", "n": "5e1"}),
        json!({"x": null, "n": "six"}),
        json!({"y": "no x here"}),
        json!({"x": 5, "n": "07"}),
        json!({"x": "5.5", "n": null}),
        json!({"x": "5,5", "n": ""}),
        json!({"x": true, "n": true}),
        json!({"x": ["apple", "b"], "n": [1]}),
        json!({"x": "100%_*?[a]\\\"", "n": -3}),
        json!({"x": "Σίσυφος", "n": 1e20}),
        json!({"x": "2024-03-01T10:00:00Z", "a.b": "dotted", "a": {"b": "nested"}, "q\"'$": "odd"}),
        json!({"x": -2000, "n": "1e999"}),
        json!({"x": "zz\u{0}zz", "n": "1".repeat(150)}),
        json!({"x": "line\nbreak", "n": "0.5", "d__x": "under"}),
    ]
}

impl World {
    pub async fn new() -> Self {
        let server = Server::start().await;
        let colleague = server.colleague().await;
        let project = server.project("<View></View>").await;
        let path = format!("/api/projects/{project}/import?return_task_ids=true");
        let answer = server.post(&path, data().into()).await;
        let ids: Vec<i64> =
            answer["task_ids"].as_array().unwrap().iter().map(|id| id.as_i64().unwrap()).collect();
        let mut annotations = Vec::new();
        let mut annotate = async |n: usize, token: &str, query: &str, body: Value| {
            let request = server.anonymous("POST", &format!("/api/tasks/{}/annotations/{query}", ids[n - 1]));
            annotations.push(request.token(token).json(body).ok().await["id"].as_i64().unwrap());
        };
        annotate(1, OWNER, "", json!({"result": choice("A"), "lead_time": 2.0})).await;
        annotate(2, COLLEAGUE, "?was_cancelled=1", json!({"result": []})).await;
        annotate(3, OWNER, "", json!({"result": choice("B"), "lead_time": 4.0})).await;
        annotate(3, COLLEAGUE, "", json!({"result": choice("a b"), "lead_time": 1.0})).await;
        for (n, version, score) in
            [(4, "m1", Some(0.25)), (5, "m1", Some(0.5)), (5, "M2", Some(0.75)), (7, "", None)]
        {
            let body =
                json!({"task": ids[n - 1], "result": choice("P"), "model_version": version, "score": score});
            server.post("/api/predictions/", body).await;
        }
        let draft = server.anonymous("POST", &format!("/api/tasks/{}/drafts", ids[5])).token(COLLEAGUE);
        draft.json(json!({"result": choice("D")})).ok().await;
        Self { server, project, ids, owner: 1, colleague, annotations }
    }

    /// Which tasks are listed, by their numbers from 1; totals must agree.
    pub async fn listed(&self, query: Value) -> Vec<usize> {
        let answer = self.ask(&query).await;
        assert_eq!(answer.status, 200, "{query}: {answer:?}");
        let answer = answer.json();
        let tasks = answer["tasks"].as_array().unwrap();
        assert_eq!(answer["total"], tasks.len(), "{query}");
        let sum = |key: &str| tasks.iter().map(|t| t[key].as_i64().unwrap()).sum::<i64>();
        assert_eq!(answer["total_annotations"], sum("total_annotations"), "{query}");
        assert_eq!(answer["total_predictions"], sum("total_predictions"), "{query}");
        let number = |task: &Value| self.ids.iter().position(|id| task["id"] == *id).unwrap() + 1;
        tasks.iter().map(number).collect()
    }

    pub async fn ask(&self, query: &Value) -> Answer {
        let path = format!("/api/tasks/?project={}&query={}", self.project, encoded(query));
        self.server.ask("GET", &path).send().await
    }

    pub async fn filtered(&self, filters: Value) -> Vec<usize> {
        self.listed(json!({"filters": filters})).await
    }
}

pub fn choice(label: &str) -> Value {
    json!([{"id": "r1", "from_name": "c", "to_name": "t", "type": "choices", "value": {"choices": [label]}}])
}

pub fn encoded(value: &Value) -> String {
    url::form_urlencoded::byte_serialize(value.to_string().as_bytes()).collect()
}

pub fn item(column: &str, kind: &str, operator: &str, value: Value) -> Value {
    json!({"filter": format!("filter:tasks:{column}"), "type": kind, "operator": operator, "value": value})
}
