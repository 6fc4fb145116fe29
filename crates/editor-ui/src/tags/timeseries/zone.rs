//! Time zones as the browser knows them: `Intl` is asked for the offset at regular moments, and between two that differ for
//! the moment of the change. So no table of zones has to be shipped, and the browser keeps it up to date.

use tagloom_timeseries::Zone;
use wasm_bindgen::{JsCast, JsValue};

const DAY: i64 = 86_400;
/// 1970 to 2050: what lies outside has the offset of the nearest end.
const YEARS: std::ops::Range<i64> = 0..80;
/// Offsets are looked at every so many seconds; no summer time is shorter (a Ramadan is 29 days).
const STRIDE: i64 = 14 * DAY;

/// The zone that the attribute `timeZone` names: `None` in the error for one that is not known. UTC is no zone.
pub(super) fn find(name: &str) -> Result<Option<Zone>, ()> {
    let name = name.trim();
    if name.is_empty() || name.eq_ignore_ascii_case("utc") || name.eq_ignore_ascii_case("gmt") {
        return Ok(None);
    }
    if let Some(fixed) = Zone::fixed(name) {
        return Ok(Some(fixed));
    }
    let ask = clock(name).ok_or(())?;
    let (first, changes) = changes(&ask).ok_or(())?;
    Ok(Some(Zone::new(name, first, changes)))
}

/// Asks for the offset in seconds at a moment in seconds since the epoch.
fn clock(name: &str) -> Option<impl Fn(i64) -> Option<i32>> {
    let get = |of: &JsValue, key: &str| js_sys::Reflect::get(of, &JsValue::from_str(key)).ok();
    let class: js_sys::Function = get(&get(&js_sys::global(), "Intl")?, "DateTimeFormat")?.dyn_into().ok()?;
    let options = js_sys::Object::new();
    let set = |key: &str, value: &str| js_sys::Reflect::set(&options, &key.into(), &value.into()).ok();
    if !name.eq_ignore_ascii_case("local") {
        set("timeZone", name)?;
    }
    set("timeZoneName", "longOffset")?;
    let format = js_sys::Reflect::construct(&class, &js_sys::Array::of2(&"en-US".into(), &options)).ok()?;
    let write: js_sys::Function = get(&format, "format")?.dyn_into().ok()?;
    Some(move |secs: i64| {
        let date = js_sys::Date::new(&JsValue::from_f64(secs as f64 * 1000.0));
        offset(&write.call1(&format, &date).ok()?.as_string()?)
    })
}

/// Reads the end of `1/15/2020, GMT+05:30`; `GMT` alone is UTC.
fn offset(text: &str) -> Option<i32> {
    let tail = text.rsplit_once("GMT")?.1.trim();
    if tail.is_empty() {
        return Some(0);
    }
    let sign = if tail.starts_with(['-', '\u{2212}']) { -1 } else { 1 };
    let mut parts = tail.trim_start_matches(['+', '-', '\u{2212}']).split(':').map(str::parse::<i32>);
    let hours = parts.next()?.ok()?;
    let rest: Vec<i32> = parts.map_while(Result::ok).collect();
    let minutes = rest.first().copied().unwrap_or(0);
    Some(sign * (hours * 3600 + minutes * 60 + rest.get(1).copied().unwrap_or(0)))
}

/// The first offset, and when it changes to what.
fn changes(ask: &impl Fn(i64) -> Option<i32>) -> Option<(i32, Vec<(i64, i32)>)> {
    let (start, end) = (YEARS.start * 365 * DAY, YEARS.end * 365 * DAY);
    let first = ask(start)?;
    let (mut at, mut now, mut found) = (start, first, Vec::new());
    while at < end {
        let next = at + STRIDE;
        let then = ask(next)?;
        if then != now {
            let (mut low, mut high) = (at, next);
            while high - low > 1 {
                let middle = low + (high - low) / 2;
                if ask(middle)? == now { low = middle } else { high = middle }
            }
            found.push((high, then));
            now = then;
        }
        at = next;
    }
    Some((first, found))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_are_read_as_the_browser_writes_them() {
        for (text, secs) in [
            ("1/15/2020, GMT", 0),
            ("1/15/2020, GMT+01:00", 3600),
            ("1/15/2020, GMT-03:30", -12_600),
            ("1/15/2020, GMT\u{2212}5", -18_000),
            ("1/15/1900, GMT+00:53:28", 3208),
        ] {
            assert_eq!(offset(text), Some(secs), "{text}");
        }
        assert_eq!(offset("noon"), None);
    }

    #[test]
    fn changes_are_found_to_the_second() {
        let summer =
            |secs: i64| Some(if (1_585_443_600..1_603_587_600).contains(&secs) { 7200 } else { 3600 });
        assert_eq!(changes(&summer), Some((3600, vec![(1_585_443_600, 7200), (1_603_587_600, 3600)])));
        assert_eq!(changes(&|_| None), None);
    }
}
