//! Tasks out of objects (spec/server.md 5.3).
//!
//! In files mode an object is one task with its URI. In tasks mode it holds tasks: a JSON list, one object, or JSON Lines.
//! Nothing of a file is taken that cannot be read to its end. Data is not checked against the label config; a task with
//! an annotation (or a prediction) that makes no sense is taken without its annotations (predictions), and the reason is
//! told.

use crate::store::tasks::NewTask;
use bytes::Bytes;
use serde_json::Value;
use std::collections::{HashMap, HashSet};
use std::ops::ControlFlow;
use tagloom_formats::{
    AnnotationDraft, CompletedBy, DataRequirements, ErrorList, ImportedTask, JsonSource, PredictionDraft,
    TaskDraft, UNDEFINED_KEY, import_json, validate,
};

/// Rows that are held at once.
pub const BATCH: usize = 1000;

/// Who may have completed an annotation, and the data key of values without one.
#[derive(Clone, Debug, Default)]
pub struct Rules {
    pub members: HashSet<i64>,
    pub by_email: HashMap<String, i64>,
    pub first_key: Option<String>,
}

/// A task on its way in, and what was wrong with it.
#[derive(Debug)]
pub struct Row {
    /// Its place in the file, from 0.
    pub index: i64,
    pub task: NewTask,
    pub problems: Vec<String>,
}

/// Whether an object may hold tasks, by its name: `.json`, `.jsonl`, or no extension at all.
pub fn may_hold_tasks(key: &str) -> Result<(), String> {
    let name = key.rsplit('/').next().unwrap_or(key);
    let Some((_, extension)) = name.rsplit_once('.') else { return Ok(()) };
    match extension.to_ascii_lowercase().as_str() {
        "json" | "jsonl" => Ok(()),
        "parquet" => Err("Parquet files are not read; write the tasks as JSON Lines.".into()),
        _ => Err(format!(
            "This object does not hold tasks: its name ends in .{extension}, and tasks are read from .json and .jsonl. \
             To make a task of each object, switch on \"Treat every object as a source file\" (use_blob_urls)."
        )),
    }
}

/// The task of an object in files mode.
pub fn file_task(uri: String, rules: &Rules) -> NewTask {
    let mut draft = TaskDraft::undefined(uri);
    if let Some(key) = &rules.first_key {
        draft.rename_undefined(key);
    }
    stored(draft, Vec::new(), Vec::new())
}

/// Reads a file of tasks. `take` gets the rows from `skip` on, at most [`BATCH`] at a time; it is called only when the
/// whole file has been read and makes sense. Gives the number of rows.
pub fn tasks(
    content: &Bytes,
    skip: i64,
    rules: &Rules,
    mut take: impl FnMut(Vec<Row>) -> ControlFlow<()>,
) -> Result<i64, String> {
    let (mut first, mut count) = (Vec::new(), 0i64);
    walk(content, &mut |task| {
        if count >= skip && first.len() < BATCH {
            first.push(row(count, task, rules));
        }
        count += 1;
        ControlFlow::Continue(())
    })
    .map_err(|errors| words(&errors))?;
    let held = first.len() as i64;
    if held > 0 && take(first).is_break() || skip + held >= count {
        return Ok(count);
    }
    // The file is larger than what is held at once: read again from there.
    let (mut batch, mut index) = (Vec::with_capacity(BATCH), 0i64);
    let mut stopped = false;
    walk(content, &mut |task| {
        if index >= skip + held {
            batch.push(row(index, task, rules));
            if batch.len() == BATCH && take(std::mem::take(&mut batch)).is_break() {
                stopped = true;
                return ControlFlow::Break(());
            }
        }
        index += 1;
        ControlFlow::Continue(())
    })
    .map_err(|errors| words(&errors))?;
    if !stopped && !batch.is_empty() {
        let _ = take(batch);
    }
    Ok(count)
}

fn walk(content: &Bytes, sink: &mut dyn FnMut(ImportedTask) -> ControlFlow<()>) -> Result<(), ErrorList> {
    import_json(&content[..], JsonSource::File, &mut |task| sink(task)).map(drop)
}

/// The first of the errors, and how many there are.
fn words(errors: &ErrorList) -> String {
    let mut messages = errors.messages();
    let more = errors.total.saturating_sub(1);
    let first = if messages.is_empty() { "it cannot be read".to_owned() } else { messages.swap_remove(0) };
    if more > 0 { format!("{first} (and {more} more errors)") } else { first }
}

fn row(index: i64, task: ImportedTask, rules: &Rules) -> Row {
    let mut draft = task.draft;
    let mut problems = Vec::new();
    for error in validate(task.at, &draft, &DataRequirements::default()) {
        match error.field.as_deref() {
            Some(field) if field.starts_with("annotations") => draft.annotations.clear(),
            Some(field) if field.starts_with("predictions") => draft.predictions.clear(),
            _ => {}
        }
        problems.push(error.to_string());
    }
    for key in ["annotations", "predictions"] {
        if draft.data.get(key).is_some_and(is_list_of_results) {
            problems
                .push(format!("row {index}: {key} without data; write {{\"data\": {{…}}, \"{key}\": […]}}."));
        }
    }
    let mut annotations = Vec::with_capacity(draft.annotations.len());
    for (n, value) in draft.annotations.iter().enumerate() {
        let mut annotation = AnnotationDraft::from_value(value);
        // What lies in a bucket is work, not truth, unless it says so.
        annotation.ground_truth = value["ground_truth"].as_bool().unwrap_or(false);
        match person(&annotation.completed_by, rules) {
            Ok(person) => annotations.push((annotation, person)),
            Err(who) => {
                problems.push(format!(
                    "row {index}, annotations[{n}]: {who} is no member of this organization; its annotations were left out."
                ));
                annotations.clear();
                break;
            }
        }
    }
    let predictions = draft.predictions.iter().map(PredictionDraft::from_value).collect();
    if let Some(key) = rules.first_key.as_ref().filter(|_| draft.data.contains_key(UNDEFINED_KEY)) {
        draft.rename_undefined(key);
    }
    Row { index, task: stored(draft, annotations, predictions), problems }
}

fn is_list_of_results(value: &Value) -> bool {
    value.as_array().is_some_and(|list| list.iter().any(|one| one.get("result").is_some()))
}

fn person(by: &CompletedBy, rules: &Rules) -> Result<Option<i64>, String> {
    match by {
        CompletedBy::Importer => Ok(None),
        CompletedBy::Id(id) if rules.members.contains(id) => Ok(Some(*id)),
        CompletedBy::Id(id) => Err(format!("completed_by {id}")),
        CompletedBy::Email(email) => match rules.by_email.get(&email.to_lowercase()) {
            Some(id) => Ok(Some(*id)),
            None => Err(format!("completed_by {email}")),
        },
    }
}

fn stored(
    draft: TaskDraft,
    annotations: Vec<(AnnotationDraft, Option<i64>)>,
    predictions: Vec<PredictionDraft>,
) -> NewTask {
    NewTask {
        data: Value::Object(draft.data).to_string(),
        meta: draft.meta.map_or_else(|| "{}".into(), |meta| meta.to_string()),
        allow_skip: draft.allow_skip.unwrap_or(true),
        file_upload: None,
        annotations,
        predictions,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &str, skip: i64) -> Result<(i64, Vec<Row>), String> {
        let mut all = Vec::new();
        let rules = Rules { members: [7].into(), ..Rules::default() };
        let count = tasks(&Bytes::copy_from_slice(text.as_bytes()), skip, &rules, |rows| {
            assert!(rows.len() <= BATCH);
            all.extend(rows);
            ControlFlow::Continue(())
        })?;
        Ok((count, all))
    }

    #[test]
    fn a_list_an_object_and_lines() {
        for (text, expected) in [
            (r#"[{"text":"a"},{"data":{"text":"b"},"meta":{"m":1}}]"#, 2),
            (r#" {"data":{"text":"a"}}"#, 1),
            ("{\"text\":\"a\"}\n{\"text\":\"b\"}\n\n{\"text\":\"c\"}\n", 3),
        ] {
            let (count, all) = rows(text, 0).unwrap();
            assert_eq!((count, all.len()), (expected, expected as usize), "{text}");
            assert_eq!(all[0].task.data, r#"{"text":"a"}"#);
        }
        for broken in ["", "\"text\"", "[{\"a\":1},", "{\"a\":1}\n{\"a\":", "<xml/>"] {
            assert!(rows(broken, 0).is_err(), "{broken}");
        }
    }

    #[test]
    fn a_large_file_goes_on_where_it_was() {
        let text: String = (0..2500).map(|n| format!("{{\"text\":\"{n}\"}}\n")).collect();
        for skip in [0, 1, 999, 1000, 1700, 2499, 2500] {
            let (count, all) = rows(&text, skip).unwrap();
            let indices: Vec<i64> = all.iter().map(|row| row.index).collect();
            assert_eq!((count, indices), (2500, (skip..2500).collect()), "from {skip}");
        }
        let broken = format!("{text}{{");
        assert!(rows(&broken, 0).is_err(), "nothing of a file that breaks off");
    }

    #[test]
    fn annotations_that_make_no_sense_are_left_out() {
        let (_, all) = rows(
            r#"[{"data":{"text":"a"},"annotations":[{"result":[]},{"result":[],"completed_by":7,"ground_truth":true}]},
                {"data":{"text":"b"},"annotations":[{"result":[],"completed_by":8}],"predictions":[{"result":[],"score":0.5}]},
                {"data":{"text":"c"},"annotations":[{"result":"nonsense"}]},
                {"text":"d","annotations":[{"result":[]}]}]"#,
            0,
        )
        .unwrap();
        let kept = &all[0].task.annotations;
        assert_eq!(
            kept.iter().map(|(a, by)| (a.ground_truth, *by)).collect::<Vec<_>>(),
            [(false, None), (true, Some(7))]
        );
        assert!(all[0].problems.is_empty());
        assert!(
            all[1].task.annotations.is_empty() && all[1].problems[0].contains("completed_by 8"),
            "{:?}",
            all[1]
        );
        assert_eq!(all[1].task.predictions.len(), 1);
        assert!(all[2].task.annotations.is_empty() && !all[2].problems.is_empty(), "{:?}", all[2]);
        assert!(all[3].problems[0].contains("without data"), "{:?}", all[3]);
    }

    #[test]
    fn names_promise_tasks_or_not() {
        for good in ["a.json", "x/y.JSONL", "no-extension", "folder.d/name"] {
            assert!(may_hold_tasks(good).is_ok(), "{good}");
        }
        assert!(may_hold_tasks("a.png").unwrap_err().contains("use_blob_urls"));
        assert!(may_hold_tasks("a.parquet").unwrap_err().contains("JSON Lines"));
    }
}
