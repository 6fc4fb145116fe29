//! The kinds of storage, under the names that the REST API and task data use.

use serde::{Deserialize, Serialize};

/// What a storage is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    S3,
    Gcs,
    Azure,
    /// A folder below the document root of local files.
    #[serde(rename = "localfiles")]
    LocalFiles,
    /// The twin for tests: it lives in this process and is not offered to users.
    Memory,
}

impl Kind {
    /// What users may choose, in the order of `/api/storages/types`.
    pub const OFFERED: [Self; 4] = [Self::S3, Self::Gcs, Self::Azure, Self::LocalFiles];

    /// The name in REST paths and in the field `type`.
    pub fn name(self) -> &'static str {
        match self {
            Self::S3 => "s3",
            Self::Gcs => "gcs",
            Self::Azure => "azure",
            Self::LocalFiles => "localfiles",
            Self::Memory => "memory",
        }
    }

    /// The kind of that name, among those that are offered.
    pub fn named(name: &str) -> Option<Self> {
        Self::OFFERED.into_iter().find(|kind| kind.name() == name)
    }

    /// What people call it.
    pub fn title(self) -> &'static str {
        match self {
            Self::S3 => "AWS S3",
            Self::Gcs => "Google Cloud Storage",
            Self::Azure => "Microsoft Azure",
            Self::LocalFiles => "Local files",
            Self::Memory => "Memory",
        }
    }

    /// The scheme of its URIs in task data. Local files have none: their URIs are paths of this server.
    pub fn scheme(self) -> Option<&'static str> {
        match self {
            Self::S3 => Some("s3"),
            Self::Gcs => Some("gs"),
            Self::Azure => Some("azure-blob"),
            Self::Memory => Some("memory"),
            Self::LocalFiles => None,
        }
    }

    /// The field that names the bucket, container or folder.
    pub fn place_field(self) -> &'static str {
        match self {
            Self::S3 | Self::Gcs | Self::Memory => "bucket",
            Self::Azure => "container",
            Self::LocalFiles => "path",
        }
    }

    /// Whether a browser fetches objects itself, by signed URLs.
    pub fn signs(self) -> bool {
        matches!(self, Self::S3 | Self::Gcs | Self::Azure)
    }
}

impl std::fmt::Display for Kind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.title())
    }
}
