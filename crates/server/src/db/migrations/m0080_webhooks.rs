//! Webhooks, and what is to be delivered to them: an outbox that is written with the changes it tells of.

pub const STATEMENTS: &[&str] = &[
    // `worker` and `lease_until` say who delivers at the moment; `failures` in a row put off the next try to `run_after`.
    "CREATE TABLE webhooks (id {pk}, organization BIGINT NOT NULL, project BIGINT, url TEXT NOT NULL, send_payload BOOLEAN NOT NULL,
        send_for_all_actions BOOLEAN NOT NULL, headers TEXT NOT NULL, actions TEXT NOT NULL, is_active BOOLEAN NOT NULL,
        failures BIGINT NOT NULL, worker TEXT, lease_until TEXT, run_after TEXT NOT NULL, created_at TEXT NOT NULL, updated_at TEXT NOT NULL)",
    "CREATE INDEX webhooks_organization ON webhooks (organization, id)",
    "CREATE INDEX webhooks_project ON webhooks (project)",
    "CREATE INDEX webhooks_active ON webhooks (id) WHERE is_active",
    "CREATE TABLE webhook_deliveries (id {pk}, webhook BIGINT NOT NULL, uid TEXT NOT NULL, action TEXT NOT NULL, project BIGINT NOT NULL, body TEXT,
        state TEXT NOT NULL, attempts BIGINT NOT NULL, status_code BIGINT, error TEXT, created_at TEXT NOT NULL, updated_at TEXT NOT NULL)",
    "CREATE INDEX webhook_deliveries_waiting ON webhook_deliveries (webhook, id) WHERE state = 'waiting'",
    "CREATE INDEX webhook_deliveries_webhook ON webhook_deliveries (webhook, id)",
];
