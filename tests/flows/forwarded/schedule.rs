//! One schedule: who does what, and what has to hold after each step.

use std::{collections::BTreeMap, time::Duration};

use shared::{
    clock::Clock,
    ids::{AccountId, Tenant},
    signing::link::{LinkClaims, Purpose},
    store::{LoadClicker, RemoveIdentity},
};

use super::visitor::Visitor;
use crate::harness::{ALICE, ALICES, Answer, BOB, BOBS, DORAS, Dice, ERINS, MALLORY, World};

/// Who sits in front of the browsers: Slack user and Sentry account. Alice has two of them, and
/// Mallory has got into Bob's Sentry account.
const VISITORS: [(&str, &str); 5] =
    [(ALICE, ALICES), (ALICE, ERINS), (BOB, BOBS), (MALLORY, DORAS), (MALLORY, BOBS)];
const STEPS: usize = 45;

/// Slack user and tenant → Sentry account and the link's name.
type Links = BTreeMap<(Tenant, String), (AccountId, String)>;

/// What came of it.
#[derive(Debug, Default)]
pub(super) struct Tally {
    pub(super) requests: usize,
    pub(super) bound: usize,
    pub(super) unlinked: usize,
    /// Links that were opened by somebody else than their owner.
    pub(super) forwarded: usize,
    /// Sign-ins that ended at "wrong Slack user".
    pub(super) wrong_user: usize,
    /// Forms and returns that came from another browser.
    pub(super) handed: usize,
}

impl Tally {
    pub(super) fn add(&mut self, other: &Self) {
        self.requests += other.requests;
        self.bound += other.bound;
        self.unlinked += other.unlinked;
        self.forwarded += other.forwarded;
        self.wrong_user += other.wrong_user;
        self.handed += other.handed;
    }
}

/// A day of several browsers.
pub(super) struct Schedule<'a> {
    world: &'a World,
    dice: Dice,
    seed: u64,
    visitors: Vec<Visitor<'a>>,
    /// Every link that was handed out, and to whom.
    links: Vec<(&'static str, String)>,
    tally: Tally,
    steps: Vec<String>,
    before: Links,
}

impl<'a> Schedule<'a> {
    /// A day that begins with nobody linked, every third with Alice.
    pub(super) async fn new(world: &'a World, seed: u64) -> Self {
        forget_everybody(world).await;
        if seed.is_multiple_of(3) {
            world.link(ALICE, ALICES).await;
        }
        let mut schedule = Self {
            world,
            dice: Dice(seed),
            seed,
            visitors: VISITORS.map(|who| Visitor::new(world, who)).into(),
            links: Vec::new(),
            tally: Tally::default(),
            steps: Vec::new(),
            before: Links::new(),
        };
        schedule.before = schedule.links_now();
        schedule
    }

    /// The whole day.
    pub(super) async fn play(mut self) -> Tally {
        self.ask(ALICE).await;
        let mut who = 0;
        for _ in 0..STEPS {
            self.world.clock.advance(Duration::from_millis(1));
            // More often than not the same person goes on, or hardly anybody would ever arrive.
            if self.dice.below(4) == 0 {
                who = self.dice.below(self.visitors.len());
            }
            match self.dice.below(20) {
                0..13 => self.go_on(who).await,
                13..15 => self.open_any(who).await,
                15..16 => self.ask(VISITORS[who].0).await,
                16..18 => self.hand_on(who),
                18 => self.steal_the_cookie(who),
                _ => self.world.clock.advance(Duration::from_secs(40)),
            }
        }
        self.tally
    }

    /// Somebody gets a link: to link, or who is linked, to unlink.
    async fn ask(&mut self, user: &'static str) {
        let alert = self.world.post_alert();
        let linked = self.before.iter().find(|((_, linked), _)| linked == user);
        if let Some((_, (account, _))) = linked {
            let account = account.as_str().to_owned();
            self.world.sentry.remove_member(&account, "acme");
            self.world.click(user, &alert, "resolved").await;
            self.world.work().await;
            self.world.sentry.add_member(&account, "acme");
        } else {
            self.world.click(user, &alert, "resolved").await;
        }
        self.steps.push(format!("{user} is handed a link"));
        self.links.push((user, self.world.prompted_link(user)));
    }

    /// Does what the newest page asks for.
    async fn go_on(&mut self, who: usize) {
        let visitor = &self.visitors[who];
        if visitor.next.is_some() {
            let comes_back = self.dice.below(4) > 0;
            self.steps.push(format!("{who} goes on (comes back: {comes_back})"));
            let answer = self.visitors[who].go_on(comes_back).await;
            self.check(who, answer);
        } else if visitor.form.is_some() {
            let with = self.dice.among(&["slack", "slack", "sentry"]);
            self.steps.push(format!("{who} sends its form, with {with}"));
            let answer = self.visitors[who].submit(with).await;
            self.check(who, answer);
        } else if self.dice.below(3) == 0 {
            self.ask(VISITORS[who].0).await;
        } else {
            self.open_own(who).await;
        }
    }

    async fn open_own(&mut self, who: usize) {
        let user = VISITORS[who].0;
        let own = self.links.iter().rev().find(|(owner, _)| *owner == user);
        if let Some(link) = own.map(|(_, link)| link.clone()) {
            self.open(who, &link).await;
        }
    }

    /// A link that was forwarded, more often than not.
    async fn open_any(&mut self, who: usize) {
        let newest = &self.links[self.links.len().saturating_sub(4)..];
        let (owner, link) = newest[self.dice.below(newest.len())].clone();
        self.tally.forwarded += usize::from(owner != VISITORS[who].0);
        self.open(who, &link).await;
    }

    async fn open(&mut self, who: usize, link: &str) {
        self.steps.push(format!("{who} opens a link of {:?}", self.owner(link)));
        let answer = self.visitors[who].open(link).await;
        self.check(who, Some(answer));
    }

    /// Somebody else gets the address that this browser is sent to, or the form it was shown.
    fn hand_on(&mut self, to: usize) {
        let from = self.dice.below(self.visitors.len());
        self.steps.push(format!("{from} hands on what it holds to {to}"));
        let (next, form) = (self.visitors[from].next.clone(), self.visitors[from].form.clone());
        self.tally.handed += usize::from(from != to && (next.is_some() || form.is_some()));
        if let Some(next) = next {
            self.visitors[to].next = Some(next);
        }
        if let Some(form) = form {
            self.visitors[to].form = Some(form);
        }
    }

    /// In every second schedule; in the others each browser's name is its own.
    fn steal_the_cookie(&mut self, to: usize) {
        let from = self.dice.below(self.visitors.len());
        let cookies = self.visitors[from].browser.cookies.clone();
        if self.seed.is_multiple_of(2) || cookies.is_empty() {
            return;
        }
        self.steps.push(format!("{to} has the cookie of {from}"));
        let names = self.visitors[from].browser.cookie().map(str::to_owned);
        self.visitors[to].browser.cookies = cookies;
        self.visitors[to].names.extend(names);
    }

    /// What has changed is what this browser was allowed to change.
    fn check(&mut self, who: usize, answer: Option<Answer>) {
        let Some(answer) = answer else { return };
        self.tally.requests += 1;
        let wrong = answer.status == 403 && answer.body.contains("You are signed in to Slack as");
        self.tally.wrong_user += usize::from(wrong);
        let after = self.links_now();
        let before = std::mem::replace(&mut self.before, after);
        for (person, (account, link)) in &self.before {
            if before.get(person).is_none_or(|(_, old)| old != link) {
                self.tally.bound += 1;
                self.assert_may_link(who, &person.1, account);
            }
        }
        for (person, (account, _)) in &before {
            if !self.before.contains_key(person) {
                self.tally.unlinked += 1;
                self.assert_may_unlink(who, &person.1, account);
            }
        }
    }

    /// One browser, or several that share a name, is both the owner's and the account's.
    fn assert_may_link(&self, who: usize, owner: &str, account: &AccountId) {
        assert!(self.is_with(who, |(user, _)| user == owner), "{who} binds {owner}: {self}");
        let is_its_own = self.is_with(who, |(_, own)| own == account.as_str());
        assert!(is_its_own, "{who} binds {owner} to {account}: {self}");
    }

    fn assert_may_unlink(&self, who: usize, owner: &str, account: &AccountId) {
        let is_a_side = self.is_with(who, |(user, own)| user == owner || own == account.as_str());
        assert!(is_a_side, "{who} unlinks {owner} from {account}: {self}");
    }

    fn is_with(&self, who: usize, is_it: impl Fn((&str, &str)) -> bool) -> bool {
        let acting = &self.visitors[who];
        let mut all = self.visitors.iter().zip(VISITORS);
        is_it(VISITORS[who]) || all.any(|(one, side)| one.is_one_with(acting) && is_it(side))
    }

    /// All links; both sides of each agree.
    fn links_now(&self) -> Links {
        let rows = self.world.rows();
        assert_eq!(rows.identities.len(), rows.reverse.len(), "{self}");
        let links = rows.identities.into_iter().map(|(person, identity)| {
            let other = (person.1.clone(), identity.link_id.clone());
            let side = (identity.account.id.clone(), person.0.clone());
            assert_eq!(rows.reverse.get(&side), Some(&other), "{self}");
            (person, (identity.account.id, identity.link_id))
        });
        links.collect()
    }

    /// Whose link it is, as it says itself.
    fn owner(&self, link: &str) -> Option<String> {
        let token = link.rsplit('/').next()?;
        [Purpose::Link, Purpose::Unlink].into_iter().find_map(|purpose| {
            let claims =
                self.world.signer.open::<LinkClaims>(purpose, token, self.world.clock.now());
            claims.ok().map(|claims| format!("{purpose:?} of {}", claims.user))
        })
    }
}

impl std::fmt::Display for Schedule<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "seed {}: {:#?}", self.seed, self.steps)
    }
}

async fn forget_everybody(world: &World) {
    for identity in world.rows().identities.into_values() {
        let person = &identity.person;
        let epoch = world.store.clicker(&person.tenant, person).await.unwrap().epoch;
        world.store.remove_identity(&identity, epoch, world.clock.now()).await.unwrap();
    }
}
