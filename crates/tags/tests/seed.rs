//! The user's own example config.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use serde_json::{Value, json};
use tagloom_tags::{
    Config, data_types, parsed_label_config, required_data_keys, sample_task, validate_for_save,
};

const SEED: &str = include_str!("fixtures/seed.xml");

fn task() -> Value {
    serde_json::from_str(include_str!("fixtures/seed-task.json")).unwrap()
}

#[test]
fn opens_without_any_complaint_and_brings_its_task() {
    let config = Config::new(SEED);
    assert_eq!(config.diagnostics(), []);
    assert_eq!(sample_task(&config), task());
    assert_eq!(validate_for_save(&config), Ok(()));
}

#[test]
fn instantiates() {
    let config = Config::new(SEED);
    let data = &task()["data"];
    let tree = config.instantiate(data);
    let series = tree.by_name("ts").unwrap();
    assert_eq!(series.value, data["csv"]);
    assert_eq!(series.raw_value.as_deref(), Some("$csv"));
    assert_eq!(series.str("timeColumn"), "time_column");
    assert_eq!(series.str("overviewWidth"), "25%");
    assert_eq!(series.one_of("valueType"), "url");
    let video = tree.by_name("video").unwrap();
    assert_eq!(video.value, data["video"]);
    assert!(video.bool("inline"));
    let control = tree.controls_of("ts").next().unwrap();
    assert_eq!((control.name.as_deref(), control.kind_name()), (Some("label"), "TimeSeriesLabels"));
    assert_eq!(control.number("opacity"), Some(0.9));
    let labels: Vec<_> =
        tree.labels_of(control.id).into_iter().map(|label| (label.value, label.stored)).collect();
    assert_eq!(labels, [("Run".into(), "Run".into()), ("Walk".into(), "Walk".into())]);
    let channel = tree.children(series.id).next().unwrap();
    assert_eq!((channel.str("column"), channel.number("height")), ("first_column", Some(200.0)));
}

#[test]
fn as_the_rest_api_describes_it() {
    let config = Config::new(SEED);
    let expected = json!({"label": {
        "type": "TimeSeriesLabels",
        "to_name": ["ts"],
        "inputs": [{"type": "TimeSeries", "valueType": "url", "value": "csv"}],
        "labels": ["Run", "Walk"],
        "labels_attrs": {"Run": {"value": "Run"}, "Walk": {"value": "Walk"}}
    }});
    assert_eq!(parsed_label_config(&config), expected);
    assert_eq!(data_types(&config), json!({"video": "HyperText", "csv": "TimeSeries"}));
    assert_eq!(required_data_keys(&config), ["video", "csv"]);
}
