//! `fuzz`: runs the fuzz targets below `fuzz/`, or says what is missing.

use crate::context::Context;
use crate::tools::exec::{Exec, which};
use crate::tools::files;
use anyhow::{Result, bail};

/// Flags of `fuzz`.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// One target only
    target: Option<String>,

    /// Seconds for each target
    #[arg(long, default_value_t = 60)]
    seconds: u32,
}

pub(crate) fn run(context: &Context, options: &Options) -> Result<()> {
    let mut missing = Vec::new();
    let dir = context.path("fuzz/fuzz_targets");
    if !dir.is_dir() {
        missing.push("no fuzz targets in this repository yet (fuzz/fuzz_targets)".to_owned());
    }
    if which("cargo-fuzz").is_none() {
        missing.push("cargo-fuzz: cargo install cargo-fuzz --locked".to_owned());
    }
    if Exec::new("rustc").args(["+nightly", "-V"]).read().is_err() {
        missing.push("a nightly compiler: rustup toolchain install nightly".to_owned());
    }
    if !missing.is_empty() {
        bail!("fuzzing needs:\n- {}", missing.join("\n- "));
    }
    for file in files::list(&dir)? {
        let Some(name) = file.file_stem().map(|n| n.to_string_lossy().into_owned()) else { continue };
        if options.target.as_ref().is_some_and(|target| *target != name) {
            continue;
        }
        println!("fuzzing {name} for {} s", options.seconds);
        Exec::new("cargo")
            .args(["+nightly", "fuzz", "run", &name, "--"])
            .arg(format!("-max_total_time={}", options.seconds))
            .dir(&context.root)
            .run(context)?;
    }
    Ok(())
}
