//! Append-only migrations, one file each. One that has been released is never edited; add a file and a line of the list.
//!
//! Statements are portable SQL: `{pk}` stands for an automatic 64-bit key, `{blob}` for bytes. Times are text in UTC, JSON
//! is text. Where the databases part, a statement begins with `{sqlite}` or `{postgres}` and runs only there.

mod m0001_initial;
mod m0002_jobs;
mod m0030_next_task;
mod m0040_people;
mod m0041_sessions;
mod m0042_one_token;
mod m0043_attempts;
mod m0044_audit_log;
mod m0050_data_manager;
mod m0060_storages;
mod m0070_imports;
mod m0071_snapshots;
mod m0080_webhooks;
mod m0081_labels;
mod m0082_project_counters;
mod m0090_request_ids;
mod m0100_saving;
mod m0101_places;
mod m0102_fewer_indexes;
mod m0103_history;
mod m0104_annotations_of_people;

use sea_orm_migration::prelude::*;

/// Name and statements, oldest first. A name is what the database remembers; it never changes.
const MIGRATIONS: &[(&str, &[&str])] = &[
    ("m0001_initial", m0001_initial::STATEMENTS),
    ("m0002_jobs", m0002_jobs::STATEMENTS),
    ("m0030_next_task", m0030_next_task::STATEMENTS),
    ("m0040_people", m0040_people::STATEMENTS),
    ("m0041_sessions", m0041_sessions::STATEMENTS),
    ("m0042_one_token", m0042_one_token::STATEMENTS),
    ("m0043_attempts", m0043_attempts::STATEMENTS),
    ("m0044_audit_log", m0044_audit_log::STATEMENTS),
    ("m0050_data_manager", m0050_data_manager::STATEMENTS),
    ("m0060_storages", m0060_storages::STATEMENTS),
    ("m0070_imports", m0070_imports::STATEMENTS),
    ("m0071_snapshots", m0071_snapshots::STATEMENTS),
    ("m0080_webhooks", m0080_webhooks::STATEMENTS),
    ("m0081_labels", m0081_labels::STATEMENTS),
    ("m0082_project_counters", m0082_project_counters::STATEMENTS),
    ("m0090_request_ids", m0090_request_ids::STATEMENTS),
    ("m0100_saving", m0100_saving::STATEMENTS),
    ("m0101_places", m0101_places::STATEMENTS),
    ("m0102_fewer_indexes", m0102_fewer_indexes::STATEMENTS),
    ("m0103_history", m0103_history::STATEMENTS),
    ("m0104_annotations_of_people", m0104_annotations_of_people::STATEMENTS),
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
        let (key, blob, ours, other) = match manager.get_database_backend() {
            sea_orm::DbBackend::Postgres => ("BIGSERIAL PRIMARY KEY", "BYTEA", "{postgres}", "{sqlite}"),
            _ => ("INTEGER PRIMARY KEY AUTOINCREMENT", "BLOB", "{sqlite}", "{postgres}"),
        };
        for sql in self.statements.iter().filter(|sql| !sql.starts_with(other)) {
            let sql = sql.strip_prefix(ours).unwrap_or(sql);
            let sql = sql.replace("{pk}", key).replace("{blob}", blob);
            manager.get_connection().execute_unprepared(&sql).await?;
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
