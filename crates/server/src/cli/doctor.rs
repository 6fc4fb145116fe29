//! `tagloom doctor`: why a local file or a storage does not work, and how to mend it.

#![allow(clippy::print_stdout, reason = "a command line speaks to its terminal")]

use super::args::DoctorAction;
use crate::state::AppState;
use crate::storages::local;
use crate::store::storages;
use anyhow::Context;
use std::path::Path;
use std::process::ExitCode;

pub(super) async fn run(state: &AppState, action: &DoctorAction) -> anyhow::Result<ExitCode> {
    match action {
        DoctorAction::Local { path } => local_file(state, path).await,
        DoctorAction::Storage { id } => storage(state, *id).await,
    }
}

/// The resolved path, and the rule that allows or refuses it.
async fn local_file(state: &AppState, given: &str) -> anyhow::Result<ExitCode> {
    match state.buckets.root() {
        None => println!("document root   none"),
        Some(root) => {
            let rule = if state.settings.local_files_by_storage {
                "folders of import storages are served"
            } else {
                "everything below it is served"
            };
            println!("document root   {} ({rule})", root.path().display());
        }
    }
    let path = asked(state, given);
    println!("path            {path}");
    if let Some(root) = state.buckets.root()
        && let Ok(real) = root.path().join(path.trim_start_matches('/')).canonicalize()
    {
        println!("resolves to     {}", real.display());
    }
    let judged = local::judge(state, None, &path).await.map_err(|e| anyhow::anyhow!("{e}"))?;
    Ok(match judged {
        Ok(allowed) => {
            println!("allowed         {}", allowed.rule);
            let encoded: String = url::form_urlencoded::byte_serialize(path.as_bytes()).collect();
            println!("address         {}/data/local-files/?d={encoded}", state.settings.host);
            ExitCode::SUCCESS
        }
        Err(refusal) => {
            println!("refused         {refusal}");
            ExitCode::FAILURE
        }
    })
}

/// A path as people have it at hand: below the root, a full path, or the address out of a task.
fn asked(state: &AppState, given: &str) -> String {
    if let Some((_, query)) = given.split_once("/data/local-files/?") {
        let mut pairs = url::form_urlencoded::parse(query.as_bytes());
        if let Some((_, path)) = pairs.find(|(name, _)| name == "d") {
            return path.into_owned();
        }
    }
    let below = |path: &Path| {
        let roots = [Some(state.buckets.root()?.path()), state.settings.local_files.as_deref()];
        let below = roots.into_iter().flatten().find_map(|root| path.strip_prefix(root).ok())?;
        below.to_str().map(str::to_owned)
    };
    below(Path::new(given)).unwrap_or_else(|| given.to_owned())
}

/// The diagnosis of a storage, and the CORS rules for its bucket.
async fn storage(state: &AppState, id: i64) -> anyhow::Result<ExitCode> {
    let storage =
        storages::by_id(state.db.read(), id).await?.with_context(|| format!("there is no storage {id}"))?;
    let place = storage.fields.get(storage.kind.place_field()).and_then(serde_json::Value::as_str);
    println!("{} storage {id} of project {}: {}", storage.kind, storage.project, place.unwrap_or_default());
    let bucket = state.buckets.of(&storage).map_err(|problem| anyhow::anyhow!("{}", problem.line()))?;
    let (origin, guessed) = match url::Url::parse(&state.settings.host) {
        Ok(url) => (url.origin().ascii_serialization(), false),
        Err(_) => (format!("http://localhost:{}", state.settings.port), true),
    };
    let diagnosis = bucket.diagnose(storage.purpose, &origin).await;
    print!("{diagnosis}");
    if let Some(cors) = &diagnosis.cors_json {
        println!("\nCORS rules for the bucket, for browsers that load this server from {origin}:\n{cors}");
        if guessed {
            println!(
                "Browsers that load it from elsewhere: set LABEL_STUDIO_HOST to that address and ask again."
            );
        }
    }
    Ok(if diagnosis.ok { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
