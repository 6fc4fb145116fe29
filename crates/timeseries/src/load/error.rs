//! What can be wrong with a file. Every message says where, what, and how to mend it.

use std::fmt;

/// Where in the source something is: a line of a CSV file, or an item of a JSON array. Both count from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    Line(u64),
    Item(u64),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line(n) => write!(f, "line {n}"),
            Self::Item(n) => write!(f, "item {n}"),
        }
    }
}

/// Why a series could not be loaded.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum LoadError {
    #[error("the data are empty: there is a header ({}) but no row", .header.join(", "))]
    NoRows { header: Vec<String> },
    #[error("the data are empty")]
    Empty,
    #[error("separator {wanted:?} does not occur in line 1 ({line:?}); {}", .found.map_or_else(|| "set sep to the character between the fields".to_owned(), |c| format!("it looks separated by {c:?}: set sep={}", separator_name(c))))]
    SeparatorAbsent { wanted: char, line: String, found: Option<char> },
    #[error("sep {0:?} is not an ASCII character; use one such as , ; or tab")]
    SeparatorUnusable(char),
    #[error("sep=auto found no separator in line 2 ({line:?}); set sep to the character between the fields")]
    SeparatorNone { line: String },
    #[error("sep=auto cannot choose between {} in line 2 ({line:?}); set sep to one of them", .candidates.iter().map(|c| separator_name(*c)).collect::<Vec<_>>().join(" and "))]
    SeparatorAmbiguous { candidates: Vec<char>, line: String },
    #[error(
        "the first line has {header} fields but {place} has {row}; check sep, and quote fields that contain it"
    )]
    FieldCount { header: usize, row: usize, place: Place },
    #[error("a quote opened at {place} is never closed")]
    UnclosedQuote { place: Place },
    #[error("time column {wanted:?} is not in the data; {}", available(.header, .suggestion.as_deref(), "timeColumn"))]
    TimeColumnAbsent { wanted: String, header: Vec<String>, suggestion: Option<String> },
    #[error(
        "{place}, column {column:?}: {text:?} is not a time in the format {format:?}; correct timeFormat or the file"
    )]
    TimeUnreadable { place: Place, column: String, text: String, format: String },
    #[error(
        "{place}, column {column:?}: {text:?} is not a number; set timeFormat to read it as a date, for example timeFormat=\"%Y-%m-%d %H:%M:%S\""
    )]
    TimeNotNumeric { place: Place, column: String, text: String },
    #[error(
        "{place}, column {column:?}: time goes backwards, {text:?} comes after {previous:?}; sort the file, or load it sorted"
    )]
    Unsorted { place: Place, column: String, text: String, previous: String },
    #[error(transparent)]
    TimeFormat(#[from] crate::time::TimeFormatError),
    #[error("expected an object of arrays like {{\"time\": [0, 1], \"column\": [1.5, 2]}}, got {got}")]
    NotColumns { got: &'static str },
    #[error("column {column:?} has {len} items, the time column {expected}")]
    TimeLength { column: String, len: usize, expected: usize },
    #[error("the file looks like UTF-16; save it as UTF-8")]
    Utf16,
}

/// Something the user should know although the data were loaded.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Notice {
    #[error("column {wanted:?} is not in the data; {}", available(.header, .suggestion.as_deref(), "column"))]
    ColumnAbsent { wanted: String, header: Vec<String>, suggestion: Option<String> },
    #[error(
        "column {column:?}: {count} value(s) are not numbers and are shown as gaps, the first is {text:?} at {place}"
    )]
    TextInNumbers { column: String, count: u64, text: String, place: Place },
    #[error("{count} row(s) have more or fewer fields than the header, the first is {place}")]
    RaggedRows { count: u64, place: Place },
    #[error(
        "{count} row(s) were left out because their time cannot be read, the first is {text:?} at {place}"
    )]
    TimesSkipped { count: u64, text: String, place: Place },
    #[error(
        "{count} time(s) do not match timeFormat and were read as ISO 8601, the first is {text:?} at {place}"
    )]
    ReadAsIso { count: u64, text: String, place: Place },
    #[error(
        "timeZone {name:?} is not known here; times without a zone were read as UTC. Use a name such as Europe/Berlin, or an offset such as +02:00"
    )]
    ZoneUnknown { name: String },
    #[error("no timeFormat is set; times like {text:?} were read as ISO 8601, UTC")]
    IsoDetected { text: String },
    #[error("{moved} row(s) were out of order and have been sorted by time")]
    Sorted { moved: usize },
    #[error("times were read as {unit} (the first is {first})")]
    UnitGuessed { unit: &'static str, first: f64 },
    #[error(
        "times look like epoch {looks_like} (the first is {first}) but are taken for seconds; set timeUnit=\"{looks_like}\""
    )]
    LooksLikeEpoch { looks_like: &'static str, first: f64 },
    #[error(
        "there is no time column: samples are taken to be one second apart; set timeColumn, or sampleRate in Hz"
    )]
    OneHertz,
    #[error("the data have a single row")]
    SingleRow,
    #[error("column name {name:?} occurs more than once; the first one is used")]
    DuplicateName { name: String },
    #[error(
        "column {column:?} has {len} items, the time column {expected}; missing ones are gaps, surplus ones are left out"
    )]
    LengthDiffers { column: String, len: usize, expected: usize },
    #[error("sep=auto: fields are separated by {}", separator_name(*.0))]
    SeparatorGuessed(char),
}

impl Notice {
    /// Whether something the configuration asks for is missing, rather than something worth knowing.
    pub fn is_error(&self) -> bool {
        matches!(self, Self::ColumnAbsent { .. })
    }
}

pub(super) fn separator_name(c: char) -> String {
    match c {
        '\t' => "tab".into(),
        ' ' => "space".into(),
        c => format!("{c:?}"),
    }
}

fn available(header: &[String], suggestion: Option<&str>, attribute: &str) -> String {
    let list = header.iter().take(20).map(|n| format!("{n:?}")).collect::<Vec<_>>().join(", ");
    let more = if header.len() > 20 { format!(" and {} more", header.len() - 20) } else { String::new() };
    let all = format!("it has {list}{more}");
    match suggestion {
        Some(name) => format!("did you mean {attribute}={name:?}? {all}"),
        None => all,
    }
}
