//! Boundaries of graphemes, words and sentences (UAX 29).
//!
//! In the browser they come from `Intl.Segmenter`: the browser has the tables already, and knows the words of scripts
//! written without spaces. Elsewhere they come from `unicode-segmentation`.

/// A text's parts as byte ranges, in order and without gaps.
pub(crate) type Parts = Vec<(usize, usize)>;

#[cfg(not(target_arch = "wasm32"))]
pub(crate) use native::{graphemes, sentences, words};
#[cfg(target_arch = "wasm32")]
pub(crate) use web::{graphemes, sentences, words};

#[cfg(not(target_arch = "wasm32"))]
mod native {
    use super::Parts;
    use unicode_segmentation::UnicodeSegmentation;

    pub(crate) fn graphemes(text: &str) -> Parts {
        text.grapheme_indices(true).map(|(at, part)| (at, at + part.len())).collect()
    }

    pub(crate) fn words(text: &str) -> Parts {
        text.split_word_bound_indices().map(|(at, part)| (at, at + part.len())).collect()
    }

    pub(crate) fn sentences(text: &str) -> Parts {
        text.split_sentence_bound_indices().map(|(at, part)| (at, at + part.len())).collect()
    }
}

#[cfg(target_arch = "wasm32")]
mod web {
    use super::{Parts, simple_words};
    use js_sys::{Array, Object, Reflect};
    use wasm_bindgen::prelude::*;

    #[wasm_bindgen]
    extern "C" {
        #[wasm_bindgen(js_namespace = Intl)]
        type Segmenter;
        #[wasm_bindgen(catch, constructor, js_namespace = Intl)]
        fn new(locales: &JsValue, options: &Object) -> Result<Segmenter, JsValue>;
        #[wasm_bindgen(method)]
        fn segment(this: &Segmenter, text: &str) -> JsValue;
    }

    pub(crate) fn graphemes(text: &str) -> Parts {
        segments(text, "grapheme")
            .unwrap_or_else(|| text.char_indices().map(|(at, c)| (at, at + c.len_utf8())).collect())
    }

    pub(crate) fn words(text: &str) -> Parts {
        segments(text, "word").unwrap_or_else(|| simple_words(text))
    }

    pub(crate) fn sentences(text: &str) -> Parts {
        segments(text, "sentence").unwrap_or_else(|| vec![(0, text.len())])
    }

    /// `None` in a browser without `Intl.Segmenter` (Firefox before 125).
    fn segments(text: &str, granularity: &str) -> Option<Parts> {
        let options = Object::new();
        Reflect::set(&options, &"granularity".into(), &granularity.into()).ok()?;
        let segmenter = Segmenter::new(&JsValue::UNDEFINED, &options).ok()?;
        let (mut parts, mut at) = (Parts::new(), 0);
        for item in Array::from(&segmenter.segment(text)).iter() {
            let part = Reflect::get(&item, &"segment".into()).ok()?.as_string()?;
            // Rust strings hold no lone surrogates, so the parts have the bytes of the whole.
            parts.push((at, at + part.len()));
            at += part.len();
        }
        (at == text.len()).then_some(parts)
    }
}

/// Runs of letters and digits, and what is between them.
#[cfg(any(target_arch = "wasm32", test))]
fn simple_words(text: &str) -> Parts {
    let mut parts = Parts::new();
    let mut last: Option<bool> = None;
    for (at, c) in text.char_indices() {
        let letter = c.is_alphanumeric();
        match parts.last_mut() {
            Some(part) if last == Some(letter) => part.1 = at + c.len_utf8(),
            _ => parts.push((at, at + c.len_utf8())),
        }
        last = Some(letter);
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn words_are_runs_of_letters_where_the_platform_knows_none() {
        let text = "Émile, 42!";
        let parts: Vec<&str> = simple_words(text).into_iter().map(|(a, b)| &text[a..b]).collect();
        assert_eq!(parts, ["Émile", ", ", "42", "!"]);
    }

    proptest! {
        #[test]
        fn parts_have_no_gaps(text in "\\PC{0,40}") {
            for parts in [graphemes(&text), words(&text), sentences(&text), simple_words(&text)] {
                let mut at = 0;
                for (start, end) in parts {
                    prop_assert!(start == at && end > start);
                    at = end;
                }
                prop_assert_eq!(at, text.len());
            }
        }
    }
}
