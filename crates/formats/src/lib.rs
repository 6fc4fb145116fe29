//! Streaming importers and exporters of tasks.
//!
//! Nothing here holds more than one task at a time (HTML files excepted, which are one task), knows a server, or
//! needs a label config: what a format must know about the config comes in as plain data ([`ConfigInfo`],
//! [`DataRequirements`]).
//!
//! ```no_run
//! # use std::{fs::File, io::BufReader, ops::ControlFlow};
//! # use tagloom_formats::*;
//! # fn store(_: TaskDraft) {}
//! # fn main() -> std::io::Result<()> {
//! let mut needs = DataRequirements::default();
//! needs.add("text", "Text");
//! let mut problems = ErrorList::default();
//! let outcome = import_file("tasks.csv", None, BufReader::new(File::open("tasks.csv")?), &mut |task| {
//!     problems.extend(validate(task.at, &task.draft, &needs));
//!     store(task.draft); // in a transaction: importing is all or nothing
//!     ControlFlow::Continue(())
//! });
//! # Ok(()) }
//! ```
//!
//! Exporting: [`FORMATS`] is the one list; [`export_tasks`] runs a format over tasks, or drive an [`Exporter`] by hand.

mod config;
mod error;
mod export;
mod import;
mod preannotated;
mod task;
mod validate;

pub use config::{ConfigInfo, ControlInfo, ObjectInfo};
pub use error::{ErrorList, ItemError, Location, MAX_ERRORS};
pub use export::{
    Exporter, FORMATS, FormatInfo, Record, export_tasks, find_format, interpolate_key_frames, records_of_task,
};
pub use import::{
    DataColumns, FileKind, ImportSummary, ImportedTask, JsonSource, Sink, import_file, import_json,
    import_json_lines, json_elements,
};
pub use preannotated::{parse_field_list, preannotate};
pub use task::{AnnotationDraft, CompletedBy, PredictionDraft, TaskDraft, UNDEFINED_KEY};
pub use validate::{DataRequirements, JsonType, Requirement, validate};
