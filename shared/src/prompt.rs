//! A prompt is a fresh signed link with the flow behind it: made for one click, at one instant,
//! without touching anything.
//!
//! The nonce is a MAC over what the prompt is for, so it cannot be guessed, and the same click
//! delivered twice makes the same flow, which is then already there.

use std::time::Duration;

use crate::{
    clock::Timestamp,
    flow::{Flow, FlowId, FlowPurpose, Stage},
    identity::{Installation, Organization, Person, Workspace},
    ids::{ChannelId, TeamId},
    job::Click,
    messages,
    routes::Urls,
    sealing::{Field, SealError, Sealer},
    signing::link::{LIFE, LinkClaims, Purpose, Signer},
    slack::reply_to::ReplyTo,
};

/// For so long a link is shown again that Slack may not have taken: a third of its life.
const FRESH: Duration = Duration::from_mins(5);

/// A signed link and the flow it opens.
#[derive(Debug, Clone)]
pub struct Prompt {
    /// To be written before the link is shown.
    pub flow: Flow,
    /// To be shown.
    pub url: String,
}

/// Who is asked, and about what.
#[derive(Debug, Clone)]
pub struct Asked<'a> {
    /// Whose Slack side it is about.
    pub person: &'a Person,
    /// What Slack calls them.
    pub person_name: &'a str,
    /// The app in the workspace.
    pub installation: &'a Installation,
    /// The workspace.
    pub team: Option<TeamId>,
    /// Where the prompt is shown.
    pub channel: Option<ChannelId>,
    /// The organization it is about.
    pub organization: &'a Organization,
    /// The person's epoch.
    pub epoch: u64,
    /// Where the notice goes.
    pub reply_to: &'a ReplyTo,
    /// The click that is to be carried out after linking.
    pub click: Option<&'a Click>,
    /// What makes this prompt this one: the same twice is the same prompt.
    pub occasion: &'a str,
}

impl<'a> Asked<'a> {
    /// Asked because of a click.
    pub fn by_click(
        click: &'a Click,
        installation: &'a Installation,
        epoch: u64,
        reply_to: &'a ReplyTo,
        occasion: &'a str,
    ) -> Self {
        Self {
            person: &click.person,
            person_name: &click.person_name,
            installation,
            team: click.team.clone(),
            channel: click.alert.channel.clone(),
            organization: &click.organization,
            epoch,
            reply_to,
            // What only fills a modal does not wait: its three seconds are over long before the link.
            click: Some(click).filter(|click| !click.only_fills_a_modal()),
            occasion,
        }
    }
}

/// The occasion of a prompt that is tried until Slack takes it, which may be longer than a link lives.
/// What was made a moment ago is shown again; later there is another, so that nobody is shown a link
/// whose time is nearly over.
pub fn tried(occasion: &str, since: Timestamp, now: Timestamp) -> String {
    format!("{occasion} {}", now.since(since).as_secs() / FRESH.as_secs())
}

/// Makes prompts, at one instant.
#[derive(Debug, Clone, Copy)]
pub struct Prompter<'a> {
    /// Signs the links.
    pub signer: &'a Signer,
    /// Seals what waits behind them.
    pub sealer: &'a Sealer,
    /// Spells them.
    pub urls: &'a Urls,
    /// The instant.
    pub now: Timestamp,
}

impl Prompter<'_> {
    /// A link for `purpose`. A click waits behind a link to link, never behind one to unlink.
    pub fn prompt(&self, asked: &Asked<'_>, purpose: FlowPurpose) -> Result<Prompt, SealError> {
        let key = match purpose {
            FlowPurpose::Link => Purpose::Link,
            FlowPurpose::Unlink => Purpose::Unlink,
        };
        let person = asked.person;
        let occasion = ["nonce", asked.occasion, person.tenant.as_str(), person.user.as_str()];
        let nonce = self.signer.tag(key, &occasion).ok_or(SealError::Unavailable)?;
        let flow = self.flow(asked, purpose, &nonce)?;
        let claims = LinkClaims {
            nonce,
            tenant: person.tenant.clone(),
            user: person.user.clone(),
            organization: asked.organization.id.clone(),
            channel: asked.channel.clone(),
            epoch: asked.epoch,
            issued: self.now,
            expires: flow.expires,
        };
        let token = self.signer.sign(key, &claims).ok_or(SealError::Unavailable)?;
        let url = match purpose {
            FlowPurpose::Link => self.urls.link_identity(&token),
            FlowPurpose::Unlink => self.urls.unlink_identity(&token),
        };
        Ok(Prompt { flow, url })
    }

    fn flow(
        &self,
        asked: &Asked<'_>,
        purpose: FlowPurpose,
        nonce: &str,
    ) -> Result<Flow, SealError> {
        let owner = asked.person.owner();
        let waiting = asked.click.filter(|_| purpose == FlowPurpose::Link);
        let click = waiting.map(|click| self.sealer.seal_json(owner, Field::Click, click));
        Ok(Flow {
            id: FlowId::of_nonce(nonce),
            purpose,
            person: asked.person.clone(),
            person_name: asked.person_name.to_owned(),
            tenant: asked.installation.tenant.clone(),
            workspace: Workspace {
                team: asked.team.clone(),
                name: asked.installation.name.clone(),
            },
            channel: asked.channel.clone(),
            organization: asked.organization.clone(),
            epoch: asked.epoch,
            installation_epoch: asked.installation.epoch,
            stage: Stage::Offered,
            browser: None,
            slack_proven: false,
            account: None,
            link_token: None,
            click: click.transpose()?,
            click_words: waiting.map(|click| messages::click_in_words(&click.change, None)),
            reply_to: Some(self.sealer.seal_json(owner, Field::ReplyTo, asked.reply_to)?),
            expires: self.now.plus(LIFE),
            version: 0,
        })
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use serde_json::json;
    use url::Url;

    use super::*;
    use crate::{
        ids::{SlackUserId, Tenant},
        job::tests::a_click,
        secret::Secret,
        signing::link::LinkError,
    };

    const NOW: Timestamp = Timestamp::from_secs(1_700_000_000);
    const KEY: &str = "a-master-key-of-thirty-two-chars";

    #[test]
    fn the_same_occasion_makes_the_same_flow_whenever_it_comes() {
        let first = a_prompt(FlowPurpose::Link);

        let again = prompt(&click(), "click-1", NOW.plus(Duration::from_secs(2)));

        assert_eq!(again.flow.id, first.flow.id);
        assert_eq!(claims(&again, Purpose::Link).nonce, claims(&first, Purpose::Link).nonce);
    }

    #[test]
    fn what_is_tried_again_is_the_same_occasion_until_a_third_of_a_links_life_is_over() {
        let tried_at = |secs| tried("click-1", NOW, NOW.plus(Duration::from_secs(secs)));

        assert_eq!(tried_at(299), tried_at(0));
        assert_ne!(tried_at(300), tried_at(0));
        assert_eq!(FRESH * 3, LIFE);
    }

    #[test]
    fn another_occasion_person_or_purpose_makes_another_flow() {
        let first = a_prompt(FlowPurpose::Link);
        let mut bobs = click();
        bobs.person.user = SlackUserId::parse("U0BOB00001").unwrap();
        let mut strangers = click();
        strangers.person.tenant = Tenant::parse("T0OTHER001").unwrap();

        for (what, other) in [
            ("occasion", prompt(&click(), "click-2", NOW)),
            ("user", prompt(&bobs, "click-1", NOW)),
            ("tenant", prompt(&strangers, "click-1", NOW)),
            ("purpose", a_prompt(FlowPurpose::Unlink)),
        ] {
            assert_ne!(other.flow.id, first.flow.id, "{what}");
        }
    }

    #[test]
    fn a_nonce_cannot_be_made_without_our_key() {
        let ours = a_prompt(FlowPurpose::Link);

        let theirs = keyed_prompt(&["another-key"], &[KEY]).unwrap();

        assert_ne!(theirs.flow.id, ours.flow.id);
    }

    #[test]
    fn a_click_waits_sealed_behind_a_link_to_link() {
        let flow = a_prompt(FlowPurpose::Link).flow;
        let sealed = flow.click.unwrap();

        let opened: Result<Click, _> =
            sealer(&[KEY]).open_json(click().person.owner(), Field::Click, &sealed);

        assert_eq!(opened, Ok(click()));
        assert_eq!(flow.click_words.as_deref(), Some("resolve this issue"));
    }

    #[test]
    fn no_click_waits_behind_a_link_to_unlink() {
        let flow = a_prompt(FlowPurpose::Unlink).flow;

        assert_eq!(flow.purpose, FlowPurpose::Unlink);
        assert_eq!(flow.click, None);
        assert_eq!(flow.click_words, None);
    }

    #[test]
    fn who_asks_without_a_click_has_none_waiting() {
        let (click, installation) = (click(), an_installation());
        let reply_to = reply_to();
        let asked = Asked {
            click: None,
            ..Asked::by_click(&click, &installation, 3, &reply_to, "command-1")
        };

        let flow = make(&asked, FlowPurpose::Link, NOW).flow;

        assert_eq!(flow.click, None);
        assert_eq!(flow.click_words, None);
    }

    #[test]
    fn the_notice_finds_its_way_back_after_either() {
        for purpose in [FlowPurpose::Link, FlowPurpose::Unlink] {
            let sealed = a_prompt(purpose).flow.reply_to.unwrap();

            let opened: Result<ReplyTo, _> =
                sealer(&[KEY]).open_json(click().person.owner(), Field::ReplyTo, &sealed);

            assert_eq!(opened, Ok(reply_to()), "{purpose:?}");
        }
    }

    #[test]
    fn a_fresh_flow_is_about_the_click_and_nothing_is_proven() {
        let click = click();

        let flow = a_prompt(FlowPurpose::Link).flow;

        assert_eq!(flow.person, click.person);
        assert_eq!(flow.person_name, "alice");
        assert_eq!(flow.tenant, an_installation().tenant);
        assert_eq!(flow.workspace, Workspace { team: click.team, name: "Acme".into() });
        assert_eq!(flow.channel, click.alert.channel);
        assert_eq!(flow.organization, click.organization);
        assert_eq!((flow.epoch, flow.version), (3, 0));
        assert_eq!(flow.expires, NOW.plus(LIFE));
        assert_eq!(flow.stage, Stage::Offered);
        assert_eq!((flow.browser, flow.slack_proven, flow.account), (None, false, None));
        assert_eq!(flow.link_token, None);
    }

    #[test]
    fn the_link_says_what_its_flow_says() {
        for (purpose, key) in PURPOSES {
            let prompt = a_prompt(purpose);
            let flow = &prompt.flow;

            let claims = claims(&prompt, key);

            assert_eq!(FlowId::of_nonce(&claims.nonce), flow.id);
            assert_eq!((&claims.tenant, &claims.user), (&flow.person.tenant, &flow.person.user));
            assert_eq!(claims.organization, flow.organization.id);
            assert_eq!(claims.channel, flow.channel);
            assert_eq!(claims.epoch, flow.epoch);
            assert_eq!((claims.issued, claims.expires), (NOW, flow.expires));
        }
    }

    #[test]
    fn the_link_opens_for_its_purpose_only() {
        for (purpose, own) in PURPOSES {
            let prompt = a_prompt(purpose);
            for key in Purpose::ALL {
                let opened: Result<LinkClaims, _> = signer(&[KEY]).open(key, token(&prompt), NOW);

                let refused = (key != own).then_some(LinkError::Mismatch);
                assert_eq!(opened.err(), refused, "{purpose:?} as {key:?}");
            }
        }
    }

    #[test]
    fn the_link_leads_to_the_page_of_its_purpose() {
        let url = |purpose| a_prompt(purpose).url;

        assert!(url(FlowPurpose::Link).starts_with("https://belay.example.com/link-identity/v1."));
        assert!(
            url(FlowPurpose::Unlink).starts_with("https://belay.example.com/unlink-identity/v1.")
        );
    }

    #[test]
    fn without_a_key_there_is_no_prompt() {
        for (signing, sealing) in [(vec![], vec![KEY]), (vec![KEY], vec![])] {
            let prompt = keyed_prompt(&signing, &sealing);

            assert_eq!(prompt.err(), Some(SealError::Unavailable), "{signing:?} {sealing:?}");
        }
    }

    const PURPOSES: [(FlowPurpose, Purpose); 2] =
        [(FlowPurpose::Link, Purpose::Link), (FlowPurpose::Unlink, Purpose::Unlink)];

    /// A click of somebody whose home is not the installation's.
    fn click() -> Click {
        let mut click = a_click();
        click.person.tenant = Tenant::parse("T0PARTNER1").unwrap();
        click.alert.channel = ChannelId::parse("C0ALERTS01").ok();
        click
    }

    fn a_prompt(purpose: FlowPurpose) -> Prompt {
        let (click, installation, reply_to) = (click(), an_installation(), reply_to());
        make(&Asked::by_click(&click, &installation, 3, &reply_to, "click-1"), purpose, NOW)
    }

    fn prompt(click: &Click, occasion: &str, now: Timestamp) -> Prompt {
        let (installation, reply_to) = (an_installation(), reply_to());
        let asked = Asked::by_click(click, &installation, 3, &reply_to, occasion);
        make(&asked, FlowPurpose::Link, now)
    }

    fn make(asked: &Asked<'_>, purpose: FlowPurpose, now: Timestamp) -> Prompt {
        let (signer, sealer, urls) = (signer(&[KEY]), sealer(&[KEY]), urls());
        Prompter { signer: &signer, sealer: &sealer, urls: &urls, now }
            .prompt(asked, purpose)
            .unwrap()
    }

    fn keyed_prompt(signing: &[&str], sealing: &[&str]) -> Result<Prompt, SealError> {
        let (click, installation, reply_to) = (click(), an_installation(), reply_to());
        let asked = Asked::by_click(&click, &installation, 3, &reply_to, "click-1");
        let (signer, sealer, urls) = (signer(signing), sealer(sealing), urls());
        let prompter = Prompter { signer: &signer, sealer: &sealer, urls: &urls, now: NOW };
        prompter.prompt(&asked, FlowPurpose::Link)
    }

    fn claims(prompt: &Prompt, key: Purpose) -> LinkClaims {
        signer(&[KEY]).open(key, token(prompt), NOW).unwrap()
    }

    fn token(prompt: &Prompt) -> &str {
        prompt.url.rsplit('/').next().unwrap()
    }

    fn signer(keys: &[&str]) -> Signer {
        Signer::new(keys.iter().map(|key| Secret::new(*key)).collect())
    }

    fn sealer(keys: &[&str]) -> Sealer {
        Sealer::new(keys.iter().map(|key| Secret::new(*key)).collect())
    }

    fn urls() -> Urls {
        Urls::new(Url::parse("https://belay.example.com").unwrap())
    }

    fn reply_to() -> ReplyTo {
        ReplyTo::click(&click().person.user, &click().alert, None, NOW)
    }

    /// The app in Acme's workspace.
    pub(crate) fn an_installation() -> Installation {
        serde_json::from_value(json!({
            "tenant": "T0ACME0001", "bot_token": "s1.x.bot", "scopes": ["chat:write"],
            "app_id": "A0BELAY001", "bot_user": "U0BELAY001", "installer": "U0ADMIN001",
            "name": "Acme", "icon": null, "domain": "acme",
            "organizations": [{"id": "1", "slug": "acme", "name": "Acme Inc"}],
            "status": "ACTIVE", "installed_at": 0,
        }))
        .unwrap()
    }
}
