//! The plain logic of tables: which rows are mounted, and how a value fits a cell.

use serde_json::Value;

/// Height of a row in CSS pixels.
pub const ROW: f64 = 32.0;

/// First row and number of rows to mount for a scroll position, a few more on both ends.
pub fn mounted(scroll: f64, height: f64, count: usize) -> (usize, usize) {
    let first = ((scroll.max(0.0) / ROW) as usize).saturating_sub(8).min(count);
    let fit = (height.max(0.0) / ROW).ceil() as usize + 16;
    (first, fit.min(count - first))
}

/// A value in one line of at most `limit` characters.
pub fn cell(value: &Value, limit: usize) -> String {
    let text = match value {
        Value::Null => String::new(),
        Value::String(s) => s.clone(),
        other => other.to_string(),
    };
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= limit {
        return line;
    }
    line.chars().take(limit.saturating_sub(1)).chain(['…']).collect()
}

/// How wide a field is at least, in CSS pixels, and its share of the room that is left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Width {
    pub least: usize,
    pub share: usize,
}

/// Of one field among `fields`, by the lengths of its title and of some of its values in characters. A few long ones are
/// readable on a narrow window, too; of many, each is short.
pub fn width(fields: usize, lengths: impl Iterator<Item = usize>) -> Width {
    let room = match fields {
        0..=2 => 220,
        3..=4 => 140,
        _ => 96,
    };
    let share = lengths.max().unwrap_or(0).clamp(6, 60);
    Width { least: (8 * share).min(room), share }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn only_rows_near_the_view_are_mounted() {
        assert_eq!(mounted(0.0, 320.0, 1000), (0, 26));
        assert_eq!(mounted(3200.0, 320.0, 1000), (92, 26));
        assert_eq!(mounted(1e9, 320.0, 100), (100, 0));
        assert_eq!(mounted(-5.0, 0.0, 3), (0, 3));
    }

    #[test]
    fn cells_are_one_line() {
        assert_eq!(cell(&json!("a\n b"), 10), "a b");
        assert_eq!(cell(&json!("abcdef"), 4), "abc…");
        assert_eq!(cell(&json!({"a": 1}), 10), "{\"a\":1}");
        assert_eq!(cell(&Value::Null, 10), "");
    }

    #[test]
    fn fields_are_as_wide_as_what_is_in_them() {
        assert_eq!(width(2, [5, 1].into_iter()), Width { least: 48, share: 6 });
        assert_eq!(width(2, [6, 400].into_iter()), Width { least: 220, share: 60 });
        assert_eq!(width(8, [6, 400].into_iter()), Width { least: 96, share: 60 });
        assert_eq!(width(3, std::iter::empty()), Width { least: 48, share: 6 });
    }
}
