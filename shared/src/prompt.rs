//! A prompt is a fresh signed link with the flow behind it: made for one click, at one instant,
//! without touching anything.
//!
//! The nonce is a MAC over what the prompt is for, so it cannot be guessed, and the same click
//! delivered twice makes the same flow, which is then already there.

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
    slack::reply::ReplyTo,
};

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
            click: Some(click),
            occasion,
        }
    }
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
