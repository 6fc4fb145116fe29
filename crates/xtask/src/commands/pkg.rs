//! `pkg`: the embeddable editor as an ESM package, with its size budget.

use super::{audio_worker, setup};
use crate::context::Context;
use crate::steps::Steps;
use crate::tools::exec::Exec;
use crate::tools::sizes::{self, Size};
use crate::tools::wasm_bundle;
use crate::tools::wasm_target::WasmToolchain;
use crate::tools::{files, node, styles};
use anyhow::{Result, bail};
use std::path::PathBuf;

/// What a host page may have to load, in gzip bytes: wasm, JavaScript and CSS together. 780 kB of it in brotli, which is
/// what hosts send.
const BUDGET_GZIP: u64 = 1_150_000;

/// Flags of `pkg`.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// Do not check the types
    #[arg(long)]
    no_types: bool,
}

pub(crate) fn run(context: &Context, options: &Options) -> Result<()> {
    let mut steps = Steps::new(if options.no_types { 1 } else { 3 }, context.verbose);
    let toolchain = setup::for_build(context, &mut steps)?;
    let sizes = steps.run("editor package, wasm release build", |_| build(context, &toolchain))?;
    if !options.no_types {
        setup::test_packages(context, &mut steps)?;
        steps.run("types of the package", |_| check_types(context))?;
    }
    println!("\n{}", report(&sizes));
    check_budget(&sizes)
}

/// Builds into `pkg/dist` and measures every file that a host loads.
pub(crate) fn build(context: &Context, toolchain: &WasmToolchain) -> Result<Vec<Size>> {
    let work = context.private("pkg-bundle");
    wasm_bundle::build(context, toolchain, "tagloom-editor-wasm", &work, "tagloom_editor")?;
    let dist = context.path("pkg/dist");
    files::fresh_dir(&dist)?;
    files::copy_dir(&work, &dist)?;
    let worker = audio_worker::build(context, toolchain, &dist)?;
    files::write(&dist.join("style.css"), styles::editor(context)?)?;
    files::copy(&context.path("LICENSE"), &context.path("pkg/dist/LICENSE"))?;
    let mut loaded: Vec<PathBuf> = files::walk(&dist)?;
    loaded.extend(files::walk(&context.path("pkg/src"))?);
    loaded.retain(|path| !worker.contains(path));
    loaded.retain(|path| {
        path.extension().and_then(|e| e.to_str()).is_some_and(|e| matches!(e, "js" | "wasm" | "css"))
    });
    sizes::measure(context, &loaded, false)
}

/// Checks the hand-written types against a file that uses them.
pub(crate) fn check_types(context: &Context) -> Result<()> {
    Exec::new("node")
        .arg(context.path(node::E2E).join("node_modules/typescript/bin/tsc"))
        .args(["--noEmit", "--project"])
        .arg(context.path("pkg/tests/tsconfig.json"))
        .run(context)
}

/// The table with its last line saying how much of the budget is used.
pub(crate) fn report(sizes: &[Size]) -> String {
    let mut rows = sizes.to_vec();
    let total = sizes::total(sizes);
    let used = total.gzip * 100 / BUDGET_GZIP;
    rows.push(total);
    format!("{}budget: {used} % of {} kB gzip", sizes::table(&rows), BUDGET_GZIP / 1000)
}

pub(crate) fn check_budget(sizes: &[Size]) -> Result<()> {
    let total = sizes::total(sizes).gzip;
    if total > BUDGET_GZIP && !wasm_bundle::fast() {
        bail!(
            "the package is over its budget: {} kB of {} kB gzip",
            total.div_ceil(1000),
            BUDGET_GZIP / 1000
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_budget_counts_gzip_bytes_of_all_files() {
        let size = |gzip| Size { name: "x".into(), raw: 9_000_000, gzip, brotli: 1 };
        assert!(check_budget(&[size(575_000), size(575_000)]).is_ok());
        let error = check_budget(&[size(575_000), size(575_001)]).expect_err("over");
        assert!(error.to_string().contains("1151 kB of 1150 kB"), "{error}");
        assert!(report(&[size(575_000)]).contains("50 % of 1150 kB"));
    }
}
