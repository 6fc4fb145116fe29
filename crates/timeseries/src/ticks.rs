//! Axis ticks: round numbers, or round steps of the calendar.
//!
//! An empty or inverted range has no ticks. There are never more than about twice the wished-for number.

use crate::axis::TimeAxis;
use crate::number::NumberFormat;
use crate::time::calendar::{Civil, NS_PER_SEC, civil_from_days, days_from_civil, days_in_month};
use crate::time::{TimeFormat, Zone};

#[derive(Clone, Debug, PartialEq)]
pub struct Tick {
    /// Position on the axis (or value, for a y axis).
    pub at: f64,
    pub label: String,
}

/// Ticks for `start..=end` of a time axis, about `count` of them.
/// Those of dates are round on the clock of `zone`, or UTC.
pub fn ticks(axis: &TimeAxis, start: f64, end: f64, count: usize, zone: Option<&Zone>) -> Vec<Tick> {
    if !axis.is_dates() {
        return number_ticks(start, end, count);
    }
    if start >= end || start.is_nan() || end.is_nan() {
        return Vec::new();
    }
    let local = |at: f64| {
        let ns = axis.epoch_ns(at);
        zone.map_or(ns, |zone| zone.local(ns))
    };
    date_ticks(local(start), local(end), count)
        .into_iter()
        .map(|(ns, label)| {
            let utc = zone.map_or(ns, |zone| zone.utc(ns));
            Tick { at: axis.position_at_epoch(utc), label }
        })
        .collect()
}

/// Ticks at round numbers: 1, 2 or 5 times a power of ten.
pub fn number_ticks(start: f64, end: f64, count: usize) -> Vec<Tick> {
    let span = end - start;
    if !(span > 0.0 && span.is_finite()) {
        return Vec::new();
    }
    let rough = span / count.max(1) as f64;
    let power = rough.log10().floor();
    let unit = 10f64.powf(power);
    let factor = match rough / unit {
        r if r >= 50f64.sqrt() => 10.0,
        r if r >= 10f64.sqrt() => 5.0,
        r if r >= 2f64.sqrt() => 2.0,
        _ => 1.0,
    };
    let step = factor * unit;
    let places = (-(power + if factor == 10.0 { 1.0 } else { 0.0 })).max(0.0) as usize;
    let format = format!("{}.{places}f", if start.abs().max(end.abs()) >= 1e4 { "," } else { "" });
    let general = NumberFormat::GENERAL;
    let format = if places > 12 || end.abs().max(start.abs()) >= 1e15 {
        general
    } else {
        format.parse().unwrap_or(general)
    };
    let (first, last) = ((start / step).ceil(), (end / step).floor());
    let mut out = Vec::new();
    let mut index = first;
    while index <= last && out.len() <= count.max(1) * 2 + 2 {
        // Multiplying, and dividing by powers below one, keeps 0.3 from becoming 0.30000000000000004.
        let at = if unit < 1.0 { index * factor / 10f64.powf(-power) } else { index * step };
        out.push(Tick { at, label: format.format(at) });
        // At magnitudes where the next index is the same number, one tick is all there is.
        if index + 1.0 == index {
            break;
        }
        index += 1.0;
    }
    out
}

/// Ticks of a logarithmic axis: powers of ten, with 2 and 5 between them where only few fit the range.
pub fn log_ticks(start: f64, end: f64, count: usize) -> Vec<Tick> {
    if !(start > 0.0 && end > start && end.is_finite()) {
        return Vec::new();
    }
    let (low, high) = (start.log10().floor() as i32, end.log10().ceil() as i32);
    let factors: &[f64] = if (high - low) as usize * 2 <= count.max(2) { &[1.0, 2.0, 5.0] } else { &[1.0] };
    let every = ((high - low) as usize / count.max(1)).max(1);
    (low..=high)
        .step_by(every)
        .flat_map(|power| factors.iter().map(move |f| f * 10f64.powi(power)))
        .filter(|at| (start * (1.0 - 1e-9)..=end * (1.0 + 1e-9)).contains(at))
        .map(|at| Tick { at, label: NumberFormat::GENERAL.format(at) })
        .collect()
}

#[derive(Clone, Copy)]
enum CalendarStep {
    Nanos(i64),
    Days(i64),
    Months(i64),
}

const US: i64 = 1_000;
const MS: i64 = 1_000_000;
const MINUTE: i64 = 60 * NS_PER_SEC;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

fn calendar_steps() -> impl Iterator<Item = (i64, CalendarStep)> {
    let fine =
        [1, US, MS].into_iter().flat_map(|unit| [1, 2, 5, 10, 20, 50, 100, 200, 500].map(|n| n * unit));
    let clock = [1, 2, 5, 10, 15, 30].map(|n| n * NS_PER_SEC).into_iter();
    let clock =
        clock.chain([1, 2, 5, 10, 15, 30].map(|n| n * MINUTE)).chain([1, 2, 3, 6, 12].map(|n| n * HOUR));
    let days = [1, 2, 7].map(|n| (n * DAY, CalendarStep::Days(n))).into_iter();
    let months =
        [1, 2, 3, 6, 12, 24, 60, 120, 240, 600, 1200].map(|n| (n * 30 * DAY, CalendarStep::Months(n)));
    fine.chain(clock).map(|ns| (ns, CalendarStep::Nanos(ns))).chain(days).chain(months)
}

fn date_ticks(start: i64, end: i64, count: usize) -> Vec<(i64, String)> {
    let rough = (i128::from(end) - i128::from(start)) as f64 / count.max(1) as f64;
    let step = calendar_steps().find(|(ns, _)| *ns as f64 >= rough * 2.0 / 3.0).map(|(_, step)| step);
    let step = step.unwrap_or(CalendarStep::Months(2400));
    let mut at = Vec::new();
    match step {
        CalendarStep::Nanos(ns) => {
            let first = i128::from(start).div_euclid(i128::from(ns)) * i128::from(ns);
            at.extend((0..count as i128 * 3 + 3).map(|i| first + i * i128::from(ns)));
        }
        CalendarStep::Days(7) => {
            // Weeks begin on Monday: 1970-01-05.
            let first = (start.div_euclid(DAY) - 4).div_euclid(7) * 7 + 4;
            at.extend((0..count as i64 * 3 + 3).map(|i| i128::from(first + i * 7) * i128::from(DAY)));
        }
        CalendarStep::Days(days) => {
            // Counted from the first of each month, which always has its tick; one too close before it has none.
            let first = start.div_euclid(DAY);
            at.extend((first..first + (count as i64 * 3 + 3) * days).filter_map(|day| {
                let (year, month, of_month) = civil_from_days(day);
                let fits = (of_month - 1) % days == 0 && of_month + days <= days_in_month(year, month) + 1;
                fits.then_some(i128::from(day) * i128::from(DAY))
            }));
        }
        CalendarStep::Months(months) => {
            let civil = Civil::from_epoch_ns(start);
            let first = (civil.year * 12 + civil.month - 1).div_euclid(months) * months;
            at.extend((0..count as i64 * 3 + 3).map(|i| {
                let month = first + i * months;
                i128::from(days_from_civil(month.div_euclid(12), month.rem_euclid(12) + 1, 1))
                    * i128::from(DAY)
            }));
        }
    }
    at.into_iter()
        .filter_map(|ns| i64::try_from(ns).ok())
        .filter(|ns| (start..=end).contains(ns))
        .map(|ns| (ns, date_label(ns, step)))
        .collect()
}

/// The part of a date that changes from tick to tick; the larger part where it has just changed.
fn date_label(ns: i64, step: CalendarStep) -> String {
    let civil = Civil::from_epoch_ns(ns);
    let pattern = if ns % NS_PER_SEC != 0 {
        match step {
            CalendarStep::Nanos(step) if step < MS => ".%f",
            _ => ".%L",
        }
    } else if ns % MINUTE != 0 {
        ":%S"
    } else if ns % DAY != 0 {
        "%H:%M"
    } else if civil.day != 1 {
        "%b %-d"
    } else if civil.month != 1 {
        "%B"
    } else {
        "%Y"
    };
    pattern.parse::<TimeFormat>().map_or_else(|_| ns.to_string(), |f| f.format_exact(ns))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::parse_iso8601;
    use proptest::prelude::*;

    fn numbers(start: f64, end: f64, count: usize) -> Vec<String> {
        number_ticks(start, end, count).into_iter().map(|t| t.label).collect()
    }

    fn dates(start: &str, end: &str, count: usize) -> Vec<String> {
        let axis = TimeAxis::dates(vec![parse_iso8601(start).unwrap(), parse_iso8601(end).unwrap()]);
        ticks(&axis, axis.first().unwrap(), axis.last().unwrap(), count, None)
            .into_iter()
            .map(|t| t.label)
            .collect()
    }

    #[test]
    fn numbers_are_round() {
        assert_eq!(numbers(0.0, 10.0, 5), ["0", "2", "4", "6", "8", "10"]);
        assert_eq!(numbers(0.13, 0.47, 4), ["0.2", "0.3", "0.4"]);
        assert_eq!(numbers(-1.0, 1.0, 4), ["-1.0", "-0.5", "0.0", "0.5", "1.0"]);
        assert_eq!(numbers(0.0, 30000.0, 3), ["0", "10,000", "20,000", "30,000"]);
        assert_eq!(numbers(5.0, 5.0, 3), [""; 0]);
        assert_eq!(numbers(f64::NAN, 5.0, 3), [""; 0]);
    }

    #[test]
    fn dates_step_with_the_calendar() {
        assert_eq!(
            dates("2020-03-20T09:58:00Z", "2020-03-20T10:02:00Z", 4),
            ["09:58", "09:59", "10:00", "10:01", "10:02"]
        );
        assert_eq!(
            dates("2020-03-20T23:00:00Z", "2020-03-21T01:00:00Z", 4),
            ["23:00", "23:30", "Mar 21", "00:30", "01:00"]
        );
        assert_eq!(dates("2019-11-15", "2020-03-15", 4), ["December", "2020", "February", "March"]);
        assert_eq!(dates("2018-06-01", "2021-06-01", 3), ["2019", "2020", "2021"]);
        assert_eq!(dates("2020-01-01T00:00:00.9Z", "2020-01-01T00:00:01.1Z", 2), [".900", ":01", ".100"]);
        assert_eq!(dates("2024-02-26", "2024-03-08", 5), ["Feb 27", "March", "Mar 3", "Mar 5", "Mar 7"]);
    }

    proptest! {
        #[test]
        fn ticks_lie_inside_and_are_few(start in -1e12f64..1e12, span in 1e-6f64..1e12, count in 1usize..20) {
            let end = start + span;
            prop_assume!(end > start);
            let all = number_ticks(start, end, count);
            let slack = span * 1e-6;
            prop_assert!(all.iter().all(|t| t.at >= start - slack && t.at <= end + slack));
            prop_assert!(all.len() <= count * 2 + 3);
        }

        #[test]
        fn date_ticks_lie_inside_and_are_few(start in -4_000_000_000_000_000_000i64..4_000_000_000_000_000_000, exponent in 1.0f64..18.0, count in 1usize..20) {
            let end = start + 10f64.powf(exponent) as i64;
            let all = date_ticks(start, end, count);
            prop_assert!(all.iter().all(|(ns, _)| (start..=end).contains(ns)));
            prop_assert!(all.len() <= count * 2 + 3, "{}", all.len());
        }
    }

    #[test]
    fn logarithmic_ticks_are_powers_of_ten() {
        let at = |a, b, n| log_ticks(a, b, n).iter().map(|t| t.at).collect::<Vec<_>>();
        assert_eq!(at(1.0, 1000.0, 4), [1.0, 10.0, 100.0, 1000.0]);
        assert_eq!(at(1.0, 10.0, 4), [1.0, 2.0, 5.0, 10.0]);
        assert!(at(1e-3, 1e9, 4).len() <= 6);
        assert!(
            at(0.0, 5.0, 4).is_empty() && at(5.0, 5.0, 4).is_empty() && at(1.0, f64::INFINITY, 4).is_empty()
        );
    }
}
