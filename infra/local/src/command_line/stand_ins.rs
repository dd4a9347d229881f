//! `stand-ins --url URL --env FILE [--port N]`.

use url::Url;

use super::{Command, UsageError, value};
use crate::stand_ins::Wanted;

/// Where the page is if nothing else is said, or the next free port.
const PORT: u16 = 3000;

pub(super) fn read(mut arguments: impl Iterator<Item = String>) -> Result<Command, UsageError> {
    let mut url: Option<Url> = None;
    let (mut environment, mut port) = (None, PORT);
    while let Some(option) = arguments.next() {
        match option.as_str() {
            "--url" => url = Some(value::origin("--url", arguments.next())?),
            "--env" => environment = Some(value::file("--env", arguments.next())?),
            "--port" => {
                port = value::number("--port", "a port", arguments.next(), 0..=u16::MAX)?;
            }
            "--help" | "-h" => return Ok(Command::Help),
            _ => return Err(UsageError::Unknown(option)),
        }
    }
    let url = url.map_or_else(|| value::origin("--url", None), Ok)?;
    let environment = environment.map_or_else(|| value::file("--env", None), Ok)?;
    Ok(Command::StandIns(Wanted { url, environment, port }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command_line::read_line;

    #[test]
    fn every_option_is_heard() {
        let url = Url::parse("https://belay.example.com").unwrap();
        let wanted = Wanted { url, environment: "a.env".into(), port: 4000 };

        let line = "stand-ins --url https://belay.example.com --env a.env --port 4000";

        assert_eq!(read_line(line), Ok(Command::StandIns(wanted)));
    }

    #[test]
    fn it_has_to_be_known_for_whom_and_where_to_write_it() {
        for line in ["stand-ins --env a.env", "stand-ins --url https://belay.example.com"] {
            assert!(matches!(read_line(line), Err(UsageError::Value { .. })), "{line}");
        }
    }
}
