//! What a storage is called, where it lies, and what its state means, in words.

use crate::work::number;
use tagloom_api::Storage;

/// What a storage is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    Import,
    Export,
}

impl Purpose {
    /// Of a word in an address of the app.
    pub fn of(word: &str) -> Option<Self> {
        match word {
            "import" => Some(Self::Import),
            "export" => Some(Self::Export),
            _ => None,
        }
    }

    pub fn word(self) -> &'static str {
        match self {
            Self::Import => "import",
            Self::Export => "export",
        }
    }

    /// Where the server has storages of this purpose.
    pub fn base(self) -> &'static str {
        match self {
            Self::Import => "/api/storages",
            Self::Export => "/api/storages/export",
        }
    }

    pub fn heading(self) -> &'static str {
        match self {
            Self::Import => "Import storages",
            Self::Export => "Export storages",
        }
    }

    /// What such storages do.
    pub fn about(self) -> &'static str {
        match self {
            Self::Import => "A sync makes tasks of the objects it has not seen before.",
            Self::Export => "Every annotation is written there when it is saved.",
        }
    }

    pub fn add(self) -> &'static str {
        match self {
            Self::Import => "Add import storage",
            Self::Export => "Add export storage",
        }
    }

    /// What deleting one leaves.
    pub fn after_deleting(self) -> &'static str {
        match self {
            Self::Import => {
                "The tasks made from it stay, with their annotations, and nothing is deleted in the storage. Files \
                 that only this storage opens are not shown in tasks until it is added again."
            }
            Self::Export => {
                "Annotations stay here, and what was written stays in the storage. New annotations are not written \
                 there any more."
            }
        }
    }
}

/// The address of a stored storage on the server.
pub fn url(purpose: Purpose, storage: &Storage) -> String {
    format!("{}/{}/{}", purpose.base(), storage.kind, storage.id)
}

/// Its page in the app.
pub fn page(purpose: Purpose, storage: &Storage) -> String {
    format!("/projects/{}/storages/{}/{}/{}", storage.project, purpose.word(), storage.kind, storage.id)
}

/// Where it lies, e.g. `s3://bucket/prefix`.
pub fn place(storage: &Storage) -> String {
    let text = |name: &str| {
        storage.fields.get(name).and_then(|v| v.as_str()).unwrap_or_default().trim_end_matches('/').to_owned()
    };
    let scheme = match storage.kind.as_str() {
        "s3" => "s3://",
        "gcs" => "gs://",
        "azure" => "azure-blob://",
        _ => return text("path"),
    };
    let bucket = if storage.kind == "azure" { text("container") } else { text("bucket") };
    match text("prefix").as_str() {
        "" => format!("{scheme}{bucket}"),
        prefix => format!("{scheme}{bucket}/{prefix}"),
    }
}

/// Its title, or where it lies.
pub fn name(storage: &Storage) -> String {
    match storage.title.as_deref().map(str::trim) {
        Some(title) if !title.is_empty() => title.to_owned(),
        _ => place(storage),
    }
}

/// A state, for the eye and in words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mood {
    Quiet,
    Busy,
    Good,
    Odd,
    Bad,
}

impl Mood {
    pub fn class(self) -> &'static str {
        match self {
            Self::Quiet => "ta-badge",
            Self::Busy => "ta-badge ta-busy",
            Self::Good => "ta-badge ta-good",
            Self::Odd => "ta-badge ta-odd",
            Self::Bad => "ta-badge ta-bad-state",
        }
    }
}

pub fn status(storage: &Storage) -> (Mood, &'static str) {
    match storage.status.as_str() {
        "queued" => (Mood::Busy, "Waiting"),
        "in_progress" => (Mood::Busy, "Syncing"),
        "failed" => (Mood::Bad, "Failed"),
        "completed" => (Mood::Good, "Synced"),
        "completed_with_errors" => (Mood::Odd, "Synced, with errors"),
        _ => (Mood::Quiet, "Never synced"),
    }
}

fn counted(n: i64, one: &str, many: &str) -> String {
    if n == 1 { format!("1 {one}") } else { format!("{} {many}", number(n)) }
}

/// What the last sync came to. Nothing of a storage that was never synced.
pub fn outcome(purpose: Purpose, storage: &Storage) -> Vec<String> {
    let mut out = Vec::new();
    if let Some(made) = storage.last_sync_count {
        out.push(match purpose {
            Purpose::Import => format!("{} made", counted(made, "task", "tasks")),
            Purpose::Export => format!("{} written", counted(made, "annotation", "annotations")),
        });
    }
    let existed = storage.count("tasks_existed");
    if existed > 0 {
        out.push(format!("{} already there", number(existed)));
    }
    let failed = storage.count("tasks_failed_validation");
    if failed > 0 {
        out.push(format!("{} not readable", counted(failed, "object", "objects")));
    }
    let waiting = storage.count("pending_writes");
    if waiting > 0 {
        out.push(format!("{} waiting to be written", counted(waiting, "change", "changes")));
    }
    out
}

/// A size in the unit that people read.
pub fn size(bytes: u64) -> String {
    let mut value = bytes as f64;
    for unit in ["B", "kB", "MB", "GB"] {
        if value < 1000.0 {
            return if unit == "B" { format!("{bytes} B") } else { format!("{value:.1} {unit}") };
        }
        value /= 1000.0;
    }
    format!("{value:.1} TB")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn storage(value: serde_json::Value) -> Storage {
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn places_are_told_as_people_know_them() {
        let s3 = storage(
            json!({"id": 4, "type": "s3", "project": 2, "bucket": "b", "prefix": "a/c/", "title": " "}),
        );
        assert_eq!((place(&s3), name(&s3)), ("s3://b/a/c".into(), "s3://b/a/c".into()));
        assert_eq!(url(Purpose::Export, &s3), "/api/storages/export/s3/4");
        assert_eq!(page(Purpose::Import, &s3), "/projects/2/storages/import/s3/4");
        assert_eq!(place(&storage(json!({"type": "azure", "container": "c"}))), "azure-blob://c");
        let local = storage(json!({"type": "localfiles", "path": "/data/images", "title": "Images"}));
        assert_eq!((place(&local), name(&local)), ("/data/images".into(), "Images".into()));
        assert_eq!(Purpose::of("export"), Some(Purpose::Export));
        assert_eq!(Purpose::of("s3"), None);
    }

    #[test]
    fn an_outcome_names_what_is_worth_knowing() {
        let never = storage(json!({"status": "initialized"}));
        assert_eq!(status(&never), (Mood::Quiet, "Never synced"));
        assert!(outcome(Purpose::Import, &never).is_empty());
        let odd = storage(json!({"status": "completed_with_errors", "last_sync_count": 1,
            "meta": {"tasks_existed": 1200, "tasks_failed_validation": 1}}));
        assert_eq!(status(&odd).1, "Synced, with errors");
        let told = ["1 task made", "1,200 already there", "1 object not readable"];
        assert_eq!(outcome(Purpose::Import, &odd), told);
        let export =
            storage(json!({"status": "completed", "last_sync_count": 7, "meta": {"pending_writes": 2}}));
        assert_eq!(
            outcome(Purpose::Export, &export),
            ["7 annotations written", "2 changes waiting to be written"]
        );
    }

    #[test]
    fn sizes_are_short() {
        assert_eq!([0, 999, 1000, 123_456_789].map(size), ["0 B", "999 B", "1.0 kB", "123.5 MB"]);
    }
}
