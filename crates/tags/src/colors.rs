//! Colors of labels.
//!
//! The palette has 24 hues of the same lightness (0.72) and chroma (0.12) in OKLCH, so no label shouts. The first eight
//! are picked to stay apart under protanopia and deuteranopia as well.

/// The palette, in the order in which the labels of one group take their colors.
pub const PALETTE: [&str; 24] = [
    "#67aaed", "#e6857e", "#1dbcb5", "#de8f57", "#bc8fdd", "#39bda0", "#e48393", "#17bac8", "#a2ad4f",
    "#d686bc", "#72b875", "#969cee", "#c79e41", "#2fb5d8", "#df84a8", "#e4896a", "#57bc8a", "#4cb0e5",
    "#ca8ace", "#d49648", "#8cb460", "#80a3f0", "#b6a643", "#aa95e8",
];

/// Label Studio's "not set" color; it counts as no color.
const UNSET: &str = "#DA935D";

/// Regions without a label.
pub const UNLABELED: &str = "#666666";

/// The color of a label: its `background`, else one that depends on the value only.
pub fn label_color(value: &str, background: Option<&str>) -> String {
    own_color(background).unwrap_or_else(|| palette(hash(value)))
}

/// The color of the label at `index` of its group: its `background`, else the palette in order. Stable as long as the
/// order of the group is.
pub fn label_color_at(index: usize, background: Option<&str>) -> String {
    own_color(background).unwrap_or_else(|| palette(index))
}

fn own_color(background: Option<&str>) -> Option<String> {
    let color = background?.trim();
    (!color.is_empty() && !color.eq_ignore_ascii_case(UNSET)).then(|| color.to_owned())
}

fn palette(index: usize) -> String {
    PALETTE.get(index % PALETTE.len()).copied().unwrap_or(UNLABELED).to_owned()
}

/// FNV-1a, folded; only has to be the same everywhere and forever.
fn hash(text: &str) -> usize {
    let hash =
        text.bytes().fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    usize::from((hash >> 16) as u16 ^ hash as u16)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_value_has_the_same_color() {
        assert_eq!(label_color("Car", None), label_color("Car", Some("")));
        assert_eq!(label_color("Car", Some("#da935d")), label_color("Car", None));
        assert_eq!(label_color("Car", Some("red")), "red");
        assert_eq!(label_color_at(0, None), PALETTE[0]);
        assert_eq!(label_color_at(24, None), PALETTE[0]);
    }

    #[test]
    fn values_spread_over_the_palette() {
        let colors: std::collections::HashSet<_> =
            (0..200).map(|n| label_color(&format!("label {n}"), None)).collect();
        assert_eq!(colors.len(), PALETTE.len());
    }
}
