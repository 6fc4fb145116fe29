//! SQLite's write-ahead log, copied into the file beside the work.
//!
//! Left alone, whoever commits when the log is long copies it, and waits for the disk with everybody behind them: a tenth of
//! a second now and then. The copy needs no lock that a writer needs, so a task of its own makes it soon after every write.

use crate::db;
use sea_orm::DatabaseConnection;
use std::time::Duration;
use tokio::sync::mpsc;

/// Where a log is so long that its writer has to copy it after all, in pages of 4 KiB.
pub(super) const MOST_PAGES: &str = "16000";
/// What is left of a file of the log that was once longer.
pub(super) const MOST_BYTES: &str = "67108864";
/// Between a write and the copy: pages that change again meanwhile are copied once.
const WAIT: Duration = Duration::from_millis(300);

/// Where writers say that the log has grown. The task ends with the last of these.
#[derive(Clone, Debug)]
pub(super) struct LogKeeper(mpsc::Sender<()>);

impl LogKeeper {
    pub(super) fn start(conn: DatabaseConnection) -> Self {
        let (send, receive) = mpsc::channel(1);
        tokio::spawn(keep(conn, receive));
        Self(send)
    }

    pub(super) fn grown(&self) {
        // A full channel has said it already.
        let _ = self.0.try_send(());
    }
}

async fn keep(conn: DatabaseConnection, mut grown: mpsc::Receiver<()>) {
    while grown.recv().await.is_some() {
        tokio::time::sleep(WAIT).await;
        if let Err(e) = db::one(&conn, "PRAGMA wal_checkpoint(PASSIVE)", vec![]).await {
            tracing::warn!("the log of the database could not be copied into its file: {e}");
        }
    }
}
