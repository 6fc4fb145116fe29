//! CSV and TSV: one task per row, with the cell types of a data frame (formats.md 2.1).
//!
//! The type of a column depends on all of its cells, so the file is read twice: once to learn the types, once to hand
//! out the rows. Memory stays constant.

mod header;
mod typing;

use std::io::{Read, Seek, SeekFrom};

use csv::{ByteRecord, Reader, ReaderBuilder};
use serde_json::{Map, Value};

use super::position::CountingReader;
use super::{Collector, ImportSummary, ImportedTask, Sink, not_utf8, read_error};
use crate::{ErrorList, ItemError, Location, TaskDraft};
use typing::{Column, ColumnType};

/// Reads a table. Without a `separator` it is `;` if the header line has more of them than `,`, else `,`.
pub(super) fn import_table<R: Read + Seek>(
    mut file: R,
    separator: Option<u8>,
    sink: &mut Sink<'_>,
) -> Result<ImportSummary, ErrorList> {
    let cannot_read = |error: std::io::Error| ErrorList::from(read_error(Location::default(), &error));
    let separator = match separator {
        Some(separator) => separator,
        None => header::guess_separator(&mut file).map_err(cannot_read)?,
    };
    file.seek(SeekFrom::Start(0)).map_err(cannot_read)?;
    let table = survey(&mut file, separator)?;
    file.seek(SeekFrom::Start(0)).map_err(cannot_read)?;

    let mut collector = Collector::new(sink);
    let mut rows = reader(&mut file, separator);
    let mut row = ByteRecord::new();
    let mut index = 0;
    while !collector.is_done() {
        match rows.read_byte_record(&mut row) {
            Ok(true) => {}
            Ok(false) => break,
            Err(error) => {
                collector.errors.push(row_error(index, &row, &error.to_string()));
                break;
            }
        }
        let at = place(index, &row);
        index += 1;
        collector.accept(ImportedTask { at, draft: TaskDraft::from_data(table.data_of(&row)) });
    }
    collector.finish()
}

fn reader<R: Read>(file: R, separator: u8) -> Reader<impl Read> {
    let (file, _) = CountingReader::new(file);
    ReaderBuilder::new().delimiter(separator).flexible(true).has_headers(true).from_reader(file)
}

fn place(index: usize, row: &ByteRecord) -> Location {
    let position = row.position();
    Location {
        index: Some(index),
        row: position.map(csv::Position::line),
        byte: position.map(csv::Position::byte),
    }
}

fn row_error(index: usize, row: &ByteRecord, message: &str) -> ItemError {
    ItemError::new(place(index, row), format!("this row cannot be read: {message}"), "Correct the row")
}

/// Names and types of the columns.
struct Table {
    names: Vec<String>,
    types: Vec<ColumnType>,
}

impl Table {
    /// Cells that a short row lacks are blank.
    fn data_of(&self, row: &ByteRecord) -> Map<String, Value> {
        self.names
            .iter()
            .zip(&self.types)
            .enumerate()
            .map(|(n, (name, column))| {
                let cell = row.get(n).and_then(|cell| std::str::from_utf8(cell).ok()).unwrap_or_default();
                (name.clone(), column.value(cell))
            })
            .collect()
    }
}

/// The first reading: names, types, and everything that is wrong.
fn survey<R: Read>(file: R, separator: u8) -> Result<Table, ErrorList> {
    let mut quotes = QuoteCounter { inner: file, odd: false };
    let mut rows = reader(&mut quotes, separator);
    let header = rows.byte_headers().map_err(|error| row_error(0, &ByteRecord::new(), &error.to_string()))?;
    if header.is_empty() {
        return Err(ItemError::new(
            Location::default(),
            "the file is empty",
            "The first line must name the columns, which are the data keys",
        )
        .into());
    }
    let header_row = Location { index: None, row: Some(1), byte: Some(0) };
    let names: Result<Vec<&str>, _> = header.iter().map(std::str::from_utf8).collect();
    let names = header::unique_names(&names.map_err(|_| not_utf8(header_row))?);
    let mut columns = vec![Column::default(); names.len()];
    let mut errors = ErrorList::default();
    let mut row = ByteRecord::new();
    let (mut index, mut open_quote) = (0, None);
    while !errors.is_full() {
        match rows.read_byte_record(&mut row) {
            Ok(true) => {}
            Ok(false) => break,
            Err(error) => {
                errors.push(row_error(index, &row, &error.to_string()));
                break;
            }
        }
        let at = place(index, &row);
        index += 1;
        open_quote = row.iter().next_back().filter(|cell| cell.contains(&b'\n')).map(|_| at);
        if row.len() > names.len() {
            errors.push(ItemError::new(
                at,
                format!("this row has {} cells, the header has {}", row.len(), names.len()),
                "Put cells that contain the separator in double quotes, or name the extra columns in the header",
            ));
            continue;
        }
        for (n, column) in columns.iter_mut().enumerate() {
            match std::str::from_utf8(row.get(n).unwrap_or_default()) {
                Ok(cell) => column.observe(cell),
                Err(_) => errors.push(ItemError { field: Some(names[n].clone()), ..not_utf8(at) }),
            }
        }
    }
    drop(rows);
    if let Some(at) = open_quote.filter(|_| quotes.odd && errors.is_empty()) {
        errors.push(ItemError::new(
            at,
            "a double quote is opened in this row and never closed, so the rest of the file is one cell",
            "Close it, or write a quote inside a cell twice",
        ));
    }
    if !errors.is_empty() {
        return Err(errors);
    }
    Ok(Table { names, types: columns.into_iter().map(Column::decide).collect() })
}

/// Remembers whether it has passed on an odd number of double quotes.
struct QuoteCounter<R> {
    inner: R,
    odd: bool,
}

impl<R: Read> Read for QuoteCounter<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.odd ^= buffer[..read].iter().filter(|byte| **byte == b'"').count() % 2 == 1;
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;
    use std::ops::ControlFlow;

    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::import::import_file;

    fn tasks(name: &str, text: impl AsRef<[u8]>) -> Result<Vec<Value>, ErrorList> {
        let mut tasks = Vec::new();
        import_file(name, None, Cursor::new(text.as_ref()), &mut |task| {
            tasks.push(Value::Object(task.draft.data));
            ControlFlow::Continue(())
        })?;
        Ok(tasks)
    }

    fn csv(text: &str) -> Vec<Value> {
        tasks("t.csv", text).unwrap()
    }

    #[test]
    fn the_documented_example() {
        assert_eq!(
            csv("image,extra\nd.jpg,1\ne.jpg,\n"),
            [json!({"image": "d.jpg", "extra": 1.0}), json!({"image": "e.jpg", "extra": ""})]
        );
    }

    #[test]
    fn quoted_cells_may_hold_anything() {
        assert_eq!(csv("\u{feff}a,b\r\n\"x, \"\"y\"\"\nz\",2\r\n"), [json!({"a": "x, \"y\"\nz", "b": 2})]);
    }

    #[test]
    fn the_separator_is_the_one_the_header_has_more_of() {
        assert_eq!(csv("a;b,c;d\n1;2;3\n"), [json!({"a": 1, "b,c": 2, "d": 3})]);
        assert_eq!(csv("a;b,c\n1,2\n"), [json!({"a;b": 1, "c": 2})]);
        assert_eq!(tasks("t.tsv", "a;b\tc,d\n1\t2\n").unwrap(), [json!({"a;b": 1, "c,d": 2})]);
    }

    #[test]
    fn short_rows_are_filled_and_long_rows_are_errors() {
        assert_eq!(csv("a,b\nx\n"), [json!({"a": "x", "b": ""})]);
        let errors = tasks("t.csv", "a,b\n1,2\n\"m\nn\",2,3\n1,2,3\n").unwrap_err();
        let rows: Vec<_> = errors.errors.iter().map(|e| (e.at.index, e.at.row)).collect();
        assert_eq!(rows, [(Some(1), Some(3)), (Some(2), Some(5))]);
    }

    #[test]
    fn an_open_quote_is_noticed() {
        let errors = tasks("t.csv", "a,b\n1,\"open\n2,x\n3,y\n").unwrap_err();
        assert_eq!(errors.errors[0].at.row, Some(2));
        assert_eq!(csv("a\n5\" pipe\n6\n").len(), 2);
    }

    #[test]
    fn not_utf8_names_row_and_column() {
        let errors = tasks("t.csv", b"a,b\n1,\xff\n").unwrap_err();
        assert_eq!((errors.errors[0].at.row, errors.errors[0].field.as_deref()), (Some(2), Some("b")));
    }

    #[test]
    fn an_empty_file_is_an_error_and_a_header_alone_is_not() {
        assert!(tasks("t.csv", "").is_err());
        assert_eq!(csv("a,b\n"), Vec::<Value>::new());
    }

    proptest! {
        #[test]
        fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..120)) {
            let _ = tasks("t.csv", bytes);
        }

        #[test]
        fn texts_come_back_as_they_were(rows in prop::collection::vec(("x[ -~é\n]{0,8}", "x\\PC{0,8}"), 1..8)) {
            let mut writer = csv::Writer::from_writer(Vec::new());
            writer.write_record(["first", "second"]).unwrap();
            for (a, b) in &rows {
                writer.write_record([a, b]).unwrap();
            }
            let expected: Vec<_> = rows.iter().map(|(a, b)| json!({"first": a, "second": b})).collect();
            prop_assert_eq!(tasks("t.csv", writer.into_inner().unwrap()).unwrap(), expected);
        }
    }
}
