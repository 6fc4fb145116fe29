//! Local files: a folder below the document root, reached by a handle that no path and no link leads out of.
//!
//! Keys are paths below the document root, with `/`. Only regular files count; a name that is not UTF-8 cannot be a key
//! and is left out. Links are followed as long as they stay in the root; one that leads out of it, or nowhere, is left
//! out of listings and refused on reading.

use crate::access::{Body, Root};
use crate::bucket::{Backend, Listing, Object, Opened, Page, Piece, Want, etag_matches};
use crate::fields::Purpose;
use crate::problem::{Cause, Problem};
use async_trait::async_trait;
use bytes::Bytes;
use cap_std::fs::{Dir, File, Metadata, MetadataExt};
use futures::stream::{self, StreamExt};
use jiff::Timestamp;
use std::collections::BTreeSet;
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use url::Url;

/// Bytes read at once.
const CHUNK: usize = 256 * 1024;
/// Folders within folders; deeper ones are hardly meant.
const DEEPEST: usize = 64;

#[derive(Clone, Debug)]
pub(crate) struct Local {
    root: Root,
    /// The storage's folder, below the root.
    base: PathBuf,
}

impl Local {
    pub(crate) fn connect(root: Option<&Root>, path: &str) -> Result<Self, Problem> {
        let root = root.ok_or_else(|| {
            Problem::invalid("Serving local files is switched off.").mended_by(
                "Set LOCAL_FILES_SERVING_ENABLED=true and LOCAL_FILES_DOCUMENT_ROOT, or start with --root.",
            )
        })?;
        let base = root.relative(path).ok_or_else(|| {
            Problem::new(
                Cause::Outside,
                format!("The path lies outside the document root {}.", root.path().display()),
            )
            .at(path)
        })?;
        Ok(Self { root: root.clone(), base })
    }

    /// The storage's folder as the start of keys: ends in `/`.
    pub(crate) fn prefix(&self) -> String {
        format!("{}/", key_of(&self.base).unwrap_or_default()).trim_start_matches('/').to_owned()
    }

    /// The path of a key, which must lie in the storage's folder.
    fn path(&self, key: &str) -> Result<PathBuf, Problem> {
        let outside = || Problem::new(Cause::Outside, "The path leads out of the storage's folder.").at(key);
        if key.starts_with('/') || key.contains('\\') && cfg!(windows) {
            return Err(outside());
        }
        self.root.relative(key).filter(|path| path.starts_with(&self.base)).ok_or_else(outside)
    }

    /// Does blocking work on a thread for it.
    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Self) -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        let this = self.clone();
        tokio::task::spawn_blocking(move || work(&this))
            .await
            .map_err(|_| Problem::new(Cause::Interrupted, "The server is shutting down."))?
    }

    fn folder(&self) -> Result<Dir, Problem> {
        if self.base.as_os_str().is_empty() && !self.root.is_whole() {
            return Err(Problem::new(
                Cause::Invalid,
                "The path must be a folder below the document root, not the root itself.",
            )
            .mended_by("Name a folder in it."));
        }
        let name = self.base.to_string_lossy().into_owned();
        self.root.open_dir(&self.base).map_err(|error| {
            let problem = Problem::of_files("The folder", &error);
            match problem.cause {
                Cause::NoSuchKey => Problem::new(
                    Cause::NoSuchBucket,
                    format!("The document root {} has no such folder.", self.root.path().display()),
                )
                .mended_by("Make it, or mend the path; in a container it is the path inside the container that counts."),
                _ => problem,
            }
            .at(&name)
        })
    }

    /// All files in the order of their names.
    fn walk(&self, listing: &Listing) -> Result<Vec<Object>, Problem> {
        let mut found = Vec::new();
        let mut open = BTreeSet::new();
        self.folder()?;
        collect(&self.root, &self.base, listing.recursive, &mut open, &mut found)?;
        found.sort_unstable_by(|a: &Object, b: &Object| (a.name(), &a.key).cmp(&(b.name(), &b.key)));
        if let Some(after) = &listing.after {
            let after = (after.rsplit('/').next().unwrap_or_default(), after);
            found.retain(|object| (object.name(), &object.key) > after);
        }
        Ok(found)
    }

    fn open_now(&self, key: &str, want: &Want) -> Result<Opened, Problem> {
        let path = self.path(key)?;
        let failed = |error: &std::io::Error| Problem::of_files("The file", error);
        let mut file = self.root.open_file(&path).map_err(|e| failed(&e))?;
        let metadata = file.metadata().map_err(|e| failed(&e))?;
        if !metadata.is_file() {
            // A device or a pipe could be read for ever.
            return Err(Problem::new(Cause::NoSuchKey, "This is not a regular file."));
        }
        let size = metadata.len();
        let etag = etag(&metadata);
        if want.unless_etag.as_deref().is_some_and(|unless| etag_matches(unless, &etag)) {
            return Ok(Opened::Unchanged { etag: Some(etag) });
        }
        let (first, end) = match want.span {
            None => (0, size),
            Some(span) => span.within(size).ok_or_else(|| {
                Problem::new(Cause::OutOfRange { size: Some(size) }, format!("The file has {size} bytes."))
            })?,
        };
        file.seek(SeekFrom::Start(first)).map_err(|e| failed(&e))?;
        Ok(Opened::Piece(Piece {
            size,
            first,
            end,
            partial: want.span.is_some(),
            etag: Some(etag),
            last_modified: modified(&metadata),
            content_type: None,
            content_encoding: None,
            body: read_stream(file, end - first),
        }))
    }

    /// Writes beside the place and moves there, so that a reader never sees a half.
    fn begin(&self, key: &str) -> Result<Writing, Problem> {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let path = self.path(key)?;
        let Some(name) = path.file_name() else { return Err(Problem::invalid("The key names no file.")) };
        let failed = |error: &std::io::Error| Problem::of_files("The file", error);
        if let Some(parent) = path.parent() {
            self.root.dir().create_dir_all(parent).map_err(|e| failed(&e))?;
        }
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let beside =
            path.with_file_name(format!(".{}.{}.{count}.part", name.to_string_lossy(), std::process::id()));
        let file = self.root.dir().create(&beside).map_err(|e| failed(&e))?;
        Ok(Writing { root: self.root.clone(), file: Some(file), beside, path })
    }
}

/// A file on its way; it is taken away again unless it was finished.
struct Writing {
    root: Root,
    file: Option<File>,
    beside: PathBuf,
    path: PathBuf,
}

impl Writing {
    fn write(&mut self, bytes: &[u8]) -> Result<(), Problem> {
        match &mut self.file {
            Some(file) => file.write_all(bytes).map_err(|e| Problem::of_files("The file", &e)),
            None => Ok(()),
        }
    }

    fn finish(mut self) -> Result<(), Problem> {
        let failed = |error: &std::io::Error| Problem::of_files("The file", error);
        if let Some(file) = self.file.take() {
            file.sync_all().map_err(|e| failed(&e))?;
            let dir = self.root.dir();
            if let Err(error) = dir.rename(&self.beside, dir, &self.path) {
                // The file is closed and not moved: nothing else takes it away.
                let _ = dir.remove_file(&self.beside);
                return Err(failed(&error));
            }
        }
        Ok(())
    }
}

impl Drop for Writing {
    fn drop(&mut self) {
        if self.file.take().is_some() {
            // What cannot be removed is a hidden remnant; the failure that led here is told already.
            let _ = self.root.dir().remove_file(&self.beside);
        }
    }
}

#[async_trait]
impl Backend for Local {
    /// All at once: the order of names is known only when every folder was read.
    async fn page(&self, listing: &Listing, _: Option<&str>, _: usize) -> Result<Page, Problem> {
        let listing = listing.clone();
        let objects = self.blocking(move |local| local.walk(&listing)).await?;
        Ok(Page { objects, next: None })
    }

    async fn check(&self, _: Purpose) -> Result<(), Problem> {
        self.blocking(|local| local.folder().map(drop)).await
    }

    async fn open(&self, key: &str, want: &Want) -> Result<Opened, Problem> {
        let (key, want) = (key.to_owned(), want.clone());
        self.blocking(move |local| local.open_now(&key, &want)).await
    }

    async fn put(&self, key: &str, bytes: Bytes, _: Option<&str>) -> Result<(), Problem> {
        let key = key.to_owned();
        self.blocking(move |local| {
            let mut writing = local.begin(&key)?;
            writing.write(&bytes)?;
            writing.finish()
        })
        .await
    }

    async fn put_stream(&self, key: &str, mut body: Body, _: Option<&str>) -> Result<(), Problem> {
        let key = key.to_owned();
        let mut writing = self.blocking(move |local| local.begin(&key)).await?;
        while let Some(part) = body.next().await {
            let part = part?;
            writing = self
                .blocking(move |_| {
                    writing.write(&part)?;
                    Ok(writing)
                })
                .await?;
        }
        self.blocking(move |_| writing.finish()).await
    }

    async fn delete(&self, key: &str) -> Result<(), Problem> {
        let key = key.to_owned();
        self.blocking(move |local| {
            let path = local.path(&key)?;
            local.root.dir().remove_file(&path).map_err(|e| Problem::of_files("The file", &e))
        })
        .await
    }

    async fn sign(&self, _: &str, _: Duration, _: Option<&str>) -> Result<Option<Url>, Problem> {
        Ok(None)
    }
}

/// Adds the regular files of a folder. `open` holds the folders above, so that a link to one of them ends there.
fn collect(
    root: &Root,
    path: &Path,
    recursive: bool,
    open: &mut BTreeSet<(u64, u64)>,
    found: &mut Vec<Object>,
) -> Result<(), Problem> {
    let failed =
        |error: &std::io::Error| Problem::of_files("The folder", error).at(&key_of(path).unwrap_or_default());
    let dir = root.open_dir(path).map_err(|e| failed(&e))?;
    let own = dir.dir_metadata().map_err(|e| failed(&e))?;
    let id = (own.dev(), own.ino());
    if open.len() >= DEEPEST || !open.insert(id) {
        return Ok(());
    }
    for entry in dir.entries().map_err(|e| failed(&e))? {
        let entry = entry.map_err(|e| failed(&e))?;
        let path = path.join(entry.file_name());
        // A link is followed from the root, so that it may lead anywhere in it and nowhere else.
        let metadata = match entry.file_type() {
            Ok(kind) if kind.is_symlink() => root.metadata(&path),
            _ => entry.metadata(),
        };
        let Ok(metadata) = metadata else { continue };
        if metadata.is_dir() && recursive {
            match collect(root, &path, recursive, open, found) {
                // It went away while we looked.
                Err(problem) if problem.cause == Cause::NoSuchKey => {}
                other => other?,
            }
        } else if metadata.is_file()
            && let Some(key) = key_of(&path)
            && !is_part(&key)
        {
            found.push(Object { key, size: metadata.len(), last_modified: modified(&metadata) });
        }
    }
    open.remove(&id);
    Ok(())
}

/// A file that is being written by [`Local::begin`].
fn is_part(key: &str) -> bool {
    key.ends_with(".part") && key.rsplit('/').next().is_some_and(|name| name.starts_with('.'))
}

/// The path with `/`; `None` when it is not UTF-8.
fn key_of(path: &Path) -> Option<String> {
    let parts: Option<Vec<&str>> = path.iter().map(|part| part.to_str()).collect();
    Some(parts?.join("/"))
}

fn modified(metadata: &Metadata) -> Option<Timestamp> {
    Timestamp::try_from(metadata.modified().ok()?.into_std()).ok()
}

/// Weak, because a file can change twice within a tick of the clock (spec/server.md 4.7).
fn etag(metadata: &Metadata) -> String {
    let nanos = modified(metadata).map_or(0, |time| time.as_nanosecond());
    format!("W/\"{nanos:x}-{:x}\"", metadata.len())
}

fn read_stream(file: File, length: u64) -> Body {
    stream::try_unfold((file, length), |(mut file, left)| async move {
        if left == 0 {
            return Ok(None);
        }
        let work = move || {
            let mut buffer = vec![0; CHUNK.min(usize::try_from(left).unwrap_or(CHUNK))];
            let count = file.read(&mut buffer)?;
            buffer.truncate(count);
            Ok::<_, std::io::Error>((buffer, file))
        };
        let (buffer, file) = tokio::task::spawn_blocking(work)
            .await
            .map_err(|_| Problem::new(Cause::Interrupted, "The server is shutting down."))?
            .map_err(|e| Problem::of_files("The file", &e))?;
        if buffer.is_empty() {
            return Err(Problem::new(Cause::Changed, "The file became shorter while it was read."));
        }
        let left = left - buffer.len() as u64;
        Ok(Some((Bytes::from(buffer), (file, left))))
    })
    .boxed()
}
