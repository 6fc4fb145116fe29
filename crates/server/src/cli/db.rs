//! `tagloom db backup`, `restore`, `copy`, `import-label-studio`.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a command line speaks to its terminal")]

use super::args::DbAction;
use crate::settings::Settings;
use crate::state::AppState;
use crate::{backup, moving_in, moving_over};
use std::process::ExitCode;

pub(super) async fn run(settings: Settings, action: DbAction) -> anyhow::Result<ExitCode> {
    match action {
        DbAction::Backup { target, with_media } => {
            println!("{}", backup::backup(&settings, &target, with_media).await?);
        }
        DbAction::Restore { source, force } => {
            println!("{}", backup::restore(&settings, &source, force).await?);
        }
        DbAction::Copy { source } => {
            let copied = moving_over::run(&settings, &source, &|text| eprintln!("{text}")).await?;
            for (table, rows) in copied.iter().filter(|(_, rows)| *rows > 0) {
                println!("{table:<20}{rows:>10}");
            }
            println!(
                "All of it was copied. Uploaded files and the key of this installation stay in {}: start the server with \
                 the same folder, or with the same SECRET_KEY and bucket.",
                settings.data_dir.display()
            );
        }
        DbAction::ImportLabelStudio { source, media, dry_run } => {
            let options = moving_in::Options { source, media, dry_run };
            let state = AppState::open(settings).await?;
            let report = moving_in::run(&state, &options, &|text| eprintln!("{text}")).await?;
            print!("{report}");
            println!(
                "{}",
                if dry_run { "Nothing was kept: this was a dry run." } else { "All of it was taken over." }
            );
        }
    }
    Ok(ExitCode::SUCCESS)
}
