//! ISO 8601 and RFC 3339 without a configured format.
//!
//! Accepts `2024-02-29`, `2024-02-29T12:30`, a blank or `_` instead of `T`, seconds, a fraction after `.` or `,`, the
//! zones of RFC 3339 with or without a blank before them, `20240229T123000Z`, and `2024/02/29`.

use super::calendar::{days_from_civil, days_in_month, epoch_ns};
use super::parse::{fraction, zone};
use super::zone::Zone;

fn digits(text: &str, count: usize) -> Option<(i64, &str)> {
    let head = text.get(..count)?;
    head.bytes().all(|b| b.is_ascii_digit()).then(|| Some((head.parse().ok()?, &text[count..])))?
}

/// Nanoseconds since the epoch of an ISO 8601 date or date-time; without a zone it is UTC.
pub fn parse_iso8601(text: &str) -> Option<i64> {
    let (year, rest) = digits(text.trim(), 4)?;
    let separator = rest.chars().next().filter(|c| matches!(c, '-' | '/'));
    let skip = |text| match separator {
        Some(c) => str::strip_prefix(text, c),
        None => Some(text),
    };
    let (month, rest) = digits(skip(rest)?, 2)?;
    // "202402" could be anything, so a basic date needs its day; "2024-02" does not.
    let (day, rest) = match separator {
        Some(_) if rest.is_empty() => (1, rest),
        _ => digits(skip(rest)?, 2)?,
    };
    if !(1..=12).contains(&month) || day < 1 || day > days_in_month(year, month) {
        return None;
    }
    let days = days_from_civil(year, month, day);
    if rest.is_empty() {
        return epoch_ns(days * 86_400, 0);
    }
    let rest = rest.strip_prefix(['T', 't', ' ', '_'])?.trim_start();
    let (hour, rest) = digits(rest, 2)?;
    let colon = rest.starts_with(':');
    let skip = |text: &str| if colon { text.strip_prefix(':').map(str::len) } else { Some(text.len()) };
    let after = |text: &str| skip(text).map(|left| text.len() - left);
    let (mut minute, mut second, mut nanos) = (0, 0, 0);
    let mut rest = rest;
    if let Some((value, tail)) = after(rest).and_then(|n| digits(&rest[n..], 2)) {
        (minute, rest) = (value, tail);
        if let Some((value, tail)) = after(rest).and_then(|n| digits(&rest[n..], 2)) {
            (second, rest) = (value, tail);
            if let Some(tail) = rest.strip_prefix(['.', ',']) {
                (nanos, rest) = fraction(tail, 64)?;
            }
        }
    }
    let rest = rest.trim_start();
    let offset = if rest.is_empty() {
        0
    } else {
        let (offset, tail) = zone(rest)?;
        tail.is_empty().then_some(offset)?
    };
    if hour > 24 || minute > 59 || second > 60 || (hour == 24 && (minute, second, nanos) != (0, 0, 0)) {
        return None;
    }
    epoch_ns(days * 86_400 + hour * 3600 + minute * 60 + second - offset, nanos)
}

/// As [`parse_iso8601`], where a text without a zone of its own is the wall clock of `zone`.
pub(crate) fn parse_iso8601_in(text: &str, zone: Option<&Zone>) -> Option<i64> {
    let ns = parse_iso8601(text)?;
    // Behind the date there is no sign but that of a zone.
    let named =
        text.trim().get(8..).is_some_and(|tail| tail.contains(['Z', 'z', '+', '-', '\u{2212}', 'U', 'G']));
    Some(zone.filter(|_| !named).map_or(ns, |zone| zone.utc(ns)))
}

/// The format in which region values are stored when the file's ISO times were read without a configured format:
/// the shape of `sample`, in UTC.
pub(crate) fn iso_pattern_for(sample: &str) -> &'static str {
    let has_time = sample.contains(':') || sample.contains(['T', 't']);
    let blank = sample.trim().contains(' ');
    let zoned =
        sample.ends_with(['Z', 'z']) || sample.get(19..).is_some_and(|tail| tail.contains(['+', '-']));
    let fraction = sample.contains(['.', ',']);
    match (has_time, blank, fraction, zoned) {
        (false, ..) => "%Y-%m-%d",
        (_, true, false, false) => "%Y-%m-%d %H:%M:%S",
        (_, true, true, false) => "%Y-%m-%d %H:%M:%S.%L",
        (_, true, false, true) => "%Y-%m-%d %H:%M:%S%Z",
        (_, true, true, true) => "%Y-%m-%d %H:%M:%S.%L%Z",
        (_, false, false, false) => "%Y-%m-%dT%H:%M:%S",
        (_, false, true, false) => "%Y-%m-%dT%H:%M:%S.%L",
        (_, false, false, true) => "%Y-%m-%dT%H:%M:%SZ",
        (_, false, true, true) => "%Y-%m-%dT%H:%M:%S.%LZ",
    }
}
