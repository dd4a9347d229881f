//! Removals of Acme.

mod table;

use std::sync::{Arc, atomic::Ordering};

use shared::{
    clock::{ManualClock, SystemClock, Timestamp},
    identity::Installation,
    sealing::Sealer,
    secret::Secret,
    slack::{
        client::{SlackClient, SlackOauth},
        response_url::Hooks,
    },
    transport,
};
use url::Url;

use self::table::Table;
use super::*;
use crate::{
    installation,
    server::{self, Server},
    slack::{Settings, Slack},
};

const NOW: Timestamp = Timestamp::from_secs(1_700_000_000);
const BOT_TOKEN: &str = "xoxb-1";

fn sealer() -> Sealer {
    Sealer::new(vec![Secret::new("k".repeat(32))])
}

fn acme() -> Installation {
    installation::installation(&sealer(), BOT_TOKEN, NOW).unwrap()
}

/// Slack with the app in it, and who can uninstall it there.
async fn slack() -> (Slack, InSlack, Server) {
    let place = server::listen(0).await.unwrap();
    let origin = server::origin(&place).unwrap();
    let url = Url::parse(&origin).unwrap();
    let slack = Slack::new(Settings {
        clock: Arc::new(SystemClock),
        signing_secret: "s".repeat(32),
        client_id: "1.2".into(),
        client_secret: "secret".into(),
        bot_token: BOT_TOKEN.into(),
        redirect_uris: Vec::new(),
        base_url: origin,
        sentry_url: "http://sentry.test".into(),
    });
    let client = SlackClient::new(transport::client(None).unwrap(), url.clone(), Hooks::new(&url));
    let oauth = SlackOauth { client_id: "1.2".into(), client_secret: Secret::new("secret") };
    let server = Server::start(place, slack.router());
    (slack, InSlack { client, oauth, sealer: sealer() }, server)
}

/// Removes Acme from the table, typing this; what was said.
async fn remove(
    table: &Table,
    slack: Result<InSlack, String>,
    typed: Option<&str>,
) -> (Result<(), RemovalError>, String) {
    let (tenant, mut output) = (acme().tenant, Vec::new());
    let removal = Removal {
        tenant: &tenant,
        store: table.clone(),
        slack,
        clock: ManualClock::at(NOW),
        output: &mut output,
    };
    let input = typed.unwrap_or_default().as_bytes();
    let done = removal.run(typed.is_none(), input).await;
    (done, String::from_utf8(output).unwrap())
}

fn no_slack() -> Result<InSlack, String> {
    Err("setting SLACK_CLIENT_ID is missing".into())
}

#[tokio::test]
async fn the_workspace_its_people_and_the_app_in_slack_are_gone() {
    let table = Table::with_people(120).await;
    let (slack, in_slack, _server) = slack().await;

    let (done, said) = remove(&table, Ok(in_slack), Some("Acme\n")).await;

    assert!(done.is_ok(), "{done:?}");
    assert!(!slack.is_installed());
    assert_eq!(table.people(), 0);
    assert!(table.stored().is_forgotten());
    assert_eq!(table.audit(), [(Some("operator".into()), "remove".into())]);
    for words in ["Acme (T0ACME0001)", "Acme Inc", "people linked  120", "50 of 120", "120 of 120"]
    {
        assert!(said.contains(words), "{words}: {said}");
    }
}

#[tokio::test]
async fn another_name_removes_nothing() {
    for typed in ["", "\n", "acme\n", "yes\n"] {
        let table = Table::with_people(1).await;
        let before = table.stored();

        let (done, _) = remove(&table, no_slack(), Some(typed)).await;

        assert!(matches!(done, Err(RemovalError::NotConfirmed)), "{typed:?}");
        assert_eq!((table.stored(), table.people()), (before, 1), "{typed:?}");
    }
}

#[tokio::test]
async fn what_slack_does_not_do_is_said_with_what_to_do_by_hand() {
    let (_, in_slack, server) = slack().await;
    drop(server);
    let wrong_key = Sealer::new(vec![Secret::new("w".repeat(32))]);
    let (_, reachable, _server) = self::slack().await;
    let cases = [no_slack(), Ok(in_slack), Ok(InSlack { sealer: wrong_key, ..reachable })];

    for slack in cases {
        let table = Table::with_people(1).await;

        let (done, said) = remove(&table, slack, None).await;

        assert!(done.is_ok() && said.contains("by hand"), "{said}");
        assert!(table.stored().is_forgotten() && table.people() == 0, "{said}");
    }
}

#[tokio::test]
async fn an_app_that_slack_does_not_know_any_more_needs_no_hand() {
    let table = Table::with_people(0).await;
    let (slack, in_slack, _server) = slack().await;
    slack.uninstall();

    let (_, said) = remove(&table, Ok(in_slack), None).await;

    assert!(said.contains("removed there already"), "{said}");
}

#[tokio::test]
async fn after_an_interruption_it_is_finished() {
    let table = Table::with_people(120).await;
    table.patience.store(70, Ordering::Relaxed);
    let (interrupted, _) = remove(&table, no_slack(), None).await;
    assert!(matches!(interrupted, Err(RemovalError::Deployment(_))));
    assert!(!table.stored().is_active(), "nobody links while it lies half-done");
    table.patience.store(usize::MAX, Ordering::Relaxed);

    let (done, said) = remove(&table, no_slack(), Some("Acme\n")).await;

    assert!(done.is_ok() && said.contains("people linked  50"), "{said}");
    assert_eq!((table.people(), table.stored().is_forgotten()), (0, true));
}

#[tokio::test]
async fn a_second_time_there_is_nothing_to_do() {
    let table = Table::with_people(1).await;
    remove(&table, no_slack(), None).await.0.unwrap();
    let forgotten = table.stored();

    let (done, said) = remove(&table, no_slack(), None).await;

    assert!(done.is_ok());
    assert_eq!(said, "Nothing is kept about T0ACME0001.\n");
    assert_eq!((table.stored(), table.audit().len()), (forgotten, 1));
}

#[tokio::test]
async fn it_holds_its_own_against_others_for_a_while() {
    for (rivals, wins) in [(4, true), (5, false)] {
        let table = Table::with_people(1).await;
        table.rivals.store(rivals, Ordering::Relaxed);

        let (done, _) = remove(&table, no_slack(), None).await;

        assert_eq!(done.is_ok(), wins, "{rivals}: {done:?}");
    }
}

#[tokio::test]
async fn an_installation_that_was_made_meanwhile_is_not_forgotten() {
    let table = Table::with_people(0).await;
    let (tenant, clock) = (acme().tenant, ManualClock::at(NOW));
    let steps = Steps { tenant: &tenant, store: &table, clock: &clock };

    let forgotten = steps.forget().await;

    assert!(matches!(forgotten, Err(RemovalError::InstalledAgain)));
    assert!(table.stored().is_active());
}
