//! The life of an installation: installed, updated, renewed, removed.
//!
//! ```text
//! (nothing) ──install──▶ ACTIVE ──removed in Slack──▶ DISABLED ──install──▶ ACTIVE
//!                        │  ▲                         │  people's tokens are wiped, the links stay
//!                        └──┘ renew, look after       └──▶ nothing left to do
//! ```
//! Every write names the version it was decided on, so an event that was decided on an older
//! installation changes nothing. `next_at` is when somebody has to look after it, and until when
//! somebody does: of many workers one renews a token.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{
    clock::Timestamp,
    identity::{Installation, InstallationStatus, Organization},
    ids::SlackUserId,
    sealing::{Field, SealError, Sealer},
    secret::{Sealed, Secret},
    slack::grant::{BotTokens, Grant},
};

/// A token is renewed this long before it ends (Slack ends it after twelve hours).
pub const RENEWAL: Duration = Duration::from_hours(2);

/// How often somebody looks whether a token that never ends still works.
pub const CHECK_UP: Duration = Duration::from_hours(24);

/// How long one worker may take to look after an installation.
pub const LEASE: Duration = Duration::from_secs(30);

/// When it is tried again after Slack did not answer.
pub const AGAIN: Duration = Duration::from_mins(1);

/// Two moments that are not further apart cannot be put in order: one is by Slack's clock and one by
/// ours, and an install takes a few seconds itself.
pub const TOO_CLOSE: Duration = Duration::from_secs(30);

/// What the workspace is called and looks like, beyond what the grant says.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Looks {
    /// Its display name.
    pub name: Option<String>,
    /// Its icon.
    pub icon: Option<String>,
    /// Its subdomain.
    pub domain: Option<String>,
}

/// What an install comes to.
#[derive(Debug, Clone, PartialEq)]
pub enum Install {
    /// This is written: new, again, or again after a removal.
    Write(Box<Installation>),
    /// The workspace acts in other organizations already: that one more is added is asked first.
    AskToAdd,
}

/// What is due for an installation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Due {
    /// It was removed: people's tokens are wiped.
    Wipe,
    /// Its token ends soon.
    Renew,
    /// Nobody has looked for a while whether its token still works.
    CheckUp,
}

/// Judges an install of `grant` for `organization`, given what is stored for that tenant.
///
/// Identities are rows of their own: installing again leaves them as they are.
pub fn install(
    stored: Option<&Installation>,
    grant: &Grant,
    organization: &Organization,
    looks: &Looks,
    sealer: &Sealer,
    now: Timestamp,
) -> Result<Install, SealError> {
    if is_one_more(stored, organization) {
        return Ok(Install::AskToAdd);
    }
    let installation = add(stored, grant, organization, looks, sealer, now)?;
    Ok(Install::Write(Box::new(installation)))
}

/// The same once the person has said that the organization is to be added.
pub fn add(
    stored: Option<&Installation>,
    grant: &Grant,
    organization: &Organization,
    looks: &Looks,
    sealer: &Sealer,
    now: Timestamp,
) -> Result<Installation, SealError> {
    let fresh = Installation {
        tenant: grant.tenant.clone(),
        bot_token: Sealed::nothing(),
        scopes: grant.scopes.clone(),
        app_id: grant.app_id.clone(),
        bot_user: grant.bot_user.clone(),
        installer: installer(stored, grant, organization),
        name: looks.name.clone().unwrap_or_else(|| grant.name.clone()),
        icon: looks.icon.clone(),
        domain: looks.domain.clone().unwrap_or_default(),
        organizations: with(bound_to(stored), organization),
        status: InstallationStatus::Active,
        installed_at: now,
        refresh_token: None,
        token_expires: None,
        epoch: stored.map_or(0, |stored| stored.epoch),
        next_at: None,
        leased: false,
        wiped_to: None,
        trouble: None,
        alerts: stored.and_then(|stored| stored.alerts.clone()),
        version: stored.map_or(0, |stored| stored.version),
    };
    fresh.renewed(&grant.tokens, sealer, now)
}

/// Who is told that `who` has added `organization`: the installer, unless they did it themselves.
/// Nobody, if the app acts there already.
pub fn told_of_addition<'a>(
    stored: Option<&'a Installation>,
    organization: &Organization,
    who: &SlackUserId,
) -> Option<&'a str> {
    let stored = stored.filter(|stored| stored.installer != who.as_str());
    let told = stored.filter(|_| is_one_more(stored, organization));
    told.map(|stored| stored.installer.as_str())
}

/// Who decides where alerts go: the last to install for the organization that the app came with. Who
/// owns another one, even one that it acts in by now, has proven nothing about that one's alerts.
fn installer(stored: Option<&Installation>, grant: &Grant, organization: &Organization) -> String {
    let first = bound_to(stored).first();
    let stays = stored.filter(|_| first.is_some_and(|first| first.id != organization.id));
    stays.map_or_else(|| grant.installer.to_string(), |stored| stored.installer.clone())
}

/// Whether the app acts in other organizations only.
fn is_one_more(stored: Option<&Installation>, organization: &Organization) -> bool {
    let known = bound_to(stored);
    !known.is_empty() && !known.iter().any(|known| known.id == organization.id)
}

/// Where the app acts; after a removal, nowhere.
fn bound_to(stored: Option<&Installation>) -> &[Organization] {
    let active = stored.filter(|stored| stored.is_active());
    active.map(|active| active.organizations.as_slice()).unwrap_or_default()
}

/// The organizations with this one among them, by its newest name.
fn with(known: &[Organization], organization: &Organization) -> Vec<Organization> {
    let mut all = known.to_vec();
    match all.iter_mut().find(|known| known.id == organization.id) {
        Some(known) => known.clone_from(organization),
        None => all.push(organization.clone()),
    }
    all
}

impl Installation {
    /// The app's token.
    pub fn open_bot_token(&self, sealer: &Sealer) -> Result<Secret, SealError> {
        sealer.open(self.owner(), Field::BotToken, &self.bot_token)
    }

    /// What is due for it.
    pub fn due(&self, now: Timestamp) -> Due {
        match (self.status, self.token_expires) {
            (InstallationStatus::Disabled, _) => Due::Wipe,
            (InstallationStatus::Active, Some(end)) if end <= now.plus(RENEWAL) => Due::Renew,
            (InstallationStatus::Active, _) => Due::CheckUp,
        }
    }

    /// Whether its token has ended.
    pub fn token_has_ended(&self, now: Timestamp) -> bool {
        self.token_expires.is_some_and(|end| end <= now)
    }

    /// Whether somebody looks after it right now.
    pub fn is_looked_after(&self, now: Timestamp) -> bool {
        self.leased && self.next_at.is_some_and(|until| now < until)
    }

    /// Taken by one worker, for as long as it may take.
    #[must_use]
    pub fn claimed(&self, now: Timestamp) -> Self {
        Self { leased: true, ..self.next(Some(now.plus(LEASE))) }
    }

    /// With another token, which also mends what was wrong.
    pub fn renewed(
        &self,
        tokens: &BotTokens,
        sealer: &Sealer,
        now: Timestamp,
    ) -> Result<Self, SealError> {
        let seal = |field, token: &Secret| sealer.seal(self.owner(), field, token);
        let refresh = tokens.refresh.as_ref();
        let life = tokens.life;
        let plan = life.map_or(CHECK_UP, |life| life.saturating_sub(RENEWAL).min(CHECK_UP));
        Ok(Self {
            bot_token: seal(Field::BotToken, &tokens.access)?,
            refresh_token: refresh.map(|t| seal(Field::BotRefreshToken, t)).transpose()?,
            token_expires: life.map(|life| now.plus(life)),
            trouble: None,
            ..self.next(Some(now.plus(plan)))
        })
    }

    /// Found well: looked at again at the latest a day from now, or when its token is to be renewed.
    #[must_use]
    pub fn found_well(&self, now: Timestamp) -> Self {
        let day = now.plus(CHECK_UP);
        let end = self.token_expires.map(|end| end.minus(RENEWAL));
        Self { trouble: None, ..self.next(Some(end.map_or(day, |end| end.min(day).max(now)))) }
    }

    /// Sealed anew, if it was sealed under a key that is on its way out.
    pub fn resealed(&self, sealer: &Sealer) -> Result<Self, SealError> {
        let anew = |field, sealed: &Sealed| {
            if sealer.is_newest(sealed) {
                return Ok(sealed.clone());
            }
            let token = sealer.open(self.owner(), field, sealed)?;
            sealer.seal(self.owner(), field, &token)
        };
        let refresh = self.refresh_token.as_ref();
        Ok(Self {
            bot_token: anew(Field::BotToken, &self.bot_token)?,
            refresh_token: refresh.map(|t| anew(Field::BotRefreshToken, t)).transpose()?,
            ..self.clone()
        })
    }

    /// To be looked after at the next occasion.
    #[must_use]
    pub fn in_doubt(&self, now: Timestamp) -> Self {
        self.next(Some(now))
    }

    /// Put off: Slack did not answer.
    #[must_use]
    pub fn put_off(&self, now: Timestamp) -> Self {
        self.next(Some(now.plus(AGAIN)))
    }

    /// In trouble that only a person can mend. Looked at again in an hour.
    #[must_use]
    pub fn troubled(&self, trouble: &str, now: Timestamp) -> Self {
        Self {
            trouble: Some(trouble.to_owned()),
            ..self.next(Some(now.plus(Duration::from_hours(1))))
        }
    }

    /// Removed in Slack: its tokens are wiped here and now, people's tokens next. Links to link that
    /// are under way open nothing any more.
    #[must_use]
    pub fn removed(&self, now: Timestamp) -> Self {
        Self {
            status: InstallationStatus::Disabled,
            bot_token: Sealed::nothing(),
            refresh_token: None,
            token_expires: None,
            epoch: self.epoch + 1,
            wiped_to: None,
            trouble: None,
            ..self.next(Some(now))
        }
    }

    /// Removed by who runs the bundle: nothing is left to tell what it was, and nothing to do. What
    /// remains is a tombstone, so that what was decided on before changes nothing after.
    #[must_use]
    pub fn forgotten(&self, now: Timestamp) -> Self {
        Self {
            scopes: Vec::new(),
            app_id: String::new(),
            bot_user: String::new(),
            installer: String::new(),
            name: String::new(),
            icon: None,
            domain: String::new(),
            organizations: Vec::new(),
            next_at: None,
            ..self.removed(now)
        }
    }

    /// Whether it is such a tombstone.
    pub fn is_forgotten(&self) -> bool {
        !self.is_active() && self.installer.is_empty() && self.name.is_empty()
    }

    /// Some of the people's tokens are wiped; the next ones follow at once, if there are more.
    #[must_use]
    pub fn wiped(&self, to: Option<crate::ids::AccountId>, now: Timestamp) -> Self {
        let next_at = to.is_some().then_some(now);
        Self { wiped_to: to.or_else(|| self.wiped_to.clone()), ..self.next(next_at) }
    }

    /// With another channel for alerts whose rule names none. Whoever looks after it goes on.
    #[must_use]
    pub fn alerting_in(&self, channel: Option<crate::ids::ChannelId>) -> Self {
        Self { alerts: channel, version: self.version + 1, ..self.clone() }
    }

    fn next(&self, next_at: Option<Timestamp>) -> Self {
        Self { next_at, leased: false, version: self.version + 1, ..self.clone() }
    }
}

/// Whether an event of that time (whole seconds, as Slack gives it) is about this installation, or
/// about one that stood before it. `None` when the two are too close to tell: Slack has to be asked.
pub fn is_about(installation: &Installation, event_time: i64) -> Option<bool> {
    let installed = installation.installed_at.secs();
    (event_time.abs_diff(installed) > TOO_CLOSE.as_secs()).then_some(event_time > installed)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const NOW: Timestamp = Timestamp::from_secs(1_700_000_000);

    fn sealer() -> Sealer {
        Sealer::new(vec![Secret::new("a-master-key-of-thirty-two-chars")])
    }

    fn grant(rotating: bool) -> Grant {
        let mut reply = json!({
            "app_id": "A0BELAY001", "authed_user": {"id": "U0ALICE001"}, "scope": "chat:write",
            "access_token": "xoxb-1", "bot_user_id": "U0BELAYBOT",
            "team": {"id": "T0ACME0001", "name": "Acme"},
        });
        if rotating {
            reply["expires_in"] = json!(43_200);
            reply["refresh_token"] = json!("xoxe-1-a");
        }
        Grant::read(&reply).unwrap()
    }

    fn organization(id: &str) -> Organization {
        serde_json::from_value(
            json!({"id": id, "slug": format!("o{id}"), "name": format!("O {id}")}),
        )
        .unwrap()
    }

    fn user(id: &str) -> SlackUserId {
        SlackUserId::parse(id).unwrap()
    }

    fn installed(stored: Option<&Installation>, id: &str, rotating: bool) -> Install {
        let looks = Looks { domain: Some("acme".into()), ..Looks::default() };
        let grant = grant(rotating);
        install(stored, &grant, &organization(id), &looks, &sealer(), NOW).unwrap()
    }

    fn active(rotating: bool) -> Installation {
        match installed(None, "1", rotating) {
            Install::Write(installation) => *installation,
            Install::AskToAdd => panic!("nothing was there"),
        }
    }

    fn names(installation: &Installation) -> Vec<&str> {
        installation.organizations.iter().map(|organization| organization.slug.as_str()).collect()
    }

    #[test]
    fn the_first_install_is_written_with_its_token_sealed() {
        let installation = active(false);

        let token =
            sealer().open(installation.owner(), Field::BotToken, &installation.bot_token).unwrap();
        assert_eq!(token, Secret::new("xoxb-1"));
        assert_eq!((names(&installation), installation.version), (vec!["o1"], 1));
        assert_eq!((installation.name.as_str(), installation.domain.as_str()), ("Acme", "acme"));
        assert_eq!(installation.installed_at, NOW);
        assert_eq!(installation.next_at, Some(NOW.plus(CHECK_UP)));
    }

    #[test]
    fn again_for_the_same_organization_is_an_update() {
        let first = active(false);

        let Install::Write(again) = installed(Some(&first), "1", false) else { panic!() };

        assert_eq!(again.version, first.version + 1);
        assert_eq!(names(&again), ["o1"]);
    }

    #[test]
    fn another_organization_is_asked_about_first_and_then_added() {
        let first = active(false);

        let asked = installed(Some(&first), "2", false);
        let added =
            add(Some(&first), &grant(false), &organization("2"), &Looks::default(), &sealer(), NOW);

        assert_eq!(asked, Install::AskToAdd);
        assert_eq!(names(&added.unwrap()), ["o1", "o2"]);
    }

    #[test]
    fn who_adds_an_organization_is_no_installer_by_it_nor_by_installing_for_it_again() {
        let first = active(false);
        let bobs = Grant { installer: user("U0BOB00001"), ..grant(false) };
        let by_bob = |stored: &Installation, id| {
            let looks = Looks::default();
            add(Some(stored), &bobs, &organization(id), &looks, &sealer(), NOW).unwrap()
        };

        let added = by_bob(&first, "2");
        let again = by_bob(&added, "2");
        let for_the_first = by_bob(&added, "1");

        assert_eq!(
            (added.installer.as_str(), again.installer.as_str()),
            ("U0ALICE001", "U0ALICE001")
        );
        assert_eq!(for_the_first.installer, "U0BOB00001");
        assert_eq!(by_bob(&added.removed(NOW), "2").installer, "U0BOB00001");
    }

    #[test]
    fn the_installer_is_told_what_somebody_else_has_added() {
        let first = active(false);
        let removed = first.removed(NOW);
        let told = |stored, id, who| told_of_addition(stored, &organization(id), &user(who));

        assert_eq!(told(Some(&first), "2", "U0BOB00001"), Some("U0ALICE001"));
        assert_eq!(told(Some(&first), "2", "U0ALICE001"), None, "they know");
        assert_eq!(told(Some(&first), "1", "U0BOB00001"), None, "nothing was added");
        assert_eq!(told(Some(&removed), "2", "U0BOB00001"), None, "it was removed");
        assert_eq!(told(None, "2", "U0BOB00001"), None);
    }

    #[test]
    fn after_a_removal_the_organization_is_the_one_that_is_installed_for_now() {
        let removed = active(false).removed(NOW);

        let Install::Write(again) = installed(Some(&removed), "2", false) else { panic!() };

        assert!(again.is_active());
        assert_eq!(names(&again), ["o2"]);
        assert_eq!(again.epoch, 1);
    }

    #[test]
    fn a_removal_wipes_the_tokens_and_moves_the_epoch_on() {
        let removed = active(true).removed(NOW);

        assert!(!removed.is_active());
        assert_eq!((removed.bot_token.as_text(), removed.refresh_token.as_ref()), ("-", None));
        assert_eq!((removed.epoch, removed.next_at), (1, Some(NOW)));
        assert_eq!(removed.due(NOW), Due::Wipe);
    }

    #[test]
    fn what_is_forgotten_is_a_tombstone_that_nobody_looks_after() {
        let installation = active(true);

        let forgotten = installation.forgotten(NOW);

        assert!(forgotten.is_forgotten() && !installation.is_forgotten());
        assert!(!installation.removed(NOW).is_forgotten(), "its name is still known");
        assert_eq!((forgotten.next_at, forgotten.epoch), (None, 1));
        assert_eq!(forgotten.version, installation.version + 1);
        let kept = serde_json::to_string(&forgotten).unwrap();
        for word in ["Acme", "acme", "U0ALICE001", "o1", "A0BELAY001", "U0BELAYBOT", "chat:write"] {
            let before = serde_json::to_string(&installation).unwrap();
            assert!(before.contains(word) && !kept.contains(&format!("\"{word}\"")), "{word}");
        }
    }

    #[test]
    fn a_workspace_that_was_forgotten_can_be_installed_anew() {
        let forgotten = active(false).forgotten(NOW);

        let Install::Write(again) = installed(Some(&forgotten), "2", false) else { panic!() };

        assert!(again.is_active());
        assert_eq!((again.name.as_str(), again.epoch), ("Acme", 1));
        assert_eq!(again.version, forgotten.version + 1);
    }

    #[test]
    fn a_token_that_ends_is_renewed_two_hours_before() {
        let installation = active(true);
        let planned = installation.next_at.unwrap();

        assert_eq!(planned, NOW.plus(Duration::from_hours(10)));
        assert_eq!(installation.due(planned), Due::Renew);
        assert_eq!(installation.due(planned.minus(Duration::from_millis(1))), Due::CheckUp);
        assert!(!installation.token_has_ended(planned));
        assert!(installation.token_has_ended(NOW.plus(Duration::from_hours(12))));
    }

    #[test]
    fn a_token_that_never_ends_is_looked_at_once_a_day() {
        let installation = active(false).found_well(NOW);

        assert_eq!(installation.next_at, Some(NOW.plus(CHECK_UP)));
        assert_eq!(installation.due(NOW.plus(CHECK_UP)), Due::CheckUp);
    }

    #[test]
    fn whoever_claims_it_has_it_for_half_a_minute() {
        let claimed = active(true).claimed(NOW);

        assert!(claimed.is_looked_after(NOW));
        assert!(claimed.is_looked_after(NOW.plus(Duration::from_secs(29))));
        assert!(!claimed.is_looked_after(NOW.plus(LEASE)));
        assert!(!active(true).is_looked_after(NOW), "a plan is no lease");
    }

    #[test]
    fn what_was_sealed_under_the_old_key_is_sealed_anew() {
        let (old, new) = (Secret::new("a".repeat(32)), Secret::new("b".repeat(32)));
        let before = Sealer::new(vec![old.clone()]);
        let rotating = Sealer::new(vec![new.clone(), old]);
        let sealed = active(true).renewed(&grant(true).tokens, &before, NOW).unwrap();

        let anew = sealed.resealed(&rotating).unwrap();

        let after = Sealer::new(vec![new]);
        let token = after.open(anew.owner(), Field::BotToken, &anew.bot_token);
        assert_eq!(token, Ok(Secret::new("xoxb-1")));
        assert_eq!(anew.resealed(&rotating).unwrap(), anew);
    }

    #[test]
    fn an_event_counts_if_it_is_younger_than_the_install() {
        let installation = active(false);

        assert_eq!(is_about(&installation, NOW.secs() - 31), Some(false));
        for close in [-30, 0, 30] {
            assert_eq!(is_about(&installation, NOW.secs() + close), None);
        }
        assert_eq!(is_about(&installation, NOW.secs() + 31), Some(true));
        assert_eq!(is_about(&installation, i64::MIN), Some(false));
    }
}
