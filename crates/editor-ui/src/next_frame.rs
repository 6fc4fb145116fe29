//! Work for the next animation frame, asked for once however often, and never after its owner is gone.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::Closure;

/// One function and at most one open request for it. Dropping takes the request back: a browser that calls a closure
/// which is gone throws into the page.
#[derive(Default)]
pub struct NextFrame {
    asked: Rc<Cell<Option<i32>>>,
    work: RefCell<Option<Closure<dyn FnMut()>>>,
}

impl std::fmt::Debug for NextFrame {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NextFrame").field("asked", &self.asked.get()).finish()
    }
}

impl NextFrame {
    /// What a frame does; the first call decides.
    pub fn set(&self, mut work: impl FnMut() + 'static) {
        if self.work.borrow().is_some() {
            return;
        }
        let asked = self.asked.clone();
        let closure = Closure::<dyn FnMut()>::new(move || {
            asked.set(None);
            work();
        });
        *self.work.borrow_mut() = Some(closure);
    }

    /// Asks for a frame, unless one is on its way.
    pub fn request(&self) {
        if self.asked.get().is_some() {
            return;
        }
        let work = self.work.borrow();
        if let (Some(window), Some(work)) = (web_sys::window(), work.as_ref()) {
            self.asked.set(window.request_animation_frame(work.as_ref().unchecked_ref()).ok());
        }
    }
}

impl Drop for NextFrame {
    fn drop(&mut self) {
        if let (Some(id), Some(window)) = (self.asked.take(), web_sys::window()) {
            let _ = window.cancel_animation_frame(id);
        }
    }
}
