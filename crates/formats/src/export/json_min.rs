//! JSON_MIN: one flat object per annotation (formats.md 6).

use std::io::{self, Write};

use serde_json::{Map, Value};

use super::writer::ListWriter;
use super::{Exporter, Record, records_of_task};
use crate::ConfigInfo;

#[derive(Debug)]
pub(super) struct JsonMin {
    config: ConfigInfo,
    list: ListWriter,
}

impl JsonMin {
    pub(super) fn new(config: &ConfigInfo) -> Self {
        Self { config: config.clone(), list: ListWriter::new(true) }
    }
}

impl Exporter for JsonMin {
    fn begin(&mut self, out: &mut dyn Write) -> io::Result<()> {
        self.list.begin(out)
    }

    fn task(&mut self, out: &mut dyn Write, task: &Value) -> io::Result<()> {
        for record in records_of_task(task, &self.config) {
            self.list.element(out, &Value::Object(flat_record(&record, &self.config)))?;
        }
        Ok(())
    }

    fn end(&mut self, out: &mut dyn Write) -> io::Result<()> {
        self.list.end(out)
    }
}

/// The data keys, the task's id, a key per control and the facts about the annotation. A later key overwrites an
/// earlier one of the same name and keeps its place.
fn flat_record(record: &Record<'_>, config: &ConfigInfo) -> Map<String, Value> {
    let mut flat = record.task["data"].as_object().cloned().unwrap_or_default();
    flat.insert("id".to_owned(), record.task["id"].clone());
    for (control, entries) in &record.groups {
        flat.insert((*control).to_owned(), control_value(control, entries, config));
    }
    append_annotation_fields(&mut flat, record);
    flat
}

pub(super) fn append_annotation_fields(flat: &mut Map<String, Value>, record: &Record<'_>) {
    flat.insert("annotator".to_owned(), record.annotator());
    flat.insert("annotation_id".to_owned(), record.annotation_field("id"));
    for key in ["created_at", "updated_at", "lead_time"] {
        flat.insert(key.to_owned(), record.annotation_field(key));
    }
    if let Some(agreement) = record.task.get("agreement") {
        flat.insert("agreement".to_owned(), agreement.clone());
    }
}

/// The value of one control: a list of region values, except that a lone choice or text stands for itself.
pub(super) fn control_value(control: &str, entries: &[Map<String, Value>], config: &ConfigInfo) -> Value {
    let tag = config.controls.get(control).map(|control| control.tag.as_str());
    let key = match tag {
        Some(tag) if tag.eq_ignore_ascii_case("Choices") => Some("choices"),
        Some(tag) if tag.eq_ignore_ascii_case("TextArea") => Some("text"),
        _ => None,
    };
    let mut values: Vec<Value> = entries.iter().map(|entry| collapse(entry, key)).collect();
    match (key, values.len()) {
        (Some(_), 1) => values.remove(0),
        _ => Value::Array(values),
    }
}

/// A region value whose list under `key` has one element is replaced by that element.
fn collapse(entry: &Map<String, Value>, key: Option<&str>) -> Value {
    match key.and_then(|key| entry.get(key)).and_then(Value::as_array).map(Vec::as_slice) {
        Some([only]) => only.clone(),
        _ => Value::Object(entry.clone()),
    }
}
