//! In which order tasks are shown.

use super::column::{Column, Kind};
use crate::error::ApiError;
use serde_json::Value;

#[derive(Clone, Debug, PartialEq)]
pub struct Order {
    pub column: Column,
    /// Fields of the data are compared as text unless the view shows them as numbers.
    pub kind: Kind,
    pub descending: bool,
}

impl Order {
    /// The first element counts: `"tasks:id"`, `"-tasks:data.text"`. `types` is a view's `columnsDisplayType`.
    pub fn parse(ordering: &Value, types: &Value) -> Result<Option<Self>, ApiError> {
        let wrong = |why: String| ApiError::BadRequest(format!("ordering[0]: {why}."));
        let first = match ordering {
            Value::Null => return Ok(None),
            Value::Array(list) => match list.first() {
                None => return Ok(None),
                Some(Value::String(name)) => name,
                Some(other) => return Err(wrong(format!("must name a column, it is {other}"))),
            },
            _ => return Err(ApiError::BadRequest("ordering: must be a list, as in [\"-tasks:id\"].".into())),
        };
        let (name, descending) = match first.strip_prefix('-') {
            Some(rest) => (rest, true),
            None => (first.as_str(), false),
        };
        let name = name.strip_prefix("tasks:").unwrap_or(name);
        let column = Column::parse(name).map_err(wrong)?;
        let kind = match &column {
            // The type stands under the column's name, with or without `tasks:`.
            Column::Data(_)
                if types[name] == "Number" || types[format!("tasks:{name}").as_str()] == "Number" =>
            {
                Kind::Number
            }
            column => column.kind(),
        };
        Ok(Some(Self { column, kind, descending }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_first_element_counts() {
        let order = Order::parse(&json!(["-tasks:data.n", "tasks:nope"]), &json!({"data.n": "Number"}));
        let expected = Order { column: Column::Data("n".into()), kind: Kind::Number, descending: true };
        assert_eq!(order.unwrap(), Some(expected));
        assert_eq!(Order::parse(&json!([]), &Value::Null).unwrap(), None);
        for bad in [json!("tasks:id"), json!([1]), json!(["tasks:nope"]), json!(["-tasks:a__b"]), json!([""])]
        {
            assert!(Order::parse(&bad, &Value::Null).is_err(), "{bad}");
        }
    }
}
