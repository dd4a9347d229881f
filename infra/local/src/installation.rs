//! The installation that a local bundle begins with, unless it is wanted bare: the app is in the workspace, and the workspace
//! acts in Sentry's organization `acme`.

use aws_sdk_dynamodb::config::{BehaviorVersion, Credentials, Region};
use shared::{
    clock::Timestamp,
    identity::{Installation, InstallationStatus, Organization, Owner},
    ids::{InvalidId, OrganizationId, Tenant},
    installation::CHECK_UP,
    sealing::{Field, SealError, Sealer},
    secret::Secret,
    slack::grant::BOT_SCOPES,
    store::{ChangeInstallation, SaveInstallation, StoreError, dynamo::DynamoStore},
    transport::{self, SdkTransport, TransportError},
};

use crate::{
    REGION,
    database::TABLE,
    secrets::Secrets,
    slack::{APP, BOT_USER, TEAM, TEAM_DOMAIN, TEAM_NAME},
};

/// Why there is no installation.
#[derive(Debug, thiserror::Error)]
pub enum SeedError {
    /// A stand-in has an id that is none.
    #[error("the stand-ins' ids are not valid")]
    Id(#[from] InvalidId),
    /// The bot token cannot be sealed.
    #[error("the bot token cannot be sealed")]
    Seal(#[from] SealError),
    /// The table does not take it.
    #[error("the table does not take it")]
    Store(#[from] StoreError),
    /// No client for the table.
    #[error("there is no client for the table")]
    Transport(#[from] TransportError),
}

/// Writes the installation's row to the table at `database_url`, as the install flow would. A row
/// that is there already is replaced; the identities of the workspace are kept.
pub async fn seed_installation(
    database_url: &str,
    secrets: &Secrets,
    now: Timestamp,
) -> Result<(), SeedError> {
    let sealer = Sealer::new(vec![Secret::new(&secrets.master_key)]);
    let installation = installation(&sealer, &secrets.slack_bot_token, now)?;
    store(database_url)?.save_installation(&installation).await?;
    Ok(())
}

/// Takes the installation out of the table at `database_url`, if an earlier run has left one there:
/// the app is to be installed from nothing.
pub async fn leave_out_installation(database_url: &str, now: Timestamp) -> Result<(), SeedError> {
    let store = store(database_url)?;
    let stored = store.installation(&Tenant::parse(TEAM)?).await?;
    if let Some(installed) = stored.filter(Installation::is_active) {
        store.save_installation(&installed.removed(now)).await?;
    }
    Ok(())
}

/// The app in the stand-in's workspace, bound to the organization `acme`.
pub fn installation(
    sealer: &Sealer,
    bot_token: &str,
    now: Timestamp,
) -> Result<Installation, SeedError> {
    let tenant = Tenant::parse(TEAM)?;
    let owner = Owner { tenant: &tenant, user: None };
    Ok(Installation {
        bot_token: sealer.seal(owner, Field::BotToken, &Secret::new(bot_token))?,
        scopes: BOT_SCOPES.iter().map(|scope| scope.name.to_owned()).collect(),
        app_id: APP.to_owned(),
        bot_user: BOT_USER.to_owned(),
        installer: "U0ALICE001".to_owned(),
        name: TEAM_NAME.to_owned(),
        icon: None,
        domain: TEAM_DOMAIN.to_owned(),
        organizations: vec![Organization {
            id: OrganizationId::parse("1")?,
            slug: "acme".to_owned(),
            name: "Acme Inc".to_owned(),
        }],
        status: InstallationStatus::Active,
        installed_at: now,
        refresh_token: None,
        token_expires: None,
        epoch: 0,
        next_at: Some(now.plus(CHECK_UP)),
        leased: false,
        alerts: None,
        wiped_to: None,
        trouble: None,
        version: 1,
        tenant,
    })
}

/// The table at `database_url`, through the same client as the functions'.
pub fn store(database_url: &str) -> Result<DynamoStore, TransportError> {
    let config =
        table_config(database_url).http_client(SdkTransport::new(transport::client(None)?));
    let client = aws_sdk_dynamodb::Client::from_conf(config.build());
    Ok(DynamoStore::new(client, TABLE.to_owned()))
}

/// How the SDK is told of the table at `database_url`; all but the way there.
pub fn table_config(database_url: &str) -> aws_sdk_dynamodb::config::Builder {
    aws_sdk_dynamodb::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(REGION))
        .credentials_provider(Credentials::new("local", "local", None, None, "local"))
        .endpoint_url(database_url)
}
