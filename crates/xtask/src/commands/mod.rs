//! One file per command.

mod audio_worker;
pub(crate) mod bench;
pub(crate) mod demo;
pub(crate) mod fuzz;
pub(crate) mod new_tag;
pub(crate) mod pkg;
pub(crate) mod setup;
pub(crate) mod start;
pub(crate) mod styles;
pub(crate) mod test;
mod web_app;
