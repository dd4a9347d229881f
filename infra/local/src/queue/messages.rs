//! The messages of a queue and when each may be received: SQS's rules, without a network.
//!
//! A message can be received once its delay is over. Received, it is invisible until it is deleted
//! or its visibility time-out ends; then it can be received again. One that comes up once more after
//! [`MAX_RECEIVES`] receives is a dead letter (AWS: "Using dead-letter queues in Amazon SQS").

use std::time::Duration;

use serde::Serialize;
use serde_json::{Map, Value};
use shared::clock::Timestamp;

use crate::random;

/// `maxReceiveCount` of the redrive policy.
pub const MAX_RECEIVES: u32 = 5;

/// One message.
#[derive(Debug, Clone, PartialEq)]
pub struct Message {
    /// The id its sender was told.
    pub id: String,
    /// What was sent.
    pub body: String,
    /// What was sent beside it, in SQS's own form.
    pub attributes: Map<String, Value>,
    /// When it was sent.
    pub sent: Timestamp,
    /// When it was received first.
    pub first_received: Option<Timestamp>,
    /// How often it was received.
    pub receives: u32,
    visible_at: Timestamp,
    in_flight: bool,
}

/// How many messages wait, are being worked on, and were given up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Counts {
    /// Can be received now.
    pub visible: usize,
    /// Cannot be received yet.
    pub delayed: usize,
    /// Are being worked on.
    pub in_flight: usize,
    /// Were received too often.
    pub dead: usize,
}

/// The messages of one queue, and its dead letters.
#[derive(Debug)]
pub struct Messages {
    live: Vec<Message>,
    dead: Vec<Message>,
    visibility: Duration,
}

impl Messages {
    /// An empty queue. A message that was received and not deleted comes back after `visibility`.
    pub fn new(visibility: Duration) -> Self {
        Self { live: Vec::new(), dead: Vec::new(), visibility }
    }

    /// Takes a message in and tells its id.
    pub fn send(
        &mut self,
        body: String,
        attributes: Map<String, Value>,
        delay: Duration,
        now: Timestamp,
    ) -> String {
        let id = random::uuid();
        self.live.push(Message {
            id: id.clone(),
            body,
            attributes,
            sent: now,
            first_received: None,
            receives: 0,
            visible_at: now.plus(delay),
            in_flight: false,
        });
        id
    }

    /// Hands out the message that has been visible for longest.
    pub fn receive(&mut self, now: Timestamp) -> Option<Message> {
        self.bury(now);
        let visibility = self.visibility;
        let message = self
            .live
            .iter_mut()
            .filter(|message| message.is_visible(now))
            .min_by_key(|message| message.visible_at)?;
        message.receives += 1;
        message.first_received.get_or_insert(now);
        message.visible_at = now.plus(visibility);
        message.in_flight = true;
        Some(message.clone())
    }

    /// The message was worked on with success.
    pub fn delete(&mut self, id: &str) {
        self.live.retain(|message| message.id != id);
    }

    /// The work on the message failed: it comes back when its visibility time-out ends.
    ///
    /// While the work lasts it does not come back, however long that takes: in AWS the time-out is
    /// several times the function's own (the event source mapping insists on it), which would be a
    /// long wait on a laptop.
    pub fn fail(&mut self, id: &str) {
        for message in self.live.iter_mut().filter(|message| message.id == id) {
            message.in_flight = false;
        }
    }

    /// When the next message becomes visible, if one will by itself.
    pub fn next_visible(&self) -> Option<Timestamp> {
        self.live
            .iter()
            .filter(|message| !message.in_flight)
            .map(|message| message.visible_at)
            .min()
    }

    /// How many there are of each kind.
    pub fn counts(&self, now: Timestamp) -> Counts {
        let count = |of: fn(&Message, Timestamp) -> bool| {
            self.live.iter().filter(|message| of(message, now)).count()
        };
        Counts {
            visible: count(Message::is_visible),
            delayed: count(|message, now| !message.in_flight && !message.is_visible(now)),
            in_flight: count(|message, _| message.in_flight),
            dead: self.dead.len(),
        }
    }

    /// The messages that were given up, oldest first.
    pub fn dead_letters(&self) -> &[Message] {
        &self.dead
    }

    fn bury(&mut self, now: Timestamp) {
        let spent =
            |message: &mut Message| message.is_visible(now) && message.receives >= MAX_RECEIVES;
        self.dead.extend(self.live.extract_if(.., spent));
    }
}

impl Message {
    fn is_visible(&self, now: Timestamp) -> bool {
        !self.in_flight && self.visible_at <= now
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_secs(1_700_000_000);
    const VISIBILITY: Duration = Duration::from_secs(5);

    fn queue_of_one(delay: Duration) -> Messages {
        let mut messages = Messages::new(VISIBILITY);
        messages.send("job".to_owned(), Map::new(), delay, NOW);
        messages
    }

    #[test]
    fn a_delayed_message_waits() {
        let delay = Duration::from_secs(15);
        let mut messages = queue_of_one(delay);

        assert_eq!(messages.receive(NOW), None);
        assert_eq!(messages.next_visible(), Some(NOW.plus(delay)));
        assert_eq!(messages.receive(NOW.plus(delay)).unwrap().body, "job");
    }

    #[test]
    fn a_received_message_is_not_received_twice_while_it_is_worked_on() {
        let mut messages = queue_of_one(Duration::ZERO);

        messages.receive(NOW);

        assert_eq!(messages.receive(NOW.plus(VISIBILITY * 100)), None);
        assert_eq!(messages.counts(NOW).in_flight, 1);
    }

    #[test]
    fn a_deleted_message_is_gone() {
        let mut messages = queue_of_one(Duration::ZERO);
        let id = messages.receive(NOW).unwrap().id;

        messages.delete(&id);

        assert_eq!(messages.counts(NOW), Counts { visible: 0, delayed: 0, in_flight: 0, dead: 0 });
    }

    #[test]
    fn a_failed_message_comes_back_when_its_visibility_timeout_ends() {
        let mut messages = queue_of_one(Duration::ZERO);
        let id = messages.receive(NOW).unwrap().id;

        messages.fail(&id);

        assert_eq!(messages.receive(NOW), None);
        assert_eq!(messages.counts(NOW).delayed, 1);
        assert_eq!(messages.receive(NOW.plus(VISIBILITY)).unwrap().receives, 2);
    }

    #[test]
    fn a_message_that_always_fails_becomes_a_dead_letter() {
        let mut messages = queue_of_one(Duration::ZERO);
        let mut now = NOW;
        for receives in 1..=MAX_RECEIVES {
            let message = messages.receive(now).unwrap();
            assert_eq!(message.receives, receives);
            messages.fail(&message.id);
            now = now.plus(VISIBILITY);
        }

        assert_eq!(messages.receive(now), None);
        assert_eq!(messages.dead_letters()[0].body, "job");
    }

    #[test]
    fn the_message_that_has_waited_longest_comes_first() {
        let mut messages = queue_of_one(Duration::from_secs(2));
        messages.send("at once".to_owned(), Map::new(), Duration::ZERO, NOW);

        let first = messages.receive(NOW.plus(VISIBILITY)).unwrap();

        assert_eq!(first.body, "at once");
    }
}
