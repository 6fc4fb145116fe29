//! The list of tags and the gallery.

use std::collections::HashSet;
use tagloom_tags::{
    AttrType, Config, Named, TAGS, TEMPLATES, TagKind, Targets, data_types, find, sample_task,
    validate_for_save,
};

/// tags.md section 1, without the internal ones.
const EXPECTED: &[&str] = &[
    "Audio",
    "AudioPlus",
    "HyperText",
    "Image",
    "List",
    "Paragraphs",
    "Pdf",
    "Table",
    "Text",
    "TimeSeries",
    "Video",
    "Channel",
    "MultiChannel",
    "Bitmask",
    "BitmaskLabels",
    "Brush",
    "BrushLabels",
    "Choice",
    "Choices",
    "DateTime",
    "Ellipse",
    "EllipseLabels",
    "HyperTextLabels",
    "KeyPoint",
    "KeyPointLabels",
    "Label",
    "Labels",
    "MagicWand",
    "Number",
    "Pairwise",
    "ParagraphLabels",
    "Polygon",
    "PolygonLabels",
    "Ranker",
    "Bucket",
    "Rating",
    "Rectangle",
    "RectangleLabels",
    "Relation",
    "Relations",
    "Shortcut",
    "Taxonomy",
    "TextArea",
    "TimelineLabels",
    "TimeSeriesLabels",
    "Vector",
    "VectorLabels",
    "VideoRectangle",
    "View",
    "Header",
    "Style",
    "Collapse",
    "Panel",
    "Filter",
    "Markdown",
    "Dialog",
    "Repeater",
    "Chat",
    "ReactCode",
    "CustomInterface",
    "OcrLabels",
    "VideoVector",
    "VideoVectorLabels",
    "PagedView",
];

#[test]
fn every_tag_is_there_once() {
    let names: HashSet<String> = TAGS.iter().map(|tag| tag.name.to_lowercase()).collect();
    assert_eq!(names.len(), TAGS.len());
    for name in EXPECTED {
        assert_eq!(find(&name.to_uppercase()).map(|tag| tag.name), Some(*name));
    }
    assert!(find("Banana").is_none());
}

#[test]
fn the_descriptions_hold_together() {
    for tag in TAGS {
        assert!(tag.doc.ends_with('.'), "{}", tag.name);
        for other in tag.children.iter().chain(tag.parents) {
            assert!(find(other).is_some(), "{} speaks of {other}", tag.name);
        }
        if let Targets::Only(list) | Targets::Usual(list) = tag.targets {
            assert!(list.iter().all(|name| find(name).is_some_and(|tag| tag.is_object())), "{}", tag.name);
        }
        if let Some(original) = tag.alias_of {
            assert_eq!(find(original).map(|tag| tag.name), Some(original));
        }
        let makes_results = tag.kind == TagKind::Control && tag.name != "Relations";
        assert!(!makes_results || (tag.result.is_some() && tag.named == Named::Required), "{}", tag.name);
        let mut seen = HashSet::new();
        for attribute in tag.attributes {
            let place = format!("{}.{}", tag.name, attribute.name);
            assert!(seen.insert(attribute.name.to_lowercase()), "{place} twice");
            assert!(attribute.doc.ends_with('.'), "{place}");
            if let (AttrType::Enum(words), Some(default)) = (attribute.ty, attribute.default) {
                assert!(words.contains(&default), "{place}");
            }
            if let (AttrType::Bool, Some(default)) = (attribute.ty, attribute.default) {
                assert!(matches!(default, "true" | "false"), "{place}");
            }
            if let (AttrType::Number | AttrType::Unit, Some(default)) = (attribute.ty, attribute.default) {
                assert!(default.parse::<f64>().is_ok(), "{place}");
            }
        }
    }
}

/// Every tag with every attribute at a valid value, in a place where it may stand.
#[test]
fn every_tag_with_all_its_attributes_parses() {
    for tag in TAGS {
        let mut attributes = String::new();
        for attribute in tag.all_attributes() {
            let value = match (attribute.name, attribute.ty) {
                ("name", _) if tag.named == Named::No => continue,
                ("name", _) => "it".to_owned(),
                ("perItem", _) => "false".to_owned(),
                ("toName", _) if tag.name == "Pairwise" => "a,b".to_owned(),
                ("toName", _) if matches!(tag.name, "ReactCode" | "CustomInterface") => "it".to_owned(),
                ("toName", _) if tag.name == "Filter" => "l".to_owned(),
                ("toName", _) => match tag.targets {
                    Targets::Only(list) | Targets::Usual(list) => list[0].to_lowercase(),
                    _ => "text".to_owned(),
                },
                ("whenTagName", _) => "text".to_owned(),
                ("hotkey", _) => "ctrl+7".to_owned(),
                (_, AttrType::Bool) => "true".to_owned(),
                (_, AttrType::Number | AttrType::Date) => "1".to_owned(),
                (_, AttrType::Unit) => "0.5".to_owned(),
                (_, AttrType::Color) => "#123456".to_owned(),
                (_, AttrType::Enum(words)) => words[0].to_owned(),
                (_, AttrType::Variable) => "$field".to_owned(),
                (_, AttrType::Css) => "1px".to_owned(),
                (_, AttrType::List | AttrType::Str) => "x".to_owned(),
            };
            attributes.push_str(&format!(" {}=\"{value}\"", attribute.name));
        }
        let own = format!("<{}{attributes}/>", tag.name);
        let placed = match tag.name {
            "Channel" | "MultiChannel" | "TimeSeriesOverview" => {
                format!("<TimeSeries name=\"q\" value=\"$q\">{own}</TimeSeries>")
            }
            "Label" => format!("<Labels name=\"q\" toName=\"text\">{own}</Labels>"),
            "Choice" => format!("<Choices name=\"q\" toName=\"text\">{own}</Choices>"),
            "Relation" => format!("<Relations>{own}</Relations>"),
            "Bucket" => format!("<Ranker name=\"q\" toName=\"list\">{own}</Ranker>"),
            "Shortcut" => format!("<TextArea name=\"q\" toName=\"text\">{own}</TextArea>"),
            "Panel" => format!("<Collapse>{own}</Collapse>"),
            _ => own,
        };
        let objects: String =
            ["Text", "Image", "HyperText", "Paragraphs", "TimeSeries", "Video", "Pdf", "List", "Audio"]
                .iter()
                .map(|object| format!("<{object} name=\"{}\" value=\"${object}\"/>", object.to_lowercase()))
                .collect();
        let extra = "<Text name=\"a\" value=\"$a\"/><Text name=\"b\" value=\"$b\"/><Labels name=\"l\" toName=\"text\"><Label value=\"L\"/></Labels>";
        let xml = format!("<View>{objects}{extra}{placed}</View>");
        let config = Config::new(&xml);
        let errors: Vec<_> = config
            .diagnostics()
            .iter()
            .filter(|d| {
                d.is_error()
                    || d.code.as_str() == "unknown-attribute"
                    || d.code.as_str() == "ERR_TAG_UNSUPPORTED"
            })
            .map(|d| &d.message)
            .collect();
        assert!(errors.is_empty(), "{placed}: {errors:?}");
        assert!(config.template().nodes.iter().any(|node| node.spec == Some(tag)));
    }
}

#[test]
fn the_gallery_is_sound() {
    let mut ids = HashSet::new();
    for template in TEMPLATES {
        assert!(ids.insert(template.id));
        let config = Config::new(template.config);
        assert_eq!(config.diagnostics(), [], "{}", template.id);
        assert_eq!(validate_for_save(&config), Ok(()), "{}", template.id);
        assert!(
            config
                .template()
                .nodes
                .iter()
                .all(|node| node.spec.is_some_and(|spec| spec.drawn || spec.name.starts_with("Relation"))),
            "{}",
            template.id
        );
        let task = sample_task(&config);
        let tree = config.instantiate(&task["data"]);
        for object in tree.objects() {
            assert!(!object.value.is_null() && object.value != "", "{} {:?}", template.id, object.name);
        }
        assert!(!data_types(&config).as_object().unwrap().is_empty());
    }
    assert!(TEMPLATES.len() >= 12);
}
