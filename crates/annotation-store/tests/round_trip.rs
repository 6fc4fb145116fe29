//! Every result example of spec/results.md, and made-up ones, through load and save.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use proptest::prelude::*;
use serde_json::{Value, json};
use tagloom_annotation_store::{Document, LoadOptions, OpenSchema, SaveOptions, load};

/// JSON equality with 1 and 1.0 being the same number.
fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => a.as_f64() == b.as_f64(),
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(k, v)| b.get(k).is_some_and(|w| same(v, w)))
        }
        _ => a == b,
    }
}

fn round_trip(results: Value) {
    let loaded = load(&results, &OpenSchema, LoadOptions::default());
    let document = Document::from_loaded(loaded);
    document.check().unwrap();
    let saved = Value::Array(document.serialize(&SaveOptions::default()));
    assert!(same(&saved, &results), "\nin:  {results}\nout: {saved}");
}

/// A full envelope around a `value`.
fn item(kind: &str, value: Value) -> Value {
    json!({"id": "A", "from_name": "c", "to_name": "o", "type": kind, "origin": "manual", "value": value})
}

#[test]
fn every_example_of_section_3_and_4_comes_back_unchanged() {
    let examples = [
        item(
            "rectanglelabels",
            json!({"x":10.5,"y":20,"width":30,"height":15,"rotation":0,"rectanglelabels":["Car"]}),
        ),
        item(
            "ellipselabels",
            json!({"x":50,"y":50,"radiusX":10,"radiusY":5,"rotation":0,"ellipselabels":["Hole"]}),
        ),
        item("keypointlabels", json!({"x":42.1,"y":17.3,"width":0.35,"keypointlabels":["Nose"]})),
        item(
            "polygonlabels",
            json!({"points":[[10,10],[20,10],[20,20]],"closed":true,"polygonlabels":["Roof"]}),
        ),
        item("polygon", json!({"points":[[10,10],[20,10],[20,20]]})),
        item(
            "vectorlabels",
            json!({"vertices":[
            {"id":"a","prevPointId":null,"x":10,"y":10,"isBezier":false},
            {"id":"b","prevPointId":"a","x":30,"y":12,"isBezier":true,"disconnected":false,
             "controlPoint1":{"x":25,"y":8},"controlPoint2":{"x":35,"y":16}}],
            "closed":false,"vectorlabels":["Line"]}),
        ),
        item(
            "brushlabels",
            json!({"format":"rle","rle":[0,0,0,8,57,27,252,96,17,255,128],"brushlabels":["Sky"]}),
        ),
        item("bitmasklabels", json!({"imageDataURL":"data:image/png;base64,iVBOR","bitmasklabels":["Sky"]})),
        item("labels", json!({"start":11,"end":20,"text":"brown fox","labels":["Animal"]})),
        item(
            "hypertextlabels",
            json!({"start":"/div[1]/p[1]/text()[1]","end":"/div[1]/p[1]/text()[1]",
            "startOffset":4,"endOffset":9,"globalOffsets":{"start":42,"end":47},"text":"quick","hypertextlabels":["X"]}),
        ),
        item(
            "paragraphlabels",
            json!({"start":"0","end":"2","startOffset":10,"endOffset":5,"text":"t","paragraphlabels":["Topic"]}),
        ),
        json!({"id":"A","from_name":"c","to_name":"o","type":"labels","origin":"manual","original_length":12.34,
            "value":{"start":1.5,"end":2.75,"channel":0,"labels":["Speech"]}}),
        item(
            "timeserieslabels",
            json!({"start":"2020-03-20","end":"2020-03-25","instant":false,"timeserieslabels":["Run"]}),
        ),
        item("timeserieslabels", json!({"start":12,"end":12,"instant":true,"timeserieslabels":["Run"]})),
        item(
            "videorectangle",
            json!({"framesCount":300,"duration":12.5,"sequence":[
            {"frame":1,"enabled":true,"x":10,"y":10,"width":20,"height":15,"rotation":0,"time":0.0416}],"labels":["Car"]}),
        ),
        item("timelinelabels", json!({"ranges":[{"start":3,"end":40}],"timelinelabels":["Run"]})),
        item("choices", json!({"choices":["Yes","No"]})),
        item("choices", json!({"choices":[["Animal"],["Animal","Dog"]]})),
        item("taxonomy", json!({"taxonomy":[["Bacteria"],["Eukarya","Human"]]})),
        item("textarea", json!({"text":["first","second"]})),
        item("number", json!({"number":42})),
        item("rating", json!({"rating":4})),
        item("datetime", json!({"datetime":"2023-01-15T10:30"})),
        item("pairwise", json!({"selected":"left"})),
        item("ranker", json!({"ranker":{"rank":["id1","id2"]}})),
        item(
            "chatmessage",
            json!({"chatmessage":{"role":"user","content":"hi","createdAt":1700000000000u64}}),
        ),
        item(
            "ocrlabels",
            json!({"x":1,"y":2,"width":3,"height":4,"rotation":0,"pageIndex":0,"ocrtext":"t","ocrlabels":["A"]}),
        ),
        item("reactcode", json!({"reactcode":{"any":[1,2]}})),
    ];
    for example in examples {
        round_trip(json!([example]));
    }
}

#[test]
fn the_complete_examples_of_section_8_come_back_unchanged() {
    round_trip(
        json!([{"id":"Hz3K9sLqP1","from_name":"label","to_name":"image","type":"rectanglelabels","origin":"manual",
        "original_width":800,"original_height":600,"image_rotation":0,
        "value":{"x":12.5,"y":10,"width":25,"height":40,"rotation":0,"rectanglelabels":["Car"]}}]),
    );
    round_trip(json!([
        {"id":"A","from_name":"color","to_name":"image","type":"choices","origin":"manual","original_width":800,
         "original_height":600,"image_rotation":0,"value":{"x":12.5,"y":10,"width":25,"height":40,"rotation":0,"choices":["red"]}},
        {"id":"A","from_name":"plate","to_name":"image","type":"textarea","origin":"manual","original_width":800,
         "original_height":600,"image_rotation":0,"value":{"x":12.5,"y":10,"width":25,"height":40,"rotation":0,"text":["AB123"]}}]));
    round_trip(json!([
        {"id":"s1","from_name":"ner","to_name":"text","type":"labels","origin":"manual","value":{"start":0,"end":5,"text":"Alice","labels":["PER"]}},
        {"id":"s2","from_name":"ner","to_name":"text","type":"labels","origin":"manual","value":{"start":6,"end":9,"text":"Bob","labels":["PER"]}},
        {"id":"c1","from_name":"sent","to_name":"text","type":"choices","origin":"manual","value":{"choices":["Positive"]}},
        {"from_id":"s1","to_id":"s2","type":"relation","direction":"right","labels":["knows"]}]));
}

#[test]
fn the_tool_plus_labels_pair_of_section_1_3_keeps_its_shared_place() {
    let place = json!({"x":1,"y":2,"width":3,"height":4,"rotation":5});
    let mut labelled = place.clone();
    labelled["labels"] = json!(["Car"]);
    round_trip(json!([
        {"id":"A","from_name":"rect","to_name":"img","type":"rectangle","origin":"manual","value":place},
        {"id":"A","from_name":"lbl","to_name":"img","type":"labels","origin":"manual","value":labelled}]));
}

#[test]
fn unknown_types_keys_and_dangling_relations_survive() {
    round_trip(json!([
        {"id":"A","from_name":"x","to_name":"y","type":"hologram","origin":"manual","score":0.5,"readonly":true,
         "parentID":"B","meta":{"text":["note"],"mine":1},"is_positive":true,"house":{"rule":[1]},
         "value":{"depth":3,"points3d":[[1,2,3]],"hologram":["H"]}},
        {"id":"B","from_name":"r","to_name":"i","type":"rectanglelabels","origin":"prediction",
         "value":{"x":1,"y":2,"width":3,"height":4,"rotation":0,"blur":7,"rectanglelabels":["Car"]}},
        {"from_id":"B","to_id":"gone","type":"relation","direction":"bi"}]));
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (-1000i32..1000).prop_map(Value::from),
        "[a-zA-Z0-9 ]{0,6}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 20, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::hash_map(
                prop_oneof![
                    "[a-z]{1,4}",
                    Just("x".to_owned()),
                    Just("width".to_owned()),
                    Just("start".to_owned()),
                    Just("end".to_owned()),
                    Just("points".to_owned()),
                    Just("choices".to_owned())
                ],
                inner,
                0..5
            )
            .prop_map(|m| Value::Object(m.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn any_value_of_any_type_comes_back(
        kind in prop_oneof!["[a-z]{1,8}", Just("choices".to_owned()), Just("textarea".to_owned()), Just("labels".to_owned())],
        value in proptest::collection::hash_map("[a-z]{1,5}", any_json(), 1..5),
    ) {
        let value = Value::Object(value.into_iter().collect());
        round_trip(json!([item(&kind, value)]));
    }

    #[test]
    fn no_json_makes_loading_panic(results in proptest::collection::vec(any_json(), 0..6)) {
        let loaded = load(&Value::Array(results), &OpenSchema, LoadOptions::default());
        Document::from_loaded(loaded).check().unwrap();
    }
}
