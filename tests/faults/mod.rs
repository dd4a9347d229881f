//! What breaks, and what must hold while it does.
//!
//! Each file takes one thing away (Sentry, Slack, the queue, the table, a worker in the middle of
//! its work) and counts: changes in Sentry, words to the person, jobs that never end.

mod admission;
mod answers;
mod batch;
mod between;
mod dice;
pub(crate) mod front;
mod lease;
mod model;
mod plan;
mod reach;
mod rivals;
mod scene;
mod schedules;
mod sweep;
mod table;
mod tokens;
mod unwritten;
