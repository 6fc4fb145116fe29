//! A compiled label config: what editor, server and command line share.

use crate::build::build;
use crate::tree::Tree;
use crate::validate;
use serde_json::Value;
use std::sync::Arc;
use tagloom_label_config::{Diagnostic, Document, Severity, expand, parse};

/// A label config, parsed and checked. Making one never fails; [`Config::diagnostics`] says what is wrong with it.
#[derive(Clone, Debug)]
pub struct Config {
    document: Document,
    diagnostics: Vec<Diagnostic>,
    sample_tasks: Vec<Value>,
    template: Tree,
}

impl Config {
    /// Parse and check.
    pub fn new(xml: &str) -> Self {
        let parsed = parse(xml);
        let template = build(&parsed.document, None);
        let mut diagnostics = parsed.diagnostics;
        diagnostics.extend(validate::all(&parsed.document, &template));
        diagnostics.sort_by(Diagnostic::reading_order);
        Self { document: parsed.document, diagnostics, sample_tasks: parsed.sample_tasks, template }
    }

    /// The text the config was made from; spans point into it.
    pub fn source(&self) -> &Arc<str> {
        &self.document.source
    }

    /// The element tree as written.
    pub fn document(&self) -> &Document {
        &self.document
    }

    /// Problems of syntax and meaning, in source order.
    pub fn diagnostics(&self) -> &[Diagnostic] {
        &self.diagnostics
    }

    /// Whether any diagnostic is an error.
    pub fn has_errors(&self) -> bool {
        self.diagnostics.iter().any(Diagnostic::is_error)
    }

    /// How many diagnostics have that severity.
    pub fn count(&self, severity: Severity) -> usize {
        self.diagnostics.iter().filter(|diagnostic| diagnostic.severity == severity).count()
    }

    /// Sample tasks written in comments of the config, each with a `data` object.
    pub fn sample_tasks(&self) -> &[Value] {
        &self.sample_tasks
    }

    /// The tags as written, nothing bound and nothing repeated: what the config *can* contain. Names inside a Repeater
    /// still hold the index flag.
    pub fn template(&self) -> &Tree {
        &self.template
    }

    /// The tags for one task: repeaters expanded, labels from task data added, values bound, `toName` inferred.
    /// `task_data` is the `data` object of the task.
    pub fn instantiate(&self, task_data: &Value) -> Tree {
        build(&expand(&self.document, task_data), Some(task_data))
    }

    /// The index flags of the Repeaters of the config, each once.
    pub fn index_flags(&self) -> Vec<&str> {
        let mut flags: Vec<&str> = Vec::new();
        for node in self.template.nodes.iter().filter(|node| node.is("Repeater")) {
            let flag = node.str("indexFlag");
            if !flag.is_empty() && !flags.contains(&flag) {
                flags.push(flag);
            }
        }
        flags
    }
}
