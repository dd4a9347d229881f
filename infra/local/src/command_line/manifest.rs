//! `manifest --url URL [--sentry URL] [--name NAME] [--rotate-tokens] [--json]`.

use shared::slack::manifest::MAX_NAME;

use super::{Command, UsageError, value};
use crate::manifest::{Format, Wanted};

/// What the app is called if nothing else is said.
const NAME: &str = "Belay";

/// Where Sentry is if nothing else is said, as in the deployment's template.
const SENTRY: &str = "https://sentry.io";

pub(super) fn read(mut arguments: impl Iterator<Item = String>) -> Result<Command, UsageError> {
    let (mut url, mut sentry) = (None, None);
    let (mut name, mut token_rotation) = (NAME.to_owned(), false);
    let mut format = Format::Yaml;
    while let Some(option) = arguments.next() {
        match option.as_str() {
            "--url" => url = Some(value::origin("--url", arguments.next())?),
            "--sentry" => sentry = Some(value::sentry("--sentry", arguments.next())?),
            "--name" => name = app_name(arguments.next())?,
            "--rotate-tokens" => token_rotation = true,
            "--json" => format = Format::Json,
            "--help" | "-h" => return Ok(Command::Help),
            _ => return Err(UsageError::Unknown(option)),
        }
    }
    let url = url.map_or_else(|| value::origin("--url", None), Ok)?;
    let sentry = sentry.map_or_else(|| value::sentry("--sentry", Some(SENTRY.to_owned())), Ok)?;
    Ok(Command::Manifest(Wanted { url, sentry, name, token_rotation, format }))
}

fn app_name(value: Option<String>) -> Result<String, UsageError> {
    let fits = |name: &String| {
        let printable = !name.chars().any(char::is_control);
        (1..=MAX_NAME).contains(&name.chars().count()) && printable && !name.starts_with("--")
    };
    let name = value.map(|name| name.trim().to_owned()).filter(fits);
    name.ok_or(UsageError::Value { option: "--name", wanted: "a name of 1 to 35 characters" })
}

#[cfg(test)]
mod tests {
    use url::Url;

    use super::*;
    use crate::command_line::read_line;

    const URL: &str = "https://belay.example.com";

    fn wanted(line: &str) -> Wanted {
        match read_line(line) {
            Ok(Command::Manifest(wanted)) => wanted,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn an_address_is_enough() {
        let usual = Wanted {
            url: Url::parse(URL).unwrap(),
            sentry: Url::parse(SENTRY).unwrap(),
            name: "Belay".to_owned(),
            token_rotation: false,
            format: Format::Yaml,
        };

        assert_eq!(wanted(&format!("manifest --url {URL}")), usual);
    }

    #[test]
    fn every_option_is_heard() {
        let line = format!(
            "manifest --url {URL} --sentry https://sentry.example.com --name Rope --rotate-tokens --json"
        );

        let wanted = wanted(&line);

        assert_eq!((wanted.name.as_str(), wanted.token_rotation), ("Rope", true));
        assert_eq!(wanted.sentry.as_str(), "https://sentry.example.com/");
        assert_eq!(wanted.format, Format::Json);
    }

    #[test]
    fn without_a_good_address_it_is_said_what_one_looks_like() {
        for line in ["manifest", "manifest --url", "manifest --url http://belay.example.com"] {
            let refused = read_line(line).unwrap_err().to_string();

            assert!(refused.contains("--url") && refused.contains(URL), "{line}: {refused}");
        }
    }

    #[test]
    fn a_name_is_as_long_as_slack_takes_it() {
        let named = |name: String| app_name(Some(name));

        assert!(named("é".repeat(35)).is_ok());
        for bad in ["é".repeat(36), String::new(), "  ".into(), "a\nb".into(), "--json".into()] {
            assert!(named(bad.clone()).is_err(), "{bad:?}");
        }
    }
}
