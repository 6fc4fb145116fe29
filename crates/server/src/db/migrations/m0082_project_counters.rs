//! Counters of projects are answered from indexes.

pub const STATEMENTS: &[&str] = &[
    "CREATE INDEX annotations_counters ON annotations (project, was_cancelled, ground_truth, task)",
    "CREATE INDEX annotations_person_tasks ON annotations (project, completed_by, was_cancelled, task)",
    // The longer one serves all that this one did.
    "DROP INDEX annotations_project",
];
