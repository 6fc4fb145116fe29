//! Whatever the source: no panic, spans inside it, and what is written reads back the same.

use proptest::prelude::*;
use tagloom_label_config::{Parsed, Span, expand, parse, render, to_xml};

fn check_spans(xml: &str, parsed: &Parsed) {
    let inside = |span: Span| span.start <= span.end && xml.get(span.start..span.end).is_some();
    for element in parsed.document.walk() {
        assert!(inside(element.span) && inside(element.name_span) && inside(element.inner), "{element:?}");
        assert!(
            element.span.start <= element.inner.start && element.inner.end <= element.span.end,
            "{element:?}"
        );
        for attribute in &element.attributes {
            assert!(inside(attribute.span) && inside(attribute.value_span), "{attribute:?}");
            assert_eq!(attribute.name_span().text(xml), attribute.name);
        }
    }
    for problem in &parsed.diagnostics {
        assert!(inside(problem.span), "{problem:?}");
        for edit in problem.fix.iter().flat_map(|fix| &fix.edits) {
            assert!(inside(edit.span), "{problem:?}");
        }
    }
    render(&parsed.diagnostics, xml, "x");
}

fn check(xml: &str) {
    let first = parse(xml);
    check_spans(xml, &first);
    let written = to_xml(&first.document);
    let second = parse(&written);
    match (&first.document.root, &second.document.root) {
        (Some(a), Some(b)) => {
            assert!(a.same_content(b), "{xml:?} -> {written:?} -> {:?}", to_xml(&second.document));
            assert!(second.diagnostics.is_empty(), "{written:?}: {:?}", second.diagnostics);
        }
        (None, None) => {}
        _ => panic!("{xml:?} -> {written:?}"),
    }
    expand(&first.document, &serde_json::json!({"a": [1, 2], "images": ["x"]}));
}

const PIECES: &[&str] = &[
    "<View>",
    "</View>",
    "<Label value=\"A\"/>",
    "<Label value='b'>",
    "</Label>",
    "<",
    ">",
    "&",
    "&amp;",
    "&#x41;",
    "\"",
    "'",
    "=",
    " ",
    "\n",
    "\r\n",
    "/",
    "/>",
    "<!--",
    "-->",
    "{\"a\": 1}",
    "<![CDATA[",
    "]]>",
    "<?",
    "?>",
    "<!DOCTYPE x",
    "text",
    "é",
    "$a[{{idx}}]",
    "<Repeater on=\"$a\">",
    "</Repeater>",
    "name=\"x\"",
    "x",
    "\u{feff}",
    "\t",
    ";",
    "]",
    "<é a='ü'/>",
    "&nbsp;",
    "\u{a0}",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_string(xml in any::<String>()) {
        check(&xml);
    }

    #[test]
    fn pieces_of_xml(pieces in prop::collection::vec(prop::sample::select(PIECES), 0..40)) {
        check(&pieces.concat());
    }

    #[test]
    fn damaged_config(at in 0usize..700, len in 0usize..12, insert in "[<>&\"'/= \\n\u{e9}a]{0,3}") {
        let source = include_str!("fixtures/seed.xml");
        let mut text: Vec<char> = source.chars().collect();
        let at = at.min(text.len());
        let end = (at + len).min(text.len());
        text.splice(at..end, insert.chars());
        check(&text.into_iter().collect::<String>());
    }
}
