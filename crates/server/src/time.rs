//! Timestamps: UTC, ISO 8601, microseconds and `Z`, as the API and the database hold them.

use jiff::{SignedDuration, Timestamp};

/// Now.
pub fn now() -> String {
    format(Timestamp::now())
}

/// Now plus some seconds.
pub fn in_seconds(seconds: i64) -> String {
    format(Timestamp::now().saturating_add(SignedDuration::from_secs(seconds)).unwrap_or(Timestamp::MAX))
}

/// Whole seconds from now until a stored time, at least 0; 0 too for what is no time.
pub fn seconds_until(time: &str) -> i64 {
    time.parse::<Timestamp>().map_or(0, |t| (t.as_second() - unix_now()).max(0))
}

/// Whole seconds since a stored time; what is no time was for ever ago.
pub fn seconds_since(time: &str) -> i64 {
    time.parse::<Timestamp>().map_or(i64::MAX, |t| unix_now() - t.as_second())
}

fn format(t: Timestamp) -> String {
    format!("{t:.6}")
}

/// Now, or a moment after another time where the clock is not there yet.
pub fn after(earlier: &str) -> String {
    let now = Timestamp::now();
    match earlier.parse::<Timestamp>() {
        Ok(then) if now.as_microsecond() <= then.as_microsecond() => {
            format(then.saturating_add(SignedDuration::from_micros(1)).unwrap_or(Timestamp::MAX))
        }
        _ => format(now),
    }
}

/// A time that somebody wrote, in our form.
pub fn parse(text: &str) -> Option<String> {
    text.trim().parse::<Timestamp>().ok().map(format)
}

/// Whole seconds since the epoch.
pub fn unix_now() -> i64 {
    Timestamp::now().as_second()
}

/// `0\u{a0}minutes`, `1\u{a0}week, 3\u{a0}days`: how long ago, in the two largest units (spec/server.md section 2).
pub fn ago(created_at: &str) -> String {
    let then = created_at.parse::<Timestamp>().unwrap_or_else(|_| Timestamp::now());
    let mut seconds = (Timestamp::now().as_second() - then.as_second()).max(0);
    let mut parts: Vec<String> = Vec::new();
    for (name, length) in [
        ("year", 31_536_000),
        ("month", 2_592_000),
        ("week", 604_800),
        ("day", 86_400),
        ("hour", 3600),
        ("minute", 60),
    ] {
        let count = seconds / length;
        if count > 0 && parts.len() < 2 {
            parts.push(format!("{count}\u{a0}{name}{}", if count == 1 { "" } else { "s" }));
        } else if !parts.is_empty() {
            break;
        }
        seconds %= length;
    }
    if parts.is_empty() { "0\u{a0}minutes".into() } else { parts.join(", ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_brought_into_one_form() {
        assert_eq!(parse("2026-01-31T12:00:00+01:00").as_deref(), Some("2026-01-31T11:00:00.000000Z"));
        assert_eq!(parse("2026-01-31T12:00:00.123456789Z").as_deref(), Some("2026-01-31T12:00:00.123456Z"));
        assert_eq!(parse("yesterday"), None);
    }

    #[test]
    fn two_units_at_most() {
        let before = |s: i64| format(Timestamp::now().saturating_add(SignedDuration::from_secs(-s)).unwrap());
        assert_eq!(ago(&before(10)), "0\u{a0}minutes");
        assert_eq!(ago(&before(60)), "1\u{a0}minute");
        assert_eq!(ago(&before(10 * 86_400 + 3600)), "1\u{a0}week, 3\u{a0}days");
        assert_eq!(ago("nonsense"), "0\u{a0}minutes");
    }
}
