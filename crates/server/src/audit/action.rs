//! What can be recorded: one closed list.

/// A deed; its name is stored and never changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    SignedIn,
    SignInFailed,
    SignedOut,
    SignedUp,
    PasswordReset,
    UserMade,
    UserDeleted,
    MemberRemoved,
    MemberRestored,
    LegacyTokenReset,
    TokenMade,
    TokenRotated,
    TokenRevoked,
    InviteReset,
    OrganizationChanged,
    TokenSettingsChanged,
    SessionPolicyChanged,
    ProjectDeleted,
    TasksDeleted,
    ExportDownloaded,
    StorageAdded,
    StorageChanged,
    StorageDeleted,
    WebhookAdded,
    WebhookChanged,
    WebhookDeleted,
}

impl Action {
    pub const ALL: &[Self] = &[
        Self::SignedIn,
        Self::SignInFailed,
        Self::SignedOut,
        Self::SignedUp,
        Self::PasswordReset,
        Self::UserMade,
        Self::UserDeleted,
        Self::MemberRemoved,
        Self::MemberRestored,
        Self::LegacyTokenReset,
        Self::TokenMade,
        Self::TokenRotated,
        Self::TokenRevoked,
        Self::InviteReset,
        Self::OrganizationChanged,
        Self::TokenSettingsChanged,
        Self::SessionPolicyChanged,
        Self::ProjectDeleted,
        Self::TasksDeleted,
        Self::ExportDownloaded,
        Self::StorageAdded,
        Self::StorageChanged,
        Self::StorageDeleted,
        Self::WebhookAdded,
        Self::WebhookChanged,
        Self::WebhookDeleted,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::SignedIn => "session.start",
            Self::SignInFailed => "session.refused",
            Self::SignedOut => "session.end",
            Self::SignedUp => "user.signup",
            Self::PasswordReset => "user.password_reset",
            Self::UserMade => "user.create",
            Self::UserDeleted => "user.delete",
            Self::MemberRemoved => "member.remove",
            Self::MemberRestored => "member.restore",
            Self::LegacyTokenReset => "legacy_token.reset",
            Self::TokenMade => "token.create",
            Self::TokenRotated => "token.rotate",
            Self::TokenRevoked => "token.revoke",
            Self::InviteReset => "invite.reset",
            Self::OrganizationChanged => "organization.change",
            Self::TokenSettingsChanged => "token_settings.change",
            Self::SessionPolicyChanged => "session_policy.change",
            Self::ProjectDeleted => "project.delete",
            Self::TasksDeleted => "tasks.delete",
            Self::ExportDownloaded => "export.download",
            Self::StorageAdded => "storage.create",
            Self::StorageChanged => "storage.change",
            Self::StorageDeleted => "storage.delete",
            Self::WebhookAdded => "webhook.create",
            Self::WebhookChanged => "webhook.change",
            Self::WebhookDeleted => "webhook.delete",
        }
    }

    pub fn by_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|a| a.name() == name)
    }

    /// All names, for messages.
    pub fn names() -> String {
        Self::ALL.iter().map(|a| a.name()).collect::<Vec<_>>().join(", ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_distinct_and_found() {
        for action in Action::ALL {
            assert_eq!(Action::by_name(action.name()), Some(*action));
        }
        assert_eq!(Action::by_name("nonsense"), None);
    }
}
