//! The frame index of a video in the browser: read from the container, else measured, declared or assumed (FI-4).
//!
//! Odd cases: a server that does not serve parts is read from the start, up to [`WHOLE_LIMIT`]; a file that this page may
//! play but not read (CORS) is measured; a broken container falls back as well, and the reason is told. A long file whose
//! frames are spread all over it is given up as soon as that shows, not after it was read.

mod cost;
mod measure;

use crate::fetch::{self, Cancel, FetchError};
use cost::Cost;
use std::cell::RefCell;
use tagloom_video_sync::container::{ByteRange, ContainerError, IndexReader, Step, VideoIndex};
use tagloom_video_sync::{FrameIndex, FrameRate, Nanos, RateContradiction, contradiction};
use web_sys::HtmlVideoElement;

/// Most bytes read from a server that serves only whole files.
const WHOLE_LIMIT: u64 = 64 * 1024 * 1024;

/// What is known of a video's frames.
#[derive(Clone, Debug)]
pub struct Resolved {
    pub frames: FrameIndex,
    /// Why the container could not be read.
    pub reason: Option<String>,
    /// The file ends before its index says.
    pub cut: bool,
    /// The declared rate is not that of the file (FI-5).
    pub contradiction: Option<RateContradiction>,
    /// When it was recorded, where the container says.
    pub created: Option<Nanos>,
}

/// Why there is no index from the container.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum IndexError {
    #[error("{0}")]
    Fetch(#[from] FetchError),
    #[error("{0}")]
    Container(#[from] ContainerError),
    #[error("its frames are spread over too much of the file to read them all")]
    TooMuch,
}

thread_local! {
    /// Indexes of this page's videos: several views and several annotations show the same file.
    static KNOWN: RefCell<Vec<(String, VideoIndex)>> = const { RefCell::new(Vec::new()) };
}
const MOST_KNOWN: usize = 16;

/// Reads the index from the container at `url`.
pub async fn read(url: &str, cancel: &Cancel) -> Result<VideoIndex, IndexError> {
    let known =
        KNOWN.with_borrow(|known| known.iter().find(|(u, _)| u == url).map(|(_, index)| index.clone()));
    if let Some(index) = known {
        return Ok(index);
    }
    let index = fetch_index(url, cancel).await?;
    KNOWN.with_borrow_mut(|known| {
        if known.len() >= MOST_KNOWN {
            known.remove(0);
        }
        known.push((url.to_owned(), index.clone()));
    });
    Ok(index)
}

async fn fetch_index(url: &str, cancel: &Cancel) -> Result<VideoIndex, IndexError> {
    let mut reader = IndexReader::new(None);
    let mut cost = Cost::default();
    loop {
        let range = match reader.step() {
            Step::Done(index) => return Ok(*index),
            Step::Failed(error) => return Err(error.into()),
            Step::Need(range) => range,
        };
        if cost.is_too_high(range.start, reader.length()) {
            return Err(IndexError::TooMuch);
        }
        cost.add(fetch_range(url, range, cancel, &mut reader).await?);
    }
}

/// Feeds the reader with a range, or with the whole file where there are no ranges; says how many bytes that were.
async fn fetch_range(
    url: &str,
    range: ByteRange,
    cancel: &Cancel,
    reader: &mut IndexReader,
) -> Result<u64, IndexError> {
    let mut at = range.start;
    let mut whole = false;
    let mut too_much = false;
    let mut ended = false;
    let part = fetch::part(url, range.start..range.end, cancel, |piece, part| {
        if let Some(length) = part.length {
            reader.set_length(length);
        }
        if part.whole && !whole {
            (whole, at) = (true, 0);
        }
        reader.feed(at, piece);
        at += piece.len() as u64;
        if !whole {
            return true;
        }
        // The rest comes anyway: stop as soon as it is enough.
        too_much = at > WHOLE_LIMIT;
        ended = !matches!(reader.step(), Step::Need(_));
        !too_much && !ended
    })
    .await?;
    if too_much {
        return Err(IndexError::TooMuch);
    }
    if let Some(length) = part.length {
        reader.set_length(length);
    }
    let got = at.saturating_sub(if whole { 0 } else { range.start });
    if (whole && !ended) || (!whole && at < range.end && part.length.is_none()) {
        // Nothing follows.
        reader.feed(at, &[]);
    }
    Ok(got)
}

/// The best index there is for a video, and what to tell about it. `element` has its metadata.
pub async fn resolve(
    element: &HtmlVideoElement,
    url: &str,
    declared: Option<FrameRate>,
    cancel: &Cancel,
) -> Resolved {
    let read = read(url, cancel).await;
    match read {
        Ok(index) => {
            let contradiction = declared.and_then(|rate| contradiction(&index.frames, rate));
            Resolved {
                frames: index.frames,
                reason: None,
                cut: index.cut,
                contradiction,
                created: index.created,
            }
        }
        Err(error) => {
            let secs = element.duration();
            let duration = if secs.is_finite() { Nanos::from_secs(secs) } else { Nanos::ZERO };
            let measured = if matches!(error, IndexError::Fetch(FetchError::Cancelled)) {
                None
            } else {
                measure::frames(url, element.cross_origin().as_deref(), cancel)
                    .await
                    .and_then(|times| FrameIndex::measured(&times, duration))
            };
            let frames = measured.unwrap_or_else(|| FrameIndex::constant(declared, duration));
            let contradiction = declared.and_then(|rate| contradiction(&frames, rate));
            Resolved { frames, reason: Some(error.to_string()), cut: false, contradiction, created: None }
        }
    }
}
