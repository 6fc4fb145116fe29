//! Visibility, what is written, and what is required.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use std::collections::BTreeMap;
use tagloom_tags::{
    Config, NodeId, RegionFacts, RequiredContext, Tree, VisibilityContext, first_missing, kept_on_save,
    visible,
};

#[derive(Default)]
struct State {
    selected: Vec<RegionFacts>,
    regions: Vec<RegionFacts>,
    /// Control and region to what is chosen.
    chosen: BTreeMap<(String, Option<String>), Vec<Vec<String>>>,
    items: usize,
    filled_items: Vec<usize>,
}

impl State {
    fn choose(mut self, control: &str, region: Option<&str>, path: &[&str]) -> Self {
        let key = (control.to_owned(), region.map(str::to_owned));
        self.chosen.entry(key).or_default().push(path.iter().map(|part| (*part).to_owned()).collect());
        self
    }

    fn select(mut self, region: RegionFacts) -> Self {
        self.selected.push(region);
        self
    }
}

impl VisibilityContext for State {
    fn selected_count(&self) -> usize {
        self.selected.len()
    }
    fn selected_region(&self) -> Option<RegionFacts> {
        match self.selected.as_slice() {
            [one] => Some(one.clone()),
            _ => None,
        }
    }
    fn chosen(&self, control: &str, region: Option<&str>) -> Vec<Vec<String>> {
        self.chosen.get(&(control.to_owned(), region.map(str::to_owned))).cloned().unwrap_or_default()
    }
}

impl RequiredContext for State {
    fn regions_of(&self, object: &str) -> Vec<RegionFacts> {
        self.regions.iter().filter(|region| region.object == object).cloned().collect()
    }
    fn item_count(&self, _object: &str) -> usize {
        self.items
    }
    fn has_value(&self, control: &str, region: Option<&str>, item: Option<usize>) -> bool {
        item.is_some_and(|item| self.filled_items.contains(&item)) || !self.chosen(control, region).is_empty()
    }
}

fn region(id: &str, labels: &[&str]) -> RegionFacts {
    RegionFacts {
        id: id.into(),
        object: "img".into(),
        labels_control: (!labels.is_empty()).then(|| "box".to_owned()),
        labels: labels.iter().map(|label| (*label).to_owned()).collect(),
        role: None,
    }
}

fn tree(inner: &str) -> Tree {
    let xml = format!(
        r#"<View><Image name="img" value="$i"/><RectangleLabels name="box" toName="img"><Label value="Car"/><Label value="Car, big"/><Label value="Dog"/></RectangleLabels>
        <Choices name="ask" toName="img"><Choice value="Yes" alias="y"/><Choice value="No"/></Choices>
        <Choices name="each" toName="img" perRegion="true"><Choice value="A"/></Choices>
        <Taxonomy name="tax" toName="img"><Choice value="Top"><Choice value="Leaf"/></Choice></Taxonomy>{inner}</View>"#
    );
    let config = Config::new(&xml);
    assert!(!config.has_errors(), "{:?}", config.diagnostics());
    config.instantiate(&serde_json::json!({}))
}

fn last(tree: &Tree) -> NodeId {
    tree.nodes.last().unwrap().id
}

#[track_caller]
fn shown(attributes: &str, state: &State) -> bool {
    let tree = tree(&format!("<View {attributes}><Header value=\"x\"/></View>"));
    visible(&tree, last(&tree), state)
}

#[test]
fn regions() {
    let (none, car, dog) = (
        State::default(),
        State::default().select(region("1", &["Car"])),
        State::default().select(region("2", &["Dog"])),
    );
    let two = State::default().select(region("1", &["Car"])).select(region("2", &["Dog"]));
    assert!(shown("", &none));
    assert!(!shown("visibleWhen='region-selected'", &none));
    assert!(shown("visibleWhen='region-selected'", &car));
    assert!(!shown("visibleWhen='region-selected'", &two));
    assert!(shown("visibleWhen='region-selected' whenTagName='box' whenLabelValue='Cat, Car'", &car));
    assert!(!shown("visibleWhen='region-selected' whenTagName='box' whenLabelValue='Cat, Car'", &dog));
    assert!(
        shown("visibleWhen='region-selected' whenTagName='img'", &dog),
        "the documented reading counts too"
    );
    assert!(!shown("visibleWhen='region-selected' whenTagName='ask'", &dog));
    assert!(!shown("visibleWhen='region-selected' whenRole='user'", &dog));
    assert!(shown("visibleWhen='no-region-selected'", &none));
    assert!(!shown("visibleWhen='no-region-selected'", &two));
}

#[test]
fn choices() {
    let none = State::default();
    let yes = State::default().choose("ask", None, &["y"]);
    let leaf = State::default().choose("tax", None, &["Top", "Leaf"]);
    assert!(shown("visibleWhen='choice-selected'", &yes));
    assert!(!shown("visibleWhen='choice-selected'", &leaf), "Taxonomy does not count here");
    assert!(shown("visibleWhen='choice-selected' whenTagName='ask'", &yes));
    assert!(!shown("visibleWhen='choice-selected' whenTagName='ask'", &none));
    assert!(
        shown("visibleWhen='choice-selected' whenTagName='ask' whenChoiceValue='No,Yes'", &yes),
        "by value"
    );
    assert!(shown("visibleWhen='choice-selected' whenTagName='ask' whenChoiceValue='y'", &yes), "by alias");
    assert!(!shown("visibleWhen='choice-selected' whenTagName='ask' whenChoiceValue='No'", &yes));
    assert!(shown("visibleWhen='choice-selected' whenTagName='tax' whenChoiceValue='Leaf'", &leaf));
    assert!(!shown("visibleWhen='choice-selected' whenTagName='tax' whenChoiceValue='Top'", &leaf));
    assert!(shown("visibleWhen='choice-unselected' whenTagName='ask'", &none));
    assert!(!shown("visibleWhen='choice-unselected' whenTagName='ask'", &yes));
    assert!(shown("whenChoiceValue='y'", &yes));
    assert!(!shown("whenChoiceValue='Yes'", &yes), "no alias look-up without visibleWhen");
}

#[test]
fn a_condition_about_a_hidden_control_fails() {
    let xml = |inner: &str| tree(inner);
    let state = State::default().choose("inner", None, &["A"]);
    let hidden = xml(
        r#"<View visibleWhen="region-selected"><Choices name="inner" toName="img"><Choice value="A"/></Choices></View><View visibleWhen="choice-selected" whenTagName="inner"/>"#,
    );
    assert!(!visible(&hidden, last(&hidden), &state));
    let ring = xml(
        r#"<Choices name="inner" toName="img" visibleWhen="choice-selected" whenTagName="other"><Choice value="A"/></Choices><Choices name="other" toName="img" visibleWhen="choice-selected" whenTagName="inner"><Choice value="A"/></Choices>"#,
    );
    assert!(
        !visible(&ring, ring.by_name("inner").unwrap().id, &state),
        "two that wait for each other stay hidden"
    );
}

#[test]
fn per_region_controls() {
    let tree = tree(r#"<Number name="n" toName="img" perRegion="true" whenLabelValue="Car, big"/>"#);
    let number = tree.by_name("n").unwrap().id;
    let shown = |labels: &[&str]| visible(&tree, number, &State::default().select(region("1", labels)));
    assert!(shown(&["Car, big"]), "the text as one label first");
    assert!(shown(&["Car"]));
    assert!(!shown(&["Dog"]));
    assert!(!visible(&tree, number, &State::default()));
    let mut elsewhere = region("1", &["Car"]);
    elsewhere.object = "other".into();
    assert!(!visible(&tree, number, &State::default().select(elsewhere)));
}

#[test]
fn what_is_written() {
    let tree = tree(
        r#"<Number name="big" toName="img" perRegion="true" whenLabelValue="Car"/>
        <TextArea name="follow" toName="img" perRegion="true" visibleWhen="choice-selected" whenTagName="each" whenChoiceValue="A"/>
        <TextArea name="unless" toName="img" visibleWhen="choice-unselected" whenTagName="ask"/>
        <View visibleWhen="choice-selected" whenTagName="ask" whenChoiceValue="No"><Rating name="stars" toName="img"/></View>
        <View visibleWhen="region-selected"><Rating name="kept" toName="img"/></View>"#,
    );
    let id = |name: &str| tree.by_name(name).unwrap().id;
    let (car, dog) = (region("1", &["Car"]), region("2", &["Dog"]));
    let none = State::default();
    assert!(kept_on_save(&tree, id("big"), Some(&car), &none));
    assert!(!kept_on_save(&tree, id("big"), Some(&dog), &none));
    let each = State::default().choose("each", Some("1"), &["A"]);
    assert!(kept_on_save(&tree, id("follow"), Some(&car), &each));
    assert!(!kept_on_save(&tree, id("follow"), Some(&dog), &each), "only the region's own choice counts");
    assert!(kept_on_save(&tree, id("unless"), None, &none));
    let (yes, no) =
        (State::default().choose("ask", None, &["y"]), State::default().choose("ask", None, &["No"]));
    assert!(!kept_on_save(&tree, id("unless"), None, &yes));
    assert!(!kept_on_save(&tree, id("stars"), None, &yes));
    assert!(kept_on_save(&tree, id("stars"), None, &no));
    assert!(kept_on_save(&tree, id("kept"), None, &none), "hidden for another reason keeps its result");
}

#[test]
fn required_controls() {
    let tree = tree(
        r#"<View visibleWhen="choice-selected" whenTagName="ask"><Rating name="hidden" toName="img" required="true"/></View>
        <Number name="count" toName="img" perRegion="true" required="true" whenLabelValue="Car"/>
        <DateTime name="when" toName="img" perItem="true" required="true"/>
        <TextArea name="note" toName="img" required="true" requiredMessage="Please write a note"/>"#,
    );
    let name = |id: NodeId| tree.get(id).unwrap().name.clone().unwrap();
    let mut state = State {
        regions: vec![region("1", &["Dog"]), region("2", &["Car"])],
        items: 3,
        filled_items: vec![0],
        ..State::default()
    };
    let missing = first_missing(&tree, &state).unwrap();
    assert_eq!(
        (name(missing.control).as_str(), missing.region.as_deref(), missing.message.as_str()),
        ("count", Some("2"), "Number \"count\" is required.")
    );
    state = state.choose("count", Some("2"), &["3"]);
    let missing = first_missing(&tree, &state).unwrap();
    assert_eq!((name(missing.control).as_str(), missing.item), ("when", Some(1)));
    state.filled_items = vec![0, 1, 2];
    let missing = first_missing(&tree, &state).unwrap();
    assert_eq!((name(missing.control).as_str(), missing.message.as_str()), ("note", "Please write a note"));
    state = state.choose("note", None, &["x"]);
    assert_eq!(first_missing(&tree, &state), None);
    state = state.choose("ask", None, &["y"]);
    assert_eq!(name(first_missing(&tree, &state).unwrap().control), "hidden");
}
