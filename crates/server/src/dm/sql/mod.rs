//! The model as SQL over `tasks t`, for both databases.
//!
//! Statements are put together from texts of this folder only; whatever a client wrote is a bound value. The two
//! databases must give the same tasks, so where their functions part (case, numbers in text, JSON), this folder uses only
//! what is equal in both.

pub mod order;
pub mod regex;
mod test;
mod text;
mod value;

use super::{Item, Selection, Wanted};
use sea_orm::{ConnectionTrait, Value};

pub(crate) use value::postgres_json;
pub use value::storage_filename_sql;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    Sqlite,
    Postgres,
}

impl Dialect {
    pub fn of(conn: &impl ConnectionTrait) -> Self {
        if crate::db::is_postgres(conn) { Self::Postgres } else { Self::Sqlite }
    }
}

/// Values on their way to their placeholders.
#[derive(Debug)]
pub struct Binds {
    pub(super) dialect: Dialect,
    first: usize,
    values: Vec<Value>,
}

impl Binds {
    /// `first` is the number of the first placeholder.
    pub fn new(dialect: Dialect, first: usize) -> Self {
        Self { dialect, first, values: Vec::new() }
    }

    /// The placeholder of a value.
    pub fn add(&mut self, value: impl Into<Value>) -> String {
        self.values.push(value.into());
        format!("${}", self.first + self.values.len() - 1)
    }

    pub fn into_values(self) -> Vec<Value> {
        self.values
    }

    /// A list of ids as something that can stand behind `IN`; one value, however many they are.
    pub fn ids(&mut self, ids: &[i64]) -> String {
        if let [id] = ids {
            return format!("({})", self.add(*id));
        }
        let list = self.add(serde_json::Value::from(ids).to_string());
        match self.dialect {
            Dialect::Sqlite => format!("(SELECT j.value FROM json_each({list}) j)"),
            Dialect::Postgres => format!("(SELECT json_array_elements_text({list}::json)::bigint)"),
        }
    }

    fn numbers(&mut self, numbers: &[f64]) -> String {
        let list = self.add(serde_json::Value::from(numbers).to_string());
        match self.dialect {
            Dialect::Sqlite => format!("(SELECT j.value FROM json_each({list}) j)"),
            Dialect::Postgres => format!("(SELECT json_array_elements_text({list}::json)::float8)"),
        }
    }

    fn texts(&mut self, texts: &[&str]) -> String {
        let list = self.add(serde_json::Value::from(texts).to_string());
        match self.dialect {
            Dialect::Sqlite => format!("(SELECT j.value FROM json_each({list}) j)"),
            Dialect::Postgres => format!("(SELECT json_array_elements_text({list}::json))"),
        }
    }
}

/// What must hold of a task that is wanted, besides its project.
pub fn condition(wanted: &Wanted, binds: &mut Binds) -> String {
    let mut parts = Vec::new();
    let items: Vec<String> = wanted.filters.items.iter().map(|item| item_sql(item, binds)).collect();
    if !items.is_empty() {
        parts.push(format!("({})", items.join(if wanted.filters.any { " OR " } else { " AND " })));
    }
    match &wanted.selection {
        Selection::Except(ids) if ids.is_empty() => {}
        Selection::Except(ids) => parts.push(format!("t.id NOT IN {}", binds.ids(ids))),
        Selection::Only(ids) => parts.push(format!("t.id IN {}", binds.ids(ids))),
    }
    if parts.is_empty() { "1 = 1".into() } else { parts.join(" AND ") }
}

/// Whether no filter is about a column that an index holds.
pub fn reads_rows(wanted: &Wanted) -> bool {
    let of_index = |item: &Item| value::stored(&item.test.column).is_some();
    !wanted.filters.items.is_empty() && !wanted.filters.items.iter().any(of_index)
}

fn item_sql(item: &Item, binds: &mut Binds) -> String {
    let test = test::sql(&item.test, binds);
    match &item.child {
        Some(child) => format!("({test} AND {})", test::sql(child, binds)),
        None => test,
    }
}
