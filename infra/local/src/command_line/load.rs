//! `load [--rate N] [--seconds N] [--sentry-ms N] [--workspaces N] [--identities N] [--unsigned N]
//! [--growth] [--judged]`.

use std::time::Duration;

use super::{Command, UsageError, value};
use crate::load::Wanted;

const NUMBER: &str = "a number";

pub(super) fn read(mut arguments: impl Iterator<Item = String>) -> Result<Command, UsageError> {
    let mut wanted = Wanted {
        rate: 100,
        seconds: 60,
        sentry: Duration::from_millis(150),
        workspaces: 1,
        identities: 1,
        unsigned: 20_000,
        growth: false,
        judged: false,
    };
    while let Some(option) = arguments.next() {
        let mut number = |option, range| value::number(option, NUMBER, arguments.next(), range);
        match option.as_str() {
            "--rate" => wanted.rate = number("--rate", 1..=10_000)?,
            "--seconds" => wanted.seconds = number("--seconds", 1..=3_600)?,
            "--sentry-ms" => {
                wanted.sentry = Duration::from_millis(number("--sentry-ms", 0..=10_000)?.into());
            }
            "--workspaces" => wanted.workspaces = number("--workspaces", 1..=100_000)?,
            "--identities" => wanted.identities = number("--identities", 1..=10_000_000)?,
            "--unsigned" => wanted.unsigned = number("--unsigned", 0..=10_000_000)?,
            "--growth" => wanted.growth = true,
            "--judged" => wanted.judged = true,
            "--help" | "-h" => return Ok(Command::Help),
            _ => return Err(UsageError::Unknown(option)),
        }
    }
    Ok(Command::Load(wanted))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command_line::read_line;

    #[test]
    fn every_option_is_heard() {
        let wanted = Wanted {
            rate: 10,
            seconds: 2,
            sentry: Duration::ZERO,
            workspaces: 3,
            identities: 4,
            unsigned: 5,
            growth: true,
            judged: true,
        };

        let line = "load --rate 10 --seconds 2 --sentry-ms 0 --workspaces 3 --identities 4 --unsigned 5 --growth --judged";

        assert_eq!(read_line(line), Ok(Command::Load(wanted)));
    }
}
