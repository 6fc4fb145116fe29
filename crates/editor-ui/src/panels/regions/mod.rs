//! The region list: grouped, sorted, nested, virtual.

mod list;
mod row;
mod rows;
mod value;

pub(crate) use list::RegionsPanel;
pub(crate) use row::RegionName;
pub use rows::{Entry, Group, Row, Sort, arrange};
pub use value::{media_start, short_value};
