//! What a person does, in words of the headless editor.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use serde_json::{Map, Value, json};
use std::rc::Rc;
use tagloom_editor::store::{Command, Geometry, RegionId, TextSpan};
use tagloom_editor::tags::NodeId;
use tagloom_editor::{
    Action, Editor, EditorEvent, EditorOptions, Journal, KeyPress, KeyTarget, MemoryJournal, SaveState,
    SelectMode, Tool, TreeNodes, Update,
};
use tagloom_region_geometry::{Rectangle, Shape};

const NER: &str = r#"<View>
  <Labels name="ner" toName="text"><Label value="PER" hotkey="p"/><Label value="ORG" alias="org"/></Labels>
  <Text name="text" value="$text"/>
  <Choices name="mood" toName="text" required="true"><Choice value="Good"/><Choice value="Bad"/></Choices>
  <Choices name="sure" toName="text" perRegion="true"><Choice value="Yes"/><Choice value="No"/></Choices>
</View>"#;

const BOXES: &str = r#"<View>
  <Image name="img" value="$image"/>
  <RectangleLabels name="rl" toName="img"><Label value="Car"/><Label value="Bus" maxUsages="1"/></RectangleLabels>
</View>"#;

const PAIR: &str = r#"<View>
  <Image name="img" value="$image"/>
  <Rectangle name="rect" toName="img"/>
  <Labels name="lbl" toName="img"><Label value="Car"/></Labels>
</View>"#;

struct Person {
    editor: Editor,
    journal: MemoryJournal,
}

impl Person {
    fn with(config: &str, task: Value) -> Self {
        let journal = MemoryJournal::default();
        let options = EditorOptions { config: config.into(), task, ..EditorOptions::default() };
        let editor = Editor::with(options, Rc::new(journal.clone()), Rc::new(|| 1_000.0));
        Self { editor, journal }
    }
    fn new(config: &str) -> Self {
        Self::with(config, json!({"id": 7, "data": {"text": "Alice met Bob", "image": "/i.png"}}))
    }
    fn act(&mut self, action: Action) -> Update {
        let update = self.editor.dispatch(action);
        self.editor.document().check().unwrap();
        update
    }
    fn node(&self, name: &str) -> NodeId {
        self.editor.tree().by_name(name).unwrap().id
    }
    /// The n-th label or choice of a control.
    fn part(&self, control: &str, n: usize) -> NodeId {
        self.editor.tree().labels_of(self.node(control))[n].node
    }
    fn arm(&mut self, control: &str, n: usize) -> Update {
        self.act(Action::ToggleLabel { control: self.node(control), label: self.part(control, n) })
    }
    fn choose(&mut self, control: &str, n: usize) -> Update {
        self.act(Action::ToggleChoice { control: self.node(control), choice: self.part(control, n) })
    }
    fn mark(&mut self, start: usize, end: usize) -> Update {
        let geometry = Geometry::Text(TextSpan { start, end, text: None });
        self.act(Action::CreateRegion {
            object: "text".into(),
            geometry,
            frame: Map::new(),
            item_index: None,
        })
    }
    fn boxed(&mut self, x: f64) -> Update {
        let shape = Shape::Rectangle(Rectangle { x, y: 1.0, width: 2.0, height: 3.0, rotation: 0.0 });
        self.act(Action::CreateRegion {
            object: "img".into(),
            geometry: Geometry::Image(shape),
            frame: Map::new(),
            item_index: None,
        })
    }
    fn regions(&self) -> Vec<RegionId> {
        self.editor.document().regions().filter(|r| !r.is_classification()).map(|r| r.id.clone()).collect()
    }
    fn select(&mut self, n: usize) {
        let id = self.regions()[n].clone();
        self.act(Action::Select { ids: vec![id], mode: SelectMode::Replace });
    }
    fn results(&self) -> Value {
        self.editor.serialize().into()
    }
}

#[test]
fn an_armed_label_marks_one_span_and_is_put_away() {
    let mut p = Person::new(NER);
    p.mark(0, 5);
    assert!(p.regions().is_empty(), "nothing armed, nothing made");
    p.arm("ner", 1);
    let update = p.mark(0, 5);
    assert!(update.events.iter().any(|e| matches!(e, EditorEvent::EntityCreate { .. })));
    assert_eq!(
        p.results()[0]["value"],
        json!({"start": 0, "end": 5, "labels": ["org"]}),
        "the alias is stored"
    );
    assert_eq!(p.results()[0]["type"], "labels");
    assert!(p.editor.armed().is_empty());
    p.act(Action::Apply(Command::Undo));
    assert!(p.regions().is_empty());
}

#[test]
fn a_bare_tool_with_labels_gives_two_results_of_one_id() {
    let mut p = Person::new(PAIR);
    p.arm("lbl", 0);
    assert_eq!(p.editor.tool("img"), Tool::Draw(p.node("rect")), "plain labels take the shape tool there is");
    p.boxed(10.0);
    let results = p.results();
    assert_eq!(results[0]["type"], "rectangle");
    assert_eq!(results[1]["type"], "labels");
    assert_eq!(results[0]["id"], results[1]["id"]);
    assert_eq!(results[1]["value"], json!({"x":10,"y":1,"width":2,"height":3,"rotation":0,"labels":["Car"]}));
}

#[test]
fn a_drag_is_one_undo_and_keeps_its_label_until_it_ends() {
    let mut p = Person::new(BOXES);
    p.arm("rl", 0);
    p.act(Action::Apply(Command::Begin));
    p.boxed(1.0);
    assert!(!p.editor.armed().is_empty());
    let id = p.regions()[0].clone();
    for x in 2..50 {
        let shape =
            Shape::Rectangle(Rectangle { x: f64::from(x), y: 1.0, width: 2.0, height: 3.0, rotation: 0.0 });
        p.act(Action::Apply(Command::SetGeometry(id.clone(), Geometry::Image(shape))));
    }
    let end = p.act(Action::Apply(Command::Commit));
    assert!(end.events.iter().any(|e| matches!(e, EditorEvent::RegionFinishedDrawing { .. })));
    assert!(p.editor.armed().is_empty());
    p.act(Action::Apply(Command::Undo));
    assert!(p.regions().is_empty() && !p.editor.document().can_undo());
}

#[test]
fn an_aborted_drag_leaves_the_label_armed() {
    let mut p = Person::new(BOXES);
    p.arm("rl", 0);
    p.act(Action::Apply(Command::Begin));
    p.boxed(1.0);
    p.act(Action::Apply(Command::Abort));
    assert!(p.regions().is_empty() && !p.editor.armed().is_empty() && !p.editor.document().can_undo());
}

#[test]
fn clicking_a_label_relabels_the_selection_but_never_leaves_it_bare() {
    let mut p = Person::new(NER);
    p.arm("ner", 0);
    p.mark(0, 5);
    p.select(0);
    assert!(p.editor.label_active(p.node("ner"), p.part("ner", 0)));
    p.arm("ner", 1);
    assert_eq!(p.results()[0]["value"]["labels"], json!(["org"]));
    p.arm("ner", 1);
    assert_eq!(p.results()[0]["value"]["labels"], json!(["org"]), "the only label stays");
    p.act(Action::ToggleLocked(p.regions()));
    p.arm("ner", 0);
    assert_eq!(p.results()[0]["value"]["labels"], json!(["org"]), "locked regions keep their label");
}

#[test]
fn max_usages_refuses_and_says_so() {
    let mut p = Person::new(BOXES);
    p.arm("rl", 1);
    p.boxed(1.0);
    p.arm("rl", 1);
    p.boxed(5.0);
    assert_eq!(p.regions().len(), 1);
    assert!(p.editor.messages()[0].text.contains("1 times at most"));
}

#[test]
fn per_region_choices_belong_to_the_selected_region() {
    let mut p = Person::new(NER);
    p.arm("ner", 0);
    p.mark(0, 5);
    p.arm("ner", 0);
    p.mark(6, 9);
    assert!(!p.editor.visible(p.node("sure")), "hidden while no region is selected");
    p.select(1);
    assert!(p.editor.visible(p.node("sure")));
    p.choose("sure", 0);
    let results = p.results();
    assert_eq!(results[2]["from_name"], "sure");
    assert_eq!(results[2]["id"], results[1]["id"]);
    assert_eq!(results[2]["value"], json!({"start": 6, "end": 9, "choices": ["Yes"]}));
    p.choose("sure", 0);
    assert_eq!(p.results().as_array().unwrap().len(), 2, "choosing again takes it away");
}

#[test]
fn submit_is_refused_until_what_is_required_is_there() {
    let mut p = Person::new(NER);
    let update = p.act(Action::Submit);
    assert!(update.events.is_empty());
    assert_eq!(p.editor.messages()[0].text, "Checkbox \"mood\" is required.");
    p.choose("mood", 1);
    let update = p.act(Action::Submit);
    let sent = update.events.iter().find_map(|e| match e {
        EditorEvent::SubmitAnnotation { payload, .. } => Some(payload.clone()),
        _ => None,
    });
    let sent = sent.unwrap();
    assert_eq!(sent["result"][0]["value"], json!({"choices": ["Bad"]}));
    assert_eq!(sent["draft_id"], 0);
    assert!(sent["started_at"].as_str().unwrap().ends_with('Z'));
    assert!(p.act(Action::Submit).events.is_empty(), "not twice while it is on its way");
}

#[test]
fn need_2_a_failed_submit_stays_in_the_journal_and_a_stored_one_leaves_it() {
    let mut p = Person::new(NER);
    p.choose("mood", 0);
    assert_eq!(p.editor.annotation().save_state(), SaveState::OnThisMachine);
    assert_eq!(p.journal.keys(), ["/7/new"]);
    let key = p.editor.annotation().key;
    p.act(Action::Submit);
    p.act(Action::SaveFailed { key, message: "The session has ended.".into() });
    assert!(p.editor.messages()[0].text.starts_with("The session has ended."));
    assert_eq!(p.journal.keys().len(), 1);

    // The page is loaded again: the work is there, and says that it is not sent.
    let options = EditorOptions {
        config: NER.into(),
        task: json!({"id": 7, "data": {"text": "Alice met Bob"}}),
        ..EditorOptions::default()
    };
    let again = Editor::with(options, Rc::new(p.journal.clone()), Rc::new(|| 0.0));
    assert_eq!(Value::from(again.serialize()), p.results());
    assert!(again.messages()[0].text.contains("Unsent work"));

    p.act(Action::Submit);
    p.act(Action::Saved { key, pk: Some("12".into()) });
    assert!(p.journal.keys().is_empty());
    assert_eq!(p.editor.submit_state().caption, "Update");
    assert_eq!(p.editor.submit_state().disabled, Some("No changes were made"));
    p.choose("mood", 1);
    let update = p.act(Action::Submit);
    assert!(
        update.events.iter().any(|e| matches!(e, EditorEvent::UpdateAnnotation { pk, .. } if pk == "12"))
    );
}

#[test]
fn a_journal_that_cannot_write_is_told() {
    #[derive(Debug)]
    struct Full;
    impl Journal for Full {
        fn put(&self, _: &str, _: &tagloom_editor::JournalEntry) -> Result<(), String> {
            Err("the disk is full.".into())
        }
        fn get(&self, _: &str) -> Option<tagloom_editor::JournalEntry> {
            None
        }
        fn remove(&self, _: &str) {}
    }
    let options =
        EditorOptions { config: NER.into(), task: json!({"id": 1, "data": {}}), ..EditorOptions::default() };
    let editor = Editor::with(options, Rc::new(Full), Rc::new(|| 0.0));
    let mut p = Person { editor, journal: MemoryJournal::default() };
    p.choose("mood", 0);
    assert!(p.editor.messages()[0].text.contains("the disk is full"));
}

#[test]
fn predictions_are_read_only_until_they_are_copied() {
    let result = json!([{"id":"a","from_name":"ner","to_name":"text","type":"labels","value":{"start":0,"end":5,"labels":["PER"]}}]);
    let task = json!({"id": 1, "data": {"text": "Alice"}, "predictions": [{"id": 5, "result": result, "model_version": "m1", "score": 0.5}]});
    let mut p = Person::with(NER, task);
    assert!(p.editor.messages().is_empty(), "{:?}", p.editor.messages());
    let prediction = p.editor.annotations().iter().find(|a| a.is_prediction()).unwrap().key;
    p.act(Action::SelectAnnotation(prediction));
    assert!(p.editor.is_read_only());
    p.act(Action::DeleteAll);
    assert_eq!(p.regions().len(), 1);
    p.act(Action::CopyAnnotation(prediction));
    assert!(!p.editor.is_read_only());
    assert_eq!(p.results()[0]["origin"], "prediction");
    assert_eq!(p.editor.payload(false)["parent_prediction"], 5);
    p.select(0);
    p.arm("ner", 1);
    assert_eq!(p.results()[0]["origin"], "prediction-changed");
    assert_eq!(p.results()[0]["id"], "a");
}

#[test]
fn relations_link_mode_and_their_end_with_the_region() {
    let mut p = Person::new(NER);
    for start in [0, 6, 10] {
        p.arm("ner", 0);
        p.mark(start, start + 2);
    }
    p.select(0);
    p.act(Action::StartRelation);
    p.select(2);
    assert_eq!(p.editor.document().relations().len(), 1);
    assert!(p.editor.relation_from().is_none());
    p.select(2);
    p.act(Action::DeleteSelected);
    assert!(p.editor.document().relations().is_empty());
    p.act(Action::Apply(Command::Undo));
    assert_eq!(p.editor.document().relations().len(), 1);
}

#[test]
fn pasting_gives_new_ids_in_one_step() {
    let mut p = Person::new(NER);
    p.arm("ner", 0);
    p.mark(0, 5);
    p.select(0);
    let text = p.editor.copy().unwrap();
    p.act(Action::Paste(text));
    assert_eq!(p.regions().len(), 2);
    assert_ne!(p.regions()[0], p.regions()[1]);
    p.act(Action::Apply(Command::Undo));
    assert_eq!(p.regions().len(), 1);
    p.act(Action::Paste("no json".into()));
    assert!(p.editor.messages()[0].text.contains("no regions"));
}

#[test]
fn keys_reach_labels_and_commands() {
    let mut p = Person::new(NER);
    let press = |key: &str, ctrl| KeyPress { key: key.into(), ctrl, ..KeyPress::default() };
    let keys = p.editor.keys(&press("p", false));
    assert!(keys.contains(&KeyTarget::Tag(p.part("ner", 0))));
    let action = p.editor.tag_action(p.part("ner", 0)).unwrap();
    p.act(action);
    assert!(p.editor.label_active(p.node("ner"), p.part("ner", 0)));
    assert!(p.editor.keys(&press("z", true)).contains(&KeyTarget::Command("annotation:undo")));
}

#[test]
fn every_choice_mode_keeps_its_rule() {
    let config = |mode: &str, nested: &str| {
        format!(
            r#"<View><Text name="t" value="$text"/><Choices name="c" toName="t" choice="{mode}" {nested}>
            <Choice value="A"><Choice value="A1"/><Choice value="A2"/></Choice><Choice value="B" alias="b"/></Choices></View>"#
        )
    };
    let value = |p: &Person| p.editor.value(p.node("c"));
    let mut p = Person::new(&config("multiple", "allowNested=\"true\""));
    p.choose("c", 0);
    assert_eq!(value(&p), Some(json!([["A"], ["A", "A1"], ["A", "A2"]])));
    p.choose("c", 1);
    assert_eq!(value(&p), Some(json!([["A", "A2"]])), "a parent is on only while all its children are");
    p.choose("c", 1);
    assert_eq!(value(&p), Some(json!([["A"], ["A", "A1"], ["A", "A2"]])));

    let flat = |mode: &str| {
        format!(
            r#"<View><Text name="t" value="$text"/><Choices name="c" toName="t" choice="{mode}">
            <Choice value="A"/><Choice value="B" alias="b"/></Choices></View>"#
        )
    };
    let mut p = Person::new(&flat("single"));
    p.choose("c", 0);
    p.choose("c", 1);
    assert_eq!(value(&p), Some(json!(["b"])));
    p.choose("c", 1);
    assert_eq!(value(&p), None);
    let mut p = Person::new(&flat("single-radio"));
    p.choose("c", 1);
    p.choose("c", 1);
    assert_eq!(value(&p), Some(json!(["b"])));
    let mut p = Person::new(&flat("multiple"));
    p.choose("c", 1);
    p.choose("c", 0);
    assert_eq!(value(&p), Some(json!(["A", "b"])), "in the order of the config");
}

#[test]
fn preselected_choices_are_there_and_are_no_edit() {
    let config = r#"<View><Text name="t" value="$text"/><Choices name="c" toName="t"><Choice value="A" selected="true"/><Choice value="B"/></Choices></View>"#;
    let p = Person::new(config);
    assert_eq!(p.results()[0]["value"], json!({"choices": ["A"]}));
    assert!(!p.editor.document().can_undo());
}

#[test]
fn nothing_a_user_can_send_makes_it_panic() {
    for config in ["", "<", "<View", "<View><Image name='a'/></View>", NER] {
        for task in [
            Value::Null,
            json!(3),
            json!({"data": "{"}),
            json!({"data": {"text": {"a": 1}}, "annotations": [{"result": "["}, 3, {"result": [null, 3, {"type": "relation"}]}]}),
        ] {
            let mut p = Person::with(config, task);
            p.act(Action::Submit);
            p.act(Action::NewAnnotation);
            p.act(Action::ToggleLabel { control: NodeId(999), label: NodeId(1000) });
            p.act(Action::ToggleChoice { control: NodeId(999), choice: NodeId(1000) });
            p.act(Action::AssignConfig(BOXES.into()));
            p.act(Action::Select { ids: vec!["nope".into()], mode: SelectMode::Range });
            let nowhere = p.editor.tree().node(NodeId(12345)).name.clone();
            assert_eq!(nowhere, None);
        }
    }
}

#[test]
fn what_somebody_else_stored_is_taken_over_and_ones_own_is_one_undo_away() {
    let result = |start: usize| {
        json!([{"id": "r", "from_name": "ner", "to_name": "text", "type": "labels",
                "value": {"start": start, "end": start + 3, "labels": ["PER"]}}])
    };
    let task =
        json!({"id": 7, "data": {"text": "Alice met Bob"}, "annotations": [{"id": 70, "result": result(0)}]});
    let mut p = Person::with(NER, task);
    let key = p.editor.annotation().key;
    p.act(Action::Select { ids: vec!["r".into()], mode: SelectMode::Replace });
    p.act(Action::DeleteSelected);
    assert_eq!(p.editor.annotation().save_state(), SaveState::OnThisMachine);
    let update = p.act(Action::TakeStored {
        key,
        stored: Box::new(json!({"id": 70, "result": result(6), "ground_truth": true})),
    });
    // Neither a draft nor a copy on this machine of what the server has.
    assert!(!update.events.iter().any(|e| matches!(e, EditorEvent::DraftChanged { .. })), "{update:?}");
    assert!(p.journal.keys().is_empty());
    let a = p.editor.annotation();
    assert_eq!((a.save_state(), a.ground_truth, a.is_dirty()), (SaveState::OnTheServer, true, false));
    let (from, to) = match p.editor.document().region(&"r".into()).map(|r| r.geometry.clone()) {
        Some(Geometry::Text(span)) => (span.start, span.end),
        other => panic!("{other:?}"),
    };
    assert_eq!((from, to), (6, 9));
    let update = p.act(Action::Apply(Command::Undo));
    assert_eq!(p.editor.document().regions().len(), 0);
    assert_eq!(p.editor.annotation().save_state(), SaveState::OnThisMachine);
    assert!(update.events.iter().any(|e| matches!(e, EditorEvent::DraftChanged { .. })));
    assert_eq!(p.journal.keys().len(), 1);
}

#[test]
fn a_send_that_was_stopped_leaves_the_work_as_it_is() {
    let mut p = Person::new(NER);
    p.act(Action::SetValue { control: p.node("mood"), value: Some(json!(["Good"])) });
    let sent = p.act(Action::Submit);
    assert!(matches!(sent.events.as_slice(), [EditorEvent::SubmitAnnotation { .. }]));
    let key = p.editor.annotation().key;
    p.act(Action::SendStopped { key });
    assert!(!p.editor.annotation().submitting && p.editor.messages().is_empty());
    assert_eq!(p.editor.annotation().save_state(), SaveState::OnThisMachine);
}

#[test]
fn what_is_changed_while_a_submit_is_under_way_is_not_taken_for_stored() {
    let mut p = Person::new(NER);
    p.act(Action::SetValue { control: p.node("mood"), value: Some(json!(["Good"])) });
    p.act(Action::Submit);
    let key = p.editor.annotation().key;
    p.act(Action::SetValue { control: p.node("mood"), value: Some(json!(["Bad"])) });
    let update = p.act(Action::Saved { key, pk: Some("70".into()) });
    assert!(update.events.iter().any(|e| matches!(e, EditorEvent::DraftChanged { .. })));
    assert_eq!(p.editor.annotation().save_state(), SaveState::OnThisMachine);
    assert_eq!(p.journal.keys().len(), 1);
    assert!(p.journal.keys()[0].ends_with("/70"), "{:?}", p.journal.keys());
    p.act(Action::Submit);
    p.act(Action::Saved { key, pk: None });
    assert_eq!(p.editor.annotation().save_state(), SaveState::OnTheServer);
    assert!(p.journal.keys().is_empty());
}
