//! `audit --workspace ID [--days N] [--env FILE] [--json]`.

use super::{Command, UsageError, value};
use crate::audit::Wanted;

/// How far back if nothing else is said.
const DAYS: u64 = 7;

pub(super) fn read(mut arguments: impl Iterator<Item = String>) -> Result<Command, UsageError> {
    let (mut workspace, mut days) = (None, DAYS);
    let (mut environment, mut json) = (None, false);
    while let Some(option) = arguments.next() {
        let mut value = || arguments.next();
        match option.as_str() {
            "--workspace" => workspace = Some(value::tenant("--workspace", value())?),
            "--days" => days = number_of_days(value())?,
            "--env" => environment = Some(value::file("--env", value())?),
            "--json" => json = true,
            "--help" | "-h" => return Ok(Command::Help),
            _ => return Err(UsageError::Unknown(option)),
        }
    }
    let workspace = workspace.map_or_else(|| value::tenant("--workspace", None), Ok)?;
    Ok(Command::Audit(Wanted { workspace, days, environment, json }))
}

fn number_of_days(value: Option<String>) -> Result<u64, UsageError> {
    value::number("--days", "a number of days, 1 to 3650", value, 1..=3_650)
}

#[cfg(test)]
mod tests {
    use shared::ids::Tenant;

    use super::*;
    use crate::command_line::read_line;

    #[test]
    fn every_option_is_heard() {
        let line = "audit --workspace T0ACME0001 --days 30 --env a.env --json";

        let workspace = Tenant::parse("T0ACME0001").unwrap();
        let wanted = Wanted { workspace, days: 30, environment: Some("a.env".into()), json: true };
        assert_eq!(read_line(line), Ok(Command::Audit(wanted)));
    }

    #[test]
    fn without_a_workspace_or_with_no_days_it_is_refused() {
        for line in ["audit", "audit --workspace acme", "audit --workspace T0ACME0001 --days 0"] {
            assert!(matches!(read_line(line), Err(UsageError::Value { .. })), "{line}");
        }
    }
}
