//! Values that a control must not be submitted with (tags.md 3.3): too many choices, numbers off their grid, dates out
//! of range, too many taxonomy items.

use crate::node::Node;
use serde_json::Value;

/// Why `value`, the control's own part of a result value (`["Yes"]`, `42`, `"2024-01-01"`), cannot be submitted.
/// `None` when it can, and for controls without rules. Emptiness is the business of [`crate::first_missing`].
pub fn value_problem(control: &Node, value: &Value) -> Option<String> {
    let name = control.name.as_deref().unwrap_or(&control.tag);
    match control.kind_name() {
        "Choices" => choices(control, name, value),
        "Number" => number(control, name, value.as_f64()?),
        "DateTime" => date(control, name, value.as_str()?),
        "Taxonomy" => {
            let most = control.number("maxUsages").filter(|most| *most > 0.0)?;
            let count = value.as_array().map_or(0, Vec::len);
            (count as f64 > most).then(|| format!("\"{name}\" takes at most {most} items."))
        }
        _ => None,
    }
}

/// Nested choices count by their topmost element, since a path and its parents are one choice.
fn choices(control: &Node, name: &str, value: &Value) -> Option<String> {
    if control.one_of("choice") == "multiple" {
        return None;
    }
    let mut tops: Vec<&str> = Vec::new();
    for choice in value.as_array()? {
        let top = choice.as_array().and_then(|path| path.first()).unwrap_or(choice).as_str()?;
        if !tops.contains(&top) {
            tops.push(top);
        }
    }
    (tops.len() > 1).then(|| format!("\"{name}\" takes only one choice."))
}

fn number(control: &Node, name: &str, value: f64) -> Option<String> {
    let bound = |attribute: &str| control.raw(attribute).and_then(crate::node::leading_number);
    if let Some(min) = bound("min").filter(|min| value < *min) {
        return Some(format!("\"{name}\" must be at least {min}."));
    }
    if let Some(max) = bound("max").filter(|max| value > *max) {
        return Some(format!("\"{name}\" must be at most {max}."));
    }
    let step = bound("step").filter(|step| *step > 0.0)?;
    let base = bound("min").unwrap_or(0.0);
    let steps = (value - base) / step;
    let off = (steps - steps.round()).abs() * step;
    (off > 1e-8).then(|| format!("\"{name}\" must be {base} plus a multiple of {step}."))
}

/// ISO texts compare as texts; with `only="year"` the first four digits do.
fn date(control: &Node, name: &str, value: &str) -> Option<String> {
    let year_only = control.list("only").contains(&"year");
    let cut = |text: &str| if year_only { text.chars().take(4).collect() } else { text.to_owned() };
    let value = cut(value);
    let limit = |attribute: &str| {
        control.raw(attribute).map(str::trim).filter(|text| !text.is_empty() && *text != "current")
    };
    if let Some(min) = limit("min").filter(|min| value < cut(min)) {
        return Some(format!("\"{name}\" must not be before {min}."));
    }
    // A date alone includes its whole day: 2024-01-31T10:00 is not after 2024-01-31.
    let after = |max: &str| value > cut(max) && !value.starts_with(max);
    limit("max").filter(|max| after(max)).map(|max| format!("\"{name}\" must not be after {max}."))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Config;
    use serde_json::json;

    fn problem(tag: &str, value: Value) -> Option<String> {
        let config = Config::new(&format!("<View><Text name='t' value='x'/>{tag}</View>"));
        value_problem(config.template().by_name("c").unwrap(), &value)
    }

    #[test]
    fn one_choice() {
        let single = "<Choices name='c' toName='t'><Choice value='A'/></Choices>";
        assert_eq!(problem(single, json!(["A"])), None);
        assert!(problem(single, json!(["A", "B"])).is_some());
        assert_eq!(problem(single, json!([["A"], ["A", "B"]])), None);
        assert_eq!(problem("<Choices name='c' toName='t' choice='multiple'/>", json!(["A", "B"])), None);
    }

    #[test]
    fn numbers_on_their_grid() {
        let number = "<Number name='c' toName='t' min='0.1' max='1' step='0.1'/>";
        assert_eq!(problem(number, json!(0.3)), None);
        assert_eq!(problem(number, json!(0.05)).unwrap(), "\"c\" must be at least 0.1.");
        assert_eq!(problem(number, json!(1.1)).unwrap(), "\"c\" must be at most 1.");
        assert!(problem(number, json!(0.35)).is_some());
        assert_eq!(problem("<Number name='c' toName='t'/>", json!(-3.25)), None);
    }

    #[test]
    fn dates_and_items() {
        let date = "<DateTime name='c' toName='t' min='2024-01-01' max='2024-01-31'/>";
        assert_eq!(problem(date, json!("2024-01-31T10:00")), None);
        assert!(problem(date, json!("2023-12-31")).is_some());
        assert!(problem(date, json!("2024-02-01")).is_some());
        assert!(
            problem(
                "<DateTime name='c' toName='t' only='year' min='2000' max='current'/>",
                json!("1999-01-01")
            )
            .is_some()
        );
        assert!(problem("<Taxonomy name='c' toName='t' maxUsages='1'/>", json!([["A"], ["B"]])).is_some());
    }
}
