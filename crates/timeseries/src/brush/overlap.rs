//! What happens to the regions that a new or changed one lies over (attribute `overlap`; demand need 16).
//!
//! - `allow`: nothing.
//! - `split`: the new one wins. What it covers is taken from the others; one that it lies inside of becomes two.
//! - `forbid`: the new one wins as well, but no region ever becomes two: the longer part stays (of equal ones the earlier).
//!
//! # The odd cases first
//! - Ends that touch do not overlap. Instants cover nothing: they neither cut nor are cut.
//! - What is locked is never changed: the new region gives way and is cut instead. With `forbid` its longest piece is kept.
//!   Nothing left means that there is no place for it.
//! - A new region without length, or whose ends are swapped or no numbers, is placed as it is.

/// The attribute `overlap`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Overlap {
    #[default]
    Allow,
    Forbid,
    Split,
}

impl Overlap {
    /// Reads `allow`, `forbid`, `split`.
    pub fn from_attribute(text: &str) -> Option<Self> {
        match text.trim().to_ascii_lowercase().as_str() {
            "allow" => Some(Self::Allow),
            "forbid" => Some(Self::Forbid),
            "split" => Some(Self::Split),
            _ => None,
        }
    }
}

/// A region of the same label set.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Held {
    /// The caller's key, handed back in edits.
    pub key: u64,
    pub start: f64,
    pub end: f64,
    pub instant: bool,
    pub locked: bool,
}

/// What has to happen to a region that was there before.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum OverlapEdit {
    /// Its new ends.
    Trim { key: u64, start: f64, end: f64 },
    /// It becomes two: the part before and the part after.
    Cut { key: u64, before: (f64, f64), after: (f64, f64) },
    /// Nothing of it is left.
    Remove { key: u64 },
}

/// Where a region comes to lie.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Placed {
    /// In order; empty when locked regions leave no room. More than one only with `split`.
    pub pieces: Vec<(f64, f64)>,
    pub edits: Vec<OverlapEdit>,
}

fn length((start, end): (f64, f64)) -> f64 {
    end - start
}

/// The longer of two ranges, the earlier of equal ones.
fn longer(a: (f64, f64), b: (f64, f64)) -> (f64, f64) {
    if length(b) > length(a) { b } else { a }
}

/// Places `[start, end]` among the other regions of its label set.
pub fn place(policy: Overlap, start: f64, end: f64, others: &[Held]) -> Placed {
    let mut placed = Placed { pieces: vec![(start, end)], edits: Vec::new() };
    if policy == Overlap::Allow || start >= end || start.is_nan() || end.is_nan() {
        return placed;
    }
    let in_the_way = |r: &&Held, (start, end): (f64, f64)| !r.instant && r.start < end && r.end > start;
    for wall in others.iter().filter(|r| r.locked && in_the_way(r, (start, end))) {
        placed.pieces = placed
            .pieces
            .iter()
            .flat_map(|(a, b)| [(*a, b.min(wall.start)), (a.max(wall.end), *b)])
            .filter(|piece| length(*piece) > 0.0)
            .collect();
    }
    if policy == Overlap::Forbid {
        placed.pieces = placed.pieces.into_iter().reduce(longer).into_iter().collect();
    }
    for region in others.iter().filter(|r| !r.locked && !r.instant) {
        // Several pieces may cut one region several times; then only the part between the outermost cuts is lost, which
        // is less surprising than crumbs.
        let over: Vec<_> = placed.pieces.iter().copied().filter(|p| in_the_way(&region, *p)).collect();
        let (Some(first), Some(last)) = (over.first(), over.last()) else { continue };
        let before = (region.start, first.0.min(region.end));
        let after = (last.1.max(region.start), region.end);
        let key = region.key;
        let trim = |(start, end)| OverlapEdit::Trim { key, start, end };
        placed.edits.push(match (length(before) > 0.0, length(after) > 0.0) {
            (true, true) if policy == Overlap::Split => OverlapEdit::Cut { key, before, after },
            (true, true) => trim(longer(before, after)),
            (true, false) => trim(before),
            (false, true) => trim(after),
            (false, false) => OverlapEdit::Remove { key },
        });
    }
    placed
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn held(key: u64, start: f64, end: f64) -> Held {
        Held { key, start, end, instant: false, locked: false }
    }

    /// Carries out a placement as the editor does.
    fn put(policy: Overlap, all: &mut Vec<Held>, start: f64, end: f64) {
        let placed = place(policy, start, end, all);
        for edit in &placed.edits {
            match *edit {
                OverlapEdit::Trim { key, start, end } => {
                    let region = all.iter_mut().find(|r| r.key == key).unwrap();
                    (region.start, region.end) = (start, end);
                }
                OverlapEdit::Cut { key, before, after } => {
                    let region = all.iter_mut().find(|r| r.key == key).unwrap();
                    (region.start, region.end) = before;
                    let key = all.iter().map(|r| r.key).max().unwrap_or(0) + 1;
                    all.push(held(key, after.0, after.1));
                }
                OverlapEdit::Remove { key } => all.retain(|r| r.key != key),
            }
        }
        for (start, end) in placed.pieces {
            let key = all.iter().map(|r| r.key).max().unwrap_or(0) + 1;
            all.push(held(key, start, end));
        }
    }

    #[test]
    fn ls_1861_a_new_label_cuts_the_one_before() {
        for policy in [Overlap::Split, Overlap::Forbid] {
            let placed = place(policy, 70.0, 120.0, &[held(1, 0.0, 100.0)]);
            assert_eq!(placed.pieces, [(70.0, 120.0)]);
            assert_eq!(placed.edits, [OverlapEdit::Trim { key: 1, start: 0.0, end: 70.0 }]);
        }
        assert_eq!(place(Overlap::Allow, 70.0, 120.0, &[held(1, 0.0, 100.0)]).edits, []);
    }

    #[test]
    fn inside_of_another_one_it_is_split_or_shortened() {
        let all = [held(1, 0.0, 100.0)];
        assert_eq!(
            place(Overlap::Split, 40.0, 50.0, &all).edits,
            [OverlapEdit::Cut { key: 1, before: (0.0, 40.0), after: (50.0, 100.0) }]
        );
        assert_eq!(
            place(Overlap::Forbid, 40.0, 50.0, &all).edits,
            [OverlapEdit::Trim { key: 1, start: 50.0, end: 100.0 }]
        );
        assert_eq!(place(Overlap::Split, 0.0, 100.0, &all).edits, [OverlapEdit::Remove { key: 1 }]);
    }

    #[test]
    fn locked_regions_and_instants_stay_as_they_are() {
        let wall = Held { locked: true, ..held(1, 40.0, 50.0) };
        let instant = Held { instant: true, ..held(2, 60.0, 60.0) };
        let split = place(Overlap::Split, 0.0, 100.0, &[wall, instant]);
        assert_eq!(split, Placed { pieces: vec![(0.0, 40.0), (50.0, 100.0)], edits: vec![] });
        assert_eq!(place(Overlap::Forbid, 0.0, 100.0, &[wall]).pieces, [(50.0, 100.0)]);
        assert_eq!(place(Overlap::Forbid, 42.0, 48.0, &[wall]).pieces, []);
        let touching = place(Overlap::Split, 50.0, 60.0, &[wall]);
        assert_eq!(touching, Placed { pieces: vec![(50.0, 60.0)], edits: vec![] });
    }

    #[test]
    fn nonsense_is_placed_as_it_is() {
        for (a, b) in [(5.0, 5.0), (9.0, 1.0), (f64::NAN, 3.0)] {
            let placed = place(Overlap::Split, a, b, &[held(1, 0.0, 100.0)]);
            assert!(placed.edits.is_empty() && placed.pieces.len() == 1);
        }
    }

    proptest! {
        #[test]
        fn no_two_regions_ever_overlap(
            ranges in prop::collection::vec((0u32..100, 1u32..40), 1..40),
            walls in prop::collection::vec(0u32..140, 0..3),
            splits in any::<bool>(),
        ) {
            let policy = if splits { Overlap::Split } else { Overlap::Forbid };
            let mut all: Vec<Held> = Vec::new();
            for (n, wall) in walls.iter().enumerate() {
                let at = f64::from(*wall);
                if all.iter().all(|r| at + 3.0 <= r.start || at >= r.end) {
                    all.push(Held { locked: true, ..held(n as u64 + 1, at, at + 3.0) });
                }
            }
            let locked = all.clone();
            let covered = |all: &[Held], at: f64| all.iter().any(|r| r.start <= at && at < r.end);
            for (start, len) in ranges {
                let (start, end) = (f64::from(start), f64::from(start + len));
                let before = all.clone();
                put(policy, &mut all, start, end);
                for (i, a) in all.iter().enumerate() {
                    prop_assert!(a.start < a.end, "{all:?}");
                    prop_assert!(all[i + 1..].iter().all(|b| a.end <= b.start || b.end <= a.start), "{all:?}");
                }
                prop_assert!(locked.iter().all(|r| all.contains(r)));
                if splits {
                    // Nothing that was labelled becomes unlabelled, and the new range is labelled throughout.
                    for at in (0..160).map(|n| f64::from(n) + 0.5) {
                        let inside = start <= at && at < end;
                        prop_assert!(!(covered(&before, at) || inside) || covered(&all, at), "{at} {all:?}");
                    }
                }
            }
        }
    }
}
