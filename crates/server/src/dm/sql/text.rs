//! Text that contains another one, whatever the case.
//!
//! SQLite folds ASCII only, PostgreSQL what its locale knows; so the pattern itself says both cases of each letter
//! (`[aA]`), and the database compares to the letter. GLOB and PostgreSQL's regular expressions both read such brackets.

use super::{Binds, Dialect};
use std::collections::HashMap;
use std::sync::LazyLock;

/// Letters that differ in case only, by their common form. Scripts with case end far below this.
static CASES: LazyLock<HashMap<char, Vec<char>>> = LazyLock::new(|| {
    let mut cases: HashMap<char, Vec<char>> = HashMap::new();
    for c in ('\0'..'\u{1F000}').filter(|c| c.is_alphabetic() || c.is_ascii()) {
        cases.entry(folded(c)).or_default().push(c);
    }
    cases.retain(|_, letters| letters.len() > 1);
    cases
});

fn only<T: Iterator<Item = char>>(mut chars: T) -> Option<char> {
    let first = chars.next()?;
    chars.next().is_none().then_some(first)
}

/// One letter for all of its cases: `σ` for `Σ`, `σ` and `ς`. Letters whose other case is two letters stay as they are.
fn folded(c: char) -> char {
    let upper = only(c.to_uppercase()).unwrap_or(c);
    only(upper.to_lowercase()).unwrap_or(upper)
}

/// SQL: the text `value` contains `needle` in any case.
pub(super) fn contains(value: &str, needle: &str, binds: &mut Binds) -> String {
    if needle.is_empty() {
        return format!("{value} IS NOT NULL");
    }
    if !needle.chars().any(|c| CASES.contains_key(&folded(c))) {
        return contains_exactly(value, needle, binds);
    }
    match binds.dialect {
        Dialect::Sqlite => format!("{value} GLOB {}", binds.add(glob(needle))),
        Dialect::Postgres => format!("{value} ~ {}", binds.add(posix(needle))),
    }
}

/// SQL: the text `value` contains `needle` to the letter.
pub(super) fn contains_exactly(value: &str, needle: &str, binds: &mut Binds) -> String {
    let needle = binds.add(needle);
    match binds.dialect {
        Dialect::Sqlite => format!("instr({value}, {needle}) > 0"),
        Dialect::Postgres => format!("strpos({value}, {needle}) > 0"),
    }
}

fn push_cases(pattern: &mut String, c: char) -> bool {
    let Some(letters) = CASES.get(&folded(c)) else { return false };
    pattern.push('[');
    pattern.extend(letters);
    pattern.push(']');
    true
}

fn glob(needle: &str) -> String {
    let mut pattern = String::from("*");
    for c in needle.chars() {
        if matches!(c, '*' | '?' | '[') {
            pattern.extend(['[', c, ']']);
        } else if !push_cases(&mut pattern, c) {
            pattern.push(c);
        }
    }
    pattern.push('*');
    pattern
}

fn posix(needle: &str) -> String {
    let mut pattern = String::new();
    for c in needle.chars() {
        if push_cases(&mut pattern, c) {
            continue;
        }
        if c.is_ascii_punctuation() {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_say_every_case() {
        assert_eq!(glob("a1*"), "*[Aa]1[*]*");
        assert_eq!(posix("a1*"), "[Aa]1\\*");
        assert_eq!(folded('Σ'), folded('ς'));
        assert_eq!(folded('Я'), 'я');
        for same in [['ß', 'ẞ'], ['Ö', 'ö'], ['K', 'k'], ['Դ', 'դ']] {
            let letters = &CASES[&folded(same[0])];
            assert!(same.iter().all(|c| letters.contains(c)), "{same:?}: {letters:?}");
        }
        assert!(!CASES.contains_key(&folded('中')) && !CASES.contains_key(&folded('7')));
        assert!(CASES.values().flatten().all(|c| c.is_alphabetic()), "what stands in brackets is a letter");
    }
}
