//! Lists of ids as text, `1-500,502`: short where ids follow one another, exact where they do not.

/// Ids in ascending order.
pub(crate) fn written(ids: &[i64]) -> String {
    let mut out = String::new();
    let mut rest = ids;
    while let Some(&first) = rest.first() {
        let run = rest.iter().zip(first..).take_while(|(id, expected)| *id == expected).count().max(1);
        if !out.is_empty() {
            out.push(',');
        }
        out += &first.to_string();
        if run > 1 {
            out += &format!("-{}", rest[run - 1]);
        }
        rest = &rest[run..];
    }
    out
}

/// The ids of a text; parts that are none, which only a hand-edited database has, are left out.
pub(crate) fn read(text: &str) -> Vec<i64> {
    text.split(',')
        .filter_map(|part| {
            let (first, last) = part.split_once('-').unwrap_or((part, part));
            Some(first.parse::<i64>().ok()?..=last.parse::<i64>().ok()?)
        })
        .flatten()
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_and_back() {
        for (ids, text) in [
            (vec![], ""),
            (vec![7], "7"),
            (vec![1, 2, 3], "1-3"),
            (vec![1, 2, 4, 6, 7], "1-2,4,6-7"),
            (vec![5, 5], "5,5"),
        ] {
            assert_eq!(written(&ids), text);
            assert_eq!(read(text), ids);
        }
        assert_eq!(read("x,3,2-"), [3]);
    }
}
