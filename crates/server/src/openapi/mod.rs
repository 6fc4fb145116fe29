//! The OpenAPI 3.0.3 document. Paths, methods and who may call them are read from the routes themselves, so that none is
//! missing; [`words`] says what they are for.
//!
//! The document is put together as JSON: the libraries for it write 3.1, which clients made for the reference's 3.0.3
//! do not read.

mod schemas;
pub mod words;
mod yaml;

use crate::routes::{Access, ROUTES, misc::RELEASE};
use crate::state::AppState;
use schemas::{fields, object, of_type};
use serde_json::{Map, Value, json};
use tokio::sync::OnceCell;
use words::Words;

/// The page that shows the document.
pub const PAGE: &str = include_str!("page/index.html");
/// Its files, with their types.
pub const FILES: &[(&str, &str, &str)] = &[
    ("page.css", "text/css; charset=utf-8", include_str!("page/page.css")),
    ("page.js", "text/javascript; charset=utf-8", include_str!("page/page.js")),
];

/// The same for every server of the process.
static DOCUMENT: OnceCell<Value> = OnceCell::const_new();

pub async fn document(state: &AppState) -> &'static Value {
    DOCUMENT.get_or_init(|| make(state)).await
}

pub async fn yaml(state: &AppState) -> String {
    yaml::write(document(state).await)
}

async fn make(state: &AppState) -> Value {
    let mut paths = Map::new();
    let mut tags: Vec<&'static str> = Vec::new();
    for route in ROUTES {
        let tag = tag(route.path);
        if !tags.contains(&tag) {
            tags.push(tag);
        }
        let mut operations = Map::new();
        for method in route.methods(state).await {
            operations.insert(method.to_lowercase(), operation(route.path, &method, route.access, tag));
        }
        paths.insert(shown(route.path), operations.into());
    }
    // What is for machines comes last.
    tags.sort_by_key(|tag| *tag == "Server");
    json!({
        "openapi": "3.0.3",
        "info": {
            "title": "Tagloom",
            "version": env!("CARGO_PKG_VERSION"),
            "description": format!(
                "The API of this server. It answers as Label Studio {RELEASE} does. Every path also answers with a \
                 trailing slash."
            ),
            "license": {"name": "Apache-2.0", "url": "https://www.apache.org/licenses/LICENSE-2.0"},
        },
        "servers": [{"url": if state.settings.host.is_empty() { "/" } else { &state.settings.host }}],
        "tags": tags.into_iter().map(|name| json!({"name": name})).collect::<Vec<_>>(),
        "security": [],
        "paths": paths,
        "components": {
            "schemas": schemas::all(),
            "responses": {
                "Error": {
                    "description": "What went wrong.",
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}},
                },
            },
            "securitySchemes": {
                "bearer": {
                    "type": "http", "scheme": "bearer", "bearerFormat": "JWT",
                    "description": "An access token; `/api/token/refresh` gives one for a personal access token.",
                },
                "token": {
                    "type": "apiKey", "in": "header", "name": "Authorization",
                    "description": "A legacy token as `Token <40 digits>`, where the organization allows them.",
                },
                "session": {"type": "apiKey", "in": "cookie", "name": "sessionid"},
                "csrf": {
                    "type": "apiKey", "in": "header", "name": "X-CSRFToken",
                    "description": "With a session, what the cookie `csrftoken` holds; not needed for reading.",
                },
            },
        },
    })
}

/// Groups of the page.
fn tag(path: &str) -> &'static str {
    let mut parts = path.trim_start_matches("/api").split('/').filter(|p| !p.is_empty());
    match (parts.next().unwrap_or_default(), parts.nth(1).unwrap_or_default()) {
        ("projects", "import" | "imports" | "reimport" | "reimports" | "file-uploads") => "Import",
        ("import" | "data" | "storage-data", _) => "Import",
        ("projects", "export" | "exports") => "Export",
        ("tasks", "annotations") | ("annotations", _) => "Annotations",
        ("tasks", "drafts") | ("drafts", _) => "Drafts",
        ("projects" | "templates", _) => "Projects",
        ("tasks", _) => "Tasks",
        ("predictions", _) => "Predictions",
        ("dm", _) => "Data Manager",
        ("storages", _) => "Storages",
        ("webhooks", _) => "Webhooks",
        ("labels" | "label_links", _) => "Labels",
        ("jobs", _) => "Jobs",
        ("auth" | "token" | "jwt" | "user" | "logout" | "session-policy", _) => "Sign-in",
        ("current-user" | "users", _) => "Users",
        ("organizations" | "invite" | "audit-log", _) => "Organization",
        _ => "Server",
    }
}

/// A path as the document writes it.
fn shown(path: &str) -> String {
    path.replace("{*", "{")
}

/// `projects_id_import_create`: stable, and free of what generators of clients cannot spell.
fn operation_id(path: &str, method: &str) -> String {
    let verb = match method {
        "GET" => "get",
        "POST" => "post",
        "PUT" => "put",
        "PATCH" => "patch",
        "DELETE" => "delete",
        _ => "call",
    };
    let words: Vec<&str> =
        path.split(|c: char| !c.is_ascii_alphanumeric()).filter(|w| !w.is_empty()).collect();
    format!("{}_{verb}", words.join("_").to_lowercase())
}

fn operation(path: &'static str, method: &str, access: Access, tag: &str) -> Value {
    let words = words::find(method, path);
    let mut parameters: Vec<Value> = path
        .split('/')
        .filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
        .map(|name| {
            let name = name.trim_start_matches('*');
            let kind = if ["path", "file", "type", "kind", "name", "action", "avatar"].contains(&name) {
                ""
            } else {
                "int"
            };
            json!({"name": name, "in": "path", "required": true, "schema": of_type(kind)})
        })
        .collect();
    for (name, kind) in fields(words.map_or("", |w| w.query)) {
        parameters.push(json!({"name": name, "in": "query", "required": false, "schema": of_type(kind)}));
    }
    let mut out = json!({
        "operationId": operation_id(path, method),
        "tags": [tag],
        "summary": words.map_or("", |w| w.summary),
        "parameters": parameters,
        "responses": responses(words, method),
        "security": match access {
            Access::Anyone => json!([]),
            _ => json!([{"bearer": []}, {"token": []}, {"session": [], "csrf": []}]),
        },
    });
    if ["POST", "PUT", "PATCH"].contains(&method) || words.is_some_and(|w| !w.body.is_empty()) {
        out["requestBody"] = body(words);
    }
    out
}

fn body(words: Option<&Words>) -> Value {
    let list = words.map_or("", |w| w.body);
    let has_file = fields(list).any(|(_, kind)| kind == "file");
    let media = if has_file { "multipart/form-data" } else { "application/json" };
    let schema = if list.is_empty() { json!({}) } else { object(list) };
    json!({"required": false, "content": {media: {"schema": schema}}})
}

fn responses(words: Option<&Words>, method: &str) -> Value {
    let answer = words.map_or("", |w| w.answer);
    let status = match (words.map_or(0, |w| w.status), method) {
        (0, "POST") => 201,
        (0, "DELETE") => 204,
        (0, _) => 200,
        (status, _) => status,
    };
    let description = match status {
        201 => "Made.",
        204 => "Done; there is nothing to say.",
        302 | 303 => "Leads elsewhere.",
        _ => "Done.",
    };
    let reference = |name: &str| json!({"$ref": format!("#/components/schemas/{name}")});
    let content = if let Some(name) = answer.strip_prefix("Page:") {
        json!({"application/json": {"schema": {
            "type": "object",
            "required": ["count", "results"],
            "properties": {
                "count": {"type": "integer"},
                "next": {"type": "string", "nullable": true},
                "previous": {"type": "string", "nullable": true},
                "results": {"type": "array", "items": reference(name)},
            },
        }}})
    } else if let Some(name) = answer.strip_prefix('[').and_then(|a| a.strip_suffix(']')) {
        json!({"application/json": {"schema": {"type": "array", "items": reference(name)}}})
    } else if answer.contains('/') {
        json!({answer: {"schema": of_type(if answer == "application/octet-stream" { "file" } else { "" })}})
    } else if answer.is_empty() {
        Value::Null
    } else {
        json!({"application/json": {"schema": reference(answer)}})
    };
    let mut success = json!({"description": description});
    if !content.is_null() {
        success["content"] = content;
    }
    json!({status.to_string(): success, "default": {"$ref": "#/components/responses/Error"}})
}
