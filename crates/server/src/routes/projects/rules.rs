//! What may be written into a project (spec/server.md 3.2).

use crate::db;
use crate::error::{ApiError, ApiResult};
use crate::lenient;
use crate::store::projects::{self, Project};
use crate::time;
use sea_orm::ConnectionTrait;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use tagloom_tags::{Config, validate_for_save};

const SAMPLINGS: [&str; 3] = ["Sequential sampling", "Uniform sampling", "Uncertainty sampling"];
const SKIP_QUEUES: [&str; 3] = ["REQUEUE_FOR_ME", "REQUEUE_FOR_OTHERS", "IGNORE_SKIPPED"];
/// Of logins and passwords for task data.
const CREDENTIAL_CHARS: usize = 256;

/// Takes the fields of a body over into a project; all problems at once. Fields that cannot be written, and unknown ones,
/// are ignored, as clients send whole objects back.
pub(super) fn apply(project: &mut Project, body: &Map<String, Value>) -> ApiResult<()> {
    let mut errors: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for (key, value) in body {
        if value.as_str().is_some_and(|text| text.contains('\0')) {
            // PostgreSQL cannot store them, and nobody means them.
            errors.insert(key, vec!["Null characters are not allowed.".into()]);
        } else if let Err(problems) = put(project, key, value) {
            errors.insert(key, problems);
        }
    }
    follow(project, body);
    if errors.is_empty() { Ok(()) } else { Err(ApiError::fields(errors)) }
}

fn one(problem: impl Into<String>) -> Result<(), Vec<String>> {
    Err(vec![problem.into()])
}

fn put(project: &mut Project, key: &str, value: &Value) -> Result<(), Vec<String>> {
    let set = |project: &mut Project, value: Value| {
        project.settings.insert(key.to_owned(), value);
        Ok(())
    };
    match (key, value) {
        ("title", Value::String(text)) => {
            let title = text.trim();
            match title.chars().count() {
                1 | 2 => return one("Ensure this field has at least 3 characters."),
                n if n > 50 => return one("Ensure this field has no more than 50 characters."),
                _ => title.clone_into(&mut project.title),
            }
            Ok(())
        }
        ("description", Value::String(text)) => {
            project.description.clone_from(text);
            Ok(())
        }
        ("title", Value::Null) => {
            project.title.clear();
            Ok(())
        }
        ("description", Value::Null) => {
            project.description.clear();
            Ok(())
        }
        ("label_config", Value::String(xml)) if !xml.trim().is_empty() => {
            validate_for_save(&Config::new(xml))?;
            xml.clone_into(&mut project.label_config);
            Ok(())
        }
        ("label_config", Value::String(_) | Value::Null) => {
            "<View></View>".clone_into(&mut project.label_config);
            Ok(())
        }
        ("title" | "description" | "label_config", _) => one("Not a valid string."),
        ("maximum_annotations", _) => {
            match lenient::whole(value).filter(|n| (1..=i64::from(i32::MAX)).contains(n)) {
                Some(n) => {
                    project.maximum_annotations = n;
                    Ok(())
                }
                None => one("Ensure this value is a whole number greater than or equal to 1."),
            }
        }
        ("pinned_at", Value::Null) => {
            project.pinned_at = None;
            Ok(())
        }
        ("pinned_at", _) => match value.as_str().and_then(time::parse) {
            Some(at) => {
                project.pinned_at = Some(at);
                Ok(())
            }
            None => one("Must be a time such as 2026-01-31T12:00:00Z, or null."),
        },
        ("overlap_cohort_percentage", _) => match lenient::whole(value).filter(|n| (0..=100).contains(n)) {
            Some(n) => set(project, n.into()),
            None => one("Must be a whole number from 0 to 100."),
        },
        ("min_annotations_to_start_training", _) => match lenient::whole(value).filter(|n| *n >= 0) {
            Some(n) => set(project, n.into()),
            None => one("Ensure this value is a whole number greater than or equal to 0."),
        },
        ("color", Value::String(text)) => {
            let digits = text.strip_prefix('#').filter(|d| d.len() == 6);
            match digits.filter(|d| d.bytes().all(|b| b.is_ascii_hexdigit())) {
                Some(_) => set(project, value.clone()),
                None => one("A colour is written #RRGGBB."),
            }
        }
        ("sampling", _) if !SAMPLINGS.iter().any(|s| value == s) => {
            one(format!("Must be one of {}.", SAMPLINGS.join(", ")))
        }
        ("skip_queue", _) if !SKIP_QUEUES.iter().any(|s| value == s) => {
            one(format!("Must be one of {}.", SKIP_QUEUES.join(", ")))
        }
        ("expert_instruction", Value::String(html)) => set(project, ammonia::clean(html).into()),
        // A password is never shown, so a null that comes back is not meant as one.
        ("task_data_password", Value::Null) => Ok(()),
        ("task_data_login", Value::Null) => set(project, Value::Null),
        ("task_data_login" | "task_data_password", _) => match value.as_str() {
            Some("") => set(project, Value::Null),
            Some(text) if text.chars().count() <= CREDENTIAL_CHARS => set(project, text.into()),
            Some(_) => one(format!("Ensure this field has no more than {CREDENTIAL_CHARS} characters.")),
            None => one("Not a valid string."),
        },
        ("control_weights", _) => {
            check_weights(value)?;
            set(project, if value.is_null() { json!({}) } else { value.clone() })
        }
        _ if projects::is_setting(key) => match projects::default_setting(key) {
            Value::Bool(_) => match lenient::boolean(value) {
                Some(is) => set(project, is.into()),
                None => one("Must be a valid boolean."),
            },
            Value::String(_) if value.is_null() => {
                project.settings.remove(key);
                Ok(())
            }
            Value::String(_) if !value.is_string() => one("Not a valid string."),
            _ => set(project, value.clone()),
        },
        _ => Ok(()),
    }
}

/// `{control: {"overall": n, "labels": {label: n}}}`
fn check_weights(value: &Value) -> Result<(), Vec<String>> {
    let bad = |of: &str| vec![format!("The weight of {of} must be a number that is not below 0.")];
    let number = |v: &Value| v.as_f64().is_some_and(|n| n >= 0.0);
    let Some(controls) = value.as_object() else {
        return if value.is_null() {
            Ok(())
        } else {
            one("Must be an object of controls with their weights.")
        };
    };
    for (name, control) in controls {
        if !control.is_object() {
            return one(format!("{name:?} must be an object with overall and labels."));
        }
        if !control["overall"].is_null() && !number(&control["overall"]) {
            return Err(bad(&format!("{name:?}")));
        }
        for (label, weight) in control["labels"].as_object().into_iter().flatten() {
            if !number(weight) {
                return Err(bad(&format!("{label:?} of {name:?}")));
            }
        }
    }
    Ok(())
}

/// Fields that follow from others.
fn follow(project: &mut Project, body: &Map<String, Value>) {
    let says = |key: &str| body.get(key).and_then(lenient::boolean);
    if says("is_published") == Some(true) {
        project.settings.insert("is_draft".into(), false.into());
    }
    if says("show_collab_predictions") == Some(false) {
        project.settings.insert("model_version".into(), "".into());
    }
    // The one is another face of the other.
    project.settings.remove("start_training_on_annotation_update");
    let key = "min_annotations_to_start_training";
    match says("start_training_on_annotation_update") {
        Some(true) if !(body.contains_key(key) && project.trains_on_updates()) => {
            project.settings.insert(key.into(), 1.into());
        }
        Some(false) => {
            project.settings.insert(key.into(), 0.into());
        }
        _ => {}
    }
}

/// A model version that is set must have predictions in the project. (ML backends will be the other way to have one.)
pub(super) async fn check_version(
    conn: &impl ConnectionTrait,
    project: &Project,
    old: &str,
) -> ApiResult<()> {
    let version = project.setting_str("model_version");
    if version.is_empty() || version == old {
        return Ok(());
    }
    let sql = "SELECT COUNT(*) FROM (SELECT 1 AS one FROM predictions WHERE project = $1 AND model_version = $2 LIMIT 1) p";
    if db::count(conn, sql, vec![project.id.into(), version.clone().into()]).await? > 0 {
        return Ok(());
    }
    let problem = format!("No prediction of this project is of the model version {version:?}.");
    Err(ApiError::field("model_version", problem))
}
