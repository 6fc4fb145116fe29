//! From a cargo package to what a browser loads: bindings, size optimisation, names with content hashes.

use crate::context::Context;
use crate::tools::files;
use crate::tools::node;
use crate::tools::wasm_target::WasmToolchain;
use anyhow::{Context as _, Result};
use std::path::{Path, PathBuf};
use wasm_bindgen_cli_support::Bindgen;

/// The profile of everything that is shipped to browsers.
const SHIPPED: &str = "wasm-release";

/// The profile of builds between two edits: four times as large, a fifth of the time. Chosen by [`FAST`].
const BETWEEN_EDITS: &str = "wasm-dev";

/// Set to anything, this environment variable builds for trying out: nothing is shrunk and no budget holds.
const FAST: &str = "TAGLOOM_WASM_FAST";

/// Whether this is a build for trying out.
pub(crate) fn fast() -> bool {
    std::env::var_os(FAST).is_some_and(|value| !value.is_empty())
}

/// Generated files of one package: `NAME.js`, `NAME_bg.wasm`, `NAME.d.ts` and `snippets/`.
#[derive(Debug)]
pub(crate) struct Bundle {
    pub(crate) js: PathBuf,
    pub(crate) wasm: PathBuf,
}

/// Generates the bindings of a built `.wasm` into an empty folder and shrinks the result.
pub(crate) fn bundle(context: &Context, input: &Path, out: &Path, name: &str) -> Result<Bundle> {
    files::fresh_dir(out)?;
    Bindgen::new()
        .input_path(input)
        .web(true)
        .and_then(|bindgen| {
            bindgen
                .typescript(true)
                .remove_name_section(false)
                .remove_producers_section(true)
                .out_name(name)
                .generate(out)
        })
        .with_context(|| format!("generating the bindings of {}", input.display()))?;
    let bundle = Bundle { js: out.join(format!("{name}.js")), wasm: out.join(format!("{name}_bg.wasm")) };
    if !fast() {
        node::wasm_opt(context, &bundle.wasm)?;
        node::minify(context, &bundle.js)?;
    }
    Ok(bundle)
}

/// Builds a package for the browser and bundles it into `out`.
pub(crate) fn build(
    context: &Context,
    toolchain: &WasmToolchain,
    package: &str,
    out: &Path,
    name: &str,
) -> Result<Bundle> {
    let wasm = toolchain.build(context, package, if fast() { BETWEEN_EDITS } else { SHIPPED })?;
    bundle(context, &wasm, out, name)
}

/// Copies a file under a name that changes with its content: `editor.css` to `editor-1f2e….css`. Returns the new name.
pub(crate) fn hashed_copy(file: &Path, into: &Path) -> Result<String> {
    let content = std::fs::read(file).with_context(|| format!("could not read {}", file.display()))?;
    let name = file.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    let name = hashed_name(&name, &content);
    files::write(&into.join(&name), content)?;
    Ok(name)
}

fn hashed_name(name: &str, content: &[u8]) -> String {
    let hash = files::content_hash(content);
    match name.rsplit_once('.') {
        Some((stem, extension)) => format!("{stem}-{hash}.{extension}"),
        None => format!("{name}-{hash}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_change_with_the_content() {
        let (a, b) = (hashed_name("x.css", b"a"), hashed_name("x.css", b"b"));
        assert!(a != b && a.starts_with("x-") && a.ends_with(".css"));
    }
}
