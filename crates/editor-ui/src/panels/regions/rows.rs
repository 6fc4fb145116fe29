//! Order, groups and nesting of the region list: plain data in, rows out.

use std::collections::{BTreeMap, HashMap, HashSet};
use tagloom_annotation_store::RegionId;

/// How rows are put together (`outliner:group`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Group {
    /// By hand: regions lie where they were dragged.
    #[default]
    Manual,
    Label,
    Tool,
}

impl Group {
    pub fn parse(text: &str) -> Self {
        match text {
            "label" => Self::Label,
            "type" => Self::Tool,
            _ => Self::Manual,
        }
    }
}

/// `outliner:sort`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Sort {
    #[default]
    Date,
    Score,
    MediaStart,
}

impl Sort {
    pub fn parse(text: &str) -> Self {
        match text {
            "score" => Self::Score,
            "mediaStartTime" => Self::MediaStart,
            _ => Self::Date,
        }
    }
}

/// What the list needs to know of a region.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    pub id: RegionId,
    pub parent: Option<RegionId>,
    /// Captions of its labels, in order.
    pub labels: Vec<String>,
    pub color: String,
    pub kind: &'static str,
    pub score: Option<f64>,
    pub media_start: Option<f64>,
}

/// A row of the list.
#[derive(Clone, Debug, PartialEq)]
pub enum Row {
    Heading {
        key: String,
        text: String,
        color: Option<String>,
        count: usize,
        folded: bool,
    },
    /// `number` counts from 1 in the order of the list.
    Region {
        id: RegionId,
        depth: usize,
        number: usize,
        folded: Option<bool>,
    },
}

/// Rows of the list. `entries` come in creation order; `folded` holds keys of headings and ids of parents. Regions
/// without a score or a start come last, whatever the direction; equal ones keep their creation order. A parent that is
/// missing or part of a circle counts as none, so that no region is ever lost from the list.
pub fn arrange(
    entries: &[Entry],
    group: Group,
    sort: Sort,
    ascending: bool,
    folded: &HashSet<String>,
) -> Vec<Row> {
    let mut order: Vec<usize> = (0..entries.len()).collect();
    let key = |i: usize| match sort {
        Sort::Date => Some(i as f64),
        Sort::Score => entries[i].score,
        Sort::MediaStart => entries[i].media_start,
    };
    order.sort_by(|a, b| match (key(*a), key(*b)) {
        (Some(x), Some(y)) if ascending => x.total_cmp(&y),
        (Some(x), Some(y)) => y.total_cmp(&x),
        (Some(_), None) => std::cmp::Ordering::Less,
        (None, Some(_)) => std::cmp::Ordering::Greater,
        (None, None) => std::cmp::Ordering::Equal,
    });
    match group {
        Group::Manual => nested(entries, &order, folded),
        Group::Label => grouped(entries, &order, folded, |e| {
            let text = if e.labels.is_empty() { "No label".to_owned() } else { e.labels.join(", ") };
            (text, Some(e.color.clone()))
        }),
        Group::Tool => grouped(entries, &order, folded, |e| {
            let mut text = e.kind.to_owned();
            if let Some(first) = text.get_mut(..1) {
                first.make_ascii_uppercase();
            }
            (text, None)
        }),
    }
}

fn grouped(
    entries: &[Entry],
    order: &[usize],
    folded: &HashSet<String>,
    heading: impl Fn(&Entry) -> (String, Option<String>),
) -> Vec<Row> {
    let mut groups: BTreeMap<String, (Option<String>, Vec<usize>)> = BTreeMap::new();
    for i in order {
        let (text, color) = heading(&entries[*i]);
        groups.entry(text).or_insert_with(|| (color, Vec::new())).1.push(*i);
    }
    let (mut rows, mut number) = (Vec::new(), 0);
    for (text, (color, list)) in groups {
        let key = format!("group:{text}");
        let is_folded = folded.contains(&key);
        rows.push(Row::Heading { key, text, color, count: list.len(), folded: is_folded });
        for i in list {
            number += 1;
            if !is_folded {
                rows.push(Row::Region { id: entries[i].id.clone(), depth: 0, number, folded: None });
            }
        }
    }
    rows
}

fn nested(entries: &[Entry], order: &[usize], folded: &HashSet<String>) -> Vec<Row> {
    let by_id: HashMap<&RegionId, usize> = entries.iter().enumerate().map(|(i, e)| (&e.id, i)).collect();
    let parent = |i: usize| entries[i].parent.as_ref().and_then(|p| by_id.get(p)).copied();
    // A region is a root unless its chain of parents ends.
    let is_root = |i: usize| {
        let (mut at, mut steps) = (i, 0);
        while let Some(up) = parent(at) {
            at = up;
            steps += 1;
            if steps > entries.len() {
                return true;
            }
        }
        steps == 0
    };
    let mut children: HashMap<usize, Vec<usize>> = HashMap::new();
    let mut roots = Vec::new();
    for i in order {
        if is_root(*i) {
            roots.push(*i);
        } else if let Some(up) = parent(*i) {
            children.entry(up).or_default().push(*i);
        }
    }
    let mut rows = Vec::new();
    let mut number = 0;
    // Region, depth, and whether a folded parent hides it; hidden ones count all the same.
    let mut waiting: Vec<(usize, usize, bool)> = roots.into_iter().rev().map(|i| (i, 0, false)).collect();
    let mut seen = HashSet::new();
    while let Some((i, depth, hidden)) = waiting.pop() {
        if !seen.insert(i) {
            continue;
        }
        number += 1;
        let below = children.get(&i);
        let is_folded = below.map(|_| folded.contains(entries[i].id.as_str()));
        if !hidden {
            rows.push(Row::Region { id: entries[i].id.clone(), depth, number, folded: is_folded });
        }
        for child in below.into_iter().flatten().rev() {
            waiting.push((*child, depth + 1, hidden || is_folded == Some(true)));
        }
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(id: &str, parent: Option<&str>, label: &str, score: Option<f64>) -> Entry {
        Entry {
            id: id.into(),
            parent: parent.map(Into::into),
            labels: if label.is_empty() { vec![] } else { vec![label.into()] },
            color: "#fff".into(),
            kind: "rectangle",
            score,
            media_start: None,
        }
    }

    fn text(rows: &[Row]) -> String {
        rows.iter()
            .map(|r| match r {
                Row::Heading { text, count, .. } => format!("[{text} {count}]"),
                Row::Region { id, depth, number, .. } => format!("{}{number}{id}", ">".repeat(*depth)),
            })
            .collect::<Vec<_>>()
            .join(" ")
    }

    #[test]
    fn nesting_follows_parents_and_survives_circles() {
        let list = [
            entry("a", None, "", None),
            entry("b", Some("a"), "", None),
            entry("c", Some("b"), "", None),
            entry("d", Some("gone"), "", None),
        ];
        let none = HashSet::new();
        assert_eq!(text(&arrange(&list, Group::Manual, Sort::Date, true, &none)), "1a >2b >>3c 4d");
        let folded = HashSet::from(["a".to_owned()]);
        assert_eq!(text(&arrange(&list, Group::Manual, Sort::Date, true, &folded)), "1a 4d");
        let circle = [entry("a", Some("b"), "", None), entry("b", Some("a"), "", None)];
        assert_eq!(text(&arrange(&circle, Group::Manual, Sort::Date, true, &none)), "1a 2b");
    }

    #[test]
    fn groups_are_counted_and_sorting_puts_missing_scores_last() {
        let list =
            [entry("a", None, "X", Some(0.2)), entry("b", None, "", None), entry("c", None, "X", Some(0.9))];
        let none = HashSet::new();
        assert_eq!(
            text(&arrange(&list, Group::Label, Sort::Date, true, &none)),
            "[No label 1] 1b [X 2] 2a 3c"
        );
        assert_eq!(text(&arrange(&list, Group::Manual, Sort::Score, false, &none)), "1c 2a 3b");
        assert_eq!(text(&arrange(&list, Group::Manual, Sort::Score, true, &none)), "1a 2c 3b");
        assert_eq!(text(&arrange(&list, Group::Tool, Sort::Date, false, &none)), "[Rectangle 3] 1c 2b 3a");
    }
}
