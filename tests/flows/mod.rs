//! Stories across functions.

mod act;
mod alert;
mod channel_trouble;
mod deletion;
mod follow;
mod forget;
mod forwarded;
mod grid;
mod install;
mod link;
mod modal;
mod order;
mod pace;
mod removal;
mod rotation;
mod round_trips;
mod thread;
mod unfurl;
mod watched;
