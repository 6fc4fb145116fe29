use super::*;
use proptest::prelude::*;

fn f(format: &str, value: f64) -> String {
    format.parse::<NumberFormat>().unwrap().format(value)
}

#[test]
fn formats_as_d3_writes_them() {
    for (format, value, expected) in [
        (".1f", 1.25, "1.3"),
        (".1f", 1.35, "1.4"),
        (".0f", 0.5, "1"),
        (".0f", 2.5, "3"),
        (".0f", 1234.56, "1235"),
        (".2f", 1.005, "1.00"),
        (".2f", -0.001, "0.00"),
        ("+.2f", -0.001, "-0.00"),
        ("f", 3.0, "3.000000"),
        (",.2f", 1234567.891, "1,234,567.89"),
        (",.0f", 999.4, "999"),
        (",d", 1e6, "1,000,000"),
        ("d", 41.5, "42"),
        ("05d", -42.0, "-0042"),
        ("08,d", 12345.0, "0,012,345"),
        (".2r", 1234.0, "1200"),
        (",.2r", 4223.0, "4,200"),
        (".3r", 0.00012345, "0.000123"),
        (".2s", 42e6, "42M"),
        (".3s", 1500.0, "1.50k"),
        ("~s", 1500.0, "1.5k"),
        (".1s", 0.0012, "1m"),
        ("s", 0.0, "0.00000"),
        (".3s", 1.5e-9, "1.50n"),
        (".2s", 1e-26, "0.01y"),
        (".0%", 0.123, "12%"),
        (".1%", 0.1239, "12.4%"),
        (".2p", 0.1239, "12%"),
        ("+.0%", 0.5, "+50%"),
        ("$,.2f", 1234.5, "$1,234.50"),
        ("($.2f", -3.5, "($3.50)"),
        ("+d", 5.0, "+5"),
        (" d", 5.0, " 5"),
        (".^20d", 42.0, ".........42........."),
        ("*<6d", 42.0, "42****"),
        ("6d", 42.0, "    42"),
        ("#x", 48879.0, "0xbeef"),
        ("X", 48879.0, "BEEF"),
        ("b", 10.0, "1010"),
        ("#o", 8.0, "0o10"),
        (".2e", 12345.0, "1.23e+4"),
        (".3e", 0.00012, "1.200e-4"),
        (".3g", 1234.5, "1.23e+3"),
        (".4g", 0.00001234, "0.00001234"),
        ("g", 0.0000001, "1.00000e-7"),
        ("", 0.1 + 0.2, "0.3"),
        ("", 1e21, "1e+21"),
        ("~f", 1.5, "1.5"),
        ("~e", 150000.0, "1.5e+5"),
        ("n", 1234567.0, "1.23457e+6"),
        (",", 1234567.5, "1,234,567.5"),
        ("c", 7.0, "7"),
        (".1f", f64::NAN, "NaN"),
        (".1f", f64::NEG_INFINITY, "-Infinity"),
        (".1Q", 1.26, "1"),
    ] {
        assert_eq!(f(format, value), expected, "{format} of {value}");
    }
}

#[test]
fn wrong_formats_are_refused_with_examples() {
    for text in ["%H:%M", ".f", "abc", ".1ff", "1.5.2f"] {
        let error = text.parse::<NumberFormat>().unwrap_err();
        assert!(error.to_string().contains(".1f"), "{text}");
    }
}

proptest! {
    #[test]
    fn no_format_panics(format in "[-+( $#0-9,.~<>=^a-zA-Z%]{0,8}", value in any::<f64>()) {
        if let Ok(format) = format.parse::<NumberFormat>() {
            let _ = format.format(value);
        }
    }

    #[test]
    fn fixed_point_is_the_nearest(value in -1e9f64..1e9, places in 0usize..6) {
        let text = f(&format!(".{places}f"), value);
        // Reading the text back rounds once more, by half a unit in the last place of the number.
        let half_a_digit = 0.5 * 10f64.powi(-(places as i32));
        let reading = (value.abs().next_up() - value.abs()) / 2.0;
        prop_assert!((text.parse::<f64>().unwrap() - value).abs() <= half_a_digit + 2.0 * reading);
    }
}
