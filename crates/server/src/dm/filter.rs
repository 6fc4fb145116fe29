//! Filters as clients send them, read into a form in which nothing is left to doubt.

use super::column::{Column, Kind};
use super::moment;
use crate::error::ApiError;
use serde_json::Value;

/// More items than anybody makes by hand.
const MOST_ITEMS: usize = 200;
/// Values of one list.
const MOST_VALUES: usize = 100_000;
/// Characters of a text that is searched for; both databases limit their patterns.
const LONGEST_NEEDLE: usize = 1000;

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Filters {
    /// One item is enough; else all must hold.
    pub any: bool,
    pub items: Vec<Item>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    pub test: Test,
    /// Must hold as well.
    pub child: Option<Test>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Test {
    pub column: Column,
    /// How the values compare: the column's own, or what the filter says of a field of the data.
    pub kind: Kind,
    pub check: Check,
    /// The opposite, also for tasks without a value.
    pub negated: bool,
}

/// What must hold of a value. A task without one passes only [`Check::Empty`].
#[derive(Clone, Debug, PartialEq)]
pub enum Check {
    Equal(Scalar),
    Less(Scalar),
    AtMost(Scalar),
    Greater(Scalar),
    AtLeast(Scalar),
    /// With both ends, where they are given.
    Between(Option<Scalar>, Option<Scalar>),
    OneOf(Vec<Scalar>),
    /// A part of the text, whatever the case; of results and versions to the letter.
    Contains(String),
    /// One of these is a part of one of the texts.
    ContainsAny(Vec<String>),
    Regex(String),
    /// One of these is among the ids.
    HasAny(Vec<i64>),
    Empty,
    /// The task is one of these: what [`Check::Regex`] becomes before it meets a database.
    Task(Vec<i64>),
}

#[derive(Clone, Debug, PartialEq)]
pub enum Scalar {
    Number(f64),
    Text(String),
    Boolean(bool),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    Equal,
    NotEqual,
    Less,
    Greater,
    LessOrEqual,
    GreaterOrEqual,
    In,
    NotIn,
    InList,
    NotInList,
    Contains,
    NotContains,
    Regex,
    Empty,
}

const OPERATORS: &[(&str, Operator)] = &[
    ("equal", Operator::Equal),
    ("not_equal", Operator::NotEqual),
    ("less", Operator::Less),
    ("greater", Operator::Greater),
    ("less_or_equal", Operator::LessOrEqual),
    ("greater_or_equal", Operator::GreaterOrEqual),
    ("in", Operator::In),
    ("not_in", Operator::NotIn),
    ("in_list", Operator::InList),
    ("not_in_list", Operator::NotInList),
    ("contains", Operator::Contains),
    ("not_contains", Operator::NotContains),
    ("regex", Operator::Regex),
    ("empty", Operator::Empty),
];

impl Operator {
    fn parse(name: &str) -> Option<Self> {
        OPERATORS.iter().find(|(known, _)| *known == name).map(|(_, operator)| *operator)
    }

    fn name(self) -> &'static str {
        OPERATORS.iter().find(|(_, operator)| *operator == self).map_or("", |(name, _)| *name)
    }

    fn is_negated(self) -> bool {
        matches!(self, Self::NotEqual | Self::NotIn | Self::NotInList | Self::NotContains)
    }
}

/// `filters.items[3].value`
fn wrong(place: &str, field: &str, what: &str) -> ApiError {
    let place = if field.is_empty() { place.to_owned() } else { format!("{place}.{field}") };
    ApiError::BadRequest(format!("{place}: {what}."))
}

impl Filters {
    /// Null is no filter at all.
    pub fn parse(value: &Value) -> Result<Self, ApiError> {
        let object = match value {
            Value::Null => return Ok(Self::default()),
            Value::Object(object) => object,
            _ => return Err(wrong("filters", "", "must be an object with conjunction and items")),
        };
        let any = match object.get("conjunction") {
            None | Some(Value::Null) => false,
            Some(Value::String(word)) if word == "and" => false,
            Some(Value::String(word)) if word == "or" => true,
            Some(other) => {
                return Err(wrong(
                    "filters",
                    "conjunction",
                    &format!("must be \"and\" or \"or\", it is {other}"),
                ));
            }
        };
        let list = match object.get("items") {
            None | Some(Value::Null) => return Ok(Self { any, items: Vec::new() }),
            Some(Value::Array(list)) => list,
            Some(_) => return Err(wrong("filters", "items", "must be a list")),
        };
        if list.len() > MOST_ITEMS {
            return Err(wrong("filters", "items", &format!("at most {MOST_ITEMS} items are allowed")));
        }
        let item = |(index, value): (usize, &Value)| -> Result<Item, ApiError> {
            let place = format!("filters.items[{index}]");
            let test = Test::parse(&place, value)?;
            let child = match value.get("child_filter") {
                None | Some(Value::Null) => None,
                Some(child) => {
                    let place = format!("{place}.child_filter");
                    if child.get("child_filter").is_some_and(|deeper| !deeper.is_null()) {
                        return Err(wrong(
                            &place,
                            "child_filter",
                            "only one level of child filters is allowed",
                        ));
                    }
                    Some(Test::parse(&place, child)?)
                }
            };
            Ok(Item { test, child })
        };
        Ok(Self { any, items: list.iter().enumerate().map(item).collect::<Result<_, _>>()? })
    }

    /// All tests, of items and of their children.
    pub fn tests_mut(&mut self) -> impl Iterator<Item = &mut Test> {
        self.items.iter_mut().flat_map(|item| std::iter::once(&mut item.test).chain(item.child.as_mut()))
    }
}

impl Test {
    fn parse(place: &str, value: &Value) -> Result<Self, ApiError> {
        if !value.is_object() {
            return Err(wrong(place, "", "must be an object with filter, operator, type and value"));
        }
        let Some(name) = value["filter"].as_str() else {
            return Err(wrong(place, "filter", "must name a column, as in \"filter:tasks:id\""));
        };
        let Some(name) = name.strip_prefix("filter:tasks:") else {
            return Err(wrong(
                place,
                "filter",
                &format!("must begin with \"filter:tasks:\", it is {name:?}"),
            ));
        };
        let column = Column::parse(name).map_err(|why| wrong(place, "filter", &why))?;
        let kind = match &value["type"] {
            Value::Null => column.kind(),
            Value::String(word) => match Kind::of_type(word) {
                None => return Err(wrong(place, "type", &format!("there is no type {word:?}"))),
                Some(kind) if matches!(column, Column::Data(_)) => kind,
                Some(_) => column.kind(),
            },
            _ => return Err(wrong(place, "type", "must be a word, as in \"Number\"")),
        };
        let Some(word) = value["operator"].as_str() else {
            return Err(wrong(place, "operator", "must be a word, as in \"equal\""));
        };
        let known = |list: &[Operator]| list.iter().map(|o| o.name()).collect::<Vec<_>>().join(", ");
        let operator = Operator::parse(word).filter(|operator| kind.operators().contains(operator));
        let Some(operator) = operator else {
            let why = format!("{column} cannot be asked for {word:?}; it takes {}", known(kind.operators()));
            return Err(wrong(place, "operator", &why));
        };
        let value = value.get("value").unwrap_or(&Value::Null);
        let (check, flipped) =
            check(&column, kind, operator, value).map_err(|why| wrong(place, "value", &why))?;
        Ok(Self { column, kind, check, negated: operator.is_negated() != flipped })
    }
}

type Checked = Result<(Check, bool), String>;

/// The check, and whether its opposite is meant.
fn check(column: &Column, kind: Kind, operator: Operator, value: &Value) -> Checked {
    if operator == Operator::Empty {
        let word = value.as_str().map(str::to_ascii_lowercase);
        return match (value, word.as_deref()) {
            (Value::Bool(yes), _) => Ok((Check::Empty, !yes)),
            (_, Some("true" | "1" | "yes")) => Ok((Check::Empty, false)),
            (_, Some("false" | "0" | "no")) => Ok((Check::Empty, true)),
            _ => Err(format!("must be true or false, it is {value}")),
        };
    }
    let check = match kind {
        Kind::Ids => Check::HasAny(ids(value)?),
        Kind::Texts => match operator {
            Operator::Regex => Check::Regex(needle(value)?),
            Operator::Contains | Operator::NotContains => Check::ContainsAny(texts(value)?),
            _ => Check::OneOf(texts(value)?.into_iter().map(Scalar::Text).collect()),
        },
        Kind::Results => match operator {
            Operator::Regex => Check::Regex(needle(value)?),
            Operator::Equal | Operator::NotEqual => Check::Equal(Scalar::Text(whole_json(value)?)),
            _ => Check::ContainsAny(spellings(needle(value)?)),
        },
        Kind::Integer | Kind::Number | Kind::Moment | Kind::Text | Kind::Boolean => {
            scalar_check(column, kind, operator, value)?
        }
    };
    Ok((check, false))
}

fn scalar_check(column: &Column, kind: Kind, operator: Operator, value: &Value) -> Result<Check, String> {
    let one = || scalar(kind, value);
    Ok(match operator {
        Operator::Equal | Operator::NotEqual => Check::Equal(one()?),
        Operator::Less => Check::Less(one()?),
        Operator::LessOrEqual => Check::AtMost(one()?),
        Operator::Greater => Check::Greater(one()?),
        Operator::GreaterOrEqual => Check::AtLeast(one()?),
        Operator::In | Operator::NotIn => {
            let end = |name: &str| match &value[name] {
                Value::Null => Ok(None),
                Value::String(text) if text.is_empty() => Ok(None),
                end => scalar(kind, end).map(Some).map_err(|why| format!("{name} {why}")),
            };
            match (end("min")?, end("max")?) {
                (None, None) => return Err("must be a range with min, max or both".into()),
                (min, max) => Check::Between(min, max),
            }
        }
        Operator::InList | Operator::NotInList => {
            let list = value.as_array().ok_or_else(|| format!("must be a list, it is {value}"))?;
            if list.len() > MOST_VALUES {
                return Err(format!("at most {MOST_VALUES} values are allowed"));
            }
            Check::OneOf(list.iter().map(|value| scalar(kind, value)).collect::<Result<_, _>>()?)
        }
        // A list of one field's values: one of them is enough.
        Operator::Contains | Operator::NotContains if value.is_array() => Check::ContainsAny(texts(value)?),
        Operator::Contains | Operator::NotContains => Check::Contains(needle(value)?),
        Operator::Regex => Check::Regex(needle(value)?),
        Operator::Empty => return Err(format!("{column} cannot be asked for that")),
    })
}

fn scalar(kind: Kind, value: &Value) -> Result<Scalar, String> {
    match kind {
        Kind::Integer | Kind::Number => {
            let number = match value {
                Value::Number(number) => number.as_f64(),
                Value::String(text) => text.trim().parse().ok().filter(|n: &f64| n.is_finite()),
                _ => None,
            };
            number.map(Scalar::Number).ok_or_else(|| format!("must be a number, it is {value}"))
        }
        Kind::Boolean => match value {
            Value::Bool(yes) => Ok(Scalar::Boolean(*yes)),
            Value::String(word) => crate::settings::parse_bool(word)
                .map(Scalar::Boolean)
                .ok_or_else(|| format!("must be true or false, it is {value}")),
            _ => Err(format!("must be true or false, it is {value}")),
        },
        Kind::Moment => {
            value.as_str().and_then(moment::canonical).map(Scalar::Text).ok_or_else(|| {
                format!("must be a date and time, as in \"2026-01-31T12:00:00Z\", it is {value}")
            })
        }
        _ => Ok(Scalar::Text(text(value)?)),
    }
}

/// A value as text; numbers and booleans as JSON writes them.
fn text(value: &Value) -> Result<String, String> {
    match value {
        Value::String(text) if text.contains('\0') => Err("may hold no null character".into()),
        Value::String(text) => Ok(text.clone()),
        Value::Number(_) | Value::Bool(_) => Ok(value.to_string()),
        _ => Err(format!("must be a text, it is {value}")),
    }
}

fn needle(value: &Value) -> Result<String, String> {
    let text = text(value)?;
    if text.chars().count() > LONGEST_NEEDLE {
        return Err(format!("at most {LONGEST_NEEDLE} characters can be searched for"));
    }
    Ok(text)
}

/// A text, or a list of them.
fn texts(value: &Value) -> Result<Vec<String>, String> {
    match value {
        Value::Array(list) if list.len() > MOST_ITEMS => {
            Err(format!("at most {MOST_ITEMS} values are allowed"))
        }
        Value::Array(list) => list.iter().map(needle).collect(),
        one => Ok(vec![needle(one)?]),
    }
}

/// An id, a list of ids, or a text that holds ids: `"1, 2;3"`.
fn ids(value: &Value) -> Result<Vec<i64>, String> {
    let no_id = |what: &dyn std::fmt::Display| format!("must be an id or a list of ids, {what} is none");
    let ids: Vec<i64> = match value {
        Value::Array(list) => {
            let mut ids = Vec::with_capacity(list.len());
            for value in list {
                ids.extend(self::ids(value)?);
            }
            ids
        }
        Value::Number(number) => vec![number.as_i64().ok_or_else(|| no_id(number))?],
        Value::String(text) => text
            .split([',', ';', ' '])
            .filter(|part| !part.is_empty())
            .map(|part| part.parse().map_err(|_| no_id(&format!("{part:?}"))))
            .collect::<Result<_, _>>()?,
        other => return Err(no_id(other)),
    };
    match ids.len() {
        0 => Err("must be an id or a list of ids, it is empty".into()),
        n if n > MOST_VALUES => Err(format!("at most {MOST_VALUES} ids are allowed")),
        _ => Ok(ids),
    }
}

/// JSON as it is stored; a string may hold it.
fn whole_json(value: &Value) -> Result<String, String> {
    match value {
        Value::String(text) => match serde_json::from_str::<Value>(text) {
            Ok(json) => Ok(json.to_string()),
            Err(_) => self::text(value),
        },
        Value::Array(_) | Value::Object(_) => Ok(value.to_string()),
        other => Err(format!("must be JSON, it is {other}")),
    }
}

/// A part of a result as it was typed, and without the blanks that others write after `:` and `,`.
fn spellings(typed: String) -> Vec<String> {
    let tight = typed.replace("\": ", "\":").replace("\", ", "\",").replace("], ", "],").replace("}, ", "},");
    if tight == typed { vec![typed] } else { vec![typed, tight] }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn error(filters: Value) -> String {
        match Filters::parse(&filters) {
            Err(ApiError::BadRequest(text)) => text,
            other => panic!("{filters}: {other:?}"),
        }
    }

    fn item(column: &str, operator: &str, value: Value) -> Value {
        json!({"items": [{"filter": format!("filter:tasks:{column}"), "operator": operator, "value": value}]})
    }

    #[test]
    fn errors_name_item_and_field() {
        let good = json!({"filter": "filter:tasks:id", "operator": "equal", "value": 1});
        let with = |bad: Value| json!({"conjunction": "and", "items": [good, bad]});
        let mut nested = good.clone();
        nested["child_filter"] = json!({"filter": "filter:tasks:nope", "operator": "equal", "value": 1});
        let mut deep = good.clone();
        deep["child_filter"] = good.clone();
        deep["child_filter"]["child_filter"] = good.clone();
        for (filters, place) in [
            (json!([]), "filters: "),
            (json!({"conjunction": "xor", "items": []}), "filters.conjunction: "),
            (json!({"items": {}}), "filters.items: "),
            (with(json!(3)), "filters.items[1]: "),
            (with(json!({"filter": "tasks:id"})), "filters.items[1].filter: "),
            (with(json!({"filter": "filter:tasks:updated_by__password"})), "filters.items[1].filter: "),
            (with(json!({"filter": "filter:tasks:id", "type": "Money"})), "filters.items[1].type: "),
            (with(json!({"filter": "filter:tasks:id", "operator": "like"})), "filters.items[1].operator: "),
            (with(json!({"filter": "filter:tasks:id", "operator": "equal"})), "filters.items[1].value: "),
            (with(nested), "filters.items[1].child_filter.filter: "),
            (with(deep), "filters.items[1].child_filter.child_filter: "),
        ] {
            assert!(error(filters).starts_with(place), "{place}");
        }
    }

    #[test]
    fn values_must_fit_their_column() {
        for (column, operator, value) in [
            ("id", "equal", json!("x")),
            ("id", "equal", json!(null)),
            ("id", "in", json!(3)),
            ("id", "in", json!({})),
            ("id", "in", json!({"min": "a"})),
            ("id", "in_list", json!(1)),
            ("created_at", "less", json!("yesterday")),
            ("created_at", "less", json!(3)),
            ("draft_exists", "equal", json!("perhaps")),
            ("draft_exists", "less", json!(true)),
            ("annotators", "contains", json!("me")),
            ("annotators", "contains", json!("")),
            ("annotations_ids", "contains", json!([1, "x"])),
            ("data.x", "contains", json!({"a": 1})),
            ("data.x", "contains", json!("a\u{0}")),
            ("data.x", "regex", json!("x".repeat(1001))),
            ("data.x", "empty", json!("perhaps")),
            ("avg_lead_time", "contains", json!("1")),
        ] {
            let text = error(item(column, operator, value.clone()));
            assert!(text.starts_with("filters.items[0]."), "{column} {operator} {value}: {text}");
        }
    }

    #[test]
    fn what_means_the_same_reads_the_same() {
        let one = |value: Value| Filters::parse(&value).unwrap().items.remove(0).test;
        assert_eq!(one(item("id", "equal", json!("3"))), one(item("id", "equal", json!(3))));
        assert_eq!(
            one(item("annotations_ids", "contains", json!("1,2; 3"))).check,
            Check::HasAny(vec![1, 2, 3])
        );
        let not_empty = one(item("data.x", "empty", json!("false")));
        assert!(not_empty.negated && not_empty.check == Check::Empty);
        assert_eq!(one(item("created_at", "less", json!("2026-01-31"))), {
            one(item("created_at", "less", json!("2026-01-31T01:00:00+01:00")))
        });
    }
}
