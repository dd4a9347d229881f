//! What the command line asks for.

use std::{path::PathBuf, time::Duration};

/// Where sample events are written if nothing else is said.
const EVENTS: &str = "infra/events";

/// What `--help` prints.
pub const HELP: &str = "\
Runs Belay on this machine: the real functions, and stand-ins for Slack, Sentry and AWS.

Usage: cargo dev [OPTIONS]
       cargo dev events [--dir DIRECTORY]

  --db FILE            keep the table in FILE, and its secrets in FILE.secrets.json
  --port N             where the page is (default 3000, or the next free port)
  --logs FILE          append every log line of the functions to FILE;
                       without it the terminal shows warnings and errors
  --sweep-seconds N    how often due jobs are swept (default 60)
  --env FILE           write the settings that lead here to FILE, for `cargo lambda watch`
  --no-open            do not open the page in a browser
  --help               print this

`events` writes sample events for `cargo lambda invoke` to DIRECTORY (default infra/events), signed
as of now with the keys of DIRECTORY/.env, which is made up if it is not there.
";

/// What to do.
#[derive(Debug, PartialEq, Eq)]
pub enum Command {
    /// Start the bundle.
    Run(Wishes),
    /// Write sample events to this directory.
    Events(PathBuf),
    /// Print [`HELP`].
    Help,
}

/// How the bundle is wanted.
#[derive(Debug, PartialEq, Eq)]
pub struct Wishes {
    /// The table's file; none for a table in memory.
    pub database: Option<PathBuf>,
    /// The page's port.
    pub port: u16,
    /// The log lines' file.
    pub logs: Option<PathBuf>,
    /// The time from one sweep to the next.
    pub sweep_every: Duration,
    /// The settings' file.
    pub environment: Option<PathBuf>,
    /// Whether the page is opened in a browser.
    pub open: bool,
}

impl Default for Wishes {
    fn default() -> Self {
        Self {
            database: None,
            port: 3000,
            logs: None,
            sweep_every: Duration::from_mins(1),
            environment: None,
            open: true,
        }
    }
}

/// A command line that asks for nothing we know.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum UsageError {
    /// No such option.
    #[error("there is no option {0}: see --help")]
    Unknown(String),
    /// The option's value is missing or out of range.
    #[error("{option} needs {wanted}")]
    Value {
        /// The option.
        option: &'static str,
        /// What belongs behind it.
        wanted: &'static str,
    },
}

/// Reads the arguments behind the program's name.
pub fn read(arguments: impl IntoIterator<Item = String>) -> Result<Command, UsageError> {
    let mut arguments = arguments.into_iter().peekable();
    if arguments.next_if(|first| first == "events").is_some() {
        return events(arguments);
    }
    let mut wishes = Wishes::default();
    while let Some(option) = arguments.next() {
        let mut value = || arguments.next();
        match option.as_str() {
            "--db" => wishes.database = Some(file("--db", value())?),
            "--env" => wishes.environment = Some(file("--env", value())?),
            "--logs" => wishes.logs = Some(file("--logs", value())?),
            "--port" => wishes.port = port(value())?,
            "--sweep-seconds" => wishes.sweep_every = seconds(value())?,
            "--no-open" => wishes.open = false,
            "--help" | "-h" => return Ok(Command::Help),
            _ => return Err(UsageError::Unknown(option)),
        }
    }
    Ok(Command::Run(wishes))
}

fn events(mut arguments: impl Iterator<Item = String>) -> Result<Command, UsageError> {
    let mut directory = PathBuf::from(EVENTS);
    while let Some(option) = arguments.next() {
        match option.as_str() {
            "--dir" => directory = file("--dir", arguments.next())?,
            "--help" | "-h" => return Ok(Command::Help),
            _ => return Err(UsageError::Unknown(option)),
        }
    }
    Ok(Command::Events(directory))
}

fn file(option: &'static str, value: Option<String>) -> Result<PathBuf, UsageError> {
    let named = value.filter(|value| !value.is_empty() && !value.starts_with("--"));
    named.map(PathBuf::from).ok_or(UsageError::Value { option, wanted: "a file's name" })
}

fn port(value: Option<String>) -> Result<u16, UsageError> {
    let wanted = "a port, 1 to 65535";
    let port = value.and_then(|value| value.parse().ok()).filter(|port| *port > 0);
    port.ok_or(UsageError::Value { option: "--port", wanted })
}

fn seconds(value: Option<String>) -> Result<Duration, UsageError> {
    let wanted = "a number of seconds, 1 to 86400";
    let seconds = value.and_then(|value| value.parse().ok());
    let seconds = seconds.filter(|seconds| (1..=86_400).contains(seconds));
    seconds.map(Duration::from_secs).ok_or(UsageError::Value { option: "--sweep-seconds", wanted })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_line(line: &str) -> Result<Command, UsageError> {
        read(line.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn nothing_asked_is_the_usual() {
        assert_eq!(read_line(""), Ok(Command::Run(Wishes::default())));
    }

    #[test]
    fn every_option_is_heard() {
        let line = "--db a.db --port 4000 --logs a.log --sweep-seconds 5 --env a.env --no-open";

        let wishes = Wishes {
            database: Some("a.db".into()),
            port: 4000,
            logs: Some("a.log".into()),
            sweep_every: Duration::from_secs(5),
            environment: Some("a.env".into()),
            open: false,
        };
        assert_eq!(read_line(line), Ok(Command::Run(wishes)));
    }

    #[test]
    fn events_go_where_they_are_wanted() {
        assert_eq!(read_line("events"), Ok(Command::Events("infra/events".into())));
        assert_eq!(read_line("events --dir a"), Ok(Command::Events("a".into())));
        assert!(read_line("events --port 1").is_err());
    }

    #[test]
    fn help_wins_over_what_stands_before_it() {
        assert_eq!(read_line("--port 4000 --help"), Ok(Command::Help));
    }

    #[test]
    fn what_makes_no_sense_is_refused_by_name() {
        assert_eq!(
            read_line("--prot 1").unwrap_err().to_string(),
            "there is no option --prot: see --help"
        );
        for line in
            ["--port", "--port 0", "--port 65536", "--db", "--db --port", "--sweep-seconds 0"]
        {
            assert!(matches!(read_line(line), Err(UsageError::Value { .. })), "{line}");
        }
    }

    #[test]
    fn the_help_names_every_option() {
        for option in
            ["--db", "--port", "--logs", "--sweep-seconds", "--env", "--no-open", "--help", "--dir"]
        {
            assert!(HELP.contains(option), "{option}");
        }
    }
}
