//! `cargo dev`: the whole bundle on this machine, until Ctrl-C.

use std::{
    error::Error,
    io::{self, IsTerminal},
    process::{Command, ExitCode, Stdio},
};

use local::{
    binaries,
    bundle::{Bundle, Options},
    command_line::{self, Wishes},
    logs::Logs,
};
use tokio::signal;

#[tokio::main]
async fn main() -> ExitCode {
    match command_line::read(std::env::args().skip(1)) {
        Ok(command_line::Command::Help) => {
            print!("{}", command_line::HELP);
            ExitCode::SUCCESS
        }
        Ok(command_line::Command::Run(wishes)) => match run(wishes).await {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                complain(error.as_ref());
                ExitCode::FAILURE
            }
        },
        Err(error) => {
            complain(&error);
            ExitCode::from(2)
        }
    }
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
    welcome(&bundle, wishes.open);
    stopped.await?;
    eprintln!("{}", dim("\nStopping"));
    bundle.stop().await;
    Ok(())
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
