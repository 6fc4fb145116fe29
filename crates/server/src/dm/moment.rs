//! Times in filters: however they are written, they become what the database holds.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;

/// UTC with microseconds and `Z`. Without an offset UTC is meant, without a time the beginning of the day.
pub fn canonical(text: &str) -> Option<String> {
    let text = text.trim();
    let moment = text
        .parse::<Timestamp>()
        .ok()
        .or_else(|| utc(text.parse::<DateTime>().ok()?))
        .or_else(|| utc(text.parse::<Date>().ok()?.to_datetime(jiff::civil::Time::midnight())))?;
    Some(format!("{moment:.6}"))
}

fn utc(civil: DateTime) -> Option<Timestamp> {
    civil.to_zoned(TimeZone::UTC).ok().map(|zoned| zoned.timestamp())
}

#[cfg(test)]
mod tests {
    use super::canonical;

    #[test]
    fn all_the_ways_to_write_a_time() {
        for text in [
            "2026-01-31T12:00:00Z",
            "2026-01-31T12:00:00.000000Z",
            "2026-01-31T13:00:00+01:00",
            "2026-01-31T12:00:00",
            "2026-01-31 12:00",
        ] {
            assert_eq!(canonical(text).as_deref(), Some("2026-01-31T12:00:00.000000Z"), "{text}");
        }
        assert_eq!(canonical("2026-01-31").as_deref(), Some("2026-01-31T00:00:00.000000Z"));
        for text in ["", "now", "2026", "31.1.2026", "2026-02-30"] {
            assert_eq!(canonical(text), None, "{text}");
        }
    }
}
