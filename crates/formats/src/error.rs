//! What is wrong with which item, and how to mend it.

use std::fmt;

use serde::Serialize;

/// Errors kept by an [`ErrorList`]. Further ones are only counted.
pub const MAX_ERRORS: usize = 100;

/// Where in the input an item stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Location {
    /// Zero-based number of the task.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub index: Option<usize>,
    /// 1-based line of the file on which the item begins.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub row: Option<u64>,
    /// Offset of the item's first byte in the file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub byte: Option<u64>,
}

impl Location {
    /// An item of which only the number is known.
    #[must_use]
    pub fn item(index: usize) -> Self {
        Self { index: Some(index), ..Self::default() }
    }
}

/// One problem, in words for the person who imports.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ItemError {
    #[serde(flatten)]
    pub at: Location,
    /// The part of the item, such as `data.text` or `annotations[0].result`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    pub message: String,
    /// What to change.
    pub fix: String,
}

impl ItemError {
    pub(crate) fn new(at: Location, message: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { at, field: None, message: message.into(), fix: fix.into() }
    }

    pub(crate) fn of_field(
        at: Location,
        field: impl Into<String>,
        message: impl Into<String>,
        fix: impl Into<String>,
    ) -> Self {
        Self { field: Some(field.into()), ..Self::new(at, message, fix) }
    }
}

impl fmt::Display for ItemError {
    /// One line: `task 2 (line 3), data.text: is a number, not text. Write it in quotes`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut places = Vec::new();
        match (self.at.index, self.at.row) {
            (Some(index), Some(row)) => places.push(format!("task {index} (line {row})")),
            (Some(index), None) => places.push(format!("task {index}")),
            (None, Some(row)) => places.push(format!("line {row}")),
            (None, None) => {}
        }
        places.extend(self.field.clone());
        if !places.is_empty() {
            write!(f, "{}: ", places.join(", "))?;
        }
        write!(f, "{}. {}", self.message, self.fix)
    }
}

/// The first [`MAX_ERRORS`] problems of an import and the number of all of them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ErrorList {
    pub errors: Vec<ItemError>,
    pub total: usize,
}

impl ErrorList {
    pub fn push(&mut self, error: ItemError) {
        self.total += 1;
        if self.errors.len() < MAX_ERRORS {
            self.errors.push(error);
        }
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.total == 0
    }

    /// Whether more errors would no longer be kept, so that reading on is of little use.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.errors.len() >= MAX_ERRORS
    }

    /// The messages as the API's `validation_errors.non_field_errors` has them.
    #[must_use]
    pub fn messages(&self) -> Vec<String> {
        self.errors.iter().map(ToString::to_string).collect()
    }
}

impl Extend<ItemError> for ErrorList {
    fn extend<I: IntoIterator<Item = ItemError>>(&mut self, errors: I) {
        for error in errors {
            self.push(error);
        }
    }
}

impl From<ItemError> for ErrorList {
    fn from(error: ItemError) -> Self {
        Self { errors: vec![error], total: 1 }
    }
}

impl fmt::Display for ErrorList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.messages().join("\n"))?;
        if self.total > self.errors.len() {
            write!(f, "\nand {} more", self.total - self.errors.len())?;
        }
        Ok(())
    }
}

impl std::error::Error for ErrorList {}
