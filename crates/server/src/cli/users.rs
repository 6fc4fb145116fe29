//! `init`, `user`, `reset_password`, `export`.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a command line speaks to its terminal")]

use crate::audit::{self, Action, Actor};
use crate::auth::password;
use crate::db;
use crate::error::ApiError;
use crate::exchange::export::choice::Tasks;
use crate::exchange::export::form::Form;
use crate::exchange::export::sink::Sink;
use crate::exchange::export::write::write;
use crate::state::AppState;
use crate::store::legacy_tokens;
use crate::store::projects::{self, Project};
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
    let user = users::create(&*tx, &state.keys, new, state.settings.legacy_tokens).await?;
    let actor = Actor::command_line(user.active_organization);
    audit::record(&*tx, actor, Action::UserMade, json!({"user": user.id, "email": user.email})).await?;
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

/// Whether there is a project of that title.
pub async fn has_project(state: &AppState, title: &str) -> anyhow::Result<bool> {
    let sql = "SELECT id FROM projects WHERE title = $1 LIMIT 1";
    Ok(db::one(state.db.read(), sql, vec![title.into()]).await?.is_some())
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
            o["token"] = legacy_tokens::of(state.db.read(), &state.keys, user.id).await?.into();
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
    let actor = Actor::command_line(user.active_organization);
    audit::record(&*tx, actor, Action::PasswordReset, json!({"user": user.id, "email": user.email})).await?;
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
    let out = std::fs::File::create(&file).with_context(|| format!("cannot write: {}", file.display()))?;
    let form = Form::sync(state.settings.interpolate_key_frames);
    let written = write(state, &found, format, &Tasks::default(), form, Sink::new(out), None).await;
    let written = written.map_err(|e| anyhow::anyhow!("{}", ApiError::from(e)))?;
    let count = written.tasks;
    println!("{count} tasks were exported: {}", file.display());
    Ok(())
}
