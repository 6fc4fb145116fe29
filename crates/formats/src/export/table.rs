//! CSV and TSV: the records of JSON_MIN as a table (formats.md 7).

use std::collections::BTreeSet;
use std::io::{self, Write};

use serde_json::{Map, Value};

use super::json_min::{append_annotation_fields, control_value};
use super::writer::compact;
use super::{Exporter, Record, records_of_task};
use crate::ConfigInfo;

#[derive(Debug)]
pub(super) struct Table {
    config: ConfigInfo,
    separator: u8,
    /// All keys of all records. Sorted, which is the order of the columns.
    columns: BTreeSet<String>,
}

impl Table {
    pub(super) fn new(config: &ConfigInfo, separator: u8) -> Self {
        Self { config: config.clone(), separator, columns: BTreeSet::new() }
    }

    fn row<'c>(&self, out: &mut dyn Write, cells: impl Iterator<Item = Cell<'c>>) -> io::Result<()> {
        for (n, cell) in cells.enumerate() {
            if n > 0 {
                out.write_all(&[self.separator])?;
            }
            cell.write(out)?;
        }
        out.write_all(b"\r\n")
    }
}

impl Exporter for Table {
    fn needs_survey(&self) -> bool {
        true
    }

    fn survey(&mut self, task: &Value) {
        for record in records_of_task(task, &self.config) {
            let row = row_of(&record, &self.config);
            self.columns.extend(row.into_iter().map(|(key, _)| key));
        }
    }

    fn begin(&mut self, out: &mut dyn Write) -> io::Result<()> {
        if self.columns.is_empty() {
            return Ok(());
        }
        self.row(out, self.columns.iter().map(|name| Cell::Text(name)))
    }

    fn task(&mut self, out: &mut dyn Write, task: &Value) -> io::Result<()> {
        for record in records_of_task(task, &self.config) {
            let row = row_of(&record, &self.config);
            self.row(
                out,
                self.columns.iter().map(|column| row.get(column).map_or(Cell::Text(""), Cell::Json)),
            )?;
        }
        Ok(())
    }
}

fn row_of(record: &Record<'_>, config: &ConfigInfo) -> Map<String, Value> {
    let mut row = Map::new();
    for (key, value) in record.task["data"].as_object().into_iter().flatten() {
        // The control's column keeps the name, in every row, annotated or not.
        let taken = config.controls.contains_key(key) || record.groups.contains_key(key.as_str());
        let name = if taken { format!("_data_{key}") } else { key.clone() };
        row.insert(name, value.clone());
    }
    row.insert("id".to_owned(), record.task["id"].clone());
    for (control, entries) in &record.groups {
        row.insert((*control).to_owned(), control_value(control, entries, config));
        if let Some(transcript) = transcript(entries) {
            row.insert(format!("{control}_transcript"), Value::String(transcript));
        }
    }
    append_annotation_fields(&mut row, record);
    let annotator = match record.annotator() {
        Value::Null => String::new(),
        Value::String(email) => email,
        other => other.to_string(),
    };
    row.insert("annotator".to_owned(), Value::String(annotator));
    if let Some(history) = record.annotation.and_then(|annotation| annotation.get("history")) {
        row.insert("history".to_owned(), history.clone());
    }
    row
}

/// The messages of a chat, one `role: content` per line.
fn transcript(entries: &[Map<String, Value>]) -> Option<String> {
    let lines: Vec<String> = entries
        .iter()
        .filter_map(|entry| entry.get("chatmessage"))
        .map(|message| {
            let content = &message["content"];
            let content = content.as_str().map_or_else(|| content.to_string(), str::to_owned);
            format!("{}: {content}", message["role"].as_str().unwrap_or_default())
        })
        .collect();
    (!lines.is_empty()).then(|| lines.join("\n"))
}

enum Cell<'c> {
    Text(&'c str),
    Json(&'c Value),
}

impl Cell<'_> {
    /// Numbers bare, everything else quoted; objects and lists as JSON.
    fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        match self {
            Self::Text(text) => quoted(out, text),
            Self::Json(Value::Null) => quoted(out, ""),
            Self::Json(Value::Number(number)) => write!(out, "{number}"),
            Self::Json(Value::String(text)) => quoted(out, text),
            Self::Json(Value::Bool(true)) => quoted(out, "True"),
            Self::Json(Value::Bool(false)) => quoted(out, "False"),
            Self::Json(value) => quoted(out, &compact(value)?),
        }
    }
}

fn quoted(out: &mut dyn Write, text: &str) -> io::Result<()> {
    out.write_all(b"\"")?;
    out.write_all(text.replace('"', "\"\"").as_bytes())?;
    out.write_all(b"\"")
}
