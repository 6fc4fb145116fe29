//! Running programs: quiet unless they fail, with a log file for the whole output.

use crate::context::Context;
use anyhow::{Context as _, Result, bail};
use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};

/// Lines of a failed program's output that are shown.
const TAIL_LINES: usize = 60;

static LOGS: AtomicUsize = AtomicUsize::new(0);

/// A program with arguments, environment and folder. [`Exec::run`] is quiet, [`Exec::read`] hands back what it printed.
#[derive(Debug)]
pub(crate) struct Exec {
    command: Command,
    name: String,
}

impl Exec {
    pub(crate) fn new(program: impl AsRef<OsStr>) -> Self {
        let program = program.as_ref();
        let name = Path::new(program)
            .file_name()
            .map_or_else(|| "program".to_owned(), |n| n.to_string_lossy().into_owned());
        let mut command = Command::new(program);
        command.stdin(Stdio::null());
        Self { command, name }
    }

    pub(crate) fn arg(mut self, arg: impl AsRef<OsStr>) -> Self {
        self.command.arg(arg);
        self
    }

    pub(crate) fn args<S: AsRef<OsStr>>(mut self, args: impl IntoIterator<Item = S>) -> Self {
        self.command.args(args);
        self
    }

    pub(crate) fn env(mut self, key: impl AsRef<OsStr>, value: impl AsRef<OsStr>) -> Self {
        self.command.env(key, value);
        self
    }

    pub(crate) fn env_remove(mut self, key: impl AsRef<OsStr>) -> Self {
        self.command.env_remove(key);
        self
    }

    pub(crate) fn dir(mut self, dir: impl AsRef<Path>) -> Self {
        self.command.current_dir(dir);
        self
    }

    /// The command as a person would type it.
    fn line(&self) -> String {
        let quote = |s: &OsStr| {
            let text = s.to_string_lossy().into_owned();
            if text.contains(' ') { format!("'{text}'") } else { text }
        };
        let mut parts = vec![quote(self.command.get_program())];
        parts.extend(self.command.get_args().map(quote));
        parts.join(" ")
    }

    /// Runs to the end. On failure the error carries the tail of the output and the path of the whole log.
    pub(crate) fn run(mut self, context: &Context) -> Result<()> {
        let line = self.line();
        if context.verbose {
            println!("$ {line}");
            let status = self.command.status().with_context(|| format!("could not run {line}"))?;
            if !status.success() {
                bail!("{line}\nended with {status}");
            }
            return Ok(());
        }
        let (path, log) = new_log(context, &self.name)?;
        self.command.stdout(log.try_clone()?).stderr(log);
        let status = self.command.status().with_context(|| format!("could not run {line}"))?;
        if status.success() {
            return Ok(());
        }
        let output = String::from_utf8_lossy(&std::fs::read(&path)?).into_owned();
        bail!("{line}\nended with {status}\n{}\nwhole output: {}", tail(&output), path.display())
    }

    /// Runs to the end and hands back both the success and everything printed, which also goes to a log file.
    pub(crate) fn transcript(mut self, context: &Context) -> Result<(bool, String)> {
        let line = self.line();
        let (path, log) = new_log(context, &self.name)?;
        self.command.stdout(log.try_clone()?).stderr(log);
        let status = self.command.status().with_context(|| format!("could not run {line}"))?;
        let output = String::from_utf8_lossy(&std::fs::read(&path)?).into_owned();
        if context.verbose {
            println!("$ {line}\n{output}");
        }
        Ok((status.success(), output))
    }

    /// Runs to the end and returns what it wrote to standard output, trimmed at the end.
    pub(crate) fn read(mut self) -> Result<String> {
        let line = self.line();
        let output = self.command.output().with_context(|| format!("could not run {line}"))?;
        if !output.status.success() {
            let errors = String::from_utf8_lossy(&output.stderr).into_owned();
            bail!("{line}\nended with {}\n{}", output.status, tail(&errors));
        }
        Ok(String::from_utf8_lossy(&output.stdout).trim_end().to_owned())
    }

    /// For long-running programs that own the terminal.
    pub(crate) fn into_command(mut self) -> Command {
        self.command.stdin(Stdio::inherit());
        self.command
    }
}

/// The last lines of an output.
pub(crate) fn tail(output: &str) -> String {
    let lines: Vec<&str> = output.trim_end().lines().collect();
    lines[lines.len().saturating_sub(TAIL_LINES)..].join("\n")
}

fn new_log(context: &Context, name: &str) -> Result<(PathBuf, File)> {
    let dir = context.private("logs");
    std::fs::create_dir_all(&dir).with_context(|| format!("could not make the folder {}", dir.display()))?;
    let number = LOGS.fetch_add(1, Ordering::Relaxed);
    let path = dir.join(format!("{}-{number:02}-{name}.log", std::process::id()));
    let file = File::create(&path).with_context(|| format!("could not write {}", path.display()))?;
    Ok((path, file))
}

/// The path of a program on `PATH`, if there.
pub(crate) fn which(name: &str) -> Option<PathBuf> {
    let path: OsString = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|dir| dir.join(name)).find(|file| is_executable(file))
}

fn is_executable(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    file.metadata().is_ok_and(|m| m.is_file() && m.permissions().mode() & 0o111 != 0)
}

/// True for the user that may install system packages.
pub(crate) fn is_root() -> bool {
    Exec::new("id").arg("-u").read().is_ok_and(|id| id == "0")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tail_keeps_the_end() {
        let long: String = (0..100).map(|n| format!("line {n}\n")).collect();
        let tail = tail(&long);
        assert!(tail.starts_with("line 40\n") && tail.ends_with("line 99"));
        assert_eq!(super::tail(""), "");
    }

    #[test]
    fn a_failing_program_shows_its_output() {
        let dir = tempfile::tempdir().expect("temporary folder");
        let context =
            Context { root: dir.path().into(), target: dir.path().into(), verbose: false, wasm_via: None };
        let error = Exec::new("sh").args(["-c", "echo broken >&2; exit 3"]).run(&context);
        let text = error.expect_err("must fail").to_string();
        assert!(text.contains("broken") && text.contains("exit status: 3"), "{text}");
    }
}
