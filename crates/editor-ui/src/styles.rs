//! All styles of the editor, in the order of their file names.

/// The one list of style files; [`STYLES`] is their concatenation.
pub const STYLES: &str = concat!(
    include_str!("../styles/00-tokens.css"),
    include_str!("../styles/10-base.css"),
    include_str!("../styles/20-frame.css"),
    include_str!("../styles/25-panels.css"),
    include_str!("../styles/30-tags.css"),
    include_str!("../styles/40-audio.css"),
    include_str!("../styles/40-image.css"),
    include_str!("../styles/40-series.css"),
    include_str!("../styles/40-text.css"),
    include_str!("../styles/40-video.css"),
);
