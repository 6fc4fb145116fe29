//! Reading times. Everything works on bytes and allocates nothing: a file has millions of rows.

use super::calendar::{NS_PER_SEC, days_from_civil, days_in_month, epoch_ns, iso_week_one, weekday};
use super::{Field, Item, MONTHS, WEEKDAYS};

/// What the directives of one text said.
#[derive(Default)]
struct Parts {
    year: Option<i64>,
    month: Option<i64>,
    quarter: Option<i64>,
    day: Option<i64>,
    day_of_year: Option<i64>,
    hour: i64,
    pm: Option<bool>,
    minute: i64,
    second: i64,
    nanos: i64,
    weekday: Option<i64>,
    week: Option<(Field, i64)>,
    offset_secs: i64,
    epoch: Option<(i64, i64)>,
}

pub(super) fn parse(items: &[Item], text: &str) -> Option<i64> {
    let mut parts = Parts::default();
    let mut rest = text.trim();
    for (place, item) in items.iter().enumerate() {
        rest = match item {
            Item::Literal(c) if c.is_whitespace() => rest.trim_start(),
            Item::Literal(c) => rest.strip_prefix(*c)?,
            Item::Field(field, _) => parts.read(*field, rest, items.get(place + 1))?,
        };
    }
    if rest.is_empty() { parts.epoch_ns() } else { None }
}

/// Up to `max` digits after optional blanks, and what follows them.
fn number(text: &str, max: usize) -> Option<(i64, &str)> {
    let text = text.trim_start();
    let len = text.bytes().take(max).take_while(u8::is_ascii_digit).count();
    let (digits, rest) = text.split_at(len);
    Some((digits.parse().ok()?, rest))
}

fn in_range(value: (i64, &str), low: i64, high: i64) -> Option<(i64, &str)> {
    (low..=high).contains(&value.0).then_some(value)
}

/// The name at the start of `text`, longest first, in any case.
fn name<'t>(text: &'t str, names: &[&str], short: bool) -> Option<(i64, &'t str)> {
    names.iter().enumerate().find_map(|(index, name)| {
        let name = if short { &name[..3] } else { name };
        let head = text.get(..name.len())?;
        head.eq_ignore_ascii_case(name).then(|| (index as i64, &text[name.len()..]))
    })
}

/// A decimal fraction of a second with one to nine digits kept, further digits passed over.
pub(super) fn fraction(text: &str, max: usize) -> Option<(i64, &str)> {
    let len = text.bytes().take(max).take_while(u8::is_ascii_digit).count();
    if len == 0 {
        return None;
    }
    let (digits, rest) = text.split_at(len);
    let kept = &digits[..len.min(9)];
    let value: i64 = kept.parse().ok()?;
    Some((value * 10_i64.pow(9 - kept.len() as u32), rest))
}

/// `Z`, `UTC`, `GMT`, `+hh`, `+hhmm` or `+hh:mm`, in seconds east of Greenwich.
pub(super) fn zone(text: &str) -> Option<(i64, &str)> {
    for word in ["Z", "z", "UTC", "GMT"] {
        if let Some(rest) = text.strip_prefix(word) {
            return Some((0, rest));
        }
    }
    let (sign, rest) = match text.as_bytes().first()? {
        b'+' => (1, &text[1..]),
        b'-' => (-1, &text[1..]),
        // A true minus sign, as some locales write it.
        _ => (-1, text.strip_prefix('\u{2212}')?),
    };
    let two = |text: &str| -> Option<i64> {
        let head = text.get(..2)?;
        head.bytes().all(|b| b.is_ascii_digit()).then(|| head.parse().ok())?
    };
    let hours = two(rest)?;
    let rest = &rest[2..];
    let after_colon = rest.strip_prefix(':').unwrap_or(rest);
    let (minutes, rest) = match two(after_colon) {
        Some(minutes) => (minutes, &after_colon[2..]),
        None => (0, rest),
    };
    (hours <= 24 && minutes < 60).then_some((sign * (hours * 3600 + minutes * 60), rest))
}

impl Parts {
    fn read<'t>(&mut self, field: Field, text: &'t str, next: Option<&Item>) -> Option<&'t str> {
        let digits_follow = matches!(next, Some(Item::Field(..)));
        // Two digits unless said otherwise, as the d3 dialect has it.
        let two = |low, high| in_range(number(text, 2)?, low, high);
        let (value, rest) = match field {
            Field::WeekdayShort => name(text, &WEEKDAYS, true)?,
            Field::WeekdayLong => name(text, &WEEKDAYS, false)?,
            Field::MonthShort => name(text, &MONTHS, true)?,
            Field::MonthLong => name(text, &MONTHS, false)?,
            Field::Day | Field::DaySpace => two(1, 31)?,
            Field::Hour24 => two(0, 24)?,
            Field::Hour12 => two(1, 12)?,
            Field::Minute => two(0, 59)?,
            Field::Second => two(0, 60)?,
            Field::Month => two(1, 12)?,
            Field::WeekSunday | Field::WeekMonday | Field::WeekIso => two(0, 53)?,
            Field::DayOfYear => in_range(number(text, 3)?, 1, 366)?,
            Field::Quarter => in_range(number(text, 1)?, 1, 4)?,
            Field::WeekdayFromMonday => in_range(number(text, 1)?, 1, 7)?,
            Field::WeekdayFromSunday => in_range(number(text, 1)?, 0, 6)?,
            Field::Year | Field::IsoYear => number(text, 4)?,
            Field::Year2 | Field::IsoYear2 => number(text, 2)?,
            Field::Zone => zone(text.trim_start())?,
            Field::Millis => fraction(text, if digits_follow { 3 } else { 64 })?,
            Field::Micros => fraction(text, if digits_follow { 6 } else { 64 })?,
            Field::EpochMillis => return self.epoch(text, 3, next),
            Field::EpochSecs => return self.epoch(text, 0, next),
            Field::Period => {
                let head = text.get(..2)?;
                self.pm = Some(match head.to_ascii_lowercase().as_str() {
                    "am" => false,
                    "pm" => true,
                    _ => return None,
                });
                return Some(&text[2..]);
            }
        };
        let mut rest = rest;
        match field {
            Field::WeekdayShort | Field::WeekdayLong | Field::WeekdayFromSunday => self.weekday = Some(value),
            Field::WeekdayFromMonday => self.weekday = Some(value % 7),
            Field::MonthShort | Field::MonthLong => self.month = Some(value + 1),
            Field::Month => self.month = Some(value),
            Field::Day | Field::DaySpace => self.day = Some(value),
            Field::DayOfYear => self.day_of_year = Some(value),
            Field::Quarter => self.quarter = Some(value),
            Field::Hour24 | Field::Hour12 => self.hour = value,
            Field::Minute => self.minute = value,
            Field::Second => {
                self.second = value;
                if !matches!(next, Some(Item::Literal('.')))
                    && let Some((nanos, tail)) = rest.strip_prefix('.').and_then(|after| fraction(after, 64))
                {
                    (self.nanos, rest) = (nanos, tail);
                }
            }
            Field::Millis | Field::Micros => self.nanos = value,
            Field::Year | Field::IsoYear => self.year = Some(value),
            Field::Year2 | Field::IsoYear2 => self.year = Some(value + if value > 68 { 1900 } else { 2000 }),
            Field::Zone => self.offset_secs = value,
            Field::WeekSunday | Field::WeekMonday | Field::WeekIso => self.week = Some((field, value)),
            Field::Period | Field::EpochMillis | Field::EpochSecs => {}
        }
        Some(rest)
    }

    /// A signed count since the epoch in units of `10^-shift` seconds, with a decimal part unless the format goes on
    /// with a point of its own.
    fn epoch<'t>(&mut self, text: &'t str, shift: u32, next: Option<&Item>) -> Option<&'t str> {
        let text = text.trim_start();
        let (negative, digits) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (whole, mut rest) = number(digits, 18)?;
        let per_unit = NS_PER_SEC / 10_i64.pow(shift);
        let mut ns = i128::from(whole) * i128::from(per_unit);
        if next != Some(&Item::Literal('.'))
            && let Some(after) = rest.strip_prefix('.')
            && let Some((nanos, tail)) = fraction(after, 64)
        {
            ns += i128::from(nanos / 10_i64.pow(shift));
            rest = tail;
        }
        let ns = i64::try_from(if negative { -ns } else { ns }).ok()?;
        self.epoch = Some((ns.div_euclid(NS_PER_SEC), ns.rem_euclid(NS_PER_SEC)));
        Some(rest)
    }

    fn epoch_ns(self) -> Option<i64> {
        if let Some((secs, nanos)) = self.epoch {
            return epoch_ns(secs, nanos + self.nanos);
        }
        let year = self.year.unwrap_or(1900);
        let days = if let Some(day_of_year) = self.day_of_year {
            let days = days_from_civil(year, 1, 1) + day_of_year - 1;
            (days < days_from_civil(year + 1, 1, 1)).then_some(days)?
        } else if let (Some((kind, week)), None) = (self.week, self.day) {
            self.day_in_week(year, kind, week)
        } else {
            let month = self.month.or(self.quarter.map(|q| q * 3 - 2)).unwrap_or(1);
            let day = self.day.unwrap_or(1);
            (day <= days_in_month(year, month)).then(|| days_from_civil(year, month, day))?
        };
        let hour = match self.pm {
            None => self.hour,
            Some(pm) => self.hour % 12 + if pm { 12 } else { 0 },
        };
        if hour == 24 && (self.minute, self.second) != (0, 0) {
            return None;
        }
        let secs = days * 86_400 + hour * 3600 + self.minute * 60 + self.second - self.offset_secs;
        epoch_ns(secs, self.nanos)
    }

    fn day_in_week(&self, year: i64, kind: Field, week: i64) -> i64 {
        let new_year = days_from_civil(year, 1, 1);
        let first = weekday(new_year);
        let from_monday = |default: i64| (self.weekday.unwrap_or(default) + 6) % 7;
        match kind {
            Field::WeekIso => iso_week_one(year) + (week - 1) * 7 + from_monday(1),
            Field::WeekMonday => new_year + from_monday(1) + week * 7 - (first + 5) % 7 - 1,
            _ => new_year + self.weekday.unwrap_or(0) + week * 7 - (first + 6) % 7 - 1,
        }
    }
}
