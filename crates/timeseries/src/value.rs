//! Region values of TimeSeries: `{"start", "end", "instant"}` in JSON and as exact times (results.md 3.11).
//!
//! Written: texts in `timeFormat` (UTC) where the series has one, else numbers. Read: both, whichever the series would
//! write. A text that is no time of the format is tried as ISO 8601, then as a number.

use serde_json::{Map, Number, Value};

use crate::axis::{Native, TimeAxis};
use crate::time::{TimeFormat, parse_iso8601_in};

/// A region in exact times.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RangeValue {
    pub start: Native,
    pub end: Native,
    /// A point event: start and end are the same.
    pub instant: bool,
}

/// Why a stored value names no range.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RangeValueError {
    #[error("the value has no {0:?}")]
    Missing(&'static str),
    #[error("{field} {text} is neither a number nor a time{}", .format.as_deref().map_or_else(String::new, |f| format!(" in the format {f:?}")))]
    Unreadable { field: &'static str, text: String, format: Option<String> },
}

/// Converts between JSON and exact times for one series.
///
/// Dates are written with the precision of the format, rounded to its nearest step, because Label Studio reads nothing
/// finer. Only where the data themselves are finer than their format does a text get the digits that name its sample.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ValueCodec {
    format: Option<TimeFormat>,
    exact: bool,
}

impl ValueCodec {
    /// `None` stores numbers. Loaded data bring their own codec ([`crate::Loaded::codec`]).
    pub fn new(format: Option<TimeFormat>) -> Self {
        Self { format, exact: false }
    }

    /// Whether texts may have more digits than the format asks for.
    pub fn with_exact(self, exact: bool) -> Self {
        Self { exact, ..self }
    }

    pub fn format(&self) -> Option<&TimeFormat> {
        self.format.as_ref()
    }

    /// From the attribute alone, before the data are there. A format that cannot be read stores numbers.
    pub fn from_attribute(time_format: &str) -> Self {
        let text = time_format.trim();
        Self::new(if text.is_empty() { None } else { text.parse().ok() })
    }

    pub fn write_time(&self, time: Native) -> Value {
        match (&self.format, time) {
            (Some(format), Native::Date(ns)) if self.exact => Value::String(format.format_exact(ns)),
            (Some(format), Native::Date(ns)) => {
                let step = format.precision_ns();
                // Whole days, say, are those of the format's own clock.
                let local = format.local(ns);
                let rounded = local.saturating_add(step / 2).div_euclid(step) * step;
                Value::String(format.format(ns.saturating_add(rounded - local)))
            }
            // Without a format Label Studio counts dates in milliseconds.
            (None, Native::Date(ns)) => number(ns as f64 / 1e6),
            (_, Native::Number(value)) => number(value),
        }
    }

    pub fn read_time(&self, value: &Value, field: &'static str) -> Result<Native, RangeValueError> {
        let unreadable = || RangeValueError::Unreadable {
            field,
            text: value.to_string(),
            format: self.format.as_ref().map(|f| f.source().to_owned()),
        };
        match value {
            Value::Number(n) => n.as_f64().map(Native::Number).ok_or_else(unreadable),
            Value::String(text) => {
                let as_number =
                    || text.trim().parse::<f64>().ok().filter(|v| v.is_finite()).map(Native::Number);
                let zone = self.format.as_ref().and_then(TimeFormat::zone);
                let as_date = || parse_iso8601_in(text, zone).map(Native::Date);
                match &self.format {
                    Some(format) => format.parse(text).map(Native::Date).or_else(as_date).or_else(as_number),
                    None => as_number().or_else(as_date),
                }
                .ok_or_else(unreadable)
            }
            Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => Err(unreadable()),
        }
    }

    /// Reads `start`, `end` and `instant` of a result value. A missing end is the start; ends that are swapped are put
    /// in order; `instant` without being told is whether start and end are the same.
    pub fn read(&self, value: &Map<String, Value>) -> Result<RangeValue, RangeValueError> {
        let start = self.read_time(value.get("start").ok_or(RangeValueError::Missing("start"))?, "start")?;
        let end = match value.get("end") {
            Some(end) if !end.is_null() => self.read_time(end, "end")?,
            _ => start,
        };
        let (start, end) = if end < start { (end, start) } else { (start, end) };
        let instant = value.get("instant").and_then(Value::as_bool).unwrap_or(start == end);
        Ok(RangeValue { start, end, instant })
    }

    /// Writes `start`, `end`, `instant` into a result value and leaves its other keys alone.
    pub fn write(&self, range: RangeValue, value: &mut Map<String, Value>) {
        value.insert("start".into(), self.write_time(range.start));
        value.insert("end".into(), self.write_time(range.end));
        value.insert("instant".into(), Value::Bool(range.instant));
    }
}

impl RangeValue {
    /// The exact range between two positions of a series.
    pub fn between(axis: &TimeAxis, start: f64, end: f64, instant: bool) -> Self {
        Self { start: axis.native_at(start), end: axis.native_at(end), instant }
    }

    /// Where the range lies on the plot.
    pub fn positions(&self, axis: &TimeAxis) -> (f64, f64) {
        (axis.position_of(self.start), axis.position_of(self.end))
    }
}

/// Whole numbers are written without a fraction, as JavaScript does.
fn number(value: f64) -> Value {
    if value.fract() == 0.0 && value.abs() < 9e15 {
        return Value::from(value as i64);
    }
    Number::from_f64(value).map_or(Value::Null, Value::Number)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn read(codec: &ValueCodec, value: Value) -> Result<RangeValue, RangeValueError> {
        codec.read(value.as_object().unwrap())
    }

    #[test]
    fn the_example_of_the_specification_round_trips() {
        let codec = ValueCodec::from_attribute("%Y-%m-%d");
        let stored =
            json!({"start":"2020-03-20","end":"2020-03-25","instant":false,"timeserieslabels":["Run"]});
        let range = read(&codec, stored.clone()).unwrap();
        let mut out = stored.as_object().unwrap().clone();
        codec.write(range, &mut out);
        assert_eq!(Value::Object(out), stored);
    }

    #[test]
    fn numbers_and_texts_are_both_read() {
        let plain = ValueCodec::default();
        assert_eq!(read(&plain, json!({"start": 3, "end": "4.5"})).unwrap().end, Native::Number(4.5));
        let dated = ValueCodec::from_attribute("%d.%m.%Y");
        let axis = TimeAxis::dates(vec![0, 86_400_000_000_000]);
        for start in
            [json!("02.01.1970"), json!("1970-01-02T00:00:00Z"), json!(86_400_000), json!("86400000")]
        {
            let range = read(&dated, json!({"start": start, "instant": true})).unwrap();
            assert_eq!(range.positions(&axis), (86_400e9, 86_400e9), "{start}");
            assert!(range.instant);
        }
        let swapped = read(&plain, json!({"start": 9, "end": 1})).unwrap();
        assert_eq!((swapped.start, swapped.end), (Native::Number(1.0), Native::Number(9.0)));
    }

    #[test]
    fn wrong_values_are_named() {
        let dated = ValueCodec::from_attribute("%Y");
        insta::assert_snapshot!(read(&dated, json!({"start": "soon"})).unwrap_err(),
            @r#"start "soon" is neither a number nor a time in the format "%Y""#);
        assert_eq!(read(&dated, json!({})), Err(RangeValueError::Missing("start")));
        assert!(read(&dated, json!({"start": 1, "end": []})).is_err());
    }

    #[test]
    fn times_between_samples_are_rounded_to_what_the_format_can_say() {
        let noon = Native::Date(43_200_000_000_000);
        assert_eq!(ValueCodec::from_attribute("%Y-%m-%d").write_time(noon), json!("1970-01-02"));
        let odd = Native::Date(1_234_567_891);
        assert_eq!(ValueCodec::from_attribute("%S.%L").write_time(odd), json!("01.235"));
        assert_eq!(ValueCodec::from_attribute("%S.%f").write_time(odd), json!("01.234568"));
        assert_eq!(
            ValueCodec::from_attribute("%S.%f").with_exact(true).write_time(odd),
            json!("01.234567891")
        );
    }

    #[test]
    fn whole_numbers_have_no_fraction() {
        let plain = ValueCodec::default();
        assert_eq!(plain.write_time(Native::Number(5.0)).to_string(), "5");
        assert_eq!(plain.write_time(Native::Number(5.25)).to_string(), "5.25");
        assert_eq!(plain.write_time(Native::Date(1_500_000)).to_string(), "1.5");
    }

    proptest! {
        #[test]
        fn a_range_of_samples_survives_json(start in 0i64..4_000_000_000_000_000_000, gaps in prop::collection::vec(1i64..9_000_000_000_000_000, 1..20), a in 0usize..20, b in 0usize..20) {
            let mut times = vec![start];
            for gap in gaps {
                times.push(times[times.len() - 1] + gap);
            }
            let axis = TimeAxis::dates(times.clone());
            let (a, b) = (a.min(times.len() - 1), b.min(times.len() - 1));
            let (a, b) = (a.min(b), a.max(b));
            let codec = ValueCodec::from_attribute("%Y-%m-%d %H:%M:%S.%f").with_exact(true);
            let range = RangeValue::between(&axis, axis.position(a), axis.position(b), a == b);
            let mut stored = Map::new();
            codec.write(range, &mut stored);
            let back = codec.read(&stored).unwrap();
            prop_assert_eq!(back, range);
            prop_assert_eq!(back.start, Native::Date(times[a]));
        }
    }
}
