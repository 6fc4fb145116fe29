//! The doctor of storages: tries what a storage needs, one step after the other, and names the cause of the first
//! failure and the way to mend it.

mod cors;
mod steps;

pub use cors::cors_json;
pub(crate) use steps::diagnose;

use crate::kind::Kind;
use crate::problem::Problem;
use serde::Serialize;

/// What a step came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "status", rename_all = "lowercase")]
pub enum Outcome {
    Ok {
        /// What was seen, e.g. the first key.
        note: String,
    },
    Failed {
        problem: Problem,
    },
    /// Not tried, and why.
    Skipped {
        why: String,
    },
}

/// One thing that was tried.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Step {
    /// A stable word: `settings`, `dns`, `connection`, `clock`, `credentials`, `bucket`, `list`, `read`, `write`,
    /// `sign`, `fetch`, `cors`.
    pub name: &'static str,
    /// The same for people.
    pub title: &'static str,
    #[serde(flatten)]
    pub outcome: Outcome,
}

/// All steps in their order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Diagnosis {
    pub kind: Kind,
    pub ok: bool,
    pub steps: Vec<Step>,
    /// The rules to paste, for kinds that browsers fetch from.
    pub cors_json: Option<String>,
}

impl Diagnosis {
    /// The first failure.
    pub fn problem(&self) -> Option<&Problem> {
        self.steps.iter().find_map(|step| match &step.outcome {
            Outcome::Failed { problem } => Some(problem),
            _ => None,
        })
    }
}

impl std::fmt::Display for Diagnosis {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for step in &self.steps {
            match &step.outcome {
                Outcome::Ok { note } => writeln!(f, "ok      {}: {note}", step.title)?,
                Outcome::Failed { problem } => writeln!(f, "FAILED  {}: {}", step.title, problem.line())?,
                Outcome::Skipped { why } => writeln!(f, "skipped {}: {why}", step.title)?,
            }
        }
        Ok(())
    }
}
