//! PostgreSQL could take the index of people's annotations for finding those of one task, which reads all that there are:
//! where statistics say that there are none yet, it is as good as the index of tasks, and the saver keeps its plan. A column
//! that an index only carries serves no search.

pub const STATEMENTS: &[&str] = &[
    "{postgres}DROP INDEX annotations_person",
    "{postgres}CREATE INDEX annotations_person ON annotations (project, completed_by, was_cancelled)
        INCLUDE (task, ground_truth)",
];
