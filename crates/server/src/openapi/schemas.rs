//! The objects that answers hold, in the short notation of [`super::words`].

use serde_json::{Map, Value, json};

/// Name, what it is, fields.
const SCHEMAS: &[(&str, &str, &str)] = &[
    ("Health", "How the server is.", "status database media"),
    (
        "Version",
        "Versions of the API and of the program.",
        "release edition label-studio-os-package:object tagloom:object",
    ),
    ("Token", "A token.", "token"),
    ("TokenSettings", "Kinds of tokens that work.", "api_tokens_enabled:bool legacy_api_tokens_enabled:bool"),
    (
        "User",
        "A person.",
        "id:int email username first_name last_name phone initials avatar last_activity:time date_joined:time active_organization:int",
    ),
    ("Organization", "All who work together.", "id:int title created_at:time"),
    ("Membership", "A person in an organization.", "id:int organization:int user:object"),
    (
        "Project",
        "Tasks with a label config.",
        "id:int title description label_config organization:int created_at:time created_by:object maximum_annotations:int sampling task_number:int finished_task_number:int total_annotations_number:int total_predictions_number:int num_tasks_with_annotations:int skipped_annotations_number:int ground_truth_number:int parsed_label_config:object pinned_at:time",
    ),
    (
        "Task",
        "What is to be labeled.",
        "id:int project:int inner_id:int data:object meta:object is_labeled:bool overlap:int total_annotations:int cancelled_annotations:int total_predictions:int annotations:list predictions:list drafts:list created_at:time updated_at:time",
    ),
    (
        "Annotation",
        "What a person has said of a task.",
        "id:int task:int project:int result:list completed_by:int was_cancelled:bool ground_truth:bool lead_time:num created_at:time updated_at:time parent_prediction:int parent_annotation:int",
    ),
    (
        "Draft",
        "An annotation that is not submitted.",
        "id:int task:int annotation:int user result:list lead_time:num was_postponed:bool created_at:time updated_at:time",
    ),
    (
        "Prediction",
        "What a model has said of a task.",
        "id:int task:int project:int result:list score:num model_version created_at:time updated_at:time",
    ),
    (
        "Import",
        "What an import has made.",
        "task_count:int annotation_count:int prediction_count:int duration:num file_upload_ids:list could_be_tasks_list:bool found_formats:any data_columns:list task_ids:list",
    ),
    ("FileUpload", "An uploaded file.", "id:int file size:int"),
    (
        "Snapshot",
        "An export that is kept.",
        "id:int title status md5 created_at:time finished_at:time created_by:object counters:object converted_formats:list",
    ),
    ("View", "A tab of the task table.", "id:int data:object order:int user:int project:int"),
    (
        "Storage",
        "Where files come from or annotations go to.",
        "id:int type title description project:int status last_sync:time last_sync_count:int traceback synchronizable:bool bucket prefix regex_filter use_blob_urls:bool meta:object created_at:time",
    ),
    (
        "Webhook",
        "An address that is told of events.",
        "id:int organization:int project:int url send_payload:bool send_for_all_actions:bool headers:object is_active:bool actions:list created_at:time updated_at:time",
    ),
    (
        "Job",
        "Long work.",
        "id:int kind project:int created_by:int state done:int total:int message result:any error error_count:int cancel_requested:bool resumable:bool request_id created_at:time started_at:time finished_at:time updated_at:time",
    ),
    ("Any", "Whatever fits; the text of the call says more.", ""),
];

/// Fields that may be null: everything that is not there for every object.
const NEVER_NULL: &[&str] = &["id", "status", "state", "kind", "title", "data", "result"];

/// The schema of a field: `int`, `num`, `bool`, `list`, `object`, `time`, `any`, `file`; text without a word.
pub fn of_type(kind: &str) -> Value {
    match kind {
        "int" => json!({"type": "integer"}),
        "num" => json!({"type": "number"}),
        "bool" => json!({"type": "boolean"}),
        "list" => json!({"type": "array", "items": {}}),
        "object" => json!({"type": "object", "additionalProperties": true}),
        "time" => json!({"type": "string", "format": "date-time"}),
        "file" => json!({"type": "string", "format": "binary"}),
        "any" => json!({}),
        _ => json!({"type": "string"}),
    }
}

/// Names with their types.
pub fn fields(list: &'static str) -> impl Iterator<Item = (&'static str, &'static str)> {
    list.split_whitespace().map(|word| word.split_once(':').unwrap_or((word, "")))
}

/// An object of such fields.
pub fn object(list: &'static str) -> Value {
    let properties: Map<String, Value> =
        fields(list).map(|(name, kind)| (name.to_owned(), of_type(kind))).collect();
    json!({"type": "object", "properties": properties})
}

pub fn all() -> Map<String, Value> {
    let mut out = Map::new();
    for (name, description, list) in SCHEMAS {
        let schema = if list.is_empty() {
            json!({"description": description})
        } else {
            let mut schema = object(list);
            for (field, schema) in schema["properties"].as_object_mut().into_iter().flatten() {
                if schema.get("type").is_some() && !NEVER_NULL.contains(&field.as_str()) {
                    schema["nullable"] = true.into();
                }
            }
            schema["description"] = (*description).into();
            schema
        };
        out.insert((*name).to_owned(), schema);
    }
    out.insert("Error".into(), error());
    out
}

fn error() -> Value {
    json!({
        "type": "object",
        "description": "What went wrong. `validation_errors` is there where fields were refused.",
        "required": ["id", "status_code", "version", "detail"],
        "properties": {
            "id": {"type": "string", "format": "uuid", "description": "To be found in the server's log."},
            "status_code": {"type": "integer"},
            "version": {"type": "string"},
            "detail": {"type": "string"},
            "exc_info": {"type": "string", "nullable": true},
            "validation_errors": {
                "type": "object",
                "additionalProperties": {"type": "array", "items": {"type": "string"}},
            },
        },
    })
}
