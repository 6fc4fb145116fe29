//! Words of a text in the manner of the Penn Treebank, with their places.

/// A token as code-point offsets, end exclusive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) start: usize,
    pub(super) end: usize,
}

/// Endings that are words of their own, the longest first.
const CONTRACTIONS: [&str; 8] = ["n't", "'ll", "'re", "'ve", "'s", "'m", "'d", "'"];

/// Words that are two, with the length of the first.
const FUSED: [(&str, usize); 9] = [
    ("cannot", 3),
    ("gimme", 3),
    ("gonna", 3),
    ("gotta", 3),
    ("lemme", 3),
    ("wanna", 3),
    ("more'n", 4),
    ("'tis", 2),
    ("'twas", 2),
];

/// Splits a text into tokens. White space is in none; everything else is in exactly one.
pub(super) fn tokenize(chars: &[char]) -> Vec<Token> {
    let final_stop = final_full_stop(chars);
    let mut tokens = Vec::new();
    let mut word = None;
    let mut at = 0;
    while at < chars.len() {
        let separate = separate_len(chars, at, final_stop);
        if separate > 0 || chars[at].is_whitespace() {
            if let Some(start) = word.take() {
                push_word(chars, start, at, &mut tokens);
            }
            if separate > 0 {
                tokens.push(Token { start: at, end: at + separate });
            }
            at += separate.max(1);
        } else {
            word.get_or_insert(at);
            at += 1;
        }
    }
    if let Some(start) = word {
        push_word(chars, start, chars.len(), &mut tokens);
    }
    tokens
}

/// Length of the token that stands alone at `at` whatever is around it; 0 if the character belongs to a word.
fn separate_len(chars: &[char], at: usize, final_stop: Option<usize>) -> usize {
    let rest = &chars[at..];
    match rest[0] {
        '.' if rest.starts_with(&['.', '.', '.']) => 3,
        '-' if rest.starts_with(&['-', '-']) => 2,
        '\'' if rest.starts_with(&['\'', '\'']) => 2,
        '`' if rest.starts_with(&['`', '`']) => 2,
        '.' if final_stop == Some(at) => 1,
        ',' | ':' if !rest.get(1).is_some_and(char::is_ascii_digit) => 1,
        ';' | '@' | '#' | '$' | '/' | '%' | '&' | '?' | '!' => 1,
        '(' | ')' | '[' | ']' | '{' | '}' | '<' | '>' => 1,
        '"' | '“' | '”' | '„' | '«' | '»' => 1,
        _ => 0,
    }
}

/// The full stop that ends the text, if one does. Closing brackets and quotes may follow it.
fn final_full_stop(chars: &[char]) -> Option<usize> {
    let closing = |c: &char| c.is_whitespace() || matches!(c, ']' | ')' | '}' | '>' | '"' | '\'' | '”' | '»');
    let at = chars.iter().rposition(|c| !closing(c))?;
    (chars[at] == '.' && at.checked_sub(1).is_none_or(|before| chars[before] != '.')).then_some(at)
}

fn push_word(chars: &[char], start: usize, end: usize, tokens: &mut Vec<Token>) {
    let lower: String = chars[start..end].iter().map(char::to_ascii_lowercase).collect();
    let len = end - start;
    let fused = FUSED.iter().find(|(word, _)| *word == lower).map(|(_, first)| *first);
    let ending = || {
        CONTRACTIONS
            .iter()
            .find(|ending| lower.ends_with(*ending) && ending.len() < len)
            .map(|ending| len - ending.len())
    };
    match fused.or_else(ending) {
        Some(first) => {
            tokens.push(Token { start, end: start + first });
            tokens.push(Token { start: start + first, end });
        }
        None => tokens.push(Token { start, end }),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn words(text: &str) -> Vec<String> {
        let chars: Vec<char> = text.chars().collect();
        tokenize(&chars).iter().map(|token| chars[token.start..token.end].iter().collect()).collect()
    }

    #[test]
    fn the_documented_sentence() {
        assert_eq!(
            words("Jane Doe can't visit New York, i.e. NYC (USA)."),
            ["Jane", "Doe", "ca", "n't", "visit", "New", "York", ",", "i.e.", "NYC", "(", "USA", ")", "."]
        );
    }

    #[test]
    fn numbers_times_quotes_and_contractions() {
        assert_eq!(
            words("1,000 at 10:30, ok: $5/kg..."),
            ["1,000", "at", "10:30", ",", "ok", ":", "$", "5", "/", "kg", "..."]
        );
        assert_eq!(
            words("\"We'll go--the dogs' don'ts\""),
            ["\"", "We", "'ll", "go", "--", "the", "dogs", "'", "don'ts", "\""]
        );
        // Only the last full stop of the text is a token, so `cannot.` is one word.
        assert_eq!(words("I cannot. Say \"no.\""), ["I", "cannot.", "Say", "\"", "no", ".", "\""]);
        assert_eq!(words("I cannot go"), ["I", "can", "not", "go"]);
        assert_eq!(words(""), Vec::<String>::new());
    }

    proptest! {
        #[test]
        fn every_character_is_in_one_token_or_blank(text in "[a-z'.,:/()\\- \n💩0-9\"]{0,40}") {
            let chars: Vec<char> = text.chars().collect();
            let tokens = tokenize(&chars);
            let mut at = 0;
            for token in tokens {
                prop_assert!(token.start < token.end);
                prop_assert!(chars[at..token.start].iter().all(|c| c.is_whitespace()));
                at = token.end;
            }
            prop_assert!(chars[at..].iter().all(|c| c.is_whitespace()));
        }
    }
}
