//! What a form holds and what it sends.
//!
//! Secrets are written, never read: an empty one of a stored storage means that the stored one stays, so it is not sent.

use serde_json::{Map, Value};
use tagloom_api::{FormField, Storage};

/// Field names to what they hold.
pub type Values = Map<String, Value>;

pub fn is_secret(field: &FormField) -> bool {
    field.kind == "password"
}

/// What a form begins with.
pub fn starting(fields: &[FormField], stored: Option<&Storage>) -> Values {
    let value = |field: &FormField| {
        let Some(storage) = stored else { return field.value.clone() };
        if is_secret(field) {
            return Value::from("");
        }
        let stored = match field.name.as_str() {
            "title" => storage.title.clone().map(Value::from),
            "description" => storage.description.clone().map(Value::from),
            name => storage.fields.get(name).filter(|v| !v.is_null()).cloned(),
        };
        // A flag that is not stored is off, whatever a new storage would start with.
        stored.unwrap_or_else(|| match field.kind.as_str() {
            "toggle" => Value::from(false),
            "counter" => field.value.clone(),
            _ => Value::from(""),
        })
    };
    fields.iter().map(|field| (field.name.clone(), value(field))).collect()
}

/// What is sent.
pub fn body(fields: &[FormField], values: &Values, project: i64, stored: Option<i64>) -> Value {
    let mut out = Map::new();
    for field in fields {
        let value = values.get(&field.name).cloned().unwrap_or_default();
        let value = match value {
            // A blank or a line break is easily copied along with a key.
            Value::String(text) if is_secret(field) => match text.trim() {
                "" => continue,
                text => Value::from(text),
            },
            Value::String(text) if text.trim().is_empty() && !field.required => Value::Null,
            other => other,
        };
        out.insert(field.name.clone(), value);
    }
    out.insert("project".into(), project.into());
    if let Some(id) = stored {
        out.insert("id".into(), id.into());
    }
    Value::Object(out)
}

/// Whether a field is of any use with the others as they are.
pub fn applies(field: &FormField, values: &Values) -> bool {
    field.name != "presign_ttl" || values.get("presign").and_then(Value::as_bool).unwrap_or(true)
}

/// What somebody typed into a field of numbers; text stays text, so that the server can say what is wrong with it.
pub fn typed_number(text: &str) -> Value {
    text.trim().parse::<i64>().map_or_else(|_| Value::from(text), Value::from)
}

/// The text that a field shows.
pub fn shown(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn fields() -> Vec<FormField> {
        serde_json::from_value(json!([
            {"type": "text", "name": "title", "value": ""},
            {"type": "text", "name": "bucket", "required": true, "value": ""},
            {"type": "text", "name": "prefix", "value": ""},
            {"type": "password", "name": "aws_secret_access_key", "value": ""},
            {"type": "toggle", "name": "presign", "value": true},
            {"type": "counter", "name": "presign_ttl", "value": 15},
        ]))
        .unwrap()
    }

    #[test]
    fn a_new_storage_starts_with_the_layouts_values() {
        let values = starting(&fields(), None);
        assert_eq!((&values["presign"], &values["presign_ttl"]), (&json!(true), &json!(15)));
        let sent = body(&fields(), &values, 5, None);
        let wanted = json!({"title": null, "bucket": "", "prefix": null, "presign": true, "presign_ttl": 15, "project": 5});
        assert_eq!(sent, wanted);
    }

    #[test]
    fn stored_secrets_stay_unless_new_ones_are_entered() {
        let stored: Storage = serde_json::from_value(
            json!({"id": 9, "title": "T", "bucket": "b", "presign": false, "presign_ttl": 1}),
        )
        .unwrap();
        let mut values = starting(&fields(), Some(&stored));
        assert_eq!(
            (&values["title"], &values["bucket"], &values["presign"]),
            (&json!("T"), &json!("b"), &json!(false))
        );
        assert_eq!(values["aws_secret_access_key"], "");
        assert!(body(&fields(), &values, 5, Some(9)).get("aws_secret_access_key").is_none());
        values.insert("aws_secret_access_key".into(), json!(" key\n"));
        let sent = body(&fields(), &values, 5, Some(9));
        assert_eq!((&sent["aws_secret_access_key"], &sent["id"]), (&json!("key"), &json!(9)));
    }

    #[test]
    fn a_life_of_urls_matters_only_where_there_are_urls() {
        let fields = fields();
        let ttl = fields.last().unwrap();
        assert!(applies(ttl, &starting(&fields, None)));
        let off = json!({"presign": false});
        assert!(!applies(ttl, off.as_object().unwrap()));
        assert!(applies(&fields[0], off.as_object().unwrap()));
    }

    #[test]
    fn numbers_are_read_and_nonsense_is_left_to_the_server() {
        assert_eq!(typed_number(" 12 "), json!(12));
        assert_eq!(typed_number("1.5"), json!("1.5"));
        assert_eq!(shown(Some(&json!(12))), "12");
        assert_eq!((shown(Some(&Value::Null)), shown(None)), (String::new(), String::new()));
    }
}
