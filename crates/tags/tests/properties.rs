//! Whatever the config and the data: no panic, and the tree is a tree.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use proptest::prelude::*;
use serde_json::{Value, json};
use tagloom_tags::{
    Config, TAGS, assign_hotkeys, json_schema, parsed_label_config, sample_task, typescript,
    validate_for_save,
};

fn check(xml: &str, data: &Value) {
    let config = Config::new(xml);
    for diagnostic in config.diagnostics() {
        assert!(xml.get(diagnostic.span.start..diagnostic.span.end).is_some(), "{diagnostic:?}");
        if let Some(fix) = &diagnostic.fix {
            fix.apply(xml);
        }
    }
    let _ = validate_for_save(&config);
    parsed_label_config(&config);
    typescript(&config);
    json_schema(&config);
    let sample = sample_task(&config);
    for data in [data, &sample["data"]] {
        let tree = config.instantiate(data);
        for node in &tree.nodes {
            assert!(node.parent.is_none_or(
                |parent| parent < node.id && tree.get(parent).unwrap().children.contains(&node.id)
            ));
            tree.labels_of(node.id);
        }
        let keys = assign_hotkeys(&tree);
        assert!(keys.keys().all(|id| tree.get(*id).is_some()));
    }
}

fn element() -> impl Strategy<Value = String> {
    let tag = prop::sample::select(TAGS).prop_map(|tag| tag.name.to_owned());
    let value = prop::sample::select(vec![
        "a",
        "b",
        "a,b",
        "$x",
        "$x[0].y",
        "true",
        "1",
        "x{{idx}}",
        "",
        "ctrl+",
        "+",
        "é",
        "region-selected",
    ]);
    let name = prop::sample::select(vec![
        "name",
        "toName",
        "value",
        "hotkey",
        "perRegion",
        "visibleWhen",
        "whenTagName",
        "opacity",
        "on",
        "choice",
        "alias",
    ]);
    let attributes = prop::collection::btree_map(name, value, 0..5).prop_map(|map| {
        map.into_iter().map(|(name, value)| format!(" {name}=\"{value}\"")).collect::<String>()
    });
    let leaf =
        (tag.clone(), attributes.clone()).prop_map(|(tag, attributes)| format!("<{tag}{attributes}/>"));
    leaf.prop_recursive(4, 24, 5, move |inner| {
        (tag.clone(), attributes.clone(), prop::collection::vec(inner, 0..5)).prop_map(
            |(tag, attributes, children)| format!("<{tag}{attributes}>{}</{tag}>", children.concat()),
        )
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_tags(xml in element(), x in prop::sample::select(vec![json!([{"value": "q", "children": [{"value": "r"}]}]), json!("s"), json!({"y": [1]}), json!(null)])) {
        check(&format!("<View>{xml}</View>"), &json!({ "x": x }));
    }

    #[test]
    fn any_text(xml in any::<String>()) {
        check(&xml, &json!({}));
    }
}
