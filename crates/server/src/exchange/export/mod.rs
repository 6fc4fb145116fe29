//! Exports: tasks with all that hangs on them become a file (spec/server.md 3.8, spec/formats.md 3).
//!
//! - All reads of one export see the same moment of the database.
//! - One thread reads pages, another writes; rows are streamed, so that memory does not grow with the project, nor with
//!   large results. What is JSON in the database goes into JSON as it is; other formats get it parsed, a task at a time.
//! - The file is written as fast as the disk takes it, whoever reads the answer however slowly: the database is never
//!   kept waiting by a client.

pub(crate) mod choice;
pub(crate) mod convert;
pub(crate) mod deliver;
pub(crate) mod form;
pub(crate) mod name;
mod pages;
pub(crate) mod sink;
pub(crate) mod write;
