//! PostgreSQL writes all indexes of a row anew with every version of it, so that each index costs every save: those whose
//! work another one does as well are gone, and those that only few rows need hold only these.

pub const STATEMENTS: &[&str] = &[
    // `annotations_task` begins in the same way, a task has few annotations, and exports need no sorting with it.
    "{postgres}DROP INDEX annotations_task_person",
    // One for the counters of projects and for what somebody has done in one.
    "{postgres}CREATE INDEX annotations_person ON annotations (project, completed_by, was_cancelled, task, ground_truth)",
    "{postgres}DROP INDEX annotations_counters",
    "{postgres}DROP INDEX annotations_person_tasks",
    // The label stream asks for tasks that are not labeled, in orders that no other index has: see `Orders` in `stream.rs`.
    "{postgres}DROP INDEX tasks_queue",
    "{postgres}CREATE INDEX tasks_queue ON tasks (project, people, (id + 0)) WHERE is_labeled = FALSE",
    "{postgres}DROP INDEX tasks_uncertain",
    "{postgres}CREATE INDEX tasks_uncertain ON tasks (project, (predictions_score + 0), (id + 0))
        WHERE is_labeled = FALSE AND predictions_score IS NOT NULL",
    // Keys are found by themselves, and forgotten by their age, in which order they lie on the disk.
    "{postgres}ALTER TABLE idempotency_keys DROP CONSTRAINT idempotency_keys_pkey",
    "{postgres}DROP INDEX idempotency_keys_age",
    "{postgres}CREATE INDEX idempotency_keys_age ON idempotency_keys USING BRIN (created_at) WITH (pages_per_range = 32)",
];
