//! The same tests once more, on PostgreSQL, where its programs are found.

use crate::support::{POSTGRES, free_port, missing};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

/// Where Debian and others put `initdb`; the newest first.
pub fn programs() -> Option<PathBuf> {
    let mut found: Vec<PathBuf> = ["/usr/lib/postgresql", "/usr/pgsql", "/opt/homebrew/opt"]
        .iter()
        .flat_map(|dir| std::fs::read_dir(dir).into_iter().flatten())
        .filter_map(Result::ok)
        .map(|entry| entry.path().join("bin"))
        .filter(|bin| bin.join("initdb").exists())
        .collect();
    found.sort();
    found.pop()
}

/// A server with a folder of its own, stopped when dropped.
pub struct Cluster {
    bin: PathBuf,
    data: PathBuf,
    as_root: bool,
    pub port: u16,
    _dir: tempfile::TempDir,
}

impl Cluster {
    pub fn start(bin: PathBuf) -> Self {
        let dir = tempfile::tempdir().unwrap();
        // PostgreSQL refuses to run as root; its own user does it then.
        let as_root =
            String::from_utf8_lossy(&Command::new("id").arg("-u").output().unwrap().stdout).trim() == "0";
        if as_root {
            let done = Command::new("chown").arg("postgres").arg(dir.path()).status().unwrap();
            assert!(done.success());
        }
        let port = free_port();
        let cluster = Self { bin, data: dir.path().join("data"), as_root, port, _dir: dir };
        let data = cluster.data.to_str().unwrap();
        cluster.run("initdb", &["-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync"]);
        cluster.launch();
        cluster
    }

    /// Starts it, also again.
    pub fn launch(&self) {
        let options = format!(
            "-c listen_addresses=127.0.0.1 -p {} -k {} -c fsync=off -c max_connections=400",
            self.port,
            self.data.parent().unwrap().display()
        );
        let (data, log) = (self.data.to_str().unwrap(), self.data.join("log"));
        self.run("pg_ctl", &["-D", data, "-w", "-l", log.to_str().unwrap(), "-o", &options, "start"]);
    }

    /// `fast`, or `immediate` as a crash would be.
    pub fn stop(&self, how: &str) {
        self.run("pg_ctl", &["-D", self.data.to_str().unwrap(), "-m", how, "-w", "stop"]);
    }

    /// Takes back what `ALTER SYSTEM` has set; for a server that is stopped.
    pub fn forget(&self, setting: &str) {
        let path = self.data.join("postgresql.auto.conf");
        let text = std::fs::read_to_string(&path).unwrap();
        let kept: Vec<&str> = text.lines().filter(|line| !line.starts_with(setting)).collect();
        std::fs::write(&path, kept.join("\n")).unwrap();
    }

    fn command(&self, program: &str) -> Command {
        let program = self.bin.join(program);
        let mut command = if self.as_root { Command::new("runuser") } else { Command::new(&program) };
        if self.as_root {
            command.args(["-u", "postgres", "--"]).arg(&program);
        }
        command.current_dir(Path::new("/")).stdout(Stdio::null());
        command
    }

    fn run(&self, program: &str, args: &[&str]) {
        let done = self.command(program).args(args).status().unwrap();
        assert!(done.success(), "{program} {args:?}");
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let _ = self
            .command("pg_ctl")
            .args(["-D", self.data.to_str().unwrap(), "-m", "immediate", "stop"])
            .status();
    }
}

#[test]
fn everything_again_on_postgresql() -> ExitCode {
    if std::env::var_os(POSTGRES).is_some() {
        return ExitCode::SUCCESS;
    }
    let Some(bin) = programs() else {
        missing("PostgreSQL is not installed: nothing was tested on it");
        return ExitCode::SUCCESS;
    };
    let cluster = Cluster::start(bin);
    let url = format!("postgres://postgres@127.0.0.1:{}", cluster.port);
    let output = Command::new(std::env::current_exe().unwrap())
        // Most of them wait for the database, a disk or a clock.
        .args(["--skip", "everything_again_on_postgresql", "--test-threads", "4"])
        .env(POSTGRES, url)
        // What a test said, not where it stood: the last lines are all that some reports show.
        .env("RUST_BACKTRACE", "0")
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    if output.status.success() && text.contains("sigkill_loses_nothing") {
        return ExitCode::SUCCESS;
    }
    let failures = text.find("\nfailures:").map_or(&*text, |from| &text[from..]);
    eprintln!("{}\non PostgreSQL, {}:{failures}", String::from_utf8_lossy(&output.stderr), output.status);
    ExitCode::FAILURE
}
