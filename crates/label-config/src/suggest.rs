//! "Did you mean" for names.

/// The candidate closest to `word`, if it is close enough to be a plausible typing mistake.
///
/// Case differences alone always count. Otherwise up to a third of the letters may differ (swapped neighbours count
/// as one). The first of equally close candidates wins; an exact match is returned as well.
pub fn closest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let lower = word.trim().to_lowercase();
    if lower.is_empty() {
        return None;
    }
    let allowed = (lower.chars().count() / 3).clamp(1, 4);
    candidates
        .into_iter()
        .map(|candidate| (strsim::damerau_levenshtein(&lower, &candidate.to_lowercase()), candidate))
        .filter(|(distance, candidate)| *distance <= allowed && *distance < candidate.chars().count())
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::closest;

    #[test]
    fn typing_mistakes_are_found_and_strangers_are_not() {
        let names = ["RectangleLabels", "Labels", "Choices", "Text"];
        assert_eq!(closest("RectangelLabels", names), Some("RectangleLabels"));
        assert_eq!(closest("labels", names), Some("Labels"));
        assert_eq!(closest("Lables", names), Some("Labels"));
        assert_eq!(closest("Banana", names), None);
        assert_eq!(closest("", names), None);
        assert_eq!(closest("a", ["b"]), None);
    }
}
