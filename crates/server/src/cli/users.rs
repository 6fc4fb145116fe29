//! `init`, `user`, `reset_password`, `export`.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a command line speaks to its terminal")]

use crate::auth::password;
use crate::db;
use crate::routes::export::write_export;
use crate::state::AppState;
use crate::store::projects::{self, Project};
use crate::store::tasks::Choice;
use crate::store::users::{self, NewUser};
use anyhow::Context;
use serde_json::{Map, json};
use std::io::{BufRead, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use tagloom_formats::find_format;

const DEFAULT_USER: &str = "default_user@localhost";

/// Makes the user unless they exist; an existing user keeps the password.
pub(super) async fn ensure(
    state: &AppState,
    email: &str,
    password: Option<String>,
) -> anyhow::Result<users::User> {
    if let Some(user) = users::by_email(state.db.read(), email).await? {
        return Ok(user);
    }
    if let Some(problem) = password.as_deref().and_then(password::problem) {
        anyhow::bail!("{problem}");
    }
    let tx = state.db.write().await?;
    let new = NewUser {
        email: email.to_owned(),
        password,
        legacy_token: state.settings.user_token.clone(),
        ..NewUser::default()
    };
    let user = users::create(&*tx, new, state.settings.legacy_tokens).await?;
    tx.commit().await?;
    Ok(user)
}

fn ask(question: &str) -> anyhow::Result<String> {
    print!("{question}: ");
    std::io::stdout().flush()?;
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line)?;
    Ok(line.trim().to_owned())
}

pub(super) async fn init(state: &AppState, project: Option<&str>, quiet: bool) -> anyhow::Result<()> {
    let settings = &state.settings;
    let email = match &settings.username {
        Some(email) => email.clone(),
        None if quiet => DEFAULT_USER.into(),
        None => {
            let answer = ask(&format!("E-mail [{DEFAULT_USER}]"))?;
            if answer.is_empty() { DEFAULT_USER.into() } else { answer }
        }
    };
    let password = match &settings.password {
        Some(password) => Some(password.clone()),
        None if quiet => None,
        None => Some(ask("Password")?).filter(|p| !p.is_empty()),
    };
    let user = ensure(state, &email, password).await?;
    let Some(title) = project else { return Ok(()) };
    let organization = user.active_organization.unwrap_or(0);
    let same = db::count(
        state.db.read(),
        "SELECT COUNT(*) FROM projects WHERE organization = $1 AND title = $2",
        vec![organization.into(), title.into()],
    )
    .await?;
    if same > 0 {
        println!("There is a project {title:?} already.");
        return Ok(());
    }
    let label_config = match &settings.label_config {
        Some(path) => std::fs::read_to_string(path)
            .with_context(|| format!("cannot read the label config: {}", path.display()))?,
        None => "<View></View>".into(),
    };
    tagloom_tags::validate_for_save(&tagloom_tags::Config::new(&label_config))
        .map_err(|p| anyhow::anyhow!("the label config cannot be used:\n  {}", p.join("\n  ")))?;
    let sampling = match settings.sampling.as_str() {
        "uniform" => "Uniform sampling",
        "prediction-score-min" => "Uncertainty sampling",
        _ => "Sequential sampling",
    };
    let mut fields = Map::new();
    fields.insert("sampling".into(), sampling.into());
    let tx = state.db.write().await?;
    let id = projects::insert(
        &*tx,
        &Project {
            id: 0,
            organization,
            created_by: Some(user.id),
            title: title.to_owned(),
            description: settings.description.clone().unwrap_or_default(),
            label_config,
            settings: fields,
            maximum_annotations: 1,
            pinned_at: None,
            created_at: crate::time::now(),
            updated_at: String::new(),
        },
    )
    .await?;
    tx.commit().await?;
    println!("Project {id} {title:?} was created.");
    Ok(())
}

pub(super) async fn show(state: &AppState) -> anyhow::Result<ExitCode> {
    let email = state.settings.username.clone().unwrap_or_else(|| DEFAULT_USER.into());
    let out = match users::by_email(state.db.read(), &email).await? {
        Some(user) => {
            let mut o = user.to_json();
            o["token"] = user.legacy_token.into();
            o["status"] = "ok".into();
            o
        }
        None => json!({"status": "error", "error": format!("There is no user {email}.")}),
    };
    println!("{out:#}");
    Ok(ExitCode::SUCCESS)
}

pub(super) async fn reset_password(state: &AppState) -> anyhow::Result<ExitCode> {
    let email = state.settings.username.clone().unwrap_or_else(|| DEFAULT_USER.into());
    let Some(user) = users::by_email(state.db.read(), &email).await? else {
        anyhow::bail!("there is no user {email}");
    };
    let password = match state.settings.password.clone() {
        Some(password) => password,
        None => ask("New password")?,
    };
    anyhow::ensure!(!password.is_empty(), "the password is empty");
    if let Some(problem) = password::problem(&password) {
        anyhow::bail!("{problem}");
    }
    let same = password::verify(password.clone(), user.password_hash.clone()).await;
    anyhow::ensure!(!same, "the password is the current one");
    let tx = state.db.write().await?;
    users::set_password(&*tx, user.id, password).await?;
    tx.commit().await?;
    println!("The password of {email} was changed; all sessions have ended.");
    Ok(ExitCode::SUCCESS)
}

pub(super) async fn export(
    state: &AppState,
    project: i64,
    format: &str,
    path: Option<PathBuf>,
) -> anyhow::Result<()> {
    let format = find_format(format).with_context(|| format!("unknown format {format}"))?;
    let row =
        db::one(state.db.read(), "SELECT organization FROM projects WHERE id = $1", vec![project.into()])
            .await?;
    let organization: i64 =
        row.with_context(|| format!("there is no project {project}"))?.try_get("", "organization")?;
    let found =
        projects::get(state.db.read(), organization, project).await?.context("the project is gone")?;
    let path = path.unwrap_or_else(|| state.settings.data_dir.join("export"));
    let file = if path.extension().is_some() {
        path
    } else {
        std::fs::create_dir_all(&path)?;
        path.join(format!("project-{project}.{}", format.extension))
    };
    let out = std::sync::Mutex::new(std::io::BufWriter::new(
        std::fs::File::create(&file).with_context(|| format!("cannot write: {}", file.display()))?,
    ));
    let write = |piece: Vec<u8>| {
        let done = match out.lock() {
            Ok(mut out) => out.write_all(&piece).map_err(|e| crate::ApiError::Internal(e.into())),
            Err(_) => Err(crate::ApiError::BadRequest("the export was interrupted".into())),
        };
        std::future::ready(done)
    };
    let count = write_export(state, &found, format, &Choice::default(), write)
        .await
        .map_err(|e| anyhow::anyhow!("{e}"))?;
    out.into_inner().map_err(|_| anyhow::anyhow!("the export was interrupted"))?.flush()?;
    println!("{count} tasks were exported: {}", file.display());
    Ok(())
}
