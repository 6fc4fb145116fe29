//! The standalone app as static files: `index.html` and `assets/` with hashed names and compressed copies.

use super::audio_worker;
use crate::context::Context;
use crate::tools::sizes::{self, Size};
use crate::tools::wasm_bundle;
use crate::tools::wasm_target::WasmToolchain;
use crate::tools::{files, styles};
use anyhow::{Context as _, Result};
use std::path::{Path, PathBuf};

const PACKAGE: &str = "tagloom-app";
const BEGIN: &str = "<!-- trunk:begin -->";
const END: &str = "<!-- trunk:end -->";

/// Builds the app into `target/dist/app`; returns the sizes of what a browser loads.
pub(crate) fn build(context: &Context, toolchain: &WasmToolchain) -> Result<Vec<Size>> {
    let work = context.private("app-bundle");
    let bundle = wasm_bundle::build(context, toolchain, PACKAGE, &work, "tagloom")?;
    let dist = context.dist("app");
    files::fresh_dir(&dist)?;
    let assets = dist.join("assets");

    let wasm = wasm_bundle::hashed_copy(&bundle.wasm, &assets)?;
    let script = wasm_bundle::hashed_copy(&bundle.js, &assets)?;
    if work.join("snippets").exists() {
        files::copy_dir(&work.join("snippets"), &assets.join("snippets"))?;
    }
    let mut sheets = Vec::new();
    for (name, sheet) in [("editor.css", styles::editor(context)?), ("app.css", styles::app(context)?)] {
        let path = work.join(name);
        files::write(&path, sheet)?;
        sheets.push(wasm_bundle::hashed_copy(&path, &assets)?);
    }
    let worker = audio_worker::build_hashed(context, toolchain, &assets)?;
    let boot = files::read(&context.path("www/boot.js"))?
        .replace("__AUDIO_WORKER__", &format!("./{worker}"))
        .replace("__SCRIPT__", &format!("./{script}"))
        .replace("__WASM__", &format!("./{wasm}"));
    let boot_path = work.join("boot.js");
    files::write(&boot_path, boot)?;
    let boot = wasm_bundle::hashed_copy(&boot_path, &assets)?;

    let page = files::read(&context.path("www/index.html"))?;
    files::write(&dist.join("index.html"), link(&page, &boot, &script, &wasm, &sheets)?)?;
    files::copy_dir(&context.path("www/public"), &dist)?;
    super::demo::samples(context, &dist)?;

    let loaded: Vec<PathBuf> = files::walk(&dist)?.into_iter().filter(|p| is_code(p)).collect();
    let mut sizes = sizes::measure(context, &loaded, true)?;
    sizes.push(sizes::total(&sizes));
    Ok(sizes)
}

/// What is worth compressing and counting: code and style, not samples.
fn is_code(path: &Path) -> bool {
    path.extension()
        .and_then(|e| e.to_str())
        .is_some_and(|e| matches!(e, "js" | "css" | "wasm" | "html" | "svg"))
}

/// Replaces the links that Trunk understands by those of the built files.
fn link(page: &str, boot: &str, script: &str, wasm: &str, sheets: &[String]) -> Result<String> {
    let (before, rest) = page.split_once(BEGIN).context("www/index.html has no trunk:begin")?;
    let (_, after) = rest.split_once(END).context("www/index.html has no trunk:end")?;
    let mut links = Vec::new();
    for sheet in sheets {
        links.push(format!(r#"<link rel="stylesheet" href="assets/{sheet}" />"#));
    }
    links.push(format!(r#"<link rel="modulepreload" href="assets/{script}" />"#));
    links.push(format!(
        r#"<link rel="preload" href="assets/{wasm}" as="fetch" type="application/wasm" crossorigin />"#
    ));
    links.push(format!(r#"<script type="module" src="assets/{boot}"></script>"#));
    Ok(format!("{before}{}{after}", links.join("\n    ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trunk_links_are_replaced() {
        let page = format!("<head>{BEGIN}<link data-trunk>{END}</head>");
        let linked = link(&page, "boot-1.js", "t-2.js", "t-3.wasm", &["e-4.css".into()]).expect("linked");
        assert!(!linked.contains("trunk"));
        for name in ["boot-1.js", "t-2.js", "t-3.wasm", "e-4.css"] {
            assert!(linked.contains(name), "{name}");
        }
        assert!(link("<head></head>", "", "", "", &[]).is_err());
    }

    #[test]
    fn the_page_has_both_marks() {
        let page =
            files::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../www/index.html")).expect("page");
        assert!(link(&page, "b", "s", "w", &[]).is_ok());
    }
}
