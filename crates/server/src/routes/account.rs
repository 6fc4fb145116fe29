//! One's own account: who one is, keys of one's own, tours one has seen.

use crate::auth::Caller;
use crate::error::{ApiError, ApiResult};
use crate::routes::extract::{Fields, JsonObject, Query};
use crate::state::AppState;
use crate::store::{product_tours, users};
use crate::time;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// Every member may do all of it; objects are limited to the organization, and some deeds to its owner.
const PERMISSIONS: &[&str] = &[
    "organizations.create",
    "organizations.view",
    "organizations.change",
    "organizations.delete",
    "organizations.invite",
    "projects.create",
    "projects.view",
    "projects.change",
    "projects.delete",
    "tasks.create",
    "tasks.view",
    "tasks.change",
    "tasks.delete",
    "annotations.create",
    "annotations.view",
    "annotations.change",
    "annotations.delete",
    "actions.perform",
    "predictions.any",
    "avatar.any",
    "labels.create",
    "labels.view",
    "labels.change",
    "labels.delete",
    "models.create",
    "models.view",
    "models.change",
    "models.delete",
    "model_provider_connection.create",
    "model_provider_connection.view",
    "model_provider_connection.change",
    "model_provider_connection.delete",
    "webhooks.view",
    "webhooks.change",
    "storages.view",
    "storages.change",
    "exports.view",
    "exports.change",
    "views.view",
    "views.change",
    "jobs.view",
    "jobs.change",
    "users.view",
    "users.token.any",
];

pub async fn whoami(caller: Caller) -> Json<Value> {
    let mut user = caller.user.to_json();
    user["permissions"] = json!(PERMISSIONS);
    Json(user)
}

pub async fn hotkeys(caller: Caller) -> Json<Value> {
    let stored = serde_json::from_str::<Value>(&caller.user.custom_hotkeys).unwrap_or_else(|_| json!({}));
    Json(json!({"custom_hotkeys": stored}))
}

/// Takes all of a person's own keys, or none: every problem is named.
pub async fn set_hotkeys(
    State(state): State<AppState>,
    caller: Caller,
    JsonObject(body): JsonObject,
) -> ApiResult<Response> {
    let problems = match body["custom_hotkeys"].as_object() {
        Some(hotkeys) => hotkey_problems(hotkeys),
        None => Map::from_iter([(
            "custom_hotkeys".into(),
            json!([
                "Give an object of actions: {\"section:action\": {\"key\": \"ctrl+enter\", \"active\": true}}."
            ]),
        )]),
    };
    if !problems.is_empty() {
        let mut answer = ApiError::Validation(problems.clone()).body();
        answer["error"] = "Invalid hotkeys configuration".into();
        answer["details"] = problems.into();
        return Ok((StatusCode::BAD_REQUEST, Json(answer)).into_response());
    }
    let tx = state.db.write().await?;
    users::set_hotkeys(&*tx, caller.id(), &body["custom_hotkeys"]).await?;
    tx.commit().await?;
    Ok(Json(json!({"custom_hotkeys": body["custom_hotkeys"]})).into_response())
}

const MOST_HOTKEYS: usize = 200;
const LONGEST_ACTION: usize = 100;
const LONGEST_KEY: usize = 50;

/// Combinations that the system or the browser takes before any page sees them. `meta`, `cmd`, `command`, `win` and
/// `super` are one key.
const RESERVED: &[&str] = &[
    "alt+f4",
    "alt+tab",
    "alt+shift+tab",
    "ctrl+alt+delete",
    "ctrl+alt+del",
    "ctrl+shift+esc",
    "ctrl+shift+escape",
    "ctrl+n",
    "ctrl+shift+n",
    "ctrl+t",
    "ctrl+shift+t",
    "ctrl+w",
    "ctrl+shift+w",
    "ctrl+tab",
    "ctrl+shift+tab",
    "meta+q",
    "meta+w",
    "meta+t",
    "meta+n",
    "meta+m",
    "meta+h",
    "meta+l",
    "meta+d",
    "meta+tab",
    "meta+space",
    "alt+meta+esc",
    "alt+meta+escape",
];

/// Modifiers in a fixed order, then the key.
fn normal(key: &str) -> String {
    const MODIFIERS: [&str; 4] = ["ctrl", "alt", "shift", "meta"];
    let mut parts: Vec<String> = Vec::new();
    for part in key.split('+') {
        parts.push(match part.trim().to_lowercase().as_str() {
            "cmd" | "command" | "win" | "super" => "meta".into(),
            "control" => "ctrl".into(),
            "option" => "alt".into(),
            other => other.to_owned(),
        });
    }
    parts.sort_by_key(|p| MODIFIERS.iter().position(|m| m == p).unwrap_or(MODIFIERS.len()));
    parts.join("+")
}

fn hotkey_problems(hotkeys: &Map<String, Value>) -> Map<String, Value> {
    let mut problems = Map::new();
    if hotkeys.len() > MOST_HOTKEYS {
        let text = format!("At most {MOST_HOTKEYS} keys can be set, these are {}.", hotkeys.len());
        problems.insert("custom_hotkeys".into(), json!([text]));
        return problems;
    }
    for (action, value) in hotkeys {
        if let Some(problem) = hotkey_problem(action, value) {
            let name: String = action.chars().take(LONGEST_ACTION).collect();
            problems.insert(name, json!([problem]));
        }
    }
    problems
}

fn hotkey_problem(action: &str, value: &Value) -> Option<String> {
    if action.chars().count() > LONGEST_ACTION {
        return Some(format!("The name of an action has at most {LONGEST_ACTION} characters."));
    }
    let well_named =
        action.split_once(':').is_some_and(|(section, name)| !section.is_empty() && !name.is_empty());
    if !well_named || action.contains('\0') {
        return Some("An action is named section:action.".into());
    }
    let Some(entry) = value.as_object() else {
        return Some("Give an object with key and active.".into());
    };
    if !matches!(entry.get("active"), None | Some(Value::Bool(_))) {
        return Some("active must be true or false.".into());
    }
    match entry.get("key") {
        // A key that is taken away.
        Some(Value::Null) => None,
        Some(Value::String(key)) => {
            if key.chars().count() > LONGEST_KEY {
                return Some(format!("A key has at most {LONGEST_KEY} characters."));
            }
            if key.trim().is_empty() || key.contains('\0') {
                return Some("The key is empty.".into());
            }
            // Several ways to one action are parted by commas.
            let taken = key.split(',').find(|k| RESERVED.contains(&normal(k).as_str()));
            taken.map(|k| format!("{} belongs to the system or the browser.", k.trim()))
        }
        _ => Some("key must be text like ctrl+enter, or null.".into()),
    }
}

#[derive(Debug, Deserialize)]
pub struct TourQuery {
    #[serde(default)]
    name: String,
}

/// Tours a person can have; an app has a handful.
const MOST_TOURS: i64 = 100;

impl TourQuery {
    fn checked(self) -> ApiResult<String> {
        let fine = |c: char| c.is_ascii_alphanumeric() || "_-.".contains(c);
        if self.name.is_empty() || self.name.len() > 100 || !self.name.chars().all(fine) {
            return Err(ApiError::field(
                "name",
                "Name the tour: letters, digits, dots, dashes, 100 at most.",
            ));
        }
        Ok(self.name)
    }
}

fn tour_json(user: i64, name: &str, tour: Option<product_tours::Tour>) -> Value {
    let now = time::now;
    let tour = tour.unwrap_or_else(|| product_tours::Tour {
        state: "ready".into(),
        interaction_data: json!({}),
        created_at: now(),
        updated_at: now(),
    });
    json!({
        "user": user, "name": name, "state": tour.state, "interaction_data": tour.interaction_data,
        "awaiting": false, "steps": [], "created_at": tour.created_at, "updated_at": tour.updated_at,
    })
}

pub async fn tour(
    State(state): State<AppState>,
    caller: Caller,
    Query(query): Query<TourQuery>,
) -> ApiResult<Json<Value>> {
    let name = query.checked()?;
    let tour = product_tours::get(state.db.read(), caller.id(), &name).await?;
    Ok(Json(tour_json(caller.id(), &name, tour)))
}

#[derive(Debug, Deserialize)]
pub struct TourUpdate {
    state: Option<String>,
    interaction_data: Option<Value>,
}

pub async fn set_tour(
    State(state): State<AppState>,
    caller: Caller,
    Query(query): Query<TourQuery>,
    Fields(body): Fields<TourUpdate>,
) -> ApiResult<Json<Value>> {
    let name = query.checked()?;
    let tx = state.db.write().await?;
    let before = product_tours::get(&*tx, caller.id(), &name).await?;
    if before.is_none() && product_tours::count(&*tx, caller.id()).await? >= MOST_TOURS {
        return Err(ApiError::field("name", format!("There are {MOST_TOURS} tours already.")));
    }
    let (old_state, old_data) = before.map_or(("ready".into(), json!({})), |t| (t.state, t.interaction_data));
    let new_state = body.state.unwrap_or(old_state);
    if !["ready", "completed", "skipped"].contains(&new_state.as_str()) {
        return Err(ApiError::field("state", "The state is ready, completed or skipped."));
    }
    let data = body.interaction_data.unwrap_or(old_data);
    if !data.is_object() || data.to_string().len() > 10_000 {
        return Err(ApiError::field("interaction_data", "Give an object of at most 10,000 characters."));
    }
    product_tours::put(&*tx, caller.id(), &name, &new_state, &data).await?;
    let tour = product_tours::get(&*tx, caller.id(), &name).await?;
    tx.commit().await?;
    Ok(Json(tour_json(caller.id(), &name, tour)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_of_the_system_are_recognised_in_any_spelling() {
        for key in
            ["Ctrl+W", "cmd+q", "Command + Q", "F4+alt", "shift+ctrl+t", "control+alt+delete", "a,ctrl+w"]
        {
            let problem = hotkey_problem("a:b", &json!({"key": key}));
            assert!(problem.is_some_and(|p| p.contains("belongs to")), "{key}");
        }
        for key in ["ctrl+enter", "w", "shift+w", "alt+w", "ctrl+shift+enter", "+"] {
            assert_eq!(hotkey_problem("a:b", &json!({"key": key, "active": true})), None, "{key}");
        }
        for (action, value) in [
            ("ab", json!({"key": "a"})),
            (":b", json!({"key": "a"})),
            ("a:b", json!("a")),
            ("a:b", json!({})),
            ("a:b", json!({"key": 1})),
            ("a:b", json!({"key": " "})),
            ("a:b", json!({"key": "a", "active": "yes"})),
        ] {
            assert!(hotkey_problem(action, &value).is_some(), "{action} {value}");
        }
        assert_eq!(hotkey_problem("a:b", &json!({"key": null, "active": false})), None);
    }

    #[test]
    fn permissions_are_named_once() {
        let mut names = PERMISSIONS.to_vec();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), 44);
        assert!(names.iter().all(|n| n.contains('.')));
    }
}
