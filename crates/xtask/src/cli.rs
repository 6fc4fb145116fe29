//! The commands and their flags.

use crate::commands::{bench, demo, fuzz, new_tag, pkg, setup, start, styles, test};
use crate::context::Context;
use crate::tools::wasm_target::Way;
use anyhow::Result;
use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// Builds, runs, tests and packages Tagloom.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", max_term_width = 100)]
pub(crate) struct Cli {
    /// Show the output of every tool as it comes
    #[arg(long, short, global = true)]
    verbose: bool,

    /// Get the wasm target this way only: each way can be tried by hiding the earlier ones
    #[arg(long, global = true, value_enum, env = "TAGLOOM_WASM_VIA")]
    wasm_via: Option<Way>,

    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Install what building and testing need: wasm target, Chromium, Node packages, Python environment
    Setup(setup::Options),
    /// Build the app and the server and serve them on http://localhost:8080
    Start(start::Options),
    /// Set up, then run every test: formatting, lints, Rust, wasm, package, demo, Node, Python, browser
    Test(test::Options),
    /// The same as `test`; what the CI runs
    Ci(test::Options),
    /// Build the embeddable editor package into pkg/ and check its size budget
    Pkg(pkg::Options),
    /// Build the static demo page into target/dist/demo
    Demo(demo::Options),
    /// Measure: import rate, start time, frame times
    Bench(bench::Options),
    /// Scaffold a new tag: core folder, view folder, entries in both lists
    NewTag(new_tag::Options),
    /// Run the fuzz targets, or say what is missing to do so
    Fuzz(fuzz::Options),
    /// Concatenate the style sheets into target/styles (what Trunk calls before a build)
    #[command(hide = true)]
    Styles,
}

/// Runs one command; a failed test run is an exit code, not an error.
pub(crate) fn run(cli: Cli) -> Result<ExitCode> {
    let context = Context::discover(cli.verbose, cli.wasm_via)?;
    match cli.command {
        Command::Setup(options) => setup::run(&context, &options)?,
        Command::Start(options) => start::run(&context, &options)?,
        Command::Test(options) | Command::Ci(options) => return test::run(&context, &options),
        Command::Pkg(options) => pkg::run(&context, &options)?,
        Command::Demo(options) => demo::run(&context, &options)?,
        Command::Bench(options) => bench::run(&context, &options)?,
        Command::NewTag(options) => new_tag::run(&context, &options)?,
        Command::Fuzz(options) => fuzz::run(&context, &options)?,
        Command::Styles => styles::run(&context)?,
    }
    Ok(ExitCode::SUCCESS)
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn start_hands_extra_arguments_to_the_server() {
        let cli = Cli::try_parse_from(["x", "start", "--", "--port", "9000"]).expect("parses");
        let Command::Start(options) = cli.command else { panic!("not start") };
        assert_eq!(options.server_args, ["--port", "9000"]);
    }
}
