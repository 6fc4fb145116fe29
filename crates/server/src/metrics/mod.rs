//! Numbers for Prometheus. Labels are route templates, methods, statuses and names from the program's own lists, never
//! anything that a user has written.
//!
//! What happens is counted when it happens, by the process; what *is* (jobs by state, connections, memory) is looked up
//! when somebody asks. Several servers of one database all report the same jobs: take the maximum, not the sum.

mod now;

use crate::state::AppState;
use anyhow::Context;
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

pub const REQUESTS: &str = "tagloom_http_requests_total";
pub const REQUEST_SECONDS: &str = "tagloom_http_request_duration_seconds";
pub const IN_FLIGHT: &str = "tagloom_http_requests_in_flight";
pub const WRITER_WAIT: &str = "tagloom_database_writer_wait_seconds";
pub const DATABASE_ERRORS: &str = "tagloom_database_errors_total";
pub const EGRESS: &str = "tagloom_egress_requests_total";
pub const JOBS_ENDED: &str = "tagloom_jobs_ended_total";
pub const JOB_SECONDS: &str = "tagloom_job_duration_seconds";

const BUCKETS: &[f64] = &[0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0];
const JOB_BUCKETS: &[f64] = &[0.1, 0.5, 1.0, 5.0, 15.0, 60.0, 300.0, 1800.0, 7200.0];
/// How often samples are put into their buckets where nobody asks for them.
const UPKEEP: Duration = Duration::from_secs(10);

/// The process's recorder. There is one, however many servers a test runs in it.
#[derive(Clone)]
pub struct Metrics(PrometheusHandle);

impl std::fmt::Debug for Metrics {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Metrics")
    }
}

static INSTALLED: Mutex<Option<Metrics>> = Mutex::new(None);

impl Metrics {
    /// The recorder of the process; the first call makes it.
    pub fn install() -> anyhow::Result<Self> {
        let mut installed = INSTALLED.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(there) = &*installed {
            return Ok(there.clone());
        }
        let recorder = PrometheusBuilder::new()
            .set_buckets_for_metric(Matcher::Full(REQUEST_SECONDS.into()), BUCKETS)?
            .set_buckets_for_metric(Matcher::Full(WRITER_WAIT.into()), BUCKETS)?
            .set_buckets_for_metric(Matcher::Full(JOB_SECONDS.into()), JOB_BUCKETS)?
            .build_recorder();
        let made = Self(recorder.handle());
        metrics::set_global_recorder(recorder)
            .ok()
            .context("the metrics of this process are taken already")?;
        describe();
        let handle = made.0.clone();
        // Not a task: in tests a runtime ends before the process does.
        std::thread::Builder::new().name("metrics".into()).spawn(move || {
            loop {
                std::thread::sleep(UPKEEP);
                handle.run_upkeep();
            }
        })?;
        *installed = Some(made.clone());
        Ok(made)
    }

    /// Everything, in the text format of Prometheus.
    pub async fn render(&self, state: &AppState) -> String {
        let mut text = self.0.render();
        now::write(state, &mut text).await;
        text
    }
}

fn describe() {
    metrics::describe_counter!(REQUESTS, "Requests answered, by method, route and status.");
    metrics::describe_histogram!(REQUEST_SECONDS, "Seconds until an answer began, by method and route.");
    metrics::describe_gauge!(IN_FLIGHT, "Requests that are being answered.");
    metrics::describe_histogram!(WRITER_WAIT, "Seconds that writes waited for their place in this process.");
    metrics::describe_counter!(
        DATABASE_ERRORS,
        "Answers that failed by the database or a disk: away, busy, full, other."
    );
    metrics::describe_counter!(EGRESS, "Requests to URLs of users, by outcome.");
    metrics::describe_counter!(JOBS_ENDED, "Runs of jobs that ended in this process, by kind and state.");
    metrics::describe_histogram!(JOB_SECONDS, "Seconds that runs of jobs took, by kind.");
}
