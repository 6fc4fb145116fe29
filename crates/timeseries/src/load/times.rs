//! Reading the time column row by row.

use super::error::{LoadError, Notice, Place};
use super::number::Cell;
use super::separator::shorten;
use super::{LoadOptions, UnitChoice};
use crate::axis::{TimeAxis, TimeUnit};
use crate::time::{TimeFormat, Zone, iso_pattern_for, parse_iso8601_in};
use crate::value::ValueCodec;

/// The first row of a kind, and how many there are.
#[derive(Debug)]
struct Tally {
    count: u64,
    text: String,
    place: Place,
}

#[derive(Debug)]
enum Mode {
    /// No time column.
    Index,
    Format(TimeFormat),
    /// No format: numbers, unless the first time is an ISO text.
    Undecided,
    Numbers,
    Iso,
}

#[derive(Debug)]
enum Values {
    Dates(Vec<i64>),
    Numbers(Vec<f64>),
}

/// Collects times, watches their order, and counts what is wrong.
#[derive(Debug)]
pub(super) struct TimeReader {
    mode: Mode,
    column: String,
    values: Values,
    rows: usize,
    seen: u64,
    early_failures: u32,
    skipped: Option<Tally>,
    as_iso: Option<Tally>,
    iso_sample: Option<String>,
    sort: bool,
    zone: Option<Zone>,
    last_text: String,
    backwards: bool,
    value_format: Option<TimeFormat>,
    /// The smallest step of `value_format`, and whether a time lies between two of them.
    precision_ns: i64,
    finer: bool,
}

fn count(tally: &mut Option<Tally>, text: &str, place: Place) {
    match tally {
        Some(tally) => tally.count += 1,
        None => *tally = Some(Tally { count: 1, text: shorten(text), place }),
    }
}

impl TimeReader {
    /// `column` is the name of the time column in the file, `None` when samples are counted.
    pub(super) fn new(column: Option<&str>, options: &LoadOptions) -> Result<Self, LoadError> {
        let format = options.time.format.trim();
        let mode = match column {
            None => Mode::Index,
            Some(_) if format.is_empty() => Mode::Undecided,
            Some(_) => Mode::Format(format.parse::<TimeFormat>()?.in_zone(options.time.zone.as_ref())),
        };
        let value_format = if let Mode::Format(format) = &mode { Some(format.clone()) } else { None };
        let values = match mode {
            Mode::Format(_) => Values::Dates(Vec::new()),
            _ => Values::Numbers(Vec::new()),
        };
        Ok(Self {
            mode,
            column: column.unwrap_or_default().to_owned(),
            values,
            rows: 0,
            seen: 0,
            early_failures: 0,
            skipped: None,
            as_iso: None,
            iso_sample: None,
            sort: options.sort,
            zone: options.time.zone.clone(),
            last_text: String::new(),
            backwards: false,
            precision_ns: value_format.as_ref().map_or(1, TimeFormat::precision_ns),
            finer: false,
            value_format,
        })
    }

    pub(super) fn rows(&self) -> usize {
        self.rows
    }

    pub(super) fn reserve(&mut self, rows: usize) {
        match (&self.mode, &mut self.values) {
            (Mode::Index, _) => {}
            (_, Values::Dates(v)) => v.reserve_exact(rows),
            (_, Values::Numbers(v)) => v.reserve_exact(rows),
        }
    }

    /// Takes the time of the next row. `false`: the row is to be left out.
    pub(super) fn push(&mut self, field: &[u8], place: Place) -> Result<bool, LoadError> {
        if let Mode::Index = self.mode {
            self.rows += 1;
            return Ok(true);
        }
        self.seen += 1;
        if let Mode::Undecided = self.mode {
            self.decide(field);
        }
        let accepted = match &self.mode {
            Mode::Numbers | Mode::Undecided => match Cell::read(field) {
                Cell::Number(value) => self.push_number(value, field, place)?,
                _ => return self.fail(field, place),
            },
            Mode::Format(format) => {
                let text = String::from_utf8_lossy(field);
                match format.parse(&text) {
                    Some(ns) => self.push_date(ns, field, place)?,
                    None => match parse_iso8601_in(&text, self.zone.as_ref()) {
                        Some(ns) => {
                            count(&mut self.as_iso, &text, place);
                            self.push_date(ns, field, place)?
                        }
                        None => return self.fail(field, place),
                    },
                }
            }
            Mode::Iso => match parse_iso8601_in(&String::from_utf8_lossy(field), self.zone.as_ref()) {
                Some(ns) => self.push_date(ns, field, place)?,
                None => return self.fail(field, place),
            },
            Mode::Index => true,
        };
        Ok(accepted)
    }

    fn decide(&mut self, field: &[u8]) {
        match Cell::read(field) {
            Cell::Number(_) => self.mode = Mode::Numbers,
            Cell::Missing => {}
            Cell::Text => {
                let text = String::from_utf8_lossy(field).trim().to_owned();
                if parse_iso8601_in(&text, None).is_some() {
                    self.mode = Mode::Iso;
                    self.values = Values::Dates(Vec::new());
                    let format = iso_pattern_for(&text).parse::<TimeFormat>();
                    self.value_format = format.ok().map(|f| f.in_zone(self.zone.as_ref()));
                    self.precision_ns = self.value_format.as_ref().map_or(1, TimeFormat::precision_ns);
                    self.iso_sample = Some(text);
                }
            }
        }
    }

    fn push_number(&mut self, value: f64, field: &[u8], place: Place) -> Result<bool, LoadError> {
        if let Values::Numbers(values) = &mut self.values {
            let backwards = values.last().is_some_and(|last| *last > value);
            values.push(value);
            self.after_push(backwards, field, place)?;
        }
        Ok(true)
    }

    fn push_date(&mut self, ns: i64, field: &[u8], place: Place) -> Result<bool, LoadError> {
        if let Values::Dates(values) = &mut self.values {
            let last = values.last().copied().unwrap_or(i64::MIN);
            // In the hour that comes twice, time that would go backwards is that of the second time.
            let again = self.zone.as_ref().filter(|_| ns < last).and_then(|zone| zone.later(ns));
            let ns = again.filter(|again| *again >= last).unwrap_or(ns);
            let backwards = last > ns;
            values.push(ns);
            let local = self.value_format.as_ref().map_or(ns, |f| f.local(ns));
            self.finer |= local % self.precision_ns != 0;
            self.after_push(backwards, field, place)?;
        }
        Ok(true)
    }

    fn after_push(&mut self, backwards: bool, field: &[u8], place: Place) -> Result<(), LoadError> {
        self.rows += 1;
        if backwards && !self.sort {
            return Err(LoadError::Unsorted {
                place,
                column: self.column.clone(),
                text: shorten(&String::from_utf8_lossy(field)),
                previous: shorten(&self.last_text),
            });
        }
        self.backwards |= backwards;
        if !self.sort {
            self.last_text.clear();
            self.last_text.push_str(&String::from_utf8_lossy(field));
        }
        Ok(())
    }

    fn fail(&mut self, field: &[u8], place: Place) -> Result<bool, LoadError> {
        let text = String::from_utf8_lossy(field).trim().to_owned();
        count(&mut self.skipped, &text, place);
        self.early_failures += u32::from(self.seen <= 3);
        if self.early_failures >= 2 { Err(self.unreadable()) } else { Ok(false) }
    }

    fn unreadable(&self) -> LoadError {
        let (text, place) =
            self.skipped.as_ref().map_or((String::new(), Place::Line(1)), |t| (t.text.clone(), t.place));
        let column = self.column.clone();
        match &self.mode {
            Mode::Format(format) => {
                LoadError::TimeUnreadable { place, column, text, format: format.source().to_owned() }
            }
            Mode::Iso => LoadError::TimeUnreadable { place, column, text, format: "ISO 8601".into() },
            _ => LoadError::TimeNotNumeric { place, column, text },
        }
    }

    /// The axis, the order in which rows are to be read (when they had to be sorted), and how region values are stored.
    pub(super) fn finish(
        self,
        options: &LoadOptions,
        notices: &mut Vec<Notice>,
    ) -> Result<(TimeAxis, Option<Vec<u32>>, ValueCodec), LoadError> {
        if self.rows == 0 && self.skipped.is_some() {
            return Err(self.unreadable());
        }
        if let Some(t) = self.skipped {
            notices.push(Notice::TimesSkipped { count: t.count, text: t.text, place: t.place });
        }
        if let Some(t) = self.as_iso {
            notices.push(Notice::ReadAsIso { count: t.count, text: t.text, place: t.place });
        }
        if let Some(text) = self.iso_sample {
            notices.push(Notice::IsoDetected { text });
        }
        if let Mode::Index = self.mode {
            if options.time.sample_rate.is_none() {
                notices.push(Notice::OneHertz);
            }
            return Ok((TimeAxis::index(self.rows, options.time.sample_rate), None, ValueCodec::default()));
        }
        let (axis, order) = match self.values {
            Values::Dates(mut values) => {
                let order = self.backwards.then(|| sort(&mut values, i64::cmp));
                (TimeAxis::dates(values), order)
            }
            Values::Numbers(mut values) => {
                let order = self.backwards.then(|| sort(&mut values, f64::total_cmp));
                let unit = unit(values.first().copied(), options.time.unit, notices);
                let declared = options.time.unit.is_some();
                let axis = if declared { TimeAxis::numbers_in } else { TimeAxis::numbers };
                (axis(values, unit), order)
            }
        };
        if let Some(order) = &order {
            let moved = order.iter().enumerate().filter(|(i, from)| *i != **from as usize).count();
            notices.push(Notice::Sorted { moved });
        }
        Ok((axis, order, ValueCodec::new(self.value_format).with_exact(self.finer)))
    }
}

/// Sorts times and tells from which row each one came. Equal times keep their order.
fn sort<T: Copy>(values: &mut [T], compare: impl Fn(&T, &T) -> std::cmp::Ordering) -> Vec<u32> {
    let mut order: Vec<u32> = (0..values.len() as u32).collect();
    order.sort_by(|a, b| compare(&values[*a as usize], &values[*b as usize]));
    let sorted: Vec<T> = order.iter().map(|i| values[*i as usize]).collect();
    values.copy_from_slice(&sorted);
    order
}

fn unit(first: Option<f64>, choice: Option<UnitChoice>, notices: &mut Vec<Notice>) -> TimeUnit {
    let first = first.unwrap_or(0.0);
    let guess = TimeUnit::guess(first);
    match choice {
        Some(UnitChoice::Fixed(unit)) => unit,
        Some(UnitChoice::Auto) => {
            notices.push(Notice::UnitGuessed { unit: guess.symbol(), first });
            guess
        }
        None => {
            if guess != TimeUnit::Seconds {
                notices.push(Notice::LooksLikeEpoch { looks_like: guess.symbol(), first });
            }
            TimeUnit::Seconds
        }
    }
}
