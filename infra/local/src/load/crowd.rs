//! Workspaces and people around those who click, as many as wanted: copies of the rows that the
//! product wrote itself, under other names. What is sealed in them opens for nobody, and nobody asks.

use serde_json::Value;

use super::linked::ALICE;
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

/// Fills the table: `workspaces` with the app, `identities` among them.
pub(super) fn gather(
    bundle: &Bundle,
    workspaces: u32,
    identities: u32,
    tell: &impl Fn(&str),
) -> Result<(), CrowdError> {
    let items = bundle.database.items()?;
    let of = |wanted: fn(&str, &str) -> bool| -> Vec<String> {
        let wanted = |item: &&Value| wanted(text(item, "pk"), text(item, "sk"));
        items.iter().filter(wanted).map(Value::to_string).collect()
    };
    let installation = of(|pk, sk| pk.starts_with("TEN#") && !sk.starts_with("SEN#"));
    let identity = of(|pk, sk| pk.starts_with("SLK#") || sk.starts_with("SEN#"));

    let copies = (1..workspaces).flat_map(|n| {
        let team = workspace(n);
        installation.iter().map(move |row| row.replace(TEAM, &team)).collect::<Vec<_>>()
    });
    let people = (1..identities).flat_map(|n| {
        let (team, user) = (workspace(n % workspaces.max(1)), format!("U1{n:08}"));
        let account = format!("SEN#1{n:08}");
        let renamed = move |row: &String| {
            row.replace(TEAM, &team).replace(ALICE, &user).replace("SEN#101", &account)
        };
        identity.iter().map(renamed).collect::<Vec<_>>()
    });

    let (mut batch, mut written) = (Vec::with_capacity(BATCH), 0);
    for row in copies.chain(people) {
        batch.push(serde_json::from_str(&row)?);
        if batch.len() == BATCH {
            written += batch.len();
            bundle.database.put(std::mem::take(&mut batch))?;
            if written % TELL_EVERY == 0 {
                tell(&format!("  {written} rows"));
            }
        }
    }
    Ok(bundle.database.put(batch)?)
}

/// The name of a workspace: the first is the one where it is clicked.
fn workspace(n: u32) -> String {
    if n == 0 { TEAM.to_owned() } else { format!("T1{n:08}") }
}

fn text<'a>(item: &'a Value, name: &str) -> &'a str {
    item.get(name).and_then(|value| value.get("S")).and_then(Value::as_str).unwrap_or_default()
}
