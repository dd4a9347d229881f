//! A browser at a signed link: what it holds, and whether the flow behind it can still be finished.
//!
//! The order is the one in which less is given away: the signature first (no I/O for a forgery),
//! then whether the flow is over (only the browser that finished it is told how), then whether a
//! newer link or unlink has overtaken it.

use http::Method;

use crate::{
    browser::{
        COOKIE, FormVerdict, Provider, check_form, new_cookie, new_state, set_cookie, state_hash,
    },
    clock::Timestamp,
    error::Error,
    flow::{Flow, FlowId, Stage},
    http::Request,
    identity::{Identity, Installation},
    ids::TeamId,
    sealing::{Field, Sealer},
    secret::Secret,
    signing::{
        NoRandomness, hex,
        link::{LinkClaims, LinkError, Purpose, Signer},
        random_bytes,
    },
    slack::{
        client::{SlackClient, SlackOauth},
        message::Message,
        reply_to::ReplyTo,
    },
    store::{FollowFlow, LoadClicker, Written},
};

/// A browser at a link that is ours.
#[derive(Debug, Clone)]
pub struct Visit {
    /// The token in the path.
    pub token: Secret,
    /// The browser's cookie, if it has one.
    pub cookie: Option<String>,
    /// The flow behind the link.
    pub flow: Flow,
    /// The app in the workspace.
    pub installation: Installation,
    /// Who the person is in Sentry now.
    pub identity: Option<Identity>,
}

/// Whether the flow can still be finished.
#[derive(Debug, Clone)]
pub enum Standing {
    /// It can.
    Open(Visit),
    /// This browser has finished it.
    Finished(Visit),
    /// It was finished elsewhere.
    Used,
    /// A newer link or unlink has overtaken it.
    Superseded,
}

/// Opens the link that `request` is at.
pub async fn open<S: FollowFlow + LoadClicker>(
    store: &S,
    signer: &Signer,
    purpose: Purpose,
    request: &Request,
    now: Timestamp,
) -> Result<Standing, Error> {
    let token = request.last_segment();
    let claims: LinkClaims = signer.open(purpose, token, now)?;
    let flow = store.flow(&FlowId::of_nonce(&claims.nonce)).await?;
    // Gone from the table before its time, or never there: for the person the same.
    let flow = flow.ok_or(LinkError::Expired)?;
    let clicker = store.clicker(&flow.tenant, &flow.person).await?;
    let installation = clicker.installation.filter(Installation::is_active);
    let installation = installation.ok_or(Error::NotFound)?;
    // Between the two reads another tab may have finished this very flow, which overtakes every other
    // one, and not this one.
    let flow = if flow.stage == Stage::Used || flow.is_current(clicker.epoch, &installation) {
        flow
    } else {
        store.flow(&flow.id).await?.ok_or(LinkError::Expired)?
    };
    let visit = Visit {
        token: Secret::new(token),
        cookie: request.cookie(COOKIE).map(str::to_owned),
        installation,
        identity: clicker.identity,
        flow,
    };
    visit.standing(clicker.epoch, now)
}

impl Visit {
    fn standing(self, epoch: u64, now: Timestamp) -> Result<Standing, Error> {
        if self.flow.stage == Stage::Used {
            return Ok(if self.is_own_browser() {
                Standing::Finished(self)
            } else {
                Standing::Used
            });
        }
        if !self.flow.is_current(epoch, &self.installation) {
            return Ok(Standing::Superseded);
        }
        if !self.flow.is_open(now) {
            return Err(LinkError::Expired.into());
        }
        Ok(Standing::Open(self))
    }

    /// Whether this is the browser that began the flow.
    pub fn is_own_browser(&self) -> bool {
        self.cookie.as_deref().is_some_and(|cookie| self.flow.is_browser(cookie))
    }

    /// Whether this browser has proven what it had to.
    pub fn is_proven(&self) -> bool {
        self.flow.stage == Stage::Proven && self.is_own_browser()
    }

    /// The cookie that the browser's next form is bound to: its own, or a fresh one, which then has
    /// to be set.
    pub fn cookie_or_fresh(&self) -> Result<(String, Option<String>), NoRandomness> {
        match &self.cookie {
            Some(cookie) => Ok((cookie.clone(), None)),
            None => new_cookie().map(|cookie| (cookie.clone(), Some(set_cookie(&cookie)))),
        }
    }

    /// Where the notice goes, if it can still be read.
    pub fn reply_to(&self, sealer: &Sealer) -> Option<ReplyTo> {
        let sealed = self.flow.reply_to.as_ref()?;
        sealer.open_json(self.flow.person.owner(), Field::ReplyTo, sealed).ok()
    }

    /// Tells the person in Slack what was done. It was done whether the notice arrives or not.
    pub async fn notify(
        &self,
        sealer: &Sealer,
        slack: &SlackClient,
        message: &Message,
        now: Timestamp,
    ) {
        let Some(to) = self.reply_to(sealer) else { return };
        let token = self.installation.open_bot_token(sealer);
        if let Err(error) = slack.tell(&to, token.ok().as_ref(), message, now).await {
            tracing::warn!(event = "slack.not_told", cause = %error);
        }
    }

    /// The way to Sign in with Slack: what the flow has to remember, and the address.
    pub fn way_to_slack(
        &self,
        signer: &Signer,
        slack: &SlackClient,
        oauth: &SlackOauth,
        redirect_uri: &str,
        now: Timestamp,
    ) -> Result<(Stage, String), Error> {
        let state = new_state(signer, &self.flow.id, self.flow.expires, Provider::Slack, now)?;
        let nonce = hex(&random_bytes::<16>()?);
        let team = self.flow.workspace.team.as_ref().map(TeamId::as_str);
        let url = slack.authorize_url(oauth, redirect_uri, &state, &nonce, team);
        Ok((Stage::AtSlack { state: state_hash(&state), nonce }, url))
    }

    /// Begins the flow at `stage`, under a fresh name for the browser: what an earlier page knew
    /// opens nothing. The cookie to set; `None` if another tab was quicker.
    pub async fn begin<S: FollowFlow>(
        &self,
        store: &S,
        sealer: &Sealer,
        stage: Stage,
    ) -> Result<Option<String>, Error> {
        let cookie = new_cookie()?;
        let token = sealer.seal(self.flow.person.owner(), Field::LinkToken, &self.token)?;
        match store.advance(&self.flow.begun(&cookie, token, stage)).await? {
            Written::Yes => Ok(Some(set_cookie(&cookie))),
            Written::Outdated => Ok(None),
        }
    }
}

/// A form that was submitted on one of our pages.
#[derive(Debug, Clone)]
pub struct Form {
    /// Which of the page's forms.
    pub step: String,
    /// Which of its buttons, or what was ticked: by name.
    fields: Request,
}

impl Form {
    /// Reads the form, if `request` is one; a form of another site is refused unread.
    pub fn read(request: Request, own_origin: &str) -> Result<Option<Self>, Error> {
        if request.method != Method::POST {
            return Ok(None);
        }
        if request.is_cross_site(own_origin) {
            return Err(Error::Form);
        }
        let step = request.form_value("step").ok_or(Error::Form)?;
        Ok(Some(Self { step, fields: request }))
    }

    /// A field's only value.
    pub fn value(&self, name: &str) -> Option<String> {
        self.fields.form_value(name)
    }

    /// Judges where the form came from; `shown` is what its page had to name.
    pub fn verdict(&self, signer: &Signer, visit: &Visit, shown: &[&str]) -> FormVerdict {
        self.judged(signer, visit.cookie.as_deref(), &visit.flow.id, shown)
    }

    /// The same for a form about any flow or setup, in the browser with this cookie.
    pub fn judged(
        &self,
        signer: &Signer,
        cookie: Option<&str>,
        flow: &FlowId,
        shown: &[&str],
    ) -> FormVerdict {
        match (cookie, self.value("form_token")) {
            (Some(cookie), Some(token)) => {
                check_form(signer, cookie, flow, &self.step, shown, &token)
            }
            _ => FormVerdict::Forged,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use http::HeaderMap;

    use super::*;
    use crate::{
        browser::form_token, flow::tests::a_flow, prompt::tests::an_installation, secret::Sealed,
    };

    const COOKIE: &str = "the-browser-that-began";
    const OTHER: &str = "another-browser";
    const ORIGIN: &str = "https://belay.example.com";

    #[test]
    fn a_link_is_open_until_it_ends_whoever_follows_it() {
        for cookie in [Some(COOKIE), Some(OTHER), None] {
            let standing = begun(cookie).standing(epoch(), last_moment());

            assert!(matches!(standing, Ok(Standing::Open(_))), "{cookie:?}: {standing:?}");
        }
    }

    #[test]
    fn at_its_end_a_link_is_expired() {
        for now in [end(), end().plus(Duration::from_hours(24))] {
            let standing = begun(Some(COOKIE)).standing(epoch(), now);

            assert!(matches!(standing, Err(Error::Link(LinkError::Expired))), "{standing:?}");
        }
    }

    #[test]
    fn another_epoch_overtakes_a_link_even_one_that_has_ended() {
        for (epoch, now) in
            [(epoch() + 1, last_moment()), (epoch() - 1, last_moment()), (epoch() + 1, end())]
        {
            let standing = begun(Some(COOKIE)).standing(epoch, now);

            assert!(matches!(standing, Ok(Standing::Superseded)), "{epoch}: {standing:?}");
        }
    }

    #[test]
    fn only_the_browser_that_finished_a_link_is_told_how() {
        let own = used(Some(COOKIE)).standing(epoch() + 1, last_moment());
        assert!(matches!(own, Ok(Standing::Finished(_))), "{own:?}");

        for cookie in [Some(OTHER), None] {
            let other = used(cookie).standing(epoch() + 1, last_moment());
            assert!(matches!(other, Ok(Standing::Used)), "{cookie:?}: {other:?}");
        }
    }

    #[test]
    fn what_was_finished_stays_finished_when_it_has_ended() {
        let own = used(Some(COOKIE)).standing(epoch() + 1, end());
        let other = used(None).standing(epoch() + 1, end());

        assert!(matches!(own, Ok(Standing::Finished(_))), "{own:?}");
        assert!(matches!(other, Ok(Standing::Used)), "{other:?}");
    }

    #[test]
    fn what_one_browser_proved_is_proven_in_no_other() {
        let proven = |cookie| {
            let visit = begun(cookie);
            let flow = Flow { stage: Stage::Proven, ..visit.flow.clone() };
            Visit { flow, ..visit }.is_proven()
        };

        assert!(proven(Some(COOKIE)));
        assert!(!proven(Some(OTHER)));
        assert!(!proven(None));
        assert!(!begun(Some(COOKIE)).is_proven(), "nothing has been proven yet");
    }

    #[test]
    fn a_browser_without_a_name_is_given_one_to_keep() {
        let (own, set) = begun(Some(COOKIE)).cookie_or_fresh().unwrap();
        let (fresh, set_fresh) = begun(None).cookie_or_fresh().unwrap();

        assert_eq!((own.as_str(), set), (COOKIE, None));
        assert_eq!(set_fresh, Some(set_cookie(&fresh)));
    }

    #[test]
    fn only_a_post_is_a_form() {
        for method in [Method::GET, Method::HEAD] {
            let form = Form::read(Request { method, ..post("step=begin") }, ORIGIN).unwrap();

            assert!(form.is_none());
        }
    }

    #[test]
    fn a_form_of_another_site_or_of_no_step_is_refused() {
        let mut foreign = post("step=begin");
        foreign.headers.insert("sec-fetch-site", "cross-site".parse().unwrap());

        for request in [foreign, post("with=slack"), post("step=begin&step=confirm")] {
            let form = Form::read(request, ORIGIN);

            assert!(matches!(form, Err(Error::Form)), "{form:?}");
        }
    }

    #[test]
    fn a_form_is_judged_by_its_browser_its_flow_its_step_and_what_it_showed() {
        let visit = begun(Some(COOKIE));
        let signer = Signer::new(vec![Secret::new("a-master-key-of-thirty-two-chars")]);
        let token = form_token(&signer, COOKIE, &visit.flow.id, "confirm", &["101"]).unwrap();
        let judge = |cookie, body: &str, shown| {
            let form = Form::read(post(body), ORIGIN).unwrap().unwrap();
            form.verdict(&signer, &begun(cookie), &[shown])
        };
        let confirm = format!("step=confirm&form_token={token}");
        let begin = format!("step=begin&form_token={token}");

        assert_eq!(judge(Some(COOKIE), &confirm, "101"), FormVerdict::Good);
        assert_eq!(judge(Some(COOKIE), &confirm, "102"), FormVerdict::Changed);
        assert_eq!(judge(Some(COOKIE), &begin, "101"), FormVerdict::Forged);
        assert_eq!(judge(Some(OTHER), &confirm, "101"), FormVerdict::Forged);
        assert_eq!(judge(None, &confirm, "101"), FormVerdict::Forged);
        assert_eq!(judge(Some(COOKIE), "step=confirm", "101"), FormVerdict::Forged);
    }

    /// A visit, with `cookie`, to a link that was begun with [`COOKIE`].
    fn begun(cookie: Option<&str>) -> Visit {
        Visit {
            token: Secret::new("v1.k.c.m"),
            cookie: cookie.map(Into::into),
            flow: a_flow().begun(COOKIE, Sealed::from_text("s1.x.link"), Stage::Exchanging),
            installation: an_installation(),
            identity: None,
        }
    }

    fn used(cookie: Option<&str>) -> Visit {
        let visit = begun(cookie);
        Visit { flow: visit.flow.used(), ..visit }
    }

    fn epoch() -> u64 {
        a_flow().epoch
    }

    fn end() -> Timestamp {
        a_flow().expires
    }

    fn last_moment() -> Timestamp {
        Timestamp::from_millis(end().millis() - 1)
    }

    fn post(body: &str) -> Request {
        Request {
            method: Method::POST,
            path: String::new(),
            query: String::new(),
            headers: HeaderMap::new(),
            cookies: Vec::new(),
            body: body.into(),
            id: String::new(),
        }
    }
}
