//! TypeScript.

use super::model::Item;
use super::ty::{Field, Ty};
use std::fmt::Write as _;

pub(super) fn print(items: &[Item]) -> String {
    let mut out = String::from("// Results of this labeling config. Generated; do not edit.\n");
    for item in items {
        // Writing to a String cannot fail.
        let _ = write!(
            out,
            "\n/** {} */\nexport interface {} ",
            item.doc.replace("*/", "*\u{200b}/"),
            item.type_name
        );
        fields(&item.fields, false, 0, &mut out);
        out.push('\n');
    }
    let names: Vec<&str> = items.iter().map(|item| item.type_name.as_str()).collect();
    let _ = write!(out, "\nexport type Result = {};\nexport type Results = Result[];\n", names.join(" | "));
    out
}

fn fields(list: &[Field], open: bool, depth: usize, out: &mut String) {
    let indent = "  ".repeat(depth + 1);
    out.push_str("{\n");
    for field in list {
        let mark = if field.required { "" } else { "?" };
        let _ = write!(out, "{indent}{}{mark}: ", key(&field.name));
        ty(&field.ty, depth + 1, out);
        out.push_str(";\n");
    }
    if open {
        let _ = writeln!(out, "{indent}[key: string]: unknown;");
    }
    let _ = write!(out, "{}}}", "  ".repeat(depth));
}

fn ty(of: &Ty, depth: usize, out: &mut String) {
    match of {
        Ty::Str => out.push_str("string"),
        Ty::Num | Ty::Int => out.push_str("number"),
        Ty::Bool => out.push_str("boolean"),
        Ty::Any => out.push_str("unknown"),
        Ty::Words(words) => {
            out.push_str(&words.iter().map(|word| quote(word)).collect::<Vec<_>>().join(" | "))
        }
        Ty::Numbers(numbers) => {
            out.push_str(&numbers.iter().map(u32::to_string).collect::<Vec<_>>().join(" | "))
        }
        Ty::Numbered { before, after } => {
            let _ = write!(out, "`{}${{number}}{}`", template(before), template(after));
        }
        Ty::Pair => out.push_str("[number, number]"),
        Ty::List(of) => {
            let union = matches!(&**of, Ty::Words(words) if words.len() > 1) || matches!(&**of, Ty::OneOf(_));
            out.push_str(if union { "(" } else { "" });
            ty(of, depth, out);
            out.push_str(if union { ")[]" } else { "[]" });
        }
        Ty::Object { fields: list, open } => fields(list, *open, depth, out),
        Ty::OneOf(types) => {
            for (index, of) in types.iter().enumerate() {
                out.push_str(if index > 0 { " | " } else { "" });
                ty(of, depth, out);
            }
        }
    }
}

fn key(name: &str) -> String {
    let plain = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if plain { name.to_owned() } else { quote(name) }
}

/// A JSON string is a TypeScript string.
fn quote(text: &str) -> String {
    serde_json::Value::String(text.to_owned()).to_string()
}

fn template(text: &str) -> String {
    text.replace('\\', "\\\\").replace('`', "\\`").replace('$', "\\$")
}
