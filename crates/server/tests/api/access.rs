//! Every route and method, asked as everybody: nobody, a bad token, another organization, a colleague, the owner, and
//! the owner by cookie with and without the CSRF header.

use crate::support::*;
use serde_json::{Value, json};
use tagloom_server::auth::session;
use tagloom_server::jobs;
use tagloom_server::routes::{Access, ROUTES};

/// What a call needs and how it must end. `{name}` in path and body stands for an object of the owner.
struct Case {
    method: &'static str,
    path: &'static str,
    query: &'static str,
    body: &'static str,
    owner: u16,
    colleague: u16,
    stranger: u16,
}

const fn case(
    method: &'static str,
    path: &'static str,
    query: &'static str,
    body: &'static str,
    answers: [u16; 3],
) -> Case {
    let [owner, colleague, stranger] = answers;
    Case { method, path, query, body, owner, colleague, stranger }
}

const CONFIG: &str = r#"{"label_config":"<View><Text name=\"t\" value=\"$text\"/></View>"}"#;
const ALL: [u16; 3] = [200, 200, 200];
/// Members of the organization only.
const MEMBERS: [u16; 3] = [200, 200, 404];
const MADE: [u16; 3] = [201, 201, 404];
const GONE: [u16; 3] = [204, 204, 404];

/// Owner, colleague, stranger.
const CASES: &[Case] = &[
    case("GET", "/health", "", "", ALL),
    case("GET", "/health/ready", "", "", ALL),
    // From this machine; `ops.rs` calls it from elsewhere.
    case("GET", "/metrics", "", "", ALL),
    case("GET", "/swagger.json", "", "", [303, 303, 303]),
    case("GET", "/docs/api", "?format=openapi", "", [303, 303, 303]),
    case("GET", "/docs/api/schema/json", "", "", ALL),
    case("GET", "/docs/api/schema/yaml", "", "", ALL),
    case("GET", "/docs/api/swagger-ui", "", "", ALL),
    case("GET", "/docs/api/redoc", "", "", [303, 303, 303]),
    case("GET", "/docs/api/files/{file}", "", "", ALL),
    case("GET", "/version", "", "", ALL),
    case("GET", "/api/version", "", "", ALL),
    case("GET", "/samples/time-series.csv", "?time=t&values=a", "", ALL),
    case("GET", "/samples/paragraphs.json", "", "", ALL),
    case("GET", "/api/auth/state", "", "", ALL),
    case("POST", "/api/auth/login", "", r#"{"email":"x@y.z","password":"wrong wrong"}"#, [401, 401, 401]),
    case("POST", "/api/auth/logout", "", "", [204, 204, 204]),
    case(
        "POST",
        "/api/auth/setup",
        "",
        r#"{"token":"x","email":"x@y.z","password":"long enough"}"#,
        [403, 403, 403],
    ),
    case("POST", "/api/token/refresh", "", r#"{"refresh":"a.b.c"}"#, [401, 401, 401]),
    case("POST", "/api/token/rotate", "", r#"{"refresh":"a.b.c"}"#, [401, 401, 401]),
    case("POST", "/api/projects/validate", "", CONFIG, [204, 204, 204]),
    case("GET", "/api/token", "", "", ALL),
    case("POST", "/api/token", "", "", [201, 201, 201]),
    case("POST", "/api/token/blacklist", "", r#"{"refresh":"a.b"}"#, [404, 404, 404]),
    case("GET", "/api/jwt/settings", "", "", ALL),
    case("POST", "/api/jwt/settings", "", "{}", ALL),
    case("GET", "/api/current-user/whoami", "", "", ALL),
    case("GET", "/api/current-user", "", "", ALL),
    case("GET", "/api/current-user/token", "", "", ALL),
    case("POST", "/api/current-user/reset-token", "", "", [201, 201, 201]),
    case("GET", "/api/users", "", "", ALL),
    case("POST", "/api/users", "", r#"{"email":"{unique}@example.com","username":"u"}"#, [201, 201, 201]),
    case("GET", "/api/users/{user}", "", "", MEMBERS),
    case("PATCH", "/api/users/{user}", "", r#"{"first_name":"New"}"#, [200, 403, 404]),
    case("GET", "/api/organizations", "", "", ALL),
    case("GET", "/api/projects", "", "", ALL),
    case("POST", "/api/projects", "", r#"{"title":"Another"}"#, [201, 201, 201]),
    case("GET", "/api/projects/counts", "", "", ALL),
    case("GET", "/api/projects/{project}", "", "", MEMBERS),
    case("PATCH", "/api/projects/{project}", "", r#"{"title":"Changed"}"#, MEMBERS),
    case("PUT", "/api/projects/{project}", "", r#"{"title":"Changed"}"#, MEMBERS),
    case("DELETE", "/api/projects/{project}", "", "", GONE),
    case("POST", "/api/projects/{project}/validate", "", "{config}", MEMBERS),
    case("GET", "/api/projects/{project}/summary", "", "", MEMBERS),
    case("POST", "/api/projects/{project}/sample-task", "", CONFIG, MEMBERS),
    case("GET", "/api/projects/{project}/model-versions", "", "", MEMBERS),
    case("GET", "/api/projects/{project}/annotators", "", "", MEMBERS),
    case("GET", "/api/projects/{project}/label-stream-history", "", "", MEMBERS),
    case("GET", "/api/projects/{project}/next", "", "", MEMBERS),
    case("GET", "/api/projects/{project}/tasks", "", "", MEMBERS),
    case("POST", "/api/projects/{project}/tasks", "", r#"{"data":{"text":"new"}}"#, MADE),
    case("DELETE", "/api/projects/{project}/tasks", "", "", GONE),
    case("POST", "/api/projects/{project}/import", "", r#"[{"text":"new"}]"#, MADE),
    case("POST", "/api/projects/{project}/tasks/bulk", "", r#"[{"text":"new"}]"#, MADE),
    case("POST", "/api/projects/{project}/import/predictions", "", r#"[{"task":{task},"result":[]}]"#, MADE),
    case("GET", "/api/projects/{project}/file-uploads", "?all=true", "", MEMBERS),
    case("DELETE", "/api/projects/{project}/file-uploads", "", "", MEMBERS),
    case("GET", "/api/projects/{project}/export", "?download_all_tasks=true", "", MEMBERS),
    case("GET", "/api/projects/{project}/export/formats", "", "", MEMBERS),
    case("GET", "/api/projects/{project}/exports", "", "", MEMBERS),
    case("POST", "/api/projects/{project}/exports", "", "{}", MADE),
    case("GET", "/api/projects/{project}/exports/{export}", "", "", MEMBERS),
    case("DELETE", "/api/projects/{project}/exports/{export}", "", "", GONE),
    case("GET", "/api/projects/{project}/exports/{export}/download", "", "", MEMBERS),
    case("GET", "/api/templates", "", "", ALL),
    case("GET", "/api/tasks", "?project={project}", "", MEMBERS),
    case("POST", "/api/tasks", "", r#"{"project":{project},"data":{"text":"new"}}"#, MADE),
    case("GET", "/api/tasks/{task}", "", "", MEMBERS),
    case("PATCH", "/api/tasks/{task}", "", r#"{"meta":{"a":1}}"#, MEMBERS),
    case("PUT", "/api/tasks/{task}", "", r#"{"data":{"text":"changed"}}"#, MEMBERS),
    case("DELETE", "/api/tasks/{task}", "", "", GONE),
    case("GET", "/api/tasks/{task}/annotations", "", "", MEMBERS),
    case("POST", "/api/tasks/{task}/annotations", "", r#"{"result":[]}"#, MADE),
    case("GET", "/api/annotations/{annotation}", "", "", MEMBERS),
    case("PATCH", "/api/annotations/{annotation}", "", r#"{"lead_time":1}"#, MEMBERS),
    case("PUT", "/api/annotations/{annotation}", "", r#"{"result":[]}"#, MEMBERS),
    case("DELETE", "/api/annotations/{annotation}", "", "", GONE),
    case("POST", "/api/annotations/{annotation}/convert-to-draft", "", "", MADE),
    case("GET", "/api/tasks/{task}/drafts", "", "", MEMBERS),
    case("POST", "/api/tasks/{task}/drafts", "", r#"{"result":[]}"#, MADE),
    case("GET", "/api/tasks/{task}/annotations/{annotation}/drafts", "", "", MEMBERS),
    case("POST", "/api/tasks/{task}/annotations/{annotation}/drafts", "", r#"{"result":[]}"#, MADE),
    // A draft is its author's alone.
    case("GET", "/api/drafts/{draft}", "", "", [200, 404, 404]),
    case("PATCH", "/api/drafts/{draft}", "", r#"{"result":[]}"#, [200, 404, 404]),
    case("PUT", "/api/drafts/{draft}", "", r#"{"result":[]}"#, [200, 404, 404]),
    case("DELETE", "/api/drafts/{draft}", "", "", [204, 404, 404]),
    case("GET", "/api/predictions", "?task={task}", "", MEMBERS),
    case("POST", "/api/predictions", "", r#"{"task":{task},"result":[]}"#, MADE),
    case("GET", "/api/predictions/{prediction}", "", "", MEMBERS),
    case("PATCH", "/api/predictions/{prediction}", "", r#"{"score":0.1}"#, MEMBERS),
    case("PUT", "/api/predictions/{prediction}", "", r#"{"result":[]}"#, MEMBERS),
    case("DELETE", "/api/predictions/{prediction}", "", "", GONE),
    case("GET", "/api/jobs", "", "", ALL),
    case("GET", "/api/jobs/{job}", "", "", MEMBERS),
    case("GET", "/api/jobs/{job}/errors", "", "", MEMBERS),
    case("GET", "/api/jobs/{job}/events", "", "", MEMBERS),
    // The job has ended already.
    case("POST", "/api/jobs/{job}/cancel", "", "", [409, 409, 404]),
    case("POST", "/api/jobs/{job}/resume", "", "", MEMBERS),
    case("GET", "/data/upload/{upload}", "", "", [200, 200, 403]),
    // Any signed-in user: files are shared on purpose by whoever sets the folder.
    case("GET", "/data/local-files", "?d=shared.txt", "", ALL),
];

/// Every method with the template of its route.
pub fn calls() -> impl Iterator<Item = (&'static str, &'static str)> {
    CASES.iter().filter_map(|case| {
        let route = ROUTES.iter().find(|route| template(route.path) == case.path)?;
        Some((case.method, route.path))
    })
}

/// The route's own parameter names, in the words of the cases.
fn template(route: &str) -> String {
    let object = route.split('/').nth(2).unwrap_or_default().trim_end_matches('s').to_owned();
    route.replace("{id}", &format!("{{{object}}}")).replace("{*path}", "{upload}")
}

/// Words that no one else may ever see in an answer.
const SECRET: &str = "xylophone";

/// Objects of the owner, fresh for each case.
async fn objects(server: &Server) -> Vec<(&'static str, String)> {
    let project = server.project(TEXT_CONFIG).await;
    server.patch(&format!("/api/projects/{project}/"), json!({"title": SECRET})).await;
    let upload = server.upload(project, "t.csv", format!("text\n{SECRET}\n")).await;
    assert_eq!(upload.status, 201, "{upload:?}");
    let task = upload.json()["task_ids"][0].as_i64().unwrap();
    let uploads = server.get(&format!("/api/projects/{project}/file-uploads?all=true")).await;
    let file = uploads[0]["file"].as_str().unwrap().trim_start_matches("upload/").to_owned();
    let region =
        json!({"id": "r", "from_name": "c", "to_name": "t", "type": "choices", "value": {"choices": ["A"]}});
    let result = json!({"result": [region], "task": task, "model_version": SECRET});
    let made = async |path: String| server.post(&path, result.clone()).await["id"].to_string();
    // A second task stays open for `next`.
    server.post("/api/tasks/", json!({"project": project, "data": {"text": SECRET}})).await;
    server.post("/api/tasks/", json!({"project": project, "data": {"text": SECRET}})).await;
    vec![
        ("{annotation}", made(format!("/api/tasks/{task}/annotations/")).await),
        ("{draft}", made(format!("/api/tasks/{task}/drafts/")).await),
        ("{prediction}", made("/api/predictions/".into()).await),
        ("{export}", made(format!("/api/projects/{project}/exports/")).await),
        ("{job}", failed_job(server).await.to_string()),
        ("{project}", project.to_string()),
        ("{task}", task.to_string()),
        ("{upload}", file),
        ("{user}", "1".into()),
        ("{file}", "page.js".into()),
        ("{config}", json!({"label_config": TEXT_CONFIG}).to_string()),
    ]
}

/// A job of a kind that nobody knows: it fails at once.
async fn failed_job(server: &Server) -> i64 {
    let tx = server.state.db.write().await.unwrap();
    let new = jobs::New { kind: "unknown", organization: 1, payload: json!(SECRET), ..jobs::New::default() };
    let id = jobs::enqueue(&*tx, new).await.unwrap();
    tx.commit().await.unwrap();
    server.state.jobs.wake();
    let ended = jobs::wait(&server.state, id, std::time::Duration::from_secs(60)).await.unwrap();
    assert_eq!(ended.state, jobs::State::Failed);
    id
}

fn filled(text: &str, objects: &[(&'static str, String)]) -> String {
    objects.iter().fold(text.to_owned(), |text, (name, value)| text.replace(name, value))
}

fn with_body(request: Request, body: &str) -> Request {
    if body.is_empty() { request } else { request.body(body.to_owned()) }
}

#[test]
fn every_route_has_cases() {
    for route in ROUTES {
        let path = template(route.path);
        assert!(CASES.iter().any(|c| c.path == path), "{} has no case: {path}", route.path);
    }
    for case in CASES {
        assert!(ROUTES.iter().any(|r| template(r.path) == case.path), "{} is no route", case.path);
    }
}

#[tokio::test]
async fn every_method_of_every_route_has_a_case() {
    let server = Server::start().await;
    for route in ROUTES {
        let path = route.path.replace("{*path}", "0/x").replace("{id}", "0");
        let path = path.replace("{annotation}", "0").replace("{export}", "0").replace("{file}", "page.js");
        for method in ["GET", "POST", "PUT", "PATCH", "DELETE"] {
            let answer = server.anonymous(method, &path).send().await;
            let has = CASES.iter().any(|c| c.method == method && c.path == template(route.path));
            if has {
                assert_ne!(answer.status, 405, "{method} {path} has a case, but is not served");
            } else {
                answer.error(405);
            }
        }
    }
}

/// One quarter of the cases each, so that they run side by side.
#[tokio::test]
async fn everybody_calls_everything_1() {
    everybody_calls(0).await;
}
#[tokio::test]
async fn everybody_calls_everything_2() {
    everybody_calls(1).await;
}
#[tokio::test]
async fn everybody_calls_everything_3() {
    everybody_calls(2).await;
}
#[tokio::test]
async fn everybody_calls_everything_4() {
    everybody_calls(3).await;
}

async fn everybody_calls(quarter: usize) {
    let shared = tempfile::tempdir().unwrap();
    std::fs::write(shared.path().join("shared.txt"), "shared").unwrap();
    let server = Server::with(|s| s.local_files = Some(shared.path().to_owned())).await;
    server.colleague().await;
    server.stranger().await;
    let (cookies, csrf) = cookies(&server).await;
    for (n, case) in CASES.iter().enumerate().filter(|(n, _)| n % 4 == quarter) {
        let route = ROUTES.iter().find(|r| template(r.path) == case.path).unwrap();
        let objects = objects(&server).await;
        let path = filled(&format!("{}{}", case.path, case.query), &objects);
        let body = filled(case.body, &objects);
        let name = format!("{} {path}", case.method);
        let call = |kind: &str| {
            let request = server.anonymous(case.method, &path);
            with_body(request, &body.replace("{unique}", &format!("{kind}-{n}")))
        };
        let open = route.access == Access::Anyone;

        let answer = call("nobody").send().await;
        let expected = if open { case.stranger } else { 401 };
        assert_eq!(answer.status, expected, "{name} as nobody: {answer:?}");
        if !open {
            answer.error(401);
            assert_eq!(answer.header("www-authenticate"), "Token", "{name}");
            for bad in ["Token nonsense", "Token ", "Bearer a.b.c", "Basic b3duZXI6", ""] {
                let answer = call("bad").header("authorization", bad).send().await;
                assert_eq!(answer.status, 401, "{name} with {bad:?}: {answer:?}");
            }
            let answer = call("bad").header("cookie", "sessionid=nonsense").send().await;
            assert_eq!(answer.status, 401, "{name} with a bad cookie: {answer:?}");
        }

        if case.path == "/api/current-user/reset-token" {
            // Would lock everybody out; `auth.rs` calls it.
            continue;
        }

        let answer = call("stranger").token(STRANGER).send().await;
        assert_eq!(answer.status, case.stranger, "{name} as a stranger: {answer:?}");
        assert!(!answer.text().contains(SECRET), "{name} tells a stranger: {answer:?}");
        assert!(!answer.text().contains("owner@example.com"), "{name} tells a stranger: {answer:?}");

        if !open && case.method != "GET" {
            for wrong in ["", "0000000000000000000000000000000000000000"] {
                let answer =
                    call("csrf").header("cookie", &cookies).header("x-csrftoken", wrong).send().await;
                assert!(answer.error(403).contains("CSRF"), "{name}");
            }
        }

        // The refused calls have changed nothing: what is deleted now is still there.
        let answer = call("colleague").token(COLLEAGUE).send().await;
        assert_eq!(answer.status, case.colleague, "{name} as a colleague: {answer:?}");
        let objects = self::objects(&server).await;
        let path = filled(&format!("{}{}", case.path, case.query), &objects);
        let body = filled(case.body, &objects).replace("{unique}", &format!("owner-{n}"));
        let request = if case.path == "/api/auth/logout" {
            server.anonymous(case.method, &path)
        } else {
            server.anonymous(case.method, &path).header("cookie", &cookies).header("x-csrftoken", &csrf)
        };
        let answer = with_body(request, &body).send().await;
        assert_eq!(answer.status, case.owner, "{name} as the owner: {answer:?}");
    }
}

/// The owner's session: the cookies, and what the CSRF header must repeat.
async fn cookies(server: &Server) -> (String, String) {
    let jar = session::start(&server.state, 1, axum_extra::extract::CookieJar::new(), true).await.unwrap();
    let value = |name: &str| jar.get(name).unwrap().value().to_owned();
    let csrf = value("csrftoken");
    (format!("sessionid={}; csrftoken={csrf}", value("sessionid")), csrf)
}

#[tokio::test]
async fn lists_hold_the_own_organization_only() {
    let server = Server::start().await;
    server.stranger().await;
    objects(&server).await;
    let get = async |path: &str| server.anonymous("GET", path).token(STRANGER).ok().await;
    assert_eq!(get("/api/projects/").await["count"], 0);
    assert_eq!(get("/api/projects/counts/").await["count"], 0);
    let users: Value = get("/api/users/").await;
    assert_eq!(users.as_array().unwrap().len(), 1);
    assert_eq!(users[0]["email"], "stranger@example.com");
    assert_eq!(get("/api/organizations/").await[0]["title"], "Other");
}
