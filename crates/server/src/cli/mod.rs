//! The command line (spec/server.md 1.1, 1.2).

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a command line speaks to its terminal")]

mod args;
mod audit;
mod config;
mod db;
mod doctor;
mod start;
mod stats;
mod stop;
mod users;

pub use args::{Cli, Command, Flags};

use crate::state::AppState;
use clap::Parser;
use std::ffi::OsString;
use std::process::ExitCode;

/// Runs the command that the process was called with.
pub fn main() -> ExitCode {
    let cli = Cli::parse_from(arguments(std::env::args_os()));
    if let Some(Command::Config { action }) = &cli.command {
        return config::run(action);
    }
    if cli.flags.version || matches!(cli.command, Some(Command::Version)) {
        println!("Tagloom version: {}", env!("CARGO_PKG_VERSION"));
        println!("Label Studio API: {}", crate::routes::misc::RELEASE);
        return ExitCode::SUCCESS;
    }
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(e) => return failed(&anyhow::anyhow!("cannot start: {e}")),
    };
    let ended = runtime.block_on(run(cli));
    // A thread that still reads a disk must not hold up the end.
    runtime.shutdown_timeout(std::time::Duration::from_secs(2));
    match ended {
        Ok(code) => code,
        Err(e) => failed(&e),
    }
}

/// Label Studio's `-db` has one dash and two letters, which would be read as two flags.
fn arguments(given: impl Iterator<Item = OsString>) -> impl Iterator<Item = OsString> {
    given.map(|a| if a == "-db" { "--database".into() } else { a })
}

fn failed(error: &anyhow::Error) -> ExitCode {
    eprintln!("error: {error:#}");
    ExitCode::FAILURE
}

async fn run(cli: Cli) -> anyhow::Result<ExitCode> {
    let settings = cli.flags.settings()?;
    crate::log::start(&settings)?;
    let open = || AppState::open(settings.clone());
    match cli.command.unwrap_or(Command::Start { project_name: None, init: false }) {
        Command::Start { project_name, init } => {
            let state = open().await?;
            if init {
                users::init(&state, project_name.as_deref(), true).await?;
            } else if let Some(name) = project_name
                && !users::has_project(&state, &name).await?
            {
                println!(
                    "Project \"{name}\" not found. `tagloom start {name:?} --init` makes it; without a name all are served."
                );
                return Ok(ExitCode::SUCCESS);
            }
            start::serve(state, !cli.flags.no_browser).await?;
        }
        Command::Init { project_name, quiet } => {
            users::init(&open().await?, project_name.as_deref(), quiet).await?;
        }
        Command::User => return users::show(&open().await?).await,
        Command::ResetPassword => return users::reset_password(&open().await?).await,
        Command::Export { project_id, format, export_path } => {
            users::export(&open().await?, project_id, &format, export_path).await?;
        }
        Command::Db { action } => return db::run(settings, action).await,
        Command::Audit(args) => audit::show(&open().await?, &args).await?,
        Command::CalculateStats { from_scratch } => stats::run(&open().await?, from_scratch).await?,
        Command::FillUpdatedBy => {
            println!("There is nothing to fill: it is written when an annotation is changed.")
        }
        Command::Doctor { action } => return doctor::run(&open().await?, &action).await,
        Command::Version | Command::Config { .. } => {}
    }
    Ok(ExitCode::SUCCESS)
}
