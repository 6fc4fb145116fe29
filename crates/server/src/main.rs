//! The `tagloom` command.

use std::process::ExitCode;

fn main() -> ExitCode {
    tagloom_server::cli::main()
}
