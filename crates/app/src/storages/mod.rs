//! Storages of a project: where its objects come from and where its annotations go.
//!
//! What a storage is made of comes from the server: the form is the server's layout, the steps of a test are those of its
//! doctor. Only what is said about a state, and what a form sends, is decided here.

mod card;
mod doctor;
mod field;
mod form;
mod list;
mod place;
mod preview;
mod values;

pub use form::{EditStorage, NewStorage};
pub use list::Storages;
