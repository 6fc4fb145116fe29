//! Which of the filtered tasks are meant.

use crate::error::ApiError;
use serde_json::Value;

const MOST: usize = 1_000_000;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Selection {
    /// All but these; none in the list means all.
    Except(Vec<i64>),
    Only(Vec<i64>),
}

impl Default for Selection {
    fn default() -> Self {
        Self::Except(Vec::new())
    }
}

impl Selection {
    /// `{"all": true, "excluded": […]}` or `{"all": false, "included": […]}`; nothing included means all, as clients
    /// have come to expect.
    pub fn parse(value: &Value) -> Result<Self, ApiError> {
        let wrong = |field: &str, why: &str| ApiError::BadRequest(format!("selectedItems{field}: {why}."));
        if value.is_null() {
            return Ok(Self::default());
        }
        if !value.is_object() {
            return Err(wrong("", "must be an object with all, and excluded or included"));
        }
        let ids = |name: &str| -> Result<Vec<i64>, ApiError> {
            let list = match &value[name] {
                Value::Null => return Ok(Vec::new()),
                Value::Array(list) if list.len() <= MOST => list,
                _ => return Err(wrong(&format!(".{name}"), "must be a list of at most a million task ids")),
            };
            let id = |(index, id): (usize, &Value)| {
                id.as_i64().or_else(|| id.as_str()?.trim().parse().ok()).ok_or_else(|| {
                    wrong(&format!(".{name}[{index}]"), &format!("must be a task id, it is {id}"))
                })
            };
            list.iter().enumerate().map(id).collect()
        };
        match &value["all"] {
            Value::Bool(true) => Ok(Self::Except(ids("excluded")?)),
            Value::Bool(false) => {
                let included = ids("included")?;
                Ok(if included.is_empty() { Self::default() } else { Self::Only(included) })
            }
            other => Err(wrong(".all", &format!("must be true or false, it is {other}"))),
        }
    }

    pub fn is_all(&self) -> bool {
        *self == Self::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn both_forms_and_what_is_neither() {
        let parse = |value: Value| Selection::parse(&value).unwrap();
        assert_eq!(parse(json!({"all": true, "excluded": [1, "2"]})), Selection::Except(vec![1, 2]));
        assert_eq!(parse(json!({"all": false, "included": [3]})), Selection::Only(vec![3]));
        assert!(parse(json!({"all": false, "included": []})).is_all());
        assert!(parse(Value::Null).is_all());
        for bad in [json!([1]), json!({}), json!({"all": 1}), json!({"all": true, "excluded": ["x"]})] {
            assert!(Selection::parse(&bad).is_err(), "{bad}");
        }
    }
}
