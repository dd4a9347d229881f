//! What the command line asks for.

mod audit;
mod doctor;
mod events;
mod load;
mod manifest;
mod remove;
mod run;
mod stand_ins;
mod value;

use std::path::PathBuf;

pub use self::run::Wishes;

/// What `--help` prints.
pub const HELP: &str = include_str!("help.txt");

/// What to do.
#[derive(Debug, PartialEq, Eq)]
pub enum Command {
    /// Start the bundle.
    Run(Wishes),
    /// Write sample events to this directory.
    Events(PathBuf),
    /// Print the Slack app's manifest.
    Manifest(crate::manifest::Wanted),
    /// Examine a deployment.
    Doctor(crate::doctor::Wanted),
    /// Print the audit of a workspace.
    Audit(crate::audit::Wanted),
    /// Remove a workspace.
    Remove(crate::removal::Wanted),
    /// Stand in for Slack and Sentry before a bundle that runs elsewhere.
    StandIns(crate::stand_ins::Wanted),
    /// Carry many clicks at once.
    Load(crate::load::Wanted),
    /// Print [`HELP`].
    Help,
}

/// A command line that asks for nothing we know.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum UsageError {
    /// No such option.
    #[error("there is no option {0}: see --help")]
    Unknown(String),
    /// No such command.
    #[error("there is no command {0}: see --help")]
    UnknownCommand(String),
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
    let command = arguments.next_if(|first| !first.starts_with('-'));
    match command.as_deref() {
        None => run::read(arguments),
        Some("events") => events::read(arguments),
        Some("manifest") => manifest::read(arguments),
        Some("doctor") => doctor::read(arguments),
        Some("audit") => audit::read(arguments),
        Some("remove") => remove::read(arguments),
        Some("load") => load::read(arguments),
        Some("stand-ins") => stand_ins::read(arguments),
        Some(other) => Err(UsageError::UnknownCommand(other.to_owned())),
    }
}

#[cfg(test)]
fn read_line(line: &str) -> Result<Command, UsageError> {
    read(line.split_whitespace().map(str::to_owned))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_makes_no_sense_is_refused_by_name() {
        let refused = |line: &str| read_line(line).unwrap_err().to_string();

        assert_eq!(refused("--prot 1"), "there is no option --prot: see --help");
        assert_eq!(refused("manifset"), "there is no command manifset: see --help");
    }

    #[test]
    fn every_command_helps() {
        for command in ["", "events", "manifest", "doctor", "audit", "remove", "stand-ins", "load"]
        {
            assert_eq!(read_line(&format!("{command} --help")), Ok(Command::Help), "{command}");
        }
    }

    /// Every option stands between quotes in the files beside this one.
    #[test]
    fn the_help_names_every_command_and_every_option() {
        let sources = [
            include_str!("mod.rs"),
            include_str!("run.rs"),
            include_str!("events.rs"),
            include_str!("manifest.rs"),
            include_str!("doctor.rs"),
            include_str!("audit.rs"),
            include_str!("remove.rs"),
            include_str!("stand_ins.rs"),
            include_str!("load.rs"),
        ];
        let arms = sources.iter().flat_map(|source| source.split(" => ")).filter_map(last_word);

        let mut seen = 0;
        for word in arms {
            assert!(HELP.contains(word), "{word}");
            seen += 1;
        }

        assert!(seen > 10, "the options are not found any more: {seen}");
    }

    /// The word of the arm that ends here: `"--db"`, `Some("events")`.
    fn last_word(before_arrow: &str) -> Option<&str> {
        let arm = before_arrow.lines().last()?.trim();
        let word = arm.split('"').nth(1)?;
        (arm.starts_with('"') || arm.starts_with("Some(\"")).then_some(word)
    }
}
