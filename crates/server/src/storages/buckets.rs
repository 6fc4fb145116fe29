//! Stored storages, connected.

use super::http::Filtered;
use crate::auth::seal;
use crate::egress::Egress;
use crate::settings::Settings;
use crate::store::storages::Storage;
use serde_json::{Map, Value};
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use tagloom_storages::{Access, Bucket, Cause, Direct, Fields, Kind, Problem, Root, connect};

/// Connections kept for the next request: one may hold a token that was asked for.
const KEPT: usize = 500;

/// Where secrets of storages are sealed to; see [`seal`].
const PLACE: &str = "storages.secrets";

/// The ways to storages, and those that were used.
#[derive(Debug)]
pub struct Buckets {
    access: Access,
    secret: Vec<u8>,
    /// By storage, with what it was connected by.
    open: Mutex<HashMap<i64, (String, Bucket)>>,
}

impl Buckets {
    pub(crate) fn new(settings: &Settings, egress: &Egress, secret: &[u8]) -> anyhow::Result<Self> {
        let problem = |problem: Problem| anyhow::anyhow!("{}", problem.line());
        let access = Access {
            http: Arc::new(Filtered(egress.clone())),
            trusted: Arc::new(Direct::new().map_err(problem)?),
            root: root(settings).map_err(problem)?,
            env: settings.storages.env.clone(),
        };
        Ok(Self { access, secret: secret.to_vec(), open: Mutex::default() })
    }

    /// The document root of local files, where they are served.
    pub fn root(&self) -> Option<&Root> {
        self.access.root.as_ref()
    }

    /// A storage that is not stored, or not yet.
    pub fn try_out(&self, kind: Kind, fields: &Fields) -> Result<Bucket, Problem> {
        connect(kind, fields, &self.access)
    }

    /// A stored storage. Asks nothing of the network.
    pub fn of(&self, storage: &Storage) -> Result<Bucket, Problem> {
        let by = format!("{}{}", Value::Object(storage.fields.clone()), storage.secrets);
        let known = self.open.lock().ok().and_then(|open| open.get(&storage.id).cloned());
        if let Some((_, bucket)) = known.filter(|(known, _)| *known == by) {
            return Ok(bucket);
        }
        let fields = fields_of(&self.secret, storage)?;
        let bucket = connect(storage.kind, &fields, &self.access)?;
        if let Ok(mut open) = self.open.lock() {
            if open.len() >= KEPT {
                open.clear();
            }
            open.insert(storage.id, (by, bucket.clone()));
        }
        Ok(bucket)
    }
}

fn root(settings: &Settings) -> Result<Option<Root>, Problem> {
    let Some(path) = &settings.local_files else { return Ok(None) };
    let root = Root::open(path)?;
    Ok(Some(if settings.local_files_by_storage { root } else { root.whole() }))
}

/// The fields of a stored storage, secrets opened.
pub fn fields_of(secret: &[u8], storage: &Storage) -> Result<Fields, Problem> {
    let mut fields = Fields::from(storage.fields.clone());
    fields.keep_secrets(storage.kind, &secrets_of(secret, storage)?);
    Ok(fields)
}

fn secrets_of(secret: &[u8], storage: &Storage) -> Result<Map<String, Value>, Problem> {
    if storage.secrets.is_empty() {
        return Ok(Map::new());
    }
    let text = seal::open(secret, PLACE, &storage.secrets).map_err(|error| {
        tracing::error!(storage = storage.id, "{error}");
        Problem::new(
            Cause::BadCredentials,
            "The stored credentials cannot be read: the server's SECRET_KEY has changed.",
        )
        .mended_by("Enter them again.")
    })?;
    Ok(serde_json::from_str(&text).unwrap_or_default())
}

/// What is stored of the secrets among some fields.
pub fn sealed(secret: &[u8], kind: Kind, fields: &Fields) -> anyhow::Result<String> {
    let secrets = fields.secrets(kind);
    if secrets.is_empty() {
        return Ok(String::new());
    }
    seal::seal(secret, PLACE, &Value::Object(secrets).to_string())
}
