//! The sample project of formats.md section 4 through every format, and JSON there and back.

#![allow(clippy::unwrap_used, reason = "helpers of tests, outside of the functions that clippy.toml excepts")]

use std::io::Cursor;
use std::ops::ControlFlow;

use insta::assert_snapshot;
use proptest::prelude::*;
use serde_json::{Value, json};
use tagloom_formats::{
    ConfigInfo, FORMATS, JsonSource, TaskDraft, export_tasks, find_format, import_file, import_json,
};

fn config() -> ConfigInfo {
    let mut config = ConfigInfo::default();
    config.add_object("img", "Image", "$image");
    config.add_control("rl", "RectangleLabels", "img").add_control("pl", "PolygonLabels", "img");
    config.add_control("ch", "Choices", "img").add_control("ta", "TextArea", "img");
    config
}

fn region(from_name: &str, kind: &str, value: Value) -> Value {
    let mut region =
        json!({"id": "r", "from_name": from_name, "to_name": "img", "type": kind, "value": value});
    if kind.ends_with("labels") {
        region["original_width"] = json!(200);
        region["original_height"] = json!(100);
    }
    region
}

fn tasks() -> Vec<Value> {
    let result = json!([
        region(
            "rl",
            "rectanglelabels",
            json!({"x": 10, "y": 20, "width": 30, "height": 40, "rotation": 0, "rectanglelabels": ["Car"]})
        ),
        region(
            "rl",
            "rectanglelabels",
            json!({"x": 50, "y": 50, "width": 20, "height": 20, "rotation": 30, "rectanglelabels": ["Dog"]})
        ),
        region(
            "pl",
            "polygonlabels",
            json!({"points": [[10, 10], [50, 10], [50, 60]], "closed": true, "polygonlabels": ["Sea"]})
        ),
        region("ch", "choices", json!({"choices": ["A", "B"]})),
        region("ta", "textarea", json!({"text": ["hello"]})),
    ]);
    let ant = region(
        "rl",
        "rectanglelabels",
        json!({"x": 0, "y": 0, "width": 100, "height": 100, "rotation": 0, "rectanglelabels": ["Ant"]}),
    );
    let annotation = |id: i64, day: &str, user: Value, result: Value| {
        json!({
            "id": id, "completed_by": user, "was_cancelled": id == 3, "result": result,
            "created_at": format!("2026-01-{day}T00:00:00.000000Z"), "updated_at": "2026-01-09T00:00:00.000000Z",
            "lead_time": 3.5,
        })
    };
    vec![
        json!({"id": 11, "data": {"image": "/data/upload/7/abc-cat.png", "n": 5, "o": {"k": 1}}, "annotations": [
            annotation(1, "02", json!(1), result),
            annotation(2, "03", json!({"id": 2, "email": "u@x.io"}), json!([ant])),
            annotation(3, "04", json!(1), json!([])),
        ]}),
        json!({"id": 12, "data": {"image": "http://h/b.jpg", "n": 6}, "annotations": []}),
        json!({"id": 13, "data": {"image": "http://h/c.jpg"}, "annotations": [annotation(4, "05", json!(1), json!([]))]}),
    ]
}

fn export(name: &str, tasks: &[Value]) -> String {
    let mut out = Vec::new();
    export_tasks(find_format(name).unwrap(), &config(), || tasks.iter(), &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn json_min_of_the_sample() {
    assert_snapshot!(export("JSON_MIN", &tasks()));
}

#[test]
fn csv_of_the_sample() {
    let csv = export("CSV", &tasks());
    assert!(csv.ends_with("\r\n") && !csv.replace("\r\n", "").contains('\n'));
    assert_snapshot!(csv.replace("\r\n", "\n"));
}

#[test]
fn tsv_differs_by_its_separator_only() {
    assert!(export("TSV", &tasks()).starts_with("\"annotation_id\"\t\"annotator\"\t\"ch\""));
}

#[test]
fn json_is_the_list_of_tasks() {
    let text = export("JSON", &tasks());
    assert!(text.contains(r#"\/data\/upload\/7\/abc-cat.png"#));
    assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), Value::Array(tasks()));
}

#[test]
fn nothing_to_export_is_still_a_file() {
    assert_eq!(export("JSON", &[]), "[]");
    assert_eq!(export("JSON_MIN", &[]), "[]");
    assert_eq!(export("CSV", &[]), "");
}

#[test]
fn single_choices_stand_alone_and_several_texts_are_a_list() {
    let choice = |choice: &str| region("ch", "choices", json!({"choices": [choice]}));
    let task = |result: Value| json!({"id": 1, "data": {}, "annotations": [{"id": 1, "result": result}]});
    let text = export(
        "JSON_MIN",
        &[
            task(json!([choice("A")])),
            task(json!([choice("A"), choice("B")])),
            task(json!([region("ta", "textarea", json!({"text": ["a", "b"]}))])),
        ],
    );
    let records: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(records[0]["ch"], "A");
    assert_eq!(records[1]["ch"], json!(["A", "B"]));
    assert_eq!(records[2]["ta"], json!({"text": ["a", "b"]}));
}

#[test]
fn table_cells_of_chats_and_clashing_names() {
    let message = |role: &str, content: &str| json!({"from_name": "chat", "type": "chatmessage", "value": {"chatmessage": {"role": role, "content": content}}});
    let result = json!([message("user", "hi \"you\""), message("assistant", "yes")]);
    let task = json!({"id": 1, "data": {"ch": true}, "annotations": [{"id": 1, "completed_by": 1, "result": result}]});
    let csv = export("CSV", &[task]);
    let mut rows = csv::Reader::from_reader(csv.as_bytes());
    let header = rows.headers().unwrap().clone();
    let row = rows.records().next().unwrap().unwrap();
    let cell = |name: &str| &row[header.iter().position(|column| column == name).unwrap()];
    assert_eq!(cell("chat_transcript"), "user: hi \"you\"\nassistant: yes");
    assert_eq!(cell("_data_ch"), "True");
    assert_eq!(cell("annotator"), "1");
    assert!(cell("chat").starts_with("[{\"chatmessage\":{\"role\":\"user\""));
}

#[test]
fn formats_have_distinct_names_and_are_always_offered() {
    for format in FORMATS {
        assert_eq!(find_format(&format.name.to_lowercase()).unwrap().name, format.name);
    }
    let offered: Vec<_> =
        FORMATS.iter().filter(|f| f.is_supported(&ConfigInfo::default())).map(|f| f.name).collect();
    assert_eq!(offered, ["JSON", "JSON_MIN", "CSV", "TSV"]);
}

#[test]
fn strange_tasks_do_not_panic() {
    let strange = [
        json!(null),
        json!([1]),
        json!({"data": 5, "annotations": {"a": 1}}),
        json!({"annotations": [null, 4, {"result": [1, {"from_name": "ch", "value": 3}], "completed_by": []}]}),
    ];
    for format in FORMATS {
        export(format.name, &strange);
    }
}

#[test]
fn files_are_read_as_their_names_promise() {
    let import = |name: &str, url, text: &str| {
        let mut drafts = Vec::new();
        import_file(name, url, Cursor::new(text.to_owned()), &mut |task| {
            drafts.push(Value::Object(task.draft.data));
            ControlFlow::Continue(())
        })
        .map(|summary| (summary.could_be_tasks_list, drafts))
    };
    let undefined = |text: &str| json!({"$undefined$": text});
    assert_eq!(
        import("a.TXT", None, "x\n\ny"),
        Ok((true, vec![undefined("x"), undefined(""), undefined("y")]))
    );
    assert_eq!(import("a.html", None, "<p>\n"), Ok((false, vec![undefined("<p>\n")])));
    assert_eq!(
        import("a.jsonl", None, "{\"t\":1}\n{\"t\":2}"),
        Ok((false, vec![json!({"t": 1}), json!({"t": 2})]))
    );
    assert_eq!(
        import("a.png", Some("/data/upload/1/a.png"), ""),
        Ok((false, vec![undefined("/data/upload/1/a.png")]))
    );
    assert!(import("a.png", None, "").is_err());
}

fn json_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        (-1e9..1e9f64).prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::hash_map(any::<String>(), inner, 0..4)
                .prop_map(|map| map.into_iter().collect()),
        ]
    })
}

proptest! {
    #[test]
    fn an_export_can_be_imported_again(
        contents in prop::collection::vec(
            (prop::collection::hash_map("[a-z]{1,4}", json_value(), 1..4), prop::collection::vec(json_value(), 0..3)),
            0..5,
        )
    ) {
        let drafts: Vec<TaskDraft> = contents
            .into_iter()
            .map(|(data, annotations)| TaskDraft { data: data.into_iter().collect(), annotations, ..TaskDraft::default() })
            .collect();
        let tasks: Vec<Value> = drafts
            .iter()
            .enumerate()
            .map(|(id, draft)| json!({"id": id, "data": draft.data, "annotations": draft.annotations}))
            .collect();
        let mut imported = Vec::new();
        import_json(export("JSON", &tasks).as_bytes(), JsonSource::File, &mut |task| {
            imported.push(task.draft);
            ControlFlow::Continue(())
        })
        .unwrap();
        prop_assert_eq!(imported, drafts);
    }
}
