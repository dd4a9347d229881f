//! Alice, linked as the product would link her: her token comes from Sentry, sealed by the bundle's key.

use shared::{
    clock::{Clock, SystemClock, Timestamp},
    flow::{Flow, FlowId, FlowPurpose, Stage},
    identity::{Identity, Organization, Person, Tokens, Workspace},
    ids::{InvalidId, OrganizationId, SlackUserId, TeamId, Tenant},
    sealing::{SealError, Sealer},
    secret::Secret,
    sentry::{
        client::{SentryClient, SentryError},
        oauth::{SCOPES, SentryOauth, SignedIn, new_verifier},
    },
    signing::NoRandomness,
    store::{LinkIdentity, LinkWrite, Linked, OpenFlow, StoreError},
    transport::{self, TransportError},
};
use url::Url;

use crate::{
    bundle::Bundle,
    installation,
    slack::{TEAM, TEAM_NAME},
};

/// Who clicks.
pub(super) const ALICE: &str = "U0ALICE001";
/// Her account in Sentry.
const ALICES: &str = "101";

/// Why she is not linked.
#[derive(Debug, thiserror::Error)]
pub enum LinkError {
    /// An id that is none.
    #[error("the stand-ins' ids are not valid")]
    Id(#[from] InvalidId),
    /// No client.
    #[error("there is no client")]
    Transport(#[from] TransportError),
    /// No verifier.
    #[error(transparent)]
    Random(#[from] NoRandomness),
    /// Sentry's stand-in is at no address.
    #[error("Sentry's stand-in has no address")]
    Address(#[from] url::ParseError),
    /// Sentry's stand-in gives no code.
    #[error("Sentry's stand-in refused: {0}")]
    Refused(String),
    /// It gives no token.
    #[error("Sentry's stand-in gave no token")]
    Sentry(#[from] SentryError),
    /// The token cannot be sealed.
    #[error("the token cannot be sealed")]
    Seal(#[from] SealError),
    /// The table does not take it.
    #[error("the table does not take it")]
    Store(#[from] StoreError),
    /// The table holds something else.
    #[error("the link was not made: {0:?}")]
    NotLinked(Linked),
}

/// Links Alice's account.
pub(super) async fn link_alice(bundle: &Bundle) -> Result<(), LinkError> {
    let person = Person { tenant: Tenant::parse(TEAM)?, user: SlackUserId::parse(ALICE)? };
    let signed_in = sign_in(bundle).await?;
    let identity = Identity {
        tokens: sealed(bundle, &person, &signed_in)?,
        person,
        account: signed_in.account,
        link_id: "load".to_owned(),
        linked_at: SystemClock.now(),
        refresh_lease: Timestamp::from_millis(0),
    };
    let store = installation::store(&bundle.addresses.database)?;
    let flow = flow(&identity)?;
    store.open_flow(&flow).await?;
    let write = LinkWrite { flow: flow.used(), identity, job: None, now: SystemClock.now() };
    match store.link(&write).await? {
        Linked::Yes => Ok(()),
        other => Err(LinkError::NotLinked(other)),
    }
}

/// Through Sentry's own pages and token endpoint.
async fn sign_in(bundle: &Bundle) -> Result<SignedIn, LinkError> {
    let base = Url::parse(&bundle.addresses.sentry)?;
    let client = SentryClient::new(transport::client(None)?, base, http::HeaderMap::new());
    let back = format!("{}/sign-in/sentry", bundle.addresses.public);
    let (id, verifier) = (&bundle.secrets.sentry_client_id, new_verifier()?);
    let url = client.authorize_url(id, &SCOPES, &back, "state", &verifier);
    let location = bundle.sentry.authorize(ALICES, &url).map_err(LinkError::Refused)?;
    let location = Url::parse(&location)?;
    let code = location.query_pairs().find(|(name, _)| name == "code");
    let code = code.map(|(_, code)| code.into_owned()).unwrap_or_default();
    let client_secret = Secret::new(&bundle.secrets.sentry_client_secret);
    let oauth = SentryOauth { client_id: id.clone(), client_secret };
    Ok(client.sign_in(&oauth, &code, &back, &verifier).await?)
}

fn sealed(bundle: &Bundle, person: &Person, signed_in: &SignedIn) -> Result<Tokens, SealError> {
    let sealer = Sealer::new(vec![Secret::new(&bundle.secrets.token_key)]);
    signed_in.grant.sealed(&sealer, person.owner(), SystemClock.now())
}

fn flow(identity: &Identity) -> Result<Flow, LinkError> {
    Ok(Flow {
        id: FlowId::of_nonce("load"),
        purpose: FlowPurpose::Link,
        person: identity.person.clone(),
        person_name: "alice".to_owned(),
        tenant: identity.person.tenant.clone(),
        workspace: Workspace { team: TeamId::parse(TEAM).ok(), name: TEAM_NAME.to_owned() },
        channel: None,
        organization: Organization {
            id: OrganizationId::parse("1")?,
            slug: "acme".to_owned(),
            name: "Acme Inc".to_owned(),
        },
        epoch: 0,
        installation_epoch: 0,
        stage: Stage::Proven,
        browser: None,
        slack_proven: true,
        account: None,
        link_token: None,
        click: None,
        click_words: None,
        reply_to: None,
        expires: SystemClock.now().plus(std::time::Duration::from_mins(15)),
        version: 1,
    })
}
