//! Two processes of the real binary behind the real balancer, with `deploy/nginx.conf` as it is but for addresses.

use crate::support::*;
use serde_json::json;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// nginx in a folder of its own; stopped when dropped.
struct Balancer {
    child: Child,
    dir: tempfile::TempDir,
    url: String,
}

impl Balancer {
    /// Nothing where nginx is not installed.
    fn start(servers: [&Process; 2]) -> Option<Self> {
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().join(name).display().to_string();
        let port = free_port();
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy/nginx.conf");
        let mut config = std::fs::read_to_string(&path).unwrap();
        // Where the container's nginx has its own.
        let folders = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
            .map(|name| format!("{name}_temp_path {};", at(name)))
            .join(" ");
        for (from, to) in [
            ("tagloom-1:8080", servers[0].url.trim_start_matches("http://")),
            ("tagloom-2:8080", servers[1].url.trim_start_matches("http://")),
            ("listen 8080", &format!("listen 127.0.0.1:{port}")),
            ("/tmp/nginx.pid", &at("pid")),
            ("/dev/stdout", &at("log")),
            ("http {", &format!("http {{ {folders}")),
        ] {
            assert_eq!(config.matches(from).count(), 1, "{from} in {}", path.display());
            config = config.replace(from, to);
        }
        std::fs::write(at("nginx.conf"), config).unwrap();
        let program = ["nginx", "/usr/sbin/nginx", "/opt/homebrew/bin/nginx"]
            .into_iter()
            .find(|program| Command::new(program).arg("-v").stderr(Stdio::null()).status().is_ok())?;
        let child = Command::new(program)
            .arg("-p")
            .arg(dir.path())
            .args(["-c", &at("nginx.conf"), "-e", "stderr", "-g", "daemon off;"])
            .spawn()
            .unwrap();
        Some(Self { child, dir, url: format!("http://127.0.0.1:{port}") })
    }

    fn request(&self, method: &str, path: &str) -> Request {
        let method = method.parse::<reqwest::Method>().unwrap();
        Request(reqwest::Client::new().request(method, format!("{}{path}", self.url))).token(OWNER)
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.dir.path().join("log")).unwrap()
    }
}

impl Drop for Balancer {
    /// Its workers end with a master that is told to, not with one that is killed.
    fn drop(&mut self) {
        let _ = Command::new("kill").args(["-s", "TERM", &self.child.id().to_string()]).status();
        let _ = self.child.wait();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_servers_behind_the_balancer() {
    let (dir, database) = place().await;
    let data = dir.path().join("data");
    let start = || {
        let mut command = Process::command(&data, database.as_deref());
        command.env("TRUSTED_PROXIES", "127.0.0.1");
        Process::of(command)
    };
    let (first, second) = (start(), start());
    let Some(balancer) = Balancer::start([&first, &second]) else {
        return missing("nginx is not installed: no test of deploy/nginx.conf");
    };
    until("the balancer", async || {
        reqwest::get(format!("{}/health", balancer.url)).await.is_ok_and(|answer| answer.status() == 200)
    })
    .await;

    // A body that is longer than any buffer, and its tasks.
    let project = balancer.request("POST", "/api/projects/").json(json!({"label_config": TEXT_CONFIG}));
    let project = project.ok().await["id"].as_i64().unwrap();
    let text = "x".repeat(2000);
    let list: Vec<_> = (0..2000).map(|n| json!({"text": format!("{n} {text}")})).collect();
    let import = balancer.request("POST", &format!("/api/projects/{project}/import")).json(list.into());
    assert_eq!(import.ok().await["task_count"], 2000);
    let export = balancer.request("GET", &format!("/api/projects/{project}/export?download_all_tasks=true"));
    assert_eq!(export.ok().await.as_array().unwrap().len(), 2000);

    // The numbers are not for everybody.
    assert_eq!(balancer.request("GET", "/metrics").send().await.status, 404);
    assert_eq!(balancer.request("GET", "/metrics/").send().await.status, 404);

    // What a client says of itself counts for nothing.
    let invite = balancer.request("POST", "/api/invite/reset-token");
    let answer = invite
        .header("x-forwarded-for", "203.0.113.9")
        .header("x-request-id", "made-up-by-the-client")
        .send()
        .await;
    assert!(answer.status < 300, "{answer:?}");
    let entries = balancer.request("GET", "/api/audit-log/?action=invite.reset").ok().await;
    let entry = &entries["results"][0];
    assert_eq!(entry["address"], "127.0.0.1", "{entries}");
    assert_eq!(entry["request_id"], answer.header("x-request-id"));
    assert_ne!(answer.header("x-request-id"), "made-up-by-the-client");

    // Progress comes while there is nothing more to tell.
    let job = waiting_job(&data, database).await;
    let mut stream = balancer.request("GET", &format!("/api/jobs/{job}/events")).0.send().await.unwrap();
    let piece = tokio::time::timeout(Duration::from_secs(5), stream.chunk()).await;
    let piece = piece.expect("progress is passed on at once").unwrap().unwrap();
    assert!(String::from_utf8_lossy(&piece).contains("event: progress"), "{piece:?}");
    drop(stream);

    // One of the two is gone, and nobody notices.
    let task = balancer.request("GET", &format!("/api/tasks/?project={project}&page_size=1")).ok().await;
    let task = task["tasks"][0]["id"].as_i64().unwrap();
    first.kill();
    for n in 0..20 {
        let path = format!("/api/tasks/{task}/?secret=in-the-query-{n}");
        assert_eq!(balancer.request("GET", &path).ok().await["id"], task);
        let path = format!("/api/tasks/{task}/annotations/");
        let submit = balancer.request("POST", &path).header("idempotency-key", &format!("key {n}"));
        submit.json(json!({"result": []})).ok().await;
    }
    let found = balancer.request("GET", &format!("/api/tasks/{task}/")).ok().await;
    assert_eq!(found["total_annotations"], 20);

    // Addresses are in its log, what was asked for in them is not.
    let log = balancer.log();
    assert!(log.contains(&format!("\"GET /api/tasks/{task}/\" 200")), "{log}");
    assert!(!log.contains("in-the-query"), "{log}");
}
