//! One line per step: `[3/7] wasm release build … 84.2 s`.

use anyhow::Result;
use std::io::Write as _;
use std::time::{Duration, Instant};

/// Counts steps and prints their lines. The total grows when a command finds out that more is to be done.
#[derive(Debug)]
pub(crate) struct Steps {
    done: usize,
    total: usize,
    verbose: bool,
    started: Instant,
}

/// What a step may add to its line after the time.
#[derive(Debug, Default)]
pub(crate) struct Note(String);

impl Note {
    /// Replaces the remark.
    pub(crate) fn set(&mut self, text: impl Into<String>) {
        self.0 = text.into();
    }
}

impl Steps {
    pub(crate) fn new(total: usize, verbose: bool) -> Self {
        Self { done: 0, total, verbose, started: Instant::now() }
    }

    /// Announces more steps than the constructor knew of.
    pub(crate) fn expect(&mut self, more: usize) {
        self.total += more;
    }

    /// Runs one step; prints its name before and its time after.
    pub(crate) fn run<T>(&mut self, what: &str, work: impl FnOnce(&mut Note) -> Result<T>) -> Result<T> {
        self.done += 1;
        self.total = self.total.max(self.done);
        print!("[{}/{}] {what} … ", self.done, self.total);
        if self.verbose {
            println!();
        }
        flush();
        let started = Instant::now();
        let mut note = Note::default();
        let result = work(&mut note);
        let mut line = seconds(started.elapsed());
        if result.is_err() {
            line.push_str("  FAILED");
        } else if !note.0.is_empty() {
            line.push_str("  (");
            line.push_str(&note.0);
            line.push(')');
        }
        println!("{line}");
        flush();
        result
    }

    /// Time since the first step.
    pub(crate) fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }
}

/// `84.2 s` below two minutes, `3 min 05 s` above.
pub(crate) fn seconds(time: Duration) -> String {
    if time.as_secs() < 120 {
        format!("{:.1} s", time.as_secs_f64())
    } else {
        format!("{} min {:02} s", time.as_secs() / 60, time.as_secs() % 60)
    }
}

/// Progress must be seen at once, also in a pipe; a closed pipe is no reason to stop.
fn flush() {
    let _ = std::io::stdout().flush();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_read_well() {
        assert_eq!(seconds(Duration::from_millis(84_240)), "84.2 s");
        assert_eq!(seconds(Duration::from_secs(185)), "3 min 05 s");
    }

    #[test]
    fn a_failed_step_hands_its_error_on() {
        let mut steps = Steps::new(1, false);
        let result: Result<()> = steps.run("fails", |_| anyhow::bail!("no"));
        assert_eq!(result.expect_err("failed").to_string(), "no");
    }
}
