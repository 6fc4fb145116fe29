//! Filters, order and selection together: which tasks of a project are meant.

use super::sql::{self, Dialect};
use super::{Check, Filters, Order, Selection};
use crate::store::stream::Narrow;
use sea_orm::{ConnectionTrait, DbErr};

#[derive(Clone, Debug, PartialEq)]
pub struct Wanted {
    pub project: i64,
    pub filters: Filters,
    pub order: Option<Order>,
    pub selection: Selection,
}

impl Wanted {
    /// All tasks of a project by id.
    pub fn all(project: i64) -> Self {
        Self { project, filters: Filters::default(), order: None, selection: Selection::default() }
    }

    /// Whether no task is left out.
    pub fn is_everything(&self) -> bool {
        self.filters.items.is_empty() && self.selection.is_all()
    }

    /// Whether it says anything that "all tasks by id" does not.
    pub fn is_plain(&self) -> bool {
        self.is_everything() && self.order.is_none()
    }

    /// Looks up what only we, not the database, can find: regular expressions. Must come before anything that asks for
    /// tasks.
    pub async fn resolve(&mut self, conn: &impl ConnectionTrait) -> Result<(), DbErr> {
        let project = self.project;
        for test in self.filters.tests_mut() {
            if let Check::Regex(pattern) = &test.check {
                let tasks = sql::regex::matching(conn, project, &test.column, pattern).await?;
                test.check = Check::Task(tasks);
            }
        }
        Ok(())
    }

    /// For the label stream.
    pub fn narrow(&self, dialect: Dialect) -> Narrow {
        let mut binds = sql::Binds::new(dialect, Narrow::FIRST);
        let condition = sql::condition(self, &mut binds);
        let order = sql::order::whole(self.order.as_ref(), &mut binds);
        Narrow { condition, values: binds.into_values(), order }
    }
}
