//! Which local files may be served (spec/server.md 4.7), and which rule says so.
//!
//! A path is one below the document root. Links are resolved, and what they lead to is judged again: it must lie below
//! the root, and in a folder that is served. Folders are served by the import storages of the caller's projects; with
//! `--root` all of the root is. What no rule allows is refused before the disk is asked whether it exists.

use crate::error::ApiError;
use crate::files::{FileError, FileStore};
use crate::state::AppState;
use crate::store::storages::{LocalFolder, local_folders};
use axum::http::StatusCode;
use std::fmt;
use std::path::{Component, Path, PathBuf};
use tagloom_storages::Root;

/// Why a path is not served.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    Off,
    NoPath,
    /// NUL, backslashes.
    Characters,
    /// `..`, drives.
    Outside,
    /// No import storage has the folder.
    NoStorage {
        path: String,
    },
    Missing {
        path: String,
    },
    Folder {
        path: String,
    },
    NotRegular {
        path: String,
    },
    /// A link to something outside of the root.
    LinkOut {
        path: String,
    },
    /// A link to a place in the root that no storage has.
    LinkToUnserved {
        path: String,
    },
    Unreadable {
        path: String,
    },
}

impl Refusal {
    /// A word for the rule, the same in answers, in logs and in the doctor.
    pub fn rule(&self) -> &'static str {
        match self {
            Self::Off => "serving-is-off",
            Self::NoPath => "no-path",
            Self::Characters => "characters",
            Self::Outside => "outside-root",
            Self::NoStorage { .. } => "no-storage",
            Self::Missing { .. } => "no-such-file",
            Self::Folder { .. } => "is-a-folder",
            Self::NotRegular { .. } => "no-regular-file",
            Self::LinkOut { .. } => "link-leads-out",
            Self::LinkToUnserved { .. } => "link-to-unserved",
            Self::Unreadable { .. } => "unreadable",
        }
    }

    fn status(&self) -> StatusCode {
        match self {
            Self::Off | Self::NoPath | Self::Characters | Self::Outside | Self::LinkOut { .. } => {
                StatusCode::FORBIDDEN
            }
            _ => StatusCode::NOT_FOUND,
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Off => f.write_str(
                "Serving local files is off; start the server with --root DIR, or set LOCAL_FILES_SERVING_ENABLED and \
                 LOCAL_FILES_DOCUMENT_ROOT.",
            )?,
            Self::NoPath => f.write_str("Name the file with the parameter d, as a path below the document root.")?,
            Self::Characters => f.write_str(
                "A path has no NUL and no backslash; folders are parted by /, on every system.",
            )?,
            Self::Outside => f.write_str("The path leads out of the document root; it may not hold .. or a drive.")?,
            Self::NoStorage { path } => write!(
                f,
                "No import storage of local files in your projects has the folder of this file. Add one in the project's \
                 settings, with this folder or one above it, or start the server with --root; the path is {path}"
            )?,
            Self::Missing { path } => write!(
                f,
                "There is no such file below the document root; upper and lower case count, and in a container it is the \
                 path inside of it: {path}"
            )?,
            Self::Folder { path } => write!(f, "This is a folder: {path}")?,
            Self::NotRegular { path } => write!(f, "This is no regular file: {path}")?,
            Self::LinkOut { path } => {
                write!(f, "A link on this path leads out of the document root; put the file itself there: {path}")?;
            }
            Self::LinkToUnserved { path } => write!(
                f,
                "A link on this path leads to a folder that no import storage of your projects has: {path}"
            )?,
            Self::Unreadable { path } => {
                write!(f, "The server may not read this file; give its user the right to it: {path}")?;
            }
        }
        write!(f, " (rule: {})", self.rule())
    }
}

impl From<Refusal> for ApiError {
    fn from(refusal: Refusal) -> Self {
        Self::Status(refusal.status(), refusal.to_string())
    }
}

/// What allows a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rule {
    /// `--root`
    WholeRoot,
    Storage {
        storage: i64,
        project: i64,
    },
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::WholeRoot => f.write_str("everything below --root is served"),
            Self::Storage { storage, project } => {
                write!(f, "import storage {storage} of project {project} has this folder")
            }
        }
    }
}

/// A file that may be served.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Allowed {
    /// Below the root, links resolved.
    pub path: String,
    pub rule: Rule,
}

/// Judges a path, as a member of an organization; as the operator, who sees all storages, without one.
pub async fn judge(
    state: &AppState,
    organization: Option<i64>,
    path: &str,
) -> Result<Result<Allowed, Refusal>, ApiError> {
    let (Some(root), Some(files)) = (state.buckets.root(), state.local_files.clone()) else {
        return Ok(Err(Refusal::Off));
    };
    let folders = if state.settings.local_files_by_storage {
        Some(local_folders(state.db.read(), organization).await?)
    } else {
        None
    };
    let (root, path) = (root.clone(), path.to_owned());
    let judged = move || judge_now(&root, &files, folders.as_deref(), &path);
    Ok(tokio::task::spawn_blocking(judged).await.map_err(anyhow::Error::from)?)
}

/// A relative path of plain names.
fn clean(path: &str) -> Result<PathBuf, Refusal> {
    if path.trim().is_empty() {
        return Err(Refusal::NoPath);
    }
    if path.contains(['\0', '\\']) {
        return Err(Refusal::Characters);
    }
    let mut out = PathBuf::new();
    for part in Path::new(path.trim_start_matches('/')).components() {
        match part {
            Component::Normal(name) => out.push(name),
            Component::CurDir => {}
            _ => return Err(Refusal::Outside),
        }
    }
    if out.as_os_str().is_empty() { Err(Refusal::NoPath) } else { Ok(out) }
}

fn judge_now(
    root: &Root,
    files: &FileStore,
    folders: Option<&[LocalFolder]>,
    path: &str,
) -> Result<Allowed, Refusal> {
    let path = clean(path)?;
    let shown = path.to_string_lossy().into_owned();
    // By name first: what is not served is not even looked for.
    let by_name = match folders {
        None => Rule::WholeRoot,
        Some(folders) => {
            let has = |folder: &&LocalFolder| {
                root.relative(&folder.path).is_some_and(|folder| lies_in(&path, &folder))
            };
            let found = folders.iter().find(has).ok_or_else(|| Refusal::NoStorage { path: shown.clone() })?;
            Rule::Storage { storage: found.storage, project: found.project }
        }
    };
    let real = root.path().join(&path).canonicalize().map_err(|error| match error.kind() {
        std::io::ErrorKind::PermissionDenied => Refusal::Unreadable { path: shown.clone() },
        _ => Refusal::Missing { path: shown.clone() },
    })?;
    let below = real.strip_prefix(root.path()).map_err(|_| Refusal::LinkOut { path: shown.clone() })?;
    let rule = match folders.filter(|_| below != path) {
        None => by_name,
        Some(folders) => {
            let resolved = |folder: &LocalFolder| {
                let folder = root.path().join(root.relative(&folder.path)?).canonicalize().ok()?;
                folder.strip_prefix(root.path()).ok().map(Path::to_owned)
            };
            let has = |folder: &&LocalFolder| resolved(folder).is_some_and(|folder| lies_in(below, &folder));
            let found =
                folders.iter().find(has).ok_or_else(|| Refusal::LinkToUnserved { path: shown.clone() })?;
            Rule::Storage { storage: found.storage, project: found.project }
        }
    };
    let below = below.to_str().ok_or_else(|| Refusal::Missing { path: shown.clone() })?;
    // Asked before it is opened: a pipe would keep us waiting.
    match real.metadata() {
        Ok(metadata) if metadata.is_dir() => return Err(Refusal::Folder { path: shown }),
        Ok(metadata) if !metadata.is_file() => return Err(Refusal::NotRegular { path: shown }),
        _ => {}
    }
    match files.open_file(below) {
        Ok(_) => Ok(Allowed { path: below.to_owned(), rule }),
        Err(FileError::Outside) => Err(Refusal::LinkOut { path: shown }),
        Err(FileError::Missing) => Err(Refusal::Missing { path: shown }),
        Err(FileError::IsFolder) => Err(Refusal::Folder { path: shown }),
        Err(FileError::Io(_) | FileError::Bucket(_)) => Err(Refusal::Unreadable { path: shown }),
    }
}

/// Whether the folder of a file is a folder, or below it.
fn lies_in(file: &Path, folder: &Path) -> bool {
    file.parent().is_some_and(|parent| parent.starts_with(folder))
}

/// The `path` of a storage as it is stored: a full path in the root without a slash at its end. A path that is none below
/// the root stays as it is, for the storage's own check to refuse.
pub fn normalised(state: &AppState, path: &str) -> String {
    let trimmed = path.trim();
    let trimmed = if trimmed.len() > 1 { trimmed.trim_end_matches('/') } else { trimmed };
    let Some(root) = state.buckets.root() else { return trimmed.to_owned() };
    // The root may be named through a link; the storage's path too.
    let configured = state.settings.local_files.as_deref();
    let below = root
        .relative(trimmed)
        .or_else(|| {
            Path::new(trimmed).strip_prefix(configured?).ok().and_then(|p| root.relative(p.to_str()?))
        })
        .or_else(|| root.relative(Path::new(trimmed).canonicalize().ok()?.to_str()?));
    let full = below.and_then(|below| root.path().join(below).to_str().map(str::to_owned));
    full.map_or_else(|| trimmed.to_owned(), |full| full.trim_end_matches('/').to_owned())
}
