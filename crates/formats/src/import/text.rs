//! Text files (one task per line) and markup files (one task).

use std::io::{BufRead, BufReader, Read};

use super::position::CountingReader;
use super::{Collector, ImportSummary, ImportedTask, Sink, not_utf8, read_error};
use crate::{ErrorList, Location, TaskDraft};

/// One task per line, empty lines too. A line ends at `\n` or `\r\n`; the end of the last line may be missing.
pub(super) fn import_lines<R: Read>(reader: R, sink: &mut Sink<'_>) -> Result<ImportSummary, ErrorList> {
    let (reader, _) = CountingReader::new(reader);
    let mut reader = BufReader::new(reader);
    let mut collector = Collector::new(sink);
    let (mut index, mut byte) = (0, 0);
    while !collector.is_done() {
        let mut line = Vec::new();
        let at = Location { index: Some(index), row: Some(index as u64 + 1), byte: Some(byte) };
        match reader.read_until(b'\n', &mut line) {
            Ok(0) => break,
            Ok(read) => byte += read as u64,
            Err(error) => {
                collector.errors.push(read_error(at, &error));
                break;
            }
        }
        index += 1;
        if line.last() == Some(&b'\n') {
            line.pop();
            if line.last() == Some(&b'\r') {
                line.pop();
            }
        }
        match String::from_utf8(line) {
            Ok(line) => collector.accept(ImportedTask { at, draft: TaskDraft::undefined(line) }),
            Err(_) => collector.errors.push(not_utf8(at)),
        }
    }
    collector.finish()
}

/// The whole file as one task.
pub(super) fn import_whole<R: Read>(reader: R, sink: &mut Sink<'_>) -> Result<ImportSummary, ErrorList> {
    let (mut reader, _) = CountingReader::new(reader);
    let mut collector = Collector::new(sink);
    let at = Location { index: Some(0), row: Some(1), byte: Some(0) };
    let mut bytes = Vec::new();
    match reader.read_to_end(&mut bytes) {
        Err(error) => collector.errors.push(read_error(at, &error)),
        Ok(_) => match String::from_utf8(bytes) {
            Ok(text) => collector.accept(ImportedTask { at, draft: TaskDraft::undefined(text) }),
            Err(_) => collector.errors.push(not_utf8(at)),
        },
    }
    collector.finish()
}

#[cfg(test)]
mod tests {
    use std::ops::ControlFlow;

    use super::*;
    use crate::UNDEFINED_KEY;

    fn lines(bytes: &[u8]) -> Result<Vec<String>, ErrorList> {
        let mut lines = Vec::new();
        import_lines(bytes, &mut |task| {
            lines.push(task.draft.data[UNDEFINED_KEY].as_str().unwrap().to_owned());
            ControlFlow::Continue(())
        })?;
        Ok(lines)
    }

    #[test]
    fn every_line_is_a_task() {
        assert_eq!(lines("\u{feff}one\r\n\n two \nthree".as_bytes()).unwrap(), ["one", "", " two ", "three"]);
        assert_eq!(lines(b"one\n").unwrap(), ["one"]);
        assert_eq!(lines(b"").unwrap(), Vec::<String>::new());
        let errors = lines(b"ok\n\xff\n").unwrap_err();
        assert_eq!(errors.errors[0].at.row, Some(2));
    }

    #[test]
    fn markup_is_one_task_with_all_of_it() {
        let mut text = String::new();
        import_whole("<p>\n\u{1F4A9}</p>\n".as_bytes(), &mut |task| {
            text = task.draft.data[UNDEFINED_KEY].as_str().unwrap().to_owned();
            ControlFlow::Continue(())
        })
        .unwrap();
        assert_eq!(text, "<p>\n\u{1F4A9}</p>\n");
        assert!(import_whole(&b"\xff"[..], &mut |_| ControlFlow::Continue(())).is_err());
    }
}
