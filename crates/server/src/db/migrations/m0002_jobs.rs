//! Long work: jobs with their progress, and what went wrong with single objects.

pub const STATEMENTS: &[&str] = &[
    "CREATE TABLE jobs (id {pk}, kind TEXT NOT NULL, organization BIGINT NOT NULL, project BIGINT, user_id BIGINT, unique_key TEXT, payload TEXT NOT NULL,
        state TEXT NOT NULL, resume_point TEXT, done BIGINT NOT NULL, total BIGINT, message TEXT NOT NULL, result TEXT, error TEXT, error_count BIGINT NOT NULL,
        attempts BIGINT NOT NULL, cancel_requested BOOLEAN NOT NULL, worker TEXT, lease_until TEXT, run_after TEXT NOT NULL,
        created_at TEXT NOT NULL, started_at TEXT, finished_at TEXT, updated_at TEXT NOT NULL)",
    "CREATE UNIQUE INDEX jobs_active_key ON jobs (unique_key) WHERE state IN ('queued', 'running')",
    "CREATE INDEX jobs_active ON jobs (run_after, id) WHERE state IN ('queued', 'running')",
    "CREATE INDEX jobs_organization ON jobs (organization, id)",
    "CREATE INDEX jobs_project ON jobs (project, id)",
    "CREATE TABLE job_errors (id {pk}, job BIGINT NOT NULL, subject TEXT NOT NULL, message TEXT NOT NULL, created_at TEXT NOT NULL)",
    "CREATE INDEX job_errors_job ON job_errors (job, id)",
];
