//! The table of a benchmark: in memory, with the app installed in one workspace and one person linked.
//!
//! Says in one line of JSON where it is, who is in it and under which secrets, and serves until its
//! standard input ends. The rows are written with the bundle's own types and seals, so that they are
//! what a deployment has.

use std::{error::Error, time::Duration};

use aws_sdk_dynamodb::{Client, types::AttributeValue};
use local::{database, installation, secrets::Secrets, slack};
use serde_json::json;
use shared::{
    clock::{Clock, SystemClock, Timestamp},
    identity::{Account, Identity, Person, Tokens},
    ids::{AccountId, SlackUserId, Tenant},
    sealing::{Field, Sealer},
    secret::Secret,
    transport::{self, SdkTransport},
};
use tokio::io::AsyncReadExt;

/// Who is linked.
const PERSON: &str = "U0LINKED01";

/// Their token in Sentry, and for how long.
const TOKEN: &str = "sntryu_0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
const TOKEN_LIFE: Duration = Duration::from_hours(24 * 30);

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let (now, secrets) = (SystemClock.now(), Secrets::random());
    let database = database::start(None).await?;
    installation::seed_installation(database.url(), &secrets, now).await?;
    link(database.url(), &identity(&secrets, now)?).await?;
    let said = json!({
        "url": database.url(),
        "table": database::TABLE,
        "team": slack::TEAM,
        "app": slack::APP,
        "person": PERSON,
        "secrets": secrets,
    });
    println!("{said}");
    tokio::io::stdin().read_to_end(&mut Vec::new()).await?;
    database.close().await;
    Ok(())
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
