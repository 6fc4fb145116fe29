//! Reading how many tests passed and failed out of the runners' output.

use std::ops::Add;

/// Tests that passed and failed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Counts {
    pub(super) passed: usize,
    pub(super) failed: usize,
}

impl Add for Counts {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self { passed: self.passed + other.passed, failed: self.failed + other.failed }
    }
}

impl Counts {
    /// One check that passed.
    pub(super) const ONE: Self = Self { passed: 1, failed: 0 };

    /// A runner that failed without naming a failed test (it did not compile, it crashed) counts as one failure.
    pub(super) fn or_failed(self, ok: bool) -> Self {
        if ok || self.failed > 0 { self } else { Self { failed: 1, ..self } }
    }
}

/// nextest's summary, or the sum of cargo's `test result:` lines.
pub(super) fn rust(output: &str) -> Counts {
    let mut counts = Counts::default();
    for line in output.lines() {
        let line = line.trim_start();
        if line.starts_with("Summary [") {
            let failed = ["failed", "timed out"].iter().map(|word| before(line, word)).sum();
            return Counts { passed: before(line, "passed"), failed };
        }
        if line.starts_with("test result:") {
            counts = counts + Counts { passed: before(line, "passed"), failed: before(line, "failed") };
        }
    }
    counts
}

/// The `# pass 3` and `# fail 1` lines of node's TAP output.
pub(super) fn node(output: &str) -> Counts {
    let field = |name: &str| {
        let value = output.lines().rev().find_map(|line| line.strip_prefix(name));
        value.and_then(|n| n.trim().parse().ok()).unwrap_or(0)
    };
    Counts { passed: field("# pass "), failed: field("# fail ") + field("# cancelled ") }
}

/// `Ran 5 tests in 2 s` and `FAILED (failures=1, errors=1)`.
pub(super) fn unittest(output: &str) -> Counts {
    let number = |text: &str| {
        text.chars().take_while(char::is_ascii_digit).collect::<String>().parse().unwrap_or(0_usize)
    };
    let ran = output.lines().rev().find_map(|line| line.strip_prefix("Ran ")).map_or(0, number);
    let bad = output.lines().rev().find(|line| line.starts_with("FAILED (")).map_or(0, |line| {
        let fields = ["failures=", "errors="];
        fields.iter().filter_map(|f| line.split_once(f)).map(|(_, rest)| number(rest)).sum()
    });
    Counts { passed: ran.saturating_sub(bad), failed: bad }
}

/// Every failed test of a TAP output with what it said.
pub(super) fn tap_failures(output: &str) -> String {
    let mut kept = Vec::new();
    let mut in_failure = false;
    for line in output.lines() {
        let start = line.trim_start();
        if start.starts_with("not ok") {
            in_failure = true;
        } else if start.starts_with("ok ") || start.starts_with("# Subtest") || start.starts_with("1..") {
            in_failure = false;
        }
        if in_failure {
            kept.push(line);
        }
    }
    if kept.is_empty() { output.to_owned() } else { kept.join("\n") }
}

/// The number before a word: `34 passed`. Commas and semicolons may follow the word.
fn before(line: &str, word: &str) -> usize {
    let mut last = 0;
    for (index, _) in line.match_indices(word) {
        let number = line[..index].trim_end().rsplit(|c: char| !c.is_ascii_digit()).next();
        last = number.and_then(|n| n.parse().ok()).unwrap_or(last);
    }
    last
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nextest_summaries_are_read() {
        let text = "     Summary [  12.3s] 40 tests run: 38 passed (1 slow), 2 failed, 3 skipped\n";
        assert_eq!(rust(text), Counts { passed: 38, failed: 2 });
        let good = "     Summary [   1.0s] 4 tests run: 4 passed, 0 skipped";
        assert_eq!(rust(good), Counts { passed: 4, failed: 0 });
    }

    #[test]
    fn cargo_results_are_added_up() {
        let text = "test result: ok. 5 passed; 0 failed; 0 ignored\nx\ntest result: FAILED. 1 passed; 2 failed; 0 ignored";
        assert_eq!(rust(text), Counts { passed: 6, failed: 2 });
    }

    #[test]
    fn node_and_python_are_read() {
        assert_eq!(node("# pass 3\n# fail 1\n# cancelled 1\n"), Counts { passed: 3, failed: 2 });
        assert_eq!(
            unittest("Ran 5 tests in 1s\n\nFAILED (failures=1, errors=1)"),
            Counts { passed: 3, failed: 2 }
        );
        assert_eq!(unittest("Ran 5 tests in 1s\n\nOK"), Counts { passed: 5, failed: 0 });
    }

    #[test]
    fn a_crash_is_a_failure() {
        assert_eq!(rust("error: could not compile").or_failed(false), Counts { passed: 0, failed: 1 });
        assert_eq!(Counts { passed: 2, failed: 1 }.or_failed(false).failed, 1);
    }

    #[test]
    fn failures_are_cut_out_of_tap() {
        let text = "ok 1 - a\nnot ok 2 - b\n  ---\n  error: 'x'\n  ...\nok 3 - c\n";
        assert_eq!(tap_failures(text), "not ok 2 - b\n  ---\n  error: 'x'\n  ...");
    }
}
