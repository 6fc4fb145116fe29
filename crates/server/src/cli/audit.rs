//! `tagloom audit`: the audit log on the terminal, newest last, as a terminal is read.

#![allow(clippy::print_stdout, reason = "a command line speaks to its terminal")]

use crate::audit::{self, Action, Filter};
use crate::state::AppState;
use clap::Args;

#[derive(Debug, Args)]
pub struct AuditArgs {
    /// Only this action, such as `session.refused` or `project.delete`.
    #[arg(long)]
    action: Option<String>,
    /// Only what this person did: id or e-mail.
    #[arg(long)]
    user: Option<String>,
    /// The newest so many.
    #[arg(long, default_value_t = 100)]
    limit: u64,
    /// One JSON object a line.
    #[arg(long)]
    json: bool,
}

pub(super) async fn show(state: &AppState, args: &AuditArgs) -> anyhow::Result<()> {
    let mut filter = Filter::default();
    if let Some(name) = &args.action {
        let known = || format!("there is no action {name:?}; there are {}", Action::names());
        filter.action = Some(Action::by_name(name).ok_or_else(|| anyhow::anyhow!(known()))?);
    }
    match &args.user {
        Some(text) if text.contains('@') => filter.email = Some(text.clone()),
        Some(text) => {
            let id = text.parse();
            filter.user =
                Some(id.map_err(|_| anyhow::anyhow!("--user takes an id or an e-mail, not {text:?}"))?);
        }
        None => {}
    }
    let mut found = audit::list(state.db.read(), &filter, args.limit, 0).await?;
    found.reverse();
    for entry in &found {
        if args.json {
            println!("{}", entry.to_json());
            continue;
        }
        let who = if entry.email.is_empty() { "-" } else { &entry.email };
        let from = if entry.address.is_empty() { "-" } else { &entry.address };
        let details = entry.details.as_object().filter(|d| !d.is_empty());
        let details = details.map_or(String::new(), |_| format!("  {}", entry.details));
        println!("{}  {:22} {who}  {from}{details}", entry.created_at, entry.action);
    }
    Ok(())
}
