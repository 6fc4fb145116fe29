//! CSV in chunks: the first two lines decide separator and header, everything after goes straight into columns.

use csv_core::{ReadRecordResult, Reader, ReaderBuilder};

use super::error::{LoadError, Notice, Place};
use super::number::Cell;
use super::separator::{self, Wanted};
use super::times::TimeReader;
use super::{LoadOptions, Loaded};
use crate::columns::{Column, Columns, resolve, suggestion};

/// A record longer than this is an unclosed quote, not data.
const MAX_RECORD_BYTES: usize = 4 << 20;
/// Reserving more than this on the word of a size hint would let a wrong hint eat the memory.
const MAX_RESERVED_ROWS: u64 = 1 << 25;

/// How far a load has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    pub bytes: u64,
    pub rows: usize,
}

/// A push parser: feed it the file in pieces of any size, then finish.
#[derive(Debug)]
pub struct CsvLoader {
    options: LoadOptions,
    bytes: u64,
    /// The beginning of the file until two lines are complete.
    head: Vec<u8>,
    body: Option<Body>,
}

impl CsvLoader {
    pub fn new(options: LoadOptions) -> Self {
        Self { options, bytes: 0, head: Vec::new(), body: None }
    }

    /// Takes the next piece of the file.
    pub fn push(&mut self, chunk: &[u8]) -> Result<Progress, LoadError> {
        self.bytes += chunk.len() as u64;
        match &mut self.body {
            Some(body) => body.feed(chunk)?,
            None => {
                self.head.extend_from_slice(chunk);
                if lines(&self.head).filter(|line| line.complete).count() >= 2 {
                    self.begin()?;
                } else if self.head.len() > MAX_RECORD_BYTES {
                    return Err(LoadError::UnclosedQuote { place: Place::Line(1) });
                }
            }
        }
        Ok(Progress { bytes: self.bytes, rows: self.body.as_ref().map_or(0, |b| b.times.rows()) })
    }

    /// Reads what is left and hands over the data.
    pub fn finish(mut self) -> Result<Loaded, LoadError> {
        if self.body.is_none() {
            self.begin()?;
        }
        let body = self.body.ok_or(LoadError::Empty)?;
        body.finish(&self.options)
    }

    fn begin(&mut self) -> Result<(), LoadError> {
        let head = std::mem::take(&mut self.head);
        if head.starts_with(&[0xff, 0xfe]) || head.starts_with(&[0xfe, 0xff]) {
            return Err(LoadError::Utf16);
        }
        let head = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&head);
        let mut top = lines(head).map(|line| String::from_utf8_lossy(line.text).into_owned());
        let first = top.next().ok_or(LoadError::Empty)?;
        let second = top.next().unwrap_or_default();
        let mut body = Body::new(&first, &second, &self.options)?;
        if let Some(total) = self.options.total_bytes {
            let line = if second.is_empty() { first.len() } else { second.len() } as u64 + 1;
            body.reserve((total / line + 16).min(MAX_RESERVED_ROWS) as usize);
        }
        body.feed(head)?;
        self.body = Some(body);
        Ok(())
    }
}

struct Line<'a> {
    text: &'a [u8],
    complete: bool,
}

/// Lines that are not blank, trimmed.
fn lines(bytes: &[u8]) -> impl Iterator<Item = Line<'_>> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut at = 0;
    std::iter::from_fn(move || {
        while at < bytes.len() {
            let rest = &bytes[at..];
            let end = rest.iter().position(|b| matches!(b, b'\n' | b'\r'));
            at += end.map_or(rest.len(), |n| n + 1);
            let text = rest[..end.unwrap_or(rest.len())].trim_ascii();
            if !text.is_empty() {
                return Some(Line { text, complete: end.is_some() });
            }
        }
        None
    })
}

#[derive(Debug)]
struct Target {
    column: Column,
    text: Option<(u64, String, Place)>,
}

#[derive(Debug)]
struct Body {
    reader: Reader,
    /// Whether leading and trailing separators of a line are its indentation.
    blank_separator: bool,
    text: Vec<u8>,
    text_len: usize,
    ends: Vec<usize>,
    ends_len: usize,
    newlines: u64,
    record_line: u64,
    skip_header: bool,
    first_row: bool,
    header: Vec<String>,
    time_field: Option<usize>,
    times: TimeReader,
    targets: Vec<Target>,
    ragged: Option<(u64, Place)>,
    notices: Vec<Notice>,
}

impl Body {
    fn new(first: &str, second: &str, options: &LoadOptions) -> Result<Self, LoadError> {
        let wanted = Wanted::from_attribute(&options.separator);
        let time_column = options.time.column.trim().to_lowercase();
        let (separator, guessed) = separator::choose(wanted, first, second, !time_column.is_empty())?;
        let mut notices = Vec::new();
        if guessed {
            notices.push(Notice::SeparatorGuessed(char::from(separator)));
        }

        let fields = separator::split(first, separator);
        let kinds = |fields: &[String]| fields.iter().map(|f| Cell::read(f.as_bytes())).collect::<Vec<_>>();
        let (top, below) = (kinds(&fields), kinds(&separator::split(second, separator)));
        let headless = if second.is_empty() {
            top.iter().any(|c| matches!(c, Cell::Number(_)))
        } else {
            top.len() == below.len() && top.iter().zip(&below).all(|(a, b)| a.same_kind(*b))
        };
        let header: Vec<String> = if headless {
            (0..fields.len()).map(|i| i.to_string()).collect()
        } else {
            fields.iter().map(|name| name.to_lowercase()).collect()
        };
        for (i, name) in header.iter().enumerate() {
            if header[..i].contains(name) && !name.is_empty() {
                notices.push(Notice::DuplicateName { name: name.clone() });
            }
        }

        let time_field = if time_column.is_empty() {
            None
        } else {
            // An index names a column of a headless file only; with a header it is no name (tags.md 7.3).
            let found = header.iter().position(|name| *name == time_column);
            let Some(found) = found else {
                let by_index = time_column.parse::<usize>().ok().and_then(|i| header.get(i).cloned());
                let suggestion = by_index.or_else(|| suggestion(&header, &time_column));
                return Err(LoadError::TimeColumnAbsent {
                    wanted: options.time.column.clone(),
                    header,
                    suggestion,
                });
            };
            Some(found)
        };
        let mut chosen: Vec<usize> = Vec::new();
        for wanted in &options.columns {
            match resolve(&header, wanted) {
                Some(field) if chosen.contains(&field) => {}
                Some(field) => chosen.push(field),
                None => notices.push(Notice::ColumnAbsent {
                    wanted: wanted.clone(),
                    suggestion: suggestion(&header, wanted),
                    header: header.clone(),
                }),
            }
        }
        if options.columns.is_empty() {
            chosen = (0..header.len()).filter(|field| Some(*field) != time_field).collect();
        }
        chosen.sort_unstable();
        let times = TimeReader::new(time_field.map(|field| header[field].as_str()), options)?;
        Ok(Self {
            reader: ReaderBuilder::new().delimiter(separator).build(),
            blank_separator: separator.is_ascii_whitespace(),
            text: vec![0; 1024],
            text_len: 0,
            ends: vec![0; header.len() + 8],
            ends_len: 0,
            newlines: 0,
            record_line: 1,
            skip_header: !headless,
            first_row: true,
            time_field,
            times,
            targets: chosen
                .into_iter()
                .map(|field| Target { column: Column::new(&header[field], field), text: None })
                .collect(),
            header,
            ragged: None,
            notices,
        })
    }

    fn reserve(&mut self, rows: usize) {
        self.times.reserve(rows);
    }

    fn feed(&mut self, mut input: &[u8]) -> Result<(), LoadError> {
        while !input.is_empty() {
            input = &input[self.step(input)?.0..];
        }
        Ok(())
    }

    /// Reads until a record ends or `input` does; empty input is the end of the file. Returns the bytes used and
    /// whether nothing is left.
    fn step(&mut self, input: &[u8]) -> Result<(usize, bool), LoadError> {
        if self.text_len == 0 && self.ends_len == 0 {
            self.record_line = self.newlines + 1;
        }
        let (result, used, written, ended) =
            self.reader.read_record(input, &mut self.text[self.text_len..], &mut self.ends[self.ends_len..]);
        let eaten = &input[..used];
        self.newlines += eaten.iter().filter(|b| **b == b'\n').count() as u64;
        self.text_len += written;
        self.ends_len += ended;
        match result {
            ReadRecordResult::InputEmpty | ReadRecordResult::End => {}
            ReadRecordResult::OutputFull => {
                if self.text.len() >= MAX_RECORD_BYTES {
                    return Err(LoadError::UnclosedQuote { place: Place::Line(self.record_line) });
                }
                self.text.resize(self.text.len() * 2, 0);
            }
            ReadRecordResult::OutputEndsFull => self.ends.resize(self.ends.len() * 2, 0),
            ReadRecordResult::Record => {
                let line = self.newlines + u64::from(eaten.last() != Some(&b'\n'));
                self.record(Place::Line(line))?;
                (self.text_len, self.ends_len) = (0, 0);
            }
        }
        Ok((used, result == ReadRecordResult::End))
    }

    fn record(&mut self, place: Place) -> Result<(), LoadError> {
        let (text, ends) = (&self.text, &self.ends);
        let field = |i: usize| text[if i == 0 { 0 } else { ends[i - 1] }..ends[i]].trim_ascii();
        let (mut from, mut to) = (0, self.ends_len);
        if self.blank_separator {
            while from + 1 < to && field(from).is_empty() && to - from > self.header.len() {
                from += 1;
            }
            while to > from + 1 && field(to - 1).is_empty() && to - from > self.header.len() {
                to -= 1;
            }
        }
        let count = to - from;
        if text[..self.text_len].trim_ascii().is_empty() && count <= 1 {
            return Ok(());
        }
        if std::mem::take(&mut self.skip_header) {
            return Ok(());
        }
        if count != self.header.len() {
            if self.first_row {
                return Err(LoadError::FieldCount { header: self.header.len(), row: count, place });
            }
            match &mut self.ragged {
                Some((count, _)) => *count += 1,
                None => self.ragged = Some((1, place)),
            }
        }
        self.first_row = false;
        let get = |i: usize| if i < count { field(from + i) } else { &[][..] };
        if !self.times.push(self.time_field.map_or(&[][..], get), place)? {
            return Ok(());
        }
        for target in &mut self.targets {
            let bytes = get(target.column.header_index);
            target.column.push(match Cell::read(bytes) {
                Cell::Number(value) => value,
                Cell::Missing => f64::NAN,
                Cell::Text => {
                    match &mut target.text {
                        Some((count, ..)) => *count += 1,
                        None => {
                            let text = separator::shorten(&String::from_utf8_lossy(bytes));
                            target.text = Some((1, text, place));
                        }
                    }
                    f64::NAN
                }
            });
        }
        Ok(())
    }

    fn finish(mut self, options: &LoadOptions) -> Result<Loaded, LoadError> {
        // A record that has swallowed this many lines and still wants more began with a stray quote.
        if self.newlines > self.record_line + 1000 && self.text_len > 0 {
            return Err(LoadError::UnclosedQuote { place: Place::Line(self.record_line) });
        }
        while !self.step(&[])?.1 {}
        let mut notices = self.notices;
        let rows = self.times.rows();
        let (axis, order, codec) = self.times.finish(options, &mut notices)?;
        match rows {
            0 => return Err(LoadError::NoRows { header: self.header }),
            1 => notices.push(Notice::SingleRow),
            _ => {}
        }
        if let Some((count, place)) = self.ragged {
            notices.push(Notice::RaggedRows { count, place });
        }
        let mut columns = Vec::with_capacity(self.targets.len());
        for target in self.targets {
            let mut column = target.column;
            if let Some((count, text, place)) = target.text {
                notices.push(Notice::TextInNumbers { column: column.name.clone(), count, text, place });
            }
            column.values.finish();
            if let Some(order) = &order {
                column = Column::new(column.name, column.header_index)
                    .filled(order.iter().map(|i| column.values.get(*i as usize)));
            }
            columns.push(column);
        }
        Ok(Loaded { columns: Columns { axis, columns, header: self.header }, codec, notices })
    }
}
