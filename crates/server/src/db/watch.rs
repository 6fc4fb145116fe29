//! What a thread asks the database, for tests that look at query plans. Not in release builds.

use sea_orm::Statement;
use std::cell::RefCell;

thread_local! {
    static SEEN: RefCell<Option<Vec<Statement>>> = const { RefCell::new(None) };
}

/// From now on the statements of this thread are kept.
pub fn start() {
    SEEN.with_borrow_mut(|seen| *seen = Some(Vec::new()));
}

/// Those since [`start`]; nothing is kept any more.
pub fn take() -> Vec<Statement> {
    SEEN.with_borrow_mut(Option::take).unwrap_or_default()
}

pub(super) fn note(statement: &Statement) {
    SEEN.with_borrow_mut(|seen| {
        if let Some(seen) = seen {
            seen.push(statement.clone());
        }
    });
}
