//! `cargo dev`: the whole bundle on this machine, until Ctrl-C.

use std::{
    error::Error,
    io::{self, IsTerminal},
    path::Path,
    process::{Command, ExitCode, Stdio},
    sync::Arc,
};

use local::{
    binaries,
    bundle::{Bundle, Options},
    command_line::{self, Wishes},
    events::{self, Environment, EventsError},
    logs::Logs,
    slack::Alert,
};
use shared::clock::SystemClock;
use tokio::signal;

#[tokio::main]
async fn main() -> ExitCode {
    let done = match command_line::read(std::env::args().skip(1)) {
        Ok(command_line::Command::Help) => {
            print!("{}", command_line::HELP);
            Ok(())
        }
        Ok(command_line::Command::Events(directory)) => {
            write_events(&directory).map_err(Into::into)
        }
        Ok(command_line::Command::Run(wishes)) => run(wishes).await,
        Err(error) => {
            complain(&error);
            return ExitCode::from(2);
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            complain(error.as_ref());
            ExitCode::FAILURE
        }
    }
}

fn write_events(directory: &Path) -> Result<(), EventsError> {
    let environment = events::write(directory, Arc::new(SystemClock))?;
    println!("events: {}", directory.display());
    println!("cargo lambda watch --invoke-address 127.0.0.1 --env-file {}", environment.display());
    Ok(())
}

async fn run(wishes: Wishes) -> Result<(), Box<dyn Error>> {
    eprintln!("{}", dim("Building the functions"));
    let binaries = binaries::build(false)?;
    let logs = match &wishes.logs {
        Some(path) => Logs::file(path)?,
        None => Logs::terminal(),
    };
    let options = Options {
        database: wishes.database,
        page_port: wishes.port,
        logs,
        sweep_every: wishes.sweep_every,
        ..Options::new(binaries)
    };
    eprintln!("{}", dim("Starting the bundle"));
    let mut stopped = std::pin::pin!(stopped());
    let bundle = tokio::select! {
        bundle = Bundle::start(options) => bundle?,
        stopped = &mut stopped => return Ok(stopped?),
    };
    if let Some(path) = &wishes.environment {
        Environment::keep(path, &bundle.addresses, &bundle.secrets)?;
    }
    bundle.slack.limit_posts(true);
    post_alerts(&bundle);
    welcome(&bundle, wishes.open);
    stopped.await?;
    eprintln!("{}", dim("\nStopping"));
    bundle.stop().await;
    Ok(())
}

/// Somebody who opens the page has something to click at once.
fn post_alerts(bundle: &Bundle) {
    let sentry = &bundle.addresses.sentry;
    bundle.slack.post_alert(&Alert::timeout_error(sentry));
    bundle.slack.post_alert(&Alert::type_error(sentry));
}

fn welcome(bundle: &Bundle, open: bool) {
    for (function, error) in &bundle.unready {
        eprintln!("{function}: {error}");
    }
    let page = &bundle.addresses.slack;
    println!("\n  Belay is running. Open\n\n      {page}\n");
    let sentry = &bundle.addresses.sentry;
    eprintln!("  {}\n", dim(&format!("Sentry's side is at {sentry}; Ctrl-C stops everything")));
    if open && io::stdout().is_terminal() {
        show(page);
    }
}

/// Opens the page, if this machine knows how.
fn show(page: &str) {
    let opener = if cfg!(target_os = "macos") { "open" } else { "xdg-open" };
    let quiet = Stdio::null;
    let shown =
        Command::new(opener).arg(page).stdin(quiet()).stdout(quiet()).stderr(quiet()).spawn();
    // The address is on the terminal anyway.
    drop(shown);
}

/// Resolves when this is told to stop: Ctrl-C, or a polite `kill`.
async fn stopped() -> io::Result<()> {
    #[cfg(unix)]
    {
        let mut terminated = signal::unix::signal(signal::unix::SignalKind::terminate())?;
        tokio::select! {
            interrupted = signal::ctrl_c() => interrupted,
            _ = terminated.recv() => Ok(()),
        }
    }
    #[cfg(not(unix))]
    signal::ctrl_c().await
}

/// Says what went wrong, and why.
fn complain(error: &dyn Error) {
    eprintln!("error: {error}");
    let mut source = error.source();
    while let Some(cause) = source {
        eprintln!("  because: {cause}");
        source = cause.source();
    }
}

fn dim(text: &str) -> String {
    if io::stderr().is_terminal() { format!("\x1b[2m{text}\x1b[0m") } else { text.to_owned() }
}
