//! Copying, hashing and listing files.

use anyhow::{Context as _, Result};
use std::hash::Hasher as _;
use std::path::{Path, PathBuf};

/// Empties a folder, making it if needed.
pub(crate) fn fresh_dir(dir: &Path) -> Result<()> {
    if dir.exists() {
        std::fs::remove_dir_all(dir).with_context(|| format!("could not empty {}", dir.display()))?;
    }
    make_dir(dir)
}

pub(crate) fn make_dir(dir: &Path) -> Result<()> {
    std::fs::create_dir_all(dir).with_context(|| format!("could not make {}", dir.display()))
}

pub(crate) fn read(path: &Path) -> Result<String> {
    std::fs::read_to_string(path).with_context(|| format!("could not read {}", path.display()))
}

/// Writes a file and the folders above it.
pub(crate) fn write(path: &Path, content: impl AsRef<[u8]>) -> Result<()> {
    if let Some(parent) = path.parent() {
        make_dir(parent)?;
    }
    std::fs::write(path, content).with_context(|| format!("could not write {}", path.display()))
}

/// Copies one file, making the folders above its new place.
pub(crate) fn copy(from: &Path, to: &Path) -> Result<()> {
    if let Some(parent) = to.parent() {
        make_dir(parent)?;
    }
    std::fs::copy(from, to)
        .map(drop)
        .with_context(|| format!("could not copy {} to {}", from.display(), to.display()))
}

/// Copies a folder with everything below it.
pub(crate) fn copy_dir(from: &Path, to: &Path) -> Result<()> {
    make_dir(to)?;
    for file in walk(from)? {
        if let Ok(relative) = file.strip_prefix(from) {
            copy(&file, &to.join(relative))?;
        }
    }
    Ok(())
}

/// All files below a folder, sorted.
pub(crate) fn walk(dir: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    let mut open = vec![dir.to_path_buf()];
    while let Some(dir) = open.pop() {
        for path in list(&dir)? {
            if path.is_dir() {
                open.push(path);
            } else {
                files.push(path);
            }
        }
    }
    files.sort();
    Ok(files)
}

/// The entries of one folder, sorted by name.
pub(crate) fn list(dir: &Path) -> Result<Vec<PathBuf>> {
    let entries = std::fs::read_dir(dir).with_context(|| format!("could not list {}", dir.display()))?;
    let mut paths = entries
        .map(|entry| Ok(entry?.path()))
        .collect::<Result<Vec<_>>>()
        .with_context(|| format!("could not list {}", dir.display()))?;
    paths.sort();
    Ok(paths)
}

/// A short name for a content: 64-bit FNV-1a in hex. It only has to differ between two builds of one file.
pub(crate) fn content_hash(content: &[u8]) -> String {
    struct Fnv(u64);
    impl std::hash::Hasher for Fnv {
        fn write(&mut self, bytes: &[u8]) {
            for byte in bytes {
                self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
            }
        }
        fn finish(&self) -> u64 {
            self.0
        }
    }
    let mut hasher = Fnv(0xcbf2_9ce4_8422_2325);
    hasher.write(content);
    format!("{:016x}", hasher.finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_the_published_one() {
        assert_eq!(content_hash(b""), "cbf29ce484222325");
        assert_eq!(content_hash(b"a"), "af63dc4c8601ec8c");
    }

    #[test]
    fn folders_are_copied_whole() {
        let dir = tempfile::tempdir().expect("temporary folder");
        let (from, to) = (dir.path().join("from"), dir.path().join("to"));
        write(&from.join("a/b/c.txt"), "deep").expect("write");
        write(&from.join("d.txt"), "flat").expect("write");
        copy_dir(&from, &to).expect("copy");
        assert_eq!(read(&to.join("a/b/c.txt")).expect("read"), "deep");
        assert_eq!(walk(&to).expect("walk").len(), 2);
    }
}
