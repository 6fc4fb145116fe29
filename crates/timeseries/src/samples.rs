//! The sample series behind `/samples/time-series.csv` (server.md 3.9): a hundred rows of smooth, made-up activity.
//!
//! The same query always gives the same bytes. Column names that are all digits make a file without a header whose
//! columns stand at those places.

use std::fmt::Write as _;

use crate::time::TimeFormat;

const ROWS: usize = 100;
/// 2020-03-20T00:00:00Z, one row a day.
const FIRST_DAY_NS: i64 = 1_584_662_400_000_000_000;
const DAY_NS: i64 = 86_400_000_000_000;

/// The query parameters `time`, `values`, `sep`, `tf`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SampleQuery {
    /// Name of the time column; empty leaves it out.
    pub time: String,
    /// Comma list of value columns.
    pub values: String,
    /// Separator: one character or one of the names of the `sep` attribute; empty means `,`.
    pub sep: String,
    /// Time format; empty writes numbers.
    pub tf: String,
}

/// The file for a query.
pub fn csv(query: &SampleQuery) -> String {
    let separator = match query.sep.trim() {
        "tab" | "\\t" => '\t',
        "space" => ' ',
        "comma" | "auto" | "" => {
            if query.sep.contains('\t') {
                '\t'
            } else if query.sep == " " {
                ' '
            } else {
                ','
            }
        }
        "dot" => '.',
        text => text.chars().next().unwrap_or(','),
    };
    let time = query.time.trim();
    let names: Vec<&str> = query.values.split(',').map(str::trim).filter(|n| !n.is_empty()).collect();
    let names = if names.is_empty() { vec!["value"] } else { names };
    let format: Option<TimeFormat> = if query.tf.is_empty() { None } else { query.tf.parse().ok() };

    // What stands in each place of a row: the time, or the n-th curve.
    let is_number = |n: &str| !n.is_empty() && n.len() < 4 && n.bytes().all(|b| b.is_ascii_digit());
    let headless = names.iter().all(|n| is_number(n)) && (time.is_empty() || is_number(time));
    let mut places: Vec<Option<Place>> = Vec::new();
    if headless {
        let wanted = names.iter().enumerate().map(|(i, n)| (*n, Place::Curve(i)));
        for (name, place) in wanted.chain((!time.is_empty()).then_some((time, Place::Time))) {
            let at: usize = name.parse().unwrap_or(0);
            if places.len() <= at {
                places.resize(at + 1, None);
            }
            places[at] = Some(place);
        }
    } else {
        places.extend((!time.is_empty()).then_some(Some(Place::Time)));
        places.extend((0..names.len()).map(|i| Some(Place::Curve(i))));
    }

    let mut out = String::new();
    if !headless {
        let header = (!time.is_empty()).then_some(time).into_iter().chain(names.iter().copied());
        let header: Vec<String> = header.map(|name| quoted(name, separator)).collect();
        out.push_str(&header.join(separator.encode_utf8(&mut [0; 4])));
        out.push('\n');
    }
    for row in 0..ROWS {
        for (i, place) in places.iter().enumerate() {
            if i > 0 {
                out.push(separator);
            }
            match place {
                Some(Place::Time) => match &format {
                    Some(format) => {
                        out.push_str(&quoted(&format.format(FIRST_DAY_NS + row as i64 * DAY_NS), separator));
                    }
                    None => {
                        let _ = write!(out, "{row}");
                    }
                },
                // Places nobody asked for are filled, so that the named ones stand where they should.
                Some(Place::Curve(curve)) => {
                    out.push_str(&quoted(&format!("{:.3}", activity(row, *curve)), separator))
                }
                None => out.push('0'),
            }
        }
        out.push('\n');
    }
    out
}

#[derive(Clone, Copy)]
enum Place {
    Time,
    Curve(usize),
}

fn quoted(text: &str, separator: char) -> String {
    if text.contains([separator, '"', '\n']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}

/// Phases of rest, walking and running: a few waves under a slowly changing envelope.
fn activity(row: usize, curve: usize) -> f64 {
    let t = row as f64;
    let shift = curve as f64 * 1.7;
    let phase = (t / 17.0 + shift).sin();
    let effort = 0.15 + 0.85 * (0.5 + 0.5 * phase).powi(3);
    let stride = (t * 1.9 + shift).sin() + 0.5 * (t * 3.1 + 2.0 * shift).sin();
    let drift = (t / 41.0 + shift * 0.6).cos() * 0.8;
    (1.0 + curve as f64 * 0.25) * (effort * stride * 2.0 + effort * 3.0 + drift)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::load::{LoadOptions, TimeSpec, load_csv};

    fn query(time: &str, values: &str, sep: &str, tf: &str) -> SampleQuery {
        SampleQuery { time: time.into(), values: values.into(), sep: sep.into(), tf: tf.into() }
    }

    #[test]
    fn the_query_of_the_seed_example() {
        let text = csv(&query("time_column", "first_column", "", ""));
        assert!(text.starts_with("time_column,first_column\n0,"));
        assert_eq!(text.lines().count(), 101);
        assert_eq!(text, csv(&query("time_column", "first_column", "", "")));
    }

    #[test]
    fn every_query_loads_with_the_attributes_that_belong_to_it() {
        for (time, values, sep, tf) in [
            ("time", "a,b", "tab", "%Y-%m-%d"),
            ("time", "a,b", "\t", ""),
            ("t", "v", ";", "%B %d, %Y"),
            ("t", "v", ",", "%B %d, %Y"),
            ("0", "1,2", ",", "%Y-%m-%d"),
            ("2", "0,1", "tab", ""),
            ("", "only", ",", ""),
            ("5", "1", "", "%Q"),
        ] {
            let text = csv(&query(time, values, sep, tf));
            let options = LoadOptions {
                separator: sep.into(),
                time: TimeSpec { column: time.into(), format: tf.into(), ..TimeSpec::default() },
                columns: values.split(',').map(String::from).collect(),
                ..LoadOptions::default()
            };
            let loaded =
                load_csv(text.as_bytes(), &options).unwrap_or_else(|e| panic!("{time} {values} {sep}: {e}"));
            assert_eq!(loaded.columns.len(), 100);
            assert_eq!(loaded.columns.columns.len(), values.split(',').count());
            assert!(loaded.notices.iter().all(|n| !n.is_error()), "{:?}", loaded.notices);
            assert!(loaded.columns.columns.iter().flat_map(|c| c.values.iter()).all(f64::is_finite));
        }
    }
}
