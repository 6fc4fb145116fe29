//! Writing times.

use std::fmt::Write as _;

use super::calendar::{Civil, NS_PER_SEC};
use super::{Field, Item, MONTHS, Pad, WEEKDAYS};

pub(super) fn print(items: &[Item], epoch_ns: i64, exact: bool) -> String {
    let civil = Civil::from_epoch_ns(epoch_ns);
    let has_fraction = items.iter().any(|i| matches!(i, Item::Field(Field::Millis | Field::Micros, _)));
    let mut out = String::new();
    for item in items {
        match item {
            Item::Literal(c) => out.push(*c),
            Item::Field(Field::EpochSecs, _) if exact && !has_fraction => {
                epoch(&mut out, epoch_ns, NS_PER_SEC, 9)
            }
            Item::Field(Field::EpochMillis, _) if exact && !has_fraction => {
                epoch(&mut out, epoch_ns, 1_000_000, 6)
            }
            Item::Field(field, pad) => {
                print_field(&mut out, *field, *pad, civil, epoch_ns, exact);
                if exact && !has_fraction && *field == Field::Second && civil.nanos != 0 {
                    out.push('.');
                    fraction(&mut out, civil.nanos, 3, true);
                }
            }
        }
    }
    out
}

/// A count of units since the epoch with the decimals it needs, its sign before the whole.
fn epoch(out: &mut String, epoch_ns: i64, unit_ns: i64, digits: usize) {
    let sign = if epoch_ns < 0 { "-" } else { "" };
    let (ns, unit) = (epoch_ns.unsigned_abs(), unit_ns.unsigned_abs());
    let _ = write!(out, "{sign}{}", ns / unit);
    if ns % unit != 0 {
        let decimals = format!("{:0digits$}", ns % unit);
        let _ = write!(out, ".{}", decimals.trim_end_matches('0'));
    }
}

fn print_field(out: &mut String, field: Field, pad: Pad, civil: Civil, epoch_ns: i64, exact: bool) {
    let (value, width, space) = match field {
        Field::WeekdayShort => return out.extend(WEEKDAYS[civil.weekday() as usize].chars().take(3)),
        Field::WeekdayLong => return out.push_str(WEEKDAYS[civil.weekday() as usize]),
        Field::MonthShort => return out.extend(MONTHS[civil.month as usize - 1].chars().take(3)),
        Field::MonthLong => return out.push_str(MONTHS[civil.month as usize - 1]),
        Field::Period => return out.push_str(if civil.hour < 12 { "AM" } else { "PM" }),
        Field::Zone => return out.push_str("+0000"),
        Field::Millis => return fraction(out, civil.nanos, 3, exact),
        Field::Micros => return fraction(out, civil.nanos, 6, exact),
        Field::EpochMillis => (epoch_ns.div_euclid(1_000_000), 1, false),
        Field::EpochSecs => (epoch_ns.div_euclid(NS_PER_SEC), 1, false),
        Field::Day => (civil.day, 2, false),
        Field::DaySpace => (civil.day, 2, true),
        Field::Hour24 => (civil.hour, 2, false),
        Field::Hour12 => ((civil.hour + 11) % 12 + 1, 2, false),
        Field::Minute => (civil.minute, 2, false),
        Field::Second => (civil.second, 2, false),
        Field::Month => (civil.month, 2, false),
        Field::Quarter => ((civil.month + 2) / 3, 1, false),
        Field::DayOfYear => (civil.day_of_year() + 1, 3, false),
        Field::Year => (civil.year, 4, false),
        Field::Year2 => (civil.year.rem_euclid(100), 2, false),
        Field::IsoYear => (civil.iso_week().0, 4, false),
        Field::IsoYear2 => (civil.iso_week().0.rem_euclid(100), 2, false),
        Field::WeekIso => (civil.iso_week().1, 2, false),
        Field::WeekSunday => ((civil.day_of_year() + 7 - civil.weekday()) / 7, 2, false),
        Field::WeekMonday => ((civil.day_of_year() + 7 - (civil.weekday() + 6) % 7) / 7, 2, false),
        Field::WeekdayFromSunday => (civil.weekday(), 1, false),
        Field::WeekdayFromMonday => ((civil.weekday() + 6) % 7 + 1, 1, false),
    };
    let space = match pad {
        Pad::Default => space,
        Pad::Space => true,
        Pad::Zero => false,
        Pad::None => {
            let _ = write!(out, "{value}");
            return;
        }
    };
    let _ = if space { write!(out, "{value:>width$}") } else { write!(out, "{value:0width$}") };
}

fn fraction(out: &mut String, nanos: i64, digits: u32, exact: bool) {
    let digits = match digits {
        wide if !exact => wide,
        _ if nanos % 1_000 != 0 => 9,
        3 if nanos % 1_000_000 != 0 => 6,
        wide => wide,
    };
    let _ = write!(out, "{:0width$}", nanos / 10_i64.pow(9 - digits), width = digits as usize);
}
