//! The proleptic Gregorian calendar in days since 1970-01-01.

/// A date and time of day in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Civil {
    pub(crate) year: i64,
    /// 1 to 12.
    pub(crate) month: i64,
    /// 1 to 31.
    pub(crate) day: i64,
    pub(crate) hour: i64,
    pub(crate) minute: i64,
    pub(crate) second: i64,
    pub(crate) nanos: i64,
}

pub(crate) const NS_PER_SEC: i64 = 1_000_000_000;
const SECS_PER_DAY: i64 = 86_400;

impl Civil {
    pub(crate) fn from_epoch_ns(ns: i64) -> Self {
        let secs = ns.div_euclid(NS_PER_SEC);
        let (year, month, day) = civil_from_days(secs.div_euclid(SECS_PER_DAY));
        let of_day = secs.rem_euclid(SECS_PER_DAY);
        Self {
            year,
            month,
            day,
            hour: of_day / 3600,
            minute: of_day / 60 % 60,
            second: of_day % 60,
            nanos: ns.rem_euclid(NS_PER_SEC),
        }
    }

    pub(crate) fn days(self) -> i64 {
        days_from_civil(self.year, self.month, self.day)
    }

    /// 0 to 365.
    pub(crate) fn day_of_year(self) -> i64 {
        self.days() - days_from_civil(self.year, 1, 1)
    }

    /// 0 is Sunday.
    pub(crate) fn weekday(self) -> i64 {
        weekday(self.days())
    }

    /// ISO 8601 week-numbering year and week (1 to 53).
    pub(crate) fn iso_week(self) -> (i64, i64) {
        let monday = self.days() - (self.weekday() + 6) % 7;
        let (year, ..) = civil_from_days(monday + 3);
        (year, (monday - iso_week_one(year)) / 7 + 1)
    }
}

/// Seconds and nanoseconds to one integer; `None` on overflow. The two are added as wide integers because the product
/// alone may leave the range that the sum is in.
pub(crate) fn epoch_ns(secs: i64, nanos: i64) -> Option<i64> {
    i64::try_from(i128::from(secs) * i128::from(NS_PER_SEC) + i128::from(nanos)).ok()
}

/// Monday of ISO week 1 of a year: the week that contains 4 January.
pub(crate) fn iso_week_one(year: i64) -> i64 {
    let fourth = days_from_civil(year, 1, 4);
    fourth - (weekday(fourth) + 6) % 7
}

/// 0 is Sunday; 1970-01-01 was a Thursday.
pub(crate) fn weekday(days: i64) -> i64 {
    (days + 4).rem_euclid(7)
}

pub(crate) fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

pub(crate) fn days_in_month(year: i64, month: i64) -> i64 {
    match month {
        2 => 28 + i64::from(is_leap(year)),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

// Years are counted from March so that the leap day is the last day of a year, in eras of 400 years.

pub(crate) fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let from_march = if month > 2 { month - 3 } else { month + 9 };
    let year = if month > 2 { year } else { year - 1 };
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let day_of_year = (153 * from_march + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + day_of_year - 719_468
}

pub(crate) fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let (era, of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let day_of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * day_of_year + 2) / 153;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    let year = era * 400 + year_of_era + i64::from(month <= 2);
    (year, month, day_of_year - (153 * from_march + 2) / 5 + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn days_and_dates_are_inverse(days in -200_000i64..200_000) {
            let (y, m, d) = civil_from_days(days);
            prop_assert_eq!(days_from_civil(y, m, d), days);
            prop_assert!((1..=12).contains(&m) && d >= 1 && d <= days_in_month(y, m));
        }

        #[test]
        fn every_nanosecond_count_is_a_date_and_back(ns in any::<i64>()) {
            let civil = Civil::from_epoch_ns(ns);
            let secs = civil.days() * SECS_PER_DAY + civil.hour * 3600 + civil.minute * 60 + civil.second;
            prop_assert_eq!(epoch_ns(secs, civil.nanos), Some(ns));
        }
    }

    #[test]
    fn iso_weeks_belong_to_the_year_of_their_thursday() {
        let at =
            |y, m, d| Civil { year: y, month: m, day: d, hour: 0, minute: 0, second: 0, nanos: 0 }.iso_week();
        assert_eq!(at(2021, 1, 3), (2020, 53));
        assert_eq!(at(2021, 1, 4), (2021, 1));
        assert_eq!(at(2024, 12, 30), (2025, 1));
        assert_eq!(weekday(0), 4);
    }
}
