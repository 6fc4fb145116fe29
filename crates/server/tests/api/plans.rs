//! No request reads a big table from end to end. Every statement of the requests below is explained by the database itself,
//! SQLite as it is in use (without statistics), PostgreSQL with statistics and without the choice of a full scan.
//!
//! A new list, filter or queue gets a line in [`REQUESTS`].

use crate::support::*;
use sea_orm::{ConnectionTrait, DbBackend, QueryResult, Statement};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::time::{Duration, Instant};
use tagloom_server::auth::session;
use tagloom_server::db::{self, watch};
use tagloom_server::store::{recount, users};

/// Tables that grow with use.
const BIG: &[&str] = &[
    "tasks",
    "annotations",
    "predictions",
    "drafts",
    "locks",
    "jobs",
    "job_errors",
    "sessions",
    "api_tokens",
    "memberships",
    "users",
    "projects",
    "views",
    "tallies",
    "file_uploads",
    "exports",
    "stream_history",
    "idempotency_keys",
];

struct Ask {
    name: &'static str,
    method: &'static str,
    path: &'static str,
    body: &'static str,
    /// Tables that it may read from end to end, and why is said beside it.
    but: &'static [&'static str],
}

const fn get(name: &'static str, path: &'static str) -> Ask {
    Ask { name, method: "GET", path, body: "", but: &[] }
}

const fn send(name: &'static str, method: &'static str, path: &'static str, body: &'static str) -> Ask {
    Ask { name, method, path, body, but: &[] }
}

/// `{project}`, `{task}`, `{view}`, `{annotation}`, `{filters:column:operator:value}` and `{order:column}` stand for what
/// they say.
const REQUESTS: &[Ask] = &[
    get("who am I", "/api/current-user/whoami"),
    get("users", "/api/users/"),
    get("tokens", "/api/token/"),
    get("projects", "/api/projects/"),
    get("projects by title", "/api/projects/?title=proj&ordering=-title"),
    get("counts of projects", "/api/projects/counts/"),
    get("a project", "/api/projects/{project}/"),
    get("summary", "/api/projects/{project}/summary/"),
    get("model versions", "/api/projects/{project}/model-versions/"),
    get("annotators", "/api/projects/{project}/annotators/"),
    get("plain task list", "/api/projects/{project}/tasks/"),
    get("uploads", "/api/projects/{project}/file-uploads?all=true"),
    get("snapshots", "/api/projects/{project}/exports/"),
    get("export", "/api/projects/{project}/export?download_all_tasks=true"),
    get("views", "/api/dm/views/?project={project}"),
    get("columns", "/api/dm/columns/?project={project}"),
    get("project of the data manager", "/api/dm/project/?project={project}"),
    get("task list", "/api/tasks/?project={project}"),
    get("last page", "/api/tasks/?project={project}&page=20&fields=all"),
    get("complete task list", "/api/tasks/?project={project}&fields=all"),
    get("tasks of a view", "/api/tasks/?view={view}"),
    get("tasks by id", "/api/tasks/?project={project}&query={filters:id:less:100}"),
    get("tasks by inner id", "/api/tasks/?project={project}&query={filters:inner_id:equal:7}"),
    get("tasks by annotations", "/api/tasks/?project={project}&query={filters:total_annotations:greater:0}"),
    get("tasks by skips", "/api/tasks/?project={project}&query={filters:cancelled_annotations:greater:0}"),
    get("tasks by predictions", "/api/tasks/?project={project}&query={filters:total_predictions:greater:0}"),
    get("tasks by score", "/api/tasks/?project={project}&query={filters:predictions_score:less:0.5}"),
    get("tasks by lead time", "/api/tasks/?project={project}&query={filters:avg_lead_time:less:5}"),
    get(
        "tasks by completion",
        "/api/tasks/?project={project}&query={filters:completed_at:greater:\"2026-01-01\"}",
    ),
    get("tasks by making", "/api/tasks/?project={project}&query={filters:created_at:greater:\"2026-01-01\"}"),
    get("tasks by annotator", "/api/tasks/?project={project}&query={filters:annotators:contains:1}"),
    get(
        "tasks by annotation ids",
        "/api/tasks/?project={project}&query={filters:annotations_ids:contains:\"1,2\"}",
    ),
    get(
        "tasks by version",
        "/api/tasks/?project={project}&query={filters:predictions_model_versions:contains:\"m\"}",
    ),
    get(
        "tasks by results",
        "/api/tasks/?project={project}&query={filters:annotations_results:contains:\"A\"}",
    ),
    get(
        "tasks by results matched",
        "/api/tasks/?project={project}&query={filters:annotations_results:regex:\"A\"}",
    ),
    get("tasks by draft", "/api/tasks/?project={project}&query={filters:draft_exists:equal:true}"),
    get("tasks by upload", "/api/tasks/?project={project}&query={filters:file_upload:contains:\"x\"}"),
    get("tasks by data", "/api/tasks/?project={project}&query={filters:data.text:contains:\"text\"}"),
    get("tasks by data matched", "/api/tasks/?project={project}&query={filters:data.text:regex:\"7$\"}"),
    get("tasks in order of completion", "/api/tasks/?project={project}&query={order:completed_at}"),
    get("tasks in order of last completion", "/api/tasks/?project={project}&query={order:-completed_at}"),
    get("tasks in order of change", "/api/tasks/?project={project}&query={order:-updated_at}"),
    get("tasks in order of scores", "/api/tasks/?project={project}&query={order:predictions_score}"),
    get("tasks in order of data", "/api/tasks/?project={project}&query={order:data.text}"),
    get("a task", "/api/tasks/{task}/"),
    get("annotations", "/api/tasks/{task}/annotations/"),
    get("an annotation", "/api/annotations/{annotation}/"),
    get("drafts", "/api/tasks/{task}/drafts"),
    get("drafts of an annotation", "/api/tasks/{task}/annotations/{annotation}/drafts"),
    get("predictions of a task", "/api/predictions/?task={task}"),
    get("predictions of a project", "/api/predictions/?project={project}"),
    get("next task", "/api/projects/{project}/next/"),
    get("next task of a view", "/api/projects/{project}/next/?view={view}"),
    get("history", "/api/projects/{project}/label-stream-history"),
    get("jobs", "/api/jobs/"),
    get("jobs of a project", "/api/jobs/?project={project}"),
    send("submit", "POST", "/api/tasks/{task}/annotations/", r#"{"result": []}"#),
    send("draft", "POST", "/api/tasks/{task}/drafts", r#"{"result": []}"#),
    send("predict", "POST", "/api/predictions/", r#"{"task": {task}, "result": []}"#),
    send("create a task", "POST", "/api/tasks/", r#"{"project": {project}, "data": {"text": "new"}}"#),
    send("change a task", "PATCH", "/api/tasks/{task}/", r#"{"data": {"text": "new"}}"#),
    send("delete an annotation", "DELETE", "/api/annotations/{annotation}/", ""),
    send(
        "delete chosen predictions",
        "POST",
        "/api/dm/actions/?project={project}&id=delete_tasks_predictions",
        r#"{"selectedItems": {"all": false, "included": [{task}]}}"#,
    ),
    send("delete a task", "DELETE", "/api/tasks/{task}/", ""),
];

/// Rows of others, so that no table is small; `{n}` counts to 2000.
const OTHERS: &[&str] = &[
    "INSERT INTO users (email, username, password_hash, first_name, last_name, phone, legacy_token, is_superuser, custom_hotkeys, active_organization, last_activity, date_joined) {n} SELECT 'user' || i || '@example.com', 'u', '', '', '', '', 'token ' || i, FALSE, '{}', 999, 'now', 'now' FROM n",
    "INSERT INTO memberships (organization, user_id, created_at) {n} SELECT 999, 1000 + i, 'now' FROM n",
    "INSERT INTO sessions (token_hash, user_id, created_at, expires_at) {n} SELECT 'session ' || i, 1000 + i, 'now', '2999' FROM n",
    "INSERT INTO api_tokens (jti, user_id, payload, blacklisted, created_at) {n} SELECT 'token ' || i, 1000 + i, '{}', FALSE, 'now' FROM n",
    "INSERT INTO file_uploads (project, user_id, file, size, created_at) {n} SELECT 999, 1, 'upload/999/' || i, 1, 'now' FROM n",
    "INSERT INTO drafts (task, user_id, result, was_postponed, created_at, updated_at) {n} SELECT 100000 + i, 1000 + i, '[]', FALSE, 'now', 'now' FROM n",
    "INSERT INTO locks (task, user_id, unique_id, expire_at, created_at) {n} SELECT 100000 + i, 1000 + i, 'x', '2999', 'now' FROM n",
    "INSERT INTO stream_history (project, user_id, task) {n} SELECT 999, 1000 + i, 100000 + i FROM n",
    "INSERT INTO exports (project, title, file, md5, task_number, created_at, finished_at) {n} SELECT 999, 'x', 'x', 'x', 1, 'now', 'now' FROM n",
    "INSERT INTO views (project, user_id, data, position) {n} SELECT 999, 1, '{}', i FROM n",
    "INSERT INTO jobs (kind, organization, project, payload, state, done, message, error_count, attempts, cancel_requested, run_after, created_at, updated_at, finished_at) {n} SELECT 'x', 999, 999, '{}', 'completed', 0, '', 0, 0, FALSE, '2000', '2000', '2000', '2999' FROM n",
];

#[tokio::test]
async fn sampling_in_other_ways_reads_no_table_from_end_to_end() {
    let place = Place::new().await;
    let ask = &get("next task", "/api/projects/{project}/next/");
    let mut wrong = Vec::new();
    for settings in [
        json!({"sampling": "Uniform sampling"}),
        json!({"sampling": "Uncertainty sampling"}),
        json!({"maximum_annotations": 2, "skip_queue": "REQUEUE_FOR_ME"}),
        json!({"show_overlap_first": true, "annotator_evaluation_enabled": true, "skip_queue": "IGNORE_SKIPPED"}),
    ] {
        place.server.patch(&format!("/api/projects/{}/", place.project), settings.clone()).await;
        wrong.extend(place.scans_of(ask).await.into_iter().map(|scan| format!("{settings}: {scan}")));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn no_request_reads_a_big_table_from_end_to_end() {
    let place = Place::new().await;
    let mut wrong = Vec::new();
    for ask in REQUESTS {
        wrong.extend(place.scans_of(ask).await);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn signing_in_reads_no_table_from_end_to_end() {
    let place = Place::new().await;
    watch::start();
    let state = &place.server.state;
    let user = users::by_id(state.db.read(), 1).await.unwrap().unwrap();
    let tx = state.db.write().await.unwrap();
    let jar = axum_extra::extract::CookieJar::new();
    let jar = session::start(&*tx, &state.settings, &user, jar, true).await.unwrap();
    tx.commit().await.unwrap();
    let cookie = format!("sessionid={}", jar.get("sessionid").unwrap().value());
    place.server.anonymous("GET", "/api/current-user/whoami").header("cookie", &cookie).ok().await;
    let mut wrong = Vec::new();
    for statement in watch::take() {
        wrong.extend(place.scans(&statement, &[]).await);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The label stream asks who holds what of the table of that, not of every task in turn.
#[tokio::test]
async fn queues_with_a_table_of_their_own_begin_there() {
    let place = Place::new().await;
    let conn = place.server.state.db.read();
    let path = format!("/api/projects/{}/", place.project);
    place.server.patch(&path, json!({"skip_queue": "REQUEUE_FOR_ME"})).await;
    // Nothing is left but what was put off and what was skipped: all queues are asked.
    let done = format!("UPDATE tasks SET is_labeled = TRUE WHERE project = {}", place.project);
    conn.execute_unprepared(&done).await.unwrap();
    watch::start();
    place.server.ask("GET", &place.filled("/api/projects/{project}/next/")).send().await.error(404);
    let statements = watch::take();
    for (queue, alias) in
        [("FROM locks h CROSS JOIN tasks t", "h"), ("FROM drafts o", "o"), ("FROM annotations s", "s")]
    {
        let asked = statements.iter().find(|statement| statement.sql.contains(queue)).expect(queue);
        let plan = place.plan(asked).await;
        let (own, tasks) = (plan.iter().position(|t| t == alias), plan.iter().position(|t| t == "t"));
        assert!(own.is_some() && own < tasks, "{queue}: {plan:?}");
    }
}

/// Most of a project is done, in the order of ids; a walk by id would meet all of it. Statistics are from before that, then
/// from after it.
#[tokio::test]
async fn open_tasks_are_found_in_their_own_index_whatever_the_statistics_say() {
    let place = Place::new().await;
    let conn = place.server.state.db.read();
    let run = async |sql: &str| conn.execute_unprepared(sql).await.unwrap();
    run("UPDATE tasks SET is_labeled = FALSE, people = 0").await;
    let is_postgres = conn.get_database_backend() == DbBackend::Postgres;
    if is_postgres {
        run("VACUUM ANALYZE tasks").await;
    }
    run("UPDATE tasks SET is_labeled = TRUE, people = 1 WHERE inner_id <= 1500").await;
    let settings = [
        (json!({"sampling": "Sequential sampling"}), "t.people = 0", "tasks_queue"),
        (json!({"sampling": "Uniform sampling"}), "t.people = 0", "tasks_queue"),
        (json!({"sampling": "Uncertainty sampling"}), "t.predictions_score IS NOT NULL", "tasks_uncertain"),
        (json!({"sampling": "Sequential sampling", "maximum_annotations": 2}), "t.people = 1", "tasks_queue"),
    ];
    for statistics in ["old", "new"] {
        if statistics == "new" && is_postgres {
            run("ANALYZE tasks").await;
        }
        for (settings, condition, index) in &settings {
            place.server.patch(&format!("/api/projects/{}/", place.project), settings.clone()).await;
            run("DELETE FROM locks").await;
            watch::start();
            place.server.get(&place.filled("/api/projects/{project}/next/")).await;
            let statements = watch::take();
            let asked: Vec<_> = statements.iter().filter(|s| s.sql.contains(condition)).collect();
            assert!(!asked.is_empty(), "{settings}");
            for statement in asked {
                let plan = place.explained(statement).await;
                assert!(
                    plan.contains(index),
                    "{settings}, {statistics} statistics: {plan}\n{}",
                    statement.sql
                );
            }
        }
    }
}

/// PostgreSQL keeps what it planned while the table was empty, so this looks at an empty one.
#[tokio::test]
async fn some_tasks_are_found_by_their_ids_in_an_empty_table_too() {
    let server = Server::start().await;
    let place = Place { server, project: 1, names: Vec::new() };
    watch::start();
    let tx = place.server.state.db.write().await.unwrap();
    recount::imported(&*tx, 1, &[1, 2, 3]).await.unwrap();
    recount::some(&*tx, 1, &[1, 2, 3], None).await.unwrap();
    drop(tx);
    let statements = watch::take();
    let of_tasks = statements.iter().filter(|s| s.sql.contains("id IN (") && s.sql.contains("tasks"));
    let mut looked = 0;
    for statement in of_tasks {
        let plan = place.explained(statement).await;
        assert!(
            plan.contains("tasks_pkey") || plan.contains("INTEGER PRIMARY KEY"),
            "{plan}\n{}",
            statement.sql
        );
        looked += 1;
    }
    assert!(looked >= 5, "{looked}");
}

/// PostgreSQL counts new rows by itself a minute later at the earliest; the first page is asked for now.
#[tokio::test]
async fn after_a_large_import_the_planner_knows_of_it() {
    let server = Server::start().await;
    let conn = server.state.db.read();
    if conn.get_database_backend() != DbBackend::Postgres {
        return;
    }
    let counted = async || {
        let sql = "SELECT analyze_count FROM pg_stat_user_tables WHERE relname = 'tasks'";
        db::count(conn, sql, vec![]).await.unwrap()
    };
    let project = server.project(TEXT_CONFIG).await;
    let tasks = |n: usize| (0..n).map(|n| json!({"text": n.to_string()})).collect::<Value>();
    server.post(&format!("/api/projects/{project}/import"), tasks(10)).await;
    server.post(&format!("/api/projects/{project}/import"), tasks(5000)).await;
    let until = Instant::now() + Duration::from_secs(30);
    while counted().await == 0 {
        assert!(Instant::now() < until, "the tables were not analysed");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let sql = "SELECT CAST(reltuples AS BIGINT) FROM pg_class WHERE relname = 'tasks'";
    assert_eq!(db::count(conn, sql, vec![]).await.unwrap(), 5010);
}

/// What a batch may look into its tables by: each has a key or an index for it, and reads no row of anybody else.
const OF_A_BATCH: &[&str] = &[
    "tasks_pkey",
    "annotations_task",
    "projects_pkey",
    "storages_project",
    "idempotency_keys_user_id_idempotency_key_key",
    "locks_person",
    "locks_task_user_id_key",
    "stream_history_project_user_id_task_key",
];

/// A batch is one statement with one plan, made maybe while all tables were empty or nearly so, and kept until there are other
/// statistics; until then it has to serve however many rows come.
#[tokio::test]
async fn a_batch_finds_its_rows_by_keys_in_an_empty_database_too() {
    let server = Server::start().await;
    let project = server.project(TEXT_CONFIG).await;
    let text = json!([{"text": "one"}, {"text": "two"}, {"text": "three"}]);
    let imported = server.post(&format!("/api/projects/{project}/import?return_task_ids=true"), text).await;
    let Some(saver) = server.state.db.saver() else { return };
    // On the saver's own connection, whose settings and plans these are.
    let ask = async |sql: String, values: Vec<sea_orm::Value>| {
        let rows = saver.lock().await.all(sql.leak(), values).await.unwrap();
        rows.iter().map(|row| row.try_get_by_index::<String>(0).unwrap()).collect::<Vec<String>>()
    };
    // A batch that stores nothing, so that there are still no annotations.
    watch::start();
    let refused = server.ask("POST", "/api/tasks/999999/annotations/").json(json!({"result": []}));
    assert_eq!(refused.send().await.status, 404);
    let statements = watch::take();
    let batch = statements.iter().find(|s| s.sql.contains("unnest(")).expect("a batch of one");
    for statistics in ["none", "of no annotations", "of a few rows"] {
        if statistics != "none" {
            server.state.db.read().execute_unprepared("ANALYZE").await.unwrap();
        }
        let values = batch.values.clone().map(|values| values.0).unwrap_or_default();
        let plan = ask(format!("EXPLAIN {}", batch.sql), values).await.join("\n");
        let used: Vec<&str> =
            plan.split(" using ").skip(1).filter_map(|rest| rest.split_whitespace().next()).collect();
        let wrong: Vec<&&str> = used.iter().filter(|index| !OF_A_BATCH.contains(index)).collect();
        assert!(wrong.is_empty(), "statistics: {statistics}, {wrong:?}: {plan}");
        for index in ["tasks_pkey", "annotations_task", "stream_history_project_user_id_task_key"] {
            assert!(used.contains(&index), "statistics: {statistics}, {index}: {plan}");
        }
        for way in ["Seq Scan", "Bitmap", "Hash Join", "Merge Join"] {
            assert!(!plan.contains(way), "statistics: {statistics}, {way}: {plan}");
        }
        if statistics == "of no annotations" {
            let path = format!("/api/tasks/{}/annotations/", imported["task_ids"][0]);
            server.post(&path, json!({"result": []})).await;
        }
    }
    // New statistics let plans be chosen anew, and so often each is weighed.
    for task in &imported["task_ids"].as_array().unwrap()[1..] {
        for _ in 0..5 {
            server.post(&format!("/api/tasks/{task}/annotations/"), json!({"result": []})).await;
        }
    }
    let made = ask(plans_made_sql("unnest("), vec![]).await;
    let (generic, custom) = made[0].split_once(' ').unwrap();
    assert!(generic.parse::<i64>().unwrap() >= 11 && custom == "0", "{generic} generic, {custom} custom");
}

#[tokio::test]
async fn a_claim_keeps_its_plan() {
    let place = Place::new().await;
    let stream = place.server.state.db.stream();
    if stream.get_database_backend() != DbBackend::Postgres {
        return;
    }
    for _ in 0..8 {
        let next = place.server.get(&place.filled("/api/projects/{project}/next/")).await;
        place.server.post(&format!("/api/tasks/{}/annotations/", next["id"]), json!({"result": []})).await;
    }
    let sql = plans_made_sql("free AS MATERIALIZED");
    let row = stream.query_one_raw(Statement::from_string(DbBackend::Postgres, sql)).await.unwrap().unwrap();
    let made: String = row.try_get("", "made").unwrap();
    let (generic, custom) = made.split_once(' ').unwrap();
    assert!(generic.parse::<i64>().unwrap() >= 1 && custom == "0", "{generic} generic, {custom} custom");
}

/// Of statements in which a text is: how often a connection of PostgreSQL ran them by a kept plan, and how often by one of
/// that moment.
fn plans_made_sql(text: &str) -> String {
    format!(
        "SELECT SUM(generic_plans)::text || ' ' || SUM(custom_plans)::text AS made FROM pg_prepared_statements \
         WHERE statement LIKE '%{text}%' AND statement NOT LIKE '%pg_prepared_statements%' \
         AND statement NOT LIKE 'EXPLAIN%'"
    )
}

/// A full scan is told from others, or the tests above would show nothing.
#[tokio::test]
async fn a_full_scan_is_seen() {
    let place = Place::new().await;
    let conn = place.server.state.db.read();
    let sqlite = conn.get_database_backend() == DbBackend::Sqlite;
    for (sql, full) in [
        ("SELECT COUNT(*) FROM tasks t WHERE t.meta = 'x'", true),
        ("SELECT t.id FROM projects p JOIN tasks t ON t.overlap = p.id WHERE p.id = 1", true),
        ("SELECT id FROM tasks ORDER BY id", sqlite),
        ("SELECT id FROM annotations WHERE result = 'x' ORDER BY id LIMIT 3", sqlite),
        ("SELECT id FROM tasks WHERE project = 1 AND meta = 'x'", false),
        ("SELECT id FROM tasks WHERE id IN (SELECT task FROM annotations WHERE project = 1)", false),
    ] {
        let statement = Statement::from_string(conn.get_database_backend(), sql);
        assert_eq!(!place.scans(&statement, &[]).await.is_empty(), full, "{sql}");
    }
}

struct Place {
    server: Server,
    project: i64,
    names: Vec<(&'static str, String)>,
}

impl Place {
    /// Two projects with more tasks, annotations and predictions than a page of the database holds.
    async fn new() -> Self {
        let server = Server::start().await;
        for n in 0..150 {
            server.post("/api/projects/", json!({"title": format!("Empty {n}")})).await;
        }
        let region = json!([{"id": "r", "from_name": "c", "to_name": "t", "type": "choices", "value": {"choices": ["A"]}}]);
        let mut project = 0;
        let mut tasks = Vec::new();
        for _ in 0..2 {
            project = server.project(TEXT_CONFIG).await;
            let list: Vec<Value> = (0..2000)
                .map(|n| {
                    let mut task = json!({"data": {"text": format!("text {n}")}});
                    if n % 4 == 0 {
                        task["annotations"] =
                            json!([{"result": region, "lead_time": n, "was_cancelled": n % 8 == 0}]);
                    }
                    if n % 2 == 0 {
                        task["predictions"] =
                            json!([{"result": region, "score": 0.5, "model_version": format!("m{}", n % 3)}]);
                    }
                    task
                })
                .collect();
            let answer = server
                .post(&format!("/api/projects/{project}/import?return_task_ids=true"), list.into())
                .await;
            tasks = answer["task_ids"].as_array().unwrap().clone();
        }
        let task = tasks[0].clone();
        let annotation =
            server.post(&format!("/api/tasks/{task}/annotations/"), json!({"result": region})).await["id"]
                .clone();
        let filter = json!({"filter": "filter:tasks:total_predictions", "operator": "greater", "value": 0});
        let view = json!({"project": project, "data": {"filters": {"items": [filter]}, "ordering": ["-tasks:updated_at"]}});
        let view = server.post("/api/dm/views/", view).await["id"].clone();
        let conn = server.state.db.read();
        let n = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000)";
        for sql in OTHERS {
            conn.execute_unprepared(&sql.replace("{n}", n)).await.unwrap();
        }
        if conn.get_database_backend() == DbBackend::Postgres {
            conn.execute_unprepared("ANALYZE").await.unwrap();
        }
        let names = vec![
            ("{project}", project.to_string()),
            ("{task}", task.to_string()),
            ("{annotation}", annotation.to_string()),
            ("{view}", view.to_string()),
        ];
        Self { server, project, names }
    }

    fn filled(&self, text: &str) -> String {
        let text = self.names.iter().fold(text.to_owned(), |text, (name, value)| text.replace(name, value));
        let Some((before, query)) = text.split_once("query={") else { return text };
        let inner = query.strip_suffix('}').unwrap();
        let query = match inner.split_once(':').unwrap() {
            ("order", name) => {
                let (sign, name) = name.strip_prefix('-').map_or(("", name), |name| ("-", name));
                json!({"ordering": [format!("{sign}tasks:{name}")]})
            }
            (_, filter) => {
                let parts: Vec<&str> = filter.splitn(3, ':').collect();
                let value: Value = serde_json::from_str(parts[2]).unwrap();
                let item = json!({"filter": format!("filter:tasks:{}", parts[0]), "operator": parts[1], "value": value});
                json!({"filters": {"items": [item]}})
            }
        };
        let encoded: String = url::form_urlencoded::byte_serialize(query.to_string().as_bytes()).collect();
        format!("{before}query={encoded}")
    }

    /// What a request reads from end to end.
    async fn scans_of(&self, ask: &Ask) -> Vec<String> {
        let mut request = self.server.ask(ask.method, &self.filled(ask.path));
        if !ask.body.is_empty() {
            request = request.body(self.filled(ask.body));
        }
        watch::start();
        let answer = request.send().await;
        let statements = watch::take();
        assert!((200..300).contains(&answer.status), "{}: {answer:?}", ask.name);
        assert!(!statements.is_empty(), "{}", ask.name);
        let mut wrong = Vec::new();
        for statement in &statements {
            let scans = self.scans(statement, ask.but).await;
            wrong.extend(scans.into_iter().map(|scan| format!("{}: {scan}", ask.name)));
        }
        wrong
    }

    /// As the server's connections plan it.
    async fn explained(&self, statement: &Statement) -> String {
        let conn = self.server.state.db.read();
        let postgres = conn.get_database_backend() == DbBackend::Postgres;
        let mut explain = statement.clone();
        let prefix = if postgres { "EXPLAIN " } else { "EXPLAIN QUERY PLAN " };
        explain.sql = format!("{prefix}{}", statement.sql);
        let column = if postgres { "QUERY PLAN" } else { "detail" };
        let rows = conn.query_all_raw(explain).await.unwrap();
        let lines: Vec<String> = rows.iter().map(|row| row.try_get("", column).unwrap()).collect();
        lines.join("\n")
    }

    /// What the tables of a statement are called in it, in the order in which it looks at them.
    async fn plan(&self, statement: &Statement) -> Vec<String> {
        let name = |line: &str| {
            let line = line.trim_start_matches([' ', '-', '>']);
            match line.strip_prefix("SEARCH ").or_else(|| line.strip_prefix("SCAN ")) {
                Some(rest) => rest.split(' ').next().map(str::to_owned),
                None if line.contains(" Scan ") => {
                    let words: Vec<&str> = line.split("(cost").next()?.split_whitespace().collect();
                    words.last().map(|word| (*word).to_owned())
                }
                None => None,
            }
        };
        self.explained(statement).await.lines().filter_map(name).collect()
    }

    async fn scans(&self, statement: &Statement, but: &[&str]) -> Vec<String> {
        let first = statement.sql.split_whitespace().next().unwrap_or_default().to_ascii_uppercase();
        if !["SELECT", "WITH", "UPDATE", "DELETE", "INSERT"].contains(&first.as_str()) {
            return Vec::new();
        }
        let conn = self.server.state.db.read();
        let backend = conn.get_database_backend();
        let prefix = match backend {
            DbBackend::Postgres => "EXPLAIN (FORMAT JSON) ",
            _ => "EXPLAIN QUERY PLAN ",
        };
        let mut explain = statement.clone();
        explain.sql = format!("{prefix}{}", statement.sql);
        let found = if backend == DbBackend::Postgres {
            let tx = self.server.state.db.snapshot().await.unwrap();
            // Whether an index could serve is the question, not whether so few rows are worth it.
            for way in ["seqscan", "hashjoin", "mergejoin"] {
                tx.execute_unprepared(&format!("SET LOCAL enable_{way} = off")).await.unwrap();
            }
            let rows = tx.query_all_raw(explain).await.unwrap();
            tx.rollback().await.unwrap();
            let plan: Value = rows[0].try_get_by_index(0).unwrap();
            let mut found = Vec::new();
            of_postgres(&plan[0]["Plan"], &mut found);
            // Of a handful of rows PostgreSQL reads all, whatever it could do.
            let small = "SELECT relname FROM pg_class WHERE reltuples < 500";
            let small = conn.query_all_raw(Statement::from_string(backend, small)).await.unwrap();
            let small: Vec<String> = small.iter().map(|row| row.try_get("", "relname").unwrap()).collect();
            found.retain(|table| !small.contains(table));
            found
        } else {
            let rows = conn.query_all_raw(explain).await.unwrap();
            of_sqlite(&rows, &statement.sql)
        };
        let bad =
            found.into_iter().filter(|table| BIG.contains(&table.as_str()) && !but.contains(&table.as_str()));
        bad.map(|table| format!("{table} is read from end to end by {}", statement.sql)).collect()
    }
}

/// Tables for which no index serves at all. That one is walked through in its order is PostgreSQL's choice among so few
/// rows; SQLite, which has no statistics, shows whether it would have to.
fn of_postgres(node: &Value, found: &mut Vec<String>) {
    if node["Node Type"] == "Seq Scan"
        && let Some(table) = node["Relation Name"].as_str()
    {
        found.push(table.to_owned());
    }
    for child in node["Plans"].as_array().into_iter().flatten() {
        of_postgres(child, found);
    }
}

/// `SCAN t USING COVERING INDEX …` reads all of it as well.
fn of_sqlite(rows: &[QueryResult], sql: &str) -> Vec<String> {
    let names = names(sql);
    let details = rows.iter().map(|row| row.try_get::<String>("", "detail").unwrap());
    let scanned =
        details.filter_map(|detail| Some(detail.strip_prefix("SCAN ")?.split(' ').next()?.to_owned()));
    scanned.map(|name| names.get(&name).cloned().unwrap_or(name)).collect()
}

/// Tables by what a statement calls them.
fn names(sql: &str) -> HashMap<String, String> {
    let clean = sql.replace(['(', ')', ','], " ");
    let words: Vec<&str> = clean.split_whitespace().collect();
    let mut names = HashMap::new();
    for (n, word) in words.iter().enumerate() {
        if ["FROM", "JOIN", "UPDATE", "INTO"].contains(word)
            && let (Some(table), Some(alias)) = (words.get(n + 1), words.get(n + 2))
            && BIG.contains(table)
        {
            names.insert((*alias).to_owned(), (*table).to_owned());
        }
    }
    names
}
