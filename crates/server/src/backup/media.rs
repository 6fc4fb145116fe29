//! Copies of folders and of the key.

use anyhow::Context;
use std::fs;
use std::io::Write;
use std::path::Path;

/// What servers are just receiving is nobody's yet.
const LEFT_OUT: &[&str] = &[crate::files::FileStore::SPOOL];

/// Copies all files of a folder; links are left out, as nothing here makes any. Gives number and bytes.
pub(super) fn copy(from: &Path, to: &Path) -> anyhow::Result<(u64, u64)> {
    fs::create_dir_all(to).with_context(|| format!("cannot make {}", to.display()))?;
    let (mut files, mut bytes) = (0, 0);
    let entries = match fs::read_dir(from) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok((0, 0)),
        Err(error) => return Err(error).with_context(|| format!("cannot read {}", from.display())),
    };
    for entry in entries {
        let entry = entry?;
        let (source, target) = (entry.path(), to.join(entry.file_name()));
        let kind = entry.file_type()?;
        if kind.is_dir() {
            if LEFT_OUT.iter().any(|name| entry.file_name() == *name) {
                continue;
            }
            let (f, b) = copy(&source, &target)?;
            (files, bytes) = (files + f, bytes + b);
        } else if kind.is_file() {
            match fs::copy(&source, &target) {
                Ok(size) => (files, bytes) = (files + 1, bytes + size),
                // Deleted since the folder was read.
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
                Err(error) => return Err(error).with_context(|| format!("cannot copy {}", source.display())),
            }
        }
    }
    Ok((files, bytes))
}

/// A file that only its owner may read.
pub(super) fn copy_private(from: &Path, to: &Path) -> anyhow::Result<()> {
    let content = fs::read(from).with_context(|| format!("cannot read {}", from.display()))?;
    let mut file = private(to)?;
    file.write_all(&content)?;
    file.sync_all()?;
    Ok(())
}

/// A new, empty file that only its owner may read.
pub(super) fn private(path: &Path) -> anyhow::Result<fs::File> {
    let mut options = fs::OpenOptions::new();
    options.create_new(true).write(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    options.open(path).with_context(|| format!("cannot write {}", path.display()))
}

/// Whether a folder holds no file, at any depth.
pub(super) fn is_empty(folder: &Path) -> bool {
    let Ok(entries) = fs::read_dir(folder) else { return true };
    entries.filter_map(Result::ok).all(|entry| entry.path().is_dir() && is_empty(&entry.path()))
}
