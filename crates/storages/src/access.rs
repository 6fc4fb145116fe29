//! The ways out that the caller lends: HTTP, the folder of local files, and the operator's variables.

use crate::problem::{Cause, Problem};
use async_trait::async_trait;
use bytes::Bytes;
use cap_std::fs::{Dir, File, Metadata};
use futures::stream::{BoxStream, StreamExt};
use http_body_util::BodyExt;
use std::fmt;
use std::io;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

/// The bytes of an answer or of an object, as they come.
pub type Body = BoxStream<'static, Result<Bytes, Problem>>;

/// Sends requests. The caller's filter is behind this: an address it refuses is a [`Cause::Refused`].
///
/// Redirects should not be followed; one that is followed must be checked like a first request.
#[async_trait]
pub trait Http: fmt::Debug + Send + Sync + 'static {
    async fn send(&self, request: http::Request<Bytes>) -> Result<http::Response<Body>, Problem>;
}

/// A plain client without a filter: for the operator's own endpoints, and for tests.
#[derive(Clone, Debug)]
pub struct Direct(reqwest::Client);

impl Direct {
    pub fn new() -> Result<Self, Problem> {
        reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(std::time::Duration::from_secs(10))
            .read_timeout(std::time::Duration::from_secs(30))
            .build()
            .map(Self)
            .map_err(|_| Problem::new(Cause::Other, "The HTTP client could not be made."))
    }
}

#[async_trait]
impl Http for Direct {
    async fn send(&self, request: http::Request<Bytes>) -> Result<http::Response<Body>, Problem> {
        let request = to_reqwest(request)?;
        let host = request.url().host_str().unwrap_or_default().to_owned();
        match self.0.execute(request).await {
            Ok(answer) => Ok(from_reqwest(answer)),
            Err(error) => Err(of_reqwest(&error, &host)),
        }
    }
}

/// For an [`Http`] over `reqwest`: the request.
pub fn to_reqwest(request: http::Request<Bytes>) -> Result<reqwest::Request, Problem> {
    reqwest::Request::try_from(request.map(reqwest::Body::from))
        .map_err(|_| Problem::invalid("The address of the storage is not a URL."))
}

/// For an [`Http`] over `reqwest`: the answer.
pub fn from_reqwest(answer: reqwest::Response) -> http::Response<Body> {
    let host = answer.url().host_str().unwrap_or_default().to_owned();
    http::Response::<reqwest::Body>::from(answer).map(|body| {
        body.into_data_stream().map(move |piece| piece.map_err(|error| of_reqwest(&error, &host))).boxed()
    })
}

/// For an [`Http`] over `reqwest`: the cause of a failure, told without the URL, which may be signed.
pub fn of_reqwest(error: &reqwest::Error, host: &str) -> Problem {
    let mut deepest = String::new();
    let mut words = String::new();
    let mut refused = false;
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(inner) = cause {
        if let Some(problem) = inner.downcast_ref::<Problem>() {
            return problem.clone();
        }
        if let Some(io) = inner.downcast_ref::<std::io::Error>() {
            refused |= io.kind() == std::io::ErrorKind::ConnectionRefused;
        }
        deepest = inner.to_string();
        words.push_str(&deepest.to_lowercase());
        cause = inner.source();
    }
    let tls = ["certificate", "tls", "handshake", "corrupt message"].iter().any(|word| words.contains(word));
    let dns =
        ["dns error", "failed to lookup", "name or service not known"].iter().any(|w| words.contains(w));
    if error.is_timeout() {
        Problem::new(Cause::TimedOut, format!("{host} did not answer in time."))
    } else if error.is_connect() && dns {
        Problem::new(Cause::UnknownHost, format!("The host {host} is not known."))
    } else if tls {
        Problem::new(Cause::Tls, format!("No trusted connection to {host}: {deepest}."))
    } else if refused {
        Problem::new(Cause::Unreachable, format!("{host} refuses connections: nothing listens at that port."))
    } else if error.is_connect() {
        Problem::new(Cause::Unreachable, format!("No connection to {host}: {deepest}."))
    } else {
        Problem::new(Cause::Interrupted, format!("The connection to {host} broke off."))
    }
}

/// The document root of local files.
#[derive(Clone, Debug)]
pub struct Root {
    dir: Arc<Dir>,
    path: PathBuf,
    whole: bool,
}

impl Root {
    /// Opens a folder; links in the path itself are the operator's and followed.
    pub fn open(path: &Path) -> Result<Self, Problem> {
        let path = path.canonicalize().map_err(|e| Problem::of_files("The document root", &e))?;
        let dir = Dir::open_ambient_dir(&path, cap_std::ambient_authority())
            .map_err(|e| Problem::of_files("The document root", &e))?;
        Ok(Self { dir: Arc::new(dir), path, whole: false })
    }

    /// A storage may be the root itself: the operator has opened all of it.
    #[must_use]
    pub fn whole(mut self) -> Self {
        self.whole = true;
        self
    }

    pub(crate) fn is_whole(&self) -> bool {
        self.whole
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn dir(&self) -> &Dir {
        &self.dir
    }

    pub(crate) fn open_file(&self, path: &Path) -> io::Result<File> {
        self.inside(path, |dir, path| dir.open(path))
    }

    pub(crate) fn open_dir(&self, path: &Path) -> io::Result<Dir> {
        // The root itself has no name below the root.
        let path = if path.as_os_str().is_empty() { Path::new(".") } else { path };
        self.inside(path, |dir, path| dir.open_dir(path))
    }

    pub(crate) fn metadata(&self, path: &Path) -> io::Result<Metadata> {
        self.inside(path, |dir, path| dir.metadata(path))
    }

    /// The handle refuses links with absolute targets, even into the root. Such a link is resolved here, and what it
    /// comes to is opened through the handle again, which then has the last word.
    fn inside<T>(&self, path: &Path, open: impl Fn(&Dir, &Path) -> io::Result<T>) -> io::Result<T> {
        match open(&self.dir, path) {
            Err(error)
                if error.kind() == io::ErrorKind::PermissionDenied && error.raw_os_error().is_none() =>
            {
                let real = self.path.join(path).canonicalize().map_err(|_| error)?;
                let below = real.strip_prefix(&self.path).map_err(|_| {
                    io::Error::new(io::ErrorKind::PermissionDenied, "a link leads out of the document root")
                })?;
                open(&self.dir, below)
            }
            other => other,
        }
    }

    /// The path below the root that a storage's `path` means: a full path in the root, or one relative to it.
    /// `None` when it leads out. The root itself is the empty path.
    pub fn relative(&self, path: &str) -> Option<PathBuf> {
        if path.contains('\0') {
            return None;
        }
        let path = Path::new(path);
        let below = if path.is_absolute() { path.strip_prefix(&self.path).ok()? } else { path };
        let mut clean = PathBuf::new();
        for part in below.components() {
            match part {
                Component::Normal(name) => clean.push(name),
                Component::CurDir => {}
                _ => return None,
            }
        }
        Some(clean)
    }
}

/// Looks up the operator's variables; the caller knows their prefixes and files.
#[derive(Clone)]
pub struct Env(Arc<dyn Fn(&str) -> Option<String> + Send + Sync>);

impl Env {
    pub fn new(look_up: impl Fn(&str) -> Option<String> + Send + Sync + 'static) -> Self {
        Self(Arc::new(look_up))
    }

    /// No variable is set.
    pub fn none() -> Self {
        Self::new(|_| None)
    }

    /// A set variable that is not empty.
    pub fn get(&self, name: &str) -> Option<String> {
        (self.0)(name).filter(|value| !value.is_empty())
    }
}

impl fmt::Debug for Env {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Env")
    }
}

/// What the caller lends to [`crate::connect`].
#[derive(Clone, Debug)]
pub struct Access {
    /// To addresses that users can name.
    pub http: Arc<dyn Http>,
    /// To addresses that the operator has set: the endpoints in variables, and the machine's own credentials.
    pub trusted: Arc<dyn Http>,
    /// The document root, when local files are served.
    pub root: Option<Root>,
    pub env: Env,
}
