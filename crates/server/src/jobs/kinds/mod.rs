//! The kinds of long work: the one list.

mod delete_annotations;
mod delete_predictions;
pub mod delete_tasks;
pub mod export_convert;
pub mod export_snapshot;
pub mod export_sync;
pub mod import_predictions;
pub mod import_tasks;
pub mod over_tasks;
mod predictions_to_annotations;
mod remove_duplicates;
pub mod storage_sync;
mod sync_status;

use super::Kind;
use over_tasks::OverTasks;

pub const KINDS: &[&dyn Kind] = &[
    &delete_tasks::DeleteTasks,
    &import_tasks::ImportTasks,
    &import_predictions::ImportPredictions,
    &export_snapshot::ExportSnapshot,
    &export_convert::ExportConvert,
    &OverTasks(delete_annotations::DeleteAnnotations),
    &OverTasks(delete_predictions::DeletePredictions),
    &OverTasks(predictions_to_annotations::PredictionsToAnnotations),
    &remove_duplicates::RemoveDuplicates,
    &export_sync::ExportSync,
    &storage_sync::StorageSync,
];
