//! `POST /command`: what is typed as `/sentry …`, and what comes back in the answer itself.

use command::Command;
use local::slack::SignedRequest;
use serde_json::{Value, json};
use shared::{
    audit,
    clock::ManualClock,
    flow::Flow,
    http::serve,
    identity::{Installation, InstallationStatus, Organization, Person},
    ids::{OrganizationId, Tenant},
    store::{
        ChangeInstallation, Clicker, Created, LoadClicker, OpenFlow, SaveInstallation, StoreError,
        Written,
    },
};
use url::form_urlencoded;

use crate::{
    abuse::{
        answer::{Kind, assert_answer},
        before::Before,
    },
    harness::{
        ALICE, ALICES, Answer, BOB, NOON, PUBLIC_URL, World, browser::Browser, event, event_to,
    },
};

#[tokio::test]
async fn who_is_not_linked_gets_a_link_in_the_answer_and_nothing_else_happens() {
    let world = World::new().await;

    let answer = world.command(ALICE, "link").await;

    let reply = envelope(&answer);
    assert!(words(&reply).contains("|Link your Slack identity>"), "{reply}");
    let [flow] = &flows(&world)[..] else { panic!("{:?}", flows(&world)) };
    assert_eq!((flow.person.user.as_str(), flow.organization.id.as_str()), (ALICE, "1"));
    assert_eq!((&flow.click, flow.reply_to.is_some()), (&None, true));
    assert_eq!(world.calls(), 0);
}

#[tokio::test]
async fn the_link_links_and_the_notice_comes_to_where_the_command_was_typed() {
    let world = World::new().await;
    let link = links(&world.command(ALICE, "link").await).remove(0);

    let done = Browser::of(&world, ALICE, ALICES).link(&link).await;

    assert_eq!(done.status, 200, "{}", done.body);
    assert_eq!(world.rows().identities.len(), 1);
    assert!(world.rows().jobs.is_empty());
    assert!(world.newest_words(ALICE).contains("good to go"), "{}", world.newest_words(ALICE));
}

#[tokio::test]
async fn the_same_command_delivered_twice_is_the_same_prompt() {
    let world = World::new().await;
    let request = world.slack.command(ALICE, "/sentry", "link").unwrap();

    let first = world.dispatch(&event_to("/command", &request)).await;
    let second = world.dispatch(&event_to("/command", &request)).await;

    assert_eq!(links(&first), links(&second));
    assert_eq!(flows(&world).len(), 1);
}

#[tokio::test]
async fn a_command_typed_again_is_another_prompt() {
    let world = World::new().await;

    let first = world.command(ALICE, "link").await;
    let second = world.command(ALICE, "link").await;

    assert_ne!(links(&first), links(&second));
    assert_eq!(flows(&world).len(), 2);
}

#[tokio::test]
async fn among_several_organizations_the_person_picks() {
    let world = World::new().await;
    with_organizations(&world, &[("1", "Acme Inc"), ("2", "Umbrella <Corp>")]).await;

    let answer = world.command(ALICE, "link").await;

    let reply = envelope(&answer);
    assert!(words(&reply).contains("|Acme Inc>"), "{reply}");
    assert!(words(&reply).contains("|Umbrella &lt;Corp&gt;>"), "{reply}");
    let links = links(&answer);
    assert_eq!((links.len(), flows(&world).len()), (2, 2));
    let done = Browser::of(&world, ALICE, ALICES).link(&links[0]).await;
    assert_eq!(done.status, 200, "{}", done.body);
}

#[tokio::test]
async fn after_one_of_several_links_was_used_the_others_are_too_old() {
    let world = World::new().await;
    with_organizations(&world, &[("1", "Acme Inc"), ("2", "Umbrella")]).await;
    let links = links(&world.command(ALICE, "link").await);
    Browser::of(&world, ALICE, ALICES).link(&links[0]).await;

    let other = Browser::of(&world, ALICE, ALICES).get(&links[1]).await;

    assert_eq!(other.status, 410, "{}", other.body);
}

#[tokio::test]
async fn a_workspace_without_an_organization_has_nothing_to_link_for() {
    let world = World::new().await;
    with_organizations(&world, &[]).await;

    let answer = world.command(ALICE, "link").await;

    assert!(words(&envelope(&answer)).contains("not connected to a Sentry organization"));
    assert!(flows(&world).is_empty());
}

#[tokio::test]
async fn who_is_linked_is_told_as_whom() {
    let world = World::with_linked(ALICE, ALICES).await;
    let before = world.rows();

    let answer = world.command(ALICE, " LINK ").await;

    let reply = envelope(&answer);
    assert!(words(&reply).starts_with("You are already linked as `alice@acme.example`."));
    assert!(words(&reply).contains("`/sentry unlink`"));
    assert_eq!(world.rows(), before);
}

#[tokio::test]
async fn unlinking_names_the_account_and_asks_with_a_button() {
    let world = World::with_linked(ALICE, ALICES).await;
    let before = world.rows();
    let identity = before.identities.values().next().unwrap();

    let answer = world.command(ALICE, "unlink").await;

    let reply = envelope(&answer);
    assert!(words(&reply).contains("alice@acme.example"), "{reply}");
    let button = &reply["blocks"][1]["elements"][0];
    assert_eq!(button["action_id"], "unlink_identity");
    assert_eq!(button["value"], identity.link_id.as_str());
    assert_eq!(world.rows(), before);
}

#[tokio::test]
async fn who_is_not_linked_has_nothing_to_unlink() {
    let world = World::with_linked(ALICE, ALICES).await;

    let answer = world.command(BOB, "unlink").await;

    let reply = envelope(&answer);
    assert_eq!(words(&reply), "You do not have a linked identity to unlink.");
    assert_eq!(reply.get("blocks"), None);
}

#[tokio::test]
async fn whoami_tells_the_linked_what_is_known_and_the_others_how_to_link() {
    let world = World::with_linked(ALICE, ALICES).await;

    let alices = words(&envelope(&world.command(ALICE, "whoami").await)).to_owned();
    let bobs = words(&envelope(&world.command(BOB, "whoami").await)).to_owned();

    let since = format!("since <!date^{}^", NOON.secs());
    for said in
        ["(alice@acme.example)", &since, "is good until <!date^", "*Acme Inc*", "for 90 days"]
    {
        assert!(alices.contains(said), "{said} in {alices}");
    }
    assert!(bobs.contains("not linked") && bobs.contains("`/sentry link`"), "{bobs}");
}

#[tokio::test]
async fn help_lists_the_commands_and_an_unknown_one_is_repeated_harmlessly() {
    let world = World::new().await;

    let help = words(&envelope(&world.command(ALICE, "help").await)).to_owned();
    let nothing = words(&envelope(&world.command(ALICE, "").await)).to_owned();
    let unknown = words(&envelope(&world.command(ALICE, "<!channel>`").await)).to_owned();

    for command in ["link", "unlink", "whoami", "help"] {
        assert!(help.contains(&format!("`/sentry {command}`")), "{help}");
    }
    assert_eq!(nothing, help);
    assert_eq!(unknown, format!("Unknown command: `&lt;!channel&gt;'`\n{help}"));
}

#[tokio::test]
async fn in_a_workspace_without_the_app_a_person_is_told_so() {
    let world = World::new().await;
    let elsewhere = form(&[("team_id", Some("T0OTHER001"))]);
    let unknown = deliver(&world, &world.slack.sign(&elsewhere)).await;
    let disabled = Installation { status: InstallationStatus::Disabled, ..installation(&world) };
    world.store.save_installation(&disabled).await.unwrap();

    let removed = world.command(ALICE, "link").await;

    for answer in [unknown, removed] {
        let reply = envelope(&answer);
        assert!(words(&reply).contains("not installed in this workspace"), "{reply}");
    }
    assert!(flows(&world).is_empty());
}

#[tokio::test]
async fn an_org_wide_installation_is_found_by_its_enterprise() {
    let world = World::new().await;
    let tenant = Tenant::parse("E0GRID0001").unwrap();
    let org_wide = Installation { tenant, ..installation(&world) };
    world.store.save_installation(&org_wide).await.unwrap();
    let body = form(&[
        ("team_id", Some("T0OTHER001")),
        ("enterprise_id", Some("E0GRID0001")),
        ("is_enterprise_install", Some("true")),
    ]);

    let answer = deliver(&world, &world.slack.sign(&body)).await;

    assert_eq!(links(&answer).len(), 1);
    assert_eq!(flows(&world)[0].person.tenant.as_str(), "E0GRID0001");
}

#[tokio::test]
async fn what_slack_did_not_sign_is_refused_whatever_it_says() {
    let world = World::new().await;
    let mut forged = world.slack.command(ALICE, "/sentry", "link").unwrap();
    forged.body.extend(b"&text=unlink");
    let unsigned = event("POST", "/command", &json!({}), "ssl_check=1");
    let before = Before::of(&world);

    let answers = [deliver(&world, &forged).await, world.dispatch(&unsigned).await];

    for answer in answers {
        assert_answer(&answer, 401, Kind::Empty, "not signed");
    }
    before.assert_untouched(&world, "not signed");
}

#[tokio::test]
async fn a_signed_form_that_slack_would_not_send_is_refused() {
    let world = World::new().await;
    let before = Before::of(&world);
    let doubled = |name: &str| [form(&[]), format!("&{name}=T0ACME0001").into_bytes()].concat();
    for (what, body) in [
        ("no workspace", form(&[("team_id", None)])),
        ("no enterprise", form(&[("is_enterprise_install", Some("true"))])),
        ("nobody", form(&[("user_id", None)])),
        ("no person", form(&[("user_id", Some("<@U0ALICE001>"))])),
        ("two workspaces", doubled("team_id")),
        ("two people", doubled("user_id")),
        ("two texts", doubled("text")),
        ("a foreign way back", form(&[("response_url", Some("https://evil.example/"))])),
        ("nothing", Vec::new()),
        ("a click", b"payload=%7B%22type%22%3A%22block_actions%22%7D".to_vec()),
    ] {
        let answer = deliver(&world, &world.slack.sign(&body)).await;

        assert_answer(&answer, 400, Kind::Empty, what);
        before.assert_untouched(&world, what);
    }
}

#[tokio::test]
async fn a_look_at_the_certificate_is_acknowledged() {
    let world = World::new().await;
    let before = Before::of(&world);

    let answer = deliver(&world, &world.slack.sign(b"ssl_check=1&token=x")).await;

    assert_answer(&answer, 200, Kind::Empty, "ssl_check");
    before.assert_untouched(&world, "ssl_check");
}

#[tokio::test]
async fn when_the_table_is_down_the_person_is_told_in_words() {
    let world = World::new().await;
    let request = world.slack.command(ALICE, "/sentry", "whoami").unwrap();
    let event = serde_json::from_value(event_to("/command", &request)).unwrap();
    let command = without_a_table(&world);

    let answer = serve(event, &|request| command.handle(request)).await;

    assert_eq!(answer.status_code, 200);
    let Some(aws_lambda_events::encodings::Body::Text(body)) = answer.body else { panic!() };
    assert!(body.contains("Please try again"), "{body}");
}

/// A table that never answers.
struct Down;

impl LoadClicker for Down {
    async fn clicker(&self, _: &Tenant, _: &Person) -> Result<Clicker, StoreError> {
        Err(StoreError::Unavailable)
    }
}

impl OpenFlow for Down {
    async fn open_flow(&self, _: &Flow) -> Result<Created, StoreError> {
        Err(StoreError::Unavailable)
    }
}

impl ChangeInstallation for Down {
    async fn installation(&self, _: &Tenant) -> Result<Option<Installation>, StoreError> {
        Err(StoreError::Unavailable)
    }

    async fn change_installation(
        &self,
        _: &Installation,
        _: Option<&audit::Row>,
    ) -> Result<Written, StoreError> {
        Err(StoreError::Unavailable)
    }
}

fn without_a_table(world: &World) -> Command<Down, ManualClock> {
    let Command { verifier, signer, sealer, urls, hooks, clock, .. } = &world.command;
    Command {
        verifier: verifier.clone(),
        signer: signer.clone(),
        sealer: sealer.clone(),
        urls: urls.clone(),
        hooks: hooks.clone(),
        store: Down,
        clock: clock.clone(),
        audit: audit::KEPT,
    }
}

async fn deliver(world: &World, request: &SignedRequest) -> Answer {
    world.dispatch(&event_to("/command", request)).await
}

/// Alice's `/sentry link` with some fields set or left out.
fn form(changes: &[(&str, Option<&str>)]) -> Vec<u8> {
    let mut fields = vec![
        ("team_id", "T0ACME0001"),
        ("channel_id", "C0ALERTS01"),
        ("user_id", ALICE),
        ("user_name", "alice"),
        ("command", "/sentry"),
        ("text", "link"),
        ("trigger_id", "1.2.abc"),
    ];
    fields.retain(|(name, _)| !changes.iter().any(|(changed, _)| changed == name));
    let set = changes.iter().filter_map(|(name, value)| Some((*name, (*value)?)));
    form_urlencoded::Serializer::new(String::new())
        .extend_pairs(fields.into_iter().chain(set))
        .finish()
        .into_bytes()
}

/// The ephemeral message that the answer is.
fn envelope(answer: &Answer) -> Value {
    assert_answer(answer, 200, Kind::Json, "an answer");
    let reply: Value = serde_json::from_str(&answer.body).unwrap();
    assert_eq!(reply["response_type"], "ephemeral");
    assert_eq!(reply["replace_original"], false);
    assert_eq!(reply["delete_original"], false);
    reply
}

fn words(reply: &Value) -> &str {
    reply["text"].as_str().unwrap()
}

/// The links in an answer.
fn links(answer: &Answer) -> Vec<String> {
    let reply = envelope(answer);
    let links = words(&reply).split('<').filter(|part| part.starts_with(PUBLIC_URL));
    links.map(|part| part.split('|').next().unwrap().to_owned()).collect()
}

fn flows(world: &World) -> Vec<Flow> {
    world.rows().flows.into_values().collect()
}

fn installation(world: &World) -> Installation {
    world.rows().installations.into_values().next().unwrap()
}

async fn with_organizations(world: &World, organizations: &[(&str, &str)]) {
    let organization = |(id, name): &(&str, &str)| Organization {
        id: OrganizationId::parse(id).unwrap(),
        slug: if *id == "1" { "acme".into() } else { format!("organization-{id}") },
        name: (*name).into(),
    };
    let organizations = organizations.iter().map(organization).collect();
    let bound = Installation { organizations, ..installation(world) };
    world.store.save_installation(&bound).await.unwrap();
}
