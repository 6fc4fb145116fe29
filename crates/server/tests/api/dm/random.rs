//! Random filter trees: whatever is asked, the database agrees with somebody who looks at every task.

use super::world::*;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};
use serde_json::{Value, json};

/// A test in the words of a client, and how to judge a task by it.
fn random_item(rng: &mut StdRng, world: &World) -> Value {
    let texts = [
        "a", "APP", "ä", "Σ", "ς", "5", "", "apple", "zz", "true", "%", "_", "[", "\\", "\"", "-2", "e",
        "E\nB",
    ];
    let numbers = [
        json!(-3),
        json!(0),
        json!(0.5),
        json!(1),
        json!("2.5"),
        json!(3),
        json!(4.25),
        json!(50),
        json!(1e19),
    ];
    let patterns = ["a", "^a", "(", "[0-9]+", "(?i)ä", "^$", "p+l", r"\d\.\d"];
    let compare = [
        "equal",
        "not_equal",
        "less",
        "greater",
        "less_or_equal",
        "greater_or_equal",
        "in",
        "not_in",
        "in_list",
        "not_in_list",
    ];
    let (column, kind, operators): (&str, &str, Vec<&str>) = match rng.random_range(0..13) {
        0..=2 => {
            let column = *["data.x", "data.n", "data.y", "data.a.b"].choose(rng).unwrap();
            (column, "String", [&compare[..], &["contains", "not_contains", "regex", "empty"]].concat())
        }
        3 | 4 => ("data.n", "Number", [&compare[..], &["empty"]].concat()),
        5 => {
            let column = *["inner_id", "total_annotations", "cancelled_annotations", "total_predictions"]
                .choose(rng)
                .unwrap();
            (column, "Number", [&compare[..], &["contains", "not_contains", "regex", "empty"]].concat())
        }
        6 => (
            *["predictions_score", "avg_lead_time"].choose(rng).unwrap(),
            "Number",
            [&compare[..], &["empty"]].concat(),
        ),
        7 => ("annotators", "List", vec!["contains", "not_contains", "empty"]),
        8 => ("updated_by", "List", vec!["contains", "not_contains", "empty"]),
        9 => ("annotations_ids", "String", vec!["contains", "not_contains", "empty"]),
        10 => (
            *["annotations_results", "predictions_results"].choose(rng).unwrap(),
            "String",
            vec!["contains", "not_contains", "regex", "empty"],
        ),
        11 => ("predictions_model_versions", "List", vec!["contains", "not_contains", "regex", "empty"]),
        _ => (*["draft_exists", "is_labeled"].choose(rng).unwrap(), "Boolean", vec!["equal", "not_equal"]),
    };
    let operator = *operators.choose(rng).unwrap();
    let numeric = kind == "Number" && !operator.contains("contains");
    let one = |rng: &mut StdRng| -> Value {
        if numeric { numbers.choose(rng).unwrap().clone() } else { json!(texts.choose(rng).unwrap()) }
    };
    let value = match (operator, kind) {
        ("empty", _) | (_, "Boolean") => json!(rng.random_bool(0.5)),
        ("regex", _) => json!(patterns.choose(rng).unwrap()),
        (_, "List") if column == "predictions_model_versions" => {
            json!(["m", "1", "M2", "x"].choose_multiple(rng, 2).collect::<Vec<_>>())
        }
        (_, "List") => json!([world.owner, world.colleague, 77].choose_multiple(rng, 2).collect::<Vec<_>>()),
        _ if column == "annotations_ids" => {
            json!(world.annotations.choose_multiple(rng, 2).collect::<Vec<_>>())
        }
        _ if column.ends_with("_results") => {
            json!(["A", "choices", "a b", "nothing", "[]"].choose(rng).unwrap())
        }
        ("in" | "not_in", _) => {
            // An empty end is none.
            let end = |rng: &mut StdRng| {
                Some(one(rng)).filter(|end| *end != "").unwrap_or(json!(if numeric { "1" } else { "b" }))
            };
            match rng.random_range(0..3) {
                0 => json!({"min": end(rng)}),
                1 => json!({"max": end(rng)}),
                _ => json!({"min": end(rng), "max": end(rng)}),
            }
        }
        ("in_list" | "not_in_list", _) => (0..rng.random_range(0..4)).map(|_| one(rng)).collect(),
        _ => one(rng),
    };
    item(column, kind, operator, value)
}

fn random_filters(rng: &mut StdRng, world: &World) -> Value {
    let items: Vec<Value> = (0..rng.random_range(1..5))
        .map(|_| {
            let mut item = random_item(rng, world);
            if rng.random_bool(0.25) {
                item["child_filter"] = random_item(rng, world);
            }
            item
        })
        .collect();
    let conjunction = *["and", "or"].choose(rng).unwrap();
    json!({"conjunction": conjunction, "items": items})
}

/// A field of the data in the words of the rules: strings as they are, all else as its JSON.
fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        // Null characters have no place in one of the databases.
        Value::String(text) => Some(text.replace('\0', "")),
        other => Some(other.to_string()),
    }
}

fn number_of(text: &str) -> Option<f64> {
    let text = text.trim_matches(' ');
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let (whole, part) =
        mantissa.trim_start_matches('-').split_once('.').unwrap_or((mantissa.trim_start_matches('-'), "0"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let good = digits(whole)
        && digits(part)
        && (whole == "0" || !whole.starts_with('0'))
        && digits(exponent.trim_start_matches(['+', '-']))
        && exponent.trim_start_matches(['+', '-']).len() <= 2
        && text.len() <= 100;
    if good { text.parse().ok() } else { None }
}

fn same_case(text: &str) -> String {
    text.chars()
        .flat_map(char::to_uppercase)
        .flat_map(char::to_lowercase)
        .map(|c| if c == 'ς' { 'σ' } else { c })
        .collect()
}

fn matches(pattern: &str, text: &str) -> bool {
    regex::Regex::new(pattern).is_ok_and(|regex| regex.is_match(text))
}

fn opposite(operator: &str) -> Option<&str> {
    match operator {
        "not_equal" => Some("equal"),
        "not_in" => Some("in"),
        "not_in_list" => Some("in_list"),
        "not_contains" => Some("contains"),
        _ => None,
    }
}

fn holds(task: &Value, item: &Value) -> bool {
    let (operator, value) = (item["operator"].as_str().unwrap(), &item["value"]);
    if let Some(positive) = opposite(operator) {
        let mut item = item.clone();
        item["operator"] = positive.into();
        return !holds(task, &item);
    }
    let column = item["filter"].as_str().unwrap().strip_prefix("filter:tasks:").unwrap();
    let list = |name: &str, of: &str| -> Vec<Value> {
        task[name].as_array().unwrap().iter().map(|part| part[of].clone()).collect()
    };
    let ids = |found: Vec<Value>| match operator {
        "empty" => found.iter().all(Value::is_null) == *value,
        _ => value.as_array().unwrap().iter().any(|id| found.contains(id)),
    };
    match column {
        "annotators" => ids(list("annotations", "completed_by")),
        "annotations_ids" => ids(list("annotations", "id")),
        "updated_by" => ids(list("updated_by", "user_id")),
        "annotations_results" => parts(operator, value, list("annotations", "result")),
        "predictions_results" => parts(operator, value, list("predictions", "result")),
        "predictions_model_versions" => parts(operator, value, list("predictions", "model_version")),
        "draft_exists" => task["drafts"].as_array().unwrap().is_empty() != value.as_bool().unwrap(),
        "is_labeled" => task["is_labeled"] == *value,
        _ => {
            let found = match column.strip_prefix("data.") {
                Some(key) => &task["data"][key],
                None => &task[column],
            };
            let counted = column.ends_with("_annotations") || column == "total_predictions";
            if counted && operator == "empty" {
                return (*found == json!(0)) == *value;
            }
            scalar(item["type"] == "Number", operator, value, text_of(found))
        }
    }
}

/// Results and versions: to the letter, one of several is enough.
fn parts(operator: &str, value: &Value, found: Vec<Value>) -> bool {
    let texts: Vec<String> =
        found.iter().map(|v| v.as_str().map_or_else(|| v.to_string(), str::to_owned)).collect();
    match operator {
        "empty" => texts.is_empty() == *value,
        "regex" => texts.iter().any(|text| matches(value.as_str().unwrap(), text)),
        _ => {
            let one = [value.clone()];
            let needles = value.as_array().map_or(&one[..], Vec::as_slice);
            needles.iter().any(|needle| texts.iter().any(|text| text.contains(needle.as_str().unwrap())))
        }
    }
}

fn scalar(numeric: bool, operator: &str, value: &Value, found: Option<String>) -> bool {
    let Some(text) = found else { return operator == "empty" && *value == json!(true) };
    match operator {
        "empty" => return text.is_empty() == *value,
        "regex" => return matches(value.as_str().unwrap(), &text),
        "contains" => return same_case(&text).contains(&same_case(value.as_str().unwrap())),
        _ => {}
    }
    use std::cmp::Ordering::{self, Equal, Greater, Less};
    let order = |with: &Value| -> Option<Ordering> {
        let with = text_of(with).unwrap();
        if numeric {
            number_of(&text)?.partial_cmp(&number_of(&with).unwrap())
        } else {
            Some(text.as_str().cmp(&with))
        }
    };
    let is = |with: &Value, wanted: &[Ordering]| order(with).is_some_and(|order| wanted.contains(&order));
    match operator {
        "equal" => is(value, &[Equal]),
        "less" => is(value, &[Less]),
        "less_or_equal" => is(value, &[Less, Equal]),
        "greater" => is(value, &[Greater]),
        "greater_or_equal" => is(value, &[Greater, Equal]),
        "in" => {
            (value["min"].is_null() || is(&value["min"], &[Greater, Equal]))
                && (value["max"].is_null() || is(&value["max"], &[Less, Equal]))
        }
        "in_list" => value.as_array().unwrap().iter().any(|with| is(with, &[Equal])),
        other => panic!("{other}"),
    }
}

#[tokio::test]
async fn random_filters_agree_with_a_look_at_every_task() {
    let world = World::new().await;
    let tasks =
        world.server.get(&format!("/api/tasks/?project={}&fields=all", world.project)).await["tasks"].clone();
    let tasks = tasks.as_array().unwrap();
    assert_eq!(tasks.len(), data().len());
    let seed: u64 = rand::random();
    let mut rng = StdRng::seed_from_u64(seed);
    for round in 0..400 {
        let filters = random_filters(&mut rng, &world);
        let item_holds = |task: &Value, item: &Value| {
            holds(task, item) && (item["child_filter"].is_null() || holds(task, &item["child_filter"]))
        };
        let wanted = |task: &Value| {
            let mut items = filters["items"].as_array().unwrap().iter();
            if filters["conjunction"] == "or" {
                items.any(|item| item_holds(task, item))
            } else {
                items.all(|item| item_holds(task, item))
            }
        };
        let expected: Vec<usize> = (0..tasks.len()).filter(|n| wanted(&tasks[*n])).map(|n| n + 1).collect();
        let found = world.filtered(filters.clone()).await;
        assert_eq!(found, expected, "seed {seed}, round {round}: {filters:#}");
    }
}

/// Any JSON at all is either understood or refused with a place.
#[tokio::test]
async fn nonsense_is_refused_and_never_met_by_the_database() {
    let world = World::new().await;
    let seed: u64 = rand::random();
    let mut rng = StdRng::seed_from_u64(seed);
    let pieces = [
        json!(null),
        json!(1),
        json!(-1.5),
        json!("x"),
        json!(""),
        json!([]),
        json!({}),
        json!(true),
        json!([1, "a", null]),
        json!({"min": 1}),
        json!("filter:tasks:id"),
        json!("filter:tasks:data.x"),
        json!("equal"),
        json!("in"),
        json!("Number"),
        json!("9".repeat(400)),
        json!("\u{0}"),
        json!(i64::MAX),
        json!(1e308),
    ];
    for round in 0..300 {
        let mut filters = random_filters(&mut rng, &world);
        let piece = pieces.choose(&mut rng).unwrap().clone();
        let place = *["filter", "operator", "type", "value", "child_filter"].choose(&mut rng).unwrap();
        filters["items"][0][place] = piece.clone();
        let answer = world.ask(&json!({"filters": filters})).await;
        if answer.status != 200 {
            let text = answer.error(400);
            assert!(text.contains("filters.items[0]"), "seed {seed}, round {round}: {text} {filters}");
        }
        let key = *["filters", "ordering", "selectedItems"].choose(&mut rng).unwrap();
        let answer = world.ask(&json!({key: piece})).await;
        if answer.status != 200 {
            assert!(answer.error(400).contains(key), "seed {seed}, round {round}: {key} {piece}");
        }
    }
}
