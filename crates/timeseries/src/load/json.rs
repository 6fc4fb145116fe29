//! Objects of arrays: `{"time": [...], "column": [...]}`.

use serde_json::Value;

use super::error::{LoadError, Notice, Place};
use super::number::Cell;
use super::separator::shorten;
use super::times::TimeReader;
use super::{LoadOptions, Loaded};
use crate::columns::{Column, Columns, resolve, suggestion};

/// Loads an object of arrays. Keys are matched as written first and in any case after that.
pub fn load_json(value: &Value, options: &LoadOptions) -> Result<Loaded, LoadError> {
    let object = match value {
        Value::Object(object) => object,
        Value::Null => return Err(LoadError::NotColumns { got: "null" }),
        Value::Array(_) => return Err(LoadError::NotColumns { got: "an array" }),
        Value::String(_) => return Err(LoadError::NotColumns { got: "a text" }),
        Value::Bool(_) | Value::Number(_) => return Err(LoadError::NotColumns { got: "a single value" }),
    };
    let (header, arrays): (Vec<String>, Vec<&[Value]>) =
        object.iter().filter_map(|(key, value)| Some((key.clone(), value.as_array()?.as_slice()))).unzip();
    if header.is_empty() {
        return Err(LoadError::NotColumns { got: "an object without arrays" });
    }
    let mut notices = Vec::new();

    let wanted_time = options.time.column.trim().to_lowercase();
    let time = if wanted_time.is_empty() {
        None
    } else {
        let by_name = |name: &String| name.to_lowercase() == wanted_time;
        let exact = header.iter().position(|name| *name == wanted_time);
        match exact.or_else(|| header.iter().position(by_name)) {
            Some(found) => Some(found),
            None => {
                let suggestion = suggestion(&header, &wanted_time);
                return Err(LoadError::TimeColumnAbsent {
                    wanted: options.time.column.clone(),
                    header,
                    suggestion,
                });
            }
        }
    };
    let mut chosen = Vec::new();
    for wanted in &options.columns {
        match resolve(&header, wanted) {
            Some(field) if chosen.contains(&field) => {}
            Some(field) => chosen.push(field),
            None => notices.push(Notice::ColumnAbsent {
                wanted: wanted.clone(),
                suggestion: suggestion(&header, wanted),
                header: header.clone(),
            }),
        }
    }
    if options.columns.is_empty() {
        chosen = (0..header.len()).filter(|field| Some(*field) != time).collect();
    }

    let rows = match time {
        Some(time) => arrays[time].len(),
        None => chosen.iter().map(|field| arrays[*field].len()).max().unwrap_or(0),
    };
    let mut times = TimeReader::new(time.map(|field| header[field].as_str()), options)?;
    times.reserve(rows);
    // Rows that are left out because of their time are left out of every column.
    let mut kept: Vec<u32> = Vec::with_capacity(rows);
    let time_values = time.map_or(&[][..], |field| arrays[field]);
    for row in 0..rows {
        let text = time_values.get(row).map(plain).unwrap_or_default();
        if times.push(text.as_bytes(), Place::Item(row as u64 + 1))? {
            kept.push(row as u32);
        }
    }
    let (axis, order, codec) = times.finish(options, &mut notices)?;
    match kept.len() {
        0 => return Err(LoadError::NoRows { header }),
        1 => notices.push(Notice::SingleRow),
        _ => {}
    }
    if let Some(order) = order {
        kept = order.iter().map(|i| kept[*i as usize]).collect();
    }
    let columns = chosen
        .into_iter()
        .map(|field| {
            let name = header[field].clone();
            if arrays[field].len() != rows {
                let len = arrays[field].len();
                notices.push(Notice::LengthDiffers { column: name.clone(), len, expected: rows });
            }
            let values = numbers(&name, arrays[field], &kept, &mut notices);
            Column::new(name, field).filled(values)
        })
        .collect();
    Ok(Loaded { columns: Columns { axis, columns, header }, codec, notices })
}

/// The text of a time: numbers in their shortest form, so that `%Q` and `%s` read them.
fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

fn numbers(column: &str, array: &[Value], kept: &[u32], notices: &mut Vec<Notice>) -> Vec<f64> {
    let mut texts: Option<(u64, String, Place)> = None;
    let values = kept
        .iter()
        .map(|row| {
            let value = array.get(*row as usize).unwrap_or(&Value::Null);
            let cell = match value {
                Value::Number(number) => number.as_f64().map_or(Cell::Missing, Cell::Number),
                Value::Null => Cell::Missing,
                Value::Bool(flag) => Cell::Number(f64::from(u8::from(*flag))),
                Value::String(text) => Cell::read(text.as_bytes()),
                Value::Array(_) | Value::Object(_) => Cell::Text,
            };
            match cell {
                Cell::Number(value) => value,
                Cell::Missing => f64::NAN,
                Cell::Text => {
                    let first = texts
                        .get_or_insert_with(|| (0, shorten(&plain(value)), Place::Item(u64::from(*row) + 1)));
                    first.0 += 1;
                    f64::NAN
                }
            }
        })
        .collect();
    if let Some((count, text, place)) = texts {
        notices.push(Notice::TextInNumbers { column: column.to_owned(), count, text, place });
    }
    values
}
