//! What a single statement of PostgreSQL must know of this moment. It sees the database as it was at its beginning, but a
//! volatile function sees it as it is when it is called, which may be after rows have been locked: who else is at a task, and
//! the settings of a project.

pub const STATEMENTS: &[&str] = &[
    "{postgres}CREATE FUNCTION tagloom_others(of_task BIGINT, person BIGINT, moment TEXT, skip_queue TEXT) RETURNS BIGINT
        LANGUAGE plpgsql VOLATILE AS $$
        BEGIN
            RETURN (SELECT COUNT(*) FROM (
                SELECT COALESCE(a.completed_by, 0) FROM annotations a WHERE a.task = of_task AND a.ground_truth = FALSE
                    AND CASE skip_queue WHEN 'REQUEUE_FOR_ME' THEN a.was_cancelled = FALSE OR a.completed_by <> person
                        WHEN 'IGNORE_SKIPPED' THEN TRUE ELSE a.was_cancelled = FALSE OR a.completed_by = person END
                UNION SELECT l.user_id FROM locks l
                    WHERE l.task = of_task AND l.user_id <> person AND l.expire_at > moment) others);
        END $$",
    "{postgres}CREATE FUNCTION tagloom_settings(of_project BIGINT) RETURNS TEXT LANGUAGE plpgsql VOLATILE AS $$
        BEGIN
            RETURN (SELECT p.settings FROM projects p WHERE p.id = of_project);
        END $$",
];
