//! Region ids.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::sync::Arc;

/// The id that all results of one region share. Any string is accepted; generated ones have ten characters.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RegionId(Arc<str>);

impl RegionId {
    pub fn new(id: impl Into<Arc<str>>) -> Self {
        Self(id.into())
    }
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RegionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
impl fmt::Debug for RegionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{}", self.0)
    }
}
impl From<&str> for RegionId {
    fn from(id: &str) -> Self {
        Self::new(id)
    }
}

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";

/// A fresh random id: ten characters of `A-Za-z0-9_-` (spec/results.md 1.1).
pub fn new_id() -> RegionId {
    let random = uuid::Uuid::new_v4();
    // Bytes 6 and 8 carry the UUID's version bits, so they are left out.
    let id: String = random
        .as_bytes()
        .iter()
        .enumerate()
        .filter(|(i, _)| *i != 6 && *i != 8)
        .take(10)
        .map(|(_, byte)| char::from(ALPHABET[usize::from(byte & 63)]))
        .collect();
    RegionId::new(id)
}
