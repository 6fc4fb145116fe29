//! Times of the API in words of people.

/// Seconds since a time of the API, by this machine's clock; `None` for what is no time.
fn seconds_since(time: &str) -> Option<f64> {
    let at = js_sys::Date::parse(time);
    at.is_finite().then(|| (js_sys::Date::now() - at) / 1000.0)
}

/// "5 minutes ago"; days and more are told as the date.
pub fn ago(time: &str) -> String {
    match seconds_since(time) {
        Some(seconds) if seconds < 86_400.0 => in_words(seconds),
        None => String::new(),
        _ => format!("on {}", date(time)),
    }
}

/// The date in the order that sorts.
pub fn date(time: &str) -> String {
    time.chars().take(10).collect()
}

/// A time of the API from seconds since the epoch.
pub fn of_seconds(seconds: f64) -> String {
    let date = js_sys::Date::new(&(seconds * 1000.0).into());
    if date.get_time().is_finite() { String::from(date.to_iso_string()) } else { String::new() }
}

/// Date and time of this machine's zone, for a tooltip.
pub fn full(time: &str) -> String {
    let at = js_sys::Date::parse(time);
    if !at.is_finite() {
        return String::new();
    }
    let date = js_sys::Date::new(&at.into());
    String::from(date.to_locale_string("default", &js_sys::Object::new()))
}

/// Less than a day. A clock that is a little behind makes no future.
fn in_words(seconds: f64) -> String {
    let count = |n: f64, word: &str| format!("{n:.0} {word}{} ago", if n == 1.0 { "" } else { "s" });
    match seconds {
        s if s < 45.0 => "just now".to_owned(),
        s if s < 3570.0 => count((s / 60.0).round().max(1.0), "minute"),
        s => count((s / 3600.0).round(), "hour"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_while_ago_is_told_roughly() {
        assert_eq!(in_words(-3.0), "just now");
        assert_eq!(in_words(50.0), "1 minute ago");
        assert_eq!(in_words(600.0), "10 minutes ago");
        assert_eq!(in_words(3580.0), "1 hour ago");
        assert_eq!(in_words(80_000.0), "22 hours ago");
    }

    #[test]
    fn dates_sort() {
        assert_eq!(date("2026-11-23T07:42:05.334878Z"), "2026-11-23");
        assert_eq!(date(""), "");
    }
}
