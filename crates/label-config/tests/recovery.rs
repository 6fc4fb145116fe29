//! Broken sources: what is reported, where, and what tree comes out.

use tagloom_label_config::{Code, Limits, parse, parse_with, render, to_xml};

fn codes(xml: &str) -> Vec<String> {
    parse(xml).diagnostics.iter().map(|d| format!("{}@{}:{}", d.code, d.line, d.column)).collect()
}

#[track_caller]
fn check(xml: &str, expected_codes: &[&str], expected_tree: &str) {
    assert_eq!(codes(xml), expected_codes, "{xml}");
    assert_eq!(to_xml(&parse(xml).document), expected_tree, "{xml}");
}

#[test]
fn a_sound_config_has_no_diagnostics() {
    check(
        "<View>\n  <Text name='t' value=\"$text\"/><!-- note --></View>\n",
        &[],
        r#"<View><Text name="t" value="$text"/></View>"#,
    );
    check("\u{feff}<?xml version=\"1.0\"?>\n<View/>", &[], "<View/>");
    check("<Style><![CDATA[ .a > b {} ]]></Style>", &[], "<Style>.a &gt; b {}</Style>");
}

#[test]
fn nothing_at_all() {
    check("", &["xml-empty@1:1"], "");
    check("  <!-- {} -->", &["xml-empty@1:1"], "");
}

#[test]
fn forgotten_slash_makes_siblings() {
    let xml = "<View>\n<Labels name=\"l\">\n<Label value=\"A\">\n<Label value=\"B\">\n</Labels></View>";
    check(
        xml,
        &["xml-unclosed-tag@3:2", "xml-unclosed-tag@4:2"],
        r#"<View><Labels name="l"><Label value="A"/><Label value="B"/></Labels></View>"#,
    );
    let fixed = parse(xml)
        .diagnostics
        .iter()
        .rev()
        .fold(xml.to_owned(), |text, d| d.fix.as_ref().unwrap().apply(&text));
    assert!(parse(&fixed).diagnostics.is_empty(), "{fixed}");
}

#[test]
fn forgotten_end_tag_keeps_the_children() {
    check(
        "<View><Labels name=\"l\"><Label value=\"A\"/></View>",
        &["xml-unclosed-tag@1:8"],
        r#"<View><Labels name="l"><Label value="A"/></Labels></View>"#,
    );
    check("<View><Header value=\"x\"/>", &["xml-unclosed-tag@1:2"], r#"<View><Header value="x"/></View>"#);
}

#[test]
fn misspelt_and_superfluous_end_tags() {
    check("<View><Labels></Lables></View>", &["xml-mismatched-tag@1:17"], "<View><Labels/></View>");
    check("<View></view>", &["xml-mismatched-tag@1:9"], "<View/>");
    check("<View></Header></View>", &["xml-unmatched-end-tag@1:7"], "<View/>");
    check("<View/></View>", &["xml-unmatched-end-tag@1:8"], "<View/>");
}

#[test]
fn ampersands_and_angles() {
    check(
        "<View>\n <Header value=\"Q&A\"/><Header value=\"a < b\"/></View>",
        &["xml-unescaped-amp@2:18", "xml-unescaped-lt@2:40"],
        r#"<View><Header value="Q&amp;A"/><Header value="a &lt; b"/></View>"#,
    );
    check(
        "<Style>a < b && c</Style>",
        &["xml-unescaped-lt@1:10", "xml-unescaped-amp@1:14", "xml-unescaped-amp@1:15"],
        "<Style>a &lt; b &amp;&amp; c</Style>",
    );
    check("<Header value=\"a&nbsp;b\"/>", &["xml-unknown-entity@1:17"], "<Header value=\"a\u{a0}b\"/>");
    check("<Header value=\"&foo;\"/>", &["xml-unknown-entity@1:16"], "<Header value=\"&amp;foo;\"/>");
}

#[test]
fn attribute_mistakes() {
    check("<A x=1 y/>", &["xml-unquoted-value@1:6", "xml-missing-value@1:8"], r#"<A x="1" y=""/>"#);
    check("<A x='1' X='2'/>", &["xml-duplicate-attribute@1:10"], r#"<A x="1"/>"#);
    check("<A 1x='1' y='2'/>", &["xml-bad-name@1:4"], r#"<A y="2"/>"#);
    check("<A x=/>", &["xml-missing-value@1:6"], "<A/>");
}

#[test]
fn runaway_quotes() {
    check(
        "<View>\n<Label value=\"Run/>\n<Label value=\"Walk\"/>\n</View>",
        &["xml-unclosed-quote@2:14"],
        r#"<View><Label value="Run"/><Label value="Walk"/></View>"#,
    );
    check(
        "<View><Label value=\"Run/><Label value=\"Walk\"/></View>",
        &["xml-unclosed-quote@1:20"],
        r#"<View><Label value="Run"/><Label value="Walk"/></View>"#,
    );
    check(
        "<View><Label value=\"Run/></View>",
        &["xml-unclosed-quote@1:20"],
        r#"<View><Label value="Run"/></View>"#,
    );
}

#[test]
fn unfinished_markup() {
    check(
        "<View><Label value=\"x\"\n</View>",
        &["xml-unclosed-tag@1:7"],
        r#"<View><Label value="x"/></View>"#,
    );
    check("<View/><!-- {", &["xml-bad-markup@1:8"], "<View/>");
    check(
        "<View><![CDATA[x</View>",
        &["xml-unclosed-tag@1:2", "xml-bad-markup@1:7"],
        "<View>x&lt;/View&gt;</View>",
    );
    check("<View><!foo></View>", &["xml-bad-markup@1:7"], "<View/>");
}

#[test]
fn one_root() {
    check(
        "<Image name=\"i\"/>\n<Header/>",
        &["xml-multiple-roots@2:2"],
        r#"<View><Image name="i"/><Header/></View>"#,
    );
    check("hello <View/>", &["xml-text-outside-root@1:1"], "<View/>");
}

#[test]
fn entities_are_refused_and_never_expanded() {
    let mut bomb = String::from("<!DOCTYPE lolz [<!ENTITY a0 \"lol\">");
    for level in 1..10 {
        bomb.push_str(&format!("<!ENTITY a{level} \"{}\">", format!("&a{};", level - 1).repeat(10)));
    }
    bomb.push_str("]><View>&a9;</View>");
    let parsed = parse(&bomb);
    assert_eq!(parsed.diagnostics[0].code, Code::Doctype);
    assert!(parsed.diagnostics.iter().any(|d| d.code == Code::UnknownEntity));
    assert_eq!(parsed.document.root.unwrap().text, "&a9;");
    assert_eq!(codes("<!DOCTYPE x SYSTEM \"file:///etc/passwd\"><View/>"), ["xml-doctype@1:1"]);
}

#[test]
fn limits() {
    let limits = Limits { bytes: 1000, depth: 3, elements: 10, problems: 5 };
    let only = |xml: &str| parse_with(xml, limits).diagnostics.iter().map(|d| d.code).collect::<Vec<_>>();
    assert_eq!(only(&"<View/>".repeat(200)), [Code::TooLarge]);
    assert_eq!(only("<a><b><c><d><e/></d></c></b></a>"), [Code::TooDeep]);
    assert_eq!(
        to_xml(&parse_with("<a><b><c><d><e/></d></c></b></a>", limits).document),
        "<a><b><c/></b></a>"
    );
    assert!(only(&format!("<a>{}</a>", "<b/>".repeat(20))).contains(&Code::TooManyElements));
    assert!(only(&"< ".repeat(100)).contains(&Code::TooManyProblems));
    let deep = format!("{}{}", "<View>".repeat(100_000), "</View>".repeat(100_000));
    assert_eq!(parse(&deep).diagnostics.len(), 1);
}

#[test]
fn rendered_like_a_compiler() {
    let xml = "<View>\n\t<Labels name=\"é\" toName=x></Lables>\n</View>";
    insta::assert_snapshot!(render(&parse(xml).diagnostics, xml, "config.xml"), @r#"
    error[xml-unquoted-value]: the value of `toName` needs quotes
     --> config.xml:2:26
      |
    2 |  <Labels name="é" toName=x></Lables>
      |                          ^
      = fix: Add quotes

    error[xml-mismatched-tag]: `</Lables>` should be `</Labels>`
     --> config.xml:2:30
      |
    2 |  <Labels name="é" toName=x></Lables>
      |                              ^^^^^^
      = fix: Write </Labels>
    "#);
}

#[test]
fn sample_tasks_in_comments() {
    let xml = "<View/>\n<!-- {\"data\": {\"a\": 1}, \"predictions\": []} -->\n<!-- {\"b\": \"x\ny\"} --><!-- prose {x} --><!-- { not json } -->";
    let parsed = parse(xml);
    assert!(parsed.diagnostics.is_empty(), "{:?}", parsed.diagnostics);
    assert_eq!(
        serde_json::to_string(&parsed.sample_tasks).unwrap(),
        r#"[{"data":{"a":1},"predictions":[]},{"data":{"b":"x\ny"}}]"#
    );
    assert_eq!(codes("<View/>\n<!-- {\"a\": 1,\n  \"b\": } -->"), ["sample-task-invalid@3:8"]);
}

#[test]
fn parents_and_ids() {
    let document = parse("<a><b><c/></b><d><e/><f/></d></a>").document;
    for element in document.walk() {
        assert_eq!(document.element(element.id).unwrap().name, element.name);
    }
    let f = document.walk().find(|e| e.name == "f").unwrap();
    let names: Vec<_> = document.parents(f.id).iter().map(|e| e.name.as_str()).collect();
    assert_eq!(names, ["d", "a"]);
}

#[test]
fn the_seed_config() {
    let parsed = parse(include_str!("fixtures/seed.xml"));
    assert!(parsed.diagnostics.is_empty(), "{:?}", parsed.diagnostics);
    let expected: serde_json::Value = serde_json::from_str(include_str!("fixtures/seed-task.json")).unwrap();
    assert_eq!(parsed.sample_tasks, [expected]);
}
