//! `remove --workspace ID [--env FILE] [--yes]`.

use super::{Command, UsageError, value};
use crate::removal::Wanted;

pub(super) fn read(mut arguments: impl Iterator<Item = String>) -> Result<Command, UsageError> {
    let (mut workspace, mut environment, mut yes) = (None, None, false);
    while let Some(option) = arguments.next() {
        match option.as_str() {
            "--workspace" => workspace = Some(value::tenant("--workspace", arguments.next())?),
            "--env" => environment = Some(value::file("--env", arguments.next())?),
            "--yes" => yes = true,
            "--help" | "-h" => return Ok(Command::Help),
            _ => return Err(UsageError::Unknown(option)),
        }
    }
    let workspace = workspace.map_or_else(|| value::tenant("--workspace", None), Ok)?;
    Ok(Command::Remove(Wanted { workspace, environment, yes }))
}

#[cfg(test)]
mod tests {
    use shared::ids::Tenant;

    use super::*;
    use crate::command_line::read_line;

    #[test]
    fn it_asks_unless_it_is_told_not_to() {
        let wanted = |environment, yes| {
            let workspace = Tenant::parse("T0ACME0001").unwrap();
            Ok(Command::Remove(Wanted { workspace, environment, yes }))
        };

        assert_eq!(read_line("remove --workspace T0ACME0001"), wanted(None, false));
        assert_eq!(
            read_line("remove --workspace T0ACME0001 --env a.env --yes"),
            wanted(Some("a.env".into()), true)
        );
    }

    #[test]
    fn without_a_workspace_nothing_is_removed() {
        assert!(matches!(read_line("remove --yes"), Err(UsageError::Value { .. })));
    }
}
