//! The data manager's language: which tasks of a project are meant, and in which order (spec/server.md 3.7).
//!
//! What clients send is read into a closed model first: a column is a case of [`Column`], an operator one of
//! [`Operator`], and whatever is neither is a 400 that names the item and its field. So no text of a client ever becomes
//! a part of a statement, and no filter can reach another table (CVE-2023-47117). Only [`sql`] knows databases.
//!
//! Odd cases:
//! - A negated operator is the exact opposite of the other one: tasks without a value are among `not_equal`.
//! - `data.a.b` is the key `a.b`; nothing descends into nested data.
//! - Text is found whatever its case, in every script; the pattern carries both cases, as the databases' own ideas of
//!   case differ.
//! - A number may be written as text in the data (`"3.5"`); what is no number has no value.

pub mod column;
pub mod filter;
pub mod moment;
pub mod order;
pub mod selection;
pub mod sql;
pub mod wanted;

pub use column::{Column, Kind};
pub use filter::{Check, Filters, Item, Operator, Scalar, Test};
pub use order::Order;
pub use selection::Selection;
pub use wanted::Wanted;
