//! What happens to projects, tasks, annotations and label links, told to webhooks (spec/server.md 3.11).
//!
//! Whoever makes, changes or deletes one of them calls [`emit`] in the same transaction, after the change and after
//! counters are right (before it only where a project goes, because its organization must still be known):
//!
//! ```ignore
//! events::emit(&tx, project, Event::AnnotationCreated(id)).await?;
//! ```
//!
//! Contract:
//! - Nobody listens: no statement at all, apart from one look-up of all active webhooks per process and second.
//! - Somebody listens: rows of an outbox, one per webhook and delivery, in that very transaction. A rolled back change is
//!   never told, a committed one always is, also after a crash.
//! - Tasks and annotations are told as they are now; the `project` beside them is as it is when the delivery leaves.
//! - [`deliver`] carries them out in their order, a webhook at a time, and at least once: `X-Tagloom-Delivery` names a
//!   delivery and stays the same when it is sent again.

mod actions;
mod deliver;
mod listeners;
mod outbox;
pub mod payload;

pub use actions::{ACTIONS, Action, Event, Info};
pub use deliver::{Deliverers, start};
pub use listeners::Listeners;
pub use outbox::{emit, organizations_that_want, wanted};
