//! A bundle without functions: its parts find one another.

use shared::{ids::Tenant, store::ChangeInstallation};
use url::Url;

use super::*;
use crate::{installation, plain_http, scratch::Directory, slack::TEAM};

#[tokio::test]
async fn every_part_answers_at_its_address_until_it_is_stopped() {
    let bundle = Bundle::start(Options::new(Binaries::new())).await.unwrap();
    let addresses = bundle.addresses.clone();
    let pages = [&addresses.slack, &addresses.sentry, &addresses.sqs, &addresses.database];

    for page in pages {
        let answer = plain_http::send("GET", &format!("{page}/"), "", "").await;
        assert_eq!(answer.status, 200, "{page}");
    }
    bundle.stop().await;

    let authority = addresses.database.strip_prefix("http://").unwrap();
    assert!(tokio::net::TcpStream::connect(authority).await.is_err());
}

#[tokio::test]
async fn the_stand_ins_send_browsers_back_to_the_gateway() {
    let bundle = Bundle::start(Options::new(Binaries::new())).await.unwrap();
    let Addresses { public, slack, .. } = &bundle.addresses;
    let client = &bundle.secrets.slack_client_id;
    let mut authorize = Url::parse(&format!("{slack}/openid/connect/authorize")).unwrap();
    authorize.query_pairs_mut().extend_pairs([
        ("client_id", client.as_str()),
        ("redirect_uri", &format!("{public}/sign-in/slack")),
        ("response_type", "code"),
        ("scope", "openid"),
        ("state", "s"),
    ]);

    let location = bundle.slack.authorize("U0ALICE001", authorize.as_str()).unwrap();

    assert!(location.starts_with(&format!("{public}/sign-in/slack?")), "{location}");
    bundle.stop().await;
}

#[tokio::test]
async fn a_bare_bundle_begins_without_the_app_also_where_it_was_installed_before() {
    let directory = Directory::new();
    let options =
        Options { database: Some(directory.path().join("a.db")), ..Options::new(Binaries::new()) };
    Bundle::start(options.clone()).await.unwrap().stop().await;

    let bundle = Bundle::start(Options { bare: true, ..options }).await.unwrap();

    let store = installation::store(&bundle.addresses.database).unwrap();
    let stored = store.installation(&Tenant::parse(TEAM).unwrap()).await.unwrap();
    assert!(!stored.unwrap().is_active());
    assert!(!bundle.slack.is_installed());
    bundle.stop().await;
}
