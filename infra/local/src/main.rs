//! `cargo dev`: the whole bundle on this machine, until Ctrl-C; and what its operator needs.

use std::{
    error::Error,
    io::{self, IsTerminal},
    path::Path,
    process::{self, ExitCode, Stdio},
    sync::Arc,
};

use local::{
    audit, binaries,
    bundle::{Bundle, Options},
    command_line::{self, Command, Wishes},
    deployment::DeploymentError,
    doctor,
    events::{self, Environment, EventsError},
    load,
    logs::Logs,
    manifest, removal,
    slack::{Alert, Slack},
    stand_ins::{self, StandIns},
};
use shared::{
    clock::{Clock, SystemClock},
    routes::Urls,
};
use tokio::signal;
use url::Url;

#[tokio::main]
async fn main() -> ExitCode {
    let command = match command_line::read(std::env::args().skip(1)) {
        Ok(command) => command,
        Err(error) => {
            complain(&error);
            return ExitCode::from(2);
        }
    };
    carry_out(command).await.unwrap_or_else(|error| {
        complain(error.as_ref());
        ExitCode::FAILURE
    })
}

async fn carry_out(command: Command) -> Result<ExitCode, Box<dyn Error>> {
    match command {
        Command::Help => print!("{}", command_line::HELP),
        Command::Events(directory) => write_events(&directory)?,
        Command::Manifest(wanted) => print!("{}", manifest::text(&wanted)?),
        Command::Doctor(wanted) => return Ok(examine(&wanted).await?),
        Command::Audit(wanted) => print!("{}", audit::read(&wanted, SystemClock.now()).await?),
        Command::Remove(wanted) => {
            removal::run(&wanted, SystemClock, io::stdin().lock(), io::stdout()).await?;
        }
        Command::StandIns(wanted) => stand_in(&wanted).await?,
        Command::Load(wanted) => return carry(&wanted).await,
        Command::Run(wishes) => run(wishes).await?,
    }
    Ok(ExitCode::SUCCESS)
}

async fn examine(wanted: &doctor::Wanted) -> Result<ExitCode, DeploymentError> {
    let report = doctor::examine(wanted, SystemClock).await?;
    let colours = io::stdout().is_terminal();
    print!("{}", if wanted.json { report.json() } else { report.text(colours) });
    Ok(if report.is_well() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn carry(wanted: &load::Wanted) -> Result<ExitCode, Box<dyn Error>> {
    let binaries = binaries::build(&["action", "perform"], false)?;
    let report = load::run(wanted, &binaries, |what| eprintln!("{}", dim(what))).await?;
    print!("{report}");
    Ok(if report.is_whole() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn write_events(directory: &Path) -> Result<(), EventsError> {
    let environment = events::write(directory, Arc::new(SystemClock))?;
    println!("events: {}", directory.display());
    println!("cargo lambda watch --invoke-address 127.0.0.1 --env-file {}", environment.display());
    Ok(())
}

async fn run(wishes: Wishes) -> Result<(), Box<dyn Error>> {
    eprintln!("{}", dim("Building the functions"));
    let binaries = binaries::build(&binaries::functions(), false)?;
    let logs = match &wishes.logs {
        Some(path) => Logs::file(path)?,
        None => Logs::terminal(),
    };
    let options = Options {
        database: wishes.database,
        bare: wishes.bare,
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
    post_alerts(&bundle.slack, &bundle.addresses.sentry);
    let install = Urls::new(Url::parse(&bundle.addresses.public)?).install();
    welcome(&bundle, wishes.bare.then_some(install.as_str()), wishes.open);
    stopped.await?;
    eprintln!("{}", dim("\nStopping"));
    bundle.stop().await;
    Ok(())
}

async fn stand_in(wanted: &stand_ins::Wanted) -> Result<(), Box<dyn Error>> {
    let running = StandIns::start(wanted, Arc::new(SystemClock)).await?;
    running.slack.limit_posts(true);
    post_alerts(&running.slack, &running.sentry_origin);
    println!("slack: {}", running.slack_origin);
    println!("sentry: {}", running.sentry_origin);
    println!("settings: {}", wanted.environment.display());
    stopped().await?;
    Ok(())
}

/// Somebody who opens the page has something to click at once.
fn post_alerts(slack: &Slack, sentry: &str) {
    slack.post_alert(&Alert::timeout_error(sentry));
    slack.post_alert(&Alert::type_error(sentry));
}

fn welcome(bundle: &Bundle, install: Option<&str>, open: bool) {
    for (function, error) in &bundle.unready {
        eprintln!("{function}: {error}");
    }
    let page = &bundle.addresses.slack;
    println!("\n  Belay is running. Open\n\n      {page}\n");
    if let Some(install) = install {
        println!("  The app is not installed yet. Install it at\n\n      {install}\n");
    }
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
    let shown = process::Command::new(opener)
        .arg(page)
        .stdin(quiet())
        .stdout(quiet())
        .stderr(quiet())
        .spawn();
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
