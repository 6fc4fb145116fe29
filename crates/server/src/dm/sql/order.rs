//! An order as SQL. Tasks without a value come last in both directions; equal ones follow their ids in the direction of
//! the order, so that an index can serve both.

use super::Binds;
use super::test::by_code_point;
use super::value::{scalar, stored};
use crate::dm::{Column, Kind, Order};

/// A complete `ORDER BY`.
pub fn whole(order: Option<&Order>, binds: &mut Binds) -> String {
    let Some(order) = order else { return "t.id".into() };
    let keys = with_values(order, binds);
    if !order.column.is_nullable() {
        return keys;
    }
    let value = scalar(&order.column, order.kind, binds);
    format!("CASE WHEN {value} IS NULL THEN 1 ELSE 0 END, {keys}")
}

/// For tasks that have a value.
pub fn with_values(order: &Order, binds: &mut Binds) -> String {
    let direction = direction(order);
    if order.column == Column::Id {
        return format!("t.id{direction}");
    }
    let value = scalar(&order.column, order.kind, binds);
    let textual = match &order.column {
        Column::Data(_) => order.kind == Kind::Text,
        column => matches!(column.kind(), Kind::Text | Kind::Texts | Kind::Results),
    };
    let collation = if textual { by_code_point(Kind::Text, binds.dialect) } else { "" };
    format!("{value}{collation}{direction}, t.id{direction}")
}

/// For tasks that have none.
pub fn without_values(order: &Order) -> String {
    format!("t.id{}", direction(order))
}

fn direction(order: &Order) -> &'static str {
    if order.descending { " DESC" } else { "" }
}

/// The stored column of an order with tasks that have none: those with a value and those without are better read one
/// after the other, each out of an index.
pub fn split(order: &Order) -> Option<&'static str> {
    if order.column.is_nullable() { stored(&order.column) } else { None }
}
