//! JSON lists, single objects and JSON Lines, one element in memory at a time.

use std::fmt;
use std::io::{BufRead, BufReader, Read};
use std::ops::ControlFlow;

use serde::Deserialize;
use serde::Deserializer as _;
use serde::de::value::MapAccessDeserializer;
use serde::de::{self, DeserializeSeed, MapAccess, SeqAccess, Visitor};
use serde_json::{Deserializer, Value};

use super::position::{CountingReader, Position};
use super::{Collector, ImportSummary, Sink, not_utf8, read_error};
use crate::{ErrorList, ItemError, Location};

/// Where JSON comes from, which decides what `{"data": "text"}` means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JsonSource {
    /// A `.json` file: `data` must be an object.
    File,
    /// A request body: `data` of another type is a data key of that name.
    Body,
}

/// Reads a list of tasks, or one task, without keeping more than one. Several objects one after the other (JSON Lines
/// in a `.json` file) are read too.
pub fn import_json<R: Read>(
    reader: R,
    source: JsonSource,
    sink: &mut Sink<'_>,
) -> Result<ImportSummary, ErrorList> {
    let (reader, position) = CountingReader::new(reader);
    let mut walk = Walk {
        collector: Collector::new(sink),
        position,
        index: 0,
        data_may_be_scalar: source == JsonSource::Body,
    };
    let mut deserializer = Deserializer::from_reader(reader);
    let mut roots = 0;
    let outcome = loop {
        match deserializer.end() {
            Ok(()) if roots == 0 => {
                break Err(ItemError::new(
                    Location::default(),
                    "the file is empty",
                    "Upload a list of tasks",
                ));
            }
            Ok(()) => break Ok(()),
            // Anything but reading trouble means that another value follows.
            Err(error) if error.is_io() => break Err(syntax_error(&walk.position, &error)),
            Err(_) => {}
        }
        match (&mut deserializer).deserialize_any(RootVisitor { walk: &mut walk, first: roots == 0 }) {
            Ok(()) if walk.collector.is_done() => break Ok(()),
            Ok(()) => roots += 1,
            Err(_) if walk.collector.is_done() => break Ok(()),
            Err(error) => break Err(syntax_error(&walk.position, &error)),
        }
    };
    let mut collector = walk.collector;
    if let Err(error) = outcome {
        collector.errors.push(error);
    }
    collector.finish()
}

fn syntax_error(position: &Position, error: &serde_json::Error) -> ItemError {
    let at = Location {
        index: None,
        row: Some(error.line() as u64).filter(|line| *line > 0),
        byte: Some(position.byte().saturating_sub(1)),
    };
    if error.is_io() {
        return ItemError::new(at, format!("the file cannot be read: {error}"), "Upload it again");
    }
    let fix = match error.classify() {
        serde_json::error::Category::Eof => "The file ends too early: upload it again, or close what is open",
        _ => "Correct it there; a JSON checker in any editor shows the place",
    };
    let byte = at.byte.unwrap_or(0);
    ItemError::new(at, format!("this is not JSON: {error}, byte {byte} of the file"), fix)
}

struct Walk<'s, 'f> {
    collector: Collector<'s, 'f>,
    position: Position,
    index: usize,
    data_may_be_scalar: bool,
}

impl Walk<'_, '_> {
    /// Place of the element whose first byte the parser has just peeked at.
    fn here(&self) -> Location {
        let byte = self.position.byte().saturating_sub(1);
        Location { index: Some(self.index), row: Some(self.position.line()), byte: Some(byte) }
    }

    fn accept(&mut self, at: Location, element: Value) {
        self.index += 1;
        self.collector.accept_element(at, element, self.data_may_be_scalar);
    }
}

/// The list of tasks or the single task.
struct RootVisitor<'w, 's, 'f> {
    walk: &'w mut Walk<'s, 'f>,
    /// A second list in the same file is a mistake, further objects are JSON Lines.
    first: bool,
}

impl<'de> Visitor<'de> for RootVisitor<'_, '_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.first { "a list of tasks or one task object" } else { "another task object" })
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<(), A::Error> {
        if !self.first {
            return Err(de::Error::custom("a second list follows the first one"));
        }
        while let Some((at, element)) = elements.next_element_seed(ElementSeed(self.walk))? {
            self.walk.accept(at, element);
            if self.walk.collector.is_done() {
                // The rest of the list is not looked at; the caller sees why.
                return Err(de::Error::custom("stopped"));
            }
        }
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<(), A::Error> {
        let at = self.walk.here();
        let element = Value::deserialize(MapAccessDeserializer::new(map))?;
        self.walk.accept(at, element);
        Ok(())
    }
}

/// Notes where an element begins and then reads it.
struct ElementSeed<'w, 's, 'f>(&'w Walk<'s, 'f>);

impl<'de> DeserializeSeed<'de> for ElementSeed<'_, '_, '_> {
    type Value = (Location, Value);

    fn deserialize<D: de::Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        let at = self.0.here();
        Ok((at, Value::deserialize(deserializer)?))
    }
}

/// Gives the elements of a list one by one, with their places. `Break` ends it; anything but one list is an error.
pub fn json_elements<R: Read>(
    reader: R,
    take: &mut dyn FnMut(Location, Value) -> ControlFlow<()>,
) -> Result<(), ItemError> {
    let (reader, position) = CountingReader::new(reader);
    let mut deserializer = Deserializer::from_reader(reader);
    let mut stopped = false;
    let list = ListVisitor { position: &position, take, stopped: &mut stopped };
    let outcome = (&mut deserializer).deserialize_seq(list).and_then(|()| deserializer.end());
    match outcome {
        Err(error) if !stopped => Err(syntax_error(&position, &error)),
        _ => Ok(()),
    }
}

struct ListVisitor<'a> {
    position: &'a Position,
    take: &'a mut dyn FnMut(Location, Value) -> ControlFlow<()>,
    stopped: &'a mut bool,
}

impl<'de> Visitor<'de> for ListVisitor<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<(), A::Error> {
        let mut index = 0;
        while let Some((at, element)) = elements.next_element_seed(PlaceSeed(index, self.position))? {
            index += 1;
            if (self.take)(at, element).is_break() {
                *self.stopped = true;
                return Err(de::Error::custom("stopped"));
            }
        }
        Ok(())
    }
}

struct PlaceSeed<'a>(usize, &'a Position);

impl<'de> DeserializeSeed<'de> for PlaceSeed<'_> {
    type Value = (Location, Value);

    fn deserialize<D: de::Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        let at = Location {
            index: Some(self.0),
            row: Some(self.1.line()),
            byte: Some(self.1.byte().saturating_sub(1)),
        };
        Ok((at, Value::deserialize(deserializer)?))
    }
}

/// Reads one object per line. Blank lines are skipped. A broken line does not hide the ones behind it.
pub fn import_json_lines<R: Read>(reader: R, sink: &mut Sink<'_>) -> Result<ImportSummary, ErrorList> {
    let (reader, _) = CountingReader::new(reader);
    let mut reader = BufReader::new(reader);
    let mut collector = Collector::new(sink);
    let (mut line, mut row, mut byte, mut index) = (Vec::new(), 0, 0, 0);
    while !collector.is_done() {
        line.clear();
        let read = match reader.read_until(b'\n', &mut line) {
            Ok(0) => break,
            Ok(read) => read as u64,
            Err(error) => {
                collector.errors.push(read_error(Location::default(), &error));
                break;
            }
        };
        row += 1;
        let at = Location { index: Some(index), row: Some(row), byte: Some(byte) };
        byte += read;
        if line.trim_ascii().is_empty() {
            continue;
        }
        index += 1;
        match serde_json::from_slice::<Value>(&line) {
            Ok(element) => collector.accept_element(at, element, false),
            Err(_) if std::str::from_utf8(&line).is_err() => collector.errors.push(not_utf8(at)),
            Err(error) => {
                let message = format!("this line is not JSON: column {}, {error}", error.column());
                collector.errors.push(ItemError::new(at, message, "Write one whole object on each line"));
            }
        }
    }
    collector.finish()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::ImportedTask;

    fn read(text: &str, source: JsonSource) -> Result<(ImportSummary, Vec<ImportedTask>), ErrorList> {
        let mut tasks = Vec::new();
        let summary = import_json(text.as_bytes(), source, &mut |task| {
            tasks.push(task);
            ControlFlow::Continue(())
        })?;
        Ok((summary, tasks))
    }

    fn data(text: &str) -> Vec<Value> {
        let (_, tasks) = read(text, JsonSource::File).unwrap();
        tasks.into_iter().map(|task| Value::Object(task.draft.data)).collect()
    }

    #[test]
    fn lists_objects_and_lines_are_read() {
        assert_eq!(data(r#"[{"a":1},{"data":{"a":2}}]"#), [json!({"a": 1}), json!({"a": 2})]);
        assert_eq!(data("\u{feff} {\"a\":1}\n"), [json!({"a": 1})]);
        assert_eq!(
            data("{\"a\":1}\n{\"a\":2}\n\n{\"a\":3}"),
            [json!({"a": 1}), json!({"a": 2}), json!({"a": 3})]
        );
        assert_eq!(data("[]"), Vec::<Value>::new());
    }

    #[test]
    fn items_know_their_line_and_byte() {
        let (_, tasks) = read("[\n {\"a\":1},\n\n  {\"a\":2}]", JsonSource::File).unwrap();
        let places: Vec<_> = tasks.iter().map(|task| (task.at.index, task.at.row, task.at.byte)).collect();
        assert_eq!(places, [(Some(0), Some(2), Some(3)), (Some(1), Some(4), Some(15))]);
    }

    #[test]
    fn counts_and_common_columns() {
        let text = r#"[{"data":{"a":1,"b":2},"annotations":[{"result":[]}],"predictions":[{},{}]},{"b":1}]"#;
        let (summary, _) = read(text, JsonSource::File).unwrap();
        assert_eq!((summary.task_count, summary.annotation_count, summary.prediction_count), (2, 1, 2));
        assert_eq!(summary.data_columns.keys().collect::<Vec<_>>(), ["b"]);
    }

    #[test]
    fn all_wrong_items_are_reported_with_their_place() {
        let errors = read("[1,\n{\"data\":\"x\"},{\"a\":1},\n[]]", JsonSource::File).unwrap_err();
        let places: Vec<_> = errors.errors.iter().map(|e| (e.at.index, e.at.row)).collect();
        assert_eq!(places, [(Some(0), Some(1)), (Some(1), Some(2)), (Some(3), Some(3))]);
        assert!(read("{\"data\":\"x\"}", JsonSource::Body).is_ok());
    }

    #[test]
    fn syntax_errors_have_line_and_byte() {
        let errors = read("[{\"a\":1},\n{\"a\" 2}]", JsonSource::File).unwrap_err();
        assert_eq!(errors.errors[0].at, Location { index: None, row: Some(2), byte: Some(15) });
        for broken in ["", "   ", "[{\"a\":1}", "7", "[] []", "[1] x", "{\"a\":1} x", "\"text\""] {
            assert!(read(broken, JsonSource::File).is_err(), "{broken:?}");
        }
    }

    #[test]
    fn errors_stop_at_a_hundred_and_the_sink_can_stop_too() {
        let many = format!("[{}1]", "1,".repeat(500));
        assert_eq!(read(&many, JsonSource::File).unwrap_err().errors.len(), crate::MAX_ERRORS);
        let mut seen = 0;
        let summary = import_json("[{\"a\":1},{\"a\":2},{\"a\":3}".as_bytes(), JsonSource::File, &mut |_| {
            seen += 1;
            if seen == 2 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })
        .unwrap();
        assert!(summary.stopped && seen == 2);
    }

    #[test]
    fn elements_come_with_their_places() {
        let list = |text: &str, most: usize| {
            let mut seen = Vec::new();
            let outcome = json_elements(text.as_bytes(), &mut |at, element| {
                seen.push((at.index, at.row, at.byte, element));
                if seen.len() == most { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            });
            (outcome.map_err(|e| e.to_string()), seen)
        };
        let (outcome, seen) = list("[1,\n {\"a\":2}]", 9);
        assert_eq!(outcome, Ok(()));
        assert_eq!(
            seen,
            [(Some(0), Some(1), Some(1), json!(1)), (Some(1), Some(2), Some(5), json!({"a": 2}))]
        );
        assert_eq!(list("[1,2,broken", 2), (Ok(()), list("[1,2]", 9).1));
        for broken in ["", "{}", "[1] 2", "[1,", "7"] {
            assert!(list(broken, 9).0.is_err(), "{broken}");
        }
    }

    #[test]
    fn json_lines_report_each_broken_line() {
        let mut tasks = Vec::new();
        let text = "{\"a\":1}\r\n\n{broken}\n{\"a\":2}\n[1]\n";
        let errors = import_json_lines(text.as_bytes(), &mut |task| {
            tasks.push(task.at.row);
            ControlFlow::Continue(())
        })
        .unwrap_err();
        assert_eq!(tasks, [Some(1), Some(4)]);
        assert_eq!(errors.errors.iter().map(|e| e.at.row).collect::<Vec<_>>(), [Some(3), Some(5)]);
    }

    #[test]
    fn a_long_list_is_handed_out_while_it_is_read() {
        struct Endless(bool);
        impl Read for Endless {
            fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
                let piece: &[u8] = if self.0 { b"{\"a\":1}," } else { b"[" };
                self.0 = true;
                buffer[..piece.len()].copy_from_slice(piece);
                Ok(piece.len())
            }
        }
        let mut seen = 0;
        let summary = import_json(Endless(false), JsonSource::File, &mut |_| {
            seen += 1;
            if seen == 10_000 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        assert_eq!(summary.unwrap().task_count, 10_000);
    }

    proptest! {
        #[test]
        fn no_input_panics(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = import_json(bytes.as_slice(), JsonSource::File, &mut |_| ControlFlow::Continue(()));
            let _ = import_json_lines(bytes.as_slice(), &mut |_| ControlFlow::Continue(()));
        }

        #[test]
        fn no_json_like_input_panics(text in "[\\[\\]{}\",:0-9a \\n]{0,60}") {
            let _ = read(&text, JsonSource::Body);
        }
    }
}
