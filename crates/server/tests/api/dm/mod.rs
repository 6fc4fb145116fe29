//! The data manager: filters on both databases, against a table of cases and against a naive evaluator; views, columns,
//! actions, lists, the label stream of a view.

mod actions;
mod cases;
mod lists;
mod random;
mod views;
mod world;
