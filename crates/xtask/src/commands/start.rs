//! `start`: build all and serve it.

use super::{setup, web_app};
use crate::context::Context;
use crate::steps::{Steps, seconds};
use crate::tools::cargo;
use crate::tools::exec::Exec;
use crate::tools::sizes;
use anyhow::{Context as _, Result};
use std::os::unix::process::CommandExt as _;

/// Flags of `start`.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// A debug build of the server: quicker to build, slower to run
    #[arg(long)]
    debug: bool,

    /// Serve the app as it was built last time
    #[arg(long)]
    no_app_build: bool,

    /// Build everything and serve nothing, for packages and containers
    #[arg(long)]
    build_only: bool,

    /// Further arguments for `tagloom start`, after `--`
    #[arg(last = true)]
    pub(crate) server_args: Vec<String>,
}

pub(crate) fn run(context: &Context, options: &Options) -> Result<()> {
    let mut steps = Steps::new(2, context.verbose);
    let dist = context.dist("app");
    if !(options.no_app_build && dist.join("index.html").exists()) {
        let toolchain = setup::for_build(context, &mut steps)?;
        steps.run("app, wasm release build", |note| {
            let built = web_app::build(context, &toolchain)?;
            let total = sizes::total(&built[..built.len().saturating_sub(1)]);
            note.set(format!("{} kB brotli", total.brotli.div_ceil(1000)));
            Ok(())
        })?;
    }
    let label = if options.debug { "server, debug build" } else { "server, release build" };
    let server = steps.run(label, |_| cargo::build_server(context, !options.debug))?;
    println!("ready in {}", seconds(steps.elapsed()));
    if options.build_only {
        println!("server {}, app {}", server.display(), dist.display());
        return Ok(());
    }
    let error = Exec::new(&server)
        .arg("start")
        .arg("--app-dir")
        .arg(dist)
        .args(&options.server_args)
        .into_command()
        .exec();
    Err(error).with_context(|| format!("could not run {}", server.display()))
}
