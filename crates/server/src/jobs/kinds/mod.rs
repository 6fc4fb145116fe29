//! The kinds of long work: the one list.

mod delete_annotations;
mod delete_predictions;
pub mod delete_tasks;
pub mod over_tasks;
mod predictions_to_annotations;
mod remove_duplicates;

use super::Kind;
use over_tasks::OverTasks;

pub const KINDS: &[&dyn Kind] = &[
    &delete_tasks::DeleteTasks,
    &OverTasks(delete_annotations::DeleteAnnotations),
    &OverTasks(delete_predictions::DeletePredictions),
    &OverTasks(predictions_to_annotations::PredictionsToAnnotations),
    &remove_duplicates::RemoveDuplicates,
];
