//! `SVG_SECURITY_CLEANUP`: uploaded pictures are reduced to plain shapes.

use crate::error::{ApiError, ApiResult};
use crate::exchange::spool::Spool;
use crate::exchange::{disk, media};
use crate::files::FileStore;
use std::collections::{HashMap, HashSet};
use std::io::{Read, Write};

/// Elements that stay.
const ELEMENTS: &[&str] = &["svg", "circle", "ellipse", "line", "path", "polygon", "vector", "rect"];
/// Attributes that stay on them: geometry and paint, nothing that loads or runs.
const ATTRIBUTES: &[&str] = &[
    "xmlns",
    "viewBox",
    "width",
    "height",
    "x",
    "y",
    "x1",
    "x2",
    "y1",
    "y2",
    "cx",
    "cy",
    "r",
    "rx",
    "ry",
    "d",
    "points",
    "fill",
    "fill-opacity",
    "fill-rule",
    "stroke",
    "stroke-width",
    "stroke-opacity",
    "stroke-linecap",
    "stroke-linejoin",
    "stroke-dasharray",
    "opacity",
    "transform",
    "preserveAspectRatio",
    "version",
];
/// Such a picture is read whole.
const LARGEST: u64 = 20_000_000;

/// A picture without anything but shapes.
pub(crate) fn cleaned(text: &str) -> String {
    // What stands before and behind the picture (declarations, entities) would become text.
    let from = text.find("<svg").unwrap_or(text.len());
    let to = text.rfind("</svg>").map_or(text.len(), |at| at + "</svg>".len());
    let plain = text.get(from..to).unwrap_or_default();
    ammonia::Builder::new()
        .tags(ELEMENTS.iter().copied().collect())
        .generic_attributes(ATTRIBUTES.iter().copied().collect())
        .tag_attributes(HashMap::new())
        .generic_attribute_prefixes(HashSet::new())
        .clean_content_tags(["script", "style", "foreignObject"].into_iter().collect())
        .link_rel(None)
        .clean(plain)
        .to_string()
        .trim()
        .to_owned()
}

/// Cleans a file in the spool.
pub(crate) async fn clean(files: &FileStore, spool: &mut Spool, name: &str) -> ApiResult<()> {
    if spool.size > LARGEST {
        return Err(ApiError::items(vec![format!(
            "{name}: an SVG picture of more than {} MB cannot be cleaned, and this server takes none that is not.",
            LARGEST / 1_000_000
        )]));
    }
    let mut text = Vec::new();
    let mut file = spool.open()?;
    file.read_to_end(&mut text).map_err(anyhow::Error::from)?;
    let clean = cleaned(&String::from_utf8_lossy(&text));
    let (files, path) = (files.clone(), spool.path().to_owned());
    spool.size = clean.len() as u64;
    let mut file = media::blocking(move || files.create(&path)).await?;
    file.write_all(clean.as_bytes()).and_then(|()| file.sync_all()).map_err(disk::failed)
}

#[cfg(test)]
mod tests {
    use super::cleaned;

    #[test]
    fn only_shapes_stay() {
        let dirty = "<?xml version=\"1.0\"?><!DOCTYPE svg [<!ENTITY x SYSTEM \"file:///etc/passwd\">]>\
                     <svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 9 9\" onload=\"alert(1)\">\
                     <script>alert(2)</script><foreignObject><b onclick=\"x\">t</b></foreignObject>\
                     <a href=\"javascript:alert(3)\"><rect width=\"3\" height=\"4\" style=\"x\" onclick=\"y\"/></a>\
                     <image href=\"http://evil/\"/><use href=\"#x\"/><style>@import 'http://evil/'</style></svg>";
        let clean = cleaned(dirty);
        assert!(clean.starts_with("<svg "), "{clean}");
        assert!(
            clean.contains("viewBox=\"0 0 9 9\"") && clean.contains("<rect width=\"3\" height=\"4\""),
            "{clean}"
        );
        for word in ["script", "alert", "onload", "onclick", "href", "evil", "foreign", "ENTITY", "style"] {
            assert!(!clean.contains(word), "{word} is in {clean}");
        }
    }
}
