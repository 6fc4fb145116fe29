//! The data keys that all tasks share.

use indexmap::IndexSet;
use serde::Serialize;

use crate::{ItemError, Location};

/// Data keys common to everything seen so far; within one file, and then over the files of one request.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct DataColumns {
    /// `None` until the first task.
    common: Option<IndexSet<String>>,
}

impl DataColumns {
    pub(super) fn observe<'a>(&mut self, keys: impl Iterator<Item = &'a String>) {
        match &mut self.common {
            None => self.common = Some(keys.cloned().collect()),
            Some(common) => {
                let keys: IndexSet<&String> = keys.collect();
                common.retain(|key| keys.contains(key));
            }
        }
    }

    /// The common keys in the order of the first task.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.common.iter().flatten().map(String::as_str)
    }

    /// Adds another file of the same request. Files without tasks say nothing about keys; two files without a common
    /// key cannot be imported together.
    pub fn merge(&mut self, other: &Self) -> Result<(), ItemError> {
        let Some(theirs) = &other.common else { return Ok(()) };
        let Some(ours) = &mut self.common else {
            self.common = Some(theirs.clone());
            return Ok(());
        };
        let before = ours.clone();
        ours.retain(|key| theirs.contains(key));
        if ours.is_empty() && !(before.is_empty() && theirs.is_empty()) {
            let names =
                |keys: &IndexSet<String>| keys.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
            return Err(ItemError::new(
                Location::default(),
                format!(
                    "the files have no data key in common: one has {}, another {}",
                    names(&before),
                    names(theirs)
                ),
                "Import them one after the other, or give them the same keys",
            ));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns(tasks: &[&[&str]]) -> DataColumns {
        let mut columns = DataColumns::default();
        for task in tasks {
            let keys: Vec<String> = task.iter().map(|key| (*key).to_owned()).collect();
            columns.observe(keys.iter());
        }
        columns
    }

    #[test]
    fn only_common_keys_stay() {
        let mut all = columns(&[&["b", "a", "c"], &["c", "b"]]);
        assert_eq!(all.keys().collect::<Vec<_>>(), ["b", "c"]);
        all.merge(&columns(&[])).unwrap();
        all.merge(&columns(&[&["c", "x"]])).unwrap();
        assert_eq!(all.keys().collect::<Vec<_>>(), ["c"]);
        assert!(all.merge(&columns(&[&["x"]])).is_err());
    }
}
