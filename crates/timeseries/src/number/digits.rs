//! Decimal digits of magnitudes as JavaScript's `toFixed`, `toExponential` and `toPrecision` write them.

/// The value whose half-to-even rounding equals half-away-from-zero rounding of `value` at the digit after the point of
/// `text_with_more`, which shows 25 digits beyond the rounding place: enough to tell a tie from a near miss.
fn break_tie(value: f64, text_with_more: &str, extra: usize) -> f64 {
    let mantissa = text_with_more.split('e').next().unwrap_or(text_with_more);
    let tail = &mantissa[mantissa.len() - extra..];
    let tie = tail.starts_with('5') && tail[1..].bytes().all(|b| b == b'0');
    if tie { value.next_up() } else { value }
}

const EXTRA: usize = 25;

/// `toFixed`.
pub(super) fn fixed(value: f64, places: usize) -> String {
    let value = break_tie(value, &format!("{value:.*}", places + EXTRA), EXTRA);
    format!("{value:.places$}")
}

/// `toExponential`, with a sign in the exponent.
pub(super) fn exponential(value: f64, places: usize) -> String {
    let value = break_tie(value, &format!("{value:.*e}", places + EXTRA), EXTRA);
    let text = format!("{value:.places$e}");
    if text.contains("e-") { text } else { text.replace('e', "e+") }
}

/// Significant digits without a point, and the exponent of the first one. `None` when not finite.
pub(super) fn parts(value: f64, significant: Option<usize>) -> Option<(String, i32)> {
    if !value.is_finite() {
        return None;
    }
    let text = match significant {
        Some(n) => exponential(value, n.saturating_sub(1)),
        None => format!("{value:e}"),
    };
    let (mantissa, exponent) = text.split_once('e')?;
    Some((mantissa.replace('.', ""), exponent.parse().ok()?))
}

/// `toPrecision`.
pub(super) fn precision(value: f64, significant: usize) -> String {
    let Some((_, exponent)) = parts(value, Some(significant)) else { return value.to_string() };
    if exponent < -6 || exponent >= significant as i32 {
        exponential(value, significant - 1)
    } else {
        fixed(value, (significant as i32 - 1 - exponent) as usize)
    }
}

/// Places the point: `exponent` is that of the first digit.
fn place_point(digits: &str, exponent: i32) -> String {
    if exponent < 0 {
        return format!("0.{}{digits}", "0".repeat((-exponent - 1) as usize));
    }
    let whole = exponent as usize + 1;
    if digits.len() > whole {
        format!("{}.{}", &digits[..whole], &digits[whole..])
    } else {
        format!("{digits}{}", "0".repeat(whole - digits.len()))
    }
}

/// Significant digits in decimal notation, never in exponential one.
pub(super) fn rounded(value: f64, significant: usize) -> String {
    match parts(value, Some(significant)) {
        Some((digits, exponent)) => place_point(&digits, exponent),
        None => value.to_string(),
    }
}

const PREFIXES: [&str; 17] =
    ["y", "z", "a", "f", "p", "n", "µ", "m", "", "k", "M", "G", "T", "P", "E", "Z", "Y"];

/// Significant digits scaled by a power of a thousand, and the SI prefix for it.
pub(super) fn scientific_prefix(value: f64, significant: usize) -> (String, &'static str) {
    let Some((digits, exponent)) = parts(value, Some(significant)) else { return (value.to_string(), "") };
    let thousands = exponent.div_euclid(3).clamp(-8, 8);
    let prefix = PREFIXES[(thousands + 8) as usize];
    let exponent = exponent - thousands * 3;
    if exponent >= 0 {
        return (place_point(&digits, exponent), prefix);
    }
    // Below the smallest prefix: fewer digits fit.
    let left = (significant as i32 + exponent).max(1) as usize;
    let digits = parts(value, Some(left)).map_or(digits, |(d, _)| d);
    (place_point(&digits, exponent), prefix)
}

/// Removes zeros that say nothing after the point.
pub(super) fn trim(text: &str) -> String {
    let Some(point) = text.find('.') else { return text.to_owned() };
    let end = text[point + 1..].find(|c: char| !c.is_ascii_digit()).map_or(text.len(), |n| point + 1 + n);
    let kept = text[..end].trim_end_matches('0').trim_end_matches('.');
    format!("{kept}{}", &text[end..])
}
