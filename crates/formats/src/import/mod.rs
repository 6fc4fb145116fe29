//! Files to tasks (formats.md 2.1).

mod columns;
mod csv;
mod json;
mod position;
mod text;

use std::io::{Read, Seek};
use std::ops::ControlFlow;

use serde::Serialize;
use serde_json::Value;

pub use columns::DataColumns;
pub use json::{JsonSource, import_json, import_json_lines, json_elements};

use crate::{ErrorList, ItemError, Location, TaskDraft};

/// A task on its way in.
#[derive(Clone, Debug, PartialEq)]
pub struct ImportedTask {
    /// Its place in this file; `at.index` is always set.
    pub at: Location,
    pub draft: TaskDraft,
}

/// Takes the tasks one by one. `Break` stops the import; whoever breaks knows why.
///
/// Tasks arrive before it is known whether the rest of the file is well-formed: keep them in a transaction.
pub type Sink<'a> = dyn FnMut(ImportedTask) -> ControlFlow<()> + 'a;

/// What kind of file a name promises.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum FileKind {
    Json,
    /// One JSON object per line (`.jsonl`, `.ndjson`).
    JsonLines,
    Csv,
    Tsv,
    Text,
    /// HTML or XML, one task with the whole file.
    Markup,
    /// Anything else: one task with the file's address.
    Other,
}

impl FileKind {
    #[must_use]
    pub fn from_name(name: &str) -> Self {
        let extension = name.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase());
        match extension.as_deref() {
            Some("json") => Self::Json,
            Some("jsonl" | "ndjson") => Self::JsonLines,
            Some("csv") => Self::Csv,
            Some("tsv") => Self::Tsv,
            Some("txt") => Self::Text,
            Some("html" | "htm" | "xml") => Self::Markup,
            _ => Self::Other,
        }
    }

    /// Whether the file could also be meant as one task rather than as a list of them.
    #[must_use]
    pub fn could_be_tasks_list(self) -> bool {
        matches!(self, Self::Csv | Self::Tsv | Self::Text)
    }
}

/// What came out of one file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ImportSummary {
    pub task_count: usize,
    pub annotation_count: usize,
    pub prediction_count: usize,
    pub could_be_tasks_list: bool,
    /// Data keys common to all tasks of the file, in the order of the first task.
    pub data_columns: DataColumns,
    /// The sink stopped the import.
    pub stopped: bool,
}

/// Reads a file as its name promises and gives each task to `sink`.
///
/// `url` is the address of the stored file. With it, a file that is no list of tasks becomes a task with the address;
/// without it that is an error. To treat a CSV, TSV or text file as one task (`files_as_tasks_list=false`), call
/// [`ImportedTask::from_url`] instead.
///
/// An error means that nothing of this file should be kept, although tasks have been handed out. Up to
/// [`MAX_ERRORS`](crate::MAX_ERRORS) problems are collected before reading stops; a syntax error in JSON stops it at
/// once, because nothing behind it can be trusted.
pub fn import_file<R: Read + Seek>(
    name: &str,
    url: Option<&str>,
    reader: R,
    sink: &mut Sink<'_>,
) -> Result<ImportSummary, ErrorList> {
    let kind = FileKind::from_name(name);
    let mut summary = match kind {
        FileKind::Json => import_json(reader, JsonSource::File, sink),
        FileKind::JsonLines => import_json_lines(reader, sink),
        FileKind::Csv => csv::import_table(reader, None, sink),
        FileKind::Tsv => csv::import_table(reader, Some(b'\t'), sink),
        FileKind::Text => text::import_lines(reader, sink),
        FileKind::Markup => text::import_whole(reader, sink),
        FileKind::Other => {
            let Some(url) = url else {
                return Err(ItemError::new(
                    Location::default(),
                    format!("a file of this kind cannot be read as tasks: {name}"),
                    "Upload JSON, CSV, TSV or text, or upload the file itself so that it has an address",
                )
                .into());
            };
            let mut collector = Collector::new(sink);
            collector.accept(ImportedTask::from_url(url));
            collector.finish()
        }
    }?;
    summary.could_be_tasks_list = kind.could_be_tasks_list();
    Ok(summary)
}

impl ImportedTask {
    /// A file as one task, by its address.
    #[must_use]
    pub fn from_url(url: &str) -> Self {
        Self { at: Location::item(0), draft: TaskDraft::undefined(url) }
    }
}

/// Counts what goes to the sink and gathers what goes wrong.
struct Collector<'s, 'f> {
    sink: &'s mut Sink<'f>,
    summary: ImportSummary,
    errors: ErrorList,
}

impl<'s, 'f> Collector<'s, 'f> {
    fn new(sink: &'s mut Sink<'f>) -> Self {
        Self { sink, summary: ImportSummary::default(), errors: ErrorList::default() }
    }

    /// Number of the next task, errors included.
    fn accept(&mut self, task: ImportedTask) {
        self.summary.task_count += 1;
        self.summary.annotation_count += task.draft.annotations.len();
        self.summary.prediction_count += task.draft.predictions.len();
        self.summary.data_columns.observe(task.draft.data.keys());
        if (self.sink)(task).is_break() {
            self.summary.stopped = true;
        }
    }

    fn accept_element(&mut self, at: Location, element: Value, data_may_be_scalar: bool) {
        match TaskDraft::from_element(at, element, data_may_be_scalar) {
            Ok(draft) => self.accept(ImportedTask { at, draft }),
            Err(errors) => self.errors.extend(errors),
        }
    }

    fn is_done(&self) -> bool {
        self.summary.stopped || self.errors.is_full()
    }

    fn finish(self) -> Result<ImportSummary, ErrorList> {
        if self.errors.is_empty() { Ok(self.summary) } else { Err(self.errors) }
    }
}

fn read_error(at: Location, error: &std::io::Error) -> ItemError {
    ItemError::new(at, format!("the file cannot be read: {error}"), "Upload it again")
}

fn not_utf8(at: Location) -> ItemError {
    ItemError::new(at, "the file is not UTF-8", "Save it as UTF-8 and upload it again")
}
