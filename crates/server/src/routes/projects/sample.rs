//! A task made up for a config, on wish with an annotation and a prediction that fit it.

use super::find;
use crate::auth::Caller;
use crate::error::{ApiError, ApiResult};
use crate::routes::extract::{Fields, Path};
use crate::state::AppState;
use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use serde_json::{Value, json};
use tagloom_tags::{Config, Node, Tree, sample_task as task_for, validate_for_save};

#[derive(Debug, Deserialize)]
pub struct SampleBody {
    #[serde(default)]
    label_config: String,
    #[serde(default)]
    include_annotation_and_prediction: bool,
}

pub async fn sample_task(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<i64>,
    Fields(body): Fields<SampleBody>,
) -> ApiResult<Json<Value>> {
    find(&state, &caller, id).await?;
    if body.label_config.trim().is_empty() {
        return Err(ApiError::field("label_config", "This field is required."));
    }
    let config = Config::new(&body.label_config);
    validate_for_save(&config).map_err(|p| ApiError::fields([("label_config", p)]))?;
    let mut task = task_for(&config);
    if body.include_annotation_and_prediction {
        let given = |key: &str, task: &Value| task[key].as_array().is_some_and(|list| !list.is_empty());
        let tree = config.instantiate(&task["data"]);
        if !given("annotations", &task) {
            task["annotations"] = json!([{
                "was_cancelled": false, "ground_truth": false, "completed_by": caller.id(), "lead_time": 0.0,
                "result": regions(&tree, 0),
            }]);
        }
        if !given("predictions", &task) {
            task["predictions"] = json!([{
                "model_version": "sample model version", "score": 0.95, "result": regions(&tree, 1),
            }]);
        }
    }
    Ok(Json(json!({ "sample_task": task })))
}

/// One region for every control that can be answered without knowing the data; `turn` picks among labels.
fn regions(tree: &Tree, turn: usize) -> Vec<Value> {
    let mut out = Vec::new();
    for control in tree.controls().filter(|c| c.kind != "filter" && !c.bool("perRegion")) {
        let (Some(name), Some(object)) = (&control.name, control.to_names.first()) else { continue };
        let Some(value) = value(tree, control, turn) else { continue };
        let mut region = json!({
            "id": uuid::Uuid::new_v4().to_string(), "from_name": name, "to_name": object, "type": control.kind,
            "value": value,
        });
        if is_on_image(&control.kind) {
            region["original_width"] = 640.into();
            region["original_height"] = 480.into();
            region["image_rotation"] = 0.into();
        }
        out.push(region);
    }
    out
}

fn is_on_image(kind: &str) -> bool {
    ["rectangle", "ellipse", "polygon", "keypoint"]
        .iter()
        .any(|shape| kind.strip_suffix("labels").unwrap_or(kind) == *shape)
}

fn value(tree: &Tree, control: &Node, turn: usize) -> Option<Value> {
    let labels = tree.labels_of(control.id);
    let label = || (!labels.is_empty()).then(|| &labels[turn % labels.len()]);
    let kind = control.kind.as_str();
    let shape = match kind.strip_suffix("labels").filter(|shape| !shape.is_empty()).unwrap_or(kind) {
        "choices" => return Some(json!({"choices": [label()?.stored]})),
        "taxonomy" => return Some(json!({"taxonomy": [label()?.path]})),
        "rating" => {
            return Some(
                json!({"rating": control.number("maxRating").unwrap_or(5.0).clamp(1.0, 3.0) as i64}),
            );
        }
        "number" => {
            let low = control.number("min").unwrap_or(0.0);
            return Some(json!({"number": control.number("max").map_or(low, |high| low.min(high))}));
        }
        "datetime" => return Some(json!({"datetime": "2026-01-31"})),
        "textarea" => return Some(json!({"text": ["A sample text"]})),
        "pairwise" => {
            return Some(json!({"selected": if turn.is_multiple_of(2) { "left" } else { "right" }}));
        }
        "rectangle" => json!({"x": 10.0, "y": 10.0, "width": 40.0, "height": 30.0, "rotation": 0}),
        "ellipse" => json!({"x": 40.0, "y": 40.0, "radiusX": 20.0, "radiusY": 10.0, "rotation": 0}),
        "polygon" => json!({"points": [[10.0, 10.0], [60.0, 15.0], [40.0, 60.0]], "closed": true}),
        "keypoint" => json!({"x": 30.0, "y": 30.0, "width": 0.5}),
        "timeseries" => json!({"start": 10, "end": 20, "instant": false}),
        "labels" => {
            let object = tree.objects_of(control).next()?;
            match object.kind_name() {
                "Text" => {
                    let text: String = object.value.as_str()?.chars().take(4).collect();
                    json!({"start": 0, "end": text.chars().count(), "text": text})
                }
                "Audio" => json!({"start": 0.5, "end": 1.5, "channel": 0}),
                _ => return None,
            }
        }
        _ => return None,
    };
    let mut value = shape;
    if kind.ends_with("labels") {
        value[kind] = json!([label()?.stored]);
    }
    Some(value)
}
