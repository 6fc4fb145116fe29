//! Serving until a signal, and the order of the end.
//!
//! The first signal (SIGTERM or Ctrl-C): no new connections, streams end, jobs stop at their next checkpoint and stay
//! queued, requests under way are answered; all that within `SHUTDOWN_TIMEOUT`. A second signal ends the process at once.
//! Nothing acknowledged depends on any of this: it survives a kill as well.

use crate::routes::app;
use crate::state::AppState;
use std::io::Write;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

/// What a shell says of a process that a second signal has ended.
const IMPATIENT: i32 = 130;

pub(super) async fn serve(listener: TcpListener, state: AppState, limit: Duration) -> anyhow::Result<()> {
    let told = CancellationToken::new();
    let signals = tokio::spawn(listen(told.clone(), state.clone()));
    let service = app(state.clone()).into_make_service_with_connect_info::<SocketAddr>();
    let finish = told.clone();
    let serving = axum::serve(listener, service).with_graceful_shutdown(finish.cancelled_owned());
    let mut serving = tokio::spawn(serving.into_future());
    tokio::select! {
        // Only a listener that broke ends by itself.
        ended = &mut serving => return Ok(ended??),
        () = told.cancelled() => {}
    }
    let all = async {
        let (served, (), ()) = tokio::join!(&mut serving, state.jobs.stop(), state.deliverers.stop());
        served
    };
    match tokio::time::timeout(limit, all).await {
        Ok(served) => served??,
        Err(_) => {
            tracing::warn!("not everything was finished within {} s of SHUTDOWN_TIMEOUT", limit.as_secs());
            serving.abort();
        }
    }
    signals.abort();
    Ok(())
}

/// Two signals: the first begins the end, the second is the end.
async fn listen(told: CancellationToken, state: AppState) {
    signal().await;
    state.jobs.begin_to_stop();
    told.cancel();
    // Whoever started this may have closed what it writes to; that must not keep it from stopping.
    let words = "Stopping: what is under way is finished first. Once more ends at once.";
    let _ = writeln!(std::io::stderr(), "{words}");
    signal().await;
    std::process::exit(IMPATIENT);
}

async fn signal() {
    let interrupt = async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    #[cfg(unix)]
    {
        let mut terminate = match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(signal) => signal,
            Err(_) => return interrupt.await,
        };
        tokio::select! {
            () = interrupt => {}
            _ = terminate.recv() => {}
        }
    }
    #[cfg(not(unix))]
    interrupt.await;
}
