//! Where the peaks come from: the worker, a file made beforehand, or the browser's decoder.

use super::draw::Shown;
use super::fallback;
use super::screen::Screen;
use super::spec::Peaks;
use super::worker::{Answer, Decoding, Failure};
use crate::fetch::{self, Cancel, FetchError};
use leptos::prelude::*;
use std::rc::Rc;
use tagloom_audio::{PeakPyramid, read_precomputed};

/// What is said about the waveform; playing does not depend on it.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum State {
    /// Bytes so far, and of how many when that is known.
    Loading {
        loaded: f64,
        total: f64,
    },
    Ready,
    /// All there is, and a remark.
    Remark(String),
    Failed(String),
}

/// What failed, where, and how to mend it.
fn words(f: &Failure, url: &str) -> String {
    let url = url.to_owned();
    match f.name.as_str() {
        "Status" => FetchError::of_status(f.status, f.message.clone(), url).to_string(),
        "Network" => FetchError::Network { url }.to_string(),
        "Broken" => FetchError::Broken { bytes: f.bytes, url }.to_string(),
        "Large" => format!("{}, and the file is too large to be kept in memory: {url}", f.message),
        "Worker" => {
            "The waveform cannot be made here: the page has no decoding worker (audio_worker.js), or its \
                     Content-Security-Policy forbids it (worker-src 'self')."
                .to_owned()
        }
        _ => format!("No waveform for {url}: {}.", f.message.trim_end_matches('.')),
    }
}

/// Begins anew; what was on its way is dropped.
pub(super) fn start(screen: &Rc<Screen>, state: RwSignal<State>, cancel: &Cancel) {
    *screen.decoding.borrow_mut() = None;
    screen.forget_picture();
    let Some(url) = screen.spec.url.clone() else { return };
    match screen.spec.peaks.clone() {
        Peaks::None => state.set(State::Ready),
        Peaks::Given(source) => given(screen, state, cancel.clone(), source),
        Peaks::Decoded => {
            state.set(State::Loading { loaded: 0.0, total: 0.0 });
            decode(screen, state, cancel.clone(), &url, false);
        }
    }
}

/// Opens the file for spectrograms only.
pub(super) fn open_for_pictures(screen: &Rc<Screen>, state: RwSignal<State>) {
    let Some(url) = screen.spec.url.clone() else { return };
    if screen.decoding.borrow().is_none() {
        decode(screen, state, Cancel::default(), &url, true);
    }
}

fn given(screen: &Rc<Screen>, state: RwSignal<State>, cancel: Cancel, source: String) {
    state.set(State::Loading { loaded: 0.0, total: 0.0 });
    let screen = Rc::downgrade(screen);
    leptos::task::spawn_local(async move {
        let loaded = if source.starts_with('{') {
            read_precomputed(source.as_bytes()).map_err(|e| format!("peaks: {e}."))
        } else {
            match fetch::bytes(&source, &cancel, |_| ()).await {
                Ok(bytes) => read_precomputed(&bytes).map_err(|e| format!("{source}: {e}.")),
                Err(e) => Err(e.to_string()),
            }
        };
        let Some(screen) = screen.upgrade() else { return };
        let next = match loaded {
            Ok(peaks) => {
                take(&screen, peaks);
                State::Ready
            }
            Err(text) => State::Failed(text),
        };
        let _ = state.try_set(next);
    });
}

fn take(screen: &Rc<Screen>, peaks: PeakPyramid) {
    let _ = screen.signals.channels.try_set(peaks.channels());
    let seconds = peaks.seconds();
    let known = screen.element.borrow().as_ref().is_some_and(|e| e.duration().is_finite());
    if let Ok(mut model) = screen.model.try_borrow_mut() {
        model.peaks = Some(peaks);
    }
    if !known {
        screen.set_duration(seconds);
    }
    screen.mark(true);
}

fn decode(screen: &Rc<Screen>, state: RwSignal<State>, cancel: Cancel, url: &str, quiet: bool) {
    let me = Rc::downgrade(screen);
    let address = url.to_owned();
    let decoding = Decoding::start(url, quiet, move |answer| {
        if let Some(screen) = me.upgrade() {
            answered(&screen, state, &cancel, &address, quiet, answer);
        }
    });
    if decoding.is_none() && !quiet {
        let none = Failure { name: "Worker".into(), message: String::new(), status: 0, bytes: 0 };
        state.set(State::Failed(words(&none, url)));
    }
    *screen.decoding.borrow_mut() = decoding;
}

fn answered(
    screen: &Rc<Screen>,
    state: RwSignal<State>,
    cancel: &Cancel,
    url: &str,
    quiet: bool,
    answer: Answer,
) {
    match answer {
        Answer::Info(info) => {
            take(screen, PeakPyramid::new(info.channels, info.factor, info.rate));
            let known = screen.element.borrow().as_ref().is_some_and(|e| e.duration().is_finite());
            if !known {
                screen.set_duration(info.seconds);
            }
        }
        Answer::Peaks { peaks, loaded, total } => {
            if let Ok(mut model) = screen.model.try_borrow_mut()
                && let Some(pyramid) = &mut model.peaks
            {
                pyramid.push(&peaks);
            }
            let _ = state.try_set(State::Loading { loaded, total });
            screen.mark(true);
        }
        Answer::Progress { loaded, total } => {
            if !quiet {
                let _ = state.try_set(State::Loading { loaded, total });
            }
        }
        Answer::Done { truncated } => {
            let known = screen.element.borrow().as_ref().is_some_and(|e| e.duration().is_finite());
            let seconds =
                screen.model.try_borrow().ok().and_then(|m| m.peaks.as_ref().map(PeakPyramid::seconds));
            if !known {
                screen.set_duration(seconds.unwrap_or_default());
            }
            let remark = "The file ends before its own header says: it was not saved or uploaded completely. What is \
                          there can be labeled.";
            let _ = state.try_set(if truncated { State::Remark(remark.to_owned()) } else { State::Ready });
            screen.mark(true);
        }
        Answer::Picture(picture) => {
            *screen.picture.borrow_mut() = Shown::new(&picture);
            screen.mark(true);
        }
        Answer::NoPicture(_) => {}
        Answer::Failed(failure) if failure.name == "Format" && !quiet => {
            let (screen, cancel, url) = (Rc::downgrade(screen), cancel.clone(), url.to_owned());
            let text = words(&failure, &url);
            leptos::task::spawn_local(async move {
                let decoded = fallback::decode(&url, &cancel).await;
                let Some(screen) = screen.upgrade() else { return };
                let next = match decoded {
                    Ok(peaks) => {
                        take(&screen, peaks);
                        State::Ready
                    }
                    Err(why) => State::Failed(format!("{text} {why}")),
                };
                let _ = state.try_set(next);
            });
        }
        Answer::Failed(failure) => {
            if !quiet {
                let _ = state.try_set(State::Failed(words(&failure, url)));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_say_what_where_and_how() {
        let f =
            |name: &str, status| Failure { name: name.into(), message: "it broke.".into(), status, bytes: 7 };
        assert!(words(&f("Status", 404), "/a.mp3").contains("404"));
        assert!(words(&f("Status", 404), "/a.mp3").contains("no such file"));
        assert!(words(&f("Network", 0), "/a.mp3").contains("CORS"));
        assert!(words(&f("Broken", 0), "/a.mp3").contains("7 bytes"));
        assert_eq!(words(&f("Format", 0), "/a.mp3"), "No waveform for /a.mp3: it broke.");
        assert!(words(&f("Worker", 0), "/a.mp3").contains("worker-src"));
    }
}
