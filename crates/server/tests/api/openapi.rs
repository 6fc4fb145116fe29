//! The document of the API: complete, well formed, and a page that shows it.

use crate::access::calls;
use crate::support::*;
use serde_json::Value;
use std::collections::BTreeSet;
use tagloom_server::openapi::words;

/// Paths as the document writes them.
fn shown(path: &str) -> String {
    path.replace("{*", "{")
}

#[tokio::test]
async fn every_route_and_method_is_in_the_document() {
    let server = Server::start().await;
    let document = server.anonymous("GET", "/docs/api/schema/json/").ok().await;
    let paths = document["paths"].as_object().unwrap();
    let mut expected = BTreeSet::new();
    for (method, path) in calls() {
        expected.insert(format!("{method} {}", shown(path)));
    }
    let mut found = BTreeSet::new();
    for (path, operations) in paths {
        for method in operations.as_object().unwrap().keys() {
            found.insert(format!("{} {path}", method.to_uppercase()));
        }
    }
    assert_eq!(found, expected);
}

#[test]
fn every_call_is_described() {
    let missing: Vec<String> =
        calls().filter(|(m, p)| words::find(m, p).is_none()).map(|(m, p)| format!("{m} {p}")).collect();
    assert!(missing.is_empty(), "openapi/words.rs has no line for {missing:#?}");
    let mut seen = BTreeSet::new();
    for words in words::WORDS {
        assert!(seen.insert(words.call), "{} is described twice", words.call);
        assert!(!words.summary.is_empty() && !words.summary.ends_with('.'), "{}", words.call);
    }
}

/// The rules of OpenAPI 3.0.3 that a generator of clients falls over.
#[tokio::test]
async fn the_document_is_well_formed() {
    let server = Server::start().await;
    let document = server.anonymous("GET", "/docs/api/schema/json").ok().await;
    assert_eq!(document["openapi"], "3.0.3");
    assert!(document["info"]["title"].is_string() && document["info"]["version"].is_string());
    let schemes: BTreeSet<&str> = keys(&document["components"]["securitySchemes"]).into_iter().collect();
    let tags: BTreeSet<&str> =
        document["tags"].as_array().unwrap().iter().map(|t| t["name"].as_str().unwrap()).collect();
    let mut ids = BTreeSet::new();
    for (path, operations) in document["paths"].as_object().unwrap() {
        assert!(path.starts_with('/') && !path.contains('*'), "{path}");
        let in_path: BTreeSet<&str> =
            path.split('/').filter_map(|p| p.strip_prefix('{')?.strip_suffix('}')).collect();
        assert!(!operations.as_object().unwrap().is_empty(), "{path} has no method");
        for (method, operation) in operations.as_object().unwrap() {
            let name = format!("{method} {path}");
            assert!(["get", "post", "put", "patch", "delete"].contains(&method.as_str()), "{name}");
            let id = operation["operationId"].as_str().unwrap();
            assert!(ids.insert(id.to_owned()), "{id} twice");
            assert!(id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_'), "{id}");
            assert!(tags.contains(operation["tags"][0].as_str().unwrap()), "{name}");
            let mut given = BTreeSet::new();
            let mut names = BTreeSet::new();
            for parameter in operation["parameters"].as_array().unwrap() {
                let (place, field) = (parameter["in"].as_str().unwrap(), parameter["name"].as_str().unwrap());
                assert!(names.insert((place, field)), "{name}: {field} twice");
                if place == "path" {
                    assert_eq!(parameter["required"], true, "{name}");
                    given.insert(field);
                }
                schema(&parameter["schema"], &name);
            }
            assert_eq!(given, in_path, "{name}");
            let responses = operation["responses"].as_object().unwrap();
            assert!(responses.len() >= 2, "{name}");
            for (status, response) in responses {
                assert!(
                    status == "default" || status.parse::<u16>().is_ok_and(|s| (200..400).contains(&s)),
                    "{name}"
                );
                if response.get("$ref").is_none() {
                    assert!(response["description"].is_string(), "{name}");
                    contents(&response["content"], &name);
                }
            }
            contents(&operation["requestBody"]["content"], &name);
            for requirement in operation["security"].as_array().unwrap() {
                for scheme in keys(requirement) {
                    assert!(schemes.contains(scheme), "{name}: {scheme}");
                }
            }
        }
    }
    for (name, found) in document["components"]["schemas"].as_object().unwrap() {
        schema(found, name);
    }
    references(&document, &document);
}

fn contents(content: &Value, name: &str) {
    for (media, found) in content.as_object().into_iter().flatten() {
        assert!(media.contains('/'), "{name}: {media}");
        schema(&found["schema"], name);
    }
}

/// Only words that 3.0.3 has: in particular one type, not a list of them.
fn schema(found: &Value, name: &str) {
    let object = found.as_object().unwrap_or_else(|| panic!("{name}: {found}"));
    const WORDS: &[&str] = &[
        "type",
        "format",
        "properties",
        "items",
        "required",
        "nullable",
        "description",
        "additionalProperties",
        "$ref",
    ];
    for word in object.keys() {
        assert!(WORDS.contains(&word.as_str()), "{name}: {word}");
    }
    if let Some(kind) = object.get("type") {
        let kind = kind.as_str().unwrap_or_else(|| panic!("{name}: {kind}"));
        assert!(
            ["string", "integer", "number", "boolean", "array", "object"].contains(&kind),
            "{name}: {kind}"
        );
        assert_eq!(kind == "array", object.contains_key("items"), "{name}: {found}");
    }
    for inner in object.get("properties").and_then(Value::as_object).into_iter().flat_map(|p| p.values()) {
        schema(inner, name);
    }
    if let Some(items) = object.get("items") {
        schema(items, name);
    }
}

/// Every reference leads somewhere.
fn references(part: &Value, document: &Value) {
    match part {
        Value::Object(map) => {
            if let Some(Value::String(to)) = map.get("$ref") {
                let pointer = to.strip_prefix('#').unwrap();
                assert!(document.pointer(pointer).is_some(), "{to} leads nowhere");
            }
            map.values().for_each(|inner| references(inner, document));
        }
        Value::Array(list) => list.iter().for_each(|inner| references(inner, document)),
        _ => {}
    }
}

#[tokio::test]
async fn old_addresses_lead_to_the_document() {
    let server = Server::start().await;
    for (path, to) in [
        ("/swagger.json", "/docs/api/schema/json/"),
        ("/docs/api/?format=openapi", "/docs/api/schema/json/"),
        ("/docs/api/", "/docs/api/swagger-ui/"),
        ("/docs/api/redoc/", "/docs/api/swagger-ui/"),
    ] {
        let answer = server.anonymous("GET", path).send().await;
        assert_eq!((answer.status, answer.header("location")), (303, to), "{path}");
    }
}

#[tokio::test]
async fn the_page_needs_nothing_from_elsewhere() {
    let server = Server::start().await;
    let page = server.anonymous("GET", "/docs/api/swagger-ui/").send().await;
    assert!(page.header("content-type").starts_with("text/html"), "{page:?}");
    let policy = page.header("content-security-policy");
    assert!(policy.contains("script-src 'self'"), "{policy}");
    let text = page.text();
    assert!(!text.contains("http://") && !text.contains("https://"), "{text}");
    // No script or handler in the page itself: the policy would refuse them.
    assert!(
        !text.contains("style=") && !text.contains(" on") && text.matches("<script").count() == 1,
        "{text}"
    );
    for (file, kind) in [("page.js", "text/javascript"), ("page.css", "text/css")] {
        let path = format!("/docs/api/files/{file}");
        assert!(text.contains(&path), "{text}");
        let answer = server.anonymous("GET", &path).send().await;
        assert!(answer.header("content-type").starts_with(kind), "{answer:?}");
        assert!(!answer.text().contains("innerHTML"));
    }
    server.anonymous("GET", "/docs/api/files/other.js").send().await.error(404);
    let yaml = server.anonymous("GET", "/docs/api/schema/yaml/").send().await;
    assert!(yaml.header("content-type").starts_with("application/yaml"), "{yaml:?}");
    let text = yaml.text();
    assert!(
        text.starts_with("openapi: \"3.0.3\"\n") && text.contains("\n  \"/api/tasks/{id}\":\n"),
        "{text}"
    );
}
