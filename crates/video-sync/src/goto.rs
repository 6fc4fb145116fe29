//! The go-to box (SK-3): one field that takes a frame number, seconds, a clock time, a timecode or a date.

use crate::frame_rate::FrameRate;
use crate::frames::Frame;
use crate::nanos::Nanos;
use crate::timecode::parse_timecode;

/// What a whole number without a unit means, by the focused source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlainNumber {
    /// Frame numbers from 1.
    Frame,
    Seconds,
}

/// A place to go to.
#[derive(Clone, Debug, PartialEq)]
pub enum GoTo {
    Frame(Frame),
    /// Time from the start of the source.
    Time(Nanos),
    /// An absolute date, to be read by the series that has dates.
    Date(String),
}

/// Reads what the user typed. `120` is a frame or seconds by `plain`; `f120`, `#120` and `120f` are frames; `12.5`,
/// `12s`, `250ms` are times; `1:02`, `1:02:03.5` are clock times; `00:01:00;02` and, when the rate is known,
/// `00:01:00:02` are timecodes; `2024-02-29 12:00` is a date.
pub fn parse_goto(text: &str, plain: PlainNumber, rate: Option<FrameRate>) -> Option<GoTo> {
    let text = text.trim();
    let lower = text.to_ascii_lowercase();
    let number = |text: &str| -> Option<f64> {
        let text = text.trim();
        let looks_right = text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '.' | '-' | '+'));
        if looks_right { text.parse().ok().filter(|v: &f64| v.is_finite()) } else { None }
    };
    let frame = |text: &str| text.trim().parse::<u64>().ok().map(|n| GoTo::Frame(Frame::from_number(n)));
    let time = |secs: f64| GoTo::Time(Nanos::from_secs(secs));

    if let Some(rest) = lower.strip_prefix(['f', '#']).or_else(|| lower.strip_suffix('f')) {
        return frame(rest);
    }
    for (unit, scale) in [("ms", 1e-3), ("us", 1e-6), ("min", 60.0), ("h", 3600.0), ("s", 1.0)] {
        if let Some(rest) = lower.strip_suffix(unit) {
            return number(rest).map(|v| time(v * scale));
        }
    }
    if plain == PlainNumber::Frame && !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) {
        return frame(text);
    }
    if let Some(secs) = number(text) {
        return Some(time(secs));
    }
    if looks_like_date(text) {
        return Some(GoTo::Date(text.to_owned()));
    }
    if text.contains(';') || text.matches(':').count() == 3 {
        return parse_timecode(text, rate?).map(GoTo::Frame);
    }
    clock_time(text).map(time)
}

fn looks_like_date(text: &str) -> bool {
    let year = text.bytes().take_while(u8::is_ascii_digit).count();
    year == 4 && text[4..].starts_with(['-', '/'])
}

/// `[HH:]MM:SS[.fff]`, with an optional sign.
fn clock_time(text: &str) -> Option<f64> {
    let (sign, text) = match text.strip_prefix('-') {
        Some(rest) => (-1.0, rest),
        None => (1.0, text),
    };
    let parts: Vec<&str> = text.split(':').collect();
    let (secs, whole) = parts.split_last().filter(|(_, whole)| (1..=2).contains(&whole.len()))?;
    if !secs.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let mut total: f64 = 0.0;
    for part in whole {
        total = total * 60.0 + f64::from(part.parse::<u32>().ok()?);
    }
    let secs: f64 = secs.replace(',', ".").parse().ok().filter(|s: &f64| s.is_finite() && *s < 60.0)?;
    Some(sign * (total * 60.0 + secs))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn everything_the_box_takes() {
        let rate = FrameRate::new(30000, 1001);
        let go = |text| parse_goto(text, PlainNumber::Frame, rate);
        let time = |secs| Some(GoTo::Time(Nanos::from_secs(secs)));
        for text in ["120", "f120", "#120", " 120F "] {
            assert_eq!(go(text), Some(GoTo::Frame(Frame(119))), "{text}");
        }
        assert_eq!(parse_goto("120", PlainNumber::Seconds, rate), time(120.0));
        assert_eq!(go("12.5"), time(12.5));
        assert_eq!(go("12s"), time(12.0));
        assert_eq!(go("250 ms"), time(0.25));
        assert_eq!(go("2min"), time(120.0));
        assert_eq!(go("1:02"), time(62.0));
        assert_eq!(go("01:02:03.500"), time(3723.5));
        assert_eq!(go("-0:01"), time(-1.0));
        assert_eq!(go("00:01:00;02"), Some(GoTo::Frame(Frame(1800))));
        assert_eq!(go("00:01:00:02"), Some(GoTo::Frame(Frame(1800))));
        assert_eq!(go("2024-02-29 12:00"), Some(GoTo::Date("2024-02-29 12:00".into())));
        for text in ["", "abc", "1:75", "12:", "inf", "f", "00:00:00;99", "1:2:3:4:5"] {
            assert_eq!(go(text), None, "{text}");
        }
        assert_eq!(parse_goto("00:01:00;02", PlainNumber::Frame, None), None);
    }

    proptest! {
        #[test]
        fn no_text_panics(text in ".{0,20}", digits in "[-0-9:;.,fsmh#/]{0,14}") {
            for text in [text, digits] {
                let _ = parse_goto(&text, PlainNumber::Seconds, FrameRate::new(25, 1));
            }
        }
    }
}
