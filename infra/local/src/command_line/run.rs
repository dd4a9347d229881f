//! No command: the bundle is started.

use std::{path::PathBuf, time::Duration};

use super::{Command, UsageError, value};

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
    /// Whether it begins without the app installed.
    pub bare: bool,
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
            bare: false,
        }
    }
}

pub(super) fn read(mut arguments: impl Iterator<Item = String>) -> Result<Command, UsageError> {
    let mut wishes = Wishes::default();
    while let Some(option) = arguments.next() {
        let mut value = || arguments.next();
        match option.as_str() {
            "--db" => wishes.database = Some(value::file("--db", value())?),
            "--env" => wishes.environment = Some(value::file("--env", value())?),
            "--logs" => wishes.logs = Some(value::file("--logs", value())?),
            "--port" => wishes.port = port(value())?,
            "--sweep-seconds" => wishes.sweep_every = seconds(value())?,
            "--no-open" => wishes.open = false,
            "--bare" => wishes.bare = true,
            "--help" | "-h" => return Ok(Command::Help),
            _ => return Err(UsageError::Unknown(option)),
        }
    }
    Ok(Command::Run(wishes))
}

fn port(value: Option<String>) -> Result<u16, UsageError> {
    value::number("--port", "a port, 1 to 65535", value, 1..=65_535)
}

fn seconds(value: Option<String>) -> Result<Duration, UsageError> {
    let wanted = "a number of seconds, 1 to 86400";
    value::number("--sweep-seconds", wanted, value, 1..=86_400).map(Duration::from_secs)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command_line::read_line;

    #[test]
    fn nothing_asked_is_the_usual() {
        assert_eq!(read_line(""), Ok(Command::Run(Wishes::default())));
    }

    #[test]
    fn every_option_is_heard() {
        let line = "--db a.db --port 4000 --logs a.log --sweep-seconds 5 --env a.env --no-open \
                    --bare";

        let wishes = Wishes {
            database: Some("a.db".into()),
            port: 4000,
            logs: Some("a.log".into()),
            sweep_every: Duration::from_secs(5),
            environment: Some("a.env".into()),
            open: false,
            bare: true,
        };
        assert_eq!(read_line(line), Ok(Command::Run(wishes)));
    }

    #[test]
    fn help_wins_over_what_stands_before_it() {
        assert_eq!(read_line("--port 4000 --help"), Ok(Command::Help));
    }

    #[test]
    fn a_value_that_is_missing_or_out_of_range_is_refused() {
        for line in
            ["--port", "--port 0", "--port 65536", "--db", "--db --port", "--sweep-seconds 0"]
        {
            assert!(matches!(read_line(line), Err(UsageError::Value { .. })), "{line}");
        }
    }
}
