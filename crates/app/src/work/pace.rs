//! How fast work goes and how long it will still take, from what was seen of it.

/// As long as what is seen counts, in seconds: long enough to be steady, short enough to follow a change.
const WINDOW: f64 = 15.0;
/// Before this much was seen nothing is said, in seconds.
const LEAST: f64 = 1.0;

/// Counts with the times they were seen at.
#[derive(Clone, Debug, Default)]
pub struct Pace {
    seen: Vec<(f64, i64)>,
}

impl Pace {
    /// Notes that `done` were done at `now`, in seconds.
    pub fn note(&mut self, now: f64, done: i64) {
        if self.seen.last().is_some_and(|(_, last)| *last > done) {
            // Begun again.
            self.seen.clear();
        }
        self.seen.push((now, done));
        let first = self.seen.iter().position(|(at, _)| now - at <= WINDOW).unwrap_or(0);
        // The last one outside stays, so that slow work has a pace too.
        self.seen.drain(..first.saturating_sub(1));
    }

    /// Done in a second.
    pub fn rate(&self) -> Option<f64> {
        let (from, to) = (self.seen.first()?, self.seen.last()?);
        let seconds = to.0 - from.0;
        let rate = (to.1 - from.1) as f64 / seconds;
        (seconds >= LEAST && rate > 0.0).then_some(rate)
    }

    /// Seconds until `total` are done.
    pub fn left(&self, total: i64) -> Option<f64> {
        let done = self.seen.last()?.1;
        self.rate().map(|rate| (total - done).max(0) as f64 / rate)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_said_of_what_was_hardly_seen() {
        let mut pace = Pace::default();
        assert_eq!(pace.rate(), None);
        pace.note(0.0, 0);
        pace.note(0.5, 100);
        assert_eq!(pace.rate(), None);
        pace.note(2.0, 100);
        assert_eq!(pace.rate(), Some(50.0));
        assert_eq!(pace.left(200), Some(2.0));
    }

    #[test]
    fn old_times_count_no_more() {
        let mut pace = Pace::default();
        for second in 0..100 {
            pace.note(f64::from(second), i64::from(second) * 10);
        }
        for second in 100..120 {
            pace.note(f64::from(second), 990 + i64::from(second - 99) * 100);
        }
        assert_eq!(pace.rate(), Some(100.0));
    }

    #[test]
    fn work_that_begins_again_has_a_new_pace() {
        let mut pace = Pace::default();
        pace.note(0.0, 1000);
        pace.note(10.0, 2000);
        pace.note(11.0, 0);
        pace.note(13.0, 10);
        assert_eq!(pace.rate(), Some(5.0));
    }

    #[test]
    fn what_stands_still_has_no_end() {
        let mut pace = Pace::default();
        pace.note(0.0, 5);
        pace.note(30.0, 5);
        assert_eq!(pace.left(10), None);
    }
}
