use super::*;
use proptest::prelude::*;

fn ns(text: &str) -> i64 {
    parse_iso8601(text).unwrap()
}

/// Demand 29: forty shapes of time that people have in their files, each with the instant it means.
#[test]
fn forty_formats_are_read() {
    let table: &[(&str, &str, &str)] = &[
        ("%Y-%m-%d", "2024-02-29", "2024-02-29T00:00:00Z"),
        ("%Y-%m-%d %H:%M:%S", "2024-02-29 23:59:59", "2024-02-29T23:59:59Z"),
        ("%Y-%m-%dT%H:%M:%SZ", "2024-02-29T23:59:59Z", "2024-02-29T23:59:59Z"),
        ("%Y-%m-%d %H:%M:%S.%L", "2020-03-20 01:02:03.5", "2020-03-20T01:02:03.500Z"),
        ("%Y-%m-%d %H:%M:%S.%L", "2020-03-20 01:02:03.05", "2020-03-20T01:02:03.050Z"),
        ("%Y-%m-%d %H:%M:%S.%L", "2020-03-20 01:02:03.123456", "2020-03-20T01:02:03.123456Z"),
        ("%Y-%m-%d %H:%M:%S.%f", "2020-03-20 01:02:03.123456", "2020-03-20T01:02:03.123456Z"),
        ("%Y-%m-%d %H:%M:%S.%f", "2020-03-20 01:02:03.1", "2020-03-20T01:02:03.1Z"),
        ("%Y-%m-%d %H:%M:%S.%f", "2020-03-20 01:02:03.123456789", "2020-03-20T01:02:03.123456789Z"),
        ("%Y-%m-%d %H:%M:%S%Z", "2020-03-20 01:02:03+00:00", "2020-03-20T01:02:03Z"),
        ("%Y-%m-%d %H:%M:%S%Z", "2020-03-20 01:02:03+0530", "2020-03-19T19:32:03Z"),
        ("%Y-%m-%d %H:%M:%S %Z", "2020-03-20 01:02:03 -07", "2020-03-20T08:02:03Z"),
        ("%Y-%m-%d %H:%M:%S %Z", "2020-03-20 01:02:03 Z", "2020-03-20T01:02:03Z"),
        ("%d/%m/%Y", "01/12/2021", "2021-12-01"),
        ("%m/%d/%Y", "12/01/2021", "2021-12-01"),
        ("%m/%d/%y", "1/2/69", "1969-01-02"),
        ("%m/%d/%y", "1/2/68", "2068-01-02"),
        ("%d.%m.%Y %H:%M", "31.12.1999 23:59", "1999-12-31T23:59:00Z"),
        ("%d %b %Y", "20 Mar 2020", "2020-03-20"),
        ("%d %b %Y", "20 mar 2020", "2020-03-20"),
        ("%B %d, %Y", "March 20, 2020", "2020-03-20"),
        ("%A, %B %e, %Y", "Friday, March  6, 2020", "2020-03-06"),
        ("%a %b %d %H:%M:%S %Y", "Fri Mar 20 10:11:12 2020", "2020-03-20T10:11:12Z"),
        ("%I:%M %p %d/%m/%Y", "12:30 AM 05/06/2020", "2020-06-05T00:30:00Z"),
        ("%I:%M %p %d/%m/%Y", "12:30 pm 05/06/2020", "2020-06-05T12:30:00Z"),
        ("%I:%M:%S %p", "01:02:03 PM", "1900-01-01T13:02:03Z"),
        ("%H:%M:%S", "10:20:30", "1900-01-01T10:20:30Z"),
        ("%I:%M:%S %p", "10:20:30.5 AM", "1900-01-01T10:20:30.5Z"),
        ("%H:%M:%S.%L", "10:20:30.25", "1900-01-01T10:20:30.25Z"),
        ("%M:%S.%f", "20:30.000001", "1900-01-01T00:20:30.000001Z"),
        ("%Y%m%d", "20200320", "2020-03-20"),
        ("%Y%m%d%H%M%S", "20200320102030", "2020-03-20T10:20:30Z"),
        ("%Y%m%d%H%M%S%L", "20200320102030125", "2020-03-20T10:20:30.125Z"),
        ("%Y-%j", "2024-366", "2024-12-31"),
        ("%Y-%j %H", "2023-060 12", "2023-03-01T12:00:00Z"),
        ("%s", "1600000000", "2020-09-13T12:26:40Z"),
        ("%s", "1600000000.25", "2020-09-13T12:26:40.25Z"),
        ("%s.%L", "1600000000.75", "2020-09-13T12:26:40.75Z"),
        ("%Q", "1600000000123", "2020-09-13T12:26:40.123Z"),
        ("%Q", "-1500", "1969-12-31T23:59:58.5Z"),
        ("%Q", "1600000000123.456", "2020-09-13T12:26:40.123456Z"),
        ("%G-W%V-%u", "2020-W53-7", "2021-01-03"),
        ("%Y %U %w", "2020 11 5", "2020-03-20"),
        ("%Y %W %u", "2020 11 5", "2020-03-20"),
        ("%Y Q%q", "2020 Q3", "2020-07-01"),
        ("%x", "3/20/2020", "2020-03-20"),
        ("%c", "3/20/2020, 1:02:03 PM", "2020-03-20T13:02:03Z"),
        ("%F %T", "2020-03-20 10:20:30", "2020-03-20T10:20:30Z"),
        ("at %H h", "at 07 h", "1900-01-01T07:00:00Z"),
        ("100%% %Y", "100% 2020", "2020-01-01"),
    ];
    assert!(table.len() >= 40);
    for (format, text, expected) in table {
        let format: TimeFormat = format.parse().unwrap();
        assert_eq!(format.parse(text), Some(ns(expected)), "{format} on {text}");
    }
}

#[test]
fn wrong_texts_are_refused() {
    for (format, text) in [
        ("%Y-%m-%d", "2021-02-29"),
        ("%Y-%m-%d", "2021-13-01"),
        ("%Y-%m-%d", "2021-01-01 10:00"),
        ("%Y-%m-%d", "yesterday"),
        ("%Y-%m-%d", ""),
        ("%H:%M", "24:01"),
        ("%H:%M", "10-20"),
        ("%Y-%j", "2023-366"),
        ("%d %b %Y", "20 Foo 2020"),
        ("%p", "xm"),
        ("%Y", "9999"),
        ("%Z", "é"),
    ] {
        assert_eq!(format.parse::<TimeFormat>().unwrap().parse(text), None, "{format} on {text:?}");
    }
}

#[test]
fn an_unknown_directive_is_named() {
    let error = "%Y-%k".parse::<TimeFormat>().unwrap_err();
    assert!(error.to_string().contains("\"%k\""), "{error}");
    assert!(matches!("%".parse::<TimeFormat>(), Err(TimeFormatError::LonePercent { .. })));
}

#[test]
fn every_directive_is_written() {
    let t = ns("2020-03-06T13:02:03.004005006Z");
    for (format, expected) in [
        ("%a %A %b %B", "Fri Friday Mar March"),
        ("%d|%e|%-d|%_d|%0e", "06| 6|6| 6|06"),
        ("%H %I %M %S %p", "13 01 02 03 PM"),
        ("%L %f", "004 004005"),
        ("%j %m %q %y %Y", "066 03 1 20 2020"),
        ("%U %W %V %G %g %u %w", "09 09 10 2020 20 5 5"),
        ("%Q %s", "1583499723004 1583499723"),
        ("%Z %%", "+0000 %"),
        ("%c", "3/6/2020, 1:02:03 PM"),
        ("%-I", "1"),
    ] {
        assert_eq!(format.parse::<TimeFormat>().unwrap().format(t), expected, "{format}");
    }
    let exact: TimeFormat = "%S.%L".parse().unwrap();
    assert_eq!(exact.format_exact(t), "03.004005006");
    assert_eq!(exact.format_exact(ns("2020-01-01T00:00:01.5Z")), "01.500");
    assert_eq!(exact.format_exact(ns("2020-01-01T00:00:01.000250Z")), "01.000250");
    for (format, text) in [("%H:%M:%S", "00:00:01.250"), ("%s", "1577836801.25"), ("%Q", "1577836801250")] {
        let exact: TimeFormat = format.parse().unwrap();
        assert_eq!(exact.format_exact(ns("2020-01-01T00:00:01.25Z")), text);
    }
    let precision = |format: &str| format.parse::<TimeFormat>().unwrap().precision_ns();
    assert_eq!(precision("%Y-%m-%d"), 86_400_000_000_000);
    assert_eq!(
        (precision("%H:%M"), precision("%s"), precision("%S.%f")),
        (60_000_000_000, 1_000_000_000, 1_000)
    );
}

#[test]
fn iso_texts_of_every_shape() {
    let noon = ns("2024-02-29T12:00:00Z");
    for text in [
        "2024-02-29T12:00",
        "2024-02-29 12:00:00",
        "2024-02-29 12:00:00+00:00",
        "2024-02-29T14:00:00+02:00",
        "2024-02-29T14:00:00+0200",
        "2024-02-29T05:00:00.000-07",
        "2024-02-29 12:00:00 UTC",
        "20240229T120000Z",
        "2024/02/29 12:00:00",
        " 2024-02-29T12:00:00,000Z ",
    ] {
        assert_eq!(parse_iso8601(text), Some(noon), "{text}");
    }
    for text in [
        "",
        "2024",
        "202402",
        "2024-02-30",
        "2024-02-29T25:00",
        "2024-02-29Tx",
        "2024-02-29T12:00:00.Z",
        "12.5",
        "é024-01-01",
    ] {
        assert_eq!(parse_iso8601(text), None, "{text}");
    }
}

#[test]
fn hours_that_a_clock_change_repeats_or_skips_stay_apart() {
    // Berlin, 2023-10-29: 02:30 exists twice; UTC offsets tell them apart.
    assert_eq!(ns("2023-10-29T02:30:00+01:00") - ns("2023-10-29T02:30:00+02:00"), 3_600_000_000_000);
    // New York, 2023-03-12: 02:30 does not exist locally, in UTC it is an hour like any other.
    assert_eq!(ns("2023-03-12T03:00:00-04:00") - ns("2023-03-12T01:59:59-05:00"), 1_000_000_000);
}

proptest! {
    #[test]
    fn what_is_written_exactly_is_read_back(t in -9_000_000_000_000_000_000i64..9_000_000_000_000_000_000) {
        for format in ["%Y-%m-%d %H:%M:%S.%f", "%A %d %B %Y %I:%M:%S.%L %p %Z", "%G-W%V-%u %T.%L", "%Y %j %T.%f", "%Y %U %w %T.%f", "%Y %W %u %T.%f", "%F %I:%M:%S %p", "%s", "%Q"] {
            let format: TimeFormat = format.parse().unwrap();
            prop_assert_eq!(format.parse(&format.format_exact(t)), Some(t), "{}", format.format_exact(t));
        }
    }

    #[test]
    fn no_text_and_no_format_panics(format in ".{0,12}", text in ".{0,20}", directives in "(%[a-zA-Z%]){0,4}") {
        let _ = parse_iso8601(&text);
        let _ = iso_pattern_for(&text);
        for source in [format, directives] {
            if let Ok(format) = source.parse::<TimeFormat>() {
                let _ = format.parse(&text);
                let _ = format.format(text.len() as i64);
            }
        }
    }
}
