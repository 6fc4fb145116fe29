//! Getting a picture: fetched with progress where that is allowed, else asked for by the `<img>` itself.
//!
//! The browser turns pixels by their EXIF orientation, and its natural size is that of the turned picture: that is the
//! size all results refer to.

use super::options::CrossOrigin;
use crate::fetch::{Cancel, FetchError, Progress, stream};
use js_sys::Promise;
use tagloom_region_geometry::ImageSize;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, HtmlImageElement, Url};

/// A picture that can be shown.
#[derive(Clone, Debug)]
pub(super) struct Picture {
    pub element: HtmlImageElement,
    pub size: ImageSize,
    /// It may be looked at, but its pixels may not be read.
    pub unreadable: bool,
}

/// What went wrong, in words: what, why, and how to mend it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Failure {
    pub title: &'static str,
    pub cause: String,
    pub url: String,
    /// Whether trying again can help.
    pub retry: bool,
}

impl Failure {
    pub(super) fn missing(cause: String) -> Self {
        Self { title: "There is no image to show", cause, url: String::new(), retry: false }
    }
    fn cancelled(url: &str) -> Self {
        let cause = "You stopped it.".to_owned();
        Self { title: "The image was not loaded", cause, url: url.to_owned(), retry: true }
    }
    fn cors(url: &str) -> Self {
        let cause = "Its server does not let this page read it (CORS). The server must send the header \
                     Access-Control-Allow-Origin; for a bucket, add a CORS rule that allows GET from this address. With \
                     crossOrigin=\"none\" the image can at least be looked at."
            .to_owned();
        Self { title: "The image may not be read", cause, url: url.to_owned(), retry: true }
    }
    fn unreachable(url: &str) -> Self {
        let cause = "The server cannot be reached, or what it sent is no image. Check the address, your connection, and \
                     whether this page may load images from there."
            .to_owned();
        Self { title: "The image cannot be loaded", cause, url: url.to_owned(), retry: true }
    }
    fn broken(url: &str, bytes: &[u8]) -> Self {
        let cause = match kind_of(bytes) {
            Some("an HTML page") => {
                "The server sent an HTML page instead of an image: often a sign-in or an error \
                                     page. Open the address in a new tab to see it."
                    .to_owned()
            }
            Some(kind) => format!(
                "The file is there ({} bytes), but it is {kind}, which this browser cannot show. Convert it to JPEG, PNG \
                 or WebP.",
                bytes.len()
            ),
            None => format!(
                "The file is there ({} bytes), but it is broken or no image. Open the address in a new tab to see \
                 what the server sends.",
                bytes.len()
            ),
        };
        Self { title: "The image cannot be shown", cause, url: url.to_owned(), retry: true }
    }
}

/// What the first bytes say about files that are often mistaken for pictures a browser can show.
fn kind_of(bytes: &[u8]) -> Option<&'static str> {
    let starts = |prefix: &[u8]| bytes.starts_with(prefix);
    let brand = bytes.get(4..12).unwrap_or_default();
    if starts(b"II*\0") || starts(b"MM\0*") {
        Some("a TIFF")
    } else if starts(b"%PDF") {
        Some("a PDF")
    } else if bytes.get(128..132) == Some(b"DICM") {
        Some("a DICOM file")
    } else if brand.starts_with(b"ftyphei") || brand.starts_with(b"ftypmif1") {
        Some("a HEIC image")
    } else if starts(b"PK\x03\x04") {
        Some("a ZIP archive")
    } else if bytes.iter().take(64).any(|b| *b == b'<')
        && String::from_utf8_lossy(&bytes[..bytes.len().min(512)]).to_ascii_lowercase().contains("<html")
    {
        Some("an HTML page")
    } else {
        None
    }
}

/// The content type an `<img>` needs to be told; browsers look into raster files themselves, but not into SVG.
fn content_type(bytes: &[u8]) -> &'static str {
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(1024)]);
    if head.contains("<svg") { "image/svg+xml" } else { "" }
}

/// An `<img>` that has loaded, or `None`.
async fn element(url: &str, cross_origin: Option<&str>) -> Option<HtmlImageElement> {
    let image = HtmlImageElement::new().ok()?;
    image.set_cross_origin(cross_origin);
    image.set_alt("");
    image.set_draggable(false);
    let loaded = Promise::new(&mut |resolve, reject| {
        image.set_onload(Some(&resolve));
        image.set_onerror(Some(&reject));
        image.set_src(url);
    });
    let outcome = JsFuture::from(loaded).await;
    image.set_onload(None);
    image.set_onerror(None);
    outcome.ok().map(|_| image)
}

fn picture(element: HtmlImageElement, unreadable: bool) -> Picture {
    // An SVG without a size of its own has no natural one; browsers then use this.
    let side = |natural: u32, fallback: f64| if natural > 0 { f64::from(natural) } else { fallback };
    let size = ImageSize::new(side(element.natural_width(), 300.0), side(element.natural_height(), 150.0));
    Picture { element, size, unreadable }
}

/// Loads `url`; `progress` is told about bytes where the browser lets us count them.
pub(super) async fn load(
    url: &str,
    cross_origin: CrossOrigin,
    cancel: &Cancel,
    mut progress: impl FnMut(Progress),
) -> Result<Picture, Failure> {
    if url.is_empty() {
        return Err(Failure::missing("This item of the list is no URL.".to_owned()));
    }
    let wanted = if cross_origin == CrossOrigin::Credentials { "use-credentials" } else { "anonymous" };
    let local = url.starts_with("data:") || url.starts_with("blob:");
    if !local && cross_origin != CrossOrigin::Credentials {
        let mut bytes = Vec::new();
        let fetched = stream(url, cancel, |piece, p| {
            bytes.extend_from_slice(piece);
            progress(p);
            Ok(())
        })
        .await;
        match fetched {
            Ok(()) => {
                if let Some(image) = from_bytes(&bytes).await {
                    return Ok(picture(image, false));
                }
                // A page whose policy forbids blob images may still load this address.
                return match element(url, Some(wanted)).await {
                    Some(image) => Ok(picture(image, false)),
                    None => Err(Failure::broken(url, &bytes)),
                };
            }
            Err(FetchError::Cancelled) => return Err(Failure::cancelled(url)),
            Err(error @ (FetchError::Status { .. } | FetchError::Broken { .. } | FetchError::Content(_))) => {
                return Err(Failure {
                    title: "The image cannot be loaded",
                    cause: error.to_string(),
                    url: url.to_owned(),
                    retry: true,
                });
            }
            // No connection, no permission, or a policy against fetching: the element may know better.
            Err(FetchError::Network { .. }) => {}
        }
    }
    let cross = (!local).then_some(wanted);
    if let Some(image) = element(url, cross).await {
        return Ok(picture(image, false));
    }
    if cancel.is_cancelled() {
        return Err(Failure::cancelled(url));
    }
    if local {
        return Err(Failure::broken(url, url.as_bytes()));
    }
    match element(url, None).await {
        Some(image) if cross_origin == CrossOrigin::None => Ok(picture(image, true)),
        Some(_) => Err(Failure::cors(url)),
        None => Err(Failure::unreachable(url)),
    }
}

async fn from_bytes(bytes: &[u8]) -> Option<HtmlImageElement> {
    let parts = js_sys::Array::of1(&js_sys::Uint8Array::from(bytes));
    let options = web_sys::BlobPropertyBag::new();
    options.set_type(content_type(bytes));
    let blob = Blob::new_with_u8_array_sequence_and_options(&parts, &options).ok()?;
    let url = Url::create_object_url_with_blob(&blob).ok()?;
    let image = element(&url, None).await;
    // The element holds the bytes by now; a failure to revoke only costs memory.
    let _ = Url::revoke_object_url(&url);
    image
}

/// Asks for a picture that will probably be wanted next; whether it comes is of no interest.
pub(super) fn preload(url: &str, cross_origin: CrossOrigin) -> Option<HtmlImageElement> {
    let image = HtmlImageElement::new().ok()?;
    let wanted = if cross_origin == CrossOrigin::Credentials { "use-credentials" } else { "anonymous" };
    image.set_cross_origin(Some(wanted));
    image.set_src(url);
    Some(image)
}

/// The alpha channel of a PNG data URL with its size; `None` where it is no image.
pub(super) async fn alpha_of(url: &str) -> Option<(u32, u32, Vec<u8>)> {
    let image = element(url, None).await?;
    let (width, height) = (image.natural_width(), image.natural_height());
    if width == 0 || height == 0 {
        return None;
    }
    let document = web_sys::window()?.document()?;
    let canvas: web_sys::HtmlCanvasElement = document.create_element("canvas").ok()?.dyn_into().ok()?;
    canvas.set_width(width);
    canvas.set_height(height);
    let context: web_sys::CanvasRenderingContext2d = canvas.get_context("2d").ok()??.dyn_into().ok()?;
    context.draw_image_with_html_image_element(&image, 0.0, 0.0).ok()?;
    let data = context.get_image_data(0.0, 0.0, f64::from(width), f64::from(height)).ok()?;
    Some((width, height, data.data().0.iter().skip(3).step_by(4).copied().collect()))
}

/// Writes text to the clipboard, where the page may.
pub(super) fn copy(text: &str) {
    if let Some(window) = web_sys::window() {
        let clipboard = window.navigator().clipboard();
        let secure = JsValue::from(&clipboard).is_object();
        if secure {
            let written = clipboard.write_text(text);
            wasm_bindgen_futures::spawn_local(async move {
                // Refused without a word where the page has no permission; there is nothing left to do then.
                let _ = JsFuture::from(written).await;
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_that_are_no_pictures_are_named() {
        assert_eq!(kind_of(b"II*\0abc"), Some("a TIFF"));
        assert_eq!(kind_of(b"%PDF-1.7"), Some("a PDF"));
        assert_eq!(kind_of(b"\n<!doctype HTML><html>"), Some("an HTML page"));
        assert_eq!(kind_of(b"\0\0\0\x18ftypheic"), Some("a HEIC image"));
        assert_eq!(kind_of(b"\xff\xd8\xff"), None);
        assert_eq!(kind_of(b""), None);
        assert_eq!(content_type(b"<?xml version='1.0'?><svg/>"), "image/svg+xml");
    }
}
