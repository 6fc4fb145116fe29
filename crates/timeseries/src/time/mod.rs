//! Time formats: the d3-time-format dialect of strftime, read and written in UTC over nanoseconds.
//!
//! Odd cases: a fraction (`%L`, `%f`) is read with one to nine digits whichever of the two it is, so nothing is cut;
//! seconds may have decimals even where the format has none for them;
//! a missing zone is UTC; days that do not exist (2021-02-29) are refused rather than rolled over; literal characters
//! must match, and text after the last directive is an error.

pub(crate) mod calendar;
mod iso;
mod parse;
mod print;
mod zone;

use std::fmt;
use std::str::FromStr;

pub(crate) use iso::iso_pattern_for;
pub use iso::parse_iso8601;
pub(crate) use iso::parse_iso8601_in;
pub use zone::Zone;

/// A directive that no dialect knows.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TimeFormatError {
    #[error(
        "time format \"{format}\" has the unknown directive \"{directive}\"; known are %Y %m %d %H %M %S %L %f %Q %s %Z and the others of strftime"
    )]
    UnknownDirective { format: String, directive: String },
    #[error("time format \"{format}\" ends in a lone %")]
    LonePercent { format: String },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pad {
    Default,
    None,
    Space,
    Zero,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Field {
    WeekdayShort,
    WeekdayLong,
    MonthShort,
    MonthLong,
    Day,
    DaySpace,
    Micros,
    IsoYear2,
    IsoYear,
    Hour24,
    Hour12,
    DayOfYear,
    Millis,
    Month,
    Minute,
    Period,
    Quarter,
    EpochMillis,
    EpochSecs,
    Second,
    WeekdayFromMonday,
    WeekSunday,
    WeekIso,
    WeekdayFromSunday,
    WeekMonday,
    Year2,
    Year,
    Zone,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Item {
    Literal(char),
    Field(Field, Pad),
}

/// A compiled time format.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimeFormat {
    source: String,
    items: Vec<Item>,
    zone: Option<Zone>,
}

impl FromStr for TimeFormat {
    type Err = TimeFormatError;

    fn from_str(source: &str) -> Result<Self, Self::Err> {
        let mut items = Vec::new();
        compile(source, source, &mut items)?;
        Ok(Self { source: source.to_owned(), items, zone: None })
    }
}

impl fmt::Display for TimeFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.source)
    }
}

impl TimeFormat {
    /// The text this format was made from.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// Reads and writes the wall clock of a zone; a format that names its zone itself, or counts from the epoch, stays
    /// as it is.
    pub fn in_zone(mut self, zone: Option<&Zone>) -> Self {
        let fixed = |f: &Field| matches!(f, Field::Zone | Field::EpochSecs | Field::EpochMillis);
        let named = self.items.iter().any(|i| matches!(i, Item::Field(f, _) if fixed(f)));
        if !named && self.items.last() != Some(&Item::Literal('Z')) {
            self.zone = zone.cloned();
        }
        self
    }

    pub fn zone(&self) -> Option<&Zone> {
        self.zone.as_ref()
    }

    /// Nanoseconds since the epoch as the format's own clock counts them.
    pub(crate) fn local(&self, epoch_ns: i64) -> i64 {
        self.zone.as_ref().map_or(epoch_ns, |zone| zone.local(epoch_ns))
    }

    /// Reads a whole text; `None` when it does not match or names a date outside 1677 to 2262.
    pub fn parse(&self, text: &str) -> Option<i64> {
        let ns = parse::parse(&self.items, text)?;
        Some(self.zone.as_ref().map_or(ns, |zone| zone.utc(ns)))
    }

    /// Writes nanoseconds since the epoch in UTC. `%L` is three digits, `%f` six; smaller parts are cut.
    pub fn format(&self, epoch_ns: i64) -> String {
        print::print(&self.items, self.local(epoch_ns), false)
    }

    /// The smallest step that the format can write, in nanoseconds: a day without a clock time, a second without a
    /// fraction.
    pub fn precision_ns(&self) -> i64 {
        let step = |item: &Item| match item {
            Item::Field(Field::Micros, _) => 1_000,
            Item::Field(Field::Millis | Field::EpochMillis, _) => 1_000_000,
            Item::Field(Field::Second | Field::EpochSecs, _) => calendar::NS_PER_SEC,
            Item::Field(Field::Minute, _) => 60 * calendar::NS_PER_SEC,
            Item::Field(Field::Hour24 | Field::Hour12, _) => 3600 * calendar::NS_PER_SEC,
            _ => 86_400 * calendar::NS_PER_SEC,
        };
        self.items.iter().map(step).min().unwrap_or(1)
    }

    /// As [`TimeFormat::format`], but seconds get as many decimals (3, 6 or 9) as the time needs, so that reading the
    /// text back gives the same nanosecond.
    pub fn format_exact(&self, epoch_ns: i64) -> String {
        print::print(&self.items, self.local(epoch_ns), true)
    }
}

fn compile(source: &str, part: &str, items: &mut Vec<Item>) -> Result<(), TimeFormatError> {
    let mut chars = part.chars().peekable();
    while let Some(c) = chars.next() {
        if c != '%' {
            items.push(Item::Literal(c));
            continue;
        }
        let pad = match chars.peek() {
            Some('-') => Pad::None,
            Some('_') => Pad::Space,
            Some('0') => Pad::Zero,
            _ => Pad::Default,
        };
        if pad != Pad::Default {
            chars.next();
        }
        let Some(letter) = chars.next() else {
            return Err(TimeFormatError::LonePercent { format: source.to_owned() });
        };
        let field = match letter {
            'a' => Field::WeekdayShort,
            'A' => Field::WeekdayLong,
            'b' | 'h' => Field::MonthShort,
            'B' => Field::MonthLong,
            'd' => Field::Day,
            'e' => Field::DaySpace,
            'f' => Field::Micros,
            'g' => Field::IsoYear2,
            'G' => Field::IsoYear,
            'H' => Field::Hour24,
            'I' => Field::Hour12,
            'j' => Field::DayOfYear,
            'L' => Field::Millis,
            'm' => Field::Month,
            'M' => Field::Minute,
            'p' => Field::Period,
            'q' => Field::Quarter,
            'Q' => Field::EpochMillis,
            's' => Field::EpochSecs,
            'S' => Field::Second,
            'u' => Field::WeekdayFromMonday,
            'U' => Field::WeekSunday,
            'V' => Field::WeekIso,
            'w' => Field::WeekdayFromSunday,
            'W' => Field::WeekMonday,
            'y' => Field::Year2,
            'Y' => Field::Year,
            'Z' | 'z' => Field::Zone,
            '%' => {
                items.push(Item::Literal('%'));
                continue;
            }
            // Composites of the en-US locale, and the common C ones.
            'c' => {
                compile(source, "%-m/%-d/%Y, %-I:%M:%S %p", items)?;
                continue;
            }
            'x' => {
                compile(source, "%-m/%-d/%Y", items)?;
                continue;
            }
            'X' => {
                compile(source, "%-I:%M:%S %p", items)?;
                continue;
            }
            'F' => {
                compile(source, "%Y-%m-%d", items)?;
                continue;
            }
            'T' => {
                compile(source, "%H:%M:%S", items)?;
                continue;
            }
            'R' => {
                compile(source, "%H:%M", items)?;
                continue;
            }
            'D' => {
                compile(source, "%m/%d/%y", items)?;
                continue;
            }
            other => {
                return Err(TimeFormatError::UnknownDirective {
                    format: source.to_owned(),
                    directive: format!("%{other}"),
                });
            }
        };
        items.push(Item::Field(field, pad));
    }
    Ok(())
}

pub(crate) const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
pub(crate) const WEEKDAYS: [&str; 7] =
    ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

#[cfg(test)]
mod tests;
