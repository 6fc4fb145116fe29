//! CONLL2003: one token per line with its tag (formats.md 8).

use std::io::{self, Write};

use serde_json::{Map, Value};

use super::tokens::tokenize;
use super::{Exporter, Record, records_of_task};
use crate::{ConfigInfo, UNDEFINED_KEY};

#[derive(Debug)]
pub(super) struct Conll {
    config: ConfigInfo,
}

impl Conll {
    pub(super) fn new(config: &ConfigInfo) -> Self {
        Self { config: config.clone() }
    }
}

/// A `Labels` control on a `Text`, and one data key in all.
pub(super) fn is_supported(config: &ConfigInfo) -> bool {
    let one_key = config
        .objects
        .values()
        .all(|object| Some(&object.value) == config.objects.values().next().map(|o| &o.value));
    one_key && labels_control(config).is_some()
}

/// Name of the first `Labels` control and the data key of the text it labels.
fn labels_control(config: &ConfigInfo) -> Option<(&str, &str)> {
    config.controls.iter().filter(|(_, control)| control.tag.eq_ignore_ascii_case("Labels")).find_map(
        |(name, control)| {
            let object = control.to_name.iter().filter_map(|to_name| config.objects.get(to_name));
            let text = object.into_iter().find(|object| object.tag.eq_ignore_ascii_case("Text"))?;
            Some((name.as_str(), text.value.trim_start_matches('$')))
        },
    )
}

impl Exporter for Conll {
    fn begin(&mut self, out: &mut dyn Write) -> io::Result<()> {
        out.write_all(b"-DOCSTART- -X- O\n")
    }

    fn task(&mut self, out: &mut dyn Write, task: &Value) -> io::Result<()> {
        let Some((control, data_key)) = labels_control(&self.config) else { return Ok(()) };
        let data = &task["data"];
        let text = match data.get(data_key).or_else(|| data.get(UNDEFINED_KEY)) {
            Some(Value::String(text)) => text.clone(),
            Some(Value::Number(number)) => number.to_string(),
            _ => String::new(),
        };
        let chars: Vec<char> = text.chars().collect();
        let tokens = tokenize(&chars);
        for record in records_of_task(task, &self.config) {
            let spans = spans_of(&record, control).unwrap_or_default();
            for (token, tag) in tokens.iter().zip(tags(&tokens, &spans)) {
                let word: String = chars[token.start..token.end].iter().collect();
                writeln!(out, "{word} -X- _ {tag}")?;
            }
            out.write_all(b"\n")?;
        }
        Ok(())
    }
}

struct LabelSpan {
    start: u64,
    end: u64,
    label: String,
}

/// The spans with a label, by start. `None` if any span has no place: then nothing can be tagged with certainty.
fn spans_of(record: &Record<'_>, control: &str) -> Option<Vec<LabelSpan>> {
    let mut spans = Vec::new();
    for value in record.groups.get(control).into_iter().flatten() {
        let start = offset(value, "start")?;
        let end = offset(value, "end")?;
        if let Some(label) = value.get("labels").and_then(|labels| labels[0].as_str()) {
            spans.push(LabelSpan { start, end, label: label.to_owned() });
        }
    }
    spans.sort_by_key(|span| (span.start, span.end));
    Some(spans)
}

fn offset(value: &Map<String, Value>, key: &str) -> Option<u64> {
    value.get(key)?.as_u64()
}

/// One tag per token: `B-` for the first token of a span, `I-` for the others, even if the span covers it in part.
/// Of overlapping spans the next one begins where the one before it has ended.
fn tags(tokens: &[super::tokens::Token], spans: &[LabelSpan]) -> Vec<String> {
    let mut tags = vec!["O".to_owned(); tokens.len()];
    let mut first_free = 0;
    for span in spans {
        let mut prefix = "B";
        for (n, token) in tokens.iter().enumerate().skip(first_free) {
            if token.start as u64 >= span.end {
                break;
            }
            if token.end as u64 > span.start {
                tags[n] = format!("{prefix}-{}", span.label);
                prefix = "I";
                first_free = n + 1;
            }
        }
    }
    tags
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{export_tasks, find_format};

    fn config() -> ConfigInfo {
        let mut config = ConfigInfo::default();
        config.add_object("text", "Text", "$text").add_control("ner", "Labels", "text");
        config
    }

    fn export(spans: Value) -> String {
        let result: Vec<Value> = spans
            .as_array()
            .unwrap()
            .iter()
            .map(|value| json!({"from_name": "ner", "type": "labels", "value": value}))
            .collect();
        let task = json!({
            "data": {"text": "Jane Doe can't visit New York, i.e. NYC (USA)."},
            "annotations": [{"id": 1, "result": result}],
        });
        let mut out = Vec::new();
        export_tasks(find_format("CONLL2003").unwrap(), &config(), || [&task], &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn the_documented_example() {
        let text = export(json!([
            {"start": 36, "end": 39, "labels": ["LOC", "second"]},
            {"start": 0, "end": 8, "labels": ["PER"]},
            {"start": 21, "end": 29, "labels": ["LOC"]},
            {"start": 41, "end": 44, "labels": ["LOC"]},
        ]));
        let expected = "-DOCSTART- -X- O|Jane -X- _ B-PER|Doe -X- _ I-PER|ca -X- _ O|n't -X- _ O|visit -X- _ O|\
            New -X- _ B-LOC|York -X- _ I-LOC|, -X- _ O|i.e. -X- _ O|NYC -X- _ B-LOC|( -X- _ O|USA -X- _ B-LOC|\
            ) -X- _ O|. -X- _ O||";
        assert_eq!(text, expected.replace('|', "\n"));
    }

    #[test]
    fn overlaps_follow_one_another_and_parts_of_tokens_count() {
        let text = export(json!([
            {"start": 2, "end": 7, "labels": ["A"]},
            {"start": 5, "end": 16, "labels": ["B"]},
        ]));
        let tags: Vec<_> = text.lines().skip(1).filter_map(|line| line.split(' ').nth(3)).collect();
        assert_eq!(tags[..6], ["B-A", "I-A", "B-B", "I-B", "I-B", "O"]);
    }

    #[test]
    fn one_span_without_a_place_leaves_all_untagged() {
        let text = export(json!([{"start": 0, "end": 4, "labels": ["A"]}, {"labels": ["B"]}]));
        assert!(text.lines().skip(1).all(|line| line.is_empty() || line.ends_with(" O")));
    }

    #[test]
    fn offered_for_text_with_labels() {
        assert!(is_supported(&config()));
        let mut two_keys = config();
        two_keys.add_object("img", "Image", "$image");
        assert!(!is_supported(&two_keys));
        assert!(!is_supported(&ConfigInfo::default()));
    }
}
