//! The data manager: views, columns, the task list, actions (spec/server.md 3.7).

pub mod actions;
pub mod asked;
pub mod columns;
pub mod project;
pub mod tasks;
pub mod views;
