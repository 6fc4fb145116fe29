//! `setup`: everything that building and testing need.

use crate::context::Context;
use crate::steps::Steps;
use crate::tools::wasm_target::{self, WasmToolchain};
use crate::tools::{chromium, nginx, node, python};
use anyhow::Result;

/// Flags of `setup`.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// Only what building needs: wasm target and wasm-opt, no browser, no test packages
    #[arg(long)]
    build_only: bool,
}

pub(crate) fn run(context: &Context, options: &Options) -> Result<()> {
    let mut steps = Steps::new(if options.build_only { 0 } else { 4 }, context.verbose);
    let toolchain = for_build(context, &mut steps)?;
    if !options.build_only {
        browser(context, &mut steps)?;
        test_packages(context, &mut steps)?;
        python_environment(context, &mut steps)?;
        balancer(context, &mut steps)?;
    }
    println!("ready: wasm target {}", toolchain.origin);
    Ok(())
}

/// The wasm target and the Node tools of the build: two steps.
pub(crate) fn for_build(context: &Context, steps: &mut Steps) -> Result<WasmToolchain> {
    steps.expect(2);
    let toolchain = steps.run("wasm target", |note| {
        let toolchain = wasm_target::ensure(context)?;
        note.set(toolchain.origin.clone());
        Ok(toolchain)
    })?;
    steps.run("Node build tools", |note| {
        note.set(if node::install(context, node::TOOLS)? { "installed" } else { "already there" });
        Ok(())
    })?;
    Ok(toolchain)
}

pub(crate) fn browser(context: &Context, steps: &mut Steps) -> Result<()> {
    steps.run("Chromium", |note| {
        note.set(chromium::ensure(context)?.display().to_string());
        Ok(())
    })
}

pub(crate) fn test_packages(context: &Context, steps: &mut Steps) -> Result<()> {
    steps.run("Node test packages", |note| {
        note.set(if node::install(context, node::E2E)? { "installed" } else { "already there" });
        Ok(())
    })
}

pub(crate) fn python_environment(context: &Context, steps: &mut Steps) -> Result<()> {
    steps.run("Python environment", |note| {
        let (_, made) = python::ensure(context)?;
        note.set(if made { "made" } else { "already there" });
        Ok(())
    })
}

pub(crate) fn balancer(context: &Context, steps: &mut Steps) -> Result<()> {
    steps.run("nginx", |note| {
        note.set(nginx::ensure(context)?.display().to_string());
        Ok(())
    })
}
