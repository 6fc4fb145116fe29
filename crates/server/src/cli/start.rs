//! `tagloom start`: log, bind, greet, serve, stop in order.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a command line speaks to its terminal")]

use crate::cli::stop;
use crate::events;
use crate::jobs;
use crate::routes::auth::make_setup_link;
use crate::settings::Settings;
use crate::state::AppState;
use crate::store::users;
use anyhow::Context;
use std::time::Duration;
use tokio::net::TcpListener;

/// Binds the port, or the next free one, with a notice.
async fn bind(settings: &Settings) -> anyhow::Result<(TcpListener, u16)> {
    let tries = if settings.debug { 1 } else { 1000 };
    for port in (settings.port..=u16::MAX).take(tries) {
        match TcpListener::bind((settings.bind.as_str(), port)).await {
            Ok(listener) => {
                let port = listener.local_addr()?.port();
                if port != settings.port && settings.port != 0 {
                    println!("Port {} is in use; serving on {port} instead.", settings.port);
                }
                return Ok((listener, port));
            }
            Err(e) if e.kind() == std::io::ErrorKind::AddrInUse => {}
            Err(e) => return Err(e).with_context(|| format!("cannot bind {}:{port}", settings.bind)),
        }
    }
    anyhow::bail!("no free port from {} on", settings.port)
}

pub(super) async fn serve(state: AppState, open_browser: bool) -> anyhow::Result<()> {
    let settings = state.settings.clone();
    if let Some(email) = &settings.username {
        super::users::ensure(&state, email, settings.password.clone()).await?;
    }
    let (listener, port) = bind(&settings).await?;
    state.files.clear_spool()?;
    let shown =
        if settings.bind == "0.0.0.0" || settings.bind == "127.0.0.1" { "localhost" } else { &settings.bind };
    let base =
        if settings.host.is_empty() { format!("http://{shown}:{port}") } else { settings.host.clone() };
    let page = if users::exist(state.db.read()).await? {
        base.clone()
    } else {
        let secret = make_setup_link(&state).await?;
        let link = format!("{base}/user/login/?token={secret}");
        println!(
            "Nobody can sign in yet. Open this link once, within a day, to create the first user:\n\n  {link}\n"
        );
        link
    };
    println!("Tagloom {} serves {base}", env!("CARGO_PKG_VERSION"));
    if settings.bind != "127.0.0.1" && settings.bind != "localhost" {
        println!("The server is reachable from other machines; put TLS in front of it.");
    }
    if open_browser {
        open(&page);
    }
    jobs::start(&state, jobs::KINDS);
    events::start(&state);
    let limit = Duration::from_secs(settings.shutdown_seconds);
    stop::serve(listener, state, limit).await
}

/// Asks the desktop to open a page; on a machine without one nothing happens.
fn open(page: &str) {
    let program = if cfg!(target_os = "macos") { "open" } else { "xdg-open" };
    if cfg!(not(target_os = "macos"))
        && std::env::var_os("DISPLAY").is_none()
        && std::env::var_os("WAYLAND_DISPLAY").is_none()
    {
        return;
    }
    let quiet = std::process::Stdio::null;
    let _ =
        std::process::Command::new(program).arg(page).stdin(quiet()).stdout(quiet()).stderr(quiet()).spawn();
}
