//! `events [--dir DIRECTORY]`.

use std::path::PathBuf;

use super::{Command, UsageError, value};

/// Where sample events are written if nothing else is said.
const DIRECTORY: &str = "infra/events";

pub(super) fn read(mut arguments: impl Iterator<Item = String>) -> Result<Command, UsageError> {
    let mut directory = PathBuf::from(DIRECTORY);
    while let Some(option) = arguments.next() {
        match option.as_str() {
            "--dir" => directory = value::file("--dir", arguments.next())?,
            "--help" | "-h" => return Ok(Command::Help),
            _ => return Err(UsageError::Unknown(option)),
        }
    }
    Ok(Command::Events(directory))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command_line::read_line;

    #[test]
    fn events_go_where_they_are_wanted() {
        assert_eq!(read_line("events"), Ok(Command::Events("infra/events".into())));
        assert_eq!(read_line("events --dir a"), Ok(Command::Events("a".into())));
        assert!(read_line("events --port 1").is_err());
    }
}
