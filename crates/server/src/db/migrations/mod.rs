//! Append-only migrations, one file each. One that has been released is never edited; add a file and a line of the list.
//!
//! Statements are portable SQL: `{pk}` stands for an automatic 64-bit key. Times are text in UTC, JSON is text.

mod m0001_initial;
mod m0002_jobs;
mod m0030_next_task;
mod m0090_request_ids;
mod m0100_saving;

use sea_orm_migration::prelude::*;

/// Name and statements, oldest first. A name is what the database remembers; it never changes.
const MIGRATIONS: &[(&str, &[&str])] = &[
    ("m0001_initial", m0001_initial::STATEMENTS),
    ("m0002_jobs", m0002_jobs::STATEMENTS),
    ("m0030_next_task", m0030_next_task::STATEMENTS),
    ("m0090_request_ids", m0090_request_ids::STATEMENTS),
    ("m0100_saving", m0100_saving::STATEMENTS),
];

pub fn names() -> impl Iterator<Item = &'static str> {
    MIGRATIONS.iter().map(|(name, _)| *name)
}

pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        MIGRATIONS.iter().map(|&(name, statements)| Box::new(Sql { name, statements }) as _).collect()
    }
}

struct Sql {
    name: &'static str,
    statements: &'static [&'static str],
}

impl MigrationName for Sql {
    fn name(&self) -> &str {
        self.name
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Sql {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let key = match manager.get_database_backend() {
            sea_orm::DbBackend::Postgres => "BIGSERIAL PRIMARY KEY",
            _ => "INTEGER PRIMARY KEY AUTOINCREMENT",
        };
        for sql in self.statements {
            manager.get_connection().execute_unprepared(&sql.replace("{pk}", key)).await?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::MIGRATIONS;

    #[test]
    fn names_are_numbered_in_order() {
        let numbers = MIGRATIONS.iter().map(|(name, _)| name[1..5].parse::<usize>().expect("mNNNN_name"));
        assert!(numbers.is_sorted_by(|a, b| a < b));
    }
}
