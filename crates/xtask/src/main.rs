//! `cargo xtask`: everything worth repeating, from set-up to benchmarks.
//!
//! Steps print one line with progress and elapsed time; the output of the tools they run stays in log files under
//! `target/xtask/logs` and is shown only when a step fails (or with `--verbose`).
#![allow(clippy::print_stdout, reason = "a command line tool talks through standard output")]

mod cli;
mod commands;
mod context;
mod steps;
mod tools;

use clap::Parser as _;
use std::process::ExitCode;

fn main() -> ExitCode {
    match cli::run(cli::Cli::parse()) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
