//! Loading: CSV in chunks, JSON objects of arrays, and what can be wrong with them (tags.md 7.3).
//!
//! # The odd cases first
//! - An **empty field**, text or an infinity in a number column is NaN; text is counted in a [`Notice`].
//! - A **time that cannot be read**: two of the first three are an error, later ones drop their row, with a notice.
//! - The **first data line** must have as many fields as the header; later lines are filled up or cut, with a notice
//!   (the last line of a cut recording is often half a line).
//! - A **channel that is not in the file** is a notice, so that the others are drawn; a missing **time column** is an
//!   error. Both list what there is and propose the closest name.
//! - Memory: only the wanted columns are kept, as plain `f64`.

mod csv;
mod error;
mod json;
mod number;
mod separator;
mod times;

use crate::axis::TimeUnit;
use crate::columns::Columns;
use crate::time::Zone;
use crate::value::ValueCodec;

pub use csv::{CsvLoader, Progress};
pub use error::{LoadError, Notice, Place};
pub use json::load_json;

/// How the time column is to be read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TimeSpec {
    /// `timeColumn`: a name (lower-cased by the loader) or, without a header, an index. Empty: samples are counted.
    pub column: String,
    /// `timeFormat`; empty means plain numbers (or ISO 8601 texts, which are recognised with a notice).
    pub format: String,
    /// `timeUnit` of a numeric column. `None` is Label Studio's reading: seconds, with a notice where the values look
    /// like epoch milliseconds or finer.
    pub unit: Option<UnitChoice>,
    /// `sampleRate` in Hz, for series without a time column.
    pub sample_rate: Option<f64>,
    /// The zone of times that name none; `None` is UTC.
    pub zone: Option<Zone>,
}

/// A `timeUnit` attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnitChoice {
    Fixed(TimeUnit),
    /// Guessed from the first value; the decision is a notice.
    Auto,
}

impl TimeSpec {
    /// From the attributes of a TimeSeries tag. A `timeDisplayFormat` that starts with a letter says that numbers are
    /// dates, which Label Studio counts in milliseconds.
    pub fn from_attributes(
        time_column: &str,
        time_format: &str,
        time_display_format: &str,
        time_unit: &str,
        sample_rate: &str,
    ) -> Self {
        let unit = match time_unit.trim() {
            "auto" => Some(UnitChoice::Auto),
            text => TimeUnit::from_attribute(text).map(UnitChoice::Fixed).or_else(|| {
                let shows_dates = time_display_format.starts_with(|c: char| c.is_ascii_alphabetic());
                shows_dates.then_some(UnitChoice::Fixed(TimeUnit::Milliseconds))
            }),
        };
        Self {
            column: time_column.trim().to_owned(),
            format: time_format.to_owned(),
            unit,
            sample_rate: sample_rate.trim().parse().ok().filter(|rate: &f64| rate.is_finite() && *rate > 0.0),
            zone: None,
        }
    }
}

/// What to load and how.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LoadOptions {
    /// `sep` as written: one character, or `tab`, `\t`, `space`, `comma`, `dot`, `auto`. Empty means `,`.
    pub separator: String,
    pub time: TimeSpec,
    /// Channel columns to keep, by name or header index; empty keeps all.
    pub columns: Vec<String>,
    /// Sort rows whose times go backwards instead of refusing them.
    pub sort: bool,
    /// Size of the whole file in bytes, if known: memory is then reserved once.
    pub total_bytes: Option<u64>,
}

/// Data, and what the reader of the file should know about it.
#[derive(Clone, Debug, PartialEq)]
pub struct Loaded {
    pub columns: Columns,
    /// How region values of this series are stored.
    pub codec: ValueCodec,
    pub notices: Vec<Notice>,
}

/// Loads a whole CSV text.
pub fn load_csv(bytes: &[u8], options: &LoadOptions) -> Result<Loaded, LoadError> {
    let mut loader = CsvLoader::new(LoadOptions {
        total_bytes: options.total_bytes.or(Some(bytes.len() as u64)),
        ..options.clone()
    });
    loader.push(bytes)?;
    loader.finish()
}

/// Loads the body of a `valueType="url"` answer: an object of arrays if it is JSON and begins with `{`, else CSV.
pub fn load_body(bytes: &[u8], options: &LoadOptions) -> Result<Loaded, LoadError> {
    if bytes.trim_ascii_start().starts_with(b"{")
        && let Ok(value) = serde_json::from_slice(bytes)
    {
        return load_json(&value, options);
    }
    load_csv(bytes, options)
}

#[cfg(test)]
mod tests;
