//! Reading numbers out of text fields.

/// What a field of a number column holds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Cell {
    Number(f64),
    /// Empty, or a common word for a missing value.
    Missing,
    Text,
}

impl Cell {
    pub(super) fn read(field: &[u8]) -> Self {
        let field = field.trim_ascii();
        let Some(first) = field.first() else { return Self::Missing };
        // Only these begin a decimal number; `inf` and `nan`, which the standard parser takes, do not.
        let body = if matches!(first, b'+' | b'-') { &field[1..] } else { field };
        if body.first().is_some_and(|b| b.is_ascii_digit() || *b == b'.') {
            let number = std::str::from_utf8(field).ok().and_then(|text| text.parse::<f64>().ok());
            return match number {
                Some(value) if value.is_finite() => Self::Number(value),
                Some(_) => Self::Missing,
                None => Self::Text,
            };
        }
        const MISSING: [&[u8]; 6] = [b"nan", b"na", b"n/a", b"null", b"none", b"-nan"];
        if MISSING.iter().any(|word| field.eq_ignore_ascii_case(word)) { Self::Missing } else { Self::Text }
    }

    /// Whether two fields of the same column are of one kind; a missing value fits anything.
    pub(super) fn same_kind(self, other: Self) -> bool {
        match (self, other) {
            (Self::Missing, _) | (_, Self::Missing) => true,
            (a, b) => matches!(a, Self::Number(_)) == matches!(b, Self::Number(_)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_gaps_and_texts_are_told_apart() {
        for (text, value) in [("1", 1.0), (" -2.5e3 ", -2500.0), (".5", 0.5), ("+1.", 1.0), ("1E-3", 0.001)] {
            assert_eq!(Cell::read(text.as_bytes()), Cell::Number(value), "{text}");
        }
        for text in ["", "  ", "NaN", "null", "N/A", "1e999"] {
            assert_eq!(Cell::read(text.as_bytes()), Cell::Missing, "{text}");
        }
        for text in ["abc", "1,5", "0x10", "inf", "-", "1.2.3", "12:30"] {
            assert_eq!(Cell::read(text.as_bytes()), Cell::Text, "{text}");
        }
    }
}
