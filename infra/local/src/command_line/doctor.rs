//! `doctor --url URL [--env FILE] [--alert ORGANIZATION] [--json]`.

use url::Url;

use super::{Command, UsageError, value};
use crate::doctor::Wanted;

pub(super) fn read(mut arguments: impl Iterator<Item = String>) -> Result<Command, UsageError> {
    let mut url: Option<Url> = None;
    let (mut environment, mut alert, mut json) = (None, None, false);
    while let Some(option) = arguments.next() {
        match option.as_str() {
            "--url" => url = Some(value::origin("--url", arguments.next())?),
            "--env" => environment = Some(value::file("--env", arguments.next())?),
            "--alert" => alert = Some(value::name("--alert", arguments.next())?),
            "--json" => json = true,
            "--help" | "-h" => return Ok(Command::Help),
            _ => return Err(UsageError::Unknown(option)),
        }
    }
    let url = url.map_or_else(|| value::origin("--url", None), Ok)?;
    Ok(Command::Doctor(Wanted { url, environment, alert, json }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command_line::read_line;

    #[test]
    fn every_option_is_heard() {
        let line = "doctor --url https://belay.example.com --env a.env --alert acme --json";

        let url = Url::parse("https://belay.example.com").unwrap();
        let wanted = Wanted {
            url,
            environment: Some("a.env".into()),
            alert: Some("acme".into()),
            json: true,
        };
        assert_eq!(read_line(line), Ok(Command::Doctor(wanted)));
    }

    #[test]
    fn without_an_address_nobody_is_asked() {
        assert!(matches!(read_line("doctor --json"), Err(UsageError::Value { .. })));
    }
}
