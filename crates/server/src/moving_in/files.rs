//! Uploaded files: their records, and the files themselves out of a media folder.

use super::report::Line;
use super::target::put;
use super::{Move, Options};
use crate::files::FileStore;
use crate::time;
use anyhow::Context;
use sea_orm::Value as Sql;

/// Files that have been copied; they go again unless they are to be kept.
#[derive(Debug)]
pub(super) struct Copied {
    to: FileStore,
    paths: Vec<String>,
}

impl Copied {
    pub fn keep(&mut self) {
        self.paths.clear();
    }
}

impl Drop for Copied {
    fn drop(&mut self) {
        for path in &self.paths {
            if let Err(error) = self.to.remove(path) {
                tracing::warn!("a copied file could not be removed: {error}: {path}");
            }
        }
    }
}

pub(super) async fn take(moving: &mut Move<'_>, options: &Options) -> anyhow::Result<Copied> {
    let (uploads, projects) = (moving.shift("file_uploads"), moving.shift("projects"));
    let columns = &["id", "project_id", "user_id", "file"];
    let found = moving.source.count("data_import_fileupload", "1 = 1").await?;
    let rows =
        moving.source.all("data_import_fileupload", columns, &moving.in_projects("t.project_id")).await?;
    let mut line = Line::new("uploads", found);
    line.leave("of projects that are left", found - rows.len() as i64);
    let from = options.media.as_deref().map(FileStore::open).transpose().context("the folder of --media")?;
    let mut copied = Copied { to: moving.state.files.clone(), paths: vec![] };
    let (mut out, mut missing): (Vec<Vec<Sql>>, Vec<String>) = (Vec::new(), Vec::new());
    for row in rows {
        let file = row.string("file");
        let size = match &from {
            None => None,
            Some(from) => match from.open_file(&file) {
                Ok((_, metadata)) if options.dry_run => Some(metadata.len()),
                Ok((mut source, _)) => {
                    anyhow::ensure!(
                        copied.to.open_file(&file).is_err(),
                        "the file {file} is here already; was this database taken over before?"
                    );
                    copied.paths.push(file.clone());
                    let mut target = copied.to.create(&file)?;
                    let size = std::io::copy(&mut source, &mut target)
                        .with_context(|| format!("cannot copy {file}"))?;
                    target.sync_all()?;
                    Some(size)
                }
                Err(error) => {
                    tracing::warn!("an uploaded file is missing: {error}: {file}");
                    None
                }
            },
        };
        if size.is_none() {
            missing.push(file.clone());
        }
        out.push(vec![
            uploads.of(row.id()?).into(),
            projects.of(row.int("project_id").unwrap_or_default()).into(),
            moving.people.user(row.int("user_id")).into(),
            file.into(),
            size.map_or(0, |n| i64::try_from(n).unwrap_or(i64::MAX)).into(),
            time::now().into(),
        ]);
    }
    line.taken = out.len() as i64;
    line.counted = Some(("file_uploads", format!("id > {}", uploads.after())));
    if !missing.is_empty() {
        let examples: Vec<&str> = missing.iter().take(3).map(String::as_str).collect();
        let why = if from.is_some() {
            "are not in that folder"
        } else {
            "were not copied: name their folder with --media"
        };
        moving.report.notes.push(format!(
            "{} uploaded files {why}, such as {}",
            missing.len(),
            examples.join(", ")
        ));
    }
    put(moving.tx, "file_uploads", &["id", "project", "user_id", "file", "size", "created_at"], out).await?;
    moving.report.lines.push(line);
    Ok(copied)
}
