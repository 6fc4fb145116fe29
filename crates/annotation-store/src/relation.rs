//! Directed, labelled links between regions.

use crate::id::RegionId;
use serde_json::{Map, Value};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Direction {
    Left,
    #[default]
    Right,
    Bi,
}

impl Direction {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Left => "left",
            Self::Right => "right",
            Self::Bi => "bi",
        }
    }
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Left, Self::Right, Self::Bi].into_iter().find(|d| d.as_str() == text)
    }
    /// The order in which the direction button cycles: left, right, both.
    #[must_use]
    pub fn next(self) -> Self {
        match self {
            Self::Left => Self::Right,
            Self::Right => Self::Bi,
            Self::Bi => Self::Left,
        }
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct Relation {
    pub from: RegionId,
    pub to: RegionId,
    pub direction: Direction,
    /// `None` where the result has no `labels` key.
    pub labels: Option<Vec<String>>,
    pub rest: Map<String, Value>,
}

impl Relation {
    pub fn new(from: RegionId, to: RegionId) -> Self {
        Self { from, to, direction: Direction::Right, labels: None, rest: Map::new() }
    }
}
