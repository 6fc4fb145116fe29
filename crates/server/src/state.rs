//! What every handler shares.

use crate::auth::activity::Activity;
use crate::auth::keys::{Keys, Secret};
use crate::db::Db;
use crate::egress::Egress;
use crate::events::Deliverers;
use crate::files::FileStore;
use crate::jobs::Jobs;
use crate::saving::Saver;
use crate::settings::Settings;
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
    /// Uploads.
    pub files: FileStore,
    pub local_files: Option<FileStore>,
    pub activity: Activity,
    /// The way to URLs of users.
    pub egress: Egress,
    pub jobs: Jobs,
    pub saver: Saver,
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
        let db = Db::open(&settings).await?;
        crate::store::legacy_tokens::seal_all(&db, &keys).await?;
        let saver = Saver::start(db.clone());
        Ok(Self(Arc::new(Inner {
            db,
            settings,
            secret: Secret::new(secret),
            keys,
            files,
            local_files,
            activity: Activity::default(),
            egress,
            jobs: Jobs::default(),
            saver,
            deliverers: Deliverers::default(),
        })))
    }
}
