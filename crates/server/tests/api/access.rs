//! Every route and method, asked as everybody: nobody, a bad token, a member who was removed, another organization, a
//! colleague, the owner; by legacy token, by access token, and by cookie with and without the CSRF header.

use crate::support::*;
use axum_extra::extract::CookieJar;
use serde_json::{Value, json};
use tagloom_server::auth::{session, token};
use tagloom_server::jobs;
use tagloom_server::routes::{Access, ROUTES, Route};
use tagloom_server::storages::sealed;
use tagloom_server::store::{storages, users};
use tagloom_storages::{Fields, Kind};

/// What a call needs and how it must end. `{name}` in path and body stands for an object of the owner.
#[derive(Clone, Copy)]
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
    // For browsers: the owner comes with a cookie.
    case("GET", "/feature-flags", "", "", [200, 403, 403]),
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
    case("POST", "/api/auth/signup", "", r#"{"email":"x@y.z","password":"long enough"}"#, [403, 403, 403]),
    case("GET", "/user/login", "", "", ALL),
    // The owner sends the CSRF token, and gets the form again.
    case("POST", "/user/login", "", r#"{"email":"x@y.z","password":"wrong wrong"}"#, [200, 403, 403]),
    // Without an invitation.
    case("GET", "/user/signup", "", "", [403, 403, 403]),
    case("POST", "/user/signup", "", r#"{"email":"x@y.z","password":"long enough"}"#, [403, 403, 403]),
    case("GET", "/logout", "", "", [302, 302, 302]),
    case("GET", "/data/avatars/{avatar}", "", "", ALL),
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
    case("GET", "/api/current-user/hotkeys", "", "", ALL),
    case("PATCH", "/api/current-user/hotkeys", "", r#"{"custom_hotkeys":{}}"#, ALL),
    case("GET", "/api/current-user/product-tour", "?name=a", "", ALL),
    case("PATCH", "/api/current-user/product-tour", "?name=a", r#"{"state":"skipped"}"#, ALL),
    case("GET", "/api/users", "", "", ALL),
    case("POST", "/api/users", "", r#"{"email":"{unique}@example.com","username":"u"}"#, [201, 201, 201]),
    case("GET", "/api/users/{user}", "", "", MEMBERS),
    case("PATCH", "/api/users/{user}", "", r#"{"first_name":"New"}"#, [200, 403, 404]),
    // The owner cannot be deleted, and others delete nobody.
    case("DELETE", "/api/users/{user}", "", "", [403, 403, 404]),
    // No file.
    case("POST", "/api/users/{user}/avatar", "", "{}", [400, 403, 404]),
    case("DELETE", "/api/users/{user}/avatar", "", "", [204, 403, 404]),
    case("GET", "/api/organizations", "", "", ALL),
    case("POST", "/api/organizations", "", r#"{"title":"Another"}"#, [403, 403, 403]),
    case("GET", "/api/organizations/{organization}", "", "", MEMBERS),
    case("PATCH", "/api/organizations/{organization}", "", r#"{"title":"Changed"}"#, MEMBERS),
    case("GET", "/api/organizations/{organization}/memberships", "", "", MEMBERS),
    case("GET", "/api/organizations/{organization}/memberships/{user}", "", "", MEMBERS),
    // The owner, of all people.
    case("DELETE", "/api/organizations/{organization}/memberships/{user}", "", "", [405, 403, 404]),
    case("GET", "/api/invite", "", "", ALL),
    case("POST", "/api/invite/reset-token", "", "", [201, 201, 201]),
    case("GET", "/api/session-policy", "", "", ALL),
    // The owner's alone; the stranger owns nothing.
    case("PATCH", "/api/session-policy", "", r#"{"max_session_age":9000}"#, [200, 403, 403]),
    case("GET", "/api/audit-log", "", "", [200, 403, 403]),
    case("GET", "/api/projects", "", "", ALL),
    case("POST", "/api/projects", "", r#"{"title":"Another"}"#, [201, 201, 201]),
    case("GET", "/api/projects/counts", "", "", ALL),
    case("GET", "/api/projects/{project}", "", "", MEMBERS),
    case("PATCH", "/api/projects/{project}", "", r#"{"title":"Changed"}"#, MEMBERS),
    case("PUT", "/api/projects/{project}", "", r#"{"title":"Changed"}"#, MEMBERS),
    case("DELETE", "/api/projects/{project}", "", "", GONE),
    case("POST", "/api/projects/{project}/validate", "", "{config}", MEMBERS),
    case("GET", "/api/projects/{project}/summary", "", "", MEMBERS),
    case("POST", "/api/projects/{project}/summary/reset", "", "", MEMBERS),
    case("POST", "/api/projects/{project}/sample-task", "", CONFIG, MEMBERS),
    case("GET", "/api/projects/{project}/model-versions", "", "", MEMBERS),
    case("DELETE", "/api/projects/{project}/model-versions", "", r#"{"model_version":"x"}"#, MEMBERS),
    case("GET", "/api/projects/{project}/annotators", "", "", MEMBERS),
    case("GET", "/api/projects/{project}/label-stream-history", "", "", MEMBERS),
    case("GET", "/api/projects/{project}/next", "", "", MEMBERS),
    case("GET", "/api/projects/{project}/tasks", "", "", MEMBERS),
    case("POST", "/api/projects/{project}/tasks", "", r#"{"data":{"text":"new"}}"#, MADE),
    case("DELETE", "/api/projects/{project}/tasks", "", "", GONE),
    case("POST", "/api/projects/{project}/import", "", r#"[{"text":"new"}]"#, MADE),
    case("POST", "/api/projects/{project}/tasks/bulk", "", r#"[{"text":"new"}]"#, MADE),
    case("POST", "/api/projects/{project}/import/predictions", "", r#"[{"task":{task},"result":[]}]"#, MADE),
    case("POST", "/api/projects/{project}/reimport", "", r#"{"file_upload_ids":[{file_upload}]}"#, MADE),
    case("GET", "/api/projects/{project}/imports/{import}", "", "", MEMBERS),
    case("GET", "/api/projects/{project}/reimports/{import}", "", "", [404, 404, 404]),
    case("GET", "/api/import/file-upload/{file_upload}", "", "", MEMBERS),
    case("PATCH", "/api/import/file-upload/{file_upload}", "", "{}", MEMBERS),
    case("PUT", "/api/import/file-upload/{file_upload}", "", "{}", MEMBERS),
    case("DELETE", "/api/import/file-upload/{file_upload}", "", "", GONE),
    case("GET", "/api/projects/{project}/file-uploads", "?all=true", "", MEMBERS),
    case("DELETE", "/api/projects/{project}/file-uploads", "", "", MEMBERS),
    case("GET", "/api/projects/{project}/export", "?download_all_tasks=true", "", MEMBERS),
    case("GET", "/api/projects/{project}/export/formats", "", "", MEMBERS),
    case("GET", "/api/projects/{project}/export/files", "", "", MEMBERS),
    case("GET", "/api/projects/{project}/exports", "", "", MEMBERS),
    case("POST", "/api/projects/{project}/exports", "", "{}", MADE),
    case("GET", "/api/projects/{project}/exports/{export}", "", "", MEMBERS),
    case("DELETE", "/api/projects/{project}/exports/{export}", "", "", GONE),
    case("POST", "/api/projects/{project}/exports/{export}/convert", "", r#"{"export_type":"CSV"}"#, MEMBERS),
    case("GET", "/api/projects/{project}/exports/{export}/download", "", "", MEMBERS),
    case("GET", "/api/templates", "", "", ALL),
    case("GET", "/api/tasks", "?project={project}", "", MEMBERS),
    case("POST", "/api/tasks", "", r#"{"project":{project},"data":{"text":"new"}}"#, MADE),
    case("GET", "/api/tasks/{task}", "", "", MEMBERS),
    case("PATCH", "/api/tasks/{task}", "", r#"{"meta":{"a":1}}"#, MEMBERS),
    case("PUT", "/api/tasks/{task}", "", r#"{"data":{"text":"changed"}}"#, MEMBERS),
    case("DELETE", "/api/tasks/{task}", "", "", GONE),
    case("GET", "/api/tasks/{task}/agreement", "", "", [403, 403, 404]),
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
    case("GET", "/api/dm/views", "?project={project}", "", MEMBERS),
    case("POST", "/api/dm/views", "", r#"{"project":{project},"data":{"title":"Mine"}}"#, MADE),
    case("DELETE", "/api/dm/views/reset", "?project={project}", "", GONE),
    case("POST", "/api/dm/views/order", "", r#"{"project":{project},"ids":[{dm}]}"#, MEMBERS),
    case("GET", "/api/dm/views/{dm}", "", "", MEMBERS),
    case("PATCH", "/api/dm/views/{dm}", "", r#"{"data":{"title":"Changed"}}"#, MEMBERS),
    case("PUT", "/api/dm/views/{dm}", "", r#"{"data":{"title":"Changed"}}"#, MEMBERS),
    case("DELETE", "/api/dm/views/{dm}", "", "", GONE),
    case("GET", "/api/dm/columns", "?project={project}", "", MEMBERS),
    case("GET", "/api/dm/project", "?project={project}", "", MEMBERS),
    case("GET", "/api/dm/actions", "?project={project}", "", MEMBERS),
    case("POST", "/api/dm/actions", "?view={dm}&id=delete_tasks_predictions", "{}", MEMBERS),
    case("GET", "/api/dm/actions/{action}/form", "?project={project}", "", MEMBERS),
    case("GET", "/api/jobs", "", "", ALL),
    case("GET", "/api/jobs/{job}", "", "", MEMBERS),
    case("GET", "/api/jobs/{job}/errors", "", "", MEMBERS),
    case("GET", "/api/jobs/{job}/events", "", "", MEMBERS),
    // The job has ended already.
    case("POST", "/api/jobs/{job}/cancel", "", "", [409, 409, 404]),
    case("POST", "/api/jobs/{job}/resume", "", "", MEMBERS),
    case("GET", "/storage-data/uploaded", "?filepath=upload/{upload}", "", [200, 200, 403]),
    case("GET", "/api/storages", "?project={project}", "", MEMBERS),
    case("GET", "/api/storages/types", "", "", ALL),
    case("GET", "/api/storages/export", "?project={project}", "", MEMBERS),
    case("GET", "/api/storages/export/types", "", "", ALL),
    case("GET", "/api/storages/{kind}", "?project={project}", "", MEMBERS),
    case("POST", "/api/storages/{kind}", "", r#"{"project":{project},"path":"{folder}"}"#, MADE),
    case("POST", "/api/storages/{kind}/validate", "", r#"{"id":{storage},"path":"{folder}"}"#, MEMBERS),
    case("POST", "/api/storages/{kind}/diagnose", "", r#"{"id":{storage},"path":"{folder}"}"#, MEMBERS),
    case("POST", "/api/storages/{kind}/files", "", r#"{"project":{project},"path":"{folder}"}"#, MEMBERS),
    case("GET", "/api/storages/{kind}/form", "", "", ALL),
    case("GET", "/api/storages/{kind}/{storage}", "", "", MEMBERS),
    case("PATCH", "/api/storages/{kind}/{storage}", "", r#"{"title":"Changed"}"#, MEMBERS),
    case("PUT", "/api/storages/{kind}/{storage}", "", r#"{"path":"{folder}"}"#, MEMBERS),
    case("DELETE", "/api/storages/{kind}/{storage}", "", "", GONE),
    case("POST", "/api/storages/{kind}/{storage}/sync", "", "", MEMBERS),
    case("GET", "/api/storages/{kind}/{storage}/diagnose", "", "", MEMBERS),
    case("GET", "/api/storages/export/{kind}", "?project={project}", "", MEMBERS),
    case("POST", "/api/storages/export/{kind}", "", r#"{"project":{project},"path":"{folder}"}"#, MADE),
    case("POST", "/api/storages/export/{kind}/validate", "", r#"{"id":{target},"path":"{folder}"}"#, MEMBERS),
    case("POST", "/api/storages/export/{kind}/diagnose", "", r#"{"id":{target},"path":"{folder}"}"#, MEMBERS),
    case("GET", "/api/storages/export/{kind}/form", "", "", ALL),
    case("GET", "/api/storages/export/{kind}/{target}", "", "", MEMBERS),
    case("PATCH", "/api/storages/export/{kind}/{target}", "", r#"{"title":"Changed"}"#, MEMBERS),
    case("PUT", "/api/storages/export/{kind}/{target}", "", r#"{"path":"{folder}"}"#, MEMBERS),
    case("DELETE", "/api/storages/export/{kind}/{target}", "", "", GONE),
    case("POST", "/api/storages/export/{kind}/{target}/sync", "", "", MEMBERS),
    case("GET", "/api/storages/export/{kind}/{target}/diagnose", "", "", MEMBERS),
    // To a signed URL of the bucket.
    case("GET", "/tasks/{task}/resolve", "?fileuri=s3://bucket/a.png", "", [303, 303, 404]),
    case("GET", "/tasks/{task}/presign", "?fileuri=s3://bucket/a.png", "", [303, 303, 404]),
    case("GET", "/projects/{project}/resolve", "?fileuri=s3://bucket/a.png", "", [303, 303, 404]),
    case("GET", "/projects/{project}/presign", "?fileuri=s3://bucket/a.png", "", [303, 303, 404]),
    case("GET", "/api/webhooks/info", "", "", ALL),
    case("GET", "/api/webhooks", "?project={project}", "", MEMBERS),
    case(
        "POST",
        "/api/webhooks",
        "",
        r#"{"project":{project},"url":"http://8.8.8.8/","is_active":false}"#,
        MADE,
    ),
    case("GET", "/api/webhooks/{webhook}", "", "", MEMBERS),
    case("PATCH", "/api/webhooks/{webhook}", "", r#"{"send_payload":false}"#, MEMBERS),
    case("PUT", "/api/webhooks/{webhook}", "", r#"{"url":"http://8.8.4.4/"}"#, MEMBERS),
    case("DELETE", "/api/webhooks/{webhook}", "", "", GONE),
    case("GET", "/api/webhooks/{webhook}/deliveries", "", "", MEMBERS),
    case("GET", "/api/labels", "", "", ALL),
    case(
        "POST",
        "/api/labels",
        "",
        r#"[{"project":{project},"from_name":"c","title":"L","value":["L"]}]"#,
        MADE,
    ),
    case(
        "POST",
        "/api/labels/bulk",
        "",
        r#"{"project":{project},"old_label":["A"],"new_label":["Z"]}"#,
        MEMBERS,
    ),
    case("GET", "/api/labels/{label}", "", "", MEMBERS),
    case("PATCH", "/api/labels/{label}", "", r#"{"description":"d"}"#, MEMBERS),
    case("PUT", "/api/labels/{label}", "", r#"{"description":"d"}"#, MEMBERS),
    case("DELETE", "/api/labels/{label}", "", "", GONE),
    case("GET", "/api/label_links", "?project={project}", "", MEMBERS),
    case(
        "POST",
        "/api/label_links",
        "",
        r#"{"project":{project},"label":{label},"from_name":"c"}"#,
        // It is linked already.
        [409, 409, 404],
    ),
    case("GET", "/api/label_links/{label_link}", "", "", MEMBERS),
    case("PATCH", "/api/label_links/{label_link}", "", r#"{"from_name":"c"}"#, MEMBERS),
    case("PUT", "/api/label_links/{label_link}", "", r#"{"from_name":"c"}"#, MEMBERS),
    case("DELETE", "/api/label_links/{label_link}", "", "", GONE),
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
    let object = match route.strip_prefix("/api/import/file-upload/") {
        Some(_) => "file_upload".to_owned(),
        None => route.split('/').nth(2).unwrap_or_default().trim_end_matches('s').to_owned(),
    };
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
    let hook = json!({"project": project, "url": format!("http://8.8.8.8/{SECRET}"), "is_active": false});
    let hook = server.post("/api/webhooks/", hook).await["id"].to_string();
    let label =
        json!([{"project": project, "from_name": "c", "title": SECRET, "value": [project.to_string()]}]);
    let label = server.post("/api/labels/", label).await[0]["id"].to_string();
    let links = server.get(&format!("/api/label_links/?project={project}")).await;
    let view = json!({"project": project, "data": {"title": SECRET}});
    let view = server.post("/api/dm/views/", view).await["id"].to_string();
    vec![
        ("{webhook}", hook),
        ("{label}", label),
        ("{label_link}", links["results"][0]["id"].to_string()),
        ("{action}", "delete_tasks_annotations".into()),
        ("{dm}", view),
        ("{annotation}", made(format!("/api/tasks/{task}/annotations/")).await),
        ("{draft}", made(format!("/api/tasks/{task}/drafts/")).await),
        ("{prediction}", made("/api/predictions/".into()).await),
        ("{export}", made(format!("/api/projects/{project}/exports/")).await),
        ("{file_upload}", uploads[0]["id"].to_string()),
        ("{import}", newest_import(server).await.to_string()),
        ("{job}", failed_job(server).await.to_string()),
        ("{project}", project.to_string()),
        ("{task}", task.to_string()),
        ("{upload}", file),
        ("{user}", "1".into()),
        ("{file}", "page.js".into()),
        ("{organization}", "1".into()),
        ("{avatar}", avatar(server).await),
        ("{kind}", "localfiles".into()),
        ("{storage}", storage(server, project, false).await),
        ("{target}", storage(server, project, true).await),
        ("{folder}", folder(server)),
        ("{config}", json!({"label_config": TEXT_CONFIG}).to_string()),
    ]
}

async fn newest_import(server: &Server) -> i64 {
    tagloom_server::db::count(server.state.db.read(), "SELECT MAX(id) FROM imports", vec![]).await.unwrap()
}

/// A folder that a storage may have.
fn folder(server: &Server) -> String {
    let root = server.state.settings.local_files.as_ref();
    root.map(|root| root.join("folder").to_str().unwrap().to_owned()).unwrap_or_default()
}

/// A storage of local files, where they are served; and one whose URLs can be signed without asking anybody.
async fn storage(server: &Server, project: i64, export: bool) -> String {
    if server.state.settings.local_files.is_none() {
        return "0".into();
    }
    std::fs::create_dir_all(folder(server)).unwrap();
    std::fs::write(format!("{}/a.txt", folder(server)), "a").unwrap();
    let face = if export { "export/" } else { "" };
    let body = json!({"project": project, "path": folder(server), "title": SECRET, "use_blob_urls": true});
    let made = server.post(&format!("/api/storages/{face}localfiles"), body).await;
    if !export {
        let fields = Fields::of(
            json!({"bucket": "bucket", "aws_access_key_id": "k", "aws_secret_access_key": SECRET}),
        );
        let tx = server.state.db.write().await.unwrap();
        let mut storage = storages::by_id(&*tx, made["id"].as_i64().unwrap()).await.unwrap().unwrap();
        storage.kind = Kind::S3;
        storage.fields = fields.shown(Kind::S3);
        storage.secrets = sealed(&server.state.secret, Kind::S3, &fields).unwrap();
        storages::insert(&*tx, &storage).await.unwrap();
        tx.commit().await.unwrap();
    }
    made["id"].to_string()
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

/// The name of a picture of the owner.
async fn avatar(server: &Server) -> String {
    let part = reqwest::multipart::Part::bytes(b"GIF89a\x05\x00\x05\x00;".as_slice()).file_name("a.gif");
    let form = reqwest::multipart::Form::new().part("avatar", part);
    Request(server.ask("POST", "/api/users/1/avatar/").0.multipart(form)).ok().await;
    let address = server.get("/api/users/1/").await["avatar"].as_str().unwrap().to_owned();
    address.trim_start_matches("/data/avatars/").to_owned()
}

const METHODS: [&str; 5] = ["GET", "POST", "PUT", "PATCH", "DELETE"];

/// What is wrong with a list of cases, given the routes: nothing may be missing, nothing may be too much.
fn gaps(routes: &[Route], cases: &[Case]) -> Vec<String> {
    let mut out = Vec::new();
    for route in routes {
        let path = template(route.path);
        if !cases.iter().any(|c| c.path == path) {
            out.push(format!("{} has no case: {path}", route.path));
        }
    }
    for (n, case) in cases.iter().enumerate() {
        let name = format!("{} {}", case.method, case.path);
        match routes.iter().find(|r| template(r.path) == case.path) {
            None => out.push(format!("{name} is no route")),
            // The level that the list of routes promises is the level that the case shows.
            Some(route) if route.access == Access::Owner && (case.colleague, case.stranger) != (403, 403) => {
                out.push(format!(
                    "{name} is the owner's alone, but others get {} {}",
                    case.colleague, case.stranger
                ));
            }
            Some(_) => {}
        }
        if !METHODS.contains(&case.method) {
            out.push(format!("{name} has an unknown method"));
        }
        if cases[..n].iter().any(|c| (c.method, c.path) == (case.method, case.path)) {
            out.push(format!("{name} is there twice"));
        }
    }
    out
}

#[test]
fn every_route_has_cases() {
    assert_eq!(gaps(ROUTES, CASES), [""; 0]);
}

#[test]
fn a_route_without_a_case_is_noticed() {
    // Each route in turn loses its cases; each must be missed by its name.
    for route in ROUTES {
        let path = template(route.path);
        let rest: Vec<Case> = CASES.iter().filter(|c| c.path != path).copied().collect();
        assert_eq!(gaps(ROUTES, &rest), [format!("{} has no case: {path}", route.path)]);
    }
    let mut cases = CASES.to_vec();
    cases.push(case("GET", "/api/nowhere", "", "", ALL));
    cases.push(case("GET", "/api/projects", "", "", ALL));
    let open_log = cases.iter_mut().find(|c| c.path == "/api/audit-log").unwrap();
    open_log.colleague = 200;
    let found = gaps(ROUTES, &cases);
    assert_eq!(found.len(), 3, "{found:?}");
}

#[tokio::test]
async fn every_method_of_every_route_has_a_case() {
    let server = Server::start().await;
    for route in ROUTES {
        let path: Vec<&str> = route
            .path
            .split('/')
            .map(|part| match part {
                "{*path}" => "0/x",
                part if part.starts_with('{') => "0",
                part => part,
            })
            .collect();
        let path = path.join("/");
        for method in METHODS {
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
    let colleague = server.colleague().await;
    server.stranger().await;
    let bearer = format!("Bearer {}", token::access(&server.state.secret, colleague).unwrap());
    let removed = removed(&server).await;
    let (cookies, csrf) = session_of(&server, 1).await;
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
            for (header, value) in &removed {
                let answer =
                    call("removed").header(header, value).header("x-csrftoken", &"f".repeat(40)).send().await;
                assert_eq!(answer.status, 401, "{name} as a removed member by {header}: {answer:?}");
            }
            if case.method == "GET" {
                let head = server.anonymous("HEAD", &path).send().await;
                assert_eq!(head.status, 401, "HEAD {path} as nobody");
            }
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
        let answer = call("colleague").header("authorization", &bearer).send().await;
        assert_eq!(answer.status, case.colleague, "{name} as a colleague: {answer:?}");
        let objects = self::objects(&server).await;
        let path = filled(&format!("{}{}", case.path, case.query), &objects);
        let body = filled(case.body, &objects).replace("{unique}", &format!("owner-{n}"));
        let request = if matches!(case.path, "/api/auth/logout" | "/logout") {
            server.anonymous(case.method, &path)
        } else {
            server.anonymous(case.method, &path).header("cookie", &cookies).header("x-csrftoken", &csrf)
        };
        let answer = with_body(request, &body).send().await;
        assert_eq!(answer.status, case.owner, "{name} as the owner: {answer:?}");
    }
}

/// The session of a user: the cookies, and what the CSRF header must repeat.
async fn session_of(server: &Server, user: i64) -> (String, String) {
    let user = users::by_id(server.state.db.read(), user).await.unwrap().unwrap();
    let tx = server.state.db.write().await.unwrap();
    let jar = CookieJar::new();
    let jar = session::start(&*tx, &server.state.settings, &user, jar, true).await.unwrap();
    tx.commit().await.unwrap();
    let value = |name: &str| jar.get(name).unwrap().value().to_owned();
    let csrf = value("csrftoken");
    (format!("sessionid={}; csrftoken={csrf}", value("sessionid")), csrf)
}

/// Everything that somebody had who is no member any more.
async fn removed(server: &Server) -> Vec<(&'static str, String)> {
    const TOKEN: &str = "000000000000000000000000000000000000removed";
    let id = server.user("removed@example.com", TOKEN, None).await;
    let access = token::access(&server.state.secret, id).unwrap();
    let (cookies, _) = session_of(server, id).await;
    // Only the place is taken away: each way in must notice by itself.
    let tx = server.state.db.write().await.unwrap();
    let sql = "UPDATE memberships SET deleted_at = 'now' WHERE user_id = $1";
    tagloom_server::db::run(&*tx, sql, vec![id.into()]).await.unwrap();
    tx.commit().await.unwrap();
    vec![
        ("authorization", format!("Token {TOKEN}")),
        ("x-api-key", TOKEN.into()),
        ("authorization", format!("Bearer {access}")),
        ("cookie", cookies),
    ]
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
