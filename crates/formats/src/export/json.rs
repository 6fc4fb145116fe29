//! JSON: the list of tasks as they are (formats.md 5).

use std::io::{self, Write};

use serde_json::Value;

use super::Exporter;
use super::writer::ListWriter;

#[derive(Debug)]
pub(super) struct Json(ListWriter);

impl Default for Json {
    fn default() -> Self {
        Self(ListWriter::new(false))
    }
}

impl Exporter for Json {
    fn begin(&mut self, out: &mut dyn Write) -> io::Result<()> {
        self.0.begin(out)
    }

    fn task(&mut self, out: &mut dyn Write, task: &Value) -> io::Result<()> {
        self.0.element(out, task)
    }

    fn text(&mut self, out: &mut dyn Write, task: &str) -> io::Result<bool> {
        self.0.text(out, task)?;
        Ok(true)
    }

    fn end(&mut self, out: &mut dyn Write) -> io::Result<()> {
        self.0.end(out)
    }
}
