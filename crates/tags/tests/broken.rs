//! Broken configs: one line per mistake, with the code and place that must be reported.

use tagloom_tags::Config;

/// What a config reports as `code@line:column`, hints left out.
fn report(xml: &str) -> Vec<String> {
    let config = Config::new(xml);
    let told = config.diagnostics().iter().filter(|d| d.severity > tagloom_label_config::Severity::Info);
    told.map(|d| format!("{}@{}:{}", d.code, d.line, d.column)).collect()
}

const TEXT: &str = "<View>\n<Text name=\"t\" value=\"$t\"/>\n";
const IMAGE: &str = "<View>\n<Image name=\"i\" value=\"$i\"/>\n";
const END: &str = "\n</View>";

/// Name, what is around, the mistake on line 3, and what is reported.
const CASES: &[(&str, &str, &str, &[&str])] = &[
    // Names
    ("object without a name", TEXT, r#"<Text value="$x"/>"#, &["ERR_REQUIRED@3:2"]),
    (
        "control without a name",
        TEXT,
        r#"<Labels toName="t"><Label value="A"/></Labels>"#,
        &["ERR_REQUIRED@3:2"],
    ),
    ("empty name", TEXT, r#"<Rating name="" toName="t"/>"#, &["ERR_REQUIRED@3:2"]),
    (
        "Filter without a name",
        TEXT,
        r#"<Labels name="l" toName="t"><Label value="A"/></Labels><Filter toName="l"/>"#,
        &["ERR_REQUIRED@3:57"],
    ),
    (
        "Bucket without a name",
        "<View>\n<List name=\"t\" value=\"$t\"/>\n",
        r#"<Ranker name="r" toName="t"><Bucket/></Ranker>"#,
        &["ERR_REQUIRED@3:30"],
    ),
    ("name used twice", TEXT, r#"<Rating name="t" toName="t"/>"#, &["ERR_GENERAL@3:15"]),
    (
        "name used three times",
        TEXT,
        r#"<Rating name="t" toName="t"/><Number name="t" toName="t"/>"#,
        &["ERR_GENERAL@3:15", "ERR_GENERAL@3:44"],
    ),
    (
        "copies of a Repeater with one name",
        TEXT,
        r#"<Repeater on="$a"><Text name="x" value="y"/></Repeater>"#,
        &["ERR_GENERAL@3:31"],
    ),
    // toName
    (
        "toName misspelt",
        IMAGE,
        r#"<RectangleLabels name="r" toName="ii"><Label value="A"/></RectangleLabels>"#,
        &["ERR_TAG_NOT_FOUND@3:35"],
    ),
    ("toName in another case", TEXT, r#"<Rating name="r" toName="T"/>"#, &["ERR_TAG_NOT_FOUND@3:26"]),
    ("second of two toNames", TEXT, r#"<Pairwise name="p" toName="t,u"/>"#, &["ERR_TAG_NOT_FOUND@3:30"]),
    ("toName is a variable", TEXT, r#"<Rating name="r" toName="$t"/>"#, &["ERR_TAG_NOT_FOUND@3:26"]),
    (
        "toName missing with two objects",
        TEXT,
        r#"<Text name="u" value="$u"/><Rating name="r"/>"#,
        &["ERR_REQUIRED@3:29"],
    ),
    ("no object at all", "<View>\n\n", r#"<Rating name="r"/>"#, &["ERR_REQUIRED@3:2"]),
    (
        "number of a Repeater out of form",
        "<View>\n<Repeater on=\"$a\"><Text name=\"x{{idx}}\" value=\"y\"/></Repeater>\n",
        r#"<Rating name="r" toName="x_1"/>"#,
        &["ERR_TAG_NOT_FOUND@3:26"],
    ),
    ("Pairwise of one", TEXT, r#"<Pairwise name="p" toName="t"/>"#, &["ERR_GENERAL@3:28"]),
    ("Pairwise of the same", TEXT, r#"<Pairwise name="p" toName="t,t"/>"#, &["ERR_GENERAL@3:28"]),
    ("Pairwise of nothing", TEXT, r#"<Pairwise name="p"/>"#, &["ERR_GENERAL@3:2"]),
    (
        "condition about nothing",
        TEXT,
        r#"<View visibleWhen="choice-selected" whenTagName="tt"/>"#,
        &["ERR_TAG_NOT_FOUND@3:50"],
    ),
    // Targets
    (
        "boxes on text",
        TEXT,
        r#"<RectangleLabels name="r" toName="t"><Label value="A"/></RectangleLabels>"#,
        &["ERR_TAG_UNSUPPORTED@3:35"],
    ),
    (
        "polygons on text",
        TEXT,
        r#"<PolygonLabels name="r" toName="t"><Label value="A"/></PolygonLabels>"#,
        &["ERR_TAG_UNSUPPORTED@3:33"],
    ),
    ("bare polygon on text", TEXT, r#"<Polygon name="r" toName="t"/>"#, &["ERR_TAG_UNSUPPORTED@3:27"]),
    ("vector on text", TEXT, r#"<Vector name="r" toName="t"/>"#, &["ERR_TAG_UNSUPPORTED@3:26"]),
    (
        "key points on text",
        TEXT,
        r#"<KeyPointLabels name="r" toName="t"><Label value="A"/></KeyPointLabels>"#,
        &["ERR_TAG_UNSUPPORTED@3:34"],
    ),
    (
        "brush on text",
        TEXT,
        r#"<BrushLabels name="r" toName="t"><Label value="A"/></BrushLabels>"#,
        &["ERR_TAG_UNSUPPORTED@3:31"],
    ),
    (
        "hypertext labels on text",
        TEXT,
        r#"<HyperTextLabels name="r" toName="t"><Label value="A"/></HyperTextLabels>"#,
        &["ERR_TAG_UNSUPPORTED@3:35"],
    ),
    (
        "plain labels on a series",
        "<View>\n<TimeSeries name=\"s\" value=\"$s\"/>\n",
        r#"<Labels name="r" toName="s"><Label value="A"/></Labels>"#,
        &["ERR_TAG_UNSUPPORTED@3:26"],
    ),
    (
        "plain labels on paragraphs",
        "<View>\n<Paragraphs name=\"s\" value=\"$s\"/>\n",
        r#"<Labels name="r" toName="s"><Label value="A"/></Labels>"#,
        &["ERR_TAG_UNSUPPORTED@3:26"],
    ),
    (
        "rating of a rating",
        TEXT,
        r#"<Rating name="r" toName="t"/><Rating name="q" toName="r"/>"#,
        &["ERR_TAG_UNSUPPORTED@3:55"],
    ),
    ("Filter of an object", TEXT, r#"<Filter name="f" toName="t"/>"#, &["ERR_TAG_UNSUPPORTED@3:26"]),
    // Places
    ("Label outside", TEXT, r#"<Label value="A"/>"#, &["ERR_PARENT_TAG_UNEXPECTED@3:2"]),
    ("Choice outside", TEXT, r#"<View><Choice value="A"/></View>"#, &["ERR_PARENT_TAG_UNEXPECTED@3:8"]),
    (
        "Choice in Labels",
        TEXT,
        r#"<Labels name="l" toName="t"><Label value="A"/><Choice value="B"/></Labels>"#,
        &["ERR_PARENT_TAG_UNEXPECTED@3:48"],
    ),
    ("Channel outside", TEXT, r#"<Channel column="a"/>"#, &["ERR_PARENT_TAG_UNEXPECTED@3:2"]),
    ("MultiChannel outside", TEXT, r#"<MultiChannel/>"#, &["ERR_PARENT_TAG_UNEXPECTED@3:2"]),
    (
        "Label in a Label",
        TEXT,
        r#"<Labels name="l" toName="t"><Label value="A"><Label value="B"/></Label></Labels>"#,
        &["ERR_GENERAL@3:47"],
    ),
    (
        "Image in Labels",
        IMAGE,
        r#"<RectangleLabels name="l" toName="i"><Label value="A"/><Image name="j" value="$j"/></RectangleLabels>"#,
        &["ERR_GENERAL@3:57"],
    ),
    (
        "tag in an object",
        TEXT,
        r#"<Image name="j" value="$j"><Header value="x"/></Image>"#,
        &["ERR_GENERAL@3:29"],
    ),
    ("Panel outside", TEXT, r#"<Panel value="x"/>"#, &["ERR_GENERAL@3:2"]),
    ("Shortcut outside", TEXT, r#"<Shortcut value="x"/>"#, &["ERR_GENERAL@3:2"]),
    ("Relation outside", TEXT, r#"<Relation value="x"/>"#, &["ERR_GENERAL@3:2"]),
    ("Bucket outside", TEXT, r#"<Bucket name="x"/>"#, &["ERR_GENERAL@3:2"]),
    ("View in Collapse", TEXT, r#"<Collapse><View/></Collapse>"#, &["ERR_GENERAL@3:12"]),
    ("unknown tag", TEXT, r#"<Banana/>"#, &["ERR_UNKNOWN_TAG@3:2"]),
    (
        "misspelt tag",
        IMAGE,
        r#"<RectangelLabels name="r" toName="i"><Label value="A"/></RectangelLabels>"#,
        &["ERR_UNKNOWN_TAG@3:2"],
    ),
    (
        "misspelt tag and toName",
        IMAGE,
        r#"<RectangelLabels name="r" toName="ii"/>"#,
        &["ERR_UNKNOWN_TAG@3:2", "ERR_TAG_NOT_FOUND@3:35"],
    ),
    ("HTML in View", TEXT, r#"<div><Header value="x"/></div>"#, &["ERR_UNKNOWN_TAG@3:2"]),
    // Values
    ("text without a value", TEXT, r#"<Text name="u"/>"#, &["ERR_REQUIRED@3:2"]),
    ("image without a value", TEXT, r#"<Image name="u"/>"#, &["ERR_REQUIRED@3:2"]),
    (
        "label without a value",
        TEXT,
        r#"<Labels name="l" toName="t"><Label/></Labels>"#,
        &["ERR_REQUIRED@3:30"],
    ),
    (
        "Channel without a column",
        "<View>\n\n",
        r#"<TimeSeries name="s" value="$s"><Channel/></TimeSeries>"#,
        &["ERR_REQUIRED@3:34"],
    ),
    ("Repeater without on", TEXT, r#"<Repeater/>"#, &["ERR_REQUIRED@3:2"]),
    ("True is not true", TEXT, r#"<Rating name="r" toName="t" required="True"/>"#, &["ERR_BAD_TYPE@3:39"]),
    ("1 is not true", TEXT, r#"<HyperText name="r" value="x" inline="1"/>"#, &["ERR_BAD_TYPE@3:39"]),
    (
        "unknown word",
        TEXT,
        r#"<Choices name="c" toName="t" choice="multi"><Choice value="A"/></Choices>"#,
        &["ERR_BAD_TYPE@3:38"],
    ),
    (
        "word in another case",
        TEXT,
        r#"<Text name="u" value="$u" granularity="Word"/>"#,
        &["ERR_BAD_TYPE@3:40"],
    ),
    (
        "opacity in percent",
        IMAGE,
        r#"<Rectangle name="r" toName="i" opacity="60%"/>"#,
        &["ERR_BAD_TYPE@3:41"],
    ),
    ("opacity above one", IMAGE, r#"<Rectangle name="r" toName="i" opacity="60"/>"#, &["ERR_BAD_TYPE@3:41"]),
    (
        "no such color",
        TEXT,
        r#"<Labels name="l" toName="t"><Label value="A" background="reddish"/></Labels>"#,
        &["ERR_BAD_TYPE@3:58"],
    ),
    (
        "color without #",
        TEXT,
        r#"<Labels name="l" toName="t"><Label value="A" background="ff0000"/></Labels>"#,
        &["ERR_BAD_TYPE@3:58"],
    ),
    ("number in words", TEXT, r#"<Rating name="r" toName="t" maxRating="five"/>"#, &["ERR_BAD_TYPE@3:40"]),
    (
        "no such curve",
        "<View>\n\n",
        r#"<TimeSeries name="s" value="$s"><Channel column="a" interpolation="smooth"/></TimeSeries>"#,
        &["ERR_BAD_TYPE@3:68"],
    ),
    ("bad condition", TEXT, r#"<View visibleWhen="choice-selectd"/>"#, &["ERR_BAD_TYPE@3:20"]),
    (
        "per item and per region",
        IMAGE,
        r#"<Rating name="r" toName="i" perItem="true" perRegion="true"/>"#,
        &["ERR_GENERAL@3:29"],
    ),
    // Slips
    (
        "misspelt attribute",
        TEXT,
        r#"<Rating name="r" toName="t" requird="true"/>"#,
        &["unknown-attribute@3:29"],
    ),
    ("missing labels", TEXT, r#"<Labels name="l" toName="t"/>"#, &["no-labels@3:2"]),
    ("missing choices", TEXT, r#"<Choices name="l" toName="t"/>"#, &["no-labels@3:2"]),
    (
        "label twice",
        TEXT,
        r#"<Labels name="l" toName="t"><Label value="A"/><Label value="A"/></Labels>"#,
        &["duplicate-label@3:61"],
    ),
    (
        "two labels with one alias",
        TEXT,
        r#"<Labels name="l" toName="t"><Label value="A" alias="x"/><Label value="B" alias="x"/></Labels>"#,
        &["duplicate-label@3:81"],
    ),
    (
        "key twice",
        TEXT,
        r#"<Labels name="l" toName="t"><Label value="A" hotkey="a"/><Label value="B" hotkey="A"/></Labels>"#,
        &["hotkey-conflict@3:83"],
    ),
    (
        "key of the editor",
        TEXT,
        r#"<Labels name="l" toName="t"><Label value="A" hotkey="ctrl+Enter"/></Labels>"#,
        &["hotkey-conflict@3:54"],
    ),
    (
        "key of a tool",
        IMAGE,
        r#"<RectangleLabels name="l" toName="i"><Label value="A" hotkey="r"/></RectangleLabels>"#,
        &["hotkey-conflict@3:63"],
    ),
    // XML
    (
        "closing tag misspelt",
        TEXT,
        r#"<Labels name="l" toName="t"><Label value="A"/></Label>"#,
        &["xml-mismatched-tag@3:49"],
    ),
    (
        "label not closed",
        TEXT,
        r#"<Labels name="l" toName="t"><Label value="A"></Labels>"#,
        &["xml-unclosed-tag@3:30"],
    ),
    ("stray ampersand", TEXT, r#"<Header value="Q & A"/>"#, &["xml-unescaped-amp@3:18"]),
    ("no quotes", TEXT, r#"<Rating name=r toName="t"/>"#, &["xml-unquoted-value@3:14"]),
    ("attribute twice", TEXT, r#"<Rating name="r" toName="t" name="q"/>"#, &["xml-duplicate-attribute@3:29"]),
    ("text in an attribute with <", TEXT, r#"<Header value="a < b"/>"#, &["xml-unescaped-lt@3:18"]),
];

#[test]
fn every_mistake_has_its_code_and_place() {
    assert!(CASES.len() >= 60, "{}", CASES.len());
    let mut wrong = Vec::new();
    for (name, before, line, expected) in CASES {
        let xml = format!("{before}{line}{END}");
        let reported = report(&xml);
        if reported != *expected {
            wrong.push(format!("{name}: expected {expected:?}, reported {reported:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Where every problem has a repair, applying all of them must leave a config without those problems.
#[test]
fn repairs_repair() {
    let mut repaired = 0;
    for (name, before, line, _) in CASES {
        let xml = format!("{before}{line}{END}");
        let config = Config::new(&xml);
        let fixes: Vec<_> =
            config.diagnostics().iter().filter_map(|d| d.fix.as_ref().map(|fix| (d.code, fix))).collect();
        let [(code, fix)] = fixes.as_slice() else { continue };
        let fixed = fix.apply(&xml);
        assert_ne!(fixed, xml, "{name}");
        let left = Config::new(&fixed);
        assert!(
            left.diagnostics().iter().all(|d| d.code != *code),
            "{name}: {fixed} {:?}",
            left.diagnostics()
        );
        repaired += 1;
    }
    assert!(repaired >= 35, "{repaired}");
}

#[test]
fn messages_name_what_was_meant() {
    let message = |xml: &str| Config::new(xml).diagnostics()[0].message.clone();
    assert_eq!(
        message("<View><Rectanglelabel name='x'/></View>"),
        "there is no tag `Rectanglelabel`; did you mean `RectangleLabels`?"
    );
    assert_eq!(
        message("<View><Text name='text' value='$t'/><Rating name='r' toName='txt'/></View>"),
        "no tag is named `txt`; did you mean `text`?"
    );
}

#[test]
fn another_case_is_a_hint_with_a_repair() {
    let xml = "<view><header value=\"x\"></header></view>";
    let config = Config::new(xml);
    assert!(!config.has_errors());
    let fixed =
        config.diagnostics().iter().fold(xml.to_owned(), |text, d| d.fix.as_ref().unwrap().apply(&text));
    assert_eq!(fixed, "<View><Header value=\"x\"></Header></View>");
}

#[test]
fn rendered() {
    let xml = "<View>\n  <Image name=\"image\" value=\"$image\"/>\n  <RectangelLabels name=\"box\" toName=\"imge\">\n    <Label value=\"Car\" backgroud=\"red\"/>\n  </RectangelLabels>\n</View>\n";
    let config = Config::new(xml);
    insta::assert_snapshot!(tagloom_label_config::render(config.diagnostics(), xml, "config.xml"));
}

#[test]
fn nothing_and_nonsense() {
    assert_eq!(report(""), ["xml-empty@1:1"]);
    assert_eq!(report("hello"), ["xml-text-outside-root@1:1"]);
    assert_eq!(report("<View>"), ["xml-unclosed-tag@1:2"]);
    assert_eq!(report("<View/>"), Vec::<String>::new());
}

/// Cost grows with the size of a broken config, not with its square: this would take minutes otherwise.
#[test]
fn large_and_wrong() {
    let tags: String = (0..60_000).map(|n| format!("<Rating name=\"r{n}\" toName=\"q{n}\"/>")).collect();
    let config = Config::new(&format!("<View>{tags}</View>"));
    assert!(config.diagnostics().len() < 400);
    assert!(config.diagnostics().iter().any(|d| d.code.as_str() == "xml-too-many-problems"));
    let choices: Vec<_> = (0..60_000).map(|n| serde_json::json!({ "value": n })).collect();
    let config =
        Config::new("<View><Text name='t' value='x'/><Choices name='c' toName='t' value='$c'/></View>");
    let tree = config.instantiate(&serde_json::json!({ "c": choices }));
    assert_eq!(tree.labels_of(tree.by_name("c").unwrap().id).len(), 60_000);
}
