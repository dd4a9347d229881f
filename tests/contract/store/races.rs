//! Links made and taken apart by many at once, of few people and few accounts, so that nearly every
//! transaction meets another: in the end both sides of every link agree, no account has two people,
//! and no prompt of an older epoch is good for anything.
//!
//! `BELAY_RACES=50000` makes it as many transactions; without it there are a few.

use std::collections::{BTreeMap, BTreeSet};

use shared::{
    flow::Flow,
    identity::Identity,
    store::{LinkWrite, Linked, Written},
};

use super::{
    records::{ACME, flow, installed, link_write, person, tenant, unlink_write},
    table::{Store, Table, at_once},
};
use crate::harness::how_many;

every_table! {
    whatever_is_linked_and_unlinked_at_once_both_sides_agree,
}

/// So many transactions are a few.
const FEW: usize = 600;
const TASKS: usize = 32;
const PEOPLE: usize = 6;
/// One prompt of so many is left unused, to be tried when all is over.
const KEPT: usize = 10;

/// What came of the transactions, by name.
type Tally = BTreeMap<&'static str, usize>;

/// One of those who race: a generator of its own, and the prompts it left unused.
struct Racer<S> {
    store: S,
    name: usize,
    random: u64,
    tally: Tally,
    kept: Vec<Flow>,
}

impl<S: Store> Racer<S> {
    fn new(store: S, name: usize) -> Self {
        let random = 0x9e37_79b9_7f4a_7c15_u64.wrapping_mul(name as u64 + 1);
        Self { store, name, random, tally: Tally::new(), kept: Vec::new() }
    }

    async fn race(mut self, transactions: usize) -> Self {
        for n in 0..transactions {
            let user = user(self.below(PEOPLE));
            let clicker = self.store.clicker(&tenant(ACME), &person(&user)).await.unwrap();
            let prompt = flow(&format!("{} {n}", self.name), &user, clicker.epoch);
            self.store.open_flow(&prompt).await.unwrap();
            if self.below(KEPT) == 0 {
                self.kept.push(prompt);
                let another = flow(&format!("{} {n} kept", self.name), &user, clicker.epoch);
                self.store.open_flow(&another).await.unwrap();
                self.transact(&another, clicker.identity).await;
            } else {
                self.transact(&prompt, clicker.identity).await;
            }
        }
        self
    }

    async fn transact(&mut self, prompt: &Flow, linked: Option<Identity>) {
        let unlinks = self.below(2) == 0;
        let came_of_it = match linked {
            Some(identity) if unlinks => self.unlink(prompt, &identity).await,
            _ => self.link(prompt).await,
        };
        *self.tally.entry(came_of_it).or_default() += 1;
    }

    async fn link(&mut self, prompt: &Flow) -> &'static str {
        let account = account(self.below(PEOPLE));
        let write = LinkWrite { job: None, ..link_write(prompt, &account) };
        match self.store.link(&write).await.unwrap() {
            Linked::Yes => "linked",
            Linked::SlackSideTaken => "the person has another account",
            Linked::SentrySideTaken => "the account is another person's",
            Linked::Outdated => "overtaken",
            Linked::NotInstalled => panic!("the app is installed"),
        }
    }

    async fn unlink(&self, prompt: &Flow, identity: &Identity) -> &'static str {
        match self.store.unlink(&unlink_write(prompt, identity)).await.unwrap() {
            Written::Yes => "unlinked",
            Written::Outdated => "overtaken",
        }
    }

    fn below(&mut self, end: usize) -> usize {
        // xorshift64: the same races for the same names.
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        usize::try_from(self.random >> 33).unwrap() % end
    }
}

fn user(n: usize) -> String {
    format!("U0PERSON{n}")
}

fn account(n: usize) -> String {
    (200 + n).to_string()
}

async fn whatever_is_linked_and_unlinked_at_once_both_sides_agree(table: impl Table) {
    let store = installed(&table).await;
    let each = how_many("BELAY_RACES", FEW).div_ceil(TASKS);

    let racers = at_once((0..TASKS).map(|n| Racer::new(store.clone(), n).race(each))).await;

    let tally = sum(racers.iter().map(|racer| &racer.tally));
    println!("{} transactions: {tally:?}", each * TASKS);
    assert_sides_agree(&table).await;
    let (linked, unlinked) = (tally["linked"], tally["unlinked"]);
    let epochs = epochs(&store).await;
    assert_eq!(epochs.iter().sum::<u64>(), (linked + unlinked) as u64);
    for kept in racers.iter().flat_map(|racer| &racer.kept) {
        assert_is_dead_if_older(&store, kept, &epochs).await;
    }
    assert_sides_agree(&table).await;
}

/// Nobody is linked on one side alone, and no account to two people, or the other way round.
async fn assert_sides_agree(table: &impl Table) {
    let links = table.links().await;
    let users: BTreeSet<_> = links.forward.iter().map(|(user, _, _)| user).collect();
    let accounts: BTreeSet<_> = links.forward.iter().map(|(_, account, _)| account).collect();
    assert_eq!(links.forward, links.reverse);
    assert_eq!([users.len(), accounts.len()], [links.forward.len(); 2]);
}

/// A prompt from before the person's last link or unlink does neither.
async fn assert_is_dead_if_older(store: &impl Store, prompt: &Flow, epochs: &[u64]) {
    let of_person = (0..PEOPLE).find(|n| user(*n) == prompt.person.user.as_str()).unwrap();
    if prompt.epoch == epochs[of_person] {
        return;
    }
    let clicker = store.clicker(&tenant(ACME), &prompt.person).await.unwrap();
    let own = clicker.identity.as_ref().map(|identity| identity.account.id.as_str().to_owned());
    let account = own.unwrap_or_else(|| "999".to_owned());
    let linked = store.link(&LinkWrite { job: None, ..link_write(prompt, &account) }).await;
    assert_eq!(linked, Ok(Linked::Outdated), "{prompt:?}");
    if let Some(identity) = clicker.identity {
        let unlinked = store.unlink(&unlink_write(prompt, &identity)).await;
        assert_eq!(unlinked, Ok(Written::Outdated), "{prompt:?}");
    }
}

/// How far each person's epoch has come.
async fn epochs(store: &impl Store) -> Vec<u64> {
    let mut epochs = Vec::new();
    for n in 0..PEOPLE {
        let clicker = store.clicker(&tenant(ACME), &person(&user(n))).await.unwrap();
        epochs.push(clicker.epoch);
    }
    epochs
}

fn sum<'a>(tallies: impl Iterator<Item = &'a Tally>) -> Tally {
    let named = tallies.flat_map(|tally| tally.iter());
    named.fold(Tally::new(), |mut sum, (what, count)| {
        *sum.entry(*what).or_default() += count;
        sum
    })
}
