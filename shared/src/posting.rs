//! Writes down what is to stand in a channel, decided on what stands there, and wakes `perform`.

use std::time::Duration;

use crate::{
    error::Error,
    identity::Owner,
    post::{Card, Change, Drawing, Moment, Post, PostKey},
    queue::WakePosts,
    sealing::{Field, Sealer},
    store::{KeepPosts, Written},
};

/// How often it is decided anew because another change came in between.
const MOST_TRIES: u8 = 20;

/// Writes what is wanted.
#[derive(Debug)]
pub struct Poster<'a, S, Q> {
    /// The table.
    pub store: &'a S,
    /// Wakes `perform`.
    pub queue: &'a Q,
    /// Seals what is shown.
    pub sealer: &'a Sealer,
}

impl<S: KeepPosts, Q: WakePosts> Poster<'_, S, Q> {
    /// What is wanted in one channel.
    pub async fn want(&self, key: &PostKey, change: &Change, moment: Moment) -> Result<(), Error> {
        for _ in 0..MOST_TRIES {
            let stored = self.store.post(key).await?;
            let shown = stored.as_ref().and_then(|post| open(self.sealer, post));
            let Some(Drawing { card, differs }) = change.drawing(shown) else { return Ok(()) };
            let card = seal(self.sealer, key, &card)?;
            let Some(next) = change.applied(key, stored.as_ref(), (card, differs), moment) else {
                return Ok(());
            };
            if self.store.write_post(&next).await? == Written::Yes {
                self.wake(&next, moment).await;
                return Ok(());
            }
        }
        Err(Error::Busy)
    }

    /// Who waits for its second, or has a worker, needs no waking.
    async fn wake(&self, post: &Post, moment: Moment) {
        if post.leased || post.next_at.is_none_or(|at| at > moment.now) {
            return;
        }
        if let Err(error) = self.queue.wake_post(&post.key, Duration::ZERO).await {
            tracing::warn!(event = "post.not_woken", cause = %error);
        }
    }
}

/// What a post shows. A card that does not open was sealed under a key that is gone: the next one
/// takes its place.
pub fn open(sealer: &Sealer, post: &Post) -> Option<Card> {
    sealer.open_json(owner(&post.key), Field::Card, &post.card).ok()
}

/// Seals what a post is to show.
pub fn seal(sealer: &Sealer, key: &PostKey, card: &Card) -> Result<crate::secret::Sealed, Error> {
    Ok(sealer.seal_json(owner(key), Field::Card, card)?)
}

fn owner(key: &PostKey) -> Owner<'_> {
    Owner { tenant: &key.tenant, user: None }
}
