//! `tagloom db backup` and `tagloom db restore`.
//!
//! A backup of the database is one file: SQLite's own online copy, checked, or what `pg_dump` writes. With the media it is
//! a folder: that file, `media/`, the key of the installation, and `backup.json`, which is written last; a folder without
//! it is a backup that did not finish.
//!
//! - A backup can be made while servers run: the database is a snapshot, and files are only ever added before rows name
//!   them, so the media that are copied afterwards hold every file the snapshot knows, unless somebody deletes it meanwhile.
//! - A restore refuses while a server runs, and where there is something already unless it is forced; what was there is
//!   then kept beside it (SQLite, media, key) or replaced in one transaction (PostgreSQL).

mod guard;
mod media;
mod postgres;
mod sqlite;

pub use guard::Guard;

use crate::settings::Settings;
use crate::time;
use anyhow::Context;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

const MANIFEST: &str = "backup.json";
const KEY: &str = "secret.env";

#[derive(Debug, Serialize, Deserialize)]
struct Manifest {
    tagloom: String,
    /// `sqlite` or `postgresql`.
    database: String,
    created_at: String,
    files: u64,
    bytes: u64,
}

fn kind(settings: &Settings) -> &'static str {
    if settings.database_url.is_some() { "postgresql" } else { "sqlite" }
}

fn database_name(kind: &str) -> &'static str {
    if kind == "postgresql" { "database.pgdump" } else { "database.sqlite3" }
}

async fn database(settings: &Settings, file: &Path) -> anyhow::Result<()> {
    match &settings.database_url {
        Some(url) => postgres::backup(url, file).await,
        None => sqlite::backup(&settings.database, file).await,
    }
}

/// A path beside another one, for what is not finished or no longer wanted.
fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(suffix);
    path.with_file_name(name)
}

/// A suffix that sorts by time and fits every file system.
fn stamp() -> String {
    time::now().chars().filter(char::is_ascii_digit).take(14).collect()
}

/// Makes a backup; gives what to tell.
pub async fn backup(settings: &Settings, target: &Path, with_media: bool) -> anyhow::Result<String> {
    anyhow::ensure!(!target.exists(), "there is something already: {}", target.display());
    if let Some(parent) = target.parent().filter(|p| !p.as_os_str().is_empty()) {
        anyhow::ensure!(parent.is_dir(), "there is no such folder: {}", parent.display());
    }
    let unfinished = beside(target, ".unfinished");
    if !with_media {
        let done = database(settings, &unfinished).await;
        if done.is_err() {
            let _ = std::fs::remove_file(&unfinished);
        }
        done?;
        std::fs::rename(&unfinished, target)?;
        return Ok(format!(
            "The database is in {}. Uploaded files and the key of this installation ({}) are not in it: use --with-media \
             for all of it.",
            target.display(),
            settings.data_dir.join(".env").display()
        ));
    }
    if unfinished.exists() {
        std::fs::remove_dir_all(&unfinished)
            .with_context(|| format!("cannot remove {}", unfinished.display()))?;
    }
    crate::files::create_private_dir(&unfinished)?;
    database(settings, &unfinished.join(database_name(kind(settings)))).await?;
    let (files, bytes) = media::copy(&settings.data_dir.join("media"), &unfinished.join("media"))?;
    let key = settings.data_dir.join(".env");
    if key.exists() {
        media::copy_private(&key, &unfinished.join(KEY))?;
    }
    let manifest = Manifest {
        tagloom: env!("CARGO_PKG_VERSION").into(),
        database: kind(settings).into(),
        created_at: time::now(),
        files,
        bytes,
    };
    std::fs::write(unfinished.join(MANIFEST), serde_json::to_string_pretty(&manifest)?)?;
    std::fs::rename(&unfinished, target)?;
    Ok(format!(
        "The database, {files} files ({bytes} bytes) and the key of this installation are in {}. Whoever has it can sign \
         in as anybody: keep it safe.",
        target.display()
    ))
}

/// Brings a backup back; gives what to tell.
pub async fn restore(settings: &Settings, source: &Path, force: bool) -> anyhow::Result<String> {
    anyhow::ensure!(source.exists(), "there is no such backup: {}", source.display());
    let folder = source.is_dir();
    let file = if folder {
        let text = std::fs::read_to_string(source.join(MANIFEST)).with_context(|| {
            format!("this is no finished backup, it has no {MANIFEST}: {}", source.display())
        })?;
        let manifest: Manifest =
            serde_json::from_str(&text).context("the backup's backup.json is damaged")?;
        anyhow::ensure!(
            manifest.database == kind(settings),
            "the backup is of {}, the database named here is {}",
            manifest.database,
            kind(settings)
        );
        source.join(database_name(kind(settings)))
    } else {
        source.to_owned()
    };
    crate::files::create_private_dir(&settings.data_dir)?;
    let kept = beside(Path::new("x"), &format!(".before-restore-{}", stamp()));
    let kept = kept.to_string_lossy().trim_start_matches('x').to_owned();
    // Whatever can be refused is refused before anything is changed.
    let media_here = settings.data_dir.join("media");
    if folder && !force {
        anyhow::ensure!(
            media::is_empty(&media_here),
            "there are media already; --force puts them aside: {}",
            media_here.display()
        );
    }
    match &settings.database_url {
        Some(url) => postgres::restore(url, &file, force).await?,
        None => sqlite::restore(&settings.database, &file, force, &kept).await?,
    }
    let mut told = "The database is restored.".to_owned();
    if folder {
        if !media::is_empty(&media_here) {
            std::fs::rename(&media_here, beside(&media_here, &kept))?;
        }
        let (files, _) = media::copy(&source.join("media"), &media_here)?;
        told = format!("The database and {files} files are restored.");
        let (from, to) = (source.join(KEY), settings.data_dir.join(".env"));
        if from.exists() && std::fs::read(&from).ok() != std::fs::read(&to).ok() {
            if to.exists() {
                std::fs::rename(&to, beside(&to, &kept))?;
            }
            media::copy_private(&from, &to)?;
        }
    }
    if force {
        told += &format!(" What was there before has {kept:?} in its name, if anything was.");
    }
    Ok(told)
}
