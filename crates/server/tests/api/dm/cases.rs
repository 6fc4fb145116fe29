//! Every operator of every column, with what it must find in the [`World`].

use super::world::*;
use serde_json::{Value, json};

/// Column, type, operator, value, tasks.
type Case = (&'static str, &'static str, &'static str, Value, &'static [usize]);

const ALL: &[usize] = &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18];
const NONE: &[usize] = &[];

fn texts() -> Vec<Case> {
    let s = "String";
    vec![
        ("data.x", s, "equal", json!("apple"), &[1]),
        ("data.x", s, "equal", json!("Apple"), NONE),
        ("data.x", s, "equal", json!("5"), &[8]),
        ("data.x", s, "equal", json!(5), &[8]),
        ("data.x", s, "equal", json!("true"), &[11]),
        ("data.x", s, "equal", json!(""), &[5]),
        ("data.x", s, "equal", json!("[\"apple\",\"b\"]"), &[12]),
        ("data.x", s, "equal", json!("line\nbreak"), &[18]),
        ("data.x", s, "equal", json!("' OR 1=1 --"), NONE),
        ("data.x", s, "not_equal", json!("apple"), &ALL[1..]),
        ("data.x", s, "less", json!("5"), &[5, 13, 15, 16]),
        ("data.x", s, "less_or_equal", json!("5"), &[5, 8, 13, 15, 16]),
        ("data.x", s, "greater", json!("zz"), &[3, 4, 14, 17]),
        ("data.x", s, "greater_or_equal", json!("Σ"), &[14]),
        ("data.x", s, "in", json!({"min": "5", "max": "5.5"}), &[8, 9, 10]),
        ("data.x", s, "in", json!({"min": "ä"}), &[4, 14]),
        (
            "data.x",
            s,
            "not_in",
            json!({"min": "5", "max": "5.5"}),
            &[1, 2, 3, 4, 5, 6, 7, 11, 12, 13, 14, 15, 16, 17, 18],
        ),
        ("data.x", s, "in_list", json!(["apple", "5", "ÄPFEL", "nothing"]), &[1, 3, 8]),
        ("data.x", s, "in_list", json!([]), NONE),
        (
            "data.x",
            s,
            "not_in_list",
            json!(["apple", "5"]),
            &[2, 3, 4, 5, 6, 7, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18],
        ),
        ("data.x", s, "not_in_list", json!([]), ALL),
        ("data.x", s, "contains", json!("APPLE"), &[1, 2, 12]),
        ("data.x", s, "contains", json!("äPF"), &[3, 4]),
        ("data.x", s, "contains", json!("ΊΣΥΦΟΣ"), &[14]),
        ("data.x", s, "contains", json!("ίσυφοσ"), &[14]),
        ("data.x", s, "contains", json!("%_*?[A]\\\""), &[13]),
        ("data.x", s, "contains", json!("%"), &[13]),
        ("data.x", s, "contains", json!("*"), &[13]),
        ("data.x", s, "contains", json!("?"), &[13]),
        ("data.x", s, "contains", json!("."), &[9]),
        ("data.x", s, "contains", json!("e\nB"), &[18]),
        ("data.x", s, "contains", json!("5"), &[8, 9, 10]),
        ("data.x", s, "contains", json!("ru"), &[11]),
        ("data.x", s, "contains", json!("zz"), &[17]),
        ("data.x", s, "contains", json!(""), &[1, 2, 3, 4, 5, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18]),
        ("data.x", s, "not_contains", json!("apple"), &[3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 14, 15, 16, 17, 18]),
        ("data.x", "List", "contains", json!(["pie", "birnen"]), &[2, 4]),
        (
            "data.x",
            "List",
            "not_contains",
            json!(["pie", "birnen", "a"]),
            &[3, 5, 6, 7, 8, 9, 10, 11, 14, 15, 16, 17],
        ),
        ("data.x", s, "regex", json!("^[Aa]pple"), &[1, 2]),
        ("data.x", s, "regex", json!("^apple$"), &[1]),
        ("data.x", s, "regex", json!("(?i)ÄPFEL"), &[3, 4]),
        ("data.x", s, "regex", json!(r"^-?\d+([.,]\d)?$"), &[8, 9, 10, 16]),
        ("data.x", s, "regex", json!(r"\bund\b"), &[4]),
        ("data.x", s, "regex", json!("(unclosed"), NONE),
        ("data.x", s, "regex", json!("(a{1000}){1000}"), NONE),
        ("data.x", s, "regex", json!(""), &[1, 2, 3, 4, 5, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18]),
        ("data.x", s, "empty", json!(true), &[5, 6, 7]),
        ("data.x", s, "empty", json!("false"), &[1, 2, 3, 4, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18]),
        ("data.x", "Unknown", "contains", json!("pie"), &[2]),
        ("data.x", "Image", "contains", json!("pie"), &[2]),
        ("data.x", "Boolean", "equal", json!(true), &[11]),
        ("data.x", "Boolean", "equal", json!("false"), NONE),
        (
            "data.x",
            "Boolean",
            "not_equal",
            json!(true),
            &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 13, 14, 15, 16, 17, 18],
        ),
        ("data.x", "Datetime", "less", json!("2024-04"), &[5, 13, 15, 16]),
        ("data.y", s, "contains", json!("X H"), &[7]),
        ("data.a.b", s, "equal", json!("dotted"), &[15]),
        ("data.a", s, "contains", json!("nested"), &[15]),
        ("data.q\"'$", s, "equal", json!("odd"), &[15]),
        ("data.d__x", s, "equal", json!("under"), &[18]),
        ("data.nowhere", s, "empty", json!(true), ALL),
        ("data.$.x", s, "empty", json!(false), NONE),
        ("data.[0]", s, "empty", json!(false), NONE),
        ("data.*", s, "empty", json!(false), NONE),
    ]
}

fn numbers() -> Vec<Case> {
    let n = "Number";
    vec![
        ("data.n", n, "equal", json!(3), &[3]),
        ("data.n", n, "equal", json!("4.25"), &[4]),
        ("data.n", n, "not_equal", json!(3), &[1, 2, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18]),
        ("data.n", n, "less", json!(1), &[13, 18]),
        ("data.n", n, "less_or_equal", json!(1), &[1, 13, 18]),
        ("data.n", n, "greater", json!(4), &[4, 5, 14]),
        ("data.n", n, "greater_or_equal", json!(50), &[5, 14]),
        ("data.n", n, "in", json!({"min": 2.5, "max": 3}), &[2, 3]),
        ("data.n", n, "in", json!({"max": 0}), &[13]),
        ("data.n", n, "not_in", json!({"min": -1000, "max": 1e30}), &[6, 7, 8, 9, 10, 11, 12, 15, 16, 17]),
        ("data.n", n, "in_list", json!([1, 2.5, 77]), &[1, 2]),
        (
            "data.n",
            n,
            "not_in_list",
            json!([1, 2.5, 3, 4.25, 50, -3, 1e20, 0.5]),
            &[6, 7, 8, 9, 10, 11, 12, 15, 16, 17],
        ),
        ("data.n", n, "empty", json!(true), &[7, 9, 10, 15]),
        ("inner_id", n, "equal", json!(4), &[4]),
        ("inner_id", n, "equal", json!(4.5), NONE),
        ("inner_id", n, "not_equal", json!(4.5), ALL),
        ("inner_id", n, "less", json!(2.5), &[1, 2]),
        ("inner_id", n, "less", json!(2), &[1]),
        ("inner_id", n, "less_or_equal", json!(2.5), &[1, 2]),
        ("inner_id", n, "greater", json!(16.5), &[17, 18]),
        ("inner_id", n, "greater_or_equal", json!(16.5), &[17, 18]),
        ("inner_id", n, "greater", json!(1e300), NONE),
        ("inner_id", n, "greater", json!(-1e300), ALL),
        ("inner_id", n, "in", json!({"min": 2, "max": 4}), &[2, 3, 4]),
        ("inner_id", n, "not_in", json!({"min": 2, "max": 18}), &[1]),
        ("inner_id", n, "in_list", json!([2, "4", 4.5]), &[2, 4]),
        (
            "inner_id",
            n,
            "not_in_list",
            json!([2]),
            &[1, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18],
        ),
        ("inner_id", n, "contains", json!("1"), &[1, 10, 11, 12, 13, 14, 15, 16, 17, 18]),
        ("inner_id", n, "not_contains", json!(1), &[2, 3, 4, 5, 6, 7, 8, 9]),
        ("inner_id", n, "regex", json!("^1.$"), &[10, 11, 12, 13, 14, 15, 16, 17, 18]),
        ("inner_id", n, "empty", json!(true), NONE),
        ("id", n, "empty", json!(false), ALL),
        ("total_annotations", n, "equal", json!(2), &[3]),
        ("total_annotations", n, "greater", json!(0), &[1, 3]),
        ("total_annotations", n, "empty", json!(false), &[1, 3]),
        ("cancelled_annotations", n, "equal", json!(1), &[2]),
        ("cancelled_annotations", n, "empty", json!(false), &[2]),
        ("total_predictions", n, "greater_or_equal", json!(1), &[4, 5, 7]),
        ("total_predictions", n, "empty", json!(false), &[4, 5, 7]),
        ("overlap", n, "equal", json!(1), ALL),
        ("predictions_score", n, "greater", json!(0.3), &[5]),
        ("predictions_score", n, "equal", json!(0.625), &[5]),
        ("predictions_score", n, "in", json!({"min": 0, "max": 0.25}), &[4]),
        ("predictions_score", n, "in_list", json!([0.25]), &[4]),
        ("predictions_score", n, "empty", json!(false), &[4, 5]),
        ("avg_lead_time", "Time", "less", json!(2.5), &[1]),
        ("avg_lead_time", n, "equal", json!(2.5), &[3]),
        (
            "avg_lead_time",
            n,
            "not_equal",
            json!(2.5),
            &[1, 2, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18],
        ),
        ("avg_lead_time", n, "empty", json!(false), &[1, 3]),
    ]
}

fn moments_and_booleans() -> Vec<Case> {
    let (d, b) = ("Datetime", "Boolean");
    vec![
        ("created_at", d, "greater", json!("2020-01-01T00:00:00.000Z"), ALL),
        ("created_at", d, "less", json!("2020-01-01"), NONE),
        ("created_at", d, "in", json!({"min": "2020-01-01", "max": "2999-01-01T00:00:00+02:00"}), ALL),
        ("created_at", d, "not_in", json!({"min": "2020-01-01", "max": "2999-01-01"}), NONE),
        ("created_at", d, "in_list", json!(["2020-01-01"]), NONE),
        ("created_at", d, "contains", json!("t"), ALL),
        ("created_at", d, "empty", json!(true), NONE),
        ("updated_at", d, "greater_or_equal", json!("2020-01-01"), ALL),
        ("completed_at", d, "greater", json!("2020-01-01"), &[1, 3]),
        ("completed_at", d, "less_or_equal", json!("2020-01-01"), NONE),
        ("completed_at", d, "not_equal", json!("2020-01-01"), ALL),
        ("completed_at", d, "regex", json!("Z$"), &[1, 3]),
        ("completed_at", d, "empty", json!(false), &[1, 3]),
        ("draft_exists", b, "equal", json!(true), &[6]),
        (
            "draft_exists",
            b,
            "equal",
            json!("False"),
            &[1, 2, 3, 4, 5, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18],
        ),
        ("draft_exists", b, "not_equal", json!(false), &[6]),
        ("draft_exists", b, "empty", json!(true), NONE),
        ("is_labeled", b, "equal", json!(true), &[1, 3]),
        (
            "is_labeled",
            b,
            "not_equal",
            json!(true),
            &[2, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18],
        ),
    ]
}

/// `me`, `them` and annotation ids are only known when the world stands.
fn people_and_results(w: &World) -> Vec<Case> {
    let (l, s) = ("List", "String");
    let (me, them) = (w.owner, w.colleague);
    let a = &w.annotations;
    let unannotated: &[usize] = &[4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18];
    vec![
        ("annotators", l, "contains", json!(me), &[1, 3]),
        ("annotators", l, "contains", json!(them.to_string()), &[2, 3]),
        ("annotators", l, "contains", json!([me, them]), &[1, 2, 3]),
        ("annotators", l, "contains", json!(999), NONE),
        (
            "annotators",
            l,
            "not_contains",
            json!(me),
            &[2, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18],
        ),
        ("annotators", l, "not_contains", json!([me, them]), unannotated),
        ("annotators", l, "equal", json!(them), &[2, 3]),
        ("annotators", l, "empty", json!(true), unannotated),
        ("annotators", l, "empty", json!(false), &[1, 2, 3]),
        ("updated_by", l, "contains", json!(me), &[1]),
        ("updated_by", l, "contains", json!([them]), &[2, 3]),
        ("updated_by", l, "not_contains", json!(me), &ALL[1..]),
        ("updated_by", l, "empty", json!("false"), &[1, 2, 3]),
        ("annotations_ids", s, "contains", json!(format!("{}, {};999", a[0], a[3])), &[1, 3]),
        ("annotations_ids", s, "contains", json!(a[1]), &[2]),
        ("annotations_ids", s, "not_contains", json!(format!("{} {}", a[0], a[1])), &ALL[2..]),
        ("annotations_ids", s, "empty", json!(true), unannotated),
        ("annotations_results", s, "contains", json!("\"choices\": [\"A\"]"), &[1]),
        ("annotations_results", s, "contains", json!("\"choices\":[\"B\"]"), &[3]),
        ("annotations_results", s, "contains", json!("CHOICES"), NONE),
        (
            "annotations_results",
            s,
            "not_contains",
            json!("choices"),
            &[2, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18],
        ),
        ("annotations_results", s, "equal", choice("A"), &[1]),
        ("annotations_results", s, "equal", json!(choice("a b").to_string()), &[3]),
        (
            "annotations_results",
            s,
            "not_equal",
            json!([]),
            &[1, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18],
        ),
        ("annotations_results", s, "regex", json!(r#"\["[AB]"\]"#), &[1, 3]),
        ("annotations_results", s, "empty", json!(false), &[1, 2, 3]),
        ("predictions_results", s, "contains", json!("\"P\""), &[4, 5, 7]),
        ("predictions_results", s, "regex", json!("^nothing"), NONE),
        ("predictions_results", s, "empty", json!(false), &[4, 5, 7]),
        ("predictions_model_versions", l, "contains", json!("m"), &[4, 5]),
        ("predictions_model_versions", l, "contains", json!(["2", "nothing"]), &[5]),
        ("predictions_model_versions", l, "contains", json!([]), NONE),
        (
            "predictions_model_versions",
            l,
            "not_contains",
            json!("M2"),
            &[1, 2, 3, 4, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18],
        ),
        ("predictions_model_versions", l, "equal", json!(""), &[7]),
        ("predictions_model_versions", l, "in_list", json!(["M2", "m"]), &[5]),
        ("predictions_model_versions", l, "regex", json!(r"\d"), &[4, 5]),
        (
            "predictions_model_versions",
            l,
            "empty",
            json!(true),
            &[1, 2, 3, 6, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18],
        ),
        ("file_upload", s, "empty", json!(true), ALL),
        ("storage_filename", s, "empty", json!(true), ALL),
        ("storage_filename", s, "contains", json!("a"), NONE),
        ("storage_filename", s, "not_contains", json!("a"), ALL),
    ]
}

#[tokio::test]
async fn every_operator_finds_what_it_says() {
    let world = World::new().await;
    let mut wrong = Vec::new();
    let cases = [texts(), numbers(), moments_and_booleans(), people_and_results(&world)].concat();
    for (column, kind, operator, value, expected) in cases {
        let filters = json!({"conjunction": "and", "items": [item(column, kind, operator, value.clone())]});
        let found = world.filtered(filters).await;
        if found != expected {
            wrong.push(format!("{column} ({kind}) {operator} {value}: {found:?}, not {expected:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn items_are_joined_and_children_narrow_them() {
    let world = World::new().await;
    let apple = || item("data.x", "String", "contains", json!("apple"));
    let late = || item("inner_id", "Number", "greater", json!(10));
    let with_child = |mut item: Value, child: Value| {
        item["child_filter"] = child;
        item
    };
    for (filters, expected) in [
        (json!({"conjunction": "and", "items": [apple(), late()]}), &[12][..]),
        (json!({"conjunction": "or", "items": [apple(), late()]}), &[1, 2, 11, 12, 13, 14, 15, 16, 17, 18]),
        (
            json!({"conjunction": "or", "items": [with_child(apple(), late()), item("inner_id", "Number", "equal", json!(3))]}),
            &[3, 12],
        ),
        (
            json!({"items": [with_child(item("data.x", "String", "regex", json!("p")), item("data.x", "String", "regex", json!("i")))]}),
            &[2, 4],
        ),
        (json!({"conjunction": "or", "items": []}), ALL),
        (json!({}), ALL),
        (Value::Null, ALL),
    ] {
        assert_eq!(world.filtered(filters.clone()).await, expected, "{filters}");
    }
}

/// CVE-2023-47117: no name reaches another table, whatever is tried, and all refusals look alike.
#[tokio::test]
async fn names_reach_no_other_table() {
    let world = World::new().await;
    for name in [
        "updated_by__password",
        "updated_by__password_hash__startswith",
        "project__organization__created_by__password",
        "annotations__completed_by__password",
        "updated_by.password_hash",
        "users.password_hash",
        "password_hash",
        "project",
        "meta",
        "rowid",
        "id; DROP TABLE tasks",
        "id) OR (1=1",
        "data",
        "data.",
        "",
        "filter:tasks:id",
    ] {
        for operator in ["equal", "contains", "regex", "empty"] {
            let query = json!({"filters": {"items": [item(name, "String", operator, json!("true"))]}});
            let text = world.ask(&query).await.error(400);
            assert!(text.contains("filters.items[0].filter"), "{name}: {text}");
        }
        for sign in ["", "-"] {
            let query = json!({"ordering": [format!("{sign}tasks:{name}")]});
            let text = world.ask(&query).await.error(400);
            assert!(text.contains("ordering[0]"), "{name}: {text}");
        }
    }
}

#[tokio::test]
async fn orders_put_missing_values_last() {
    let world = World::new().await;
    let types = json!({"data.n": "Number"});
    for (ordering, expected) in [
        (json!([]), ALL),
        (json!(["tasks:id"]), ALL),
        (
            json!(["-tasks:inner_id", "tasks:nonsense"]),
            &[18, 17, 16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1],
        ),
        (json!(["tasks:data.x"]), &[5, 16, 13, 15, 8, 10, 9, 2, 12, 1, 18, 11, 17, 3, 4, 14, 6, 7]),
        (json!(["-tasks:data.x"]), &[14, 4, 3, 17, 11, 18, 1, 12, 2, 9, 10, 8, 15, 13, 16, 5, 7, 6]),
        (json!(["tasks:completed_at"]), &[1, 3, 2, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18]),
        (json!(["-tasks:completed_at"]), &[3, 1, 18, 17, 16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 2]),
        (json!(["tasks:avg_lead_time"]), &[1, 3, 2, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18]),
        (
            json!(["-tasks:predictions_score"]),
            &[5, 4, 18, 17, 16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 3, 2, 1],
        ),
        (
            json!(["-tasks:total_annotations"]),
            &[3, 1, 18, 17, 16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 2],
        ),
        (json!(["-tasks:draft_exists"]), &[6, 18, 17, 16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 5, 4, 3, 2, 1]),
        (json!(["tasks:annotators"]), &[1, 3, 2, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18]),
        (
            json!(["tasks:predictions_model_versions"]),
            &[7, 5, 4, 1, 2, 3, 6, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18],
        ),
        (json!(["tasks:storage_filename"]), ALL),
        (json!(["tasks:file_upload"]), ALL),
        (
            json!(["tasks:annotations_results"]),
            &[2, 1, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18],
        ),
        (json!(["tasks:annotations_ids"]), ALL),
        (
            json!(["tasks:predictions_results"]),
            &[4, 5, 7, 1, 2, 3, 6, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18],
        ),
        (json!(["tasks:updated_by"]), &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18]),
    ] {
        assert_eq!(world.listed(json!({"ordering": ordering})).await, expected, "{ordering}");
    }
    let view = json!({"project": world.project, "data": {"ordering": ["tasks:data.n"], "columnsDisplayType": types}});
    let view = world.server.post("/api/dm/views/", view).await;
    let list = world.server.get(&format!("/api/tasks/?view={}", view["id"])).await;
    let numbers: Vec<usize> = list["tasks"]
        .as_array()
        .unwrap()
        .iter()
        .map(|t| world.ids.iter().position(|id| t["id"] == *id).unwrap() + 1)
        .collect();
    assert_eq!(numbers, [13, 18, 1, 2, 3, 4, 5, 14, 6, 7, 8, 9, 10, 11, 12, 15, 16, 17]);
}

#[tokio::test]
async fn pages_of_an_order_meet_without_gap_or_double() {
    let world = World::new().await;
    for name in
        ["completed_at", "predictions_score", "avg_lead_time", "data.x", "total_annotations", "updated_by"]
    {
        for sign in ["", "-"] {
            let query = json!({"ordering": [format!("{sign}tasks:{name}")]});
            let whole = world.listed(query.clone()).await;
            for size in [1, 2, 5, 17, 18] {
                let mut pages = Vec::new();
                for page in 1..=18usize.div_ceil(size) {
                    let path = format!(
                        "/api/tasks/?project={}&query={}&page={page}&page_size={size}",
                        world.project,
                        encoded(&query)
                    );
                    let list = world.server.get(&path).await;
                    assert_eq!(list["total"], 18);
                    for task in list["tasks"].as_array().unwrap() {
                        pages.push(world.ids.iter().position(|id| task["id"] == *id).unwrap() + 1);
                    }
                }
                assert_eq!(pages, whole, "{sign}{name} by {size}");
            }
        }
    }
}

#[tokio::test]
async fn a_selection_stands_on_top_of_the_filters() {
    let world = World::new().await;
    let filters = json!({"items": [item("inner_id", "Number", "less", json!(6))]});
    let id = |n: usize| world.ids[n - 1];
    for (selection, expected) in [
        (json!({"all": true, "excluded": []}), &[1, 2, 3, 4, 5][..]),
        (json!({"all": true, "excluded": [id(2)]}), &[1, 3, 4, 5]),
        (json!({"all": true, "excluded": [id(2), id(4), 99_999]}), &[1, 3, 5]),
        (json!({"all": false, "included": [id(2), id(4), id(9)]}), &[2, 4]),
        (json!({"all": false, "included": []}), &[1, 2, 3, 4, 5]),
    ] {
        let query = json!({"filters": filters, "selectedItems": selection});
        assert_eq!(world.listed(query.clone()).await, expected, "{query}");
    }
    let text = world.ask(&json!({"selectedItems": {"all": false, "included": ["x"]}})).await.error(400);
    assert!(text.contains("selectedItems.included[0]"), "{text}");
}
