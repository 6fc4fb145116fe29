//! When a stage comes into sight, and when its size changes.

use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::Closure;
use web_sys::{Element, IntersectionObserver, ResizeObserver};

type OnSight = Closure<dyn FnMut(js_sys::Array)>;

/// Calls back when an element comes into sight, or changes its size, until it is dropped.
pub(in crate::tags) struct Watch {
    resize: Option<(ResizeObserver, Closure<dyn FnMut()>)>,
    pub(in crate::tags) sight: Option<(IntersectionObserver, OnSight)>,
}

impl Watch {
    pub(in crate::tags) fn new(
        element: &Element,
        resized: impl FnMut() + 'static,
        mut seen: impl FnMut() + 'static,
    ) -> Self {
        let closure: Closure<dyn FnMut()> = Closure::new(resized);
        let resize = ResizeObserver::new(closure.as_ref().unchecked_ref()).ok().map(|observer| {
            observer.observe(element);
            (observer, closure)
        });
        let closure: OnSight = Closure::new(move |entries: js_sys::Array| {
            let in_sight = |e| {
                let entry: web_sys::IntersectionObserverEntry = JsCast::unchecked_into(e);
                entry.is_intersecting()
            };
            if entries.iter().any(in_sight) {
                seen();
            }
        });
        let sight = IntersectionObserver::new(closure.as_ref().unchecked_ref()).ok().map(|observer| {
            observer.observe(element);
            (observer, closure)
        });
        Self { resize, sight }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        if let Some((observer, _)) = &self.resize {
            observer.disconnect();
        }
        if let Some((observer, _)) = &self.sight {
            observer.disconnect();
        }
    }
}
