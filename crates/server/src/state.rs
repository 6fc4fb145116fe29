//! What every handler shares.

use crate::auth::activity::Activity;
use crate::auth::callers::Callers;
use crate::auth::keys::{Keys, Secret};
use crate::backup::Guard;
use crate::db::Db;
use crate::egress::Egress;
use crate::events::Deliverers;
use crate::files::{FileStore, Media};
use crate::jobs::Jobs;
use crate::metrics::Metrics;
use crate::saving::Saver;
use crate::settings::Settings;
use crate::storages::Buckets;
use crate::store::stream::Sweep;
use anyhow::Context;
use std::sync::Arc;

#[derive(Clone, Debug)]
pub struct AppState(Arc<Inner>);

#[derive(Debug)]
pub struct Inner {
    pub db: Db,
    pub settings: Settings,
    pub secret: Secret,
    /// For what is sealed or stored as a digest.
    pub keys: Keys,
    /// The local folder of media; what is on its way waits in its spool.
    pub files: FileStore,
    /// Where uploads, avatars and exports stay.
    pub media: Media,
    pub local_files: Option<FileStore>,
    pub activity: Activity,
    /// Who is at work.
    pub callers: Callers,
    /// The way to URLs of users.
    pub egress: Egress,
    pub jobs: Jobs,
    pub metrics: Metrics,
    /// Keeps a restore away; nothing reads it.
    _guard: Option<Guard>,
    /// Storages of projects, connected.
    pub buckets: Buckets,
    pub saver: Saver,
    /// When places in the label stream that are over were last removed.
    pub sweep: Sweep,
    /// What carries events to webhooks.
    pub deliverers: Deliverers,
}

impl std::ops::Deref for AppState {
    type Target = Inner;
    fn deref(&self) -> &Inner {
        &self.0
    }
}

impl AppState {
    /// Opens the database, the folders and the secret; creates what is missing.
    pub async fn open(settings: Settings) -> anyhow::Result<Self> {
        crate::files::create_private_dir(&settings.data_dir)?;
        let secret = crate::auth::secret::load_or_create(&settings.data_dir)?;
        let keys = Keys::new(&secret)?;
        let media = settings.data_dir.join("media");
        std::fs::create_dir_all(media.join("upload"))?;
        let files = FileStore::open(&media)?;
        let local_files = settings.local_files.as_deref().map(FileStore::open).transpose()?;
        let egress = Egress::new(settings.subnets.clone())?;
        let buckets = Buckets::new(&settings, &egress, &secret)?;
        let media = Media::of(&settings, files.clone())?;
        let guard = match &settings.database_url {
            Some(_) => None,
            None => {
                if let Some(dir) = settings.database.parent() {
                    std::fs::create_dir_all(dir).with_context(|| {
                        format!("cannot create the folder of the database: {}", dir.display())
                    })?;
                }
                Some(Guard::shared(&settings.database)?)
            }
        };
        let db = Db::open(&settings).await?;
        crate::store::legacy_tokens::seal_all(&db, &keys).await?;
        let saver = Saver::start(db.clone());
        Ok(Self(Arc::new(Inner {
            db,
            settings,
            secret: Secret::new(secret),
            keys,
            media,
            files,
            local_files,
            activity: Activity::default(),
            callers: Callers::default(),
            sweep: Sweep::default(),
            egress,
            jobs: Jobs::default(),
            metrics: Metrics::install()?,
            _guard: guard,
            buckets,
            saver,
            deliverers: Deliverers::default(),
        })))
    }
}
