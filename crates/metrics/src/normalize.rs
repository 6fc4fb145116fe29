//! What is made equal before texts are compared.

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;
use unicode_properties::{GeneralCategoryGroup, UnicodeGeneralCategory};
use unicode_segmentation::UnicodeSegmentation;

/// What one character is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    #[default]
    CodePoint,
    /// What a reader sees as one character.
    Grapheme,
}

/// What becomes of white space, line breaks included.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Whitespace {
    #[default]
    Keep,
    /// Each run is one space; none at the ends.
    Collapse,
    Remove,
}

/// The rules of a comparison. They belong to the number it gives: store them with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct TextRules {
    pub unit: Unit,
    /// Bring both texts to Unicode's composed form (NFC).
    pub nfc: bool,
    pub ignore_case: bool,
    pub ignore_punctuation: bool,
    pub whitespace: Whitespace,
}

impl Default for TextRules {
    /// Only what cannot be seen is made equal.
    fn default() -> Self {
        Self {
            unit: Unit::CodePoint,
            nfc: true,
            ignore_case: false,
            ignore_punctuation: false,
            whitespace: Whitespace::Keep,
        }
    }
}

impl TextRules {
    /// The text as it is compared.
    #[must_use]
    pub fn apply(&self, text: &str) -> String {
        let mut text = text.to_owned();
        if self.ignore_case {
            text = text.to_lowercase();
        }
        if self.ignore_punctuation {
            text.retain(|c| c.general_category_group() != GeneralCategoryGroup::Punctuation);
        }
        match self.whitespace {
            Whitespace::Keep => {}
            Whitespace::Collapse => text = text.split_whitespace().collect::<Vec<_>>().join(" "),
            Whitespace::Remove => text.retain(|c| !c.is_whitespace()),
        }
        // Last, because the steps before can bring a letter and a mark together.
        if self.nfc { text.nfc().collect() } else { text }
    }

    /// The characters that are compared, each as a piece of `normalized`.
    pub(crate) fn characters<'t>(&self, normalized: &'t str) -> Vec<&'t str> {
        match self.unit {
            Unit::Grapheme => normalized.graphemes(true).collect(),
            Unit::CodePoint => normalized.split_inclusive(|_: char| true).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_rule_does_its_part() {
        let text = " Cafe\u{301},\n  «OK»! ";
        let only = |change: fn(&mut TextRules)| {
            let mut rules = TextRules { nfc: false, ..TextRules::default() };
            change(&mut rules);
            rules.apply(text)
        };
        assert_eq!(only(|_| {}), text);
        assert_eq!(only(|r| r.nfc = true), " Café,\n  «OK»! ");
        assert_eq!(only(|r| r.ignore_case = true), " cafe\u{301},\n  «ok»! ");
        assert_eq!(only(|r| r.ignore_punctuation = true), " Cafe\u{301}\n  OK ");
        assert_eq!(only(|r| r.whitespace = Whitespace::Collapse), "Cafe\u{301}, «OK»!");
        assert_eq!(only(|r| r.whitespace = Whitespace::Remove), "Cafe\u{301},«OK»!");
    }

    #[test]
    fn units() {
        let family = "👨‍👩‍👧e\u{301}";
        let rules = |unit| TextRules { unit, nfc: false, ..TextRules::default() };
        assert_eq!(rules(Unit::Grapheme).characters(family).len(), 2);
        assert_eq!(rules(Unit::CodePoint).characters(family).len(), 7);
    }
}
