//! Predictions made from data fields (`preannotated_from_fields`, formats.md 2.3).

use serde_json::{Value, json};

use crate::{ConfigInfo, ItemError, Location, TaskDraft};

/// Splits the query parameter at `,`, `;` or `|`. Blank names are skipped.
#[must_use]
pub fn parse_field_list(parameter: &str) -> Vec<String> {
    parameter
        .split([',', ';', '|'])
        .map(str::trim)
        .filter(|name| !name.is_empty())
        .map(str::to_owned)
        .collect()
}

/// Gives the task one prediction per field, in place of everything but its data.
///
/// The control named like the field decides type and target; without such a control the field becomes a choice for
/// `text`. A field that the task does not have is an error, and the task is left as it was.
pub fn preannotate(
    at: Location,
    draft: &mut TaskDraft,
    fields: &[String],
    config: &ConfigInfo,
) -> Result<(), Vec<ItemError>> {
    let mut predictions = Vec::with_capacity(fields.len());
    let mut errors = Vec::new();
    for field in fields {
        match draft.data.get(field) {
            Some(value) => predictions.push(prediction(field, value, config)),
            None => errors.push(ItemError::of_field(
                at,
                format!("data.{field}"),
                "is missing, but predictions are to be made from it",
                format!("Add \"{field}\" to the task, or take it out of preannotated_from_fields"),
            )),
        }
    }
    if !errors.is_empty() {
        return Err(errors);
    }
    *draft = TaskDraft { predictions, ..TaskDraft::from_data(std::mem::take(&mut draft.data)) };
    Ok(())
}

fn prediction(field: &str, value: &Value, config: &ConfigInfo) -> Value {
    let control = config.controls.get(field);
    let kind = control.map_or_else(|| "choices".to_owned(), |control| control.tag.to_lowercase());
    let to_name = control.and_then(|control| control.to_name.first()).map_or("text", String::as_str);
    let value = match (kind.as_str(), value) {
        (_, Value::Object(_)) => value.clone(),
        ("rating" | "number" | "datetime", _) => json!({ kind.as_str(): value }),
        ("textarea", Value::Array(_)) => json!({ "text": value }),
        ("textarea", _) => json!({ "text": [value] }),
        // A list of names is a path for a taxonomy and already the list of chosen names for all others.
        ("taxonomy", Value::Array(paths)) if paths.iter().all(Value::is_array) => {
            json!({ "taxonomy": paths })
        }
        ("taxonomy", Value::String(_)) => json!({ "taxonomy": [[value]] }),
        ("taxonomy", _) => json!({ "taxonomy": [value] }),
        (_, Value::Array(_)) => json!({ kind.as_str(): value }),
        _ => json!({ kind.as_str(): [value] }),
    };
    json!({
        "result": [{"from_name": field, "to_name": to_name, "type": kind, "value": value}],
        "score": 1.0,
        "model_version": "preannotated",
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn results(data: Value, fields: &str) -> Vec<Value> {
        let mut config = ConfigInfo::default();
        config.add_control("stars", "Rating", "img").add_control("note", "TextArea", "img");
        config.add_control("kind", "Choices", "img").add_control("tree", "Taxonomy", "img");
        let Value::Object(data) = data else { panic!("data is an object") };
        let mut draft = TaskDraft { meta: Some(json!({})), ..TaskDraft::from_data(data) };
        preannotate(Location::item(0), &mut draft, &parse_field_list(fields), &config).unwrap();
        assert_eq!(draft.meta, None);
        assert!(draft.predictions.iter().all(|p| p["model_version"] == "preannotated" && p["score"] == 1.0));
        draft.predictions.iter().map(|p| p["result"][0].clone()).collect()
    }

    #[test]
    fn the_control_decides_the_shape() {
        let data = json!({"stars": 4, "note": "hi", "kind": "cat", "tree": ["a", "b"], "free": "x", "whole": {"choices": ["y"]}});
        let results = results(data, "stars, note;kind|tree,free,whole");
        let values: Vec<_> = results.iter().map(|r| r["value"].clone()).collect();
        assert_eq!(
            values,
            [
                json!({"rating": 4}),
                json!({"text": ["hi"]}),
                json!({"choices": ["cat"]}),
                json!({"taxonomy": [["a", "b"]]}),
                json!({"choices": ["x"]}),
                json!({"choices": ["y"]}),
            ]
        );
        assert_eq!((&results[0]["to_name"], &results[4]["to_name"]), (&json!("img"), &json!("text")));
    }

    #[test]
    fn a_missing_field_is_an_error_with_its_name() {
        let mut draft = TaskDraft::default();
        let errors =
            preannotate(Location::item(2), &mut draft, &["cat".into()], &ConfigInfo::default()).unwrap_err();
        assert_eq!(errors[0].field.as_deref(), Some("data.cat"));
    }
}
