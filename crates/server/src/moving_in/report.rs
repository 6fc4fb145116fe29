//! What was found, what was taken, what was left and why.

use crate::db::{self, WriteTx};
use std::fmt;

/// One kind of thing.
#[derive(Clone, Debug)]
pub struct Line {
    pub what: &'static str,
    pub found: i64,
    pub taken: i64,
    /// Reasons with numbers.
    pub left: Vec<(String, i64)>,
    /// Where the new rows can be counted: table, and a condition.
    pub counted: Option<(&'static str, String)>,
}

impl Line {
    pub fn new(what: &'static str, found: i64) -> Self {
        Self { what, found, taken: 0, left: vec![], counted: None }
    }

    pub fn leave(&mut self, why: impl Into<String>, count: i64) {
        if count > 0 {
            self.left.push((why.into(), count));
        }
    }
}

#[derive(Clone, Debug, Default)]
pub struct Report {
    pub lines: Vec<Line>,
    /// What somebody has to do by hand.
    pub notes: Vec<String>,
}

impl Report {
    /// Compares what was meant with what is there; a difference is a bug, and nothing is kept.
    pub(super) async fn check(&self, tx: &WriteTx) -> anyhow::Result<()> {
        for line in &self.lines {
            let left: i64 = line.left.iter().map(|(_, count)| count).sum();
            anyhow::ensure!(
                line.taken + left == line.found,
                "of {} {} only {} were dealt with; nothing was kept",
                line.found,
                line.what,
                line.taken + left
            );
            if let Some((table, condition)) = &line.counted {
                let there =
                    db::count(&**tx, &format!("SELECT COUNT(*) FROM {table} WHERE {condition}"), vec![])
                        .await?;
                anyhow::ensure!(
                    there == line.taken,
                    "{there} of {} {} have arrived; nothing was kept",
                    line.taken,
                    line.what
                );
            }
        }
        Ok(())
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{:<16}{:>10}{:>10}   left", "", "found", "taken")?;
        for line in &self.lines {
            let left: Vec<String> = line.left.iter().map(|(why, count)| format!("{count} {why}")).collect();
            writeln!(f, "{:<16}{:>10}{:>10}   {}", line.what, line.found, line.taken, left.join(", "))?;
        }
        for note in &self.notes {
            writeln!(f, "- {note}")?;
        }
        Ok(())
    }
}
