//! The fields of a storage, as the REST API has them (spec/server.md 5.1 to 5.5): which there are, their defaults, and
//! what is wrong with a value.

use crate::kind::Kind;
use regex::Regex;
use serde_json::{Map, Value};
use url::Url;

/// What a storage is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// Its objects become tasks.
    Import,
    /// Annotations are written to it.
    Export,
}

/// What a field holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holds {
    Text,
    /// Written, never shown.
    Secret,
    Flag(bool),
    Number(i64),
}

/// One field of a kind: enough to check it and to lay out a form.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    pub name: &'static str,
    pub holds: Holds,
    pub label: &'static str,
    /// The sentence below it in a form.
    pub help: &'static str,
    pub required: bool,
    /// `None` = for both.
    pub only: Option<Purpose>,
}

const fn text(name: &'static str, label: &'static str, help: &'static str) -> Field {
    Field { name, holds: Holds::Text, label, help, required: false, only: None }
}

const fn required(name: &'static str, label: &'static str, help: &'static str) -> Field {
    Field { required: true, ..text(name, label, help) }
}

const fn secret(name: &'static str, label: &'static str, help: &'static str) -> Field {
    Field { holds: Holds::Secret, ..text(name, label, help) }
}

const fn import(name: &'static str, holds: Holds, label: &'static str, help: &'static str) -> Field {
    Field { holds, only: Some(Purpose::Import), ..text(name, label, help) }
}

const PREFIX: Field = text("prefix", "Prefix", "Only objects below this folder, e.g. data/2024");
const REGEX: Field = Field {
    only: Some(Purpose::Import),
    ..text(
        "regex_filter",
        "File filter",
        "A regular expression matched from the start of the key, e.g. .*\\.(jpe?g|png)",
    )
};
const FILES: Field = import(
    "use_blob_urls",
    Holds::Flag(false),
    "Treat every object as a source file",
    "On: one task for each object. Off: objects are JSON or JSONL files with tasks",
);
const RECURSIVE: Field = import(
    "recursive_scan",
    Holds::Flag(false),
    "Look into subfolders",
    "Off: only objects directly below the prefix",
);
const PRESIGN: Field = import(
    "presign",
    Holds::Flag(true),
    "Pre-signed URLs",
    "On: the browser fetches objects from the storage (needs CORS). Off: this server passes them on",
);
const PRESIGN_TTL: Field =
    import("presign_ttl", Holds::Number(1), "Minutes a URL lives", "From 1 to 10080, which is seven days");
const DELETE: Field = Field {
    holds: Holds::Flag(false),
    only: Some(Purpose::Export),
    ..text("can_delete_objects", "Delete objects", "Delete the object when its annotation is deleted")
};

const S3: &[Field] = &[
    required("bucket", "Bucket", "The bucket's name"),
    PREFIX,
    REGEX,
    text("region_name", "Region", "e.g. eu-central-1; us-east-1 when empty"),
    text("s3_endpoint", "Endpoint", "For storages other than AWS, e.g. https://minio.example.org"),
    secret("aws_access_key_id", "Access key ID", "The server's own when empty"),
    secret("aws_secret_access_key", "Secret access key", "Stored encrypted, never shown"),
    secret("aws_session_token", "Session token", "Only with temporary credentials"),
    text("aws_sse_kms_key_id", "KMS key ID", "Objects that are written are encrypted with it"),
    FILES,
    RECURSIVE,
    PRESIGN,
    PRESIGN_TTL,
    DELETE,
];
const GCS: &[Field] = &[
    required("bucket", "Bucket", "The bucket's name"),
    PREFIX,
    REGEX,
    secret(
        "google_application_credentials",
        "Service account key",
        "The whole text of its JSON file; stored encrypted, never shown",
    ),
    text("google_project_id", "Project ID", "Of Google Cloud; seldom needed"),
    FILES,
    RECURSIVE,
    PRESIGN,
    PRESIGN_TTL,
    DELETE,
];
const AZURE: &[Field] = &[
    required("container", "Container", "The container's name"),
    PREFIX,
    REGEX,
    secret("account_name", "Account name", "The server's own when empty"),
    secret("account_key", "Account key", "Stored encrypted, never shown"),
    FILES,
    RECURSIVE,
    PRESIGN,
    PRESIGN_TTL,
    DELETE,
];
const LOCAL: &[Field] = &[
    required("path", "Folder", "A folder below the document root of local files"),
    Field { help: "A regular expression matched from the start of the file's name", ..REGEX },
    FILES,
    RECURSIVE,
    DELETE,
];
const MEMORY: &[Field] = &[required("bucket", "Bucket", "Any name"), PREFIX, REGEX, FILES, RECURSIVE, DELETE];

impl Kind {
    /// All fields of the kind, in the order of a form.
    pub fn all_fields(self) -> &'static [Field] {
        match self {
            Self::S3 => S3,
            Self::Gcs => GCS,
            Self::Azure => AZURE,
            Self::LocalFiles => LOCAL,
            Self::Memory => MEMORY,
        }
    }

    /// The fields for a purpose.
    pub fn fields(self, purpose: Purpose) -> impl Iterator<Item = &'static Field> {
        self.all_fields().iter().filter(move |field| field.only.is_none_or(|only| only == purpose))
    }

    /// The names of its fields that are never shown.
    pub fn secrets(self) -> impl Iterator<Item = &'static str> {
        self.all_fields().iter().filter(|field| field.holds == Holds::Secret).map(|field| field.name)
    }
}

/// What is wrong with a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldError {
    pub field: &'static str,
    pub message: String,
}

/// The fields of one storage, secrets included.
#[derive(Clone, Default)]
pub struct Fields(Map<String, Value>);

/// Names only: values may be secret.
impl std::fmt::Debug for Fields {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

impl From<Map<String, Value>> for Fields {
    fn from(map: Map<String, Value>) -> Self {
        Self(map)
    }
}

impl Fields {
    /// From `json!({…})`; anything but an object has no fields.
    pub fn of(value: Value) -> Self {
        match value {
            Value::Object(map) => Self(map),
            _ => Self::default(),
        }
    }

    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name).filter(|value| !value.is_null())
    }

    pub fn set(&mut self, name: &str, value: Value) {
        self.0.insert(name.to_owned(), value);
    }

    /// A text that is not empty. The SDK's `s3endpoint` is read as `s3_endpoint`.
    pub fn text(&self, name: &str) -> Option<&str> {
        let own = self.get(name);
        let value = if name == "s3_endpoint" { own.or_else(|| self.get("s3endpoint")) } else { own };
        value.and_then(Value::as_str).filter(|text| !text.is_empty())
    }

    /// A flag, or what it is when nobody says.
    pub fn flag(&self, name: &str, default: bool) -> bool {
        self.get(name).and_then(Value::as_bool).unwrap_or(default)
    }

    pub fn number(&self, name: &str) -> Option<i64> {
        self.get(name).and_then(Value::as_i64)
    }

    /// The bucket, container or folder.
    pub fn place(&self, kind: Kind) -> Option<&str> {
        self.text(kind.place_field())
    }

    /// The prefix of keys: empty, or ending in one `/`.
    pub fn prefix(&self) -> String {
        match self.text("prefix").map(|prefix| prefix.trim_end_matches('/')) {
            None | Some("") => String::new(),
            Some(prefix) => format!("{prefix}/"),
        }
    }

    pub fn recursive(&self) -> bool {
        self.flag("recursive_scan", false)
    }

    /// Each object is a source of its own.
    pub fn files_mode(&self) -> bool {
        self.flag("use_blob_urls", false)
    }

    /// Whether the browser gets signed URLs; never for a kind that cannot sign.
    pub fn presign(&self, kind: Kind) -> bool {
        kind.signs() && self.flag("presign", true)
    }

    pub fn presign_ttl(&self) -> std::time::Duration {
        let minutes = self.number("presign_ttl").unwrap_or(1).clamp(1, 7 * 24 * 60);
        std::time::Duration::from_secs(minutes.unsigned_abs() * 60)
    }

    pub fn can_delete_objects(&self) -> bool {
        self.flag("can_delete_objects", false)
    }

    /// The filter of keys, matched from their start.
    pub fn regex(&self) -> Result<Option<Regex>, FieldError> {
        self.text("regex_filter").map(compile).transpose()
    }

    /// The fields without secrets, for an answer.
    pub fn shown(&self, kind: Kind) -> Map<String, Value> {
        let hidden: Vec<_> = kind.secrets().collect();
        self.0
            .iter()
            .filter(|(name, _)| !hidden.contains(&name.as_str()))
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect()
    }

    /// The secrets alone, for keeping them encrypted.
    pub fn secrets(&self, kind: Kind) -> Map<String, Value> {
        kind.secrets().filter_map(|name| Some((name.to_owned(), self.get(name)?.clone()))).collect()
    }

    /// Puts in the secrets of a stored storage where the request left them out.
    pub fn keep_secrets(&mut self, kind: Kind, stored: &Map<String, Value>) {
        for name in kind.secrets() {
            if self.text(name).is_none()
                && let Some(value) = stored.get(name)
            {
                self.0.insert(name.to_owned(), value.clone());
            }
        }
    }

    /// Everything that can be seen to be wrong without asking the storage.
    pub fn validate(&self, kind: Kind, purpose: Purpose) -> Vec<FieldError> {
        let mut errors = Vec::new();
        let mut wrong = |field: &'static str, message: String| errors.push(FieldError { field, message });
        for field in kind.fields(purpose) {
            match (self.get(field.name), field.holds) {
                (None, _) if field.required => wrong(field.name, "This field is required.".to_owned()),
                (Some(Value::String(value)), Holds::Text | Holds::Secret) => {
                    if field.required && value.is_empty() {
                        wrong(field.name, "This field may not be blank.".to_owned());
                    } else if value.contains('\0') {
                        wrong(field.name, "A text may not hold the NUL character.".to_owned());
                    }
                }
                (Some(_), Holds::Text | Holds::Secret) => wrong(field.name, "Not a valid string.".to_owned()),
                (Some(value), Holds::Flag(_)) if !value.is_boolean() => {
                    wrong(field.name, "Must be true or false.".to_owned());
                }
                (Some(value), Holds::Number(_)) if !value.is_i64() => {
                    wrong(field.name, "A valid integer is required.".to_owned());
                }
                _ => {}
            }
        }
        if let Some(place) = self.place(kind)
            && let Some(message) = wrong_place(kind, place)
        {
            wrong(kind.place_field(), message);
        }
        if let Some(prefix) = self.text("prefix")
            && prefix.starts_with('/')
        {
            wrong("prefix", "Keys do not begin with a slash: leave it out.".to_owned());
        }
        if let Some(minutes) = self.number("presign_ttl")
            && !(1..=7 * 24 * 60).contains(&minutes)
        {
            wrong("presign_ttl", format!("{minutes} minutes: the storage admits 1 to 10080 (seven days)."));
        }
        if let Err(error) = self.regex() {
            wrong(error.field, error.message);
        }
        if let Some(endpoint) = self.text("s3_endpoint").filter(|_| kind == Kind::S3)
            && let Err(message) = endpoint_url(endpoint)
        {
            wrong("s3_endpoint", message);
        }
        if let Some(region) = self.text("region_name").filter(|_| kind == Kind::S3)
            && !region.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b))
        {
            wrong("region_name", "A region has letters, digits and hyphens, like eu-central-1.".to_owned());
        }
        if let Some(credentials) = self.text("google_application_credentials").filter(|_| kind == Kind::Gcs)
            && let Err(message) = service_account(credentials)
        {
            wrong("google_application_credentials", message);
        }
        errors
    }
}

fn compile(pattern: &str) -> Result<Regex, FieldError> {
    Regex::new(&format!(r"\A(?:{pattern})")).map_err(|error| {
        let hint = if ["(?=", "(?!", "(?<=", "(?<!", "(?P="].iter().any(|look| pattern.contains(look)) {
            " Look-around and back references are not supported: name what is wanted instead of what is not."
        } else {
            ""
        };
        let words = match &error {
            regex::Error::CompiledTooBig(_) => "it is too large".to_owned(),
            // The last line says what is wrong; the lines before it draw the pattern.
            error => {
                error.to_string().lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned()
            }
        };
        FieldError {
            field: "regex_filter",
            message: format!("Not a valid regular expression: {words}.{hint}"),
        }
    })
}

/// Why a bucket of this name cannot be.
fn wrong_place(kind: Kind, place: &str) -> Option<String> {
    let all = |allowed: &[u8]| place.bytes().all(|b| b.is_ascii_alphanumeric() || allowed.contains(&b));
    let dots = place.split('.').any(str::is_empty);
    match kind {
        // The upper bound of names is 63, but old buckets and other vendors have longer ones.
        Kind::S3 if place.len() > 255 || !all(b"-_.") || dots => Some(format!(
            "\"{place}\" cannot be a bucket: letters, digits, hyphens and single dots only (no s3:// and no folder)."
        )),
        Kind::Gcs if !(3..=222).contains(&place.len()) || !all(b"-_.") || dots => Some(format!(
            "\"{place}\" cannot be a bucket: 3 to 222 letters, digits, hyphens and single dots (no gs:// and no folder)."
        )),
        Kind::Azure if place.len() > 63 || !place.strip_prefix('$').unwrap_or(place).bytes().all(plain) => {
            Some(format!(
                "\"{place}\" cannot be a container: at most 63 lower-case letters, digits and hyphens (no URL, no folder)."
            ))
        }
        _ => None,
    }
}

fn plain(byte: u8) -> bool {
    byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-'
}

/// Reads the URL of an endpoint.
pub(crate) fn endpoint_url(text: &str) -> Result<Url, String> {
    let url = Url::parse(text.trim())
        .map_err(|why| format!("Not a URL ({why}): write https://host or http://host:port."))?;
    if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none_or(str::is_empty) {
        return Err("An endpoint begins with https:// or http:// and a host.".to_owned());
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("Put the key and secret into their own fields, not into the endpoint.".to_owned());
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err("An endpoint has no ? and no #.".to_owned());
    }
    Ok(url)
}

/// A service account's key. Other kinds of Google credentials name files and URLs to read a token from, which a user
/// of a server may not do.
pub(crate) fn service_account(text: &str) -> Result<Map<String, Value>, String> {
    let Ok(Value::Object(map)) = serde_json::from_str::<Value>(text) else {
        return Err("Not JSON: paste the whole text of the service account's key file.".to_owned());
    };
    if map.get("type").and_then(Value::as_str).is_some_and(|name| name != "service_account") {
        return Err("Only the key of a service account works here (type \"service_account\").".to_owned());
    }
    for name in ["client_email", "private_key"] {
        if map.get(name).and_then(Value::as_str).is_none_or(str::is_empty) {
            return Err(format!("\"{name}\" is missing: this is not the key file of a service account."));
        }
    }
    Ok(map)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn wrong(kind: Kind, value: Value) -> Vec<&'static str> {
        Fields::of(value).validate(kind, Purpose::Import).into_iter().map(|error| error.field).collect()
    }

    #[test]
    fn good_fields_have_no_errors() {
        assert!(
            wrong(Kind::S3, json!({"bucket": "b.c-d", "prefix": "a/b/", "s3endpoint": "http://h:9000"}))
                .is_empty()
        );
        assert!(
            wrong(Kind::Azure, json!({"container": "$web", "regex_filter": r".*\.(jpe?g|png)$"})).is_empty()
        );
        assert!(wrong(Kind::LocalFiles, json!({"path": "/data/images", "regex_filter": null})).is_empty());
    }

    #[test]
    fn each_bad_field_is_named() {
        assert_eq!(wrong(Kind::S3, json!({})), ["bucket"]);
        for bucket in ["s3://b", "a/b", "..", "a..b", "", "bücket"] {
            assert_eq!(wrong(Kind::S3, json!({"bucket": bucket})), ["bucket"], "{bucket}");
        }
        for endpoint in
            ["minio:9000", "ftp://h", "http://u:p@h", "http://h/?a", "file:///etc/passwd", "http://"]
        {
            assert_eq!(
                wrong(Kind::S3, json!({"bucket": "b", "s3_endpoint": endpoint})),
                ["s3_endpoint"],
                "{endpoint}"
            );
        }
        assert_eq!(wrong(Kind::S3, json!({"bucket": "b", "presign_ttl": 0})), ["presign_ttl"]);
        assert_eq!(wrong(Kind::S3, json!({"bucket": "b", "presign": "yes"})), ["presign"]);
        assert_eq!(wrong(Kind::S3, json!({"bucket": "b", "regex_filter": "("})), ["regex_filter"]);
        assert_eq!(wrong(Kind::S3, json!({"bucket": "b", "region_name": "eu west"})), ["region_name"]);
        for text in ["{", "[]", r#"{"type":"external_account"}"#, r#"{"client_email":"a"}"#] {
            let fields = json!({"bucket": "bkt", "google_application_credentials": text});
            assert_eq!(wrong(Kind::Gcs, fields), ["google_application_credentials"], "{text}");
        }
    }

    #[test]
    fn secrets_are_neither_shown_nor_printed_and_are_kept() {
        let fields =
            Fields::of(json!({"bucket": "b", "aws_secret_access_key": "hush", "aws_access_key_id": ""}));
        assert!(!fields.shown(Kind::S3).contains_key("aws_secret_access_key"));
        assert!(!format!("{fields:?}").contains("hush"));
        let mut later = Fields::of(json!({"bucket": "b2", "aws_access_key_id": "AK"}));
        later.keep_secrets(Kind::S3, &fields.secrets(Kind::S3));
        assert_eq!(later.text("aws_secret_access_key"), Some("hush"));
        assert_eq!(later.text("aws_access_key_id"), Some("AK"));
    }

    #[test]
    fn a_filter_matches_from_the_start_of_the_key() {
        let regex = |pattern: &str| Fields::of(json!({"regex_filter": pattern})).regex();
        let only = regex("b|a/").unwrap().unwrap();
        assert!(only.is_match("a/x") && only.is_match("bx") && !only.is_match("xb"));
        assert!(regex("a(?!b)").unwrap_err().message.contains("Look-around"));
    }
}
