//! The table: the app is installed in one workspace, and one person is linked.
//!
//! The rows are written with the bundle's own types and seals, so that they are what a deployment has.

use std::{error::Error, time::Duration};

use aws_sdk_dynamodb::{Client, types::AttributeValue};
use local::{database, installation, secrets::Secrets, slack};
use serde_json::{Value, json};
use shared::{
    clock::{Clock, SystemClock, Timestamp},
    identity::{Account, Identity, Person, Tokens},
    ids::{AccountId, SlackUserId, Tenant},
    sealing::{Field, Sealer},
    secret::Secret,
    transport::{self, SdkTransport},
};

/// Who is linked.
const PERSON: &str = "U0LINKED01";

/// Their token in Sentry, and for how long.
const TOKEN: &str = "sntryu_0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
const TOKEN_LIFE: Duration = Duration::from_hours(24 * 30);

/// Writes them; who they are, and under which secrets.
pub(crate) async fn people(url: &str) -> Result<Value, Box<dyn Error>> {
    let (now, secrets) = (SystemClock.now(), Secrets::random());
    installation::seed_installation(url, &secrets, now).await?;
    link(url, &identity(&secrets, now)?).await?;
    Ok(json!({
        "table": database::TABLE,
        "team": slack::TEAM,
        "app": slack::APP,
        "person": PERSON,
        "secrets": secrets,
    }))
}

fn identity(secrets: &Secrets, now: Timestamp) -> Result<Identity, Box<dyn Error>> {
    let person = Person { tenant: Tenant::parse(slack::TEAM)?, user: SlackUserId::parse(PERSON)? };
    let sealer = Sealer::new(vec![Secret::new(&secrets.token_key)]);
    let access = sealer.seal(person.owner(), Field::AccessToken, &Secret::new(TOKEN))?;
    Ok(Identity {
        account: Account {
            id: AccountId::parse("4711")?,
            name: "Ada Archer".to_owned(),
            email: "ada@example.com".to_owned(),
        },
        tokens: Tokens { access, refresh: None, expires: now.plus(TOKEN_LIFE) },
        link_id: "bench".to_owned(),
        linked_at: now,
        refresh_lease: Timestamp::from_millis(0),
        person,
    })
}

/// Writes the identity where the link flow would have written it.
async fn link(url: &str, identity: &Identity) -> Result<(), Box<dyn Error>> {
    let config = installation::table_config(url)
        .http_client(SdkTransport::new(transport::client(None)?))
        .build();
    let person = &identity.person;
    let put = Client::from_conf(config)
        .put_item()
        .table_name(database::TABLE)
        .set_item(Some(serde_dynamo::to_item(identity)?))
        .item("pk", AttributeValue::S(format!("SLK#{}#{}", person.tenant, person.user)))
        .item("sk", AttributeValue::S("ID".to_owned()));
    put.send().await?;
    Ok(())
}
