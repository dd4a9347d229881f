//! Deals once with what may be delivered more than once: Slack's events, Sentry's webhooks.
//!
//! ```text
//! take its name → deal with it → "done"; or give it back, and it may come again
//! ```

use std::{future::Future, time::Duration};

use crate::{
    clock::Timestamp,
    error::Error,
    store::{HearEvents, Hearing},
};

/// How long one delivery may be worked on before another may be.
const BUSY: Duration = Duration::from_secs(15);

/// Does `work` if nobody has dealt with what is named `name`; that somebody had is as good. Whether it
/// will be dealt with by who has it now is not known, so that is an error: the sender is to ask again.
/// `not_noted` is the log's name for the mishap that what came of it could not be written down.
pub async fn once<S: HearEvents>(
    store: &S,
    name: &str,
    not_noted: &'static str,
    now: Timestamp,
    work: impl Future<Output = Result<(), Error>>,
) -> Result<(), Error> {
    match store.hear(name, now, now.plus(BUSY)).await? {
        Hearing::Done => return Ok(()),
        Hearing::Busy => return Err(Error::Busy),
        Hearing::First => {}
    }
    let worked = work.await;
    let noted = match worked {
        Ok(()) => store.heard(name, now).await,
        Err(_) => store.unheard(name, now).await,
    };
    // What was done is done: forgetting that costs at most doing it twice.
    if let Err(error) = noted {
        tracing::warn!(event = not_noted, cause = %error);
    }
    worked
}
