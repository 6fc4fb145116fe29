//! Where the server keeps its own files when it is not a folder: a bucket that the operator names (spec/server.md 1.3).

use crate::settings::Settings;
use serde_json::{Map, Value};
use std::sync::Arc;
use tagloom_storages::{Access, Bucket, Direct, Fields, Kind, Problem, connect};

/// A bucket for uploads, with the operator's own credentials.
#[derive(Clone, Debug)]
pub struct MediaBucket {
    pub kind: Kind,
    pub fields: Fields,
}

impl MediaBucket {
    /// From `STORAGE_TYPE` and the variables of that type, or from `MINIO_STORAGE_*`.
    pub fn from_env(read: impl Fn(&str) -> Option<String>) -> anyhow::Result<Option<Self>> {
        let named = |pairs: &[(&str, &str)]| {
            let fields =
                pairs.iter().filter_map(|(field, name)| Some(((*field).to_owned(), read(name)?.into())));
            fields.collect::<Map<String, Value>>()
        };
        let (kind, fields) = match read("STORAGE_TYPE").as_deref() {
            Some("s3") => (Kind::S3, named(S3)),
            Some("gcs") => (Kind::Gcs, named(GCS)),
            Some("azure") => (Kind::Azure, named(AZURE)),
            Some(other) => anyhow::bail!("STORAGE_TYPE must be s3, gcs or azure, it is {other:?}"),
            None if read("MINIO_STORAGE_ENDPOINT").is_some() => {
                let mut fields = named(MINIO);
                // Its variable has no scheme.
                if let Some(Value::String(endpoint)) = fields.get_mut("s3_endpoint")
                    && !endpoint.contains("://")
                {
                    let scheme = if read("MINIO_STORAGE_USE_HTTPS").as_deref() == Some("false") {
                        "http"
                    } else {
                        "https"
                    };
                    *endpoint = format!("{scheme}://{endpoint}");
                }
                (Kind::S3, fields)
            }
            None => return Ok(None),
        };
        let fields = Fields::from(fields);
        if let Some(error) = fields.validate(kind, tagloom_storages::Purpose::Export).first() {
            let variables = match kind {
                Kind::Gcs => GCS,
                Kind::Azure => AZURE,
                _ if read("STORAGE_TYPE").is_none() => MINIO,
                _ => S3,
            };
            let name = variables
                .iter()
                .find(|(field, _)| *field == error.field)
                .map_or(error.field, |(_, name)| name);
            anyhow::bail!("the bucket for uploads cannot be used: {name}: {}", error.message);
        }
        Ok(Some(Self { kind, fields }))
    }

    /// Connects with the operator's own way out: these are the operator's addresses, not a user's.
    pub(super) fn connect(&self, settings: &Settings) -> Result<Bucket, Problem> {
        let direct = Arc::new(Direct::new()?);
        let access =
            Access { http: direct.clone(), trusted: direct, root: None, env: settings.storages.env.clone() };
        connect(self.kind, &self.fields, &access)
    }
}

const S3: &[(&str, &str)] = &[
    ("bucket", "STORAGE_AWS_BUCKET_NAME"),
    ("prefix", "STORAGE_AWS_FOLDER"),
    ("region_name", "STORAGE_AWS_REGION_NAME"),
    ("s3_endpoint", "STORAGE_AWS_ENDPOINT_URL"),
    ("aws_access_key_id", "STORAGE_AWS_ACCESS_KEY_ID"),
    ("aws_secret_access_key", "STORAGE_AWS_SECRET_ACCESS_KEY"),
];
const GCS: &[(&str, &str)] = &[
    ("bucket", "STORAGE_GCS_BUCKET_NAME"),
    ("prefix", "STORAGE_GCS_FOLDER"),
    ("google_project_id", "STORAGE_GCS_PROJECT_ID"),
    ("google_application_credentials", "STORAGE_GCS_CREDENTIALS"),
];
const AZURE: &[(&str, &str)] = &[
    ("container", "STORAGE_AZURE_CONTAINER_NAME"),
    ("prefix", "STORAGE_AZURE_FOLDER"),
    ("account_name", "STORAGE_AZURE_ACCOUNT_NAME"),
    ("account_key", "STORAGE_AZURE_ACCOUNT_KEY"),
];
const MINIO: &[(&str, &str)] = &[
    ("bucket", "MINIO_STORAGE_BUCKET_NAME"),
    ("s3_endpoint", "MINIO_STORAGE_ENDPOINT"),
    ("aws_access_key_id", "MINIO_STORAGE_ACCESS_KEY"),
    ("aws_secret_access_key", "MINIO_STORAGE_SECRET_KEY"),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn from(vars: &[(&str, &str)]) -> anyhow::Result<Option<MediaBucket>> {
        MediaBucket::from_env(|name| vars.iter().find(|(n, _)| *n == name).map(|(_, v)| (*v).to_owned()))
    }

    #[test]
    fn a_bucket_for_uploads_is_named_by_variables() {
        assert!(from(&[]).unwrap().is_none());
        let s3 = from(&[
            ("STORAGE_TYPE", "s3"),
            ("STORAGE_AWS_BUCKET_NAME", "uploads"),
            ("STORAGE_AWS_FOLDER", "tagloom"),
            ("STORAGE_AWS_SECRET_ACCESS_KEY", "hush"),
        ])
        .unwrap()
        .unwrap();
        assert_eq!(
            (s3.kind, s3.fields.text("bucket"), s3.fields.prefix().as_str()),
            (Kind::S3, Some("uploads"), "tagloom/")
        );
        assert!(!format!("{s3:?}").contains("hush"));
        let minio = from(&[
            ("MINIO_STORAGE_ENDPOINT", "minio:9000"),
            ("MINIO_STORAGE_BUCKET_NAME", "up"),
            ("MINIO_STORAGE_USE_HTTPS", "false"),
        ]);
        assert_eq!(minio.unwrap().unwrap().fields.text("s3_endpoint"), Some("http://minio:9000"));
        let wrong = from(&[("STORAGE_TYPE", "ftp")]).unwrap_err().to_string();
        assert!(wrong.contains("ftp"), "{wrong}");
        let wrong = from(&[("STORAGE_TYPE", "azure")]).unwrap_err().to_string();
        assert!(wrong.contains("STORAGE_AZURE_CONTAINER_NAME"), "{wrong}");
    }
}
