//! Reading an answer piece by piece, at the reader's own pace, and unpacking gzip on the way.

use super::{Cancel, FetchError, Progress, hint};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortController, ReadableStreamDefaultReader, RequestInit, Response};

/// An answer that is read piece by piece. Files packed with gzip (by name or type, and by their first bytes) come
/// unpacked.
#[derive(Debug)]
pub struct Body {
    url: String,
    cancel: Cancel,
    reader: Option<ReadableStreamDefaultReader>,
    packed: bool,
    progress: Progress,
}

fn property(of: &JsValue, name: &str) -> Option<JsValue> {
    js_sys::Reflect::get(of, &JsValue::from_str(name)).ok()
}

/// The bytes of a piece that a reader gave, `None` at the end.
fn piece(read: &JsValue) -> Option<js_sys::Uint8Array> {
    let more = property(read, "done")?.as_bool() == Some(false);
    more.then(|| property(read, "value").map(|v| js_sys::Uint8Array::new(&v))).flatten()
}

/// Whether an answer may hold a packed file. What the server packs for the way only is unpacked by the browser.
fn may_be_packed(url: &str, answer: &Response) -> bool {
    let path = url.split(['?', '#']).next().unwrap_or_default().to_ascii_lowercase();
    let kind = answer.headers().get("content-type").ok().flatten().unwrap_or_default();
    path.ends_with(".gz") || path.ends_with(".gzip") || kind.contains("gzip")
}

/// Looks at the first bytes of a copy of the answer, which is left alone.
async fn begins_packed(answer: &Response) -> bool {
    let Some(body) = answer.clone().ok().and_then(|copy| copy.body()) else { return false };
    let reader: ReadableStreamDefaultReader = body.get_reader().unchecked_into();
    let first = JsFuture::from(reader.read()).await.ok().and_then(|read| piece(&read));
    // The rest of the copy is not wanted; this only ends when the answer does, so nobody waits for it.
    let _ = reader.cancel();
    first.is_some_and(|bytes| bytes.length() > 1 && bytes.get_index(0) == 0x1f && bytes.get_index(1) == 0x8b)
}

/// The stream through the browser's own unpacker; `None` where it has none.
fn unpacked(body: &web_sys::ReadableStream) -> Option<web_sys::ReadableStream> {
    let class: js_sys::Function = property(&js_sys::global(), "DecompressionStream")?.dyn_into().ok()?;
    let unpacker = js_sys::Reflect::construct(&class, &js_sys::Array::of1(&"gzip".into())).ok()?;
    let pipe: js_sys::Function = property(body, "pipeThrough")?.dyn_into().ok()?;
    pipe.call1(body, &unpacker).ok()?.dyn_into().ok()
}

/// Asks for `url`; the pieces come with [`Body::next`].
pub async fn open(url: &str, cancel: &Cancel) -> Result<Body, FetchError> {
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
        init.set_signal(Some(&AbortController::signal(controller)));
    }
    let answer = JsFuture::from(window.fetch_with_str_and_init(url, &init)).await.map_err(|_| network())?;
    let answer: Response = answer.dyn_into().map_err(|_| network())?;
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
    let packed = may_be_packed(url, &answer) && begins_packed(&answer).await;
    let body = answer.body();
    let body = if packed { body.as_ref().and_then(unpacked).or(body) } else { body };
    Ok(Body {
        url: url.to_owned(),
        cancel: cancel.clone(),
        reader: body.map(|b| b.get_reader().unchecked_into()),
        packed,
        // How much a packed file unpacks to is not known.
        progress: Progress { loaded: 0, total: total.filter(|_| !packed) },
    })
}

impl Body {
    pub fn progress(&self) -> Progress {
        self.progress
    }

    /// The next piece, `None` at the end.
    pub async fn next(&mut self) -> Result<Option<Vec<u8>>, FetchError> {
        let Some(reader) = &self.reader else { return Ok(None) };
        let read = JsFuture::from(reader.read()).await.map_err(|_| self.broken())?;
        let Some(bytes) = piece(&read) else { return Ok(None) };
        let bytes = bytes.to_vec();
        self.progress.loaded += bytes.len() as u64;
        // Compressed answers unpack to more than the header says.
        if self.progress.total.is_some_and(|t| self.progress.loaded > t) {
            self.progress.total = None;
        }
        Ok(Some(bytes))
    }

    fn broken(&self) -> FetchError {
        if self.cancel.is_cancelled() {
            FetchError::Cancelled
        } else if self.packed {
            FetchError::Content(format!("This gzip file is damaged or cut off: {}", self.url))
        } else {
            FetchError::Broken { bytes: self.progress.loaded, url: self.url.clone() }
        }
    }
}
