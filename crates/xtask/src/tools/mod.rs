//! One file per outside tool.

pub(crate) mod apt;
pub(crate) mod cargo;
pub(crate) mod chromium;
pub(crate) mod exec;
pub(crate) mod files;
pub(crate) mod nginx;
pub(crate) mod node;
pub(crate) mod python;
pub(crate) mod sizes;
pub(crate) mod styles;
pub(crate) mod wasm_bundle;
pub(crate) mod wasm_target;
