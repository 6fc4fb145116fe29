//! Reading what was received into tasks, in a thread of its own and a batch at a time.

use crate::store::tasks::{BATCH, NewTask};
use serde_json::Value;
use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::ops::ControlFlow;
use tagloom_formats::{
    AnnotationDraft, CompletedBy, ConfigInfo, DataColumns, DataRequirements, ErrorList, FileKind,
    ImportedTask, ItemError, JsonSource, Location, PredictionDraft, import_file, import_json, preannotate,
    validate,
};
use tokio::sync::mpsc::Sender;

/// Bytes of the source in one batch, as far as tasks can be told apart.
const BATCH_BYTES: u64 = 4_000_000;

/// What tasks are checked against.
#[derive(Debug)]
pub(super) struct Rules {
    pub(super) needs: DataRequirements,
    pub(super) info: ConfigInfo,
    /// Fields that are turned into predictions.
    pub(super) fields: Vec<String>,
    pub(super) people: People,
}

/// Who may have completed an imported annotation.
#[derive(Debug)]
pub(super) struct People {
    pub(super) importer: i64,
    pub(super) by_email: HashMap<String, i64>,
    /// Unknown e-mail addresses stand for the importer.
    pub(super) take_unknown: bool,
}

/// A received file, open for reading.
#[derive(Debug)]
pub(super) struct Source {
    pub(super) file: File,
    /// None for a request body, which is JSON.
    pub(super) upload: Option<Upload>,
}

#[derive(Debug)]
pub(super) struct Upload {
    pub(super) id: i64,
    pub(super) name: String,
    pub(super) url: String,
}

/// What came out of reading all sources.
#[derive(Debug, Default)]
pub(super) struct Outcome {
    pub(super) columns: DataColumns,
    pub(super) could_be_list: bool,
    pub(super) errors: ErrorList,
    /// Of the last prediction.
    pub(super) model_version: Option<String>,
}

/// Reads all sources and sends their tasks. After the first error nothing more is sent, but more errors are gathered.
pub(super) fn read(sources: Vec<Source>, rules: &Rules, send: Sender<Vec<NewTask>>) -> Outcome {
    let mut outcome = Outcome::default();
    let mut batch = Batch { send, tasks: Vec::with_capacity(BATCH), from: 0 };
    let members: HashSet<i64> = rules.people.by_email.values().copied().collect();
    let several = sources.len() > 1;
    for Source { file, upload } in sources {
        let mut errors = ErrorList::default();
        let mut stopped = false;
        batch.from = 0;
        let model_version = &mut outcome.model_version;
        let clean_so_far = outcome.errors.is_empty();
        let mut sink = |mut task: ImportedTask| {
            if let Some(key) = rules.needs.first_key() {
                task.draft.rename_undefined(key);
            }
            if !rules.fields.is_empty()
                && let Err(problems) = preannotate(task.at, &mut task.draft, &rules.fields, &rules.info)
            {
                errors.extend(problems);
            } else {
                errors.extend(validate(task.at, &task.draft, &rules.needs));
                let at = task.at;
                match new_task(task, upload.as_ref(), &rules.people, &members) {
                    Ok(task) => {
                        if let Some(p) = task.predictions.last() {
                            *model_version = Some(p.model_version.clone());
                        }
                        if clean_so_far && errors.is_empty() && batch.push(at, task).is_break() {
                            stopped = true;
                            return ControlFlow::Break(());
                        }
                    }
                    Err(problems) => errors.extend(problems),
                }
            }
            if errors.is_full() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        };
        let result = match &upload {
            None => import_json(file, JsonSource::Body, &mut sink),
            Some(upload) => match cannot_be_one_value(upload, &rules.needs) {
                Some(error) => Err(error.into()),
                None => import_file(&upload.name, Some(&upload.url), file, &mut sink),
            },
        };
        match result {
            Ok(summary) => {
                outcome.could_be_list |= summary.could_be_tasks_list;
                if upload.is_some()
                    && let Err(problem) = outcome.columns.merge(&summary.data_columns)
                {
                    errors.push(problem);
                }
            }
            Err(list) => errors.extend(list.errors),
        }
        for mut error in errors.errors {
            if let Some(upload) = upload.as_ref().filter(|_| several) {
                // A line number alone would not say of which file.
                error.message = format!("{}: {}", upload.name, error.message);
            }
            outcome.errors.push(error);
        }
        if stopped {
            return outcome;
        }
    }
    if outcome.errors.is_empty() {
        let _ = batch.flush();
    }
    outcome
}

/// A file that is one value has no key, so the config must do with one.
fn cannot_be_one_value(upload: &Upload, needs: &DataRequirements) -> Option<ItemError> {
    let keyless = matches!(FileKind::from_name(&upload.name), FileKind::Markup | FileKind::Other);
    (keyless && !needs.accepts_values_without_key()).then(|| ItemError {
        at: Location::default(),
        field: None,
        message: format!(
            "{} holds one value without a key, but the label config needs several keys",
            upload.name
        ),
        fix: "Upload a JSON or CSV file that names the keys".into(),
    })
}

struct Batch {
    send: Sender<Vec<NewTask>>,
    tasks: Vec<NewTask>,
    /// Where in the source the first of them begins.
    from: u64,
}

impl Batch {
    fn push(&mut self, at: Location, task: NewTask) -> ControlFlow<()> {
        let here = at.byte.unwrap_or(self.from);
        if !self.tasks.is_empty()
            && (self.tasks.len() >= BATCH || here.saturating_sub(self.from) > BATCH_BYTES)
        {
            self.flush()?;
        }
        if self.tasks.is_empty() {
            self.from = here;
        }
        self.tasks.push(task);
        ControlFlow::Continue(())
    }

    /// The receiver only goes away when it failed, and then it reports that itself.
    fn flush(&mut self) -> ControlFlow<()> {
        let full = std::mem::replace(&mut self.tasks, Vec::with_capacity(BATCH));
        if full.is_empty() || self.send.blocking_send(full).is_ok() {
            ControlFlow::Continue(())
        } else {
            ControlFlow::Break(())
        }
    }
}

/// A checked task in the form that is stored.
fn new_task(
    task: ImportedTask,
    upload: Option<&Upload>,
    people: &People,
    members: &HashSet<i64>,
) -> Result<NewTask, Vec<ItemError>> {
    let draft = task.draft;
    let mut problems = Vec::new();
    let mut annotations = Vec::with_capacity(draft.annotations.len());
    for (n, annotation) in draft.annotations.iter().enumerate() {
        let annotation = AnnotationDraft::from_value(annotation);
        let by = match &annotation.completed_by {
            CompletedBy::Importer => Some(people.importer),
            CompletedBy::Id(id) => Some(*id).filter(|id| members.contains(id)),
            CompletedBy::Email(email) => people
                .by_email
                .get(&email.to_lowercase())
                .copied()
                .or(people.take_unknown.then_some(people.importer)),
        };
        if by.is_none() {
            let who = match &annotation.completed_by {
                CompletedBy::Id(id) => format!("completed_by {id}"),
                CompletedBy::Email(email) => format!("completed_by {email:?}"),
                CompletedBy::Importer => "the importer".into(),
            };
            problems.push(ItemError {
                at: task.at,
                field: Some(format!("annotations[{n}]")),
                message: format!("{who} is no member of this organization"),
                fix: "Add the user first, or leave completed_by out".into(),
            });
        }
        annotations.push((annotation, by));
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    Ok(NewTask {
        data: Value::Object(draft.data).to_string(),
        meta: draft.meta.map_or_else(|| "{}".into(), |m| m.to_string()),
        allow_skip: draft.allow_skip.unwrap_or(true),
        file_upload: upload.map(|u| u.id),
        annotations,
        predictions: draft.predictions.iter().map(PredictionDraft::from_value).collect(),
    })
}
