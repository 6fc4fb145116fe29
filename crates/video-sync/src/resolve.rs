//! Which tags share a timeline (tags.md 7.5).

use std::collections::BTreeMap;

/// A tag that can be synchronised.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SyncTag<'a> {
    pub name: &'a str,
    /// The `sync` attribute; empty takes no part.
    pub sync: &'a str,
}

/// Groups by name, each with the indexes of its tags in order. A `sync` value that is no group yet, on a tag that is
/// named like an existing group, joins that one, so that `a sync="v"` and `v sync="a"` also find each other.
pub fn resolve_groups(tags: &[SyncTag<'_>]) -> BTreeMap<String, Vec<usize>> {
    let mut groups: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (index, tag) in tags.iter().enumerate() {
        let (sync, name) = (tag.sync.trim(), tag.name.trim());
        if sync.is_empty() {
            continue;
        }
        let own_name_is_a_group = !groups.contains_key(sync) && groups.contains_key(name);
        let group = if own_name_is_a_group { name } else { sync };
        groups.entry(group.to_owned()).or_default().push(index);
    }
    groups
}

/// What a media element inside HyperText joins (design.md 5).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EmbeddedJoin {
    /// The group its HyperText names.
    Group(String),
    /// The only TimeSeries of the configuration, by its index among `series`.
    OnlySeries(usize),
}

/// Where a media element inside a HyperText belongs: to the group that `sync` names, else to the only TimeSeries. With
/// several series and no `sync` it stays alone.
pub fn resolve_embedded(hypertext_sync: &str, series: &[SyncTag<'_>]) -> Option<EmbeddedJoin> {
    let sync = hypertext_sync.trim();
    if !sync.is_empty() {
        return Some(EmbeddedJoin::Group(sync.to_owned()));
    }
    match series {
        [only] if only.sync.trim().is_empty() => Some(EmbeddedJoin::OnlySeries(0)),
        [only] => Some(EmbeddedJoin::Group(only.sync.trim().to_owned())),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn groups(tags: &[(&str, &str)]) -> Vec<(String, Vec<usize>)> {
        let tags: Vec<SyncTag<'_>> = tags.iter().map(|(name, sync)| SyncTag { name, sync }).collect();
        resolve_groups(&tags).into_iter().collect()
    }

    #[test]
    fn groups_by_name_and_in_the_old_style() {
        assert_eq!(
            groups(&[("v", "g"), ("a", "g"), ("ts", ""), ("p", "h")]),
            [("g".into(), vec![0, 1]), ("h".into(), vec![3])]
        );
        assert_eq!(groups(&[("a", "v"), ("v", "a")]), [("v".into(), vec![0, 1])]);
        assert_eq!(groups(&[("v", "a"), ("a", "v")]), [("a".into(), vec![0, 1])]);
        assert_eq!(groups(&[("a", "v"), ("v", "a"), ("ts", "v")]), [("v".into(), vec![0, 1, 2])]);
    }

    #[test]
    fn an_embedded_video_finds_the_only_series() {
        let ts = [SyncTag { name: "ts", sync: "" }];
        assert_eq!(resolve_embedded("", &ts), Some(EmbeddedJoin::OnlySeries(0)));
        assert_eq!(resolve_embedded("g", &ts), Some(EmbeddedJoin::Group("g".into())));
        assert_eq!(
            resolve_embedded("", &[SyncTag { name: "ts", sync: "g" }]),
            Some(EmbeddedJoin::Group("g".into()))
        );
        assert_eq!(resolve_embedded("", &[ts[0], ts[0]]), None);
        assert_eq!(resolve_embedded("", &[]), None);
    }
}
