//! Reading a list of predictions for tasks that are there, in a thread of its own.

use serde_json::Value;
use std::fs::File;
use std::ops::ControlFlow;
use tagloom_formats::{ErrorList, ItemError, Location, PredictionDraft, json_elements};
use tokio::sync::mpsc::Sender;

/// Predictions of one transaction.
const BATCH: usize = 500;
const BATCH_BYTES: u64 = 4_000_000;

/// One prediction on its way to its task.
#[derive(Debug)]
pub(crate) struct Item {
    pub(crate) at: Location,
    pub(crate) task: i64,
    pub(crate) draft: PredictionDraft,
}

/// Reads a list behind its first `skip` items. Every wrong item is an error; it and all others go on.
pub(crate) fn read(file: File, skip: usize, send: &Sender<Vec<Item>>) -> ErrorList {
    let mut errors = ErrorList::default();
    let mut batch: Vec<Item> = Vec::with_capacity(BATCH);
    let mut from = 0;
    let mut gone = false;
    let read = json_elements(file, &mut |at, element| {
        if at.index.unwrap_or(0) < skip {
            return ControlFlow::Continue(());
        }
        match item(at, &element) {
            Ok(item) => {
                let here = at.byte.unwrap_or(from);
                if batch.len() >= BATCH || (!batch.is_empty() && here.saturating_sub(from) > BATCH_BYTES) {
                    gone = send.blocking_send(std::mem::take(&mut batch)).is_err();
                }
                if batch.is_empty() {
                    from = here;
                }
                batch.push(item);
            }
            Err(problems) => errors.extend(problems),
        }
        if gone || errors.is_full() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    if let Err(error) = read {
        errors.push(error);
    }
    if !gone && !batch.is_empty() {
        let _ = send.blocking_send(batch);
    }
    errors
}

/// A message as a person reads it: these items are no tasks.
pub(crate) fn message(error: &ItemError) -> String {
    let mut text = error.to_string();
    if error.at.index.is_some()
        && let Some(rest) = text.strip_prefix("task ")
    {
        text = format!("prediction {rest}");
    }
    text
}

pub(crate) fn error(at: Location, field: &str, message: String, fix: &str) -> ItemError {
    let field = (!field.is_empty()).then(|| field.to_owned());
    ItemError { at, field, message, fix: fix.to_owned() }
}

fn item(at: Location, element: &Value) -> Result<Item, Vec<ItemError>> {
    if !element.is_object() {
        let message = "a prediction must be an object".to_owned();
        return Err(vec![error(at, "", message, "Write {\"task\": 1, \"result\": […]}")]);
    }
    let mut problems = Vec::new();
    let task = element["task"].as_i64();
    if task.is_none() {
        let message = format!("must be the id of a task, this is {}", element["task"]);
        problems.push(error(at, "task", message, "Write {\"task\": 1, …} without quotes"));
    }
    match element["result"].as_array() {
        None => {
            let message = "must be a list of regions".to_owned();
            problems.push(error(at, "result", message, "Write {\"result\": […]}; an empty list is fine"));
        }
        Some(regions) => {
            for (n, _) in regions.iter().enumerate().filter(|(_, r)| !r.is_object() && !r.is_null()) {
                let message = "must be an object".to_owned();
                let fix = "Write {\"from_name\": …, \"to_name\": …, \"type\": …, \"value\": {…}}";
                problems.push(error(at, &format!("result[{n}]"), message, fix));
            }
        }
    }
    let draft = PredictionDraft::from_value(element);
    if draft.score.is_none() && !element["score"].is_null() {
        let message = format!("must be a number, this is {}", element["score"]);
        problems.push(error(at, "score", message, "Write a number, or leave it out"));
    }
    let version = &element["model_version"];
    if !(version.is_string() || version.is_number() || version.is_null()) {
        let message = "must be text".to_owned();
        problems.push(error(at, "model_version", message, "Write its name in quotes, or leave it out"));
    }
    match task {
        Some(task) if problems.is_empty() => Ok(Item { at, task, draft }),
        _ => Err(problems),
    }
}
