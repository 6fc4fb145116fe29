//! Which type the cells of a column share.

use serde_json::{Number, Value};

/// Cells that mean "no value", beside the empty one.
const NO_VALUE: [&str; 18] = [
    "#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN", "<NA>", "N/A",
    "NA", "NULL", "NaN", "None", "n/a", "nan", "null",
];

fn is_blank(cell: &str) -> bool {
    cell.is_empty() || NO_VALUE.contains(&cell)
}

/// What the cells of one column have been so far.
#[derive(Clone, Debug)]
pub(super) struct Column {
    integers: bool,
    numbers: bool,
    booleans: bool,
    blanks: bool,
    values: bool,
}

impl Default for Column {
    fn default() -> Self {
        Self { integers: true, numbers: true, booleans: true, blanks: false, values: false }
    }
}

/// How the cells of a column are written into the task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ColumnType {
    /// All cells are whole numbers: `007` is 7.
    Integer,
    /// All cells are numbers, some with decimals or blank: `1` is 1.0.
    Float,
    Bool,
    Text,
}

impl Column {
    pub(super) fn observe(&mut self, cell: &str) {
        if is_blank(cell) {
            self.blanks = true;
            return;
        }
        self.values = true;
        self.integers = self.integers && integer(cell).is_some();
        self.numbers = self.numbers && float(cell).is_some();
        self.booleans = self.booleans && boolean(cell).is_some();
    }

    /// A column without any value holds blanks only, whatever its type.
    pub(super) fn decide(self) -> ColumnType {
        match self {
            Self { values: false, .. } => ColumnType::Text,
            Self { integers: true, blanks: false, .. } => ColumnType::Integer,
            Self { numbers: true, .. } => ColumnType::Float,
            Self { booleans: true, .. } => ColumnType::Bool,
            _ => ColumnType::Text,
        }
    }
}

impl ColumnType {
    /// The value of a cell; `""` for one without a value.
    pub(super) fn value(self, cell: &str) -> Value {
        if is_blank(cell) {
            return Value::String(String::new());
        }
        let typed = match self {
            Self::Integer => integer(cell).map(Value::Number),
            Self::Float => float(cell).and_then(Number::from_f64).map(Value::Number),
            Self::Bool => boolean(cell).map(Value::Bool),
            Self::Text => None,
        };
        typed.unwrap_or_else(|| Value::String(cell.to_owned()))
    }
}

/// Whole numbers up to 64 bits. Longer ones make the column text, which keeps all their digits.
fn integer(cell: &str) -> Option<Number> {
    let cell = cell.trim();
    cell.parse::<i64>().map(Number::from).or_else(|_| cell.parse::<u64>().map(Number::from)).ok()
}

/// Finite decimal numbers that are no long integers (those would lose digits).
fn float(cell: &str) -> Option<f64> {
    let cell = cell.trim();
    let digits = cell.trim_start_matches(['+', '-']);
    // Rust also reads `inf` and `infinity`, which JSON cannot hold.
    if !digits.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
        return None;
    }
    if integer(cell).is_none() && digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    cell.parse().ok().filter(|number: &f64| number.is_finite())
}

fn boolean(cell: &str) -> Option<bool> {
    match cell {
        "true" | "True" | "TRUE" => Some(true),
        "false" | "False" | "FALSE" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn column(cells: &[&str]) -> Vec<Value> {
        let mut column = Column::default();
        for cell in cells {
            column.observe(cell);
        }
        let decided = column.decide();
        cells.iter().map(|cell| decided.value(cell)).collect()
    }

    #[test]
    fn one_cell_decides_for_the_column() {
        assert_eq!(column(&["007", "-2", " 5"]), [json!(7), json!(-2), json!(5)]);
        assert_eq!(column(&["1", "2.5"]), [json!(1.0), json!(2.5)]);
        assert_eq!(column(&["1", ""]), [json!(1.0), json!("")]);
        assert_eq!(column(&["1", "x", "NA"]), [json!("1"), json!("x"), json!("")]);
        assert_eq!(column(&["true", "False", "n/a"]), [json!(true), json!(false), json!("")]);
        assert_eq!(column(&["true", "1"]), [json!("true"), json!("1")]);
        assert_eq!(column(&["", "None", "NaN"]), [json!(""), json!(""), json!("")]);
        assert_eq!(column(&["1e3", ".5"]), [json!(1000.0), json!(0.5)]);
    }

    #[test]
    fn numbers_json_cannot_hold_stay_text() {
        assert_eq!(column(&["inf", "1.5"]), [json!("inf"), json!("1.5")]);
        assert_eq!(column(&["18446744073709551615"]), [json!(u64::MAX)]);
        assert_eq!(column(&["123456789012345678901234"]), [json!("123456789012345678901234")]);
        assert_eq!(column(&["1_000"]), [json!("1_000")]);
        assert_eq!(column(&["1e999"]), [json!("1e999")]);
    }
}
