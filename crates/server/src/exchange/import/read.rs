//! Reading what was received into tasks, in a thread of its own: once to look, once to store.

use super::MOST_TASKS;
use crate::store::tasks::NewTask;
use serde_json::Value;
use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use tagloom_formats::{
    AnnotationDraft, CompletedBy, ConfigInfo, DataColumns, DataRequirements, ErrorList, FileKind,
    ImportedTask, ItemError, JsonSource, Location, PredictionDraft, TaskDraft, import_file, import_json,
    preannotate, validate,
};
use tokio::sync::mpsc::Sender;

/// Tasks of one transaction.
const BATCH: usize = 1000;
/// Bytes of the source in one batch, as far as tasks can be told apart.
const BATCH_BYTES: u64 = 4_000_000;

/// What tasks are checked against.
#[derive(Debug)]
pub(crate) struct Rules {
    pub(crate) needs: DataRequirements,
    pub(crate) info: ConfigInfo,
    /// Fields that are turned into predictions.
    pub(crate) fields: Vec<String>,
    pub(crate) people: People,
}

/// Who may have completed an imported annotation.
#[derive(Debug)]
pub(crate) struct People {
    importer: i64,
    members: HashSet<i64>,
    by_email: HashMap<String, i64>,
    /// Unknown e-mail addresses stand for the importer.
    take_unknown: bool,
}

impl People {
    pub(crate) fn new(
        importer: i64,
        members: impl IntoIterator<Item = (String, i64)>,
        take_unknown: bool,
    ) -> Self {
        let by_email: HashMap<_, _> = members.into_iter().collect();
        Self { importer, members: by_email.values().copied().collect(), by_email, take_unknown }
    }

    fn find(&self, who: &CompletedBy) -> Option<i64> {
        match who {
            CompletedBy::Importer => Some(self.importer),
            CompletedBy::Id(id) => self.members.get(id).copied(),
            CompletedBy::Email(email) => {
                let known = self.by_email.get(&email.to_lowercase()).copied();
                known.or(self.take_unknown.then_some(self.importer))
            }
        }
    }

    /// Who made the annotations of a task, in their order.
    fn of(&self, at: Location, draft: &TaskDraft) -> Result<Vec<Option<i64>>, Vec<ItemError>> {
        let mut people = Vec::with_capacity(draft.annotations.len());
        let mut problems = Vec::new();
        for (n, annotation) in draft.annotations.iter().enumerate() {
            let who = CompletedBy::of(annotation);
            let found = self.find(&who);
            if found.is_none() {
                let who = match who {
                    CompletedBy::Id(id) => format!("completed_by {id}"),
                    CompletedBy::Email(email) => format!("completed_by {email:?}"),
                    CompletedBy::Importer => "the importer".into(),
                };
                problems.push(ItemError {
                    at,
                    field: Some(format!("annotations[{n}]")),
                    message: format!("{who} is no member of this organization"),
                    fix: "Add the user first, or leave completed_by out".into(),
                });
            }
            people.push(found);
        }
        if problems.is_empty() { Ok(people) } else { Err(problems) }
    }
}

/// A file, open for reading.
#[derive(Debug)]
pub(crate) struct Source {
    pub(crate) file: File,
    /// None for a request body, which is JSON.
    pub(crate) upload: Option<Upload>,
}

#[derive(Debug)]
pub(crate) struct Upload {
    pub(crate) id: i64,
    pub(crate) name: String,
    pub(crate) url: String,
    /// Whether a table or a text is a list of tasks, or one task with its address.
    pub(crate) as_list: bool,
}

/// What reading is for.
#[derive(Debug)]
pub(crate) enum Purpose {
    /// To count and to find mistakes.
    Look,
    /// To store the tasks behind the first so many.
    Store { skip: i64, send: Sender<Vec<NewTask>> },
}

/// What came out of reading all sources.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    pub(crate) columns: DataColumns,
    pub(crate) could_be_list: bool,
    pub(crate) errors: ErrorList,
    pub(crate) tasks: i64,
    pub(crate) annotations: i64,
    pub(crate) predictions: i64,
    /// Of the last prediction.
    pub(crate) model_version: Option<String>,
}

/// How far a reader is, and a word to it to stop.
#[derive(Debug, Default)]
pub(crate) struct Watch {
    pub(crate) tasks: AtomicI64,
    pub(crate) stop: AtomicBool,
}

/// Reads all sources. Looking, it goes on behind a mistake until a hundred are gathered; storing, the first one ends it,
/// and also a receiver that has gone away.
pub(crate) fn read(sources: Vec<Source>, rules: &Rules, purpose: Purpose, watch: &Watch) -> Outcome {
    let several = sources.len() > 1;
    let (skip, batch) = match purpose {
        Purpose::Look => (0, None),
        Purpose::Store { skip, send } => {
            (skip, Some(Batch { send, tasks: Vec::with_capacity(BATCH), from: 0 }))
        }
    };
    let mut reader = Reader { rules, watch, skip, batch, outcome: Outcome::default(), ended: false };
    for Source { file, upload } in sources {
        let mut errors = ErrorList::default();
        if let Some(batch) = &mut reader.batch {
            batch.from = 0;
        }
        let mut sink = |task: ImportedTask| reader.accept(task, upload.as_ref(), &mut errors);
        let result = match &upload {
            None => import_json(file, JsonSource::Body, &mut sink),
            Some(upload) => match cannot_be_one_value(upload, &rules.needs) {
                Some(error) => Err(error.into()),
                None if upload.is_one_task() => one_task(upload, &mut sink),
                None => import_file(&upload.name, Some(&upload.url), file, &mut sink),
            },
        };
        match result {
            Ok(summary) => {
                reader.outcome.could_be_list |= summary.could_be_tasks_list;
                if upload.is_some()
                    && let Err(problem) = reader.outcome.columns.merge(&summary.data_columns)
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
            reader.outcome.errors.push(error);
        }
        if reader.ended || reader.outcome.errors.is_full() {
            break;
        }
    }
    if let Some(batch) = reader.batch.as_mut().filter(|_| reader.outcome.errors.is_empty() && !reader.ended) {
        let _ = batch.flush();
    }
    reader.outcome
}

struct Reader<'a> {
    rules: &'a Rules,
    watch: &'a Watch,
    skip: i64,
    batch: Option<Batch>,
    outcome: Outcome,
    /// Nothing more is to be read, of no source.
    ended: bool,
}

impl Reader<'_> {
    fn accept(
        &mut self,
        mut task: ImportedTask,
        upload: Option<&Upload>,
        errors: &mut ErrorList,
    ) -> ControlFlow<()> {
        let outcome = &mut self.outcome;
        outcome.tasks += 1;
        self.watch.tasks.store(outcome.tasks, Ordering::Relaxed);
        if self.watch.stop.load(Ordering::Relaxed) {
            self.ended = true;
            return ControlFlow::Break(());
        }
        if outcome.tasks <= self.skip {
            return ControlFlow::Continue(());
        }
        if outcome.tasks > MOST_TASKS {
            errors.push(ItemError {
                at: task.at,
                field: None,
                message: format!("there are more than {MOST_TASKS} tasks in one import"),
                fix: "Import them in parts".into(),
            });
            self.ended = true;
            return ControlFlow::Break(());
        }
        if let Some(key) = self.rules.needs.first_key() {
            task.draft.rename_undefined(key);
        }
        let (at, rules) = (task.at, self.rules);
        if !rules.fields.is_empty()
            && let Err(problems) = preannotate(at, &mut task.draft, &rules.fields, &rules.info)
        {
            errors.extend(problems);
            return self.go_on(errors);
        }
        errors.extend(validate(at, &task.draft, &rules.needs));
        let people = match rules.people.of(at, &task.draft) {
            Ok(people) => people,
            Err(problems) => {
                errors.extend(problems);
                return self.go_on(errors);
            }
        };
        outcome.annotations += task.draft.annotations.len() as i64;
        outcome.predictions += task.draft.predictions.len() as i64;
        if let Some(last) = task.draft.predictions.last() {
            outcome.model_version = Some(PredictionDraft::version_of(last));
        }
        if errors.is_empty()
            && let Some(batch) = &mut self.batch
            && batch.push(at, new_task(task.draft, people, upload)).is_break()
        {
            self.ended = true;
            return ControlFlow::Break(());
        }
        self.go_on(errors)
    }

    fn go_on(&mut self, errors: &ErrorList) -> ControlFlow<()> {
        if errors.is_full() || (self.batch.is_some() && !errors.is_empty()) {
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(())
    }
}

impl Upload {
    fn is_one_task(&self) -> bool {
        !self.as_list && FileKind::from_name(&self.name).could_be_tasks_list()
    }
}

/// The address of a file as a task.
fn one_task(
    upload: &Upload,
    sink: &mut tagloom_formats::Sink<'_>,
) -> Result<tagloom_formats::ImportSummary, ErrorList> {
    let mut summary = tagloom_formats::ImportSummary { could_be_tasks_list: true, ..Default::default() };
    summary.task_count = 1;
    let _ = sink(ImportedTask::from_url(&upload.url));
    Ok(summary)
}

/// A file that is one value has no key, so the config must do with one.
fn cannot_be_one_value(upload: &Upload, needs: &DataRequirements) -> Option<ItemError> {
    let kind = FileKind::from_name(&upload.name);
    let keyless = matches!(kind, FileKind::Markup | FileKind::Other) || upload.is_one_task();
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

#[derive(Debug)]
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
fn new_task(draft: TaskDraft, people: Vec<Option<i64>>, upload: Option<&Upload>) -> NewTask {
    NewTask {
        data: Value::Object(draft.data).to_string(),
        meta: draft.meta.map_or_else(|| "{}".into(), |m| m.to_string()),
        allow_skip: draft.allow_skip.unwrap_or(true),
        file_upload: upload.map(|u| u.id),
        annotations: draft.annotations.iter().map(AnnotationDraft::from_value).zip(people).collect(),
        predictions: draft.predictions.iter().map(PredictionDraft::from_value).collect(),
    }
}
