//! Fetching what a task names, with progress, cancel, and errors in words.

mod body;

pub use body::{Body, open};

use std::cell::Cell;
use std::rc::Rc;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortController, ReadableStreamDefaultReader, RequestInit, Response};

/// Why something could not be fetched; says what, where and how to mend it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FetchError {
    #[error("Loading was cancelled.")]
    Cancelled,
    #[error("The server answered {status} {text} for {url}. {hint}")]
    Status { status: u16, text: String, hint: &'static str, url: String },
    #[error(
        "Nothing could be loaded from {url}. Either the server cannot be reached, or it does not allow this page to read \
         the file (CORS): it must send the header Access-Control-Allow-Origin."
    )]
    Network { url: String },
    #[error("The connection broke after {bytes} bytes of {url}. Try again.")]
    Broken { bytes: u64, url: String },
    #[error("{0}")]
    Content(String),
}

impl FetchError {
    /// A refusal with a hint what to do about it.
    pub(crate) fn of_status(status: u16, text: String, url: String) -> Self {
        Self::Status { status, text, hint: hint(status), url }
    }
}

fn hint(status: u16) -> &'static str {
    match status {
        400 => "The request parameters are invalid; for S3 check region and signature.",
        401 => "Your session may have ended; sign in again.",
        403 => "You may not read this file, or its signed link has expired.",
        404 => "Check the field of the task: there is no such file.",
        416 => "The server refused the requested part of the file.",
        500..=599 => "The server has a problem; try again later.",
        _ => "Check the address in the task.",
    }
}

/// Bytes so far, and of how many where the server says so.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    pub loaded: u64,
    pub total: Option<u64>,
}

/// Stops a fetch; clones stop the same one.
#[derive(Clone, Debug)]
pub struct Cancel(Option<AbortController>, Rc<Cell<bool>>);

impl Default for Cancel {
    fn default() -> Self {
        Self(AbortController::new().ok(), Rc::default())
    }
}

impl Cancel {
    pub fn cancel(&self) {
        self.1.set(true);
        if let Some(controller) = &self.0 {
            controller.abort();
        }
    }
    pub fn is_cancelled(&self) -> bool {
        self.1.get()
    }
}

/// Fetches `url` and hands over its bytes in pieces as they come. `chunk` may refuse the content.
pub async fn stream(
    url: &str,
    cancel: &Cancel,
    mut chunk: impl FnMut(&[u8], Progress) -> Result<(), String>,
) -> Result<(), FetchError> {
    read(url, None, cancel, |_| (), |piece, progress| chunk(piece, progress).map(|()| true)).await
}

/// What a server answered to the wish for a part of a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Part {
    /// It does not serve parts: these are the bytes from the start.
    pub whole: bool,
    /// Length of the whole file, where the server says so (and lets pages of other origins see it).
    pub length: Option<u64>,
}

/// Fetches bytes `start..end` of `url`. `chunk` gets the part's description with each piece and says whether to go on.
/// A range behind the end is no error: there are no bytes in it.
pub async fn part(
    url: &str,
    range: std::ops::Range<u64>,
    cancel: &Cancel,
    mut chunk: impl FnMut(&[u8], Part) -> bool,
) -> Result<Part, FetchError> {
    let seen = Cell::new(Part::default());
    let outcome =
        read(url, Some(range), cancel, |part| seen.set(part), |piece, _| Ok(chunk(piece, seen.get()))).await;
    match outcome {
        Err(FetchError::Status { status: 416, .. }) | Ok(()) => Ok(seen.get()),
        Err(error) => Err(error),
    }
}

/// What the headers say of a part.
fn describe(answer: &Response) -> Part {
    let header = |name: &str| answer.headers().get(name).ok().flatten();
    if answer.status() == 206 || answer.status() == 416 {
        // `bytes 0-99/1234`, `bytes */1234`, `bytes 0-99/*`
        let length = header("content-range").and_then(|r| r.rsplit('/').next().and_then(|n| n.parse().ok()));
        return Part { whole: false, length };
    }
    // Of a compressed answer the header counts other bytes than those that arrive.
    let plain = header("content-encoding").is_none();
    Part { whole: true, length: header("content-length").filter(|_| plain).and_then(|l| l.parse().ok()) }
}

async fn read(
    url: &str,
    range: Option<std::ops::Range<u64>>,
    cancel: &Cancel,
    mut head: impl FnMut(Part),
    mut chunk: impl FnMut(&[u8], Progress) -> Result<bool, String>,
) -> Result<(), FetchError> {
    let network = || {
        if cancel.is_cancelled() {
            FetchError::Cancelled
        } else {
            FetchError::Network { url: url.to_owned() }
        }
    };
    let window = web_sys::window().ok_or_else(network)?;
    let init = RequestInit::new();
    if let Some(controller) = &cancel.0 {
        init.set_signal(Some(&controller.signal()));
    }
    if let Some(range) = &range {
        let headers = web_sys::Headers::new().map_err(|_| network())?;
        let bytes = format!("bytes={}-{}", range.start, range.end.saturating_sub(1));
        headers.append("range", &bytes).map_err(|_| network())?;
        init.set_headers(&headers);
    }
    let answer = JsFuture::from(window.fetch_with_str_and_init(url, &init)).await.map_err(|_| network())?;
    let answer: Response = answer.dyn_into().map_err(|_| network())?;
    head(describe(&answer));
    if !answer.ok() {
        let status = answer.status();
        return Err(FetchError::Status {
            status,
            text: answer.status_text(),
            hint: hint(status),
            url: url.to_owned(),
        });
    }
    let total = answer.headers().get("content-length").ok().flatten().and_then(|l| l.parse().ok());
    let mut progress = Progress { loaded: 0, total };
    let Some(body) = answer.body() else { return Ok(()) };
    let reader: ReadableStreamDefaultReader = body.get_reader().unchecked_into();
    loop {
        let broken = |loaded| {
            if cancel.is_cancelled() {
                FetchError::Cancelled
            } else {
                FetchError::Broken { bytes: loaded, url: url.to_owned() }
            }
        };
        let piece = JsFuture::from(reader.read()).await.map_err(|_| broken(progress.loaded))?;
        let done = js_sys::Reflect::get(&piece, &JsValue::from_str("done")).ok().and_then(|d| d.as_bool());
        if done != Some(false) {
            return Ok(());
        }
        let value =
            js_sys::Reflect::get(&piece, &JsValue::from_str("value")).map_err(|_| broken(progress.loaded))?;
        let bytes = js_sys::Uint8Array::new(&value).to_vec();
        progress.loaded += bytes.len() as u64;
        // Compressed answers unpack to more than the header says.
        if progress.total.is_some_and(|t| progress.loaded > t) {
            progress.total = None;
        }
        match chunk(&bytes, progress) {
            Ok(true) if !cancel.is_cancelled() => {}
            Ok(true) => return Err(FetchError::Cancelled),
            Ok(false) => {
                // Stops this answer only: `cancel` would stop what comes after as well.
                let _ = JsFuture::from(reader.cancel()).await;
                return Ok(());
            }
            Err(text) => {
                cancel.cancel();
                return Err(FetchError::Content(text));
            }
        }
    }
}

/// Fetches the whole of `url`.
pub async fn bytes(
    url: &str,
    cancel: &Cancel,
    mut progress: impl FnMut(Progress),
) -> Result<Vec<u8>, FetchError> {
    let mut out = Vec::new();
    stream(url, cancel, |piece, p| {
        out.extend_from_slice(piece);
        progress(p);
        Ok(())
    })
    .await?;
    Ok(out)
}
