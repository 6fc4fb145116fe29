//! Does a task have what the label config needs (formats.md 2.2)?

use serde_json::Value;

use crate::task::type_name;
use crate::{ItemError, Location, TaskDraft, UNDEFINED_KEY};

/// JSON types as the requirements name them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JsonType {
    String,
    /// Whole numbers, and true and false, which the reference counts among them.
    Integer,
    Float,
    List,
    Object,
    Null,
}

impl JsonType {
    fn fits(self, value: &Value) -> bool {
        match self {
            Self::String => value.is_string(),
            Self::Integer => value.is_i64() || value.is_u64() || value.is_boolean(),
            Self::Float => value.is_f64(),
            Self::List => value.is_array(),
            Self::Object => value.is_object(),
            Self::Null => value.is_null(),
        }
    }

    fn words(self) -> &'static str {
        match self {
            Self::String => "text",
            Self::Integer => "a whole number",
            Self::Float => "a decimal number",
            Self::List => "a list",
            Self::Object => "an object",
            Self::Null => "null",
        }
    }
}

/// One data key that the config needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Requirement {
    /// The key without `$` and without anything from the first `[` on; dots lead into objects.
    pub key: String,
    pub allowed: Vec<JsonType>,
    /// The tag that needs it, for messages.
    pub tag: String,
}

/// The data keys that a label config needs. The default has none and accepts every task.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DataRequirements {
    /// In document order: the first one is the key of values without a key.
    pub keys: Vec<Requirement>,
}

impl DataRequirements {
    /// Adds the `value` of a tag (with or without `$`): which types it may have follows from the tag.
    ///
    /// A key with `[…]` must be a list, whatever the tag. The same key needed twice must satisfy both.
    pub fn add(&mut self, value: &str, tag: &str) -> &mut Self {
        let key = value.trim().trim_start_matches('$');
        let (root, indexed) = match key.split_once('[') {
            Some((root, _)) => (root, true),
            None => (key, false),
        };
        let allowed = if indexed { vec![JsonType::List] } else { types_of_tag(tag).to_vec() };
        self.keys.push(Requirement { key: root.to_owned(), allowed, tag: tag.to_owned() });
        self
    }

    /// The key that values without a key get.
    #[must_use]
    pub fn first_key(&self) -> Option<&str> {
        self.keys.first().map(|requirement| requirement.key.as_str())
    }

    /// Whether a file whose values have no keys (text, HTML, media) can be imported.
    #[must_use]
    pub fn accepts_values_without_key(&self) -> bool {
        self.keys.iter().all(|requirement| Some(requirement.key.as_str()) == self.first_key())
    }
}

fn types_of_tag(tag: &str) -> &'static [JsonType] {
    use JsonType::{Float, Integer, List, Null, Object, String};
    match tag.to_ascii_lowercase().as_str() {
        "text" => &[String, Integer, Float, List],
        "header" => &[String, Integer, Float],
        "image" | "paragraphs" | "chat" | "list" | "choices" | "ranker" => &[String, List],
        "table" | "timeseries" | "timeserieschannel" => &[Object, List, String],
        "taxonomy" => &[String, List, Null],
        "hypertext" => &[String],
        tag if tag.ends_with("labels") => &[String, List],
        _ => &[String],
    }
}

/// Checks the data of a task against the config, and the shape of its annotations and predictions. Empty when all is
/// well. The config itself is not consulted for results: unknown control names are accepted.
#[must_use]
pub fn validate(at: Location, draft: &TaskDraft, needs: &DataRequirements) -> Vec<ItemError> {
    let mut errors = Vec::new();
    if draft.data.is_empty() && !needs.keys.is_empty() {
        errors.push(ItemError::of_field(at, "data", "is empty", missing_fix(draft, &needs.keys[0].key)));
    } else if let Some(value) = draft.data.get(UNDEFINED_KEY) {
        check_undefined(at, value, needs, &mut errors);
    } else {
        for requirement in &needs.keys {
            check_key(at, draft, requirement, &mut errors);
        }
    }
    for (n, annotation) in draft.annotations.iter().enumerate() {
        check_annotation(at, n, annotation, &mut errors);
    }
    for (n, prediction) in draft.predictions.iter().enumerate() {
        check_prediction(at, n, prediction, &mut errors);
    }
    errors
}

fn check_undefined(at: Location, value: &Value, needs: &DataRequirements, errors: &mut Vec<ItemError>) {
    if !needs.accepts_values_without_key() {
        let keys: Vec<_> = needs.keys.iter().map(|r| format!("\"{}\"", r.key)).collect();
        errors.push(ItemError::new(
            at,
            format!("the file has values without data keys, but the label config needs {}", keys.join(", ")),
            "Import JSON or CSV with these keys",
        ));
        return;
    }
    if let Some(requirement) = needs.keys.first() {
        check_type(at, value, requirement, errors);
    }
}

fn check_key(at: Location, draft: &TaskDraft, requirement: &Requirement, errors: &mut Vec<ItemError>) {
    let key = requirement.key.as_str();
    // A key that literally contains dots wins over the path.
    let value = draft.data.get(key).or_else(|| {
        let mut steps = key.split('.');
        let root = draft.data.get(steps.next()?)?;
        steps.try_fold(root, |value, step| match value {
            Value::Array(list) => step.parse::<usize>().ok().and_then(|n| list.get(n)),
            other => other.get(step),
        })
    });
    match value {
        Some(value) => check_type(at, value, requirement, errors),
        None => {
            let field = format!("data.{key}");
            let message = format!("is missing, the {} tag needs it", requirement.tag);
            errors.push(ItemError::of_field(at, field, message, missing_fix(draft, key)));
        }
    }
}

fn check_type(at: Location, value: &Value, requirement: &Requirement, errors: &mut Vec<ItemError>) {
    if requirement.allowed.iter().any(|allowed| allowed.fits(value)) {
        return;
    }
    let allowed: Vec<_> = requirement.allowed.iter().map(|t| t.words()).collect();
    let allowed = allowed.join(" or ");
    errors.push(ItemError::of_field(
        at,
        format!("data.{}", requirement.key),
        format!("is {}, the {} tag needs {allowed}", type_name(value), requirement.tag),
        format!("Write {allowed} there"),
    ));
}

fn missing_fix(draft: &TaskDraft, key: &str) -> String {
    let closest = draft
        .data
        .keys()
        .map(|other| {
            (strsim::normalized_damerau_levenshtein(&other.to_lowercase(), &key.to_lowercase()), other)
        })
        .filter(|(similarity, _)| *similarity >= 0.6)
        .max_by(|a, b| a.0.total_cmp(&b.0));
    if let Some((_, other)) = closest {
        return format!("Rename \"{other}\" to \"{key}\", or write ${other} in the label config");
    }
    if draft.data.is_empty() {
        return format!("Add \"{key}\" to the task");
    }
    let keys: Vec<_> = draft.data.keys().take(10).map(|key| format!("\"{key}\"")).collect();
    format!("Add \"{key}\" to the task, which has {}", keys.join(", "))
}

fn check_annotation(at: Location, n: usize, annotation: &Value, errors: &mut Vec<ItemError>) {
    let field = format!("annotations[{n}]");
    if !check_item(at, &field, annotation, errors) {
        return;
    }
    match &annotation["result"] {
        Value::Array(items) => check_result_items(at, &field, items, errors),
        other => errors.push(ItemError::of_field(
            at,
            format!("{field}.result"),
            format!("must be a list, this is {}", type_name(other)),
            "Write {\"result\": [{\"from_name\": …, \"to_name\": …, \"type\": …, \"value\": {…}}]}",
        )),
    }
    let known_user = match &annotation["completed_by"] {
        Value::Null => true,
        Value::Number(id) => id.is_i64(),
        user => user["email"].is_string(),
    };
    if !known_user {
        errors.push(ItemError::of_field(
            at,
            format!("{field}.completed_by"),
            "must be a user id or an object with an e-mail",
            "Write {\"completed_by\": {\"email\": \"…\"}}, or leave it out for yourself",
        ));
    }
    for key in ["was_cancelled", "ground_truth"] {
        check_optional(at, &field, key, &annotation[key], Value::is_boolean, "true or false", errors);
    }
    check_optional(at, &field, "lead_time", &annotation["lead_time"], Value::is_number, "a number", errors);
}

fn check_optional(
    at: Location,
    field: &str,
    key: &str,
    value: &Value,
    fits: fn(&Value) -> bool,
    wanted: &str,
    errors: &mut Vec<ItemError>,
) {
    if !value.is_null() && !fits(value) {
        let message = format!("must be {wanted}, this is {}", type_name(value));
        let fix = format!("Write {wanted} without quotes, or leave it out");
        errors.push(ItemError::of_field(at, format!("{field}.{key}"), message, fix));
    }
}

fn check_prediction(at: Location, n: usize, prediction: &Value, errors: &mut Vec<ItemError>) {
    let field = format!("predictions[{n}]");
    if !check_item(at, &field, prediction, errors) {
        return;
    }
    if let Value::Array(items) = &prediction["result"] {
        check_result_items(at, &field, items, errors);
    }
}

fn check_item(at: Location, field: &str, item: &Value, errors: &mut Vec<ItemError>) -> bool {
    let Some(object) = item.as_object() else {
        let message = format!("must be an object, this is {}", type_name(item));
        errors.push(ItemError::of_field(at, field, message, "Write {\"result\": […]}"));
        return false;
    };
    if !object.contains_key("result") {
        errors.push(ItemError::of_field(
            at,
            format!("{field}.result"),
            "is missing",
            "Add \"result\": […]; an empty list means nothing was found",
        ));
        return false;
    }
    true
}

fn check_result_items(at: Location, field: &str, items: &[Value], errors: &mut Vec<ItemError>) {
    for (n, item) in items.iter().enumerate().filter(|(_, item)| !item.is_object() && !item.is_null()) {
        let message = format!("must be an object, this is {}", type_name(item));
        let fix = "Write {\"from_name\": …, \"to_name\": …, \"type\": …, \"value\": {…}}";
        errors.push(ItemError::of_field(at, format!("{field}.result[{n}]"), message, fix));
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn messages(data: Value, needs: &DataRequirements) -> Vec<String> {
        let Value::Object(data) = data else { panic!("data is an object") };
        validate(Location::item(4), &TaskDraft::from_data(data), needs)
            .iter()
            .map(ToString::to_string)
            .collect()
    }

    fn needs(keys: &[(&str, &str)]) -> DataRequirements {
        let mut needs = DataRequirements::default();
        for (key, tag) in keys {
            needs.add(key, tag);
        }
        needs
    }

    #[test]
    fn missing_keys_name_the_likely_typo() {
        let found = messages(json!({"txet": "a", "id": 1}), &needs(&[("$text", "Text")]));
        assert_eq!(
            found,
            [
                "task 4, data.text: is missing, the Text tag needs it. Rename \"txet\" to \"text\", or write $txet in the label config"
            ]
        );
        let found = messages(json!({"a": "a"}), &needs(&[("$image", "Image")]));
        assert_eq!(
            found,
            [
                "task 4, data.image: is missing, the Image tag needs it. Add \"image\" to the task, which has \"a\""
            ]
        );
    }

    #[test]
    fn types_follow_the_tag() {
        for (tag, good, bad) in [
            ("Text", json!(1.5), json!({})),
            ("Header", json!(3), json!([])),
            ("HyperText", json!("<p>"), json!(1)),
            ("Image", json!(["a"]), json!(null)),
            ("TimeSeries", json!({"t": []}), json!(1)),
            ("Taxonomy", json!(null), json!({})),
            ("BrushLabels", json!(["a"]), json!(1)),
            ("Mystery", json!("a"), json!(["a"])),
        ] {
            let needs = needs(&[("$k", tag)]);
            assert_eq!(messages(json!({"k": good}), &needs), Vec::<String>::new(), "{tag}");
            assert_eq!(messages(json!({"k": bad}), &needs).len(), 1, "{tag}");
        }
    }

    #[test]
    fn dotted_and_indexed_keys_are_walked() {
        let needs = needs(&[("$page.body", "Text"), ("$images[0].url", "Image")]);
        assert!(messages(json!({"page": {"body": "x"}, "images": [{"url": "u"}]}), &needs).is_empty());
        assert!(messages(json!({"page.body": "x", "images": []}), &needs).is_empty());
        assert_eq!(messages(json!({"page": {}, "images": "u"}), &needs).len(), 2);
    }

    #[test]
    fn values_without_a_key_need_a_config_with_one_key() {
        let draft = TaskDraft::undefined("line");
        let one = needs(&[("$text", "Text"), ("$text", "Header")]);
        assert!(validate(Location::default(), &draft, &one).is_empty());
        let two = needs(&[("$text", "Text"), ("$image", "Image")]);
        assert_eq!(validate(Location::default(), &draft, &two).len(), 1);
        assert!(validate(Location::default(), &draft, &DataRequirements::default()).is_empty());
    }

    #[test]
    fn annotations_and_predictions_need_results() {
        let draft = TaskDraft {
            annotations: vec![
                json!({"result": []}),
                json!({}),
                json!({"result": {}}),
                json!("x"),
                json!({"result": [1, null], "completed_by": "me", "was_cancelled": "yes"}),
            ],
            predictions: vec![json!({"result": "cat"}), json!({"score": 1}), json!([])],
            ..TaskDraft::default()
        };
        let fields: Vec<_> = validate(Location::default(), &draft, &DataRequirements::default())
            .into_iter()
            .filter_map(|error| error.field)
            .collect();
        assert_eq!(
            fields,
            [
                "annotations[1].result",
                "annotations[2].result",
                "annotations[3]",
                "annotations[4].result[0]",
                "annotations[4].completed_by",
                "annotations[4].was_cancelled",
                "predictions[1].result",
                "predictions[2]",
            ]
        );
    }
}
