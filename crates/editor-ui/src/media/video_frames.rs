//! `requestVideoFrameCallback`: which frame a video element really shows, where the browser tells.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use tagloom_video_sync::Nanos;
use wasm_bindgen::prelude::*;
use web_sys::HtmlMediaElement;

/// A frame that was put on screen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Shown {
    /// Presentation time of the frame.
    pub media_time: Nanos,
    /// When it appears, in milliseconds of `performance.now()`.
    pub display_ms: f64,
}

type OnFrame = Closure<dyn FnMut(f64, JsValue)>;

/// Calls back for every frame that an element shows, until it is dropped.
pub(crate) struct VideoFrames {
    element: HtmlMediaElement,
    pending: Rc<Cell<Option<f64>>>,
    _callback: Rc<RefCell<Option<OnFrame>>>,
}

fn function(target: &JsValue, name: &str) -> Option<js_sys::Function> {
    js_sys::Reflect::get(target, &name.into()).ok()?.dyn_into().ok()
}

fn number(target: &JsValue, name: &str) -> Option<f64> {
    js_sys::Reflect::get(target, &name.into()).ok()?.as_f64()
}

impl VideoFrames {
    /// `None` where the browser cannot tell (or the element has no pictures).
    pub fn watch(element: &HtmlMediaElement, mut on_frame: impl FnMut(Shown) + 'static) -> Option<Self> {
        let request = function(element, "requestVideoFrameCallback")?;
        let pending = Rc::new(Cell::new(None));
        let callback: Rc<RefCell<Option<OnFrame>>> = Rc::default();
        let again = {
            let (element, request) = (element.clone(), request.clone());
            let (pending, callback) = (pending.clone(), Rc::downgrade(&callback));
            move || {
                let Some(callback) = callback.upgrade() else { return };
                let callback = callback.borrow();
                let Some(callback) = callback.as_ref() else { return };
                let id = request.call1(&element, callback.as_ref()).ok();
                pending.set(id.and_then(|id| id.as_f64()));
            }
        };
        let next = again.clone();
        *callback.borrow_mut() = Some(Closure::new(move |now: f64, metadata: JsValue| {
            // Asked for again first: the frame after this one must not be missed.
            next();
            if let Some(media_time) = number(&metadata, "mediaTime") {
                let display_ms = number(&metadata, "expectedDisplayTime").unwrap_or(now);
                on_frame(Shown { media_time: Nanos::from_secs(media_time), display_ms });
            }
        }));
        again();
        Some(Self { element: element.clone(), pending, _callback: callback })
    }
}

impl Drop for VideoFrames {
    fn drop(&mut self) {
        if let (Some(id), Some(cancel)) =
            (self.pending.take(), function(&self.element, "cancelVideoFrameCallback"))
        {
            let _ = cancel.call1(&self.element, &id.into());
        }
    }
}
