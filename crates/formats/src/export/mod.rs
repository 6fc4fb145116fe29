//! Tasks to files (formats.md 3).

mod conll;
mod interpolate;
mod json;
mod json_min;
mod record;
mod table;
mod tokens;
mod writer;

use std::io::{self, Write};

use serde::Serialize;
use serde_json::Value;

pub use interpolate::interpolate_key_frames;
pub use record::{Record, records_of_task};

use crate::ConfigInfo;

/// Writes tasks in one format, one at a time.
///
/// Call [`Self::survey`] for every task if [`Self::needs_survey`] says so, then [`Self::begin`], [`Self::task`] for
/// every task in the same order, and [`Self::end`]. A task is the JSON object of an export: `id`, `data`,
/// `annotations` and whatever else the server adds.
pub trait Exporter {
    /// Whether the format must see all tasks before it can write the first one (the columns of a table).
    fn needs_survey(&self) -> bool {
        false
    }

    /// Looks at a task without writing.
    fn survey(&mut self, _task: &Value) {}

    fn begin(&mut self, _out: &mut dyn Write) -> io::Result<()> {
        Ok(())
    }

    fn task(&mut self, out: &mut dyn Write, task: &Value) -> io::Result<()>;

    /// Writes a task that is compact JSON already, where the format shows it as it is. False where it does not: parse it
    /// and call [`Self::task`].
    fn text(&mut self, _out: &mut dyn Write, _task: &str) -> io::Result<bool> {
        Ok(false)
    }

    fn end(&mut self, _out: &mut dyn Write) -> io::Result<()> {
        Ok(())
    }
}

/// An export format as it is offered to people and programs.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct FormatInfo {
    /// The value of `exportType`.
    pub name: &'static str,
    pub title: &'static str,
    pub description: &'static str,
    pub link: &'static str,
    pub tags: &'static [&'static str],
    /// Extension of the file that is delivered, without a dot.
    #[serde(skip)]
    pub extension: &'static str,
    #[serde(skip)]
    supports: fn(&ConfigInfo) -> bool,
    #[serde(skip)]
    make: fn(&ConfigInfo) -> Box<dyn Exporter + Send>,
}

impl FormatInfo {
    /// Whether the format makes sense for a config. One that does not can still be asked for.
    #[must_use]
    pub fn is_supported(&self, config: &ConfigInfo) -> bool {
        (self.supports)(config)
    }

    #[must_use]
    pub fn exporter(&self, config: &ConfigInfo) -> Box<dyn Exporter + Send> {
        (self.make)(config)
    }
}

/// Every export format there is.
pub const FORMATS: &[FormatInfo] = &[
    FormatInfo {
        name: "JSON",
        title: "JSON",
        description: "All there is about each task, its annotations and predictions. Can be imported again.",
        link: "",
        tags: &[],
        extension: "json",
        supports: |_| true,
        make: |_| Box::new(json::Json::default()),
    },
    FormatInfo {
        name: "JSON_MIN",
        title: "JSON-MIN",
        description: "One flat object per annotation: the task's data, and a key with the values of each control.",
        link: "",
        tags: &[],
        extension: "json",
        supports: |_| true,
        make: |config| Box::new(json_min::JsonMin::new(config)),
    },
    FormatInfo {
        name: "CSV",
        title: "CSV",
        description: "The records of JSON-MIN as a comma-separated table with a header line.",
        link: "",
        tags: &[],
        extension: "csv",
        supports: |_| true,
        make: |config| Box::new(table::Table::new(config, b',')),
    },
    FormatInfo {
        name: "TSV",
        title: "TSV",
        description: "The records of JSON-MIN as a tab-separated table with a header line.",
        link: "",
        tags: &[],
        // What scripts written for Label Studio look for.
        extension: "csv",
        supports: |_| true,
        make: |config| Box::new(table::Table::new(config, b'\t')),
    },
    FormatInfo {
        name: "CONLL2003",
        title: "CONLL2003",
        description: "One word per line with the label of the span it belongs to, for named entity recognition.",
        link: "",
        tags: &["sequence labeling", "text tagging", "named entity recognition"],
        extension: "conll",
        supports: conll::is_supported,
        make: |config| Box::new(conll::Conll::new(config)),
    },
];

/// The format of a name, in upper or lower case.
#[must_use]
pub fn find_format(name: &str) -> Option<&'static FormatInfo> {
    FORMATS.iter().find(|format| format.name.eq_ignore_ascii_case(name))
}

/// Runs a whole export. `tasks` is called once more for formats that need a survey, and must give the same tasks.
pub fn export_tasks<I, T>(
    format: &FormatInfo,
    config: &ConfigInfo,
    mut tasks: impl FnMut() -> I,
    out: &mut dyn Write,
) -> io::Result<()>
where
    I: IntoIterator<Item = T>,
    T: std::borrow::Borrow<Value>,
{
    let mut exporter = format.exporter(config);
    if exporter.needs_survey() {
        for task in tasks() {
            exporter.survey(task.borrow());
        }
    }
    exporter.begin(out)?;
    for task in tasks() {
        exporter.task(out, task.borrow())?;
    }
    exporter.end(out)
}
