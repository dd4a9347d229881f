//! `cargo dev audit`: who did what to which issue in a workspace, the oldest first.
//!
//! The rows are those of `shared::audit`; what is not said there (who an id is, what an issue is
//! called) is not kept and not shown.

use std::{path::PathBuf, time::Duration};

use serde_json::{Value, json};
use shared::{
    audit::Row, clock::Timestamp, config::Pace, ids::Tenant, slack::message::plain,
    store::ReadAudit,
};

use crate::{
    calendar::iso8601,
    deployment::{self, DeploymentError},
};

/// This machine's clock may be behind those that wrote the rows.
const AHEAD: Duration = Duration::from_hours(1);

/// No field is longer.
const MAX_FIELD: usize = 64;

const COLUMNS: [&str; 7] = ["time", "who", "account", "what", "issue", "organization", "result"];

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// Whose audit.
    pub workspace: Tenant,
    /// How far back, in days.
    pub days: u64,
    /// The file of settings, instead of the environment.
    pub environment: Option<PathBuf>,
    /// Whether it is for a program.
    pub json: bool,
}

/// The audit as it is printed.
pub async fn read(wanted: &Wanted, now: Timestamp) -> Result<String, DeploymentError> {
    let settings = deployment::settings(wanted.environment.as_deref()).await?;
    let store = settings.store(Pace::Afar)?;
    let rows = rows(&store, wanted, now).await?;
    Ok(if wanted.json { json(&rows) } else { table(&rows) })
}

async fn rows(
    store: &impl ReadAudit,
    wanted: &Wanted,
    now: Timestamp,
) -> Result<Vec<Row>, DeploymentError> {
    let from = now.minus(Duration::from_hours(24 * wanted.days));
    Ok(store.audit(&wanted.workspace, from, now.plus(AHEAD)).await?)
}

/// A line each, in columns that are as wide as they have to be.
fn table(rows: &[Row]) -> String {
    if rows.is_empty() {
        return "Nothing was done in that time.\n".to_owned();
    }
    let heading = COLUMNS.map(str::to_owned);
    let lines: Vec<_> = [heading].into_iter().chain(rows.iter().map(shown)).collect();
    let mut widths = [0; COLUMNS.len()];
    for line in &lines {
        for (width, field) in widths.iter_mut().zip(line) {
            *width = field.chars().count().max(*width);
        }
    }
    let lines = lines.iter().map(|line| {
        let fields = line.iter().zip(widths).map(|(field, width)| format!("{field:width$}"));
        fields.collect::<Vec<_>>().join("  ").trim_end().to_owned() + "\n"
    });
    lines.collect()
}

/// The fields of a line; a dash is nothing.
fn shown(row: &Row) -> [String; COLUMNS.len()] {
    fields(row).map(|field| field.map_or_else(|| "–".to_owned(), |text| plain(&text, MAX_FIELD)))
}

fn json(rows: &[Row]) -> String {
    let object = |row| -> Value {
        let named = COLUMNS.iter().zip(fields(row));
        named.map(|(name, field)| ((*name).to_owned(), json!(field))).collect()
    };
    format!("{:#}\n", rows.iter().map(object).collect::<Value>())
}

fn fields(row: &Row) -> [Option<String>; COLUMNS.len()] {
    [
        Some(iso8601(row.at)),
        row.who.clone(),
        row.account.as_ref().map(ToString::to_string),
        Some(row.what.clone()),
        row.issue.as_ref().map(ToString::to_string),
        row.organization.as_ref().map(ToString::to_string),
        Some(row.result.clone()),
    ]
}

#[cfg(test)]
mod tests {
    use shared::{
        identity::Installation,
        ids::{AccountId, IssueId, OrganizationId},
        sealing::Sealer,
        secret::Secret,
        store::{ChangeInstallation, memory::MemoryStore},
    };

    use super::*;
    use crate::installation;

    const NOW: Timestamp = Timestamp::from_secs(1_700_000_000);

    fn installed() -> Installation {
        let sealer = Sealer::new(vec![Secret::new("k".repeat(32))]);
        installation::installation(&sealer, "xoxb-1", NOW).unwrap()
    }

    fn of_slack() -> Row {
        Row::of_installation(&installed(), None, "uninstall", None, NOW)
    }

    fn of_alice() -> Row {
        Row {
            who: Some("U0ALICE001".into()),
            account: AccountId::parse("101").ok(),
            what: "resolved:inNextRelease".into(),
            organization: OrganizationId::parse("1").ok(),
            issue: IssueId::parse("4815").ok(),
            result: "NO_RIGHT".into(),
            ..of_slack()
        }
    }

    fn wanted(days: u64) -> Wanted {
        Wanted { workspace: installed().tenant, days, environment: None, json: false }
    }

    #[test]
    fn a_table_is_aligned_and_what_is_not_said_is_a_dash() {
        let table = table(&[of_alice(), of_slack()]);

        assert_eq!(
            table,
            "time                  who         account  what                    issue  organization  result\n\
             2023-11-14T22:13:20Z  U0ALICE001  101      resolved:inNextRelease  4815   1             NO_RIGHT\n\
             2023-11-14T22:13:20Z  –           –        uninstall               –      –             DONE\n"
        );
    }

    #[test]
    fn a_program_gets_every_field_by_its_name() {
        let rows: Value = serde_json::from_str(&json(&[of_alice(), of_slack()])).unwrap();

        assert_eq!(rows[0]["time"], "2023-11-14T22:13:20Z");
        assert_eq!((&rows[0]["who"], &rows[0]["issue"]), (&json!("U0ALICE001"), &json!("4815")));
        assert_eq!(rows[1]["who"], Value::Null);
        assert_eq!(rows.as_array().map(Vec::len), Some(2));
    }

    #[test]
    fn nothing_is_said_in_words_and_to_a_program_as_an_empty_list() {
        assert_eq!(table(&[]), "Nothing was done in that time.\n");
        assert_eq!(json(&[]), "[]\n");
    }

    #[tokio::test]
    async fn only_the_days_that_are_wanted_are_read() {
        let store = MemoryStore::default();
        store.change_installation(&installed(), Some(&of_slack())).await.unwrap();
        let read = async |days, later| {
            let now = NOW.plus(Duration::from_hours(later));
            rows(&store, &wanted(days), now).await.unwrap().len()
        };

        assert_eq!(read(1, 24).await, 1);
        assert_eq!(read(1, 25).await, 0);
        assert_eq!(read(2, 25).await, 1);
    }
}
