//! Workspaces and people around those who click, as many as wanted: copies of the rows that the
//! product wrote itself, under other names. What is sealed in them opens for nobody, and nobody asks.

use serde_json::Value;

use super::{Crowd, linked::ALICE};
use crate::{bundle::Bundle, database::DatabaseError, slack::TEAM};

/// So many rows are written at once (AWS: `BatchWriteItem`).
const BATCH: usize = 25;
/// After so many rows one hears of it.
const TELL_EVERY: usize = 200_000;

/// Why there is no crowd.
#[derive(Debug, thiserror::Error)]
pub enum CrowdError {
    /// The table does not take it.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// The product's own rows make no copies.
    #[error("the rows cannot be copied")]
    Copy(#[from] serde_json::Error),
}

/// The rows that are copied.
pub(super) struct Models {
    installation: Vec<String>,
    identity: Vec<String>,
}

impl Models {
    /// Those of the one workspace and the one person there are.
    pub(super) fn of(bundle: &Bundle) -> Result<Self, CrowdError> {
        let items = bundle.database.items()?;
        let of = |wanted: fn(&str, &str) -> bool| -> Vec<String> {
            let wanted = |item: &&Value| wanted(text(item, "pk"), text(item, "sk"));
            items.iter().filter(wanted).map(Value::to_string).collect()
        };
        Ok(Self {
            installation: of(|pk, sk| pk.starts_with("TEN#") && !sk.starts_with("SEN#")),
            identity: of(|pk, sk| pk.starts_with("SLK#") || sk.starts_with("SEN#")),
        })
    }

    /// Fills the table up from `there` to `wanted`.
    pub(super) fn gather(
        &self,
        bundle: &Bundle,
        there: Crowd,
        wanted: Crowd,
        tell: &impl Fn(&str),
    ) -> Result<(), CrowdError> {
        let workspaces = (there.workspaces..wanted.workspaces).flat_map(|n| {
            let team = workspace(n);
            self.installation.iter().map(move |row| row.replace(TEAM, &team))
        });
        let people = (there.identities..wanted.identities).flat_map(|n| {
            let (team, user) = (workspace(n % wanted.workspaces), format!("U1{n:08}"));
            let account = format!("SEN#1{n:08}");
            let renamed = move |row: &String| {
                row.replace(TEAM, &team).replace(ALICE, &user).replace("SEN#101", &account)
            };
            self.identity.iter().map(renamed)
        });
        let (mut batch, mut written) = (Vec::with_capacity(BATCH), 0);
        for row in workspaces.chain(people) {
            batch.push(serde_json::from_str(&row)?);
            if batch.len() == BATCH {
                bundle.database.put(std::mem::take(&mut batch))?;
                written += BATCH;
                if written % TELL_EVERY == 0 {
                    tell(&format!("  {written} rows"));
                }
            }
        }
        Ok(bundle.database.put(batch)?)
    }
}

/// The name of a workspace: the first is the one where it is clicked.
fn workspace(n: u32) -> String {
    if n == 0 { TEAM.to_owned() } else { format!("T1{n:08}") }
}

fn text<'a>(item: &'a Value, name: &str) -> &'a str {
    item.get(name).and_then(|value| value.get("S")).and_then(Value::as_str).unwrap_or_default()
}
