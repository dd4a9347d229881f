//! A browser at a signed link: what it holds, and whether the flow behind it can still be finished.
//!
//! The order is the one in which less is given away: the signature first (no I/O for a forgery),
//! then whether the flow is over (only the browser that finished it is told how), then whether a
//! newer link or unlink has overtaken it.

use http::Method;

use crate::{
    browser::{COOKIE, FormVerdict, check_form},
    clock::Timestamp,
    error::Error,
    flow::{Flow, FlowId, Stage},
    http::Request,
    identity::{Identity, Installation},
    sealing::{Field, Sealer},
    secret::Secret,
    signing::link::{LinkClaims, LinkError, Purpose, Signer},
    slack::reply::ReplyTo,
    store::{FollowFlow, LoadClicker},
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
    let visit = Visit {
        token: Secret::new(token),
        cookie: request.cookie(COOKIE).map(str::to_owned),
        installation: installation.ok_or(Error::NotFound)?,
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
        if self.flow.epoch != epoch {
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

    /// The notice's way, and the app's token for it; whatever of them still opens.
    pub fn reply(&self, sealer: &Sealer) -> (Option<ReplyTo>, Option<Secret>) {
        let sealed = self.flow.reply_to.as_ref();
        let to = sealed
            .and_then(|to| sealer.open_json(self.flow.person.owner(), Field::ReplyTo, to).ok());
        let installation = &self.installation;
        let token = sealer.open(installation.owner(), Field::BotToken, &installation.bot_token);
        (to, token.ok())
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
        match (&visit.cookie, self.value("form_token")) {
            (Some(cookie), Some(token)) => {
                check_form(signer, cookie, &visit.flow.id, &self.step, shown, &token)
            }
            _ => FormVerdict::Forged,
        }
    }
}
