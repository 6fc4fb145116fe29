//! Configs put together with task data.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use serde_json::json;
use tagloom_tags::{
    Config, Tree, assign_hotkeys, config_has_control_tags, control_weights, data_types, parsed_label_config,
    required_data_keys, sample_task,
};

fn tree(xml: &str, data: serde_json::Value) -> Tree {
    Config::new(xml).instantiate(&data)
}

fn stored(tree: &Tree, control: &str) -> Vec<String> {
    tree.labels_of(tree.by_name(control).unwrap().id).into_iter().map(|label| label.path.join("/")).collect()
}

#[test]
fn case_of_names_does_not_matter() {
    let tree = tree(
        r#"<view><image NAME="i" VALUE="$u"/><Rectanglelabels name="r" TONAME="i" Opacity=".4"><label value="A"/></Rectanglelabels></view>"#,
        json!({"u": "x.png"}),
    );
    let control = tree.by_name("r").unwrap();
    assert_eq!((control.kind_name(), control.number("opacity")), ("RectangleLabels", Some(0.4)));
    assert_eq!(tree.objects().next().unwrap().value, "x.png");
    assert!(tree.by_name("i").unwrap().is("Image"));
}

#[test]
fn content_is_the_value_unless_it_is_empty() {
    let xml = r#"<View><Header value="attr"> text </Header><Header value="attr"> </Header><Header value="attr"><!-- old --></Header>
        <Header><!-- only comment --></Header><HyperText name="h"><p>Hi <b>$who</b> &lt;</p></HyperText>
        <Markdown><![CDATA[# T <x>]]></Markdown><Style>a > b {}</Style></View>"#;
    let tree = tree(xml, json!({"who": "Ann"}));
    let values: Vec<String> = tree.nodes.iter().skip(1).map(|node| node.value_text()).collect();
    assert_eq!(
        values,
        ["text", "attr", "attr", "only comment", "<p>Hi <b>Ann</b> &lt;</p>", "# T <x>", "a > b {}"]
    );
}

#[test]
fn values_keep_their_type() {
    let xml = r#"<View><Image name="i" valueList="$all"/><Video name="v" value="$v" frameRate="$fps"/><Table name="t" value="$rows"/><Paragraphs name="p" value="$p" audioUrl="$a.b"/></View>"#;
    let tree = tree(
        xml,
        json!({"all": ["a", "b"], "v": "v.mp4", "fps": 29.97, "rows": {"a": 1}, "p": [], "a.b": "direct", "a": {"b": "deep"}}),
    );
    assert_eq!(*tree.by_name("i").unwrap().bound("valueList"), json!(["a", "b"]));
    assert_eq!(*tree.by_name("v").unwrap().bound("framerate"), json!(29.97));
    assert_eq!(tree.by_name("t").unwrap().value, json!({"a": 1}));
    assert_eq!(*tree.by_name("p").unwrap().bound("audioUrl"), json!("direct"));
    assert!(tree.by_name("i").unwrap().value.is_null());
}

#[test]
fn labels_from_the_task() {
    let xml = r#"<View><Text name="t" value="$t"/><Labels name="l" toName="t" value="$labels"><Label value="static"/></Labels>
        <Choices name="c" toName="t" value="$choices" allowNested="true"/><Taxonomy name="x" toName="t" value="$choices"/><Choices name="flat" toName="t" value="$choices"/></View>"#;
    let data = json!({"t": "x", "labels": [{"Value": "one", "BACKGROUND": "red", "alias": "1"}, {"value": "two"}, 7, "three"],
        "choices": [{"value": "A", "children": [{"value": "B", "alias": "b"}]}, {"value": "C", "selected": true}]});
    let tree = tree(xml, data);
    assert_eq!(stored(&tree, "l"), ["static", "1", "two", "three"]);
    assert_eq!(stored(&tree, "c"), ["A", "A/b", "C"]);
    assert_eq!(stored(&tree, "x"), ["A", "A/b", "C"]);
    assert_eq!(stored(&tree, "flat"), ["A", "C"]);
    let labels = tree.labels_of(tree.by_name("l").unwrap().id);
    assert_eq!(labels[1].color, "red");
    assert!(tree.labels_of(tree.by_name("flat").unwrap().id)[1].selected);
    assert!(tree.nodes.iter().filter(|node| node.dynamic).count() >= 8);
}

#[test]
fn labels_store_the_literal_and_choices_the_bound_text() {
    let xml = r#"<View><Text name="t" value="$t"/><Labels name="l" toName="t"><Label value="$name"/><Label value=""/></Labels><Choices name="c" toName="t"><Choice value="$name"/></Choices></View>"#;
    let tree = tree(xml, json!({"t": "x", "name": "Ann"}));
    let label = &tree.labels_of(tree.by_name("l").unwrap().id)[0];
    assert_eq!((label.value.as_str(), label.stored.as_str()), ("Ann", "$name"));
    assert_eq!(tree.labels_of(tree.by_name("l").unwrap().id)[1].value, "blank");
    assert_eq!(stored(&tree, "c"), ["Ann"]);
}

#[test]
fn to_name_is_inferred() {
    let to = |xml: &str, name: &str| tree(xml, json!({})).by_name(name).unwrap().to_names.clone();
    assert_eq!(to(r#"<View><Text name="t" value="x"/><Labels name="l"/></View>"#, "l"), ["t"]);
    assert_eq!(
        to(r#"<View><Image name="i" value="x"/><Text name="t" value="x"/><Choices name="c"/></View>"#, "c"),
        ["i"]
    );
    assert!(
        to(r#"<View><Image name="i" value="x"/><Image name="j" value="x"/><Choices name="c"/></View>"#, "c")
            .is_empty()
    );
    assert_eq!(
        to(r#"<View><Image name="i" value="x"/><Image name="j" value="x"/><TextArea name="c"/></View>"#, "c"),
        ["i"]
    );
    assert_eq!(to(r#"<View><Pairwise name="p" toName=" a , b "/></View>"#, "p"), ["a", "b"]);
    assert_eq!(to(r#"<View><Chat name="chat" value="$c"/></View>"#, "chat"), ["chat"]);
}

#[test]
fn repeated_tags() {
    let config = Config::new(
        r#"<View><Repeater on="$pages" mode="pagination"><Image name="p{{idx}}" value="$pages[{{idx}}].url"/><Choices name="c{{idx}}" toName="p{{idx}}"><Choice value="A"/></Choices></Repeater></View>"#,
    );
    assert_eq!(config.diagnostics(), []);
    let tree = config.instantiate(&json!({"pages": [{"url": "a"}, {"url": "b"}]}));
    assert_eq!(tree.by_name("p1").unwrap().value, "b");
    assert_eq!(tree.controls_of("p1").next().unwrap().name.as_deref(), Some("c1"));
    assert!(tree.nodes.iter().any(|node| node.is("PagedView")));
    assert_eq!(parsed_label_config(&config)["c{{idx}}"]["regex"], json!({"{{idx}}": ".*"}));
    assert_eq!(required_data_keys(&config), ["pages"]);
    let sample = sample_task(&config);
    let tree = config.instantiate(&sample["data"]);
    assert!(tree.by_name("p1").unwrap().value_text().starts_with("data:image"), "{sample}");
}

#[test]
fn unknown_tags_stay() {
    let tree = tree(
        r#"<View><Blink name="b" toName="i" value="$x"><Image name="i" value="$x"/></Blink></View>"#,
        json!({"x": 1}),
    );
    let blink = tree.by_name("b").unwrap();
    assert_eq!((blink.spec, blink.tag.as_str(), &blink.value), (None, "Blink", &json!(1)));
    assert_eq!(tree.ancestors(tree.by_name("i").unwrap().id).count(), 2);
}

#[test]
fn automatic_keys() {
    let xml = r#"<View><Image name="i" value="$i"/><RectangleLabels name="l" toName="i"><Label value="A" hotkey="2"/><Label value="B"/><Label value="C"/></RectangleLabels>
        <Choices name="c" toName="i"><Choice value="X"/></Choices><Taxonomy name="x" toName="i"><Choice value="T"/></Taxonomy><Rating name="r" toName="i"/></View>"#;
    let tree = tree(xml, json!({}));
    let keys: Vec<String> = assign_hotkeys(&tree)
        .into_iter()
        .map(|(id, key)| format!("{}={key}", tree.get(id).unwrap().value_text()))
        .collect();
    assert_eq!(keys, ["A=2", "B=1", "C=3", "X=4", "=5"]);
}

#[test]
fn automatic_keys_leave_the_editor_its_own() {
    let labels: String = (0..40).map(|n| format!("<Label value=\"{n}\"/>")).collect();
    let xml = format!(
        r#"<View><Image name="i" value="$i"/><BrushLabels name="l" toName="i">{labels}</BrushLabels></View>"#
    );
    let keys: String = assign_hotkeys(&tree(&xml, json!({}))).into_values().collect();
    assert_eq!(keys, "1234567890qwtasdfgzxcyiopjklnm");
    let xml =
        format!(r#"<View><Text name="i" value="$i"/><Labels name="l" toName="i">{labels}</Labels></View>"#);
    let keys: String = assign_hotkeys(&tree(&xml, json!({}))).into_values().collect();
    assert_eq!(keys, "1234567890qwetasdfgzxcvbyiopjklnm");
}

#[test]
fn keys_of_sounds_and_series() {
    let xml = r#"<View><Audio name="a" value="$a"/><Audio name="b" value="$b"/><TimeSeries name="t" value="$t"/><Labels name="l" toName="a"><Label value="A"/></Labels></View>"#;
    let keys: Vec<String> = assign_hotkeys(&tree(xml, json!({}))).into_values().collect();
    assert_eq!(keys, ["shift+space+1", "shift+space+2", "2"]);
}

#[test]
fn the_rest_api_description() {
    let config = Config::new(
        r#"<View><Image name="img" value="$image"/><RectangleLabels name="lab" toName="img"><Label value="Car"/></RectangleLabels>
        <Choices name="c" toName="img" value="$choices" perRegion="true" whenLabelValue="Car"/><Filter name="f" toName="lab"/></View>"#,
    );
    let parsed = parsed_label_config(&config);
    assert_eq!(
        serde_json::to_string(&parsed["lab"]).unwrap(),
        r#"{"type":"RectangleLabels","to_name":["img"],"inputs":[{"type":"Image","valueType":null,"value":"image"}],"labels":["Car"],"labels_attrs":{"Car":{"value":"Car"}}}"#
    );
    assert_eq!(parsed["c"]["dynamic_labels"], true);
    assert_eq!(parsed["c"]["conditionals"], json!({"type": "label", "name": "Car"}));
    assert!(parsed.get("f").is_none());
    assert_eq!(
        control_weights(&config)["lab"],
        json!({"overall": 1.0, "type": "RectangleLabels", "labels": {"Car": 1.0}})
    );
    assert_eq!(data_types(&config), json!({"image": "Image"}));
    assert_eq!(required_data_keys(&config), ["image", "choices"]);
    assert!(config_has_control_tags(&config));
    assert!(!config_has_control_tags(&Config::new("<View/>")));
}

#[test]
fn sample_data_for_every_object() {
    let config = Config::new(
        r#"<View><Image name="i" valueList="$images"/><Text name="t" value="Dear $user.name, $text"/><TimeSeries name="s" value="$s" valueType="json" timeColumn="T"><Channel column="V"/></TimeSeries>
        <Paragraphs name="p" value="$p" nameKey="who" textKey="what"/><Labels name="l" toName="t" value="$labels"/></View>"#,
    );
    let task = sample_task(&config);
    let data = &task["data"];
    assert_eq!(data["images"].as_array().unwrap().len(), 3);
    assert!(data["user"]["name"].is_string());
    assert_eq!(data["s"]["t"].as_array().unwrap().len(), data["s"]["v"].as_array().unwrap().len());
    assert_eq!(data["p"][0]["who"], "Ada");
    assert_eq!(stored(&config.instantiate(data), "l"), ["First label", "Second label"]);
}
