//! The JavaScript boundary of the editor: handles, callbacks, errors. No logic lives here.
//!
//! Hosts hold an [`EditorHandle`]; editors live in a slot map per page. Callbacks run when no borrow is open, so a
//! host may call back in. Nothing here panics: every failure is a JavaScript `Error` with a message.

mod events;
mod handle;
mod options;
mod slots;

pub use handle::EditorHandle;

use wasm_bindgen::prelude::*;

/// Runs once when the module is loaded.
#[wasm_bindgen(start)]
pub fn start() {
    console_error_panic_hook::set_once();
    // Effects of an editor's context are spawned before anything is mounted; a second call is refused, which is fine.
    let _ = any_spawner::Executor::init_wasm_bindgen();
}

/// Version of the package.
#[wasm_bindgen]
pub fn version() -> String {
    env!("CARGO_PKG_VERSION").to_owned()
}
