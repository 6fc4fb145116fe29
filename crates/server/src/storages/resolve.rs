//! URIs of objects in task data (spec/server.md 5.4): rewritten when a task is served, and found again when the browser
//! asks for them.
//!
//! Only URIs of a bucket that an import storage of the project has are touched. Whatever else stands in the data, signed
//! URLs above all, is passed on byte for byte.

use crate::state::AppState;
use crate::store::storages::{self, Storage};
use base64::Engine;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig, general_purpose::URL_SAFE};
use sea_orm::DbErr;
use serde_json::Value;
use tagloom_storages::Purpose;

/// Takes what clients write: with and without padding.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &alphabet::URL_SAFE,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Rewrites the URIs of one project.
#[derive(Clone, Debug, Default)]
pub struct Resolver {
    host: String,
    /// `s3://bucket/`, one for each import storage.
    places: Vec<String>,
}

/// Whether there is anything in a task's data that a [`Resolver`] looks at.
pub fn may_concern(data: &Value) -> bool {
    match data {
        Value::String(text) => text.contains("://"),
        Value::Array(list) => list.iter().any(may_concern),
        Value::Object(map) => map.values().any(may_concern),
        _ => false,
    }
}

/// How the URIs of a storage begin; none for kinds whose data hold addresses of this server.
fn place_of(storage: &Storage) -> Option<String> {
    let place = storage.fields.get(storage.kind.place_field())?.as_str()?;
    Some(format!("{}://{place}/", storage.kind.scheme()?))
}

impl Resolver {
    pub async fn of_project(state: &AppState, project: i64) -> Result<Self, DbErr> {
        let found = storages::of_project(state.db.read(), project, Purpose::Import, None).await?;
        let mut places: Vec<String> = found.iter().filter_map(place_of).collect();
        places.sort_unstable();
        places.dedup();
        Ok(Self { host: state.settings.host.clone(), places })
    }

    /// Every string of a task's data, however deep.
    pub fn rewrite(&self, task: i64, data: &mut Value) {
        if self.places.is_empty() {
            return;
        }
        match data {
            Value::String(text) => {
                if let Some(new) = self.rewritten(task, text) {
                    *text = new;
                }
            }
            Value::Array(list) => list.iter_mut().for_each(|one| self.rewrite(task, one)),
            Value::Object(map) => map.values_mut().for_each(|one| self.rewrite(task, one)),
            _ => {}
        }
    }

    /// A text that is a URI, or holds some between quotes; nothing where it needs no change.
    fn rewritten(&self, task: i64, text: &str) -> Option<String> {
        if !text.contains("://") {
            return None;
        }
        if self.places.iter().any(|place| text.starts_with(place.as_str())) {
            return Some(self.address(task, text));
        }
        let mut out = String::new();
        let mut rest = text;
        let mut changed = false;
        while let Some(at) = rest.find(['"', '\'']) {
            let (before, from) = rest.split_at(at);
            let quote = &from[..1];
            let inside = &from[1..];
            out.push_str(before);
            out.push_str(quote);
            rest = inside;
            let Some(end) = inside.find(quote) else { continue };
            let uri = &inside[..end];
            if self.places.iter().any(|place| uri.len() > place.len() && uri.starts_with(place.as_str())) {
                out.push_str(&self.address(task, uri));
                out.push_str(quote);
                rest = &inside[end + 1..];
                changed = true;
            }
        }
        out.push_str(rest);
        changed.then_some(out)
    }

    fn address(&self, task: i64, uri: &str) -> String {
        format!("{}/tasks/{task}/resolve/?fileuri={}", self.host, URL_SAFE.encode(uri))
    }
}

/// The URI that a `fileuri` parameter means: itself, or in base64. (Percent-encoding is gone already.)
pub fn uri_of(parameter: &str) -> Option<String> {
    let text = parameter.trim();
    if text.contains("://") {
        return Some(text.to_owned());
    }
    let bytes = LENIENT.decode(text.replace('+', "-").replace('/', "_")).ok()?;
    String::from_utf8(bytes).ok().filter(|uri| uri.contains("://"))
}

/// The import storage of a project that has the object of a URI, and the object's key. Of several with one bucket it is
/// the one whose prefix says most.
pub async fn find(state: &AppState, project: i64, uri: &str) -> Result<Option<(Storage, String)>, DbErr> {
    let found = storages::of_project(state.db.read(), project, Purpose::Import, None).await?;
    let matching = found.into_iter().filter_map(|storage| {
        let key = uri.strip_prefix(&place_of(&storage)?).filter(|key| !key.is_empty())?.to_owned();
        let prefix = storage.fields.get("prefix").and_then(Value::as_str).unwrap_or_default();
        let fits = if key.starts_with(prefix) { prefix.len() } else { 0 };
        Some((fits, storage, key))
    });
    // The first of equals: `max_by_key` would take the last.
    let best = matching.reduce(|best, next| if next.0 > best.0 { next } else { best });
    Ok(best.map(|(_, storage, key)| (storage, key)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn resolver() -> Resolver {
        Resolver { host: String::new(), places: vec!["gs://b/".into(), "s3://bkt/".into()] }
    }

    #[test]
    fn uris_of_the_projects_buckets_are_rewritten() {
        let mut data = json!({
            "image": "s3://bkt/pre/a b.png",
            "list": ["gs://b/x", {"deep": "s3://bkt/y"}],
            "html": "<img src=\"s3://bkt/a.png\"><img src='s3://bkt/b c.png'> it's",
            "other": "s3://another/a.png",
            "number": 7,
        });
        resolver().rewrite(22, &mut data);
        assert_eq!(data["image"], "/tasks/22/resolve/?fileuri=czM6Ly9ia3QvcHJlL2EgYi5wbmc=");
        assert_eq!(data["list"][0], format!("/tasks/22/resolve/?fileuri={}", URL_SAFE.encode("gs://b/x")));
        assert_eq!(
            data["list"][1]["deep"],
            format!("/tasks/22/resolve/?fileuri={}", URL_SAFE.encode("s3://bkt/y"))
        );
        let (a, b) = (URL_SAFE.encode("s3://bkt/a.png"), URL_SAFE.encode("s3://bkt/b c.png"));
        assert_eq!(
            data["html"],
            format!(
                "<img src=\"/tasks/22/resolve/?fileuri={a}\"><img src='/tasks/22/resolve/?fileuri={b}'> it's"
            )
        );
        assert_eq!((&data["other"], &data["number"]), (&json!("s3://another/a.png"), &json!(7)));
    }

    #[test]
    fn ls_6472_everything_else_stays_byte_for_byte() {
        for text in [
            "https://b.s3.amazonaws.com/a%2Fb%20c.png?X-Amz-Signature=ab%2Bcd&x=s3://bkt/",
            "it's \"quoted\" and 'open",
            "s3://bkt",
            "see s3://bkt/a.png without quotes",
            "\"s3://bkt/a.png",
            "",
        ] {
            let mut data = json!(text);
            resolver().rewrite(1, &mut data);
            assert_eq!(data, json!(text));
        }
    }

    #[test]
    fn a_fileuri_is_read_in_every_form() {
        for uri in ["s3://bkt/a b+c%20d?e#f.png", "s3://bkt/ü/日本.png"] {
            let encoded = URL_SAFE.encode(uri);
            assert_eq!(uri_of(&encoded).as_deref(), Some(uri));
            assert_eq!(uri_of(encoded.trim_end_matches('=')).as_deref(), Some(uri));
            assert_eq!(uri_of(uri).as_deref(), Some(uri));
        }
        for bad in ["", "!!", "bm90IGEgdXJp"] {
            assert_eq!(uri_of(bad), None, "{bad}");
        }
    }
}
