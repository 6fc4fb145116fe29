//! Number formats in the dialect of d3-format: `[[fill]align][sign][symbol][0][width][,][.precision][~][type]`.
//!
//! Odd cases: ties round away from zero as JavaScript does (`.0f` of 2.5 is 3); negative zero has no sign unless `+` asks
//! for one; NaN is written as `NaN`; an unknown type letter means the general form.

mod digits;

use std::fmt::Write as _;
use std::str::FromStr;

use digits::{exponential, fixed, parts, precision, rounded, scientific_prefix, trim};

/// A text that is no d3-format.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a number format; examples are .1f  ,.2f  .3s  +.0%  $,.2f")]
pub struct NumberFormatError(pub String);

/// A compiled number format.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NumberFormat {
    fill: char,
    align: char,
    sign: char,
    symbol: Option<char>,
    zero: bool,
    width: usize,
    comma: bool,
    precision: Option<usize>,
    trim: bool,
    kind: char,
}

impl FromStr for NumberFormat {
    type Err = NumberFormatError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let error = || NumberFormatError(text.to_owned());
        let chars: Vec<char> = text.chars().collect();
        let mut at = 0;
        let take = |allowed: &str, at: &mut usize| {
            let found = chars.get(*at).copied().filter(|c| allowed.contains(*c));
            *at += usize::from(found.is_some());
            found
        };
        let mut format = Self { precision: None, trim: false, ..Self::GENERAL };
        const ALIGN: &str = "<>=^";
        if chars.get(1).is_some_and(|c| ALIGN.contains(*c)) {
            (format.fill, format.align) = (chars[0], chars[1]);
            at = 2;
        } else if let Some(align) = take(ALIGN, &mut at) {
            format.align = align;
        }
        if let Some(sign) = take("+-( ", &mut at) {
            format.sign = sign;
        }
        format.symbol = take("$#", &mut at);
        format.zero = take("0", &mut at).is_some();
        let number = |at: &mut usize| {
            let from = *at;
            while chars.get(*at).is_some_and(char::is_ascii_digit) {
                *at += 1;
            }
            (*at > from).then(|| chars[from..*at].iter().collect::<String>().parse::<usize>().ok()).flatten()
        };
        // A width is a number of characters on a screen; more is a typing error.
        format.width = number(&mut at).unwrap_or(0).min(1000);
        format.comma = chars.get(at) == Some(&',');
        at += usize::from(format.comma);
        if chars.get(at) == Some(&'.') {
            at += 1;
            format.precision = Some(number(&mut at).ok_or_else(error)?);
        }
        format.trim = chars.get(at) == Some(&'~');
        at += usize::from(format.trim);
        let kind = chars.get(at).copied();
        at += usize::from(kind.is_some());
        if at < chars.len() || kind.is_some_and(|c| !c.is_ascii_alphabetic() && c != '%') {
            return Err(error());
        }
        match kind {
            Some('n') => (format.comma, format.kind) = (true, 'g'),
            Some(kind) if "%bcdefgoprsXx".contains(kind) => format.kind = kind,
            _ => {
                format.precision = format.precision.or(Some(12));
                format.trim = true;
            }
        }
        if format.zero || format.fill == '0' && format.align == '=' {
            (format.zero, format.fill, format.align) = (true, '0', '=');
        }
        Ok(format)
    }
}

impl Default for NumberFormat {
    fn default() -> Self {
        Self::GENERAL
    }
}

impl NumberFormat {
    /// The empty format: up to twelve digits, none of them idle.
    pub(crate) const GENERAL: Self = Self {
        fill: ' ',
        align: '>',
        sign: '-',
        symbol: None,
        zero: false,
        width: 0,
        comma: false,
        precision: Some(12),
        trim: true,
        kind: 'g',
    };

    pub fn format(&self, value: f64) -> String {
        let places = if "gprs".contains(self.kind) {
            self.precision.unwrap_or(6).clamp(1, 21)
        } else {
            self.precision.unwrap_or(6).min(20)
        };
        let mut prefix = String::new();
        let mut suffix = String::new();
        match (self.symbol, self.kind) {
            (Some('$'), _) => prefix.push('$'),
            (Some(_), 'b' | 'o' | 'x' | 'X') => {
                let _ = write!(prefix, "0{}", self.kind.to_ascii_lowercase());
            }
            _ => {}
        }
        if self.symbol != Some('$') && matches!(self.kind, '%' | 'p') {
            suffix.push('%');
        }

        let mut body = String::new();
        if self.kind == 'c' {
            suffix.insert_str(0, &value.to_string());
        } else {
            let mut negative = value.is_sign_negative() && !value.is_nan();
            let (digits, unit) = self.digits(value.abs(), places);
            body = if self.trim { trim(&digits) } else { digits };
            let is_zero =
                body.bytes().all(|b| !(b'1'..=b'9').contains(&b)) && body.bytes().any(|b| b == b'0');
            if negative && is_zero && !matches!(self.kind, 'x' | 'X') && self.sign != '+' {
                negative = false;
            }
            let sign = match (negative, self.sign) {
                (true, '(') => "(",
                (true, _) => "-",
                (false, '+') => "+",
                (false, ' ') => " ",
                (false, _) => "",
            };
            prefix.insert_str(0, sign);
            suffix.insert_str(0, unit);
            if negative && self.sign == '(' {
                suffix.push(')');
            }
            if "defgprs%".contains(self.kind)
                && let Some(end) = body.find(|c: char| !c.is_ascii_digit())
            {
                suffix.insert_str(0, &body.split_off(end));
            }
        }
        self.assemble(prefix, body, suffix)
    }

    /// The digits of a magnitude, and the SI prefix of the `s` type.
    fn digits(&self, value: f64, places: usize) -> (String, &'static str) {
        if value.is_nan() {
            return ("NaN".into(), "");
        }
        if value.is_infinite() {
            return ("Infinity".into(), "");
        }
        let whole = || value.round();
        let text = match self.kind {
            '%' => fixed(value * 100.0, places),
            'b' => integer(whole(), 2),
            'o' => integer(whole(), 8),
            'x' => integer(whole(), 16),
            'X' => integer(whole(), 16).to_uppercase(),
            'd' => fixed(whole(), 0),
            'e' => exponential(value, places),
            'f' => fixed(value, places),
            'p' => rounded(value * 100.0, places),
            'r' => rounded(value, places),
            's' => return scientific_prefix(value, places),
            _ => precision(value, places),
        };
        (text, "")
    }

    fn assemble(&self, prefix: String, mut body: String, suffix: String) -> String {
        if self.comma && !self.zero {
            body = group(&body, usize::MAX);
        }
        let count = |s: &str| s.chars().count();
        let length = count(&prefix) + count(&body) + count(&suffix);
        let mut padding: String = std::iter::repeat_n(self.fill, self.width.saturating_sub(length)).collect();
        if self.comma && self.zero {
            let room =
                if padding.is_empty() { usize::MAX } else { self.width.saturating_sub(count(&suffix)) };
            body = group(&(padding + &body), room);
            padding = String::new();
        }
        match self.align {
            '<' => prefix + &body + &suffix + &padding,
            '=' => prefix + &padding + &body + &suffix,
            '^' => {
                let left: String = padding.chars().take(count(&padding) / 2).collect();
                let right: String = padding.chars().skip(count(&padding) / 2).collect();
                left + &prefix + &body + &suffix + &right
            }
            _ => padding + &prefix + &body + &suffix,
        }
    }
}

/// Digits in groups of three from the right, within `width` characters.
fn group(digits: &str, width: usize) -> String {
    let mut out: Vec<&str> = Vec::new();
    let (mut end, mut length) = (digits.len(), 0);
    while end > 0 {
        let mut size = 3;
        if length + size + 1 > width {
            size = width.saturating_sub(length).max(1);
        }
        let start = end.saturating_sub(size);
        // Only digits are grouped; a word such as Infinity stays whole.
        let Some(part) = digits.get(start..end).filter(|p| p.bytes().all(|b| b.is_ascii_digit())) else {
            return digits.to_owned();
        };
        out.push(part);
        end = start;
        length += size + 1;
        if length > width {
            break;
        }
    }
    out.reverse();
    out.join(",")
}

/// An integral magnitude in another base, exact for every finite number.
fn integer(value: f64, base: u32) -> String {
    if value < 2f64.powi(127) {
        let mut rest = value as u128;
        let mut digits = Vec::new();
        loop {
            digits.push(char::from_digit((rest % u128::from(base)) as u32, base).unwrap_or('0'));
            rest /= u128::from(base);
            if rest == 0 {
                return digits.into_iter().rev().collect();
            }
        }
    }
    parts(value, None).map_or_else(|| "0".into(), |_| fixed(value, 0))
}

#[cfg(test)]
mod tests;
