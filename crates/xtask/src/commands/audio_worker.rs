//! The Web Worker that decodes sound: a wasm module of its own, loaded only by pages with an Audio tag.

use crate::context::Context;
use crate::tools::files;
use crate::tools::sizes::{self, Size};
use crate::tools::wasm_bundle;
use crate::tools::wasm_target::WasmToolchain;
use anyhow::{Context as _, Result, bail};
use std::path::{Path, PathBuf};

/// The script that a page starts; it imports the others beside it.
pub(crate) const SCRIPT: &str = "audio_worker.js";

/// What a page with sound loads on top, in gzip bytes.
const BUDGET_GZIP: u64 = 500_000;

/// Builds the worker into a folder; the files written. The size is printed and held to its budget.
pub(crate) fn build(context: &Context, toolchain: &WasmToolchain, dist: &Path) -> Result<Vec<PathBuf>> {
    let work = context.private("audio-worker-bundle");
    let bundle =
        wasm_bundle::build(context, toolchain, "tagloom-audio-worker", &work, "tagloom_audio_worker")?;
    let script = dist.join(SCRIPT);
    files::copy(&context.path("crates/audio-worker/src/worker.js"), &script)?;
    let mut written = vec![script];
    for file in [bundle.js, bundle.wasm] {
        let to = dist.join(file.file_name().unwrap_or_default());
        files::copy(&file, &to)?;
        written.push(to);
    }
    let sizes = sizes::measure(context, &written, false)?;
    let total = sizes::total(&sizes);
    println!("audio worker: {} kB gzip of {} kB", total.gzip.div_ceil(1000), BUDGET_GZIP / 1000);
    check(&total)?;
    Ok(written)
}

/// Builds the worker into a folder whose name changes with its content; the script's path from `assets`.
pub(crate) fn build_hashed(context: &Context, toolchain: &WasmToolchain, assets: &Path) -> Result<String> {
    let dist = context.private("audio-worker-app");
    files::fresh_dir(&dist)?;
    let written = build(context, toolchain, &dist)?;
    let mut content = Vec::new();
    for file in &written {
        content.extend(std::fs::read(file).with_context(|| format!("could not read {}", file.display()))?);
    }
    let folder = format!("audio-{}", files::content_hash(&content));
    files::copy_dir(&dist, &assets.join(&folder))?;
    Ok(format!("{folder}/{SCRIPT}"))
}

fn check(total: &Size) -> Result<()> {
    if total.gzip > BUDGET_GZIP && !wasm_bundle::fast() {
        bail!(
            "the audio worker is over its budget: {} kB of {} kB gzip",
            total.gzip.div_ceil(1000),
            BUDGET_GZIP / 1000
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worker_has_a_budget_of_its_own() {
        let size = |gzip| Size { name: "x".into(), raw: 1, gzip, brotli: 1 };
        assert!(check(&size(500_000)).is_ok());
        assert!(check(&size(500_001)).expect_err("over").to_string().contains("501 kB of 500 kB"));
    }
}
