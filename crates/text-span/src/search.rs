//! Find words in a text.

use crate::{Span, TextIndex};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SearchOptions {
    /// Compare lower-case forms, letter by letter (`ß` is not `SS`).
    pub ignore_case: bool,
    /// Only hits with no letter or digit directly before and after.
    pub whole_words: bool,
    /// Stop after this many hits.
    pub limit: usize,
}

impl Default for SearchOptions {
    fn default() -> Self {
        Self { ignore_case: true, whole_words: false, limit: usize::MAX }
    }
}

/// All places of `query`, left to right and without overlap. An empty query is found nowhere.
#[must_use]
pub fn search(index: &TextIndex, query: &str, options: SearchOptions) -> Vec<Span> {
    if query.is_empty() {
        return Vec::new();
    }
    if !options.ignore_case {
        return search_exactly(index, query, options);
    }
    // Folding keeps the number of code points, so hits in the folded text are hits in the text.
    let folded: String = index.text().chars().map(fold).collect();
    let query: String = query.chars().map(fold).collect();
    search_exactly(&TextIndex::new(folded), &query, options)
}

fn search_exactly(index: &TextIndex, query: &str, options: SearchOptions) -> Vec<Span> {
    let text = index.text();
    text.match_indices(query)
        .map(|(start, hit)| (start, start + hit.len()))
        .filter(|(start, end)| !options.whole_words || stands_alone(text, *start, *end))
        .take(options.limit)
        .map(|(start, end)| Span::new(index.code_point_from_byte(start), index.code_point_from_byte(end)))
        .collect()
}

fn stands_alone(text: &str, start: usize, end: usize) -> bool {
    let before = text[..start].chars().next_back();
    let after = text[end..].chars().next();
    !before.is_some_and(char::is_alphanumeric) && !after.is_some_and(char::is_alphanumeric)
}

/// Lower case, always one character. `İ` is the only letter whose lower case is two; its dot is dropped, so that
/// "istanbul" finds "İstanbul".
fn fold(c: char) -> char {
    match c {
        // The sigma at the end of a Greek word is the same letter.
        'ς' => 'σ',
        other => other.to_lowercase().next().unwrap_or(other),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn hits(text: &str, query: &str, options: SearchOptions) -> Vec<String> {
        let index = TextIndex::new(text);
        search(&index, query, options).into_iter().map(|span| index.slice(span).to_owned()).collect()
    }

    #[test]
    fn hits_are_code_points() {
        let index = TextIndex::new("💩 Fox fox");
        assert_eq!(search(&index, "fox", SearchOptions::default()), [Span::from(2..5), Span::from(6..9)]);
        let exact = SearchOptions { ignore_case: false, ..SearchOptions::default() };
        assert_eq!(search(&index, "fox", exact), [Span::from(6..9)]);
        assert_eq!(search(&index, "", exact), []);
        let first = SearchOptions { limit: 1, ..SearchOptions::default() };
        assert_eq!(search(&index, "fox", first), [Span::from(2..5)]);
    }

    #[test]
    fn letters_whose_lower_case_has_another_length_are_found_whole() {
        assert_eq!(hits("xİstanbul", "i", SearchOptions::default()), ["İ"]);
        assert_eq!(hits("xİstanbul", "istanbul", SearchOptions::default()), ["İstanbul"]);
        assert_eq!(hits("İİ ẞtraße", "ßtra", SearchOptions::default()), ["ẞtra"]);
        assert_eq!(hits("ΟΔΟΣ οδος", "οδός", SearchOptions::default()), Vec::<String>::new());
        assert_eq!(hits("ΟΔΟΣ οδος", "οδοσ", SearchOptions::default()), ["ΟΔΟΣ", "οδος"]);
    }

    #[test]
    fn whole_words_have_no_letter_beside_them() {
        let options = SearchOptions { whole_words: true, ..SearchOptions::default() };
        assert_eq!(hits("cat concat Cat's cats", "cat", options), ["cat", "Cat"]);
    }

    proptest! {
        #[test]
        fn exact_search_finds_what_it_searched(text in "\\PC{0,30}", query in "\\PC{1,3}") {
            let options = SearchOptions { ignore_case: false, ..SearchOptions::default() };
            let found = hits(&text, &query, options);
            prop_assert_eq!(found.len(), text.matches(query.as_str()).count());
            prop_assert!(found.iter().all(|hit| *hit == query));
            let _ = hits(&text, &query, SearchOptions::default());
        }

        #[test]
        fn case_never_hides_a_word(text in "[aÄİßẞΣσςKé💩]{0,20}", from in 0usize..20, len in 1usize..5) {
            let word: String = text.chars().skip(from).take(len).collect();
            prop_assume!(!word.is_empty());
            prop_assert!(!hits(&text, &word, SearchOptions::default()).is_empty());
        }
    }
}
