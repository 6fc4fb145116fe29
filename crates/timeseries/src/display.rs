//! How times and durations are shown (`timeDisplayFormat`, `durationDisplayFormat`).
//!
//! Odd cases: a format that cannot be read falls back to the plain form rather than showing nothing; a strftime format
//! on a numeric axis shows the number as an epoch time in the axis' unit.

use crate::axis::{Native, TimeAxis};
use crate::number::NumberFormat;
use crate::time::{TimeFormat, Zone};

#[derive(Clone, Debug, PartialEq)]
enum Style {
    /// `date`: a full date, in UTC or the series' zone.
    Date(Option<Zone>),
    Strftime(TimeFormat),
    Number(NumberFormat),
    /// No format given: the stored form.
    Plain(Option<TimeFormat>),
}

/// Writes positions as the user reads them.
#[derive(Clone, Debug, PartialEq)]
pub struct TimeDisplay(Style);

impl TimeDisplay {
    /// `value_format` is the format in which the series stores its region values ([`crate::ValueCodec::format`]), used
    /// when `display` is empty.
    pub fn new(display: &str, value_format: Option<&TimeFormat>) -> Self {
        let display = display.trim();
        let zone = value_format.and_then(TimeFormat::zone);
        let date = || Style::Date(zone.cloned());
        let strftime = |format: TimeFormat| Style::Strftime(format.in_zone(zone));
        Self(match display {
            "" => Style::Plain(value_format.cloned()),
            "date" => date(),
            text if text.contains('%') && value_format.is_some() => {
                text.parse().map_or_else(|_| date(), strftime)
            }
            // Any word makes it a date.
            text if text.starts_with(|c: char| c.is_ascii_alphabetic()) => date(),
            text => match (text.parse::<NumberFormat>(), text.parse::<TimeFormat>()) {
                (Ok(format), _) if value_format.is_none() => Style::Number(format),
                (_, Ok(format)) if text.contains('%') => strftime(format),
                _ => Style::Plain(value_format.cloned()),
            },
        })
    }

    /// As [`Self::format`], with no more decimals than a stretch of `span` on the screen can show.
    pub fn format_within(&self, axis: &TimeAxis, position: f64, span: f64) -> String {
        if matches!(self.0, Style::Plain(None))
            && let Native::Number(value) = axis.native_at(position)
            && span > 0.0
        {
            let decimals = (3.0 - span.log10().floor()).clamp(0.0, 9.0);
            let scale = 10f64.powf(decimals);
            return plain_number((value * scale).round() / scale);
        }
        self.format(axis, position)
    }

    pub fn format(&self, axis: &TimeAxis, position: f64) -> String {
        match &self.0 {
            Style::Date(zone) => date_string(axis.epoch_ns(position), zone.as_ref()),
            Style::Strftime(format) => format.format(axis.epoch_ns(position)),
            Style::Number(format) => match axis.native_at(position) {
                Native::Number(value) => format.format(value),
                Native::Date(ns) => format.format(ns as f64 / 1e6),
            },
            Style::Plain(Some(format)) => format.format(axis.epoch_ns(position)),
            Style::Plain(None) => match axis.native_at(position) {
                Native::Number(value) => plain_number(value),
                Native::Date(ns) => iso_string(ns),
            },
        }
    }
}

/// A number without digits that say nothing.
pub(crate) fn plain_number(value: f64) -> String {
    NumberFormat::GENERAL.format(value)
}

fn date_string(ns: i64, zone: Option<&Zone>) -> String {
    let fraction = if ns % 1_000_000_000 == 0 { "" } else { ".%L" };
    let suffix = zone.map_or_else(
        || " GMT".to_owned(),
        |zone| {
            let minutes = zone.offset_ns(ns) / 60_000_000_000;
            let sign = if minutes < 0 { '-' } else { '+' };
            format!(" {sign}{:02}:{:02}", minutes.abs() / 60, minutes.abs() % 60)
        },
    );
    let pattern = format!("%a, %d %b %Y %H:%M:%S{fraction}");
    let text = pattern.parse::<TimeFormat>().map(|f| f.in_zone(zone).format_exact(ns));
    text.map_or_else(|_| ns.to_string(), |text| text + &suffix)
}

fn iso_string(ns: i64) -> String {
    "%Y-%m-%d %H:%M:%S.%L".parse::<TimeFormat>().map_or_else(|_| ns.to_string(), |f| f.format_exact(ns))
}

/// Writes the length of a range in native units (milliseconds for dates).
#[derive(Clone, Debug, PartialEq)]
pub struct DurationDisplay(NumberFormat);

impl DurationDisplay {
    /// `.0f` when the format is empty or cannot be read.
    pub fn new(format: &str) -> Self {
        let read = |text: &str| text.trim().parse::<NumberFormat>().ok();
        let format = if format.trim().is_empty() { None } else { read(format) };
        Self(format.or_else(|| read(".0f")).unwrap_or(NumberFormat::GENERAL))
    }

    pub fn format(&self, axis: &TimeAxis, start: f64, end: f64) -> String {
        self.0.format((end - start) / axis.native_unit())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::axis::TimeUnit;

    fn show(display: &str, value_format: Option<&str>, axis: &TimeAxis, position: f64) -> String {
        let format = value_format.map(|f| f.parse::<TimeFormat>().unwrap());
        TimeDisplay::new(display, format.as_ref()).format(axis, position)
    }

    #[test]
    fn dates_and_numbers_are_shown_as_asked() {
        let dates = TimeAxis::dates(vec![1_584_662_400_000_000_000, 1_584_662_401_500_000_000]);
        let iso = Some("%Y-%m-%d");
        assert_eq!(show("date", iso, &dates, 0.0), "Fri, 20 Mar 2020 00:00:00 GMT");
        assert_eq!(show("%H:%M:%S.%L", iso, &dates, 1.5e9), "00:00:01.500");
        assert_eq!(show("", iso, &dates, 0.0), "2020-03-20");
        assert_eq!(show("", None, &dates, 1.5e9), "2020-03-20 00:00:01.500");
        let numbers = TimeAxis::numbers(vec![0.0, 1234.5], TimeUnit::Seconds);
        assert_eq!(show(",.2f", None, &numbers, 1234.5), "1,234.50");
        assert_eq!(show("", None, &numbers, 0.1 + 0.2), "0.3");
        assert_eq!(show(".0%", None, &numbers, 0.5), "50%");
        assert_eq!(show("%M:%S", None, &numbers, 75.0), "01:15");
        let ms = TimeAxis::numbers(vec![1_584_662_400_000.0], TimeUnit::Milliseconds);
        assert_eq!(show("date", None, &ms, 1_584_662_400_000.0), "Fri, 20 Mar 2020 00:00:00 GMT");
        assert_eq!(show("((", None, &numbers, 1.0), "1");
    }

    #[test]
    fn decimals_end_where_the_screen_cannot_show_them() {
        let numbers = TimeAxis::numbers(vec![0.0, 100.0], TimeUnit::Seconds);
        let within = |display: &str, position, span| {
            TimeDisplay::new(display, None).format_within(&numbers, position, span)
        };
        assert_eq!(within("", 42.005_785_920_9, 41.0), "42.01");
        assert_eq!(within("", 42.005_785_920_9, 0.05), "42.00579");
        assert_eq!(within("", 1_234_567.89, 500_000.0), "1234568");
        assert_eq!(within(".4f", 42.005_785_920_9, 41.0), "42.0058");
        assert_eq!(within("", 42.0, f64::NAN), "42");
    }

    #[test]
    fn durations_count_native_units() {
        let dates = TimeAxis::dates(vec![0, 10_000_000_000]);
        assert_eq!(DurationDisplay::new("").format(&dates, 0.0, 1.5e9), "1500");
        let numbers = TimeAxis::index(100, None);
        assert_eq!(DurationDisplay::new(",.1f").format(&numbers, 2.0, 14.25), "12.3");
        assert_eq!(DurationDisplay::new("%%%").format(&numbers, 2.0, 14.25), "12");
    }
}
