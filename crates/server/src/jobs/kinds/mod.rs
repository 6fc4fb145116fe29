//! The kinds of long work: the one list.

pub mod delete_tasks;
pub mod export_sync;
pub mod storage_sync;
mod sync_status;

use super::Kind;

pub const KINDS: &[&dyn Kind] =
    &[&delete_tasks::DeleteTasks, &export_sync::ExportSync, &storage_sync::StorageSync];
