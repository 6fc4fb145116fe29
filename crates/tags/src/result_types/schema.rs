//! JSON Schema.

use super::model::Item;
use super::ty::{Field, Ty};
use serde_json::{Map, Value, json};

pub(super) fn print(items: &[Item]) -> Value {
    let definitions: Map<String, Value> = items
        .iter()
        .map(|item| {
            let mut schema = object(&item.fields, true);
            if let Some(map) = schema.as_object_mut() {
                map.insert("description".into(), item.doc.clone().into());
            }
            (item.type_name.clone(), schema)
        })
        .collect();
    let any: Vec<Value> =
        items.iter().map(|item| json!({"$ref": format!("#/$defs/{}", item.type_name)})).collect();
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Results of this labeling config",
        "type": "array",
        "items": {"anyOf": any},
        "$defs": definitions,
    })
}

fn object(fields: &[Field], open: bool) -> Value {
    let properties: Map<String, Value> =
        fields.iter().map(|field| (field.name.clone(), ty(&field.ty))).collect();
    let required: Vec<&str> =
        fields.iter().filter(|field| field.required).map(|field| field.name.as_str()).collect();
    let mut schema = json!({"type": "object", "properties": properties, "required": required});
    if let (false, Some(map)) = (open, schema.as_object_mut()) {
        map.insert("additionalProperties".into(), Value::Bool(false));
    }
    schema
}

fn ty(of: &Ty) -> Value {
    match of {
        Ty::Str => json!({"type": "string"}),
        Ty::Num => json!({"type": "number"}),
        Ty::Int => json!({"type": "integer"}),
        Ty::Bool => json!({"type": "boolean"}),
        Ty::Any => json!(true),
        Ty::Words(words) => match words.as_slice() {
            [one] => json!({"const": one}),
            _ => json!({"enum": words}),
        },
        Ty::Numbers(numbers) => json!({"enum": numbers}),
        Ty::Numbered { before, after } => {
            json!({"type": "string", "pattern": format!("^{}\\d+{}$", escape(before), escape(after))})
        }
        Ty::List(of) => json!({"type": "array", "items": ty(of)}),
        Ty::Pair => json!({"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 2}),
        Ty::Object { fields, open } => object(fields, *open),
        Ty::OneOf(types) => json!({"anyOf": types.iter().map(ty).collect::<Vec<_>>()}),
    }
}

/// Escape what means something in a regular expression.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if "\\^$.|?*+()[]{}/-".contains(c) {
            out.push('\\');
        }
        out.push(c);
    }
    out
}
