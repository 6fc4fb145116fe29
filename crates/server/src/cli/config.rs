//! `tagloom config check` and `tagloom config types`.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a command line speaks to its terminal")]

use super::args::ConfigAction;
use std::path::Path;
use std::process::ExitCode;
use tagloom_label_config::{Severity, render};
use tagloom_tags::Config;

fn read(file: &Path) -> Result<Config, ExitCode> {
    match std::fs::read_to_string(file) {
        Ok(text) => Ok(Config::new(&text)),
        Err(e) => {
            eprintln!("error: cannot read the config: {e}: {}", file.display());
            Err(ExitCode::FAILURE)
        }
    }
}

pub(super) fn run(action: &ConfigAction) -> ExitCode {
    match action {
        ConfigAction::Check { file } => {
            let config = match read(file) {
                Ok(config) => config,
                Err(code) => return code,
            };
            print!("{}", render(config.diagnostics(), config.source(), &file.display().to_string()));
            let (errors, warnings) = (config.count(Severity::Error), config.count(Severity::Warning));
            println!("{errors} errors, {warnings} warnings");
            if errors > 0 { ExitCode::FAILURE } else { ExitCode::SUCCESS }
        }
        ConfigAction::Types { file, json_schema } => {
            let config = match read(file) {
                Ok(config) => config,
                Err(code) => return code,
            };
            if *json_schema {
                println!("{:#}", tagloom_tags::json_schema(&config));
            } else {
                println!("{}", tagloom_tags::typescript(&config));
            }
            ExitCode::SUCCESS
        }
    }
}
