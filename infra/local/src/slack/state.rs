//! Everything the stand-in remembers, and how it makes ids.

use std::{
    collections::{HashMap, HashSet, VecDeque},
    time::Duration,
};

use shared::clock::Timestamp;

use super::{
    Settings, SignedRequest,
    call::Call,
    channels::{Channel, channels},
    delivery::{Ack, Interactivity},
    events::{Delivery, EventsUrl},
    fault::Faults,
    hooks::Hook,
    id_token::EditClaims,
    install::InstallCode,
    installs::Installs,
    links::Share,
    message::{Content, Message, MessageTs},
    openid::Code,
    post_limit::PostLimit,
    views::View,
    workspace::{self, BOT_USER, CHANNEL, Person, people},
};
use crate::random;

/// How long a `trigger_id` can be exchanged.
const TRIGGER_LIFE: Duration = Duration::from_secs(3);

pub(super) struct State {
    pub(super) settings: Settings,
    pub(super) interactivity: Option<Interactivity>,
    /// Where commands are delivered, by the same client.
    pub(super) command_url: Option<String>,
    /// Where the options of selects are loaded from, by the same client.
    pub(super) options_url: Option<String>,
    /// Where events are delivered, by the same client.
    pub(super) events_url: Option<EventsUrl>,
    /// Where the app is added from.
    pub(super) install_url: Option<String>,
    pub(super) installs: Installs,
    /// The organization the workspace belongs to, if it belongs to one.
    pub(super) enterprise: Option<String>,
    /// Consents to install the app, until they are exchanged.
    pub(super) install_codes: HashMap<String, InstallCode>,
    /// Whether the next installation is answered as in the days of workspace tokens.
    pub(super) reply_of_2018: bool,
    /// Signed events that nobody has delivered yet.
    pub(super) due: Vec<SignedRequest>,
    pub(super) people: Vec<Person>,
    pub(super) channels: Vec<Channel>,
    pub(super) messages: Vec<Message>,
    /// The links the app was told of.
    pub(super) shares: Vec<Share>,
    pub(super) hooks: HashMap<String, Hook>,
    /// The modals that are open.
    pub(super) views: Vec<View>,
    /// The app's home, by the user who sees it.
    pub(super) homes: HashMap<String, View>,
    pub(super) codes: HashMap<String, Code>,
    pub(super) edit_claims: Option<EditClaims>,
    pub(super) faults: Faults,
    pub(super) post_limit: PostLimit,
    pub(super) log: Vec<Call>,
    /// The latest attempts to deliver events, newest first.
    pub(super) deliveries: VecDeque<Delivery>,
    /// The latest acknowledgements, newest first.
    pub(super) acks: VecDeque<Ack>,
    /// Whom Slack warned, next to which message.
    pub(super) warnings: HashSet<(String, MessageTs)>,
    triggers: HashMap<String, Trigger>,
    last_ts: i64,
    serial: u64,
}

struct Trigger {
    user: String,
    minted: Timestamp,
    exchanged: bool,
}

impl State {
    pub(super) fn new(settings: Settings) -> Self {
        let people = people();
        Self {
            channels: channels(&people),
            people,
            installs: Installs::seeded(&settings.bot_token),
            enterprise: None,
            install_codes: HashMap::new(),
            reply_of_2018: false,
            due: Vec::new(),
            settings,
            interactivity: None,
            command_url: None,
            options_url: None,
            events_url: None,
            install_url: None,
            messages: Vec::new(),
            shares: Vec::new(),
            hooks: HashMap::new(),
            views: Vec::new(),
            homes: HashMap::new(),
            codes: HashMap::new(),
            edit_claims: None,
            faults: Faults::default(),
            post_limit: PostLimit::default(),
            log: Vec::new(),
            deliveries: VecDeque::new(),
            acks: VecDeque::new(),
            warnings: HashSet::new(),
            triggers: HashMap::new(),
            last_ts: 0,
            serial: 100_000_000_000,
        }
    }

    pub(super) fn now(&self) -> Timestamp {
        self.settings.clock.now()
    }

    pub(super) fn person(&self, user: &str) -> Option<&Person> {
        self.people.iter().find(|person| person.id == user)
    }

    /// The person of this conversation, if it is a direct one.
    pub(super) fn correspondent(&self, channel: &str) -> Option<&Person> {
        self.people.iter().find(|person| workspace::direct_channel(&person.id) == channel)
    }

    pub(super) fn message(&self, ts: &MessageTs) -> Option<&Message> {
        self.messages_since(ts).first().filter(|message| message.ts == *ts)
    }

    pub(super) fn message_mut(&mut self, ts: &MessageTs) -> Option<&mut Message> {
        let place = self.place_of(ts);
        self.messages.get_mut(place).filter(|message| message.ts == *ts)
    }

    /// That message, if there is one, and all that were posted after it.
    pub(super) fn messages_since(&self, ts: &MessageTs) -> &[Message] {
        self.messages.get(self.place_of(ts)..).unwrap_or_default()
    }

    /// Messages stand in the order of their times; there may be tens of thousands.
    fn place_of(&self, ts: &MessageTs) -> usize {
        self.messages.partition_point(|message| message.ts < *ts)
    }

    /// Posts as the app, to everybody in the channel or to one person there; in a thread, if there
    /// is one to be found.
    pub(super) fn post(
        &mut self,
        channel: &str,
        thread: Option<MessageTs>,
        only_for: Option<String>,
        content: Content,
    ) -> MessageTs {
        let ts = MessageTs::new(self.mint_ts());
        let thread = thread.and_then(|thread_ts| self.root(channel, &thread_ts));
        self.messages.push(Message {
            ts: ts.clone(),
            channel: channel.to_owned(),
            thread,
            broadcast: false,
            only_for,
            author: BOT_USER.to_owned(),
            content,
            revision: 0,
        });
        ts
    }

    /// Posts as a person.
    pub(super) fn post_as(&mut self, author: &str, channel: &str, content: Content) -> MessageTs {
        let ts = self.post(channel, None, None, content);
        if let Some(message) = self.message_mut(&ts) {
            author.clone_into(&mut message.author);
        }
        ts
    }

    /// Posts an alert where alerts go.
    pub(super) fn post_to_channel(&mut self, content: Content) -> MessageTs {
        self.post(CHANNEL, None, None, content)
    }

    /// A time in Slack's form, different from all before even while the clock stands still.
    pub(super) fn mint_ts(&mut self) -> String {
        self.last_ts = self.now().millis().saturating_mul(1000).max(self.last_ts + 1);
        let (secs, micros) = (self.last_ts / 1_000_000, self.last_ts % 1_000_000);
        format!("{secs}.{micros:06}")
    }

    /// A number as Slack's ids hold them.
    pub(super) fn mint_serial(&mut self) -> u64 {
        self.serial += 1;
        self.serial
    }

    pub(super) fn mint_trigger(&mut self, user: &str) -> String {
        let (serial, other) = (self.mint_serial(), self.mint_serial());
        let id = format!("{serial}.{other}.{}", random::secret(16));
        let minted = self.now();
        let trigger = Trigger { user: user.to_owned(), minted, exchanged: false };
        self.triggers.insert(id.clone(), trigger);
        id
    }

    /// Who may be shown a modal for it: once, within three seconds.
    pub(super) fn exchange_trigger(&mut self, id: &str) -> Result<String, &'static str> {
        let now = self.now();
        let trigger = self.triggers.get_mut(id).ok_or("invalid_trigger_id")?;
        if trigger.exchanged {
            return Err("exchanged_trigger_id");
        }
        if now.since(trigger.minted) >= TRIGGER_LIFE {
            return Err("expired_trigger_id");
        }
        trigger.exchanged = true;
        Ok(trigger.user.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::slack::samples;

    #[test]
    fn times_differ_while_the_clock_stands_still() {
        let (mut state, _) = samples::state();

        let (first, second) = (state.mint_ts(), state.mint_ts());

        assert!(first < second, "{first} {second}");
    }

    #[test]
    fn a_trigger_is_exchanged_once() {
        let (mut state, _) = samples::state();
        let trigger = state.mint_trigger("U0ALICE001");

        assert_eq!(state.exchange_trigger(&trigger).unwrap(), "U0ALICE001");
        assert_eq!(state.exchange_trigger(&trigger), Err("exchanged_trigger_id"));
    }

    #[test]
    fn a_trigger_lives_three_seconds() {
        let (mut state, clock) = samples::state();
        let trigger = state.mint_trigger("U0ALICE001");

        clock.advance(TRIGGER_LIFE);

        assert_eq!(state.exchange_trigger(&trigger), Err("expired_trigger_id"));
        assert_eq!(state.exchange_trigger("1.2.made-up"), Err("invalid_trigger_id"));
    }
}
