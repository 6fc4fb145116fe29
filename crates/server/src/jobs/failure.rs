//! How a job ends other than well.

use crate::db::Trouble;
use crate::egress;
use crate::error::ApiError;
use sea_orm::DbErr;

#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// Somebody cancelled it.
    #[error("cancelled")]
    Cancelled,
    /// The server stops; the job goes on after the next start.
    #[error("interrupted")]
    Interrupted,
    /// Another worker has taken the job over.
    #[error("taken over by another worker")]
    Lost,
    /// May go better in a moment: it is tried again a few times.
    #[error("{0}")]
    Transient(String),
    /// Will not go better by itself; the text says what, where and how to mend it.
    #[error("{0}")]
    Failed(String),
}

impl Failure {
    /// One word for counting.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Cancelled => "cancelled",
            Self::Interrupted => "interrupted",
            Self::Lost => "lost",
            Self::Transient(_) => "tried_again",
            Self::Failed(_) => "failed",
        }
    }
}

impl From<DbErr> for Failure {
    fn from(error: DbErr) -> Self {
        match Trouble::of(&error) {
            // Waiting makes no room: somebody has to.
            trouble @ Trouble::Full => Self::Failed(trouble.message().into()),
            trouble => {
                tracing::warn!("a job met a database error: {error}");
                Self::Transient(trouble.message().into())
            }
        }
    }
}

impl From<ApiError> for Failure {
    fn from(error: ApiError) -> Self {
        match error {
            ApiError::Database(error) => error.into(),
            ApiError::Internal(error) => error.into(),
            ApiError::Validation(fields) => Self::Failed(serde_json::Value::Object(fields).to_string()),
            other => Self::Failed(other.to_string()),
        }
    }
}

impl From<egress::Error> for Failure {
    fn from(error: egress::Error) -> Self {
        match error {
            egress::Error::Timeout | egress::Error::Connect(_) | egress::Error::Broken(_) => {
                Self::Transient(error.to_string())
            }
            other => Self::Failed(other.to_string()),
        }
    }
}

impl From<anyhow::Error> for Failure {
    fn from(error: anyhow::Error) -> Self {
        match crate::db::behind(&error) {
            Some(trouble @ Trouble::Full) => Self::Failed(trouble.message().into()),
            Some(trouble) => {
                tracing::warn!("a job met a database error: {error:#}");
                Self::Transient(trouble.message().into())
            }
            None => Self::Failed(format!("{error:#}")),
        }
    }
}

impl From<serde_json::Error> for Failure {
    fn from(error: serde_json::Error) -> Self {
        Self::Failed(format!("not the JSON that was expected: {error}"))
    }
}
