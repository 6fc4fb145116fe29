//! What is looked up at the moment somebody asks: jobs, connections, the process.

use crate::db;
use crate::state::AppState;
use std::fmt::Write;
use std::time::Duration;

/// The database gets so long; metrics without jobs are better than none.
const PATIENCE: Duration = Duration::from_secs(2);

pub(super) async fn write(state: &AppState, out: &mut String) {
    let up = jobs(state, out).await;
    gauge(out, "tagloom_database_up", "Whether the database answers.", &[("", f64::from(u8::from(up)))]);
    let (all, idle) = state.db.connections();
    let used = f64::from(all) - idle as f64;
    let connections = [("{state=\"idle\"}", idle as f64), ("{state=\"used\"}", used.max(0.0))];
    gauge(out, "tagloom_database_connections", "Connections of this process.", &connections);
    let version = format!("{{version=\"{}\"}}", env!("CARGO_PKG_VERSION"));
    gauge(out, "tagloom_build_info", "The version that runs.", &[(&version, 1.0)]);
    process(out);
}

fn gauge(out: &mut String, name: &str, help: &str, values: &[(&str, f64)]) {
    let _ = writeln!(out, "# HELP {name} {help}\n# TYPE {name} gauge");
    for (labels, value) in values {
        let _ = writeln!(out, "{name}{labels} {value}");
    }
}

/// False where the database does not answer.
async fn jobs(state: &AppState, out: &mut String) -> bool {
    let sql = "SELECT kind, state, COUNT(*) AS n FROM jobs GROUP BY kind, state ORDER BY kind, state";
    let Ok(Ok(rows)) = tokio::time::timeout(PATIENCE, db::all(state.db.read(), sql, vec![])).await else {
        return false;
    };
    let mut values = Vec::new();
    for row in rows {
        let text = |column: &str| row.try_get::<String>("", column).unwrap_or_default();
        // Kinds are names of ours, but a database may have been written by others.
        let kind: String = text("kind").chars().filter(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
        let count = row.try_get::<i64>("", "n").unwrap_or_default();
        values.push((format!("{{kind=\"{kind}\",state=\"{}\"}}", text("state")), count as f64));
    }
    let values: Vec<(&str, f64)> = values.iter().map(|(labels, n)| (labels.as_str(), *n)).collect();
    gauge(out, "tagloom_jobs", "Jobs in the database by kind and state.", &values);
    true
}

/// From `/proc`, where there is one. Names are those every Prometheus client uses.
fn process(out: &mut String) {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = |name: &str| status.lines().find_map(|l| l.strip_prefix(name)?.split_whitespace().next());
    let number = |name: &str| line(name).and_then(|text| text.parse::<f64>().ok());
    if let Some(kilobytes) = number("VmRSS:") {
        gauge(out, "process_resident_memory_bytes", "Memory in use.", &[("", kilobytes * 1024.0)]);
    }
    if let Some(threads) = number("Threads:") {
        gauge(out, "process_threads", "Threads.", &[("", threads)]);
    }
    if let Ok(files) = std::fs::read_dir("/proc/self/fd") {
        gauge(out, "process_open_fds", "Open files and sockets.", &[("", files.count() as f64)]);
    }
}
