//! The kinds of long work: the one list.

pub mod delete_tasks;

use super::Kind;

pub const KINDS: &[&dyn Kind] = &[&delete_tasks::DeleteTasks];
