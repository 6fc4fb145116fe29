//! Files below one folder, served with ranges. The folder is a capability: no path trick leaves it.

mod kind;
mod media;
pub mod picture;
mod place;
mod serve;

pub use media::Media;
pub use place::MediaBucket;
pub use serve::serve;

use cap_std::ambient_authority;
use cap_std::fs::Dir;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

/// A root folder. Every path is relative to it; links that lead out of it are refused by the handle itself.
#[derive(Clone, Debug)]
pub struct FileStore {
    dir: Arc<Dir>,
    root: PathBuf,
}

/// Why a path is refused or not served.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    #[error("The path leaves the folder that is served.")]
    Outside,
    #[error("There is no such file.")]
    Missing,
    #[error("The path is a folder.")]
    IsFolder,
    #[error("The file cannot be read.")]
    Io(#[from] std::io::Error),
    /// Where uploads live does not answer; the words are for the log.
    #[error("The place of uploads cannot be reached now.")]
    Bucket(String),
}

impl From<FileError> for crate::error::ApiError {
    fn from(error: FileError) -> Self {
        match error {
            FileError::Outside => Self::Forbidden(error.to_string()),
            FileError::Missing | FileError::IsFolder => Self::NotFound(error.to_string()),
            FileError::Io(e) => Self::Internal(e.into()),
            FileError::Bucket(ref why) => {
                tracing::error!("the bucket of uploads: {why}");
                Self::Status(axum::http::StatusCode::SERVICE_UNAVAILABLE, error.to_string())
            }
        }
    }
}

impl FileStore {
    pub fn open(root: &Path) -> anyhow::Result<Self> {
        let dir = Dir::open_ambient_dir(root, ambient_authority())
            .map_err(|e| anyhow::anyhow!("cannot open the folder: {e}: {}", root.display()))?;
        Ok(Self { dir: Arc::new(dir), root: root.to_owned() })
    }

    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Opens a regular file.
    pub fn open_file(&self, path: &str) -> Result<(std::fs::File, std::fs::Metadata), FileError> {
        let path = clean(path).ok_or(FileError::Outside)?;
        let file = self.dir.open(&path).map_err(|e| match e.kind() {
            std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory => FileError::Missing,
            // The capability handle reports an escape through a link this way.
            std::io::ErrorKind::PermissionDenied => FileError::Outside,
            _ => FileError::Io(e),
        })?;
        let file = file.into_std();
        let metadata = file.metadata()?;
        if metadata.is_dir() {
            return Err(FileError::IsFolder);
        }
        if !metadata.is_file() {
            // A device or a pipe could be read for ever.
            return Err(FileError::Missing);
        }
        Ok((file, metadata))
    }

    /// The folder below which files wait until what they belong to is stored; each process has a folder of its own there.
    pub const SPOOL: &str = "spool";

    /// A new name in this process's part of the spool.
    pub fn spool_path() -> String {
        let process = crate::process::name().replace(' ', "~");
        format!("{}/{process}/{}", Self::SPOOL, crate::auth::random_hex())
    }

    /// Makes a new file; its folder is made where it is missing.
    pub fn create(&self, path: &str) -> Result<std::fs::File, FileError> {
        let path = clean(path).ok_or(FileError::Outside)?;
        if let Some(parent) = path.parent() {
            self.dir.create_dir_all(parent)?;
        }
        Ok(self.dir.create(&path)?.into_std())
    }

    /// Moves a file; the folder it goes to is made where it is missing.
    pub fn rename(&self, from: &str, to: &str) -> Result<(), FileError> {
        let (from, to) = (clean(from).ok_or(FileError::Outside)?, clean(to).ok_or(FileError::Outside)?);
        if let Some(parent) = to.parent() {
            self.dir.create_dir_all(parent)?;
        }
        Ok(self.dir.rename(&from, &self.dir, &to)?)
    }

    /// Whether files can be made here just now.
    pub fn check(&self) -> Result<(), FileError> {
        let name = format!(".check-{}", uuid::Uuid::new_v4().simple());
        std::io::Write::write_all(&mut self.dir.create(&name)?, b"x")?;
        Ok(self.dir.remove_file(&name)?)
    }

    /// Removes what processes that are gone were receiving when they ended.
    pub fn clear_spool(&self) -> Result<(), FileError> {
        let entries = match self.dir.read_dir(Self::SPOOL) {
            Ok(entries) => entries,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(()),
            Err(e) => return Err(e.into()),
        };
        for entry in entries {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().replace('~', " ");
            let path = Path::new(Self::SPOOL).join(entry.file_name());
            if !entry.metadata()?.is_dir() {
                // Of a version that had one folder for all.
                self.dir.remove_file(path)?;
            } else if crate::process::is_dead(&name) {
                self.dir.remove_dir_all(path)?;
            }
        }
        // Stays where another process has its part in it.
        let _ = self.dir.remove_dir(Self::SPOOL);
        Ok(())
    }

    /// Removes a file; one that is gone already is fine.
    pub fn remove(&self, path: &str) -> Result<(), FileError> {
        let path = clean(path).ok_or(FileError::Outside)?;
        match self.dir.remove_file(&path) {
            Err(e) if e.kind() != std::io::ErrorKind::NotFound => Err(e.into()),
            _ => Ok(()),
        }
    }
}

/// A relative path of normal components only. Leading slashes are dropped; `..`, drive letters, backslashes and NUL are
/// refused rather than repaired.
fn clean(path: &str) -> Option<PathBuf> {
    if path.contains(['\0', '\\']) {
        return None;
    }
    let mut out = PathBuf::new();
    for component in Path::new(path.trim_start_matches('/')).components() {
        match component {
            Component::Normal(part) => out.push(part),
            Component::CurDir => {}
            Component::ParentDir | Component::RootDir | Component::Prefix(_) => return None,
        }
    }
    (!out.as_os_str().is_empty()).then_some(out)
}

/// A file name that is safe to store: word characters, dots and dashes; spaces become underscores.
pub fn sanitised_name(name: &str) -> String {
    let base = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let mut out: String = base
        .trim()
        .replace(' ', "_")
        .chars()
        .filter(|c| c.is_alphanumeric() || matches!(c, '.' | '-' | '_'))
        .collect();
    while out.starts_with('.') {
        out.remove(0);
    }
    let keep = out.char_indices().rev().nth(99).map_or(0, |(i, _)| i);
    let out = out.split_off(keep);
    if out.is_empty() { "file".into() } else { out }
}

/// A folder that only its owner may enter.
pub fn create_private_dir(dir: &Path) -> anyhow::Result<()> {
    std::fs::create_dir_all(dir)
        .map_err(|e| anyhow::anyhow!("cannot create the data folder: {e}: {}", dir.display()))?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(dir, std::fs::Permissions::from_mode(0o700))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_path_leaves_the_folder() {
        let base = tempfile::tempdir().unwrap();
        let root = base.path().join("top");
        std::fs::create_dir_all(root.join("sub")).unwrap();
        std::fs::write(base.path().join("secret.txt"), "secret").unwrap();
        std::fs::write(root.join("sub/ok file+%.txt"), "fine").unwrap();
        #[cfg(unix)]
        {
            std::os::unix::fs::symlink(base.path().join("secret.txt"), root.join("link.txt")).unwrap();
            std::os::unix::fs::symlink(base.path(), root.join("up")).unwrap();
            std::os::unix::fs::symlink("/etc/passwd", root.join("passwd")).unwrap();
            std::os::unix::fs::symlink("sub/ok file+%.txt", root.join("inside.txt")).unwrap();
        }
        let store = FileStore::open(&root).unwrap();
        let prefixes = ["", "/", "//", "./", "sub/", "sub/./", "%2e%2e/", "sub/../", "..%2f"];
        let tails = [
            "../secret.txt",
            "../../secret.txt",
            "..",
            "../",
            "link.txt",
            "up/secret.txt",
            "passwd",
            "../top/../secret.txt",
            "sub/../../secret.txt",
            "..\\secret.txt",
            "sub\\..\\..\\secret.txt",
            "secret.txt\0",
            "../secret.txt\0.png",
            "....//secret.txt",
            "%2e%2e/secret.txt",
            "%2e%2e%2fsecret.txt",
            "/etc/passwd",
            "C:\\secret.txt",
            "//etc/passwd",
            "sub/../../../../../../etc/passwd",
            "",
            ".",
            "sub",
            "sub/",
        ];
        let mut tried = 0;
        for prefix in prefixes {
            for tail in tails {
                let path = format!("{prefix}{tail}");
                let opened = store.open_file(&path);
                assert!(opened.is_err(), "{path:?} was opened");
                tried += 1;
            }
        }
        assert!(tried >= 200);
        assert!(store.open_file("sub/ok file+%.txt").is_ok());
        assert!(store.open_file("/sub/ok file+%.txt").is_ok());
        #[cfg(unix)]
        assert!(store.open_file("inside.txt").is_ok(), "a link inside the folder is fine");
    }

    #[test]
    fn names_are_made_safe() {
        assert_eq!(sanitised_name("../../a b.png"), "a_b.png");
        assert_eq!(sanitised_name(".htaccess"), "htaccess");
        assert_eq!(sanitised_name("<script>.svg"), "script.svg");
        assert_eq!(sanitised_name("///"), "file");
        assert_eq!(sanitised_name("фото 1.jpg"), "фото_1.jpg");
    }
}
