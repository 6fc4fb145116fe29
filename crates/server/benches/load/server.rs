//! The server under load, with a folder and a database of its own.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

/// People who work at once.
pub const PEOPLE: usize = 8;

pub fn token(person: usize) -> String {
    format!("token-of-person-number-{person}")
}

/// Where a server keeps its data, over several starts.
pub struct Place {
    pub dir: tempfile::TempDir,
    database: Option<String>,
}

impl Place {
    /// `sqlite`, or the address of a PostgreSQL's maintenance database, in which one for the bench is made.
    pub fn new(database: &str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join("files")).unwrap();
        let database = (database != "sqlite").then(|| {
            let name = format!("load_{}", std::process::id());
            let made =
                Command::new("psql").args([database, "-qc", &format!("CREATE DATABASE {name}")]).status();
            assert!(made.unwrap().success(), "psql makes a database");
            format!("{}/{name}", database.rsplit_once('/').unwrap().0)
        });
        Self { dir, database }
    }

    pub fn root(&self) -> PathBuf {
        self.dir.path().join("files")
    }

    pub fn start(&self, person: usize) -> Server {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tagloom"));
        command.args([
            "start",
            "--no-browser",
            "--port",
            "0",
            "--enable-legacy-api-token",
            "--log-level",
            "ERROR",
        ]);
        command.arg("--data-dir").arg(self.dir.path().join("data")).arg("--root").arg(self.root());
        command.args(["--username", &format!("person{person}@example.com"), "--password", "correct horse"]);
        command.args(["--user-token", &token(person)]);
        if let Some(database) = &self.database {
            command.args(["--database", database]);
        }
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let out = BufReader::new(child.stdout.take().unwrap());
        let line = out.lines().map_while(Result::ok).find(|line| line.contains(" serves ")).unwrap();
        let port = line.trim().rsplit(':').next().unwrap().parse().unwrap();
        Server { child, port }
    }

    /// Makes everybody.
    pub fn people(&self) {
        for person in 0..PEOPLE {
            drop(self.start(person));
        }
    }
}

impl Drop for Place {
    /// Takes the database away again: many of them would keep PostgreSQL busy while others are measured.
    fn drop(&mut self) {
        if let Some((server, name)) = self.database.as_deref().and_then(|url| url.rsplit_once('/')) {
            let drop = format!("DROP DATABASE {name} WITH (FORCE)");
            let _ = Command::new("psql").args([&format!("{server}/postgres"), "-qc", &drop]).status();
        }
    }
}

pub struct Server {
    child: Child,
    pub port: u16,
}

impl Server {
    /// Resident megabytes: `VmRSS` now, or `VmHWM` at most since [`Server::forget_peak`].
    pub fn memory(&self, field: &str) -> f64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find(|line| line.starts_with(field)).unwrap();
        let kb: f64 = line.split_whitespace().nth(1).unwrap().parse().unwrap();
        kb * 1024.0 / 1e6
    }

    pub fn forget_peak(&self) {
        // Where the system does not allow it, the peak since the start is measured, which is no smaller.
        let _ = std::fs::write(format!("/proc/{}/clear_refs", self.child.id()), "5");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
