//! Sample data for previews.

use crate::config::Config;
use crate::node::Node;
use serde_json::{Map, Value, json};
use tagloom_label_config::variables;

/// How many items a Repeater gets.
const ITEMS: usize = 2;
/// Larger indexes in paths are not made.
const MAX_INDEX: usize = 50;

/// A task that fits the config: its own sample when it has one in a comment, else made-up data for every field.
///
/// Media are small enough to be data URIs where that is possible; series and video are paths that the server serves.
pub fn sample_task(config: &Config) -> Value {
    if let Some(task) = config.sample_tasks().first() {
        return task.clone();
    }
    let mut data = Value::Object(Map::new());
    let tree = config.template();
    for node in &tree.nodes {
        let flags: Vec<&str> = tree
            .ancestors(node.id)
            .filter(|around| around.is("Repeater"))
            .map(|r| r.str("indexFlag"))
            .collect();
        let value = node.raw_value.as_deref().map(|raw| ("value", raw));
        let others = node.bound.iter().filter_map(|(key, value)| Some((*key, value.as_str()?)));
        for (attribute, raw) in value.into_iter().chain(others) {
            for path in variables(raw) {
                let sample = sample(tree, node, attribute, &path);
                let has_flag = flags.iter().any(|flag| !flag.is_empty() && path.contains(flag));
                for index in 0..if has_flag { ITEMS } else { 1 } {
                    let digits = index.to_string();
                    let path = flags
                        .iter()
                        .filter(|f| !f.is_empty())
                        .fold(path.clone(), |p, f| p.replace(f, &digits));
                    set(&mut data, &path, sample.clone());
                }
            }
        }
    }
    json!({ "data": data })
}

fn sample(tree: &crate::tree::Tree, node: &Node, attribute: &str, path: &str) -> Value {
    match (node.kind_name(), attribute) {
        ("Repeater", _) => Value::Array((0..ITEMS).map(|_| json!({})).collect()),
        ("Image", "valueList") => json!([image("#7aa2d6"), image("#d6a27a"), image("#8fbf7f")]),
        ("Image", _) => image("#7aa2d6").into(),
        ("Audio", _) => audio().into(),
        ("Video", "frameRate") => json!(25),
        ("Video", _) => "/static/samples/opossum_snow.mp4".into(),
        ("Pdf", _) => "/static/samples/document.pdf".into(),
        ("HyperText", _) => HTML.into(),
        ("Text", _) if node.str("valueType") == "url" => "/static/samples/text.txt".into(),
        ("Text", _) => TEXT.into(),
        ("Paragraphs", "audioUrl") => audio().into(),
        ("Paragraphs", _) if node.str("valueType") == "url" => "/static/samples/dialogue.json".into(),
        ("Paragraphs", _) => {
            let (who, what) = (node.str("nameKey").to_owned(), node.str("textKey").to_owned());
            let line = |name: &str, text: &str, start: u32| {
                let mut map = Map::new();
                map.insert(who.clone(), name.into());
                map.insert(what.clone(), text.into());
                map.insert("start".into(), start.into());
                map.insert("end".into(), (start + 1).into());
                Value::Object(map)
            };
            json!([
                line("Ada", "Did the parcel arrive?", 0),
                line("Ben", "Yes, this morning.", 1),
                line("Ada", "Good.", 2)
            ])
        }
        ("TimeSeries", _) => series(tree, node),
        ("List" | "Ranker", _) => json!([
            {"id": "a", "title": "First item", "body": "Put me in order."},
            {"id": "b", "title": "Second item", "body": "Me too."},
            {"id": "c", "title": "Third item", "body": "And me."}
        ]),
        ("Table", _) => json!([{"field": "Width", "value": 120}, {"field": "Height", "value": 80}]),
        ("Dialog" | "Chat", _) => json!([
            {"name": "Customer", "role": "user", "text": "My order is late.", "content": "My order is late."},
            {"name": "Agent", "role": "assistant", "text": "Let me look.", "content": "Let me look."}
        ]),
        ("Choices" | "Taxonomy", "value") => json!([{"value": "First choice"}, {"value": "Second choice"}]),
        ("Header", _) => "What do you see?".into(),
        ("Markdown", _) => "Some **formatted** text.".into(),
        (_, "value") if node.spec.is_some_and(|spec| spec.is_labels()) => {
            json!([{"value": "First label"}, {"value": "Second label"}])
        }
        _ => format!("Sample {path}").into(),
    }
}

const TEXT: &str = "On a cold morning in March, Ada Lovelace walked from the station to the old library. \
She had a letter for Mr Babbage, who was waiting there since nine o'clock.";

const HTML: &str = "<h3>Opening hours</h3><p>The <b>old library</b> opens at <i>nine o'clock</i>.</p>\
<ul><li>Monday to Friday</li><li>Closed in August</li></ul>";

fn image(color: &str) -> String {
    let color = color.replace('#', "%23");
    format!(
        "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' width='640' height='400'%3E\
%3Crect width='640' height='400' fill='{color}'/%3E%3Ccircle cx='470' cy='120' r='60' fill='%23f6d365'/%3E\
%3Crect x='80' y='210' width='180' height='120' fill='%23ffffff'/%3E%3C/svg%3E"
    )
}

/// Half a second of silence: a WAV header and 8-bit mono samples at 500 Hz would be longer than it is worth, so the
/// file has a single sample.
fn audio() -> &'static str {
    "data:audio/wav;base64,UklGRiYAAABXQVZFZm10IBAAAAABAAEAQB8AAEAfAAABAAgAZGF0YQIAAACAgA=="
}

/// A CSV address with the right columns, or the columns themselves.
fn series(tree: &crate::tree::Tree, node: &Node) -> Value {
    let channels = tree.descendants(node.id).filter(|child| child.is("Channel"));
    let mut columns: Vec<&str> =
        channels.map(|channel| channel.str("column")).filter(|column| !column.is_empty()).collect();
    columns.dedup();
    let time = node.str("timeColumn");
    if node.one_of("valueType") != "json" {
        let time = if time.is_empty() { "time" } else { time };
        return format!("/samples/time-series.csv?time={time}&values={}", columns.join(",")).into();
    }
    let mut map = Map::new();
    if !time.is_empty() {
        map.insert(time.to_lowercase(), (0..100).collect());
    }
    for (index, column) in columns.iter().enumerate() {
        // A wave without floating point noise in the output.
        let wave = (0..100).map(|n: i64| json!(((n * (7 + index as i64 * 3)) % 41 - 20).abs()));
        map.insert(column.to_lowercase(), wave.collect());
    }
    Value::Object(map)
}

/// Put `value` at `path`, making objects and arrays on the way; what is there already stays.
fn set(data: &mut Value, path: &str, value: Value) {
    let steps: Vec<&str> = path.split(['.', '[', ']']).filter(|step| !step.is_empty()).collect();
    let mut place = data;
    for step in steps {
        let index = step.parse::<usize>().ok().filter(|index| *index <= MAX_INDEX);
        if let (Some(index), true) =
            (index, !place.is_object() || place.as_object().is_some_and(Map::is_empty))
        {
            if !place.is_array() {
                *place = Value::Array(Vec::new());
            }
            let Some(items) = place.as_array_mut() else { return };
            while items.len() <= index {
                items.push(Value::Null);
            }
            let Some(next) = items.get_mut(index) else { return };
            place = next;
        } else {
            if !place.is_object() {
                *place = Value::Object(Map::new());
            }
            let Some(map) = place.as_object_mut() else { return };
            place = map.entry(step.to_owned()).or_insert(Value::Null);
        }
    }
    let blank = place.is_null() || place.as_object().is_some_and(Map::is_empty);
    if blank {
        *place = value;
    }
}
