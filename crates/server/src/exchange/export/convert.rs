//! A snapshot in another format: its JSON is read task by task.

use super::sink::{Sink, Written};
use serde_json::Value;
use std::fs::File;
use std::io::{self, BufWriter, Seek};
use std::ops::ControlFlow;
use tagloom_formats::{ConfigInfo, FormatInfo, json_elements};

/// Reads a snapshot from its beginning, twice where the format must see all tasks first.
pub(crate) fn convert(
    mut file: File,
    format: &'static FormatInfo,
    config: &ConfigInfo,
    sink: Sink,
) -> io::Result<Written> {
    let mut exporter = format.exporter(config);
    let mut tasks = 0;
    if exporter.needs_survey() {
        each(&file, &mut |task| {
            exporter.survey(task);
            Ok(())
        })?;
        file.rewind()?;
    }
    let mut out = BufWriter::with_capacity(1 << 18, sink);
    exporter.begin(&mut out)?;
    each(&file, &mut |task| {
        tasks += 1;
        exporter.task(&mut out, task)
    })?;
    exporter.end(&mut out)?;
    out.into_inner().map_err(io::IntoInnerError::into_error)?.end(tasks)
}

fn each(file: &File, take: &mut dyn FnMut(&Value) -> io::Result<()>) -> io::Result<()> {
    let mut failed = None;
    let read = json_elements(file, &mut |_, task| match take(&task) {
        Ok(()) => ControlFlow::Continue(()),
        Err(error) => {
            failed = Some(error);
            ControlFlow::Break(())
        }
    });
    match failed {
        Some(error) => Err(error),
        None => read.map_err(|error| io::Error::other(error.to_string())),
    }
}
