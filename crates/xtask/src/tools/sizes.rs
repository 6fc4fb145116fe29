//! Sizes of what is shipped, as a table.

use crate::context::Context;
use crate::tools::node;
use anyhow::{Context as _, Result};
use std::path::PathBuf;

/// Bytes of one file, as they are and as they travel.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Size {
    pub(crate) name: String,
    pub(crate) raw: u64,
    pub(crate) gzip: u64,
    pub(crate) brotli: u64,
}

/// Measures files; with `write` the compressed copies are stored next to them.
pub(crate) fn measure(context: &Context, files: &[PathBuf], write: bool) -> Result<Vec<Size>> {
    if files.is_empty() {
        return Ok(Vec::new());
    }
    node::compress(context, files, write)?.lines().map(parse).collect()
}

fn parse(line: &str) -> Result<Size> {
    let mut parts = line.split('\t');
    let path = parts.next().unwrap_or_default();
    let mut number = || -> Result<u64> {
        parts.next().and_then(|n| n.parse().ok()).with_context(|| format!("not a size line: {line}"))
    };
    Ok(Size {
        name: path.rsplit('/').next().unwrap_or(path).to_owned(),
        raw: number()?,
        gzip: number()?,
        brotli: number()?,
    })
}

/// The sum, under the name `total`.
pub(crate) fn total(sizes: &[Size]) -> Size {
    Size {
        name: "total".to_owned(),
        raw: sizes.iter().map(|s| s.raw).sum(),
        gzip: sizes.iter().map(|s| s.gzip).sum(),
        brotli: sizes.iter().map(|s| s.brotli).sum(),
    }
}

/// One line per file in kB (1000 bytes), numbers right-aligned.
pub(crate) fn table(sizes: &[Size]) -> String {
    let width = sizes.iter().map(|s| s.name.chars().count()).max().unwrap_or(0).max(4);
    let kb = |bytes: u64| {
        let tenths = bytes.div_ceil(100);
        format!("{}.{}", tenths / 10, tenths % 10)
    };
    let mut text = format!("{:width$}  {:>9}  {:>9}  {:>9}\n", "kB", "raw", "gzip", "brotli");
    for size in sizes {
        text.push_str(&format!(
            "{:width$}  {:>9}  {:>9}  {:>9}\n",
            size.name,
            kb(size.raw),
            kb(size.gzip),
            kb(size.brotli)
        ));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_read_and_added_up() {
        let sizes =
            [parse("/a/b/c.js\t1000\t400\t300").expect("line"), parse("d.css\t1\t1\t1").expect("line")];
        assert_eq!(sizes[0].name, "c.js");
        assert_eq!(total(&sizes).gzip, 401);
        assert!(parse("x\t1").is_err());
    }

    #[test]
    fn the_table_rounds_up() {
        let table = table(&[Size { name: "x.wasm".into(), raw: 1_234_001, gzip: 1, brotli: 0 }]);
        assert!(table.contains("1234.1") && table.contains("0.1") && table.contains("0.0"), "{table}");
    }
}
