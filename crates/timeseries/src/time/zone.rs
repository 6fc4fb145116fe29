//! A time zone as a list of changes of its offset from UTC. Where the list comes from is the caller's business: a browser
//! knows all zones, a test writes one down.
//!
//! # The odd cases first
//! - A local time that exists **twice** (clocks set back) is the earlier instant; [`Zone::later`] gives the other one, which
//!   readers take when time would go backwards otherwise.
//! - A local time that does **not exist** (clocks set forward) is read with the offset before the change.
//! - Before the first change the zone has its first offset, after the last its last.

use std::sync::Arc;

use super::calendar::NS_PER_SEC;

/// Offsets from UTC over time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Zone {
    name: Arc<str>,
    first_secs: i32,
    /// Seconds since the epoch, and the offset from then on in seconds east of Greenwich.
    changes: Arc<[(i64, i32)]>,
}

impl Zone {
    /// `first_secs` applies before the first of the `changes`, which are put in order.
    pub fn new(name: &str, first_secs: i32, mut changes: Vec<(i64, i32)>) -> Self {
        changes.sort_by_key(|(at, _)| *at);
        Self { name: name.into(), first_secs, changes: changes.into() }
    }

    /// Reads `+02:00`, `-0530` or `+1`.
    pub fn fixed(text: &str) -> Option<Self> {
        let text = text.trim();
        if !text.starts_with(['+', '-', '\u{2212}']) {
            return None;
        }
        // `+1` stands for `+01`.
        let sign = text.chars().next().filter(|_| text.chars().count() == 2);
        let padded = sign.map_or_else(|| text.to_owned(), |sign| text.replacen(sign, &format!("{sign}0"), 1));
        let (secs, rest) = super::parse::zone(&padded)?;
        rest.is_empty().then(|| Self::new(text, secs as i32, Vec::new()))
    }

    /// As the user wrote it.
    pub fn name(&self) -> &str {
        &self.name
    }

    fn offset_secs(&self, utc_secs: i64) -> i64 {
        let after = self.changes.partition_point(|(at, _)| *at <= utc_secs);
        i64::from(after.checked_sub(1).and_then(|at| self.changes.get(at)).map_or(self.first_secs, |c| c.1))
    }

    /// What has to be added to UTC nanoseconds to read the clock on the wall.
    pub fn offset_ns(&self, utc_ns: i64) -> i64 {
        self.offset_secs(utc_ns.div_euclid(NS_PER_SEC)) * NS_PER_SEC
    }

    /// The clock on the wall, in nanoseconds since 1970 began on it.
    pub fn local(&self, utc_ns: i64) -> i64 {
        utc_ns.saturating_add(self.offset_ns(utc_ns))
    }

    /// The instant at which the wall clock says `local_ns`; of two the earlier.
    pub fn utc(&self, local_ns: i64) -> i64 {
        const DAY: i64 = 86_400 * NS_PER_SEC;
        // No offset is more than a day, so one of these is right.
        let before = self.offset_ns(local_ns.saturating_sub(DAY));
        let after = self.offset_ns(local_ns.saturating_add(DAY));
        let (early, late) = (local_ns.saturating_sub(before), local_ns.saturating_sub(after));
        let fits = |utc: i64| self.local(utc) == local_ns;
        match (fits(early), fits(late)) {
            (true, true) => early.min(late),
            (false, true) => late,
            _ => early,
        }
    }

    /// The second instant with the same time on the wall clock, where clocks were set back.
    pub fn later(&self, utc_ns: i64) -> Option<i64> {
        let local = self.local(utc_ns);
        let next = self.changes.partition_point(|(at, _)| *at <= utc_ns.div_euclid(NS_PER_SEC));
        let offset = i64::from(self.changes.get(next)?.1) * NS_PER_SEC;
        let other = local.saturating_sub(offset);
        (other > utc_ns && self.local(other) == local).then_some(other)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::parse_iso8601;

    fn berlin() -> Zone {
        let at = |text: &str| parse_iso8601(text).unwrap() / NS_PER_SEC;
        Zone::new(
            "Europe/Berlin",
            3600,
            vec![(at("2020-03-29T01:00:00Z"), 7200), (at("2020-10-25T01:00:00Z"), 3600)],
        )
    }

    fn ns(text: &str) -> i64 {
        parse_iso8601(text).unwrap()
    }

    #[test]
    fn summer_and_winter() {
        let zone = berlin();
        for (local, utc) in [
            ("2020-01-15T12:00", "2020-01-15T11:00Z"),
            ("2020-07-15T12:00", "2020-07-15T10:00Z"),
            ("2020-03-29T01:59:59", "2020-03-29T00:59:59Z"),
            ("2020-03-29T03:00", "2020-03-29T01:00Z"),
            ("2020-12-24T18:00", "2020-12-24T17:00Z"),
            ("2020-02-29T00:30", "2020-02-28T23:30Z"),
        ] {
            assert_eq!(zone.utc(ns(local)), ns(utc), "{local}");
            assert_eq!(zone.local(ns(utc)), ns(local), "{utc}");
        }
    }

    #[test]
    fn the_hour_that_is_missing_and_the_one_that_comes_twice() {
        let zone = berlin();
        assert_eq!(zone.utc(ns("2020-03-29T02:30")), ns("2020-03-29T01:30Z"));
        let first = zone.utc(ns("2020-10-25T02:30"));
        assert_eq!(first, ns("2020-10-25T00:30Z"));
        assert_eq!(zone.later(first), Some(ns("2020-10-25T01:30Z")));
        assert_eq!(zone.later(ns("2020-10-25T01:30Z")), None);
        assert_eq!(zone.later(ns("2020-07-01T00:00Z")), None);
    }

    #[test]
    fn fixed_offsets() {
        let secs = |text: &str| Zone::fixed(text).map(|z| z.offset_ns(0) / NS_PER_SEC);
        assert_eq!(secs("+02:00"), Some(7200));
        assert_eq!(secs("-0530"), Some(-19_800));
        assert_eq!(secs("+1"), Some(3600));
        assert_eq!(secs("-9"), Some(-32_400));
        for wrong in ["", "02:00", "UTC", "+x", "+02:00 h"] {
            assert_eq!(secs(wrong), None, "{wrong}");
        }
    }
}
