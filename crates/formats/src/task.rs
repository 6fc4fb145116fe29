//! A task as it comes out of a file, before it has ids.

use serde_json::{Map, Value};

use crate::{ItemError, Location};

/// Data key of values that come without one (lines of a text file, whole files). It stands for the first data key of
/// the label config and is replaced when the task is read.
pub const UNDEFINED_KEY: &str = "$undefined$";

/// What an import keeps of a task (formats.md 2.3). Ids, dates, drafts and reviews are not kept.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TaskDraft {
    pub data: Map<String, Value>,
    /// Object or list.
    pub meta: Option<Value>,
    /// As written; see [`AnnotationDraft`] for what counts in them.
    pub annotations: Vec<Value>,
    /// As written; see [`PredictionDraft`].
    pub predictions: Vec<Value>,
    pub allow_skip: Option<bool>,
}

impl TaskDraft {
    /// A task with nothing but data.
    #[must_use]
    pub fn from_data(data: Map<String, Value>) -> Self {
        Self { data, ..Self::default() }
    }

    /// A task with one value whose key the config decides.
    #[must_use]
    pub fn undefined(value: impl Into<Value>) -> Self {
        Self::from_data([(UNDEFINED_KEY.to_owned(), value.into())].into_iter().collect())
    }

    /// Gives the value without a key the key `first_data_key`, in its place among the others.
    pub fn rename_undefined(&mut self, first_data_key: &str) {
        if !self.data.contains_key(UNDEFINED_KEY) || self.data.contains_key(first_data_key) {
            return;
        }
        self.data = std::mem::take(&mut self.data)
            .into_iter()
            .map(
                |(key, value)| {
                    if key == UNDEFINED_KEY { (first_data_key.to_owned(), value) } else { (key, value) }
                },
            )
            .collect();
    }

    /// Makes a task of a JSON element.
    ///
    /// An element whose `data` is an object is a structured task. One whose `data` is missing or empty is itself the
    /// data. `data_may_be_scalar` says what a `data` of another type means: a plain column of that name (request
    /// bodies), or a mistake (files).
    pub(crate) fn from_element(
        at: Location,
        element: Value,
        data_may_be_scalar: bool,
    ) -> Result<Self, Vec<ItemError>> {
        let Value::Object(mut element) = element else {
            return Err(vec![ItemError::new(
                at,
                format!("a task must be an object, this is {}", type_name(&element)),
                "Write each task as {\"data\": {…}} or as an object of data keys",
            )]);
        };
        let structured = match element.get("data") {
            None => false,
            Some(data) if is_empty(data) => false,
            Some(Value::Object(_)) => true,
            Some(Value::Array(_)) => return Err(vec![data_not_object(at, "a list")]),
            Some(_) if data_may_be_scalar => false,
            Some(data) => return Err(vec![data_not_object(at, type_name(data))]),
        };
        if !structured {
            return Ok(Self::from_data(element));
        }
        let mut errors = Vec::new();
        let annotations_key = if element.contains_key("annotations") { "annotations" } else { "completions" };
        let mut draft = Self {
            annotations: take_list(at, &mut element, annotations_key, &mut errors),
            predictions: take_list(at, &mut element, "predictions", &mut errors),
            ..Self::default()
        };
        draft.meta = match element.shift_remove("meta") {
            None | Some(Value::Null) => None,
            Some(meta @ (Value::Object(_) | Value::Array(_))) => Some(meta),
            Some(other) => {
                let message = format!("must be an object or a list, this is {}", type_name(&other));
                errors.push(ItemError::of_field(at, "meta", message, "Write {\"meta\": {\"note\": …}}"));
                None
            }
        };
        draft.allow_skip = match element.shift_remove("allow_skip") {
            None | Some(Value::Null) => None,
            Some(Value::Bool(allow)) => Some(allow),
            Some(other) => {
                let message = format!("must be true or false, this is {}", type_name(&other));
                errors.push(ItemError::of_field(
                    at,
                    "allow_skip",
                    message,
                    "Write true or false without quotes",
                ));
                None
            }
        };
        if let Some(Value::Object(data)) = element.shift_remove("data") {
            draft.data = data;
        }
        if errors.is_empty() { Ok(draft) } else { Err(errors) }
    }
}

fn data_not_object(at: Location, found: &str) -> ItemError {
    let fix = "Write {\"data\": {\"text\": \"…\"}}, with the data keys of the label config";
    ItemError::of_field(at, "data", format!("must be an object, this is {found}"), fix)
}

fn take_list(
    at: Location,
    from: &mut Map<String, Value>,
    key: &str,
    errors: &mut Vec<ItemError>,
) -> Vec<Value> {
    match from.shift_remove(key) {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::Array(list)) => list,
        Some(other) => {
            let message = format!("must be a list, this is {}", type_name(&other));
            errors.push(ItemError::of_field(
                at,
                key,
                message,
                format!("Write {{\"{key}\": [{{\"result\": […]}}]}}"),
            ));
            Vec::new()
        }
    }
}

/// What Python calls false: the reference wraps an element whose `data` is any of these.
fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::Bool(true) => false,
        Value::Number(number) => number.as_f64() == Some(0.0),
        Value::String(text) => text.is_empty(),
        Value::Array(list) => list.is_empty(),
        Value::Object(object) => object.is_empty(),
    }
}

/// A JSON type in words, with its article.
pub(crate) fn type_name(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(number) if number.is_f64() => "a decimal number",
        Value::Number(_) => "a whole number",
        Value::String(_) => "text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

/// Who made an imported annotation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CompletedBy {
    /// Not said: the person who imports.
    Importer,
    /// Id of a member of the organization.
    Id(i64),
    /// E-mail of a member.
    Email(String),
}

impl CompletedBy {
    /// Reads it from an entry of [`TaskDraft::annotations`].
    #[must_use]
    pub fn of(annotation: &Value) -> Self {
        match &annotation["completed_by"] {
            Value::Number(id) => id.as_i64().map_or(Self::Importer, Self::Id),
            Value::Object(user) => match user.get("email") {
                Some(Value::String(email)) => Self::Email(email.clone()),
                _ => Self::Importer,
            },
            _ => Self::Importer,
        }
    }
}

/// The parts of an imported annotation that are kept, with the defaults of an import.
#[derive(Clone, Debug, PartialEq)]
pub struct AnnotationDraft {
    pub result: Vec<Value>,
    pub completed_by: CompletedBy,
    /// True unless the import says otherwise.
    pub ground_truth: bool,
    pub was_cancelled: bool,
    pub lead_time: Option<f64>,
    /// The `id` it had where it comes from.
    pub import_id: Option<i64>,
}

impl AnnotationDraft {
    /// Reads an entry of [`TaskDraft::annotations`] that passed [`validate`](crate::validate). Wrong types, which
    /// validation reports, give the defaults.
    #[must_use]
    pub fn from_value(annotation: &Value) -> Self {
        let completed_by = CompletedBy::of(annotation);
        Self {
            result: annotation["result"].as_array().cloned().unwrap_or_default(),
            completed_by,
            ground_truth: annotation["ground_truth"].as_bool().unwrap_or(true),
            was_cancelled: annotation["was_cancelled"].as_bool().unwrap_or(false),
            lead_time: annotation["lead_time"].as_f64(),
            import_id: annotation["id"].as_i64(),
        }
    }
}

/// The parts of an imported prediction that are kept.
#[derive(Clone, Debug, PartialEq)]
pub struct PredictionDraft {
    /// List, object or bare value, as written.
    pub result: Value,
    /// Numbers and texts that are numbers; anything else is no score.
    pub score: Option<f64>,
    /// `undefined` when the prediction names none.
    pub model_version: String,
}

impl PredictionDraft {
    /// Reads an entry of [`TaskDraft::predictions`].
    #[must_use]
    pub fn from_value(prediction: &Value) -> Self {
        let score = match &prediction["score"] {
            Value::Number(score) => score.as_f64(),
            Value::String(score) => score.trim().parse().ok().filter(|score: &f64| score.is_finite()),
            _ => None,
        };
        Self { result: prediction["result"].clone(), score, model_version: Self::version_of(prediction) }
    }

    /// The `model_version` alone.
    #[must_use]
    pub fn version_of(prediction: &Value) -> String {
        match &prediction["model_version"] {
            Value::String(version) => version.clone(),
            Value::Number(version) => version.to_string(),
            _ => "undefined".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn element(value: Value) -> Result<TaskDraft, Vec<ItemError>> {
        TaskDraft::from_element(Location::item(0), value, false)
    }

    #[test]
    fn elements_without_data_are_the_data() {
        assert_eq!(Value::Object(element(json!({"text": "a"})).unwrap().data), json!({"text": "a"}));
        let empty = element(json!({"data": {}, "id": 3})).unwrap();
        assert_eq!(Value::Object(empty.data), json!({"data": {}, "id": 3}));
    }

    #[test]
    fn structured_tasks_keep_what_an_import_keeps() {
        let draft = element(json!({
            "id": 9, "created_at": "x", "data": {"t": 1}, "meta": {"m": 1}, "allow_skip": false,
            "completions": [{"result": []}], "predictions": null, "drafts": [1],
        }))
        .unwrap();
        assert_eq!(draft.annotations, [json!({"result": []})]);
        assert_eq!(
            (draft.meta, draft.allow_skip, draft.predictions),
            (Some(json!({"m": 1})), Some(false), vec![])
        );
    }

    #[test]
    fn wrong_shapes_are_all_named() {
        let errors =
            element(json!({"data": {"t": 1}, "annotations": {}, "predictions": 1, "meta": "m"})).unwrap_err();
        let fields: Vec<_> = errors.iter().filter_map(|e| e.field.as_deref()).collect();
        assert_eq!(fields, ["annotations", "predictions", "meta"]);
        assert!(element(json!({"data": "text"})).is_err());
        assert!(element(json!({"data": [1]})).is_err());
        assert!(element(json!([1])).is_err());
        assert!(TaskDraft::from_element(Location::default(), json!({"data": "text"}), true).is_ok());
    }

    #[test]
    fn the_undefined_key_takes_the_config_key_in_place() {
        let mut draft = TaskDraft::undefined("line");
        draft.data.insert("other".into(), json!(1));
        draft.rename_undefined("text");
        assert_eq!(Value::Object(draft.data).to_string(), r#"{"text":"line","other":1}"#);
    }

    #[test]
    fn drafts_have_the_defaults_of_an_import() {
        let annotation =
            AnnotationDraft::from_value(&json!({"result": [1], "id": 7, "completed_by": {"email": "a@b"}}));
        assert!(annotation.ground_truth && !annotation.was_cancelled);
        assert_eq!(annotation.import_id, Some(7));
        assert_eq!(annotation.completed_by, CompletedBy::Email("a@b".into()));
        let prediction = PredictionDraft::from_value(&json!({"result": "cat", "score": "0.5"}));
        assert_eq!((prediction.score, prediction.model_version.as_str()), (Some(0.5), "undefined"));
        assert_eq!(PredictionDraft::from_value(&json!({"result": 1, "score": {}})).score, None);
    }
}
