//! Building blocks of the screen. They take signals and callbacks and know nothing of documents.

pub mod button;
pub mod dialog;
pub mod field;
pub mod kbd;
pub mod menu;
pub mod storage;
pub mod virtual_list;

pub use button::IconButton;
pub use dialog::{Confirm, Dialog};
pub use field::NumberField;
pub use kbd::{Kbd, is_mac, shown_key, with_key};
pub use menu::{Menu, MenuItem};
pub use virtual_list::VirtualList;
