//! Character and word error rates (demand 34, formats.md 18.1).

use crate::{Edit, EditCounts, TextRules, align};

/// Two texts as they were compared, and the way from one to the other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextComparison {
    /// Characters or words of the normalised texts; the edits refer to them.
    pub reference: Vec<String>,
    pub hypothesis: Vec<String>,
    pub edits: Vec<Edit>,
    pub counts: EditCounts,
    /// The rules that gave these numbers.
    pub rules: TextRules,
}

impl TextComparison {
    fn new(reference: Vec<&str>, hypothesis: Vec<&str>, rules: TextRules) -> Self {
        let edits = align(&reference, &hypothesis);
        let owned = |units: Vec<&str>| units.into_iter().map(str::to_owned).collect();
        let counts = EditCounts::of(&edits);
        Self { reference: owned(reference), hypothesis: owned(hypothesis), edits, counts, rules }
    }

    /// CER or WER; see [`EditCounts::rate`] for empty texts.
    #[must_use]
    pub fn rate(&self) -> Option<f64> {
        self.counts.rate()
    }
}

/// Compares characters: the rate is the CER.
#[must_use]
pub fn compare_characters(reference: &str, hypothesis: &str, rules: TextRules) -> TextComparison {
    let (reference, hypothesis) = (rules.apply(reference), rules.apply(hypothesis));
    TextComparison::new(rules.characters(&reference), rules.characters(&hypothesis), rules)
}

/// Compares words, parted by white space: the rate is the WER. [`Whitespace::Remove`](crate::Whitespace::Remove)
/// would leave one word and is taken as [`Whitespace::Collapse`](crate::Whitespace::Collapse).
#[must_use]
pub fn compare_words(reference: &str, hypothesis: &str, rules: TextRules) -> TextComparison {
    let rules = TextRules { whitespace: crate::Whitespace::Collapse, ..rules };
    let (reference, hypothesis) = (rules.apply(reference), rules.apply(hypothesis));
    TextComparison::new(
        reference.split_whitespace().collect(),
        hypothesis.split_whitespace().collect(),
        rules,
    )
}

/// Symmetric likeness of two texts for agreement between annotators: 1 minus the edit distance over the longer
/// length. Two empty texts are alike.
#[must_use]
pub fn text_similarity(a: &str, b: &str, rules: TextRules) -> f64 {
    let comparison = compare_characters(a, b, rules);
    let longer = comparison.reference.len().max(comparison.hypothesis.len());
    if longer == 0 { 1.0 } else { 1.0 - comparison.counts.errors() as f64 / longer as f64 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Whitespace;

    fn rules() -> TextRules {
        TextRules::default()
    }

    #[test]
    fn the_fixed_check_values() {
        let kitten = compare_characters("kitten", "sitting", rules());
        assert_eq!(kitten.rate(), Some(0.5));
        assert!((kitten.counts.normalized_rate() - 0.4286).abs() < 5e-5);
        let fox = compare_words("the quick brown fox", "the quick fox jumps", rules());
        assert_eq!(fox.rate(), Some(0.5));
        assert_eq!(compare_characters("", "", rules()).rate(), Some(0.0));
        let invented = compare_characters("", "abc", rules());
        assert_eq!((invented.rate(), invented.counts.insertions), (None, 3));
        let hello = compare_characters("hello world", "helo word", rules());
        assert!((hello.rate().unwrap() - 0.1818).abs() < 5e-5);
        assert_eq!(compare_words("hello world", "helo word", rules()).rate(), Some(1.0));
    }

    #[test]
    fn rules_make_texts_equal() {
        let loose = TextRules {
            ignore_case: true,
            ignore_punctuation: true,
            whitespace: Whitespace::Collapse,
            ..rules()
        };
        assert_eq!(compare_characters("Café, bar", " cafe\u{301}  BAR.", loose).rate(), Some(0.0));
        assert_ne!(compare_characters("Café, bar", " cafe\u{301}  BAR.", rules()).rate(), Some(0.0));
        assert_eq!(
            compare_characters("a b", "ab", TextRules { whitespace: Whitespace::Remove, ..rules() }).rate(),
            Some(0.0)
        );
    }

    #[test]
    fn likeness_is_symmetric_and_empty_fields_agree() {
        assert_eq!(text_similarity("", "", rules()), 1.0);
        assert_eq!(text_similarity("abcd", "", rules()), 0.0);
        assert_eq!(text_similarity("abcd", "abxd", rules()), 0.75);
        assert_eq!(text_similarity("abxd1", "abcd", rules()), text_similarity("abcd", "abxd1", rules()));
    }
}
