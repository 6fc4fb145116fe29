//! PostgreSQL took the index of a person's history for finding one task in it, which reads all that the person has done:
//! to a planner without statistics it is as good as the key of all three columns. In the order of expressions it serves
//! the history alone (`routes/next.rs`).

pub const STATEMENTS: &[&str] = &[
    "{postgres}DROP INDEX stream_history_person",
    "{postgres}CREATE INDEX stream_history_person ON stream_history ((project + 0), (user_id + 0), id)",
];
