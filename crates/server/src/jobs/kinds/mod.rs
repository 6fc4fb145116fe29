//! The kinds of long work: the one list.

pub mod delete_tasks;
pub mod export_convert;
pub mod export_snapshot;
pub mod import_predictions;
pub mod import_tasks;

use super::Kind;

pub const KINDS: &[&dyn Kind] = &[
    &delete_tasks::DeleteTasks,
    &import_tasks::ImportTasks,
    &import_predictions::ImportPredictions,
    &export_snapshot::ExportSnapshot,
    &export_convert::ExportConvert,
];
