//! Random command lists: invariants hold, undoing all restores the start byte for byte, redoing all the end.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use proptest::prelude::*;
use serde_json::{Value, json};
use tagloom_annotation_store::{
    Command, Direction, Document, Geometry, Item, LoadOptions, Loaded, OpenSchema, Region, RegionId,
    Relation, SaveOptions, TextSpan, load,
};

const IDS: [&str; 6] = ["a", "b", "c", "d", "e", "f"];

fn start() -> Document {
    let results = json!([
        {"id":"a","from_name":"l","to_name":"t","type":"labels","origin":"prediction","value":{"start":0,"end":5,"labels":["X"]}},
        {"id":"b","from_name":"l","to_name":"t","type":"labels","origin":"manual","parentID":"a","value":{"start":3,"end":9,"labels":["Y"]}},
        {"id":"c","from_name":"l","to_name":"t","type":"labels","origin":"manual","parentID":"b","value":{"start":4,"end":6,"labels":["Y"]}},
        {"from_id":"a","to_id":"b","type":"relation","direction":"right"}]);
    Document::from_loaded(load(&results, &OpenSchema, LoadOptions::default()))
}

/// What somebody else stored: some of the same ids, one item that cannot be understood.
fn theirs() -> Loaded {
    let results = json!([
        {"id":"f","from_name":"l","to_name":"t","type":"labels","value":{"start":0,"end":3,"labels":["Y"]}},
        {"id":"b","from_name":"l","to_name":"t","type":"labels","value":{"start":3,"end":9,"labels":["X"]}},
        {"from_id":"f","to_id":"b","type":"relation","direction":"left"},
        "no object"]);
    load(&results, &OpenSchema, LoadOptions::default())
}

fn span(start: usize, length: usize) -> Geometry {
    Geometry::Text(TextSpan { start, end: start + length, text: None })
}

fn region(id: &str, at: usize) -> Region {
    let item = Item::new("l", "labels", Some(json!(["Z"])));
    Region { id: id.into(), ..Region::new("t", span(at, 2), item) }
}

fn commands() -> impl Strategy<Value = Command> {
    let id = || proptest::sample::select(&IDS[..]).prop_map(RegionId::from);
    prop_oneof![
        Just(Command::Begin),
        Just(Command::Commit),
        Just(Command::Abort),
        Just(Command::Undo),
        Just(Command::Redo),
        Just(Command::Reset),
        Just(Command::Replace(Box::new(theirs()))),
        (id(), 0usize..90).prop_map(|(id, at)| Command::Put(region(id.as_str(), at))),
        proptest::collection::vec(id(), 1..3).prop_map(Command::Remove),
        (id(), 0usize..50, 0usize..50).prop_map(|(id, s, l)| Command::SetGeometry(id, span(s, l))),
        (id(), "[a-c]")
            .prop_map(|(id, c)| Command::SetItem(id, Item::new("ch", "choices", Some(json!([c]))))),
        id().prop_map(|id| Command::RemoveItem(id, "ch".into())),
        id().prop_map(|id| Command::RemoveItem(id, "l".into())),
        (id(), "[a-z]{0,3}")
            .prop_map(|(id, t)| { Command::SetMeta(id, json!({"text": [t]}).as_object().unwrap().clone()) }),
        (0u8..3).prop_map(|n| Command::SetAlignment(alignment(n))),
        (id(), proptest::option::of(id())).prop_map(|(a, b)| Command::SetParent(a, b)),
        (id(), id()).prop_map(|(a, b)| Command::AddRelation(Relation::new(a, b))),
        (0usize..3).prop_map(Command::RemoveRelation),
        (0usize..3).prop_map(|index| Command::SetRelation { index, direction: Direction::Bi, labels: None }),
        proptest::collection::vec(id(), 0..3).prop_map(Command::Select),
        (id(), any::<bool>()).prop_map(|(id, on)| Command::SetLocked(vec![id], on)),
        (id(), any::<bool>()).prop_map(|(id, on)| Command::SetHidden(vec![id], on)),
    ]
}

/// None for 0, else one that names the only object.
fn alignment(n: u8) -> serde_json::Map<String, Value> {
    let named = json!({"t": {"origin": n}}).as_object().unwrap().clone();
    if n == 0 { serde_json::Map::new() } else { named }
}

fn bytes(document: &Document) -> String {
    Value::Array(document.serialize(&SaveOptions::default())).to_string()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]
    #[test]
    fn undo_all_is_the_start_and_redo_all_the_end(list in proptest::collection::vec(commands(), 0..60)) {
        let mut document = start();
        let first = bytes(&document);
        for command in list {
            let revision = document.revision();
            let before = bytes(&document);
            let changes = document.apply(command.clone());
            document.check().map_err(|e| TestCaseError::fail(format!("after {command:?}: {e}")))?;
            if changes.refused.is_some() && !document.step_is_open() {
                prop_assert_eq!(&before, &bytes(&document), "refused {:?} changed something", command);
            }
            prop_assert_eq!(before != bytes(&document), changes.content() && before != bytes(&document));
            if before != bytes(&document) {
                prop_assert!(document.revision() > revision);
            }
        }
        document.apply(Command::Commit);
        // Steps undone by the list itself belong to neither end.
        while document.can_redo() { document.apply(Command::Redo); document.check().unwrap(); }
        let last = bytes(&document);
        let mut steps = 0;
        while document.can_undo() {
            document.apply(Command::Undo);
            document.check().unwrap();
            steps += 1;
        }
        prop_assert_eq!(bytes(&document), first);
        for _ in 0..steps { document.apply(Command::Redo); document.check().unwrap(); }
        prop_assert_eq!(bytes(&document), last);
    }
}

#[test]
fn one_gesture_is_one_undo() {
    let mut document = start();
    document.apply(Command::Begin);
    document.apply(Command::Put(region("d", 0)));
    for at in 1..100 {
        document.apply(Command::SetGeometry("d".into(), span(at, 3)));
    }
    document.apply(Command::Commit);
    document.apply(Command::Undo);
    assert!(document.region(&"d".into()).is_none());
    assert!(!document.can_undo());
    document.apply(Command::Redo);
    assert_eq!(document.region(&"d".into()).unwrap().geometry, span(99, 3));
}

#[test]
fn ls_9706_undo_restores_the_selection_of_its_step() {
    let mut document = start();
    document.apply(Command::Select(vec!["b".into()]));
    document.apply(Command::Remove(vec!["b".into()]));
    assert!(document.selection().is_empty());
    document.apply(Command::Undo);
    assert_eq!(document.selection(), [RegionId::from("b")]);
    assert_eq!(document.relations().len(), 1);
    assert_eq!(document.region(&"c".into()).unwrap().parent_id, Some("b".into()));
}

#[test]
fn a_touched_prediction_says_so_and_locked_regions_stay() {
    let mut document = start();
    document.apply(Command::SetLocked(vec!["b".into()], true));
    assert!(document.apply(Command::SetGeometry("b".into(), span(1, 1))).refused.is_some());
    assert!(document.apply(Command::Remove(vec!["a".into(), "b".into()])).refused.is_some());
    assert!(document.region(&"a".into()).is_some(), "a refused command does nothing by halves");
    document.apply(Command::SetGeometry("a".into(), span(1, 1)));
    assert_eq!(document.region(&"a".into()).unwrap().origin.as_str(), "prediction-changed");
    document.apply(Command::Undo);
    assert_eq!(document.region(&"a".into()).unwrap().origin.as_str(), "prediction");
}

/// T12: aligning after labeling leaves everything of a region alone but `meta.sync`.
#[test]
fn t12_an_alignment_changes_only_meta_sync() {
    let mut document = start();
    document.apply(Command::SetLocked(vec!["b".into()], true));
    let before: Vec<Value> = document.serialize(&SaveOptions::default());
    let changes = document.apply(Command::SetAlignment(alignment(1)));
    assert!(changes.alignment && changes.content());
    let mut after = document.serialize(&SaveOptions::default());
    assert_eq!(after[0]["meta"], json!({"sync": {"t": {"origin": 1}}}));
    for item in after.iter_mut().filter_map(Value::as_object_mut) {
        item.shift_remove("meta");
    }
    assert_eq!(Value::from(after).to_string(), Value::from(before.clone()).to_string());

    document.apply(Command::Put(region("d", 7)));
    assert_eq!(document.region(&"d".into()).unwrap().meta["sync"], json!({"t": {"origin": 1}}));
    let loaded =
        load(&document.serialize(&SaveOptions::default()).into(), &OpenSchema, LoadOptions::default());
    assert_eq!(**Document::from_loaded(loaded).alignment(), alignment(1));

    document.apply(Command::Undo);
    document.apply(Command::Undo);
    assert!(document.alignment().is_empty());
    assert_eq!(document.serialize(&SaveOptions::default()), before);
}

#[test]
fn an_alignment_of_other_objects_concerns_no_region_here() {
    let mut document = start();
    let before = bytes(&document);
    let other = json!({"video": {"origin": 5}}).as_object().unwrap().clone();
    document.apply(Command::SetAlignment(other.clone()));
    assert_eq!((bytes(&document), &**document.alignment()), (before, &other));
    document.apply(Command::Reset);
    assert!(document.alignment().is_empty());
}

#[test]
fn other_results_take_the_place_of_all_and_one_undo_brings_it_back() {
    let save = |document: &Document| document.serialize(&SaveOptions::default());
    let mut document = start();
    document.apply(Command::Put(region("e", 7)));
    let mine = save(&document);
    let changes = document.apply(Command::Replace(Box::new(theirs())));
    assert!(changes.content() && changes.refused.is_none());
    let wanted = save(&Document::from_loaded(theirs()));
    assert_eq!(save(&document), wanted);
    assert_eq!(wanted.last(), Some(&json!("no object")));
    document.check().unwrap();
    document.apply(Command::Undo);
    assert_eq!(save(&document), mine);
    document.apply(Command::Redo);
    assert_eq!(save(&document), wanted);
}
