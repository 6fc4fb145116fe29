//! What a task's annotations and predictions come to, kept beside the task so that lists and the label stream can order
//! and filter by it; and the indexes of the label stream.

pub const STATEMENTS: &[&str] = &[
    "ALTER TABLE tasks ADD COLUMN people BIGINT NOT NULL DEFAULT 0",
    "ALTER TABLE tasks ADD COLUMN completed_at TEXT",
    "ALTER TABLE tasks ADD COLUMN avg_lead_time DOUBLE PRECISION",
    "ALTER TABLE tasks ADD COLUMN predictions_score DOUBLE PRECISION",
    "UPDATE tasks SET people = (SELECT COUNT(DISTINCT COALESCE(a.completed_by, 0)) FROM annotations a WHERE a.task = tasks.id AND NOT a.was_cancelled),
        avg_lead_time = (SELECT AVG(a.lead_time) FROM annotations a WHERE a.task = tasks.id),
        completed_at = CASE WHEN is_labeled THEN (SELECT MAX(a.created_at) FROM annotations a WHERE a.task = tasks.id) END
        WHERE total_annotations > 0 OR cancelled_annotations > 0",
    "UPDATE tasks SET predictions_score = (SELECT AVG(p.score) FROM predictions p WHERE p.task = tasks.id) WHERE total_predictions > 0",
    // The front of the queue: what nobody has begun, by id; what others have begun, most people first.
    "CREATE INDEX tasks_queue ON tasks (project, is_labeled, people, id)",
    "DROP INDEX tasks_project_labeled",
    "CREATE INDEX tasks_uncertain ON tasks (project, is_labeled, predictions_score, id) WHERE predictions_score IS NOT NULL",
    "CREATE INDEX annotations_task_person ON annotations (task, completed_by)",
    "CREATE INDEX annotations_skipped ON annotations (project, completed_by, updated_at) WHERE was_cancelled",
    "CREATE INDEX annotations_truth ON annotations (project, task) WHERE ground_truth",
    "CREATE INDEX drafts_postponed ON drafts (user_id, updated_at) WHERE was_postponed",
    "CREATE INDEX locks_person ON locks (user_id, task)",
    "CREATE INDEX locks_expiry ON locks (expire_at)",
    "CREATE INDEX stream_history_person ON stream_history (project, user_id, id)",
];
