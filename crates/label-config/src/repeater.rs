//! Expansion of `Repeater` (tags.md 2.3).

use crate::binding::{Binding, lookup};
use crate::tree::{Document, Element};
use serde_json::Value;

/// The index placeholder when `indexFlag` is not given.
pub const DEFAULT_INDEX_FLAG: &str = "{{idx}}";

/// Most elements an expanded document may have; task data is not to be trusted with memory.
const MAX_ELEMENTS: usize = 200_000;

/// Replace every `Repeater` by one `View` per element of its array.
///
/// `mode="list"` gives a `View` holding those Views, `mode="pagination"` a `PagedView`. The index flag is replaced in
/// every attribute value of every descendant, all occurrences; text is left alone. A missing or non-array `on` gives no
/// items. Expanded elements keep the spans of their source; ids are new. Repeaters inside a Repeater are expanded with
/// the outer index already in place.
pub fn expand(document: &Document, data: &Value) -> Document {
    let mut budget = MAX_ELEMENTS;
    let root = document.root.as_ref().and_then(|root| expand_element(root, data, &mut budget));
    let mut expanded = Document { source: document.source.clone(), root, truncated: budget == 0 };
    expanded.number();
    expanded
}

/// `None` once the budget is used up.
fn expand_element(element: &Element, data: &Value, budget: &mut usize) -> Option<Element> {
    *budget = budget.checked_sub(1).filter(|left| *left > 0).unwrap_or(0);
    if *budget == 0 {
        return None;
    }
    if element.tag == "repeater" {
        return Some(repeat(element, data, budget));
    }
    let children = element.children.iter().map_while(|child| expand_element(child, data, budget)).collect();
    Some(Element { children, ..shallow(element) })
}

fn repeat(repeater: &Element, data: &Value, budget: &mut usize) -> Element {
    let flag = repeater.attr("indexflag").filter(|flag| !flag.is_empty()).unwrap_or(DEFAULT_INDEX_FLAG);
    let paged = repeater.attr("mode") == Some("pagination");
    let mut holder = Element {
        name: if paged { "PagedView" } else { "View" }.into(),
        tag: if paged { "pagedview" } else { "view" }.into(),
        span: repeater.span,
        name_span: repeater.name_span,
        inner: repeater.inner,
        ..Element::default()
    };
    let binding = repeater.attr("on").map(Binding::parse);
    let items = binding
        .as_ref()
        .and_then(Binding::whole)
        .and_then(|path| lookup(data, path))
        .and_then(Value::as_array);
    for index in 0..items.map_or(0, Vec::len) {
        let digits = index.to_string();
        let mut view = shallow(&holder);
        view.name = "View".into();
        view.tag = "view".into();
        for child in &repeater.children {
            // Copying costs as much as keeping, also when an inner Repeater has nothing to repeat.
            *budget = budget.saturating_sub(child.count());
            let Some(expanded) = expand_element(&with_index(child, flag, &digits), data, budget) else {
                break;
            };
            view.children.push(expanded);
        }
        holder.children.push(view);
        *budget = budget.saturating_sub(1);
        if *budget == 0 {
            break;
        }
    }
    holder
}

fn with_index(element: &Element, flag: &str, index: &str) -> Element {
    let mut copy = shallow(element);
    for attribute in &mut copy.attributes {
        if attribute.value.contains(flag) {
            attribute.value = attribute.value.replace(flag, index);
        }
    }
    copy.children = element.children.iter().map(|child| with_index(child, flag, index)).collect();
    copy
}

/// The element without its children.
fn shallow(element: &Element) -> Element {
    Element {
        id: element.id,
        name: element.name.clone(),
        tag: element.tag.clone(),
        attributes: element.attributes.clone(),
        children: Vec::new(),
        text: element.text.clone(),
        comment: element.comment.clone(),
        span: element.span,
        name_span: element.name_span,
        inner: element.inner,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{parse, to_xml};
    use serde_json::json;

    fn expanded(xml: &str, data: &Value) -> String {
        to_xml(&expand(&parse(xml).document, data))
    }

    #[test]
    fn every_occurrence_in_every_attribute() {
        let xml = r#"<View><Repeater on="$images"><View><Image name="i{{idx}}" value="$images[{{idx}}]"/>
            <Choices name="c_{{idx}}" toName="i{{idx}}" whenTagName="a{{idx}}{{idx}}"><Choice value="x">{{idx}}</Choice></Choices>
            </View></Repeater></View>"#;
        insta::assert_snapshot!(expanded(xml, &json!({"images": ["a", "b"]})), @r#"<View><View><View><View><Image name="i0" value="$images[0]"/><Choices name="c_0" toName="i0" whenTagName="a00"><Choice value="x">{{idx}}</Choice></Choices></View></View><View><View><Image name="i1" value="$images[1]"/><Choices name="c_1" toName="i1" whenTagName="a11"><Choice value="x">{{idx}}</Choice></Choices></View></View></View></View>"#);
    }

    #[test]
    fn pages_and_own_flags_and_nesting() {
        let xml = r#"<Repeater on="$p" indexFlag="{p}" mode="pagination"><Repeater on="$p[{p}].q" indexFlag="{q}"><Text name="t{p}_{q}" value="$p[{p}].q[{q}]"/></Repeater></Repeater>"#;
        let data = json!({"p": [{"q": [1, 2]}, {"q": []}]});
        insta::assert_snapshot!(expanded(xml, &data), @r#"<PagedView><View><View><View><Text name="t0_0" value="$p[0].q[0]"/></View><View><Text name="t0_1" value="$p[0].q[1]"/></View></View></View><View><View/></View></PagedView>"#);
    }

    #[test]
    fn nothing_to_repeat() {
        for data in [json!({}), json!({"a": 3}), json!({"a": []}), json!(null)] {
            assert_eq!(
                expanded(r#"<View><Repeater on="$a"><Text name="t" value="x"/></Repeater></View>"#, &data),
                "<View><View/></View>"
            );
        }
    }

    #[test]
    fn the_data_cannot_ask_for_too_much() {
        let xml = r#"<Repeater on="$a"><Repeater on="$a" indexFlag="x"><Repeater on="$a" indexFlag="y"><View/></Repeater></Repeater></Repeater>"#;
        let many: Vec<u8> = vec![0; 5000];
        let document = expand(&parse(xml).document, &json!({ "a": many }));
        assert!(document.truncated);
        assert!(document.walk().count() <= MAX_ELEMENTS + 5000);
    }

    #[test]
    fn spans_stay_with_the_source() {
        let parsed = parse(r#"<View><Repeater on="$a"><Text name="t{{idx}}" value="x"/></Repeater></View>"#);
        let document = expand(&parsed.document, &json!({"a": [1, 2]}));
        let texts: Vec<_> = document.walk().filter(|e| e.tag == "text").collect();
        assert_eq!(texts.len(), 2);
        assert_eq!(texts[0].span, texts[1].span);
        assert_ne!(texts[0].id, texts[1].id);
    }
}
