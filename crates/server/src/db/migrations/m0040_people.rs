//! Members who have left, legacy tokens that are not kept readable, pictures, and what a person has seen of the tours.

pub const STATEMENTS: &[&str] = &[
    "ALTER TABLE memberships ADD COLUMN deleted_at TEXT",
    "CREATE INDEX memberships_user ON memberships (user_id)",
    "ALTER TABLE organizations ADD COLUMN contact_info TEXT",
    // `legacy_token` holds a keyed digest from here on. The tokens of before are sealed when the server starts: that needs
    // its secret.
    "ALTER TABLE users ADD COLUMN legacy_token_sealed TEXT NOT NULL DEFAULT ''",
    "CREATE TABLE avatars (id {pk}, user_id BIGINT NOT NULL UNIQUE, name TEXT NOT NULL UNIQUE, content_type TEXT NOT NULL, content {blob} NOT NULL, created_at TEXT NOT NULL)",
    "CREATE TABLE product_tours (id {pk}, user_id BIGINT NOT NULL, name TEXT NOT NULL, state TEXT NOT NULL, interaction_data TEXT NOT NULL, created_at TEXT NOT NULL, updated_at TEXT NOT NULL, UNIQUE (user_id, name))",
];
