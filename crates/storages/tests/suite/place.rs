//! A place for objects of each kind, with everything that it needs to run.

use crate::emulator::{Shared, Stored};
use crate::emulator_gcs::Account;
use crate::{emulator_azure, emulator_gcs};
use bytes::Bytes;
use futures::TryStreamExt;
use serde_json::{Value, json};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use tagloom_storages::testing::{S3Options, S3Server, open_access};
use tagloom_storages::{Access, Bucket, Env, Fields, Kind, Listing, Object, Problem, Root, connect};
use tempfile::TempDir;

pub struct Place {
    pub kind: Kind,
    access: Access,
    fields: Value,
    /// The folder that is the bucket, or the objects of an emulator.
    folder: Option<PathBuf>,
    emulated: Option<Shared>,
    pub s3: Option<S3Server>,
    _temporary: TempDir,
}

impl Place {
    pub async fn new(kind: Kind) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let temporary = tempfile::tempdir().unwrap();
        let mut access = open_access().unwrap();
        let (mut folder, mut emulated, mut s3) = (None, None, None);
        let fields = match kind {
            Kind::Memory => json!({"bucket": format!("b{}", COUNT.fetch_add(1, Ordering::Relaxed))}),
            Kind::LocalFiles => {
                let path = temporary.path().join("images");
                std::fs::create_dir(&path).unwrap();
                access.root = Some(Root::open(temporary.path()).unwrap());
                folder = Some(path);
                json!({"path": "images"})
            }
            Kind::S3 => {
                let server = S3Server::start(S3Options::new(temporary.path())).await.unwrap();
                folder = Some(server.bucket("bkt").unwrap());
                let fields = server.fields("bkt");
                s3 = Some(server);
                fields
            }
            Kind::Gcs => {
                let account = Arc::new(Account::new());
                let shared = Shared::default();
                let endpoint = emulator_gcs::start(Arc::clone(&account), "bkt", Arc::clone(&shared)).await;
                access.env = Env::new(move |name| (name == "GCS_ENDPOINT").then(|| endpoint.clone()));
                emulated = Some(shared);
                json!({"bucket": "bkt", "google_application_credentials": account.json})
            }
            Kind::Azure => {
                let shared = Shared::default();
                let endpoint = emulator_azure::start("bkt", Arc::clone(&shared)).await;
                access.env = Env::new(move |name| (name == "AZURE_BLOB_ENDPOINT").then(|| endpoint.clone()));
                emulated = Some(shared);
                json!({
                    "container": "bkt", "account_name": emulator_azure::ACCOUNT, "account_key": emulator_azure::key(),
                })
            }
        };
        Self { kind, access, fields, folder, emulated, s3, _temporary: temporary }
    }

    /// The bucket with other fields than usual.
    pub fn with(&self, changes: Value) -> Result<Bucket, Problem> {
        let mut fields = Fields::of(self.fields.clone());
        for (name, value) in changes.as_object().unwrap() {
            fields.set(name, value.clone());
        }
        connect(self.kind, &fields, &self.access)
    }

    pub fn bucket(&self) -> Bucket {
        self.with(json!({})).unwrap()
    }

    /// A key in the place: local files have their folder before it.
    pub fn key(&self, name: &str) -> String {
        if self.kind == Kind::LocalFiles { format!("images/{name}") } else { name.to_owned() }
    }

    /// Puts objects there, past the way that is tested where that is too slow.
    pub async fn seed(&self, names: impl IntoIterator<Item = String>) {
        let bucket = self.bucket();
        for name in names {
            let bytes = Bytes::from(name.clone());
            match (&self.folder, &self.emulated) {
                (Some(folder), _) => {
                    let path = folder.join(&name);
                    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
                    std::fs::write(path, bytes).unwrap();
                }
                (None, Some(shared)) => {
                    shared.lock().unwrap().objects.insert(name, Stored { bytes, ..Stored::default() });
                }
                (None, None) => bucket.put(&name, bytes, None).await.unwrap(),
            }
        }
    }

    /// The bucket goes away, or comes back with all its objects.
    pub fn vanish(&self, gone: bool) {
        match (&self.folder, &self.emulated) {
            (Some(folder), _) => {
                let aside = folder.with_file_name("aside");
                if gone { std::fs::rename(folder, aside) } else { std::fs::rename(aside, folder) }.unwrap();
            }
            (None, Some(shared)) => shared.lock().unwrap().gone = gone,
            (None, None) => unreachable!("memory does not go away"),
        }
    }

    /// Parts of uploads that were not put together and not taken back.
    pub fn loose_parts(&self) -> usize {
        match (&self.folder, &self.emulated) {
            (Some(folder), _) => {
                let root = if self.kind == Kind::S3 { folder.parent().unwrap() } else { folder };
                let names = std::fs::read_dir(root).unwrap().map(|entry| entry.unwrap().file_name());
                names.filter(|name| name.to_string_lossy().contains("part")).count()
            }
            // Blocks that nobody names are forgotten by the service itself.
            (None, Some(shared)) if self.kind == Kind::Gcs => shared.lock().unwrap().parts.len(),
            _ => 0,
        }
    }
}

pub async fn all(bucket: &Bucket, listing: Listing) -> Vec<Object> {
    bucket.list(listing).try_collect().await.unwrap()
}

pub fn everything() -> Listing {
    Listing { recursive: true, ..Listing::default() }
}

pub fn keys(objects: &[Object]) -> Vec<&str> {
    objects.iter().map(|object| object.key.as_str()).collect()
}
