//! What lists of tasks count without looking at every task, and indexes of lists.

pub const STATEMENTS: &[&str] = &[
    "CREATE TABLE tallies (id {pk}, project BIGINT NOT NULL, subject TEXT NOT NULL, n BIGINT NOT NULL)",
    "CREATE INDEX tallies_project ON tallies (project, subject, n)",
    "INSERT INTO tallies (project, subject, n) SELECT project, 'tasks', COUNT(*) FROM tasks GROUP BY project",
    "INSERT INTO tallies (project, subject, n) SELECT project, 'annotations', SUM(total_annotations) FROM tasks GROUP BY project",
    "INSERT INTO tallies (project, subject, n) SELECT project, 'predictions', SUM(total_predictions) FROM tasks GROUP BY project",
    "{sqlite}INSERT INTO tallies (project, subject, n) SELECT t.project, 'data.' || k.key, COUNT(*) FROM tasks t, json_each(t.data) k
        WHERE json_valid(t.data) GROUP BY t.project, k.key",
    r"{postgres}INSERT INTO tallies (project, subject, n) SELECT t.project, 'data.' || k, COUNT(*) FROM tasks t,
        json_object_keys((CASE WHEN strpos(t.data, '\u0000') > 0 THEN regexp_replace(t.data, '(?<!\\)((?:\\\\)*)\\u0000', '\1', 'g') ELSE t.data END)::json) k
        GROUP BY t.project, k",
    "CREATE INDEX views_project ON views (project, position, id)",
    // Every index costs imports and saves. Some hold what a list adds up, so that totals of a filter are read out of them;
    // those of values that a fresh task does not have leave such tasks out.
    "CREATE INDEX tasks_labeled ON tasks (project, is_labeled, id, total_annotations, total_predictions)",
    "CREATE INDEX tasks_updated ON tasks (project, updated_at, id, total_annotations, total_predictions)",
    "CREATE INDEX tasks_created ON tasks (project, created_at, id)",
    "CREATE INDEX tasks_completed ON tasks (project, completed_at, id, total_annotations, total_predictions)
        WHERE completed_at IS NOT NULL",
    "CREATE INDEX tasks_counts ON tasks (project, total_annotations, cancelled_annotations, total_predictions, id)",
    "CREATE INDEX tasks_score ON tasks (project, predictions_score, id) WHERE predictions_score IS NOT NULL",
    "CREATE INDEX tasks_lead_time ON tasks (project, avg_lead_time, id, total_annotations, total_predictions)
        WHERE avg_lead_time IS NOT NULL",
    "CREATE INDEX annotations_of_project ON annotations (project, id)",
    "CREATE INDEX predictions_of_project ON predictions (project, id)",
    "CREATE INDEX drafts_annotation ON drafts (annotation)",
    "CREATE INDEX jobs_state ON jobs (state, id)",
    "CREATE INDEX jobs_finished ON jobs (finished_at)",
    "CREATE INDEX api_tokens_user ON api_tokens (user_id, id)",
];
