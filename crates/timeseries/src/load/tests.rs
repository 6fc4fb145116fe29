use super::*;
use crate::axis::Native;
use crate::time::{Zone, parse_iso8601};
use proptest::prelude::*;
use serde_json::json;

fn options(time: &str, format: &str) -> LoadOptions {
    LoadOptions {
        time: TimeSpec { column: time.into(), format: format.into(), ..TimeSpec::default() },
        ..LoadOptions::default()
    }
}

fn csv(text: &str, options: &LoadOptions) -> Loaded {
    load_csv(text.as_bytes(), options).unwrap()
}

fn fails(text: &str, options: &LoadOptions) -> String {
    load_csv(text.as_bytes(), options).unwrap_err().to_string()
}

#[test]
fn header_names_are_lower_cased_and_the_time_column_is_no_channel() {
    let loaded = csv("Time,Value\n0,1.5\n1,2.5\n", &options("TIME", ""));
    assert_eq!(loaded.columns.header, ["time", "value"]);
    assert_eq!(loaded.columns.columns.len(), 1);
    assert_eq!(loaded.columns.find("Value").unwrap().values, [1.5, 2.5]);
    assert_eq!(loaded.columns.axis.native(1), Some(Native::Number(1.0)));
    assert_eq!(loaded.notices, []);
}

#[test]
fn without_a_header_columns_are_numbered() {
    let loaded = csv("0,1.5\n1,2.5\n2,\n", &options("0", ""));
    assert_eq!(loaded.columns.header, ["0", "1"]);
    let values = &loaded.columns.find("1").unwrap().values;
    assert_eq!(*values, [1.5, 2.5, f64::NAN]);
}

#[test]
fn separators_by_name_and_by_guess() {
    for (sep, text) in [
        ("tab", "t\tv\n0\t1\n1\t2"),
        ("\\t", "t\tv\n0\t1\n1\t2"),
        (";", "t;v\n0;1\n1;2"),
        ("space", "t v\n0 1\n1 2"),
        ("comma", "t,v\n0,1\n1,2"),
        ("dot", "t.v\n0.1\n1.2"),
        ("|pipe", "t|v\n0|1\n1|2"),
        ("auto", "t;v\n0;1\n1;2"),
        ("auto", "t\tv\n0\t1\n1\t2"),
    ] {
        let mut options = options("t", "");
        options.separator = sep.into();
        assert_eq!(csv(text, &options).columns.find("v").unwrap().values, [1.0, 2.0], "{sep}");
    }
    let mut auto = options("t", "%Y-%m-%d %H:%M");
    auto.separator = "auto".into();
    let loaded = csv("t,v\n2020-01-01 10:00,5\n", &auto);
    assert_eq!(loaded.notices, [Notice::SeparatorGuessed(','), Notice::SingleRow]);
    assert!(fails("a\n1\n", &auto).contains("no separator"));
    assert!(fails("a,b;c\n1,2;3\n", &auto).contains("cannot choose"));
    assert!(fails("t;v\n1;2\n", &options("t", "")).contains("set sep=';'"));
}

#[test]
fn quotes_blank_lines_crlf_and_a_byte_order_mark() {
    let text = "\u{feff}\"t\",\"a \"\"b\"\"\"\r\n\r\n  \r\n\"0\",\"1\"\r\n1,\"2\"";
    let loaded = csv(text, &options("t", ""));
    assert_eq!(loaded.columns.find("a \"B\"").unwrap().values, [1.0, 2.0]);
    assert!(matches!(load_csv(&[0xff, 0xfe, b't'], &options("t", "")), Err(LoadError::Utf16)));
}

#[test]
fn a_missing_time_column_is_an_error_that_lists_the_columns() {
    insta::assert_snapshot!(fails("time,a\n0,1\n", &options("tiem", "")),
        @r#"time column "tiem" is not in the data; did you mean timeColumn="time"? it has "time", "a""#);
    insta::assert_snapshot!(fails("time,a\n0,1\n", &options("0", "")),
        @r#"time column "0" is not in the data; did you mean timeColumn="time"? it has "time", "a""#);
}

#[test]
fn a_missing_channel_is_a_notice_and_the_others_are_drawn() {
    let mut options = options("time", "");
    options.columns = vec!["speed".into(), "acc_x".into(), "1".into()];
    let loaded = csv("time,acc_y,speed\n0,1,2\n1,3,4\n", &options);
    assert_eq!(loaded.columns.columns.len(), 2);
    insta::assert_snapshot!(loaded.notices[0],
        @r#"column "acc_x" is not in the data; did you mean column="acc_y"? it has "time", "acc_y", "speed""#);
    assert!(loaded.notices[0].is_error());
}

#[test]
fn errors_name_line_column_and_text() {
    insta::assert_snapshot!(fails("t,v\n0,1\nx,2\ny,3\n", &options("t", "")),
        @r#"line 3, column "t": "x" is not a number; set timeFormat to read it as a date, for example timeFormat="%Y-%m-%d %H:%M:%S""#);
    insta::assert_snapshot!(fails("t,v\n01.02.2020,1\n02.02.2020,2\n", &options("t", "%Y-%m-%d")),
        @r#"line 2, column "t": "01.02.2020" is not a time in the format "%Y-%m-%d"; correct timeFormat or the file"#);
    insta::assert_snapshot!(fails("t,v\n0,1\n\n5,1\n4,2\n", &options("t", "")),
        @r#"line 5, column "t": time goes backwards, "4" comes after "5"; sort the file, or load it sorted"#);
    insta::assert_snapshot!(fails("t,v\n0,1,2\n", &options("t", "")),
        @"the first line has 2 fields but line 2 has 3; check sep, and quote fields that contain it");
    insta::assert_snapshot!(fails("t,v\n", &options("t", "")), @"the data are empty: there is a header (t, v) but no row");
    insta::assert_snapshot!(fails(" \n", &options("t", "")), @"the data are empty");
    insta::assert_snapshot!(fails("t,v\n0,1\n", &options("t", "%k")),
        @r#"time format "%k" has the unknown directive "%k"; known are %Y %m %d %H %M %S %L %f %Q %s %Z and the others of strftime"#);
}

#[test]
fn sorting_is_offered_and_moves_whole_rows() {
    let mut options = options("t", "");
    options.sort = true;
    let loaded = csv("t,v\n3,30\n1,10\n2,20\n2,21\n", &options);
    assert_eq!(loaded.columns.find("v").unwrap().values, [10.0, 20.0, 21.0, 30.0]);
    assert_eq!(loaded.notices, [Notice::Sorted { moved: 4 }]);
}

#[test]
fn text_in_a_number_column_is_a_counted_gap() {
    let loaded = csv("t,v\n0,1\n1,broken\n2,bad\n3,\n", &options("t", ""));
    let values = &loaded.columns.columns[0].values;
    assert!(values.iter().skip(1).all(f64::is_nan));
    insta::assert_snapshot!(loaded.notices[0],
        @r#"column "v": 2 value(s) are not numbers and are shown as gaps, the first is "broken" at line 3"#);
}

#[test]
fn late_bad_rows_do_not_lose_the_file() {
    let loaded = csv("t,v\n0,1\n1,2\n2,3\nend of log,\n3,4\n4\n", &options("t", ""));
    assert_eq!(loaded.columns.len(), 5);
    assert_eq!(loaded.notices.len(), 2);
    assert!(loaded.notices[0].to_string().contains("\"end of log\" at line 5"), "{}", loaded.notices[0]);
    assert!(loaded.notices[1].to_string().contains("the first is line 7"), "{}", loaded.notices[1]);
}

#[test]
fn iso_times_are_read_without_and_beside_a_format() {
    let loaded = csv(
        "t,v\n2020-01-01 00:00:00+00:00,1\n2020-01-01 00:00:01.250+00:00,2\n",
        &options("t", "%Y-%m-%d %H:%M:%S"),
    );
    assert!(matches!(loaded.notices[..], [Notice::ReadAsIso { count: 2, .. }]));
    assert_eq!(loaded.columns.axis.last(), Some(1.25e9));
    let loaded = csv("t,v\n2020-01-01T00:00:00Z,1\n2020-01-01T00:00:01Z,2\n", &options("t", ""));
    assert_eq!(loaded.codec.format().unwrap().source(), "%Y-%m-%dT%H:%M:%SZ");
    assert!(matches!(loaded.notices[..], [Notice::IsoDetected { .. }]));
}

#[test]
fn no_time_column_counts_samples() {
    let loaded = csv("a,b\n1,2\n3,4\n", &LoadOptions::default());
    assert_eq!(loaded.columns.axis.last(), Some(1.0));
    assert_eq!(loaded.notices, [Notice::OneHertz]);
    let mut rated = LoadOptions::default();
    rated.time.sample_rate = Some(10.0);
    let loaded = csv("1\n2\n3\n", &rated);
    assert_eq!(loaded.columns.axis.last(), Some(0.2));
    assert_eq!(loaded.notices, []);
}

#[test]
fn epoch_numbers_are_noticed_and_guessed_on_request() {
    let text = "t,v\n1600000000000,1\n1600000000010,2\n";
    let loaded = csv(text, &options("t", ""));
    assert!(loaded.notices[0].to_string().contains("timeUnit=\"ms\""));
    let mut auto = options("t", "");
    auto.time = TimeSpec::from_attributes("t", "", "", "auto", "");
    let loaded = csv(text, &auto);
    assert_eq!(loaded.columns.axis.local_ns(loaded.columns.axis.position(1)), 10_000_000);
    assert!(loaded.columns.axis.has_time_unit());
    let display = TimeSpec::from_attributes("t", "", "date", "", "100");
    assert_eq!(display.unit, Some(UnitChoice::Fixed(crate::TimeUnit::Milliseconds)));
    assert_eq!(display.sample_rate, Some(100.0));
}

#[test]
fn json_columns() {
    let value = json!({"time": [0, 1, 2], "v": [1.5, null, "2"], "W": [true, "x"], "note": "ignored"});
    let loaded = load_json(&value, &options("Time", "")).unwrap();
    let v = &loaded.columns.find("v").unwrap().values;
    assert_eq!((v.get(0), v.get(2)), (1.5, 2.0));
    assert!(v.get(1).is_nan());
    assert_eq!(loaded.columns.find("w").unwrap().values.get(0), 1.0);
    assert_eq!(loaded.notices.len(), 2);
    let dates = json!({"time": [1600000000000u64, 1600000000001u64], "v": [1, 2]});
    let loaded = load_json(&dates, &options("time", "%Q")).unwrap();
    assert_eq!(loaded.columns.axis.native(1), Some(Native::Date(1_600_000_000_001_000_000)));
    for wrong in [json!([1]), json!(null), json!("x"), json!(3), json!({"a": 1})] {
        assert!(matches!(load_json(&wrong, &options("", "")), Err(LoadError::NotColumns { .. })), "{wrong}");
    }
    let error = load_json(&json!({"time": [2, 1], "v": [1, 2]}), &options("time", "")).unwrap_err();
    assert!(error.to_string().starts_with("item 2"), "{error}");
    assert!(load_body(b" {\"time\":[0,1],\"v\":[1,2]}", &options("time", "")).is_ok());
    assert!(load_body(b"time,v\n0,1", &options("time", "")).is_ok());
}

#[test]
fn an_unclosed_quote_is_named() {
    let text = format!("t,v\n0,\"1\n{}", "2,3\n".repeat(2000));
    assert!(fails(&text, &options("t", "")).contains("line 2"), "{}", fails(&text, &options("t", "")));
}

proptest! {
    #[test]
    fn pieces_of_any_size_give_the_same_data(
        rows in prop::collection::vec((0.0f64..1.0, prop::option::of(-1e6f64..1e6)), 1..40),
        sizes in prop::collection::vec(1usize..9, 1..200),
        header in any::<bool>(),
    ) {
        let mut text = if header { String::from("time,\"a, b\"\r\n") } else { String::new() };
        let mut t = 0.0;
        for (step, value) in &rows {
            t += step;
            text += &format!("{t},{}\n", value.map(|v| v.to_string()).unwrap_or_default());
        }
        let options = options(if header { "time" } else { "0" }, "");
        let whole = load_csv(text.as_bytes(), &options).unwrap();
        let mut loader = CsvLoader::new(options);
        let mut at = 0;
        for size in sizes.iter().cycle() {
            if at >= text.len() { break }
            let end = (at + size).min(text.len());
            loader.push(&text.as_bytes()[at..end]).unwrap();
            at = end;
        }
        let pieces = loader.finish().unwrap();
        prop_assert_eq!(&whole.columns.axis, &pieces.columns.axis);
        prop_assert_eq!(whole.columns.len(), rows.len());
        for (row, (_, value)) in rows.iter().enumerate() {
            let bits = |l: &Loaded| l.columns.columns[0].values.get(row).to_bits();
            prop_assert_eq!(bits(&whole), bits(&pieces));
            prop_assert_eq!(bits(&whole), value.unwrap_or(f64::NAN).to_bits());
        }
    }

    #[test]
    fn no_bytes_panic(bytes in prop::collection::vec(prop::sample::select(b"0123456789.,;\t \"\n\r-TZa:\xc3\xa9\xff".to_vec()), 0..200), sep in "auto|tab|,|;|", time in "0|t|", format in "%Y|%s|") {
        let mut options = options(&time, &format);
        options.separator = sep;
        let _ = load_body(&bytes, &options);
    }
}

/// Clocks in Berlin in 2020.
fn berlin() -> Zone {
    Zone::new("Europe/Berlin", 3600, vec![(1_585_443_600, 7200), (1_603_587_600, 3600)])
}

#[test]
fn ls_5522_times_without_a_zone_are_those_of_the_time_zone() {
    let mut options = options("t", "%Y-%m-%d %H:%M");
    options.time.zone = Some(berlin());
    let loaded = csv("t,v\n2020-07-01 12:00,1\n2020-12-01 12:00,2\n", &options);
    let axis = &loaded.columns.axis;
    assert_eq!(axis.native(0), parse_iso8601("2020-07-01T10:00Z").map(Native::Date));
    assert_eq!(axis.native(1), parse_iso8601("2020-12-01T11:00Z").map(Native::Date));
    // Stored as the file has it.
    for (index, text) in ["2020-07-01 12:00", "2020-12-01 12:00"].iter().enumerate() {
        assert_eq!(loaded.codec.write_time(axis.native(index).unwrap()), *text);
        assert_eq!(loaded.codec.read_time(&json!(text), "start").ok(), axis.native(index));
    }
    let shown = |format: &str| crate::TimeDisplay::new(format, loaded.codec.format()).format(axis, 0.0);
    assert_eq!(shown("%H h"), "12 h");
    assert_eq!(shown("date"), "Wed, 01 Jul 2020 12:00:00 +02:00");
    assert_eq!(
        crate::ticks(axis, 0.0, 86_400e9, 4, loaded.codec.format().and_then(|f| f.zone()))[0].label,
        "12:00"
    );
}

#[test]
fn a_recording_runs_through_the_hour_that_comes_twice() {
    let mut options = options("t", "%Y-%m-%d %H:%M");
    options.time.zone = Some(berlin());
    let text = "t,v\n2020-10-25 02:00,1\n2020-10-25 02:30,2\n2020-10-25 02:00,3\n2020-10-25 02:30,4\n2020-10-25 03:00,5\n";
    let axis = csv(text, &options).columns.axis;
    let minutes: Vec<f64> = (0..5).map(|i| axis.position(i) / 60e9).collect();
    assert_eq!(minutes, [0.0, 30.0, 60.0, 90.0, 120.0]);
}

#[test]
fn times_with_a_zone_of_their_own_keep_it() {
    let mut iso = options("t", "");
    iso.time.zone = Some(berlin());
    let loaded =
        csv("t,v\n2020-07-01T12:00:00+00:00,1\n2020-07-01T13:00:00Z,2\n2020-07-01T16:00:00,3\n", &iso);
    assert_eq!(loaded.columns.axis.position(1), 3600e9);
    assert_eq!(loaded.columns.axis.position(2), 7200e9, "16:00 in Berlin is 14:00 UTC");
    let mut zoned = options("t", "%Y-%m-%d %H:%M%Z");
    zoned.time.zone = Some(berlin());
    let loaded = csv("t,v\n2020-07-01 12:00+0000,1\n", &zoned);
    assert_eq!(loaded.columns.axis.native(0), parse_iso8601("2020-07-01T12:00Z").map(Native::Date));
}
