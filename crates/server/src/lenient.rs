//! Scalars as clients send them: forms have nothing but text, and the reference takes `"2"` for 2 and `"true"` for true in
//! JSON as well.

use crate::error::{ApiError, ApiResult};
use serde_json::Value;

/// A whole number, also as text or as 2.0; nothing for anything else.
pub(crate) fn whole(value: &Value) -> Option<i64> {
    match value {
        Value::String(text) => text.trim().parse().ok(),
        Value::Number(_) => value
            .as_i64()
            .or_else(|| value.as_f64().filter(|n| n.fract() == 0.0 && n.abs() < 9e15).map(|n| n as i64)),
        _ => None,
    }
}

/// A number, also as text.
pub(crate) fn number(value: &Value) -> Option<f64> {
    match value {
        Value::String(text) => text.trim().parse().ok().filter(|n: &f64| n.is_finite()),
        _ => value.as_f64(),
    }
}

/// True or false, also as a word, 1 or 0.
pub(crate) fn boolean(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(is) => Some(*is),
        Value::Number(_) => match value.as_i64() {
            Some(1) => Some(true),
            Some(0) => Some(false),
            _ => None,
        },
        Value::String(text) => match text.trim().to_ascii_lowercase().as_str() {
            "true" | "t" | "yes" | "y" | "on" | "1" => Some(true),
            "false" | "f" | "no" | "n" | "off" | "0" => Some(false),
            _ => None,
        },
        _ => None,
    }
}

/// Whether there is anything in a field; forms send empty text for nothing.
fn given<'a>(body: &'a Value, name: &str) -> Option<&'a Value> {
    body.get(name).filter(|value| !value.is_null() && value.as_str() != Some(""))
}

/// An id in a field, if it is there.
pub(crate) fn id_in(body: &Value, name: &str) -> ApiResult<Option<i64>> {
    let bad = |value: &Value| ApiError::field(name, format!("Must be an id, it is {value}."));
    given(body, name).map(|value| whole(value).ok_or_else(|| bad(value))).transpose()
}

/// An id in a field that must be there.
pub(crate) fn needed_id(body: &Value, name: &str) -> ApiResult<i64> {
    id_in(body, name)?.ok_or_else(|| ApiError::field(name, "This field is required."))
}

pub(crate) fn number_in(body: &Value, name: &str) -> ApiResult<Option<f64>> {
    let bad = || ApiError::field(name, "A valid number is required.");
    given(body, name).map(|value| number(value).ok_or_else(bad)).transpose()
}

pub(crate) fn boolean_in(body: &Value, name: &str) -> ApiResult<Option<bool>> {
    let bad = || ApiError::field(name, "Must be a valid boolean.");
    given(body, name).map(|value| boolean(value).ok_or_else(bad)).transpose()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn text_counts_as_what_it_says() {
        assert_eq!([json!(3), json!("3"), json!(3.0), json!(" 3 ")].map(|v| whole(&v)), [Some(3); 4]);
        assert_eq!([json!(3.5), json!("x"), json!(true), json!([3])].map(|v| whole(&v)), [None; 4]);
        assert_eq!([json!(0.5), json!("0.5")].map(|v| number(&v)), [Some(0.5); 2]);
        assert_eq!([json!("NaN"), json!("inf"), json!(false)].map(|v| number(&v)), [None; 3]);
        assert_eq!([json!(true), json!("true"), json!("On"), json!(1)].map(|v| boolean(&v)), [Some(true); 4]);
        assert_eq!([json!(false), json!("no"), json!(0)].map(|v| boolean(&v)), [Some(false); 3]);
        assert_eq!([json!(2), json!("maybe"), json!([])].map(|v| boolean(&v)), [None; 3]);
    }

    #[test]
    fn fields_are_named_in_errors() {
        let body = json!({"a": "", "b": null, "c": "7", "d": "seven"});
        assert!(id_in(&body, "a").unwrap().is_none() && id_in(&body, "b").unwrap().is_none());
        assert_eq!(needed_id(&body, "c").unwrap(), 7);
        assert!(needed_id(&body, "a").is_err() && id_in(&body, "d").is_err());
        assert!(number_in(&body, "d").is_err() && boolean_in(&body, "d").is_err());
    }
}
