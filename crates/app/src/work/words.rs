//! What kinds of work are called.

/// The title of a job. A kind that is newer than this app is named as the server names it.
pub fn title(kind: &str) -> String {
    match kind {
        "delete_tasks" => "Deleting tasks".to_owned(),
        "storage_sync" => "Reading the storage".to_owned(),
        "export_sync" => "Writing annotations to the storage".to_owned(),
        other => {
            let mut text = other.replace('_', " ");
            if let Some(first) = text.get_mut(..1) {
                first.make_ascii_uppercase();
            }
            text
        }
    }
}

/// 1234567 as "1,234,567".
pub fn number(n: impl Into<i128>) -> String {
    let n = n.into();
    let digits = n.unsigned_abs().to_string();
    let mut out = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    if n < 0 { format!("-{out}") } else { out }
}

/// Seconds in the words of somebody who waits.
pub fn wait(seconds: f64) -> String {
    match seconds {
        s if s < 5.0 => "a few seconds left".to_owned(),
        s if s < 90.0 => format!("{:.0} seconds left", (s / 5.0).ceil() * 5.0),
        s if s < 5400.0 => format!("{:.0} minutes left", (s / 60.0).ceil()),
        s => format!("{:.0} hours left", (s / 3600.0).ceil()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_have_titles_even_where_the_app_does_not_know_them() {
        assert_eq!(title("delete_tasks"), "Deleting tasks");
        assert_eq!(title("some_new_kind"), "Some new kind");
        assert_eq!(title(""), "");
    }

    #[test]
    fn numbers_are_grouped() {
        assert_eq!(
            [0, 999, 1000, 1_234_567, -1000].map(number),
            ["0", "999", "1,000", "1,234,567", "-1,000"]
        );
    }

    #[test]
    fn waits_are_rounded_up() {
        assert_eq!(wait(1.0), "a few seconds left");
        assert_eq!(wait(31.0), "35 seconds left");
        assert_eq!(wait(121.0), "3 minutes left");
        assert_eq!(wait(7300.0), "3 hours left");
    }
}
